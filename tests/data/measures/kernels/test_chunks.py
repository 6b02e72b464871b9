import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as some
from texts import texts

from assay.data.batch import TextBatch
from assay.data.measures.kernels.chunks import GAP_BITS, empty_table, next_chunk, number_chunks
from assay.data.measures.words import tables


@settings(deadline=None)
@given(texts)
def test_chunks_are_those_of_str_split(text: str) -> None:
    content = np.frombuffer(text.encode(), np.uint8)
    classes, *_, kind, _ = tables()
    place, found = 0, []
    while True:
        start, place, _ = next_chunk(content, place, len(content), kind, classes)
        if start == place:
            break
        found.append(content[start:place].tobytes().decode())
    assert found == text.split()


@settings(deadline=None, max_examples=100)
@given(some.lists(texts, max_size=6))
def test_chunks_are_numbered_in_the_order_of_their_first_place(many: list[str]) -> None:
    """Three new ones at a time, so that reading stops and goes on in the middle of texts."""
    batch, spans, at = TextBatch.of(many), np.empty((3, 2), np.int64), np.zeros(3, np.int64)
    numbers, places = np.empty(len(batch.content), np.int32), np.zeros(len(batch) + 1, np.int64)
    table, known = empty_table(len(batch.content)), []
    classes, *_, kind, _ = tables()
    while at[0] < len(batch):
        added = number_chunks(batch.content, batch.offsets, at, kind, classes, table, len(known), spans, numbers, places)
        known += [batch.content[start:end].tobytes().decode() for start, end in spans[:added]]
    assert known == list(dict.fromkeys(chunk for text in many for chunk in text.split()))
    found = [[known[number >> GAP_BITS] for number in numbers[first:last]] for first, last in itertools.pairwise(places)]
    assert found == [text.split() for text in many]
