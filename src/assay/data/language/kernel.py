"""Compiled: letters by script and known words by language over a bounded sample of each text, and what follows from them."""

from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

HASH_SEED, HASH_PRIME = 0x811C9DC5, 0x01000193
"""FNV-1a of 32 bits (Fowler, Noll, Vo): spreads short keys well, in two operations a byte."""
WINDOW_BYTES = 512
WINDOWS = 4
"""Of a text longer than all of them, windows at even distances are read, so a long document costs no more than one of 2 KB."""
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

Bytes = NDArray[np.uint8]
Ints = NDArray[np.int64]


class Tables(NamedTuple):
    """`scripts` uint8 (65536): the script of a character. `keys` uint32 and `rows` int32 (a power of two): hashes of words and their rows.
    `letters` int32 (2048): the row of a letter that tells languages apart, 0 for another. Row r adds `amounts[j]` (int16) to language
    `owners[j]` (uint8) for j from starts[r] (int32) to starts[r + 1]; row 0 is empty. `script_of` uint8 (languages with words)."""

    scripts: Bytes
    keys: NDArray[np.uint32]
    rows: NDArray[np.int32]
    letters: NDArray[np.int32]
    starts: NDArray[np.int32]
    owners: Bytes
    amounts: NDArray[np.int16]
    script_of: Bytes


class Counts(NamedTuple):
    """Of one text: bytes by script, score by language, known words by script."""

    script_bytes: Ints
    scores: Ints
    words: Ints


@numba.njit(cache=True, nogil=True)
def identify_texts(content: Bytes, offsets: Ints, tables: Tables) -> tuple[Bytes, Bytes]:
    """Codes uint8 (N,) and confidence uint8 (N,), percent."""
    texts = len(offsets) - 1
    codes, confidence = np.zeros(texts, dtype=np.uint8), np.zeros(texts, dtype=np.uint8)
    counts = Counts(np.zeros(SCRIPT_COUNT, np.int64), np.zeros(len(tables.script_of), np.int64), np.zeros(SCRIPT_COUNT, np.int64))
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
    return codes, confidence


@numba.njit(cache=True, nogil=True)
def _count(content: Bytes, start: int, end: int, tables: Tables, counts: Counts) -> None:
    """A character cut by the window's end is not read. A word after one of `-_/.@` is part of a name or a command, and not looked up."""
    position, key, word_script, before, ascii_letters = start, HASH_SEED, 0, 0x20, 0
    while position < end:
        byte = content[position]
        if np.uint8((byte | 0x20) - 0x61) < 26:  # a count of its own: adding to the array at each letter costs twice the time
            key = _step(key, byte | 0x20)
            word_script = LATIN
            ascii_letters += 1
            position += 1
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
            if width == 2:
                _add(tables.letters[np.int64(byte & 0x1F) << 6 | (content[position + 1] & 0x3F)], tables, counts)
        else:
            if word_script:
                _look_up(key, word_script, before, tables, counts)
                key, word_script = HASH_SEED, 0
            before = int(byte)
        position += width
    if word_script:
        _look_up(key, word_script, before, tables, counts)
    counts.script_bytes[LATIN] += ascii_letters


@numba.njit(cache=True, nogil=True)
def _script(content: Bytes, position: int, width: int, scripts: Bytes) -> int:
    """Of a character of more than one byte. Planes above the first hold emoji and rare Han characters, which decide nothing."""
    first, second = np.int64(content[position]), np.int64(content[position + 1]) & 0x3F
    if width == 2:
        return int(scripts[(first & 0x1F) << 6 | second])
    if width == 3:
        return int(scripts[(first & 0x0F) << 12 | second << 6 | (np.int64(content[position + 2]) & 0x3F)])
    return 0


@numba.njit(cache=True, nogil=True)
def _step(key: int, byte: int) -> int:
    return int(((np.int64(key) ^ np.int64(byte)) * HASH_PRIME) & 0xFFFFFFFF)


@numba.njit(cache=True, nogil=True)
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


@numba.njit(cache=True, nogil=True)
def _look_up(key: int, script: int, before: int, tables: Tables, counts: Counts) -> None:
    """Open addressing; an empty place is 0."""
    if before == 0x2D or before == 0x5F or before == 0x2F or before == 0x2E or before == 0x40:
        return
    mask = len(tables.keys) - 1
    place = np.int64(key) & mask
    while tables.keys[place] != 0:
        if tables.keys[place] == key:
            _add(tables.rows[place], tables, counts)
            counts.words[script] += 1
            return
        place = (place + 1) & mask


@numba.njit(cache=True, nogil=True)
def _add(row: int, tables: Tables, counts: Counts) -> None:
    for entry in range(tables.starts[row], tables.starts[row + 1]):
        counts.scores[tables.owners[entry]] += tables.amounts[entry]


@numba.njit(cache=True, nogil=True)
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


@numba.njit(cache=True, nogil=True)
def _chinese_or_japanese(size: Ints, word_languages: int) -> tuple[int, int]:
    japanese = FIRST_WORD_LANGUAGE + word_languages + KANA - GREEK
    han, simplified, traditional = size[HAN] + size[HANS] + size[HANT], size[HANS], size[HANT]
    if size[KANA] * KANA_SHARE >= size[KANA] + han:
        return japanese, min(100, 50 + 100 * size[KANA] // (size[KANA] + han))
    if simplified == traditional:
        return japanese + 3, 0
    more, less = max(simplified, traditional), min(simplified, traditional)
    return japanese + (1 if simplified > traditional else 2), 100 * (more - less) // more


@numba.njit(cache=True, nogil=True)
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
