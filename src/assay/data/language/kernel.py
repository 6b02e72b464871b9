"""Compiled: letters by script and known words by language over a bounded sample of each text, and what follows from them."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from assay.data.intrinsics import borrowed, eight_bytes
from assay.data.kernel_cache import njit

HASH_SEED, HASH_PRIME = 0x811C9DC5, 0x01000193
"""FNV-1a of 32 bits (Fowler, Noll, Vo): spreads short keys well, in two operations a byte."""
SHORT_LETTERS = 7
SHORT_FACTOR = np.uint64(0x9E3779B97F4A7C15)
"""Factor of the key of a word of at most SHORT_LETTERS letters, all ASCII, which is made in one step, not a letter at a time."""
SEVEN, HALF, TOP, ONE, ONES = np.uint64(7), np.uint64(32), np.uint64(56), np.uint64(1), np.uint64(0x0101010101010101)
HIGH_BITS, CASES, FROM_A, BEHIND_Z = (np.uint64(byte) * ONES for byte in (0x80, 0x20, 0x80 - 0x61, 0x80 - 0x7B))
WINDOW_BYTES = 512
WINDOWS = 4
"""Number of windows. Of a text longer than all of them, windows at even distances are read, so a long document costs no more than one of 2 KB."""
LEAST_LETTER_BYTES = 12
LEAST_WORDS = 3
LEAST_SCORE = 160
"""In eighths of a bit; accented letters alone may give it. With less letters, or less of both others, nothing is said: names and commands
pass for any language."""
WORD_BYTES = 12
"""Letters for which one stop word vouches. Every second or third word of prose is one; of a list of commands, every tenth or so."""
KANA_SHARE = 8
"""Text is Japanese where one byte in this many of Han and kana is kana. Prose has every second; Chinese that quotes it, far less."""

UNKNOWN, OTHER = 0, 1
FIRST_WORD_LANGUAGE = 2
LATIN, CYRILLIC, ARABIC, GREEK, HANGUL, KANA, HAN, HANS, HANT, REST = 1, 2, 3, 4, 8, 9, 10, 11, 12, 13
SCRIPT_COUNT = 14
WIDTH = 32
"""Places for languages with words: a row is added in a few steps without a branch."""

Bytes = NDArray[np.uint8]
Ints = NDArray[np.int64]


class Tables(NamedTuple):
    """`scripts` uint8 (65536): the script of a character. `keys` uint32 and `rows` int32 (a power of two): hashes of words and their rows,
    0 where none is. `letters` int32 (2048): the row of a letter that tells languages apart, 0 for another. Row r of `weights` int16
    (rows, WIDTH) is added to the languages' scores; row 0 is 0. `script_of` uint8 (languages with words)."""

    scripts: Bytes
    keys: NDArray[np.uint32]
    rows: NDArray[np.int32]
    letters: NDArray[np.int32]
    weights: NDArray[np.int16]
    script_of: Bytes


class Counts(NamedTuple):
    """Counts of one text: bytes by script, score by language int32 (WIDTH,), known words by script."""

    script_bytes: Ints
    scores: NDArray[np.int32]
    words: Ints


@njit(cache=True, nogil=True)
def identify_texts(content: Bytes, offsets: Ints, tables: Tables) -> tuple[Bytes, Bytes]:
    """Codes uint8 (N,) and confidence uint8 (N,), percent."""
    texts = len(offsets) - 1
    codes, confidence = np.zeros(texts, dtype=np.uint8), np.zeros(texts, dtype=np.uint8)
    sizes, scores, words = np.zeros(SCRIPT_COUNT, np.int64), np.zeros(WIDTH, np.int32), np.zeros(SCRIPT_COUNT, np.int64)
    counts, content = Counts(borrowed(sizes), borrowed(scores), borrowed(words)), borrowed(content)
    tables = Tables(
        borrowed(tables.scripts), borrowed(tables.keys), borrowed(tables.rows),
        borrowed(tables.letters), borrowed(tables.weights), borrowed(tables.script_of),
    )  # fmt: skip
    for text in range(texts):
        counts.script_bytes[:] = 0
        counts.scores[:] = 0
        counts.words[:] = 0
        start, end = offsets[text], offsets[text + 1]
        if end - start <= WINDOWS * WINDOW_BYTES:
            _count(content, start, end, tables, counts)
        else:
            for window in range(WINDOWS):
                at = start + (end - start - WINDOW_BYTES) * window // (WINDOWS - 1)
                while at > start and content[at] & 0xC0 == 0x80:  # a byte inside a character
                    at -= 1
                _count(content, at, at + WINDOW_BYTES, tables, counts)
        codes[text], confidence[text] = _decide(counts, tables)
    sizes[0], scores[0], words[0] = 0, 0, 0  # so that they live to the end of the loop
    return codes, confidence


@njit(cache=True, nogil=True)
def _short_word(eight: Any) -> tuple[Any, Any]:
    """(letters that eight bytes begin with, in lower case, the first lowest; how many) of a word that ends within them; (0, 0) where it may
    go on behind them, or with a letter outside of ASCII, or where none begins."""
    lower = (eight | CASES) & ~HIGH_BITS
    others = (~((lower + FROM_A) & ~(lower + BEHIND_Z)) | eight) & HIGH_BITS
    first = others & (~others + ONE)
    if others == 0 or eight & first:
        return np.uint64(0), 0
    inside = (first >> SEVEN) - ONE
    return lower & inside, np.int64(((inside & ONES) * ONES) >> TOP)


@njit(cache=True, nogil=True)
def _short_key(packed: Any) -> int:
    return int(np.int64((packed * SHORT_FACTOR) >> HALF))


@njit(cache=True, nogil=True)
def _count(content: Bytes, start: int, end: int, tables: Tables, counts: Counts) -> None:
    """A character cut by the window's end is not read. A word after one of `-_/.@` is part of a name or a command, and not looked up."""
    position, key, word_script, before, ascii_letters = start, HASH_SEED, 0, 0x20, 0
    packed, letters = np.uint64(0), 0  # of the word so far, while all of it is ASCII
    while position < end:
        if word_script == 0 and position + 8 <= end:
            short, size = _short_word(eight_bytes(content, position))
            if size:
                _look_up(_short_key(short), LATIN, before, tables, counts)
                ascii_letters += size
                position += size
                before = int(content[position])
                position += 1
                continue
        byte = content[position]
        if np.uint8((byte | 0x20) - 0x61) < 26:  # a count of its own: adding to the array at each letter costs twice the time
            key = _step(key, byte | 0x20)
            word_script = LATIN
            ascii_letters += 1
            position += 1
            packed |= np.uint64(byte | 0x20) << np.uint64(8 * min(letters, SHORT_LETTERS))
            letters += 1
            continue
        script, width = 0, 1
        if byte >= 0x80:
            width = 2 if byte < 0xE0 else (3 if byte < 0xF0 else 4)
            if position + width > end:
                break
            script = _script(content, position, width, tables.scripts)
            counts.script_bytes[script] += width
        if 0 < script <= ARABIC:
            word_script = script
            key = _mixed(key, content, position, width)
            letters = SHORT_LETTERS + 1
            if width == 2:
                _add(tables.letters[np.int64(byte & 0x1F) << 6 | (content[position + 1] & 0x3F)], tables, counts)
        else:
            if word_script:
                _look_up(key if letters > SHORT_LETTERS else _short_key(packed), word_script, before, tables, counts)
                key, word_script, packed, letters = HASH_SEED, 0, np.uint64(0), 0
            before = int(byte)
        position += width
    if word_script:
        _look_up(key if letters > SHORT_LETTERS else _short_key(packed), word_script, before, tables, counts)
    counts.script_bytes[LATIN] += ascii_letters


@njit(cache=True, nogil=True)
def _script(content: Bytes, position: int, width: int, scripts: Bytes) -> int:
    """Return the script of a character of more than one byte. Planes above the first hold emoji and rare Han characters, which decide nothing."""
    first, second = np.int64(content[position]), np.int64(content[position + 1]) & 0x3F
    if width == 2:
        return int(scripts[(first & 0x1F) << 6 | second])
    if width == 3:
        return int(scripts[(first & 0x0F) << 12 | second << 6 | (np.int64(content[position + 2]) & 0x3F)])
    return 0


@njit(cache=True, nogil=True)
def _step(key: int, byte: int) -> int:
    return int(((np.int64(key) ^ np.int64(byte)) * HASH_PRIME) & 0xFFFFFFFF)


@njit(cache=True, nogil=True)
def _mixed(key: int, content: Bytes, position: int, width: int) -> int:
    """The hash with a letter's bytes; in lower case where that is a matter of arithmetic: Latin-1 and basic Cyrillic."""
    first, last = content[position], content[position + width - 1]
    if first == 0xC3:
        last |= np.uint8(0x20)
    elif first == 0xD0 and 0x90 <= last < 0xB0:
        first, last = (np.uint8(0xD0), np.uint8(last + 0x20)) if last < 0xA0 else (np.uint8(0xD1), np.uint8(last - 0x20))
    key = _step(key, first)
    for step in range(1, width - 1):
        key = _step(key, content[position + step])
    return _step(key, last)


@njit(cache=True, nogil=True)
def _look_up(key: int, script: int, before: int, tables: Tables, counts: Counts) -> None:
    """Open addressing; an empty place is 0, and so is its row, which adds nothing: whether a word is known can't be foretold, so nothing
    branches on it."""
    if before == 0x2D or before == 0x5F or before == 0x2F or before == 0x2E or before == 0x40:
        return
    mask = len(tables.keys) - 1
    place = np.int64(key) & mask
    while tables.keys[place] != 0 and tables.keys[place] != key:
        place = (place + 1) & mask
    row = tables.rows[place]
    counts.words[script] += int(row != 0)
    _add(row, tables, counts)


@njit(cache=True, nogil=True)
def _add(row: int, tables: Tables, counts: Counts) -> None:
    for language in range(tables.weights.shape[1]):  # not WIDTH: written out 32 times the sums are made one by one
        counts.scores[language] += tables.weights[row, language]


@njit(cache=True, nogil=True)
def _decide(counts: Counts, tables: Tables) -> tuple[int, int]:
    """(code, percent). The script with most bytes, where Latin letters count as far as stop words vouch for them being language."""
    size = counts.script_bytes
    latin = min(size[LATIN], counts.words[LATIN] * WORD_BYTES)
    chinese = size[HAN] + size[HANS] + size[HANT]
    script, most, total = LATIN, latin, latin + chinese + size[KANA]
    if chinese + size[KANA] > most:
        script, most = HAN, chinese + size[KANA]
    for other in range(CYRILLIC, SCRIPT_COUNT):
        if other < KANA or other == REST:
            total += size[other]
            if size[other] > most:
                script, most = other, size[other]
    if most < LEAST_LETTER_BYTES:
        return UNKNOWN, 0
    share = 100 * most // total
    if script == HAN:
        code, sure = _chinese_or_japanese(size, len(tables.script_of))
    elif script <= ARABIC:
        code, sure = _by_words(counts, script, tables.script_of)
    else:
        code, sure = (OTHER, 100) if script == REST else (FIRST_WORD_LANGUAGE + len(tables.script_of) + script - GREEK, 100)
    return code, min(share, sure)


@njit(cache=True, nogil=True)
def _chinese_or_japanese(size: Ints, word_languages: int) -> tuple[int, int]:
    japanese = FIRST_WORD_LANGUAGE + word_languages + KANA - GREEK
    han, simplified, traditional = size[HAN] + size[HANS] + size[HANT], size[HANS], size[HANT]
    if size[KANA] * KANA_SHARE >= size[KANA] + han:
        return japanese, min(100, 50 + 100 * size[KANA] // (size[KANA] + han))
    if simplified == traditional:
        return japanese + 3, 0
    more, less = max(simplified, traditional), min(simplified, traditional)
    return japanese + (1 if simplified > traditional else 2), 100 * (more - less) // more


@njit(cache=True, nogil=True)
def _by_words(counts: Counts, script: int, script_of: Bytes) -> tuple[int, int]:
    best, second, found = 0, 0, 0
    for language in range(len(script_of)):
        score = counts.scores[language]
        if script_of[language] == script:
            if score > best:
                best, second, found = score, best, language
            elif score > second:
                second = score
    if best == second or (script == LATIN and counts.words[script] < LEAST_WORDS and best < LEAST_SCORE):
        return (UNKNOWN if script == LATIN else OTHER), 0
    return FIRST_WORD_LANGUAGE + found, 100 * (best - second) // best
