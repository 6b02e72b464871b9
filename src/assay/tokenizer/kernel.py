"""Compiled byte-level BPE: GPT-2's words found in UTF-8 bytes, and each word's ids by merging, with a table of words already met.

Arrays: `content` uint8 and `offsets` int64 of a TextBatch; `rows`, `blocks` of characters.class_blocks(); `pairs` uint64 (2 * P),
an open hash table of (left << 32 | right, rank << 32 | merged id), P a power of 2, empty where EMPTY; `words` uint64 (4 * W), an open
hash table of words of up to 15 bytes that give up to 6 ids: bytes 0-7, bytes 8-14 with the length above them, ids 0-2 above their
number, ids 3-5. A word that is longer, or pushed out by another, is merged anew, so the tables stay as they were allocated.
"""

import numpy as np
from numba import types

from assay.data.intrinsics import borrowed, eight_bytes
from assay.data.kernel_cache import njit

BYTES = types.Array(types.uint8, 1, "C", readonly=True)
OFFSETS = types.Array(types.int64, 1, "C", readonly=True)
IDS, HASHES = types.uint32[::1], types.uint64[::1]
OTHER, LETTER, NUMBER, SPACE = 0, 1, 2, 3
EMPTY = np.uint64(0xFFFF_FFFF_FFFF_FFFF)
NONE = np.uint32(0xFFFF_FFFF)
LOW = np.uint64(0xFFFF_FFFF)
GOLDEN = np.uint64(0x9E37_79B9_7F4A_7C15)
MIX = np.uint64(0xBF58_476D_1CE4_E5B9)
SHIFT_HALF, SHIFT_LENGTH, SHIFT_COUNT, SHIFT_ID = np.uint64(32), np.uint64(56), np.uint64(4), np.uint64(20)
ID_MASK, COUNT_MASK = np.uint64(0xF_FFFF), np.uint64(0xF)
ONE, ZERO = np.uint64(1), np.uint64(0)
WORD_BYTES, WORD_IDS, PROBES = 15, 6, 4
SCAN_SYMBOLS = 48
"""Up to here the next merge is found by looking at all pairs; beyond, by a heap, or a long word would take quadratic time."""


@njit(cache=True, nogil=True)
def few_bytes(content, start, end):
    """The same near the end of the buffer, for fewer."""
    found, shift = ZERO, ZERO
    for i in range(start, end):
        found |= np.uint64(content[i]) << shift
        shift += np.uint64(8)
    return found


@njit(inline="always", cache=True, nogil=True)
def point_at(content, i):
    """Code point and length in bytes of the character at i, which is not ASCII."""
    byte = np.int64(content[i])
    if byte < 0xE0:
        return (byte & 0x1F) << 6 | np.int64(content[i + 1]) & 0x3F, 2
    if byte < 0xF0:
        return (byte & 0x0F) << 12 | (np.int64(content[i + 1]) & 0x3F) << 6 | np.int64(content[i + 2]) & 0x3F, 3
    point = (byte & 0x07) << 18 | (np.int64(content[i + 1]) & 0x3F) << 12
    return point | (np.int64(content[i + 2]) & 0x3F) << 6 | np.int64(content[i + 3]) & 0x3F, 4


@njit(inline="always", cache=True, nogil=True)
def class_at(content, i, rows, blocks):
    """Class and length in bytes of the character at i."""
    byte = np.int64(content[i])
    if byte < 0x80:
        return blocks[byte], 1
    point, size = point_at(content, i)
    return blocks[np.int64(rows[point >> 8]) << 8 | point & 0xFF], size


@njit(inline="always", cache=True, nogil=True)
def contraction(content, i, end):
    """Bytes of 's 't 'm 'd 're 've 'll at i, or 0."""
    if i + 1 >= end:
        return 0
    one = content[i + 1]
    if one == 115 or one == 116 or one == 109 or one == 100:
        return 2
    if i + 2 < end:
        two = content[i + 2]
        if (one == 114 and two == 101) or (one == 118 and two == 101) or (one == 108 and two == 108):
            return 3
    return 0


@njit(inline="always", cache=True, nogil=True)
def word_end(content, i, end, rows, blocks):
    """Where the word that begins at i ends: 's|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+"""
    if content[i] == 39:
        size = contraction(content, i, end)
        if size:
            return i + size
    kind, size = class_at(content, i, rows, blocks)
    j = i + size
    if content[i] == 32 and j < end:
        after, size = class_at(content, j, rows, blocks)
        if after != SPACE:
            kind = after
            j += size
    if kind == SPACE:
        last = i
        while j < end:
            after, size = class_at(content, j, rows, blocks)
            if after != SPACE:
                # The last blank of several belongs to the next word.
                return last if last > i else j
            last = j
            j += size
        return j
    while j < end:
        byte = content[j]
        if byte < 0x80:
            if blocks[byte] != kind:
                return j
            j += 1
        else:
            after, size = class_at(content, j, rows, blocks)
            if after != kind:
                return j
            j += size
    return j


@njit(cache=True, nogil=True)
def merge_of(pairs, left, right):
    """rank << 32 | merged id, or EMPTY."""
    key = np.uint64(left) << SHIFT_HALF | np.uint64(right)
    mask = len(pairs) // 2 - 1
    slot = np.int64((key * GOLDEN) >> SHIFT_HALF) & mask
    while True:
        found = pairs[2 * slot]
        if found == key:
            return pairs[2 * slot + 1]
        if found == EMPTY:
            return EMPTY
        slot = (slot + 1) & mask


@njit(cache=True, nogil=True)
def put_pair(pairs, left, right, value):
    key = np.uint64(left) << SHIFT_HALF | np.uint64(right)
    mask = len(pairs) // 2 - 1
    slot = np.int64((key * GOLDEN) >> SHIFT_HALF) & mask
    while pairs[2 * slot] != EMPTY and pairs[2 * slot] != key:
        slot = (slot + 1) & mask
    pairs[2 * slot] = key
    pairs[2 * slot + 1] = value


@njit(types.void(HASHES, IDS, IDS, IDS), cache=True, nogil=True)
def fill_pairs(pairs, left, right, merged):
    """Merge i, of rank i, into an empty table."""
    for rank in range(len(left)):
        put_pair(pairs, left[rank], right[rank], np.uint64(rank) << SHIFT_HALF | np.uint64(merged[rank]))


@njit(cache=True, nogil=True)
def merge_by_scan(symbols, count, pairs, waiting):
    """Merge symbols[:count] in place, the lowest rank first, of equals the leftmost; returns how many are left."""
    for i in range(count - 1):
        waiting[i] = merge_of(pairs, symbols[i], symbols[i + 1])
    while count > 1:
        best, place = EMPTY, 0
        for i in range(count - 1):
            if waiting[i] < best:
                best, place = waiting[i], i
        if best == EMPTY:
            return count
        symbols[place] = np.uint32(best & LOW)
        count -= 1
        for i in range(place + 1, count):
            symbols[i] = symbols[i + 1]
            waiting[i - 1] = waiting[i]
        if place > 0:
            waiting[place - 1] = merge_of(pairs, symbols[place - 1], symbols[place])
        if place < count - 1:
            waiting[place] = merge_of(pairs, symbols[place], symbols[place + 1])
    return count


@njit(cache=True, nogil=True)
def sift_up(heap, i):
    while i > 0 and heap[i] < heap[(i - 1) // 2]:
        heap[i], heap[(i - 1) // 2] = heap[(i - 1) // 2], heap[i]
        i = (i - 1) // 2


@njit(cache=True, nogil=True)
def sift_down(heap, size):
    i = 0
    while True:
        child = 2 * i + 1
        if child >= size:
            return
        if child + 1 < size and heap[child + 1] < heap[child]:
            child += 1
        if heap[i] <= heap[child]:
            return
        heap[i], heap[child] = heap[child], heap[i]
        i = child


@njit(cache=True, nogil=True)
def merge_by_heap(symbols, count, pairs):
    """The same for a long word in n log n; entries are rank << 32 | place, and one whose pair is gone is passed over."""
    after, before = np.arange(1, count + 1), np.arange(-1, count - 1)
    heap = np.empty(3 * count, dtype=np.uint64)
    size = 0
    for i in range(count - 1):
        found = merge_of(pairs, symbols[i], symbols[i + 1])
        if found != EMPTY:
            heap[size] = (found & ~LOW) | np.uint64(i)
            size += 1
            sift_up(heap, size - 1)
    while size:
        top = heap[0]
        size -= 1
        heap[0] = heap[size]
        sift_down(heap, size)
        i = np.int64(top & LOW)
        if symbols[i] == NONE or after[i] >= count:
            continue
        found = merge_of(pairs, symbols[i], symbols[after[i]])
        if found == EMPTY or found >> SHIFT_HALF != top >> SHIFT_HALF:
            continue
        gone = after[i]
        symbols[i], symbols[gone] = np.uint32(found & LOW), NONE
        after[i] = after[gone]
        if after[i] < count:
            before[after[i]] = i
        for left in (before[i], i):
            if left >= 0 and after[left] < count:
                found = merge_of(pairs, symbols[left], symbols[after[left]])
                if found != EMPTY:
                    heap[size] = (found & ~LOW) | np.uint64(left)
                    size += 1
                    sift_up(heap, size - 1)
    left = 0
    for i in range(count):
        if symbols[i] != NONE:
            symbols[left] = symbols[i]
            left += 1
    return left


@njit(cache=True, nogil=True)
def merge_word(content, start, end, byte_ids, whole_rows, whole, pairs, out, at, waiting):
    """Write the ids of one word at out[at:]; returns how many."""
    symbols = out[at : at + end - start]
    count, i = 0, start
    while i < end:
        byte, size = content[i], 1
        symbols[count] = byte_ids[byte]
        if byte >= 0xC0:
            point, length = point_at(content, i)
            found = whole[np.int64(whole_rows[point >> 8]) << 8 | point & 0xFF]
            if found != NONE:
                symbols[count], size = found, length
        count += 1
        i += size
    return merge_by_scan(symbols, count, pairs, waiting) if count <= SCAN_SYMBOLS else merge_by_heap(symbols, count, pairs)


@njit(inline="always", cache=True, nogil=True)
def write_ids(first, second, out, at):
    """Ids of a word as the table keeps them; writes up to 3 places past them. Returns how many there are."""
    count = np.int64(first & COUNT_MASK)
    first >>= SHIFT_COUNT
    out[at] = first & ID_MASK
    out[at + 1] = (first >> SHIFT_ID) & ID_MASK
    out[at + 2] = first >> (SHIFT_ID + SHIFT_ID)
    if count > 3:
        out[at + 3] = second & ID_MASK
        out[at + 4] = (second >> SHIFT_ID) & ID_MASK
        out[at + 5] = second >> (SHIFT_ID + SHIFT_ID)
    return count


@njit(cache=True, nogil=True)
def packed(ids, at, count, begin):
    """Up to 3 ids from ids[at + begin] on."""
    found, shift = ZERO, ZERO
    for i in range(begin, min(begin + 3, count)):
        found |= np.uint64(ids[at + i]) << shift
        shift += SHIFT_ID
    return found


@njit(inline="always", cache=True, nogil=True)
def encode_word(content, start, end, byte_ids, whole_rows, whole, pairs, words, out, at, waiting):
    """Write the ids of one word at out[at:], from the table if it is there; returns how many."""
    size = end - start
    if size == 1:
        out[at] = byte_ids[content[start]]
        return 1
    if size > WORD_BYTES:
        return merge_word(content, start, end, byte_ids, whole_rows, whole, pairs, out, at, waiting)
    if start + 16 <= len(content):
        low, high = eight_bytes(content, start), ZERO
        if size < 8:
            low &= (ONE << np.uint64(8 * size)) - ONE
        else:
            high = eight_bytes(content, start + 8) & ((ONE << np.uint64(8 * size - 64)) - ONE)
    else:
        low, high = few_bytes(content, start, min(end, start + 8)), few_bytes(content, start + 8, end)
    high |= np.uint64(size) << SHIFT_LENGTH
    mixed = (low ^ (high * MIX)) * GOLDEN
    mask = len(words) // 4 - 1
    slot = np.int64((mixed ^ (mixed >> SHIFT_HALF)) & np.uint64(mask))
    for _ in range(PROBES):
        place = 4 * slot
        if words[place] == low and words[place + 1] == high:
            return write_ids(words[place + 2], words[place + 3], out, at)
        if words[place + 1] == ZERO:
            break
        slot = (slot + 1) & mask
    count = merge_word(content, start, end, byte_ids, whole_rows, whole, pairs, out, at, waiting)
    if count <= WORD_IDS:
        words[place], words[place + 1] = low, high
        words[place + 2] = packed(out, at, count, 0) << SHIFT_COUNT | np.uint64(count)
        words[place + 3] = packed(out, at, count, 3)
    return count


@njit(
    types.int64(BYTES, OFFSETS, BYTES, BYTES, IDS, BYTES, IDS, HASHES, HASHES, HASHES, types.int64, IDS, types.int64[::1]),
    cache=True,
    nogil=True,
)
def encode_bpe(content, offsets, rows, blocks, byte_ids, whole_rows, whole, pairs, words, waiting, end_token, out, ends):
    """Write the ids of each text, and `end_token` after each where it is not negative; ends[i + 1] is where text i ends in `out`.

    `waiting` has SCAN_SYMBOLS places. `out` needs a place for each byte, one for each text if there is an end token, and WORD_IDS more.
    Returns how many were written.
    """
    content, rows, blocks, byte_ids, whole_rows = (
        borrowed(content),
        borrowed(rows),
        borrowed(blocks),
        borrowed(byte_ids),
        borrowed(whole_rows),
    )
    whole, pairs, words, waiting, out = borrowed(whole), borrowed(pairs), borrowed(words), borrowed(waiting), borrowed(out)
    at = 0
    ends[0] = 0
    for text in range(len(offsets) - 1):
        i, end = offsets[text], offsets[text + 1]
        while i < end:
            stop = word_end(content, i, end, rows, blocks)
            at += encode_word(content, i, stop, byte_ids, whole_rows, whole, pairs, words, out, at, waiting)
            i = stop
        if end_token >= 0:
            out[at] = end_token
            at += 1
        ends[text + 1] = at
    return at


@njit(types.int64(BYTES, types.int64, types.int64, BYTES, BYTES, types.int64[::1]), cache=True, nogil=True)
def word_ends(content, start, end, rows, blocks, ends):
    """Where each word of content[start:end] ends; returns how many there are."""
    count, i = 0, start
    while i < end:
        i = word_end(content, i, end, rows, blocks)
        ends[count] = i
        count += 1
    return count
