"""Compiled counting of words and learning of merges, for vocabularies that are the same in every process.

`content`, `offsets`, `rows`, `blocks` as in kernel.py. W words, S symbols.
"""

import numpy as np
from numba import types

from assay.data.intrinsics import borrowed
from assay.data.kernel_cache import njit
from assay.tokenizer.kernel import BYTES, GOLDEN, HASHES, MIX, OFFSETS, word_end

LONGS = types.int64[::1]
FREE = -1
DONE, FULL = 0, 1
PLACES = 4
TEXT, AT, WORDS, USED = range(PLACES)
"""Where a count is: the text, the byte of it, how many distinct words, and bytes of them."""


@njit(cache=True, nogil=True)
def bytes_hash(content, start, end):
    found = np.uint64(end - start)
    for i in range(start, end):
        found = (found ^ np.uint64(content[i])) * MIX
        found ^= found >> np.uint64(29)
    return found * GOLDEN


@njit(cache=True, nogil=True)
def same_bytes(one, start, other, begin, size):
    for i in range(size):  # noqa: SIM110 - numba has no all()
        if one[start + i] != other[begin + i]:
            return False
    return True


@njit(types.void(LONGS, HASHES, types.int64), cache=True, nogil=True)
def index_words(table, hashes, count):
    """Enter words 0..count-1 into an empty hash table whose size is a power of 2."""
    mask = len(table) - 1
    for word in range(count):
        slot = np.int64(hashes[word] >> np.uint64(20)) & mask
        while table[slot] != FREE:
            slot = (slot + 1) & mask
        table[slot] = word


@njit(types.int64(BYTES, OFFSETS, BYTES, BYTES, LONGS, HASHES, LONGS, LONGS, types.uint8[::1], LONGS), cache=True, nogil=True)
def count_words(content, offsets, rows, blocks, table, hashes, starts, counts, spelled, state):
    """Add the words of the texts to the counts, from `state` on. FULL if the arrays must grow before it can go on.

    Word w is spelled[starts[w] : starts[w + 1]].
    """
    content, rows, blocks, spelled = borrowed(content), borrowed(rows), borrowed(blocks), borrowed(spelled)
    mask = len(table) - 1
    while state[TEXT] < len(offsets) - 1:
        end = offsets[state[TEXT] + 1]
        i = max(offsets[state[TEXT]], state[AT])
        while i < end:
            stop = word_end(content, i, end, rows, blocks)
            if 2 * state[WORDS] >= len(table) or state[WORDS] + 2 >= len(starts) or state[USED] + stop - i > len(spelled):
                state[AT] = i
                return FULL
            found = bytes_hash(content, i, stop)
            slot = np.int64(found >> np.uint64(20)) & mask
            while True:
                word = table[slot]
                if word == FREE:
                    word = state[WORDS]
                    table[slot], hashes[word], counts[word] = word, found, 0
                    spelled[state[USED] : state[USED] + stop - i] = content[i:stop]
                    state[WORDS] += 1
                    state[USED] += stop - i
                    starts[word + 1] = state[USED]
                    break
                same = hashes[word] == found and starts[word + 1] - starts[word] == stop - i
                if same and same_bytes(spelled, starts[word], content, i, stop - i):
                    break
                slot = (slot + 1) & mask
            counts[word] += 1
            i = stop
        state[TEXT] += 1
    return DONE


# --- merges ---

TOTAL, FRESH = 0, 1
"""Columns of a pair: how often it comes, and the first node of the words found to hold it in this step."""
SIZES = 5
PAIRS, TOUCHED, NODES, ENTRIES, QUEUED = range(SIZES)


@njit(cache=True, nogil=True)
def before(counts, keys, one, other):
    """Whether queue entry `one` comes first: the higher count, of equals the lower pair."""
    return counts[one] > counts[other] or (counts[one] == counts[other] and keys[one] < keys[other])


@njit(cache=True, nogil=True)
def rise(heap, i, counts, keys):
    while i > 0 and before(counts, keys, heap[i], heap[(i - 1) // 2]):
        heap[i], heap[(i - 1) // 2] = heap[(i - 1) // 2], heap[i]
        i = (i - 1) // 2


@njit(cache=True, nogil=True)
def sink(heap, size, counts, keys):
    i = 0
    while 2 * i + 1 < size:
        child = 2 * i + 1
        if child + 1 < size and before(counts, keys, heap[child + 1], heap[child]):
            child += 1
        if not before(counts, keys, heap[child], heap[i]):
            return
        heap[i], heap[child] = heap[child], heap[i]
        i = child


@njit(cache=True, nogil=True)
def pair_place(table, keys, used, key):
    """Index of a pair; `used` if it is new, and then the slot holds it from now on."""
    mask = len(table) - 1
    slot = np.int64((key * GOLDEN) >> np.uint64(20)) & mask
    while table[slot] != FREE:
        if keys[table[slot]] == key:
            return table[slot]
        slot = (slot + 1) & mask
    table[slot] = used
    return used


@njit(cache=True, nogil=True)
def rebuilt(table, keys, used):
    wider = np.full(2 * len(table), FREE, dtype=np.int64)
    mask = len(wider) - 1
    for pair in range(used):
        slot = np.int64((keys[pair] * GOLDEN) >> np.uint64(20)) & mask
        while wider[slot] != FREE:
            slot = (slot + 1) & mask
        wider[slot] = pair
    return wider


@njit(cache=True, nogil=True)
def named(table, spelled, starts, used, left, right, skip):
    """Id of the token spelled left + right (without the first `skip` bytes of right): one there is, or `used` for a new one."""
    a, b = starts[left + 1] - starts[left], starts[right + 1] - starts[right] - skip
    at = starts[used]
    spelled[at : at + a] = spelled[starts[left] : starts[left + 1]]
    spelled[at + a : at + a + b] = spelled[starts[right] + skip : starts[right + 1]]
    mask = len(table) - 1
    slot = np.int64(bytes_hash(spelled, at, at + a + b) >> np.uint64(20)) & mask
    while table[slot] != FREE:
        token = table[slot]
        if starts[token + 1] - starts[token] == a + b and same_bytes(spelled, starts[token], spelled, at, a + b):
            return token
        slot = (slot + 1) & mask
    table[slot] = used
    starts[used + 1] = at + a + b
    return used


@njit(cache=True, nogil=True)
def pairs_within(symbols, begin, count, changed):
    """Write (left, right, 1) for each pair of a word to `changed`; returns how many."""
    for i in range(count - 1):
        changed[i, 0], changed[i, 1], changed[i, 2] = symbols[begin + i], symbols[begin + i + 1], 1
    return count - 1


@njit(cache=True, nogil=True)
def join_within(symbols, begin, count, left, right, merged, changed):
    """Join a pair in a word; `changed` receives (left, right, +1 or -1) of each pair that came or went. Returns the new length and how many.

    As the library counts: the joined pair itself does not go, and of `aaa` one more pair goes than was there.
    """
    changes, i, write = 0, 0, 0
    while i < count:
        if i + 1 < count and symbols[begin + i] == left and symbols[begin + i + 1] == right:
            if write > 0:
                previous = symbols[begin + write - 1]
                changed[changes, 0], changed[changes, 1], changed[changes, 2] = previous, left, -1
                changed[changes + 1, 0], changed[changes + 1, 1], changed[changes + 1, 2] = previous, merged, 1
                changes += 2
            if i + 2 < count:
                following = symbols[begin + i + 2]
                changed[changes, 0], changed[changes, 1], changed[changes, 2] = right, following, -1
                changed[changes + 1, 0], changed[changes + 1, 1], changed[changes + 1, 2] = merged, following, 1
                changes += 2
            symbols[begin + write] = merged
            i += 2
        else:
            symbols[begin + write] = symbols[begin + i]
            i += 1
        write += 1
    return write, changes


@njit(cache=True, nogil=True)
def note(changed, changes, word, weight, table, pairs, keys, nodes, touched, sizes):
    """Enter a word's changes into the counts, and the word into the list of each pair that came."""
    for change in range(changes):
        key = np.uint64(changed[change, 0]) << np.uint64(32) | np.uint64(changed[change, 1])
        pair = pair_place(table, keys, sizes[PAIRS], key)
        if pair == sizes[PAIRS]:
            keys[pair], pairs[pair, TOTAL], pairs[pair, FRESH] = key, 0, FREE
            sizes[PAIRS] += 1
        pairs[pair, TOTAL] += changed[change, 2] * weight
        fresh = pairs[pair, FRESH]
        if changed[change, 2] < 0 or (fresh != FREE and nodes[fresh, 0] == word):
            continue
        if fresh == FREE:
            touched[sizes[TOUCHED]] = pair
            sizes[TOUCHED] += 1
        node = sizes[NODES]
        nodes[node, 0], nodes[node, 1], pairs[pair, FRESH] = word, fresh, node
        sizes[NODES] += 1


@njit(cache=True, nogil=True)
def enqueue(touched, pairs, keys, entries, entry_counts, entry_keys, heap, sizes):
    """A queue entry for each pair that came in this step, with the words it came in."""
    for i in range(sizes[TOUCHED]):
        pair = touched[i]
        if pairs[pair, TOTAL] > 0:
            entry = sizes[ENTRIES]
            entries[entry, 0], entries[entry, 1] = pair, pairs[pair, FRESH]
            entry_counts[entry], entry_keys[entry] = pairs[pair, TOTAL], keys[pair]
            heap[sizes[QUEUED]] = entry
            sizes[ENTRIES] += 1
            sizes[QUEUED] += 1
            rise(heap, sizes[QUEUED] - 1, entry_counts, entry_keys)
        pairs[pair, FRESH] = FREE
    sizes[TOUCHED] = 0


@njit(cache=True, nogil=True)
def dequeue(pairs, entries, entry_counts, entry_keys, heap, sizes):
    """The first entry, or FREE. A count that has changed since its entry was made goes back into the queue."""
    while sizes[QUEUED]:
        top = heap[0]
        total = pairs[entries[top, 0], TOTAL]
        if entry_counts[top] == total:
            sizes[QUEUED] -= 1
            heap[0] = heap[sizes[QUEUED]]
            sink(heap, sizes[QUEUED], entry_counts, entry_keys)
            return top
        entry_counts[top] = total
        sink(heap, sizes[QUEUED], entry_counts, entry_keys)
    return FREE


@njit(cache=True, nogil=True)
def name_table(spelled, starts, tokens, room):
    size = 16
    while size < 4 * room:
        size *= 2
    names = np.full(size, FREE, dtype=np.int64)
    for token in range(tokens):
        slot = np.int64(bytes_hash(spelled, starts[token], starts[token + 1]) >> np.uint64(20)) & (size - 1)
        while names[slot] != FREE:
            slot = (slot + 1) & (size - 1)
        names[slot] = token
    return names


@njit(types.int64(types.int32[::1], LONGS, LONGS, types.uint8[::1], LONGS, *[types.int64] * 4, types.int64[:, ::1]), cache=True, nogil=True)
def learn_merges(symbols, offsets, weights, spelled, starts, tokens, vocab_size, least, skip, merges):
    """Byte pair encoding (Sennrich et al. 2016): join the most frequent pair until there are `vocab_size` tokens or none comes `least` times.

    Word w is symbols[offsets[w] : offsets[w + 1]] (ids below `tokens`, overwritten) and comes weights[w] times; token t is spelled
    spelled[starts[t] : starts[t + 1]], with room for the new ones, and a right part gives no more than what follows its first `skip` bytes.
    Of equally frequent pairs the lower ids are joined first; `tokenizers` counts and breaks ties alike, so its vocabularies come out.
    `merges` (M, 3) receives left, right and merged id, in order. Returns how many; M if there was no more room.
    """
    lengths = offsets[1:] - offsets[:-1]
    room = 3 * len(symbols) + 4  # each symbol begins one pair, and each join of two brings two pairs at most
    changed = np.empty((4 * max(1, lengths.max() if len(lengths) else 1), 3), dtype=np.int64)
    table, names = np.full(1 << 16, FREE, dtype=np.int64), name_table(spelled, starts, tokens, len(starts))
    # Memory that is never written is never there: these are far larger than what a corpus fills.
    keys, pairs = np.empty(room, dtype=np.uint64), np.empty((room, 2), dtype=np.int64)
    nodes, touched, heap = np.empty((room, 2), dtype=np.int64), np.empty(room, dtype=np.int64), np.empty(room, dtype=np.int64)
    entries, entry_counts, entry_keys = np.empty((room, 2), dtype=np.int64), np.empty(room, dtype=np.int64), np.empty(room, dtype=np.uint64)
    sizes = np.zeros(SIZES, dtype=np.int64)
    for word in range(len(weights)):
        while 2 * (sizes[PAIRS] + lengths[word]) >= len(table):
            table = rebuilt(table, keys, sizes[PAIRS])
        count = pairs_within(symbols, offsets[word], lengths[word], changed)
        note(changed, count, word, weights[word], table, pairs, keys, nodes, touched, sizes)
    made = 0
    while True:
        enqueue(touched, pairs, keys, entries, entry_counts, entry_keys, heap, sizes)
        top = dequeue(pairs, entries, entry_counts, entry_keys, heap, sizes)
        if tokens >= vocab_size or made == len(merges) or top == FREE or entry_counts[top] < max(1, least):
            return made
        left, right = np.int64(entry_keys[top] >> np.uint64(32)), np.int64(entry_keys[top] & np.uint64(0xFFFF_FFFF))
        merged = named(names, spelled, starts, tokens, left, right, skip)
        tokens = max(tokens, merged + 1)
        merges[made, 0], merges[made, 1], merges[made, 2] = left, right, merged
        made += 1
        node = entries[top, 1]
        while node != FREE:
            word, node = nodes[node, 0], nodes[node, 1]
            while 2 * (sizes[PAIRS] + 4 * lengths[word]) >= len(table):
                table = rebuilt(table, keys, sizes[PAIRS])
            lengths[word], count = join_within(symbols, offsets[word], lengths[word], left, right, merged, changed)
            note(changed, count, word, weights[word], table, pairs, keys, nodes, touched, sizes)
