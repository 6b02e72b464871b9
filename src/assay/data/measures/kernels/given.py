"""Words that a tokenizer outside of compiled code cut, given by their sizes in characters."""

from typing import Any

from assay.data.kernel_cache import njit
from assay.data.measures.classes import BLANK, LETTER, PUNCTUATION, SENTENCE, SYMBOL
from assay.data.measures.kernels.ascii_words import ALPHABETIC, PLAIN
from assay.data.measures.kernels.text import character_at, hash_of
from assay.data.measures.kernels.words import AFTER_BLANK, ENDS, LINE_END, MARKS, NEW_LINE


@njit(cache=True, nogil=True)
def bits_of(content: Any, start: int, end: int, classes: Any) -> tuple[int, int]:
    """(characters, bits) of a word."""
    characters, any_letter, any_plain, all_marks, of = 0, False, False, True, 0
    place = start
    while place < end:
        point, size = character_at(content, place)
        of = int(classes[point])
        any_letter |= of & LETTER != 0
        any_plain |= of & SYMBOL == 0
        all_marks &= of & PUNCTUATION != 0
        characters += 1
        place += size
    ends = characters == 1 and of & SENTENCE != 0
    return characters, ALPHABETIC * any_letter | PLAIN * any_plain | MARKS * all_marks | ENDS * ends


@njit(cache=True, nogil=True)
def given_words(content: Any, start: int, end: int, classes: Any, sizes: Any, hashes: Any, lengths: Any, flags: Any) -> int:
    """Write the words of content[start:end]; their number, or -1 where the arrays are too short.

    `sizes`: the characters of each word and of the blanks between them; negative: of a blank that no rule looks at.
    """
    if len(sizes) > len(hashes):
        return -1
    place, count, after = start, 0, NEW_LINE
    for size in sizes:
        begin = place
        blank = True
        for _ in range(abs(size)):
            point, width = character_at(content, place)
            blank &= classes[point] & BLANK != 0
            place += width
        if size < 0:
            continue
        if blank:
            after |= NEW_LINE if size and content[begin] == LINE_END else AFTER_BLANK
            continue
        characters, bits = bits_of(content, begin, place, classes)
        found = hash_of(content, begin, place)
        hashes[count] = found
        lengths[count] = characters
        flags[count] = bits | after
        count += 1
        after = 0
    return count
