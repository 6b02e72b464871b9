import pyarrow as arrow
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from assay.data.batch import TextBatch

Texts = some.lists(some.text(some.characters(exclude_categories=["Cs"])))


@given(Texts)
def test_a_batch_gives_back_its_texts(texts: list[str]) -> None:
    batch = TextBatch.of(texts)
    assert len(batch) == len(texts)
    assert list(batch.texts()) == texts
    assert batch.offsets[-1] == len(batch.content)


@settings(deadline=None)  # the first array imports half of pyarrow
@given(Texts, some.integers(0, 3))
def test_an_arrow_column_is_read_where_it_lies_slices_too(texts: list[str], start: int) -> None:
    for kind in (arrow.string(), arrow.large_string()):
        column = arrow.array(texts, type=kind)[start:]
        assert list(TextBatch.from_arrow(column).texts()) == texts[start:]


@pytest.mark.parametrize("kind", [arrow.string(), arrow.large_string()])
def test_the_bytes_of_an_arrow_column_are_not_copied(kind: arrow.DataType) -> None:
    column = arrow.array(["one", "two"], type=kind)
    assert TextBatch.from_arrow(column).content.ctypes.data == column.buffers()[2].address
