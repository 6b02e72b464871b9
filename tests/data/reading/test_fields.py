import pytest

from assay.data.reading.fields import texts_of
from assay.data.schema import SourceSchema
from assay.errors import DataError


def test_fields_are_joined_in_the_order_of_the_config() -> None:
    source = SourceSchema(folder="f", text_fields=["b", "a"])
    assert list(texts_of({"a": "1", "b": "2"}, "7", source, "p")) == [("7", "2\n1")]


def test_a_number_is_no_text() -> None:
    with pytest.raises(DataError, match="p: field 'text' holds int"):
        list(texts_of({"text": 10**400}, "1", SourceSchema(folder="f"), "p"))
