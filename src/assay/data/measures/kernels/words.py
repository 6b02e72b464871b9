"""The fast word rule: spaCy's English tokenizer in outline, as one pass over bytes.

Letters, marks and digits make a word. Apart stand punctuation, each mark for itself; "...", "--" and '', as one; contractions ("do" "n't" is
cut as "don" "'t": as many words); Han, kana, Thai and the like, each character. Kept whole: 1,000.5 and 10:30, example.com, U.S.A., a@b.c,
http://..., COVID-19, f(x, law.[5, the short forms it is given ("Mr."). Other exceptions of spaCy (":-)", "cannot") are not known here.
"""

from typing import Any

import numpy as np

from assay.data.kernel_cache import njit
from assay.data.measures.classes import ALONE, BLANK, LETTER, MARK, NUMBER, PUNCTUATION, SENTENCE, SYMBOL
from assay.data.measures.fields import PLACE
from assay.data.measures.kernels.ascii_words import (
    ALPHABETIC,
    ASCII_LETTER,
    CAPITAL,
    CASE,
    DIGIT,
    GAP,
    HIGH,
    IN_WORD,
    PLAIN,
    ascii_word,
)  # fmt: skip
from assay.data.measures.kernels.text import character_at, count_characters, hash_of, hash_of_short, holds

MARKS, ENDS, AFTER_BLANK, NEW_LINE = 4, 8, 16, 32
"""Bits of a word: holds a letter; holds no mere symbols; only punctuation; ends a sentence; stands after blanks that are more than one
space; stands after a line end, or first."""
APOSTROPHE, COMMA, HYPHEN, STOP, SLASH, COLON, EQUALS, LESS, MORE, AT, BACKSLASH, CARET, BAR = b"',-./:=<>@\\^|"
QUOTE = 0x22
LETTER_D, LETTER_E, LETTER_L, LETTER_M, LETTER_R, LETTER_S, LETTER_T, LETTER_V = b"delmrstv"
SPACE, LINE_END = 0x20, 0xA
STOP_SLOTS = 1024
WORDS, PLAIN_WORDS, PLAIN_CHARACTERS, ALPHABETIC_WORDS, STOP_WORDS = (
    PLACE[name] for name in ("words", "plain_words", "plain_word_characters", "alphabetic_words", "stop_words")
)


@njit(cache=True, nogil=True)
def stop_bit(found: Any, stop_keys: Any, stop_bits: Any, shift: int) -> int:
    """The bit of the stop word with this hash, or 0. No two stop words share a slot, so there is nothing to branch on."""
    slot = np.int64((found >> np.uint64(shift)) & np.uint64(STOP_SLOTS - 1))
    return int(np.int64(stop_bits[slot]) * np.int64(stop_keys[slot] == found))


@njit(cache=True, nogil=True)
def is_sticky(mark: int) -> bool:
    """Whether the ASCII mark stays with a word behind or before it, where no word is on its other side: @name, .22, -5, voters-"""
    return mark in (HYPHEN, STOP, SLASH, AT, BACKSLASH, CARET, BAR)


@njit(cache=True, nogil=True)
def goes_on(content: Any, place: int, end: int, kind: Any) -> bool:
    """Whether ASCII marks from `place` on lead to more of the word: "law.[5", "f)[a". A quote, a hyphen or two stops among them would part it."""
    while place < end:
        byte = content[place]
        if kind[byte] & (IN_WORD | GAP | HIGH):
            return bool(kind[byte] & IN_WORD)
        if byte in (APOSTROPHE, QUOTE, HYPHEN) or (byte == STOP and place + 1 < end and content[place + 1] == STOP):
            return False
        place += 1
    return False


@njit(cache=True, nogil=True)
def contracts(content: Any, place: int, end: int, kind: Any) -> bool:
    """Whether what stands at `place`, behind an apostrophe, is the rest of a contraction: s m d t re ve ll. Not so in O'Neill, Hallowe'en."""
    stop = place
    while stop < end and stop < place + 3 and kind[content[stop]] & ASCII_LETTER:
        stop += 1
    first, last = content[place] | CASE, content[stop - 1] | CASE
    if stop == place + 1:
        return first in (LETTER_S, LETTER_M, LETTER_D, LETTER_T)
    pair = stop == place + 2
    return pair and ((last == LETTER_E and first in (LETTER_R, LETTER_V)) or (first == LETTER_L and last == LETTER_L))


@njit(cache=True, nogil=True)
def joins(content: Any, place: int, start: int, end: int, kind: Any, short_forms: Any) -> bool:
    """Whether the ASCII mark at `place`, inside or at the end of the word that began at `start`, belongs to the word."""
    mark = content[place]
    before = kind[content[place - 1]]
    after = kind[content[place + 1]] if place + 1 < end else GAP
    if after & HIGH and place + 2 < end and content[place + 1] == 0xE2 and content[place + 2] == 0x80:  # a closing quote, a dash
        after = 0
    if not after and goes_on(content, place, end, kind):
        return True
    if mark == STOP and not after & (IN_WORD | HIGH):
        if place + 1 < end and content[place + 1] == STOP:
            return False
        initial = before & CAPITAL and (place - 2 < start or not kind[content[place - 2]] & CAPITAL)
        return bool(initial) or holds(short_forms, hash_of(content, start, place + 1))
    if mark == COLON and place + 2 < end and content[place + 1] == SLASH and content[place + 2] == SLASH:
        return True
    if mark == APOSTROPHE and before & ASCII_LETTER and after & ASCII_LETTER:
        return not contracts(content, place + 1, end, kind)
    if not after & (IN_WORD | HIGH) or mark == APOSTROPHE:
        return after & GAP != 0 and is_sticky(mark)
    if mark == STOP:
        return not (before & ASCII_LETTER and not before & CAPITAL and after & CAPITAL)
    if mark == COMMA:
        return not (before & (ASCII_LETTER | HIGH) and after & (ASCII_LETTER | HIGH))
    if mark == HYPHEN:
        return after & DIGIT != 0 and before & DIGIT == 0
    if mark in (SLASH, COLON, EQUALS, LESS, MORE):
        return after & (ASCII_LETTER | HIGH) == 0
    return True


@njit(cache=True, nogil=True)
def end_of_word(content: Any, start: int, place: int, end: int, kind: Any, classes: Any, short_forms: Any) -> tuple[int, int]:
    """(end, bits) of the word that began at `start`, of which everything before `place` is read; bits of what follows `place` only."""
    seen = 0
    while place < end:
        sort = kind[content[place]]
        if sort & IN_WORD:
            seen |= (ALPHABETIC | PLAIN) * (sort & ASCII_LETTER) | (sort & DIGIT)
            place += 1
        elif sort & HIGH:
            point, size = character_at(content, place)
            of = classes[point]
            if of & (LETTER | MARK | NUMBER) == 0 or of & ALONE:
                break
            seen |= (ALPHABETIC if of & LETTER else 0) | (0 if of & SYMBOL else PLAIN)
            place += size
        elif sort & GAP or not joins(content, place, start, end, kind, short_forms):
            break
        elif content[place] == COLON and content[place + 1] == SLASH:  # an address, up to the next blank
            while place < end and not kind[content[place]] & GAP:
                place += 1
        else:
            place += 1
    return place, seen


@njit(cache=True, nogil=True)
def ends_word(content: Any, place: int, end: int, kind: Any) -> bool:
    """Whether the mark behind a word is surely not part of it: one that is not sticky, before a blank. What `joins` would say, sooner."""
    mark = content[place]
    return kind[mark] == 0 and place + 1 < end and kind[content[place + 1]] & GAP != 0 and not is_sticky(mark)


@njit(cache=True, nogil=True)
def bits_of_mark(of: int) -> int:
    """Return the flags of a character of class `of` that is a word."""
    bits = (ALPHABETIC if of & LETTER else 0) | (0 if of & SYMBOL else PLAIN)
    return bits | (MARKS if of & PUNCTUATION else 0) | (ENDS if of & SENTENCE else 0)


@njit(cache=True, nogil=True)
def single(content: Any, place: int, end: int, kind: Any, classes: Any) -> tuple[int, int]:
    """(end, bits) of a mark, or of a character that is a word; a run of "." or "-" is one, so is '', and marks that combine stay with theirs."""
    point, size = character_at(content, place)
    of = classes[point]
    stop = place + size
    bits = bits_of_mark(of)
    if point in (STOP, HYPHEN):
        while stop < end and content[stop] == point:
            stop += 1
    elif point == APOSTROPHE and stop < end and content[stop] == point:  # ``quoted''
        stop += 1
    if of & ALONE:
        while stop < end and content[stop] >= 0x80:
            point, size = character_at(content, stop)
            if not classes[point] & MARK:
                break
            stop += size
    return stop, bits if stop - place == size else bits & ~ENDS


@njit(cache=True, nogil=True)
def contracted(content: Any, place: int, end: int, kind: Any) -> int:
    """Bytes of an apostrophe at `place` with a letter after it, else 0."""
    size = 1 if content[place] == APOSTROPHE else 0
    if size == 0 and place + 3 < end and content[place] == 0xE2 and content[place + 1] == 0x80 and content[place + 2] == 0x99:
        size = 3
    return size if size and place + size < end and kind[content[place + size]] & (ASCII_LETTER | HIGH) else 0


@njit(cache=True, nogil=True)
def other_word(content: Any, begin: int, end: int, last_word: int, kind: Any, classes: Any, short_forms: Any) -> tuple[int, int, bool]:
    """(end, bits, whether a word may go on there) of a word that does not begin with an ASCII letter or digit; bits -1: a blank."""
    sort = kind[content[begin]]
    point, size = character_at(content, begin)
    of = classes[point] if sort & HIGH else 0
    if of & BLANK:
        return begin + size, -1, False
    apostrophe = contracted(content, begin, end, kind) if begin == last_word else 0
    sticks = begin != last_word and begin + 1 < end and is_sticky(content[begin]) and kind[content[begin + 1]] & IN_WORD != 0
    if sticks:
        place, bits = end_of_word(content, begin, begin + 1, end, kind, classes, short_forms)
        return place, bits, True
    if apostrophe == 0 and (of & (LETTER | MARK | NUMBER) == 0 or of & ALONE):
        place, bits = single(content, begin, end, kind, classes)
        return place, bits, False
    place, bits = end_of_word(content, begin, begin + apostrophe, end, kind, classes, short_forms)
    if apostrophe and place == begin + apostrophe:  # a character that stands alone follows
        bits = MARKS
    return place, bits, True


# Arrays are given one by one, not in tuples: taking one out of a tuple counts a reference, which costs more than the word itself.
@njit(cache=True, nogil=True)
def cut_words(
    content: Any, start: int, end: int, kind: Any, classes: Any, short_forms: Any, stop_keys: Any, stop_bits: Any, shift: int,
    hashes: Any, lengths: Any, flags: Any, row: Any,
) -> int:  # fmt: skip
    """Write hash, characters and bits of the words of content[start:end]; their number, or -1 where the arrays are too short."""
    place, count, after, last_word, last_end = start, 0, NEW_LINE, -1, -1
    rest = np.uint64(0)
    plain, plain_characters, alphabetic, stops = 0, 0, 0, 0
    while place < end:
        byte = content[place]
        sort = kind[byte]
        if sort & GAP:
            if byte == LINE_END:
                after |= NEW_LINE
            elif byte != SPACE or place != last_end:
                after |= AFTER_BLANK
            place += 1
            continue
        begin, wide, short = place, False, 0
        if sort & IN_WORD:
            place, bits, short, rest = ascii_word(content, place, end, kind)
            if place < end and kind[content[place]] & GAP == 0 and not ends_word(content, place, end, kind):
                short = 0
                place, more = end_of_word(content, begin, place, end, kind, classes, short_forms)
                bits |= more
                wide = True
            last_word = place
        elif sort == 0 and byte != APOSTROPHE and not is_sticky(byte):
            place, bits = place + 1, bits_of_mark(classes[byte])
        else:
            place, bits, goes_on = other_word(content, begin, end, last_word, kind, classes, short_forms)
            if bits < 0:
                after |= AFTER_BLANK
                continue
            wide = True
            if goes_on:
                last_word = place
        if count == len(hashes):
            return -1
        characters = count_characters(content, begin, place) if wide else place - begin
        found = hash_of_short(rest, short) if short else hash_of(content, begin, place)
        hashes[count] = found
        lengths[count] = characters
        flags[count] = bits | after
        is_plain = int(bits & PLAIN != 0)
        plain += is_plain
        plain_characters += is_plain * characters
        alphabetic += bits & ALPHABETIC
        stops |= stop_bit(found, stop_keys, stop_bits, shift)
        count += 1
        after = 0
        last_end = place
    for place, value in enumerate((count, plain, plain_characters, alphabetic, stops)):
        row[WORDS + place] = value  # these five fields stand in this order
    return count


@njit(cache=True, nogil=True)
def count_sentences(flags: Any, count: int) -> int:
    """Count sentences as spaCy's sentencizer does, line by line: the first word after a closing mark that is no punctuation begins a sentence."""
    sentences, closed = 0, False
    for at in range(count):
        bits = flags[at]
        if bits & NEW_LINE or (closed and (bits & AFTER_BLANK or not bits & (MARKS | ENDS))):
            sentences += 1
            closed = False
        if bits & ENDS:
            closed = True
    return sentences


@njit(cache=True, nogil=True)
def count_words(count: int, stop_keys: Any, stop_bits: Any, shift: int, hashes: Any, lengths: Any, flags: Any, row: Any) -> None:
    """The sums over words that another rule cut."""
    row[WORDS] = count
    for at in range(count):
        if flags[at] & PLAIN:
            row[PLAIN_WORDS] += 1
            row[PLAIN_CHARACTERS] += lengths[at]
        row[ALPHABETIC_WORDS] += flags[at] & ALPHABETIC
        row[STOP_WORDS] |= stop_bit(hashes[at], stop_keys, stop_bits, shift)
