import unicodedata

import numpy as np
import pytest

from assay.data.language.frequencies import LETTERS, WORDS
from assay.data.language.names import LANGUAGES_WITH_WORDS, SCRIPTS
from assay.data.language.tables import one_form_only, tables, word_key


def test_characters_of_one_form_agree_with_opencc() -> None:
    opencc = pytest.importorskip("opencc")
    simplified, traditional = one_form_only()
    to_simplified, to_traditional = opencc.OpenCC("t2s").convert, opencc.OpenCC("s2t").convert
    assert len(simplified) > 2000
    assert len(traditional) > 2000
    assert sum(to_simplified(letter) != letter for letter in simplified) <= 5  # none, or nearly, is a traditional form
    assert sum(to_traditional(letter) != letter for letter in traditional) <= 5
    assert sum(to_traditional(letter) != letter for letter in simplified) > 0.9 * len(simplified)
    assert sum(to_simplified(letter) != letter for letter in traditional) > 0.9 * len(traditional)


def test_each_language_with_words_has_counts_of_composed_words() -> None:
    assert tuple(WORDS) == tuple(LETTERS) == LANGUAGES_WITH_WORDS
    for line in WORDS.values():
        total, *rest = line.split()
        assert sum(map(int, rest[1::2])) < int(total)
        assert all(unicodedata.is_normalized("NFC", word) for word in rest[::2])


def test_every_word_is_found_at_its_key() -> None:
    made = tables()
    mask = len(made.keys) - 1
    place = word_key("the") & mask
    while made.keys[place] != word_key("the"):
        assert made.keys[place]
        place = (place + 1) & mask
    assert made.weights[made.rows[place], LANGUAGES_WITH_WORDS.index("en")] > 0


def test_scripts_cover_what_they_say() -> None:
    scripts = tables().scripts
    found = [SCRIPTS[scripts[ord(letter)]] for letter in "aéжع们們中かア한ก1。 "]
    assert found == [
        "latin",
        "latin",
        "cyrillic",
        "arabic",
        "hans",
        "hant",
        "han",
        "kana",
        "kana",
        "hangul",
        "thai",
        "none",
        "none",
        "none",
    ]
    assert scripts.dtype == np.uint8
