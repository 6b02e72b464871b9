"""Classes of characters, as a table that kernels look code points up in.

Letters, blanks, marks and punctuation come from the running Python's Unicode tables: a newer Python knows characters that an older one
does not. The sets below are facts of the reference (datatrove 0.10), which rules must share to decide alike; "\uff11" in one of them
looks like a slip there and is kept.
"""

import sys
import unicodedata
from functools import cache

import numpy as np
from numpy.typing import NDArray

LETTER, BLANK, SYMBOL, TERMINAL, SENTENCE, PUNCTUATION, BREAK, HAN, MARK, ALONE, NUMBER, DECIMAL = (1 << bit for bit in range(12))
"""Bits of a class. SYMBOL: a word of nothing else is no plain word. TERMINAL: ends a line well. SENTENCE: ends a sentence in spaCy.
BREAK: str.splitlines cuts there. ALONE: of a script that writes no blanks between words, so that each character is a word.
"""
TERMINALS = (
    "21 2e 3f 589 61d-61f 6d4 700-702 7f9 837 839 83d-83e 964-965 104a-104b 1362 1367-1368 166e 1735-1736 17d4-17d6 17d9-17da 1803 1809 "
    "1944-1945 1aa8-1aab 1b5a-1b5b 1b5e-1b5f 1b7d-1b7e 1c3b-1c3c 1c7e-1c7f 203c-203d 2047-2049 2e2e 2e3c 2e53-2e54 3002 a4ff a60e-a60f "
    "a6f3 a6f7 a876-a877 a8ce-a8cf a92f a9c8-a9c9 aa5d-aa5f aaf0-aaf1 abeb fe52 fe56-fe57 ff01 ff0e ff1f ff61 10a56-10a57 10f55-10f59 "
    "10f86-10f89 11047-11048 110be-110c1 11141-11143 111c5-111c6 111cd 111de-111df 11238-11239 1123b-1123c 112a9 1144b-1144c 115c2-115c3 "
    "115c9-115d7 11641-11642 1173c-1173e 11944 11946 11a42-11a43 11a9b-11a9c 11c41-11c42 11ef7-11ef8 11f43-11f44 16a6e-16a6f 16af5 "
    "16b37-16b38 16b44 16e98 1bc9f 1da88"
)
"""Unicode's Sentence_Terminal, in hexadecimal: what FineWeb's line rule takes for the end of a line."""
NO_SENTENCE_END = (
    "61d-61e 837 839 83d-83e 17d4-17d6 17d9-17da 1b7d-1b7e 2e53-2e54 10f55-10f59 10f86-10f89 11944 11946 11ef7-11ef8 11f43-11f44 16e98"
)
"""Terminals that spaCy's sentencizer does not know."""
SYMBOLS = (
    "0-8 b-1f 21-2f 3a-40 5b-60 7b-9f ab b4 bb 2013-2014 2019 201c-201e 2026 2236 2501 25ba 3001-3002 3008-300d 3010-3011 ff01 ff05 "
    "ff08-ff09 ff0c ff0e ff11 ff1a-ff1b ff1f ff5e"
)
"""With the terminals, the characters that Gopher's rules count as symbols in datatrove."""
HANS = "3005-3007 3021-3029 3038-303b 3400-4dbf 4e00-9fff f900-faff 20000-3134f 31350-323af"
NO_BLANKS = HANS + " 3040-30ff 31f0-31ff ff66-ff9d e00-eff f00-fff 1000-109f 1780-17ff 19e0-19ff"
"""Han, kana, Thai, Lao, Tibetan, Burmese, Khmer."""
BREAKS = "a-d 1c-1e 85 2028-2029"
ASSIGNED = (range(0x32400), range(0xE0000, 0xE01F0))
"""Where characters have properties; the rest is unassigned or private."""


def code_points(ranges: str) -> NDArray[np.int64]:
    parts = [part.partition("-") for part in ranges.split()]
    return np.concatenate([np.arange(int(first, 16), int(last or first, 16) + 1) for first, _, last in parts])


@cache
def classes() -> NDArray[np.uint16]:
    """(0x110000,) bits of each code point. About 50 ms of CPU, once a process."""
    table = np.zeros(sys.maxunicode + 1, dtype=np.uint16)
    bits = {"L": LETTER, "M": MARK, "N": NUMBER, "P": PUNCTUATION}
    for part in ASSIGNED:
        table[part.start : part.stop] = [bits.get(unicodedata.category(chr(point))[0], 0) for point in part]
    blanks = [point for point in range(0x3001) if chr(point).isspace()]
    decimals = [point for part in ASSIGNED for point in part if table[point] & NUMBER and chr(point).isdecimal()]
    for points, bit in (
        (np.array(decimals), DECIMAL),
        (np.array(blanks), BLANK),
        (code_points(TERMINALS), TERMINAL | SENTENCE | SYMBOL),
        (code_points(SYMBOLS), SYMBOL),
        (code_points(BREAKS), BREAK),
        (code_points(HANS), HAN),
    ):
        table[points] |= np.uint16(bit)
    table[code_points(NO_SENTENCE_END)] &= np.uint16(0xFFFF ^ SENTENCE)
    alone = code_points(NO_BLANKS)
    table[alone[(table[alone] & LETTER) != 0]] |= np.uint16(ALONE)
    return table
