"""spaCy's blank English tokenizer, compiled for chunks of ASCII: prefixes and suffixes cut off in turn, then addresses, then infixes.

The order is that of spaCy 3.8's tokenizer.pyx. Exceptions come from spaCy itself: compiled_rules in ../english.py says what `rules` holds.
"""

from typing import Any

import numpy as np

from assay.data.intrinsics import borrowed
from assay.data.kernel_cache import njit
from assay.data.measures.kernels.affixes import UNSURE, infix_of, is_address, prefix_of, suffix_of
from assay.data.measures.kernels.text import hash_of, number_of

HIGH = 0x80


@njit(cache=True, nogil=True)
def rule_of(content: Any, start: int, end: int, table: Any, longest: int) -> int:
    """The number of the exception that content[start:end] is, or -1."""
    return number_of(table, hash_of(content, start, end)) if end - start <= longest else -1


@njit(cache=True, nogil=True)
def cut_infixes(content: Any, start: int, end: int, marks: Any, ends: Any, at: int) -> int:
    """Write where the words of content[start:end] end; the next free place. An infix at its very start is none."""
    word, place = start, start
    while place < end:
        size = infix_of(content, place, start, end, marks)
        if size and place > start:
            if place > word:
                ends[at] = place
                at += 1
            word = place + size
            ends[at] = word
            at += 1
        place += max(size, 1)
    if word < end:
        ends[at] = end
        at += 1
    return at


@njit(cache=True, nogil=True)
def cut_affixes(
    content: Any, start: int, end: int, marks: Any, units: Any, table: Any, firsts: Any, sizes: Any, longest: int, ends: Any, tails: Any
) -> int:
    """Write where the words of a chunk end, and return their number; UNSURE: only spaCy knows. `longest` 0: without exceptions."""
    at, cut, rule = 0, 0, -1
    while start < end:
        rule = rule_of(content, start, end, table, longest)
        if rule >= 0:
            break
        prefix = prefix_of(content, start, end, marks)
        if prefix and start + prefix < end:
            rule = rule_of(content, start + prefix, end, table, longest)
            if rule >= 0:
                start += prefix
                ends[at] = start
                at += 1
                break
        suffix = suffix_of(content, start + prefix, end, marks, units)
        if prefix == 0 and suffix == 0:
            break
        if suffix and end - suffix > start:
            rule = rule_of(content, start, end - suffix, table, longest)
            if rule >= 0:
                end -= suffix
                tails[cut] = suffix
                cut += 1
                break
        if prefix:
            start += prefix
            ends[at] = start
            at += 1
        if suffix:
            end -= suffix
            tails[cut] = suffix
            cut += 1
    if rule >= 0:
        place = start
        for part in range(firsts[rule], firsts[rule + 1]):
            place += sizes[part]
            ends[at] = place
            at += 1
    elif start < end:
        address = is_address(content, start, end, marks)
        if address < 0:
            return UNSURE
        if address:
            ends[at] = end
            at += 1
        else:
            at = cut_infixes(content, start, end, marks, ends, at)
    for tail in range(cut - 1, -1, -1):
        end += tails[tail]
        ends[at] = end
        at += 1
    return at


@njit(cache=True, nogil=True)
def phrase_of(content: Any, word: int, after: int, start: int, ends: Any, phrases: Any, firsts: Any, sizes: Any, longest: int) -> int:
    """The number of the exception that words[word:after] of the chunk at `start` make up, cut where spaCy's patterns alone cut it; or -1."""
    begin = ends[word - 1] if word else start
    phrase = rule_of(content, begin, ends[after - 1], phrases, longest)
    if phrase < 0 or firsts[phrase + 1] - firsts[phrase] != after - word:
        return -1
    for part in range(after - word):
        if ends[word + part] - begin != sizes[firsts[phrase] + part]:
            return -1
        begin = ends[word + part]
    return phrase


@njit(cache=True, nogil=True)
def join_exceptions(
    content: Any, start: int, count: int, phrases: Any, phrase_firsts: Any, phrase_sizes: Any, firsts: Any, sizes: Any, longest: int,
    ends: Any, found: Any,
) -> int:  # fmt: skip
    """Cut anew, as its exception says, each sequence of words that is one; the number of words now, or UNSURE for want of room.

    Of sequences that share words the longest counts, then the first; one that is passed over still bars those after it.
    `found` int64 (room, 4): first word, words, number of the exception, whether it counts.
    """
    matches, most = 0, 0
    for word in range(count):
        begin = ends[word - 1] if word else start
        after = word + 2
        while after <= count and ends[after - 1] - begin <= longest:
            phrase = phrase_of(content, word, after, start, ends, phrases, phrase_firsts, phrase_sizes, longest)
            if phrase >= 0:
                if matches == len(found):
                    return UNSURE
                found[matches, 0], found[matches, 1], found[matches, 2], found[matches, 3] = word, after - word, phrase, 0
                matches += 1
                most = max(most, after - word)
            after += 1
    if matches == 0:
        return count
    return cut_anew(start, count, matches, most, firsts, sizes, ends, found)


@njit(cache=True, nogil=True)
def cut_anew(start: int, count: int, matches: int, most: int, firsts: Any, sizes: Any, ends: Any, found: Any) -> int:
    """The second half of join_exceptions: which of the sequences count, the longest having `most` words, and the cut."""
    seen = np.zeros(count, np.uint8)
    for words in range(most, 1, -1):
        for match in range(matches):
            if found[match, 1] != words:
                continue
            first = found[match, 0]
            if not seen[first] and not seen[first + words - 1]:
                found[match, 3] = 1
            seen[first : first + words] = 1
    old = ends[:count].copy()
    word, at, match = 0, 0, 0
    while word < count:
        while match < matches and (found[match, 0] < word or not found[match, 3]):
            match += 1
        if match < matches and found[match, 0] == word:
            place = old[word - 1] if word else start
            for part in range(firsts[found[match, 2]], firsts[found[match, 2] + 1]):
                place += sizes[part]
                ends[at] = place
                at += 1
            word += found[match, 1]
        else:
            ends[at] = old[word]
            at += 1
            word += 1
    return at


@njit(cache=True, nogil=True)
def cut_chunks(content: Any, spans: Any, rules: Any, ends: Any, counts: Any) -> None:
    """Write to `counts` int64 (N) how many words each chunk has, and to `ends` int64 (bytes of all chunks) where they end, from its start on.

    A count of 0: spaCy must be asked. It is where a character is not ASCII, or where an address is made of numbers.
    """
    content, spans, ends = borrowed(content), borrowed(spans), borrowed(ends)
    marks, units, table, firsts, sizes, longest = (
        borrowed(rules[0]),
        borrowed(rules[1]),
        borrowed(rules[2]),
        borrowed(rules[3]),
        borrowed(rules[4]),
        rules[5],
    )
    phrases, phrase_firsts, phrase_sizes = borrowed(rules[6]), borrowed(rules[7]), borrowed(rules[8])
    most = 1
    for number in range(len(spans)):
        most = max(most, spans[number, 1] - spans[number, 0])
    all_tails, all_found = np.empty(most, np.int64), np.empty((4 * most, 4), np.int64)
    tails, found = borrowed(all_tails), borrowed(all_found)
    at = 0
    for number in range(len(spans)):
        start, end = spans[number, 0], spans[number, 1]
        high = 0
        for place in range(start, end):
            high |= content[place]
        counts[number] = 0
        if high & HIGH:
            continue
        own = borrowed(ends[at : at + end - start])
        count = cut_affixes(content, start, end, marks, units, table, firsts, sizes, longest, own, tails)
        if count > 1:
            count = join_exceptions(content, start, count, phrases, phrase_firsts, phrase_sizes, firsts, sizes, longest, own, found)
        if count > 0:
            counts[number] = count
            at += count
    all_tails[:0], all_found[:0] = 0, 0  # held until here
