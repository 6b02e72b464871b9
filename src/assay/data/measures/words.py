"""Word rules: what counts as a word. `fast` is a state machine over bytes; `reference` is the tokenizer that datatrove measures with."""

from collections.abc import Sequence
from functools import cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from assay.data.measures.classes import classes

WordRule = Literal["fast", "reference"]
ENGLISH_STOP_WORDS = ("the", "be", "to", "of", "and", "that", "have", "with")
"""Gopher's (Rae et al. 2021, appendix A1)."""
CHINESE_STOP_WORDS = ("的", "了", "是", "在", "我", "不", "有", "和", "也", "就", "这", "很", "人", "一", "都", "说", "他", "你")
"""Frequent in any modern prose; single characters, so that every word rule finds them."""
STOP_WORDS = {"en": ENGLISH_STOP_WORDS, "zh": CHINESE_STOP_WORDS}
SHORT_FORMS = [
    "Mr.",
    "Mrs.",
    "Ms.",
    "Dr.",
    "St.",
    "Jr.",
    "Sr.",
    "Prof.",
    "Gen.",
    "Sen.",
    "Rep.",
    "Gov.",
    "Col.",
    "Lt.",
    "Capt.",
    "Sgt.",
    "Rev.",
    "Adm.",
    "Messrs.",
    "Inc.",
    "Ltd.",
    "Co.",
    "Corp.",
    "Bros.",
    "Mt.",
    "vs.",
    "v.",
    "v.s.",
    "e.g.",
    "i.e.",
    "a.m.",
    "p.m.",
    "Ph.D.",
    "c.",
    "Jan.",
    "Feb.",
    "Mar.",
    "Apr.",
    "Jun.",
    "Jul.",
    "Aug.",
    "Sep.",
    "Sept.",
    "Oct.",
    "Nov.",
    "Dec.",
    "Ariz.",
    "Ark.",
    "Calif.",
    "Colo.",
    "Conn.",
    "Del.",
    "Fla.",
    "Ga.",
    "Ill.",
    "Ind.",
    "Kan.",
    "Ky.",
    "La.",
    "Mass.",
    "Mich.",
    "Minn.",
    "Miss.",
    "Mont.",
    "Neb.",
    "Nev.",
    "Okla.",
    "Ore.",
    "Pa.",
    "Tenn.",
    "Va.",
    "Wash.",
    "Wis.",
]
"""Words of English whose full stop ends no sentence, as spaCy keeps them. "No." is a word of its own more often than a short form."""
STOP_WORDS_LIMIT = 60


@cache
def tables() -> tuple[Any, ...]:
    """(classes, counters of bytes, steps of a search, kinds of bytes, short forms), made once a process."""
    from assay.data.measures.kernels.ascii_words import kinds
    from assay.data.measures.kernels.lines import counters
    from assay.data.measures.kernels.marks import lorem_ipsum, of_generated

    return classes(), counters(classes()), lorem_ipsum(), of_generated(), kinds(), hash_table(SHORT_FORMS)


@cache
def stop_table(words: tuple[str, ...]) -> tuple[Any, Any, int]:
    """(hashes, bits, shift) as kernels look stop words up: word i has bit i, at the place that its hash, shifted, gives."""
    from assay.data.measures.kernels.text import hash_of
    from assay.data.measures.kernels.words import STOP_SLOTS

    if len(words) > STOP_WORDS_LIMIT:
        raise ValueError(f"{len(words)} stop words; a bit set holds {STOP_WORDS_LIMIT}")
    contents = [np.frombuffer(word.encode(), np.uint8) for word in dict.fromkeys(words)]
    hashes = np.array([hash_of(content, 0, len(content)) for content in contents], np.uint64)
    for shift in range(64 - STOP_SLOTS.bit_length()):
        slots = (hashes >> np.uint64(shift)) % np.uint64(STOP_SLOTS)
        if len(np.unique(slots)) == len(slots):
            keys, bits = np.zeros(STOP_SLOTS, np.uint64), np.zeros(STOP_SLOTS, np.int64)
            keys[slots] = hashes
            bits[slots] = 1 << np.arange(len(hashes))
            return keys, bits, shift
    raise ValueError(f"no place for these {len(hashes)} stop words in a table of {STOP_SLOTS}")


def hash_table(words: Sequence[str]) -> NDArray[np.uint64]:
    """Return a hash table of words, as kernels look chunks up: word i has number i."""
    from assay.data.measures.kernels.text import find_or_add, hash_of, mask_for

    table = np.zeros(2 * (int(mask_for(len(words))) + 1), np.uint64)
    for number, word in enumerate(words):
        content = np.frombuffer(word.encode(), np.uint8)
        find_or_add(table, len(table) // 2 - 1, 1, np.uint64(hash_of(content, 0, len(content))), number)
    return table
