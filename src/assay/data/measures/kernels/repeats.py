"""Repeated n-grams of words, each length found from the one below: an n-gram can only occur twice where both n-1-grams within it do.

So the table is asked once for each word (pairs), and from there on only where a repeat is still possible: little, in ordinary text.
"""

from typing import Any

import numpy as np

from assay.data.kernel_cache import njit
from assay.data.measures.fields import PLACE
from assay.data.measures.kernels.text import find_or_add, mask_for, mixed

TOP_2 = PLACE["top_2_gram"]
REPEATED_5 = PLACE["repeated_5_grams"]
LONGEST_TOP, LONGEST = 4, 10


@njit(cache=True, nogil=True)
def number_pairs(
    hashes: Any, count: int, table: Any, generation: int, places: Any, numbers: Any, amounts: Any, firsts: Any
) -> tuple[int, int]:
    """Number each pair of neighbours by first occurrence: (pairs, different ones). Fills all four arrays."""
    mask = mask_for(count)
    different = 0
    for at in range(count - 1):
        number = find_or_add(table, mask, generation, mixed(hashes[at], hashes[at + 1]), different)
        if number == different:
            amounts[number] = 0
            firsts[number] = at
            different += 1
        amounts[number] += 1
        places[at] = at
        numbers[at] = number
    return count - 1, different


@njit(cache=True, nogil=True)
def number_longer(found: int, table: Any, generation: int, places: Any, numbers: Any, amounts: Any, firsts: Any) -> tuple[int, int]:
    """From n-grams that occur more than once, in order of place, to the n+1-grams made of two of them; in the same arrays."""
    mask = mask_for(found)
    different, kept = 0, 0
    for at in range(found - 1):
        if places[at + 1] != places[at] + 1:
            continue
        key = mixed(np.uint64(numbers[at]), np.uint64(numbers[at + 1]))
        number = find_or_add(table, mask, generation, key, different)
        if number == different:
            amounts[number] = 0
            firsts[number] = places[at]
            different += 1
        amounts[number] += 1
        places[kept] = places[at]
        numbers[kept] = number
        kept += 1
    return kept, different


@njit(cache=True, nogil=True)
def only_repeated(found: int, places: Any, numbers: Any, amounts: Any) -> int:
    kept = 0
    for at in range(found):
        if amounts[numbers[at]] > 1:
            places[kept] = places[at]
            numbers[kept] = numbers[at]
            kept += 1
    return kept


@njit(cache=True, nogil=True)
def top_characters(lengths: Any, size: int, different: int, amounts: Any, firsts: Any) -> int:
    """Characters of the most frequent n-gram with its blanks, times its count. Where none repeats it is the first of the text."""
    most, first = 1, 0
    for number in range(different):
        if amounts[number] > most:
            most = amounts[number]
            first = firsts[number]
    characters = size - 1
    for at in range(first, first + size):
        characters += lengths[at]
    return characters * most


@njit(cache=True, nogil=True)
def repeated_characters(lengths: Any, size: int, found: int, different: int, places: Any, numbers: Any, seen: Any) -> int:
    """Characters of the repeats met when reading from the start and going on behind each. What lies inside one is not remembered."""
    for number in range(different):
        seen[number] = 0
    characters, free = 0, 0
    for at in range(found):
        if places[at] < free:
            continue
        if seen[numbers[at]]:
            for word in range(places[at], places[at] + size):
                characters += lengths[word]
            free = places[at] + size
        seen[numbers[at]] = 1
    return characters


@njit(cache=True, nogil=True)
def measure_repeats(
    hashes: Any, lengths: Any, count: int, table: Any, generation: int, places: Any, numbers: Any, amounts: Any, firsts: Any, row: Any
) -> int:
    """Fill the fields of n-grams for 2 to 10 words; the next free generation. `table` has slots for `count` entries."""
    if count < 2:
        return generation
    found, different = number_pairs(hashes, count, table, generation, places, numbers, amounts, firsts)
    for size in range(2, min(LONGEST, count) + 1):
        if size > 2:
            found, different = number_longer(found, table, generation, places, numbers, amounts, firsts)
        generation += 1
        if size <= LONGEST_TOP:
            row[TOP_2 + size - 2] = top_characters(lengths, size, different, amounts, firsts)
        if found:
            found = only_repeated(found, places, numbers, amounts)
        if size >= 5 and found:
            row[REPEATED_5 + size - 5] = repeated_characters(lengths, size, found, different, places, numbers, firsts)
        if not found and size >= LONGEST_TOP:
            break
    return generation
