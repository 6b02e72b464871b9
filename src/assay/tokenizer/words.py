"""Distinct words of a corpus with their counts, found by GPT-2's pattern, and merges learned from them."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from assay.data.batch import TextBatch
from assay.tokenizer.characters import class_blocks

BATCH_CHARACTERS = 4_000_000


def word_counts(texts: Iterable[str]) -> list[tuple[bytes, int]]:
    """Each word with how often it comes, sorted by its bytes, so that the order of the texts does not show."""
    from assay.tokenizer.kernel_learn import AT, FREE, FULL, PLACES, TEXT, USED, WORDS, count_words, index_words

    rows, blocks = class_blocks()
    table = np.full(1 << 16, FREE, dtype=np.int64)
    hashes, starts, counts = np.empty(1 << 15, dtype=np.uint64), np.zeros(1 << 15, dtype=np.int64), np.empty(1 << 15, dtype=np.int64)
    spelled, state = np.empty(1 << 20, dtype=np.uint8), np.zeros(PLACES, dtype=np.int64)
    for batch in _batches(texts):
        state[[TEXT, AT]] = 0
        while count_words(batch.content, batch.offsets, rows, blocks, table, hashes, starts, counts, spelled, state) == FULL:
            hashes, starts, counts = (np.concatenate([array, np.zeros_like(array)]) for array in (hashes, starts, counts))
            longest = int(np.diff(batch.offsets).max())
            spelled = np.concatenate([spelled, np.empty(max(longest, len(spelled)), dtype=np.uint8)])
            table = np.full(2 * len(table), FREE, dtype=np.int64)
            index_words(table, hashes, state[WORDS])
    content, ends = spelled[: state[USED]].tobytes(), starts[: state[WORDS] + 1].tolist()
    return sorted((content[start:end], count) for (start, end), count in zip(pairwise(ends), counts.tolist(), strict=False))


def _batches(texts: Iterable[str]) -> Iterator[TextBatch]:
    gathered: list[str] = []
    characters = 0
    for text in texts:
        gathered.append(text)
        characters += len(text)
        if characters >= BATCH_CHARACTERS:
            yield TextBatch.of(gathered)
            gathered, characters = [], 0
    if gathered:
        yield TextBatch.of(gathered)


def flat_bytes(words: list[tuple[bytes, int]]) -> tuple[NDArray[np.uint8], NDArray[np.int64], NDArray[np.int64]]:
    """The words' bytes in one array, N + 1 offsets into it, and their counts."""
    offsets = np.zeros(len(words) + 1, dtype=np.int64)
    np.cumsum([len(word) for word, _ in words], out=offsets[1:])
    content = np.frombuffer(b"".join([word for word, _ in words]), dtype=np.uint8)
    return content, offsets, np.array([count for _, count in words], dtype=np.int64)


def merges_of(
    symbols: NDArray[np.int32],
    offsets: NDArray[np.int64],
    weights: NDArray[np.int64],
    alphabet: Sequence[bytes],
    vocab_size: int,
    least: int,
    skip: int = 0,
) -> NDArray[np.int64]:
    """(M, 3): left, right and merged id of each merge, in order; `symbols`, which is overwritten, are places in `alphabet`.

    Word w is symbols[offsets[w] : offsets[w + 1]]. A merge that spells a token there is already gives that token's id. `skip`: bytes at the
    front of a right part that are no text.
    """
    from assay.tokenizer.kernel_learn import learn_merges

    starts = np.zeros(max(vocab_size, len(alphabet)) + 2, dtype=np.int64)
    np.cumsum([len(piece) for piece in alphabet], out=starts[1 : len(alphabet) + 1])
    # No token is longer than the longest word.
    widths = np.array([len(piece) for piece in alphabet], dtype=np.int64)[symbols]
    longest = int(np.diff(np.concatenate([[0], np.cumsum(widths)])[offsets]).max(initial=0))
    spelled = np.empty(int(starts[len(alphabet)]) + longest * len(starts), dtype=np.uint8)
    spelled[: starts[len(alphabet)]] = np.frombuffer(b"".join(alphabet), dtype=np.uint8)
    merges = np.empty((2 * max(vocab_size - len(alphabet), 0) + 1, 3), dtype=np.int64)
    made = learn_merges(symbols, offsets, weights, spelled, starts, len(alphabet), vocab_size, least, skip, merges)
    return merges[:made]
