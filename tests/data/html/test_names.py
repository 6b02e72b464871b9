from html.entities import html5

import numpy as np

from assay.data.html.kernel_characters import hash_of, slot_of
from assay.data.html.names import tables, word_hash


def test_the_kernel_hashes_as_the_tables_were_built() -> None:
    for word in (b"", b"p", b"aria-hidden", bytes(range(97, 123)) * 3):
        assert hash_of(np.frombuffer(word, np.uint8), 0, len(word), True) == word_hash(word)


def test_every_named_character_of_html_5_is_found() -> None:
    found = tables()
    for name, value in html5.items():
        slot = slot_of(found.entities, word_hash(name.encode()))
        start, end = found.entity_spans[slot]
        assert found.characters[start:end].tobytes().decode() == value


def test_no_table_is_so_full_that_a_search_is_long() -> None:
    found = tables()
    for keys in (found.tags, found.hints, found.attributes, found.entities):
        assert np.count_nonzero(keys) * 2 <= len(keys)
        assert len(keys) & (len(keys) - 1) == 0
