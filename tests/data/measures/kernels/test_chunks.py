import numpy as np
from hypothesis import given, settings
from texts import texts

from assay.data.measures.kernels.chunks import next_chunk
from assay.data.measures.words import tables


@settings(deadline=None)
@given(texts)
def test_chunks_are_those_of_str_split(text: str) -> None:
    content = np.frombuffer(text.encode(), np.uint8)
    classes, _, _, kind, _ = tables()
    place, found = 0, []
    while True:
        start, place, _ = next_chunk(content, place, len(content), kind, classes)
        if start == place:
            break
        found.append(content[start:place].tobytes().decode())
    assert found == text.split()
