import numpy as np
import pytest
from hypothesis import given, settings
from texts import texts

from assay.data.measures.kernels.chunks import next_chunk, stem_of
from assay.data.measures.words import hash_table, tables


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


@pytest.mark.parametrize(
    ("chunk", "stem"), [("word", "word"), ("(word", "word"), ('word."', None), ("word,", "word"), ("NATO.", None), ("cannot", None)]
)
def test_spacy_is_asked_about_all_but_plain_words(chunk: str, stem: str | None) -> None:
    content = np.frombuffer(chunk.encode(), np.uint8)
    start, end = stem_of(content, 0, len(content), tables()[3], hash_table(["cannot"]))
    assert (chunk[start:end] if start >= 0 else None) == stem
