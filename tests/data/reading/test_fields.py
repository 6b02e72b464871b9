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


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ({"input": [{"content": "system"}, {"content": "user"}]}, "user"),
        ({"input.1.content": "the field of that name", "input": [{}, {"content": "user"}]}, "the field of that name"),
        ({"input": {"1": {"content": "a name may be digits"}}}, "a name may be digits"),
    ],
)
def test_a_name_with_dots_leads_into_fields_of_fields(record: dict[str, object], expected: str) -> None:
    assert list(texts_of(record, "7", SourceSchema(folder="f", text_fields=["input.1.content"]), "p")) == [("7", expected)]


@pytest.mark.parametrize("record", [{"input": [{"content": "x"}]}, {"input": "text"}, {"input": [1, 2]}, {"other": "x"}])
def test_a_name_with_dots_that_leads_nowhere_is_no_field(record: dict[str, object]) -> None:
    with pytest.raises(DataError, match=r"no field 'input\.1\.content'"):
        list(texts_of(record, "1", SourceSchema(folder="f", text_fields=["input.1.content"]), "p"))


NAMED = SourceSchema(folder="f", id_field="id")


@pytest.mark.parametrize(("value", "name"), [("x-1", "x-1"), (7, "7"), ("名", "名")])
def test_a_record_is_named_by_its_own_field(value: object, name: str) -> None:
    assert list(texts_of({"text": "a", "id": value}, "3", NAMED, "p")) == [(name, "a")]
    by_field = SourceSchema(folder="f", id_field="id", document="field", text_fields=["a", "b"])
    assert [found for found, _ in texts_of({"a": "1", "b": "2", "id": value}, "3", by_field, "p")] == [f"{name}.a", f"{name}.b"]


@pytest.mark.parametrize("value", [None, "", True, 1.5, ["a"], "\ud800"])
def test_what_names_nothing_is_refused(value: object) -> None:
    with pytest.raises(DataError, match="p: field 'id', the id_field, holds"):
        list(texts_of({"text": "a", "id": value}, "3", NAMED, "p"))


def test_a_record_without_its_name_is_refused_with_the_fields_it_has() -> None:
    with pytest.raises(DataError, match="no field 'id', the id_field; the record has 'text', 'key'"):
        list(texts_of({"text": "a", "key": "1"}, "3", NAMED, "p"))
