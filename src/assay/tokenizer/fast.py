"""The compiled encoder of byte-level BPE with GPT-2's words: which tokenizers it can stand for, and its tables."""

from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.data.batch import TextBatch
from assay.tokenizer.alphabet import BYTE_CHARACTERS, bytes_of
from assay.tokenizer.characters import BLOCK, CODE_POINTS, class_blocks, library_agrees

WORD_SLOTS = 2**17
"""Slots of 32 bytes, 4 MB in all. A fixed size: rare words of a large corpus push each other out instead of filling the memory."""
ID_LIMIT = 2**20
"""The table of words keeps an id in 20 bits."""
_PLAIN_MODEL = {
    "type": "BPE",
    "dropout": None,
    "unk_token": None,
    "continuing_subword_prefix": None,
    "end_of_word_suffix": None,
    "fuse_unk": False,
    "byte_fallback": False,
    "ignore_merges": False,
}


class FastEncoder:
    """Gives the same ids as the `tokenizers` library, tens of times faster. Not for two threads at once: the table of words is written."""

    def __init__(self, definition: dict[str, Any]) -> None:
        """`definition`: a tokenizer.json for which `supports` is true."""
        from assay.tokenizer.kernel import EMPTY, SCAN_SYMBOLS, fill_pairs  # numba takes half a second

        vocabulary: dict[str, int] = definition["model"]["vocab"]
        merges: list[tuple[str, str]] = [
            tuple(pair if isinstance(pair, list) else pair.split(" "))  # older files hold "a b"
            for pair in definition["model"]["merges"]
        ]
        self._rows, self._blocks = class_blocks()
        self._byte_ids = np.array([vocabulary[character] for character in BYTE_CHARACTERS], dtype=np.uint32)
        slots = 1 << max(4, (4 * len(merges)).bit_length())
        self._pairs = np.full(2 * slots, EMPTY, dtype=np.uint64)
        left, right, merged = (
            np.array([vocabulary[part] for part in parts], dtype=np.uint32)
            for parts in ([a for a, _ in merges], [b for _, b in merges], [a + b for a, b in merges])
        )
        fill_pairs(self._pairs, left, right, merged)
        self._whole_rows, self._whole = _in_blocks(whole_characters(merges, vocabulary))
        self._words = np.zeros(4 * WORD_SLOTS, dtype=np.uint64)
        self._waiting = np.empty(SCAN_SYMBOLS, dtype=np.uint64)

    @staticmethod
    def supports(definition: dict[str, Any]) -> bool:
        """Whether this encoder does all that a tokenizer.json asks for, no more and no less."""
        model, words = definition["model"], definition["pre_tokenizer"] or {}
        plain = all(model.get(key, value) == value for key, value in _PLAIN_MODEL.items()) and "vocab" in model
        gpt2 = words.get("type") == "ByteLevel" and words.get("use_regex", True) and not words.get("add_prefix_space", True)
        if not plain or not gpt2 or definition["normalizer"] or definition["truncation"] or definition["padding"]:
            return False
        added = definition["added_tokens"]
        ids = [*model["vocab"].values(), *(token["id"] for token in added)]
        merged = {"".join(pair) if isinstance(pair, list) else pair.replace(" ", "") for pair in model["merges"]}
        special = all(token["special"] for token in added) and not merged & {token["content"] for token in added}
        whole = set(BYTE_CHARACTERS) <= model["vocab"].keys() and max(ids) < ID_LIMIT
        return special and whole and library_agrees()

    def encode(self, batch: TextBatch, end_token: int | None = None) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
        """Ids, and N + 1 offsets into them; each text is followed by `end_token` if there is one."""
        from assay.tokenizer.kernel import WORD_IDS, encode_bpe

        size = int(batch.offsets[-1] - batch.offsets[0]) + len(batch) + WORD_IDS
        ids, ends = np.empty(size, dtype=np.uint32), np.empty(len(batch) + 1, dtype=np.int64)
        token = -1 if end_token is None else end_token
        written = encode_bpe(
            batch.content,
            batch.offsets,
            self._rows,
            self._blocks,
            self._byte_ids,
            self._whole_rows,
            self._whole,
            self._pairs,
            self._words,
            self._waiting,
            token,
            ids,
            ends,
        )
        return ids[:written], ends


def whole_characters(merges: list[tuple[str, str]], vocabulary: dict[str, int]) -> dict[int, int]:
    """Code point -> id of the characters beyond ASCII whose bytes always merge to one token, whatever stands around them.

    Chinese is encoded from these in a fraction of the steps. A character is left out (and spelled in bytes) if a merge that joins a
    part of it with a neighbour, or one of the whole character, comes before the last of those that make it. Where none does, the
    character is whole before its neighbours matter.
    """
    ranks: dict[tuple[bytes, bytes], int] = {}
    first_use: dict[bytes, int] = {}
    cut = dict[bytes, int]()  # a part of a character -> the first merge that joins it with a neighbour
    for rank, pair in enumerate(merges):
        left, right = (bytes_of(part, byte_level=True) for part in pair)
        ranks[left, right] = rank
        first_use.setdefault(left, rank)
        first_use.setdefault(right, rank)
        if not _continues(right[0]):
            if all(map(_continues, left)):
                cut.setdefault(left, rank)
            if len(right) < _length(right[0]):
                cut.setdefault(right, rank)
    found = {}
    for token, number in vocabulary.items():
        spelled = token_bytes(token)
        if spelled is None or len(spelled) < 2 or _length(spelled[0]) != len(spelled) or not all(map(_continues, spelled[1:])):
            continue
        last = _last_merge(spelled, ranks)
        if last is None or last > first_use.get(spelled, len(merges)):
            continue
        parts = chain.from_iterable((spelled[:place], spelled[place:]) for place in range(1, len(spelled)))
        if all(cut.get(part, len(merges)) > last for part in parts):
            found[ord(spelled.decode())] = number
    return found


def token_bytes(token: str) -> bytes | None:
    try:
        return bytes_of(token, byte_level=True)
    except KeyError:
        return None


def _continues(byte: int) -> bool:
    return byte & 0xC0 == 0x80


def _length(lead: int) -> int:
    """Bytes of the character that begins with this one."""
    return 1 if lead < 0xC0 else 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4


def _last_merge(spelled: bytes, ranks: dict[tuple[bytes, bytes], int]) -> int | None:
    """The highest rank among the merges that make one token of these bytes, or None if they don't."""
    parts = [spelled[i : i + 1] for i in range(len(spelled))]
    highest = -1
    while len(parts) > 1:
        rank, place = min((ranks.get((parts[i], parts[i + 1]), len(ranks)), i) for i in range(len(parts) - 1))
        if (parts[place], parts[place + 1]) not in ranks:
            return None
        highest = max(highest, rank)
        parts[place : place + 2] = [parts[place] + parts[place + 1]]
    return highest


def _in_blocks(ids: dict[int, int]) -> tuple[NDArray[np.uint8], NDArray[np.uint32]]:
    """A table by code point in blocks of 256, without the empty ones but the first: rows (4352,), blocks (N * 256,)."""
    rows = np.zeros(CODE_POINTS // BLOCK, dtype=np.uint8)
    used = sorted({point // BLOCK for point in ids})[:255]
    blocks = np.full((len(used) + 1, BLOCK), 0xFFFF_FFFF, dtype=np.uint32)
    rows[used] = np.arange(1, len(used) + 1)
    for point, number in ids.items():
        if rows[point // BLOCK]:
            blocks[rows[point // BLOCK], point % BLOCK] = number
    return rows, blocks.ravel()
