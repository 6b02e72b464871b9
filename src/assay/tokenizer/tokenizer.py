"""Text to token ids and back; where the kind is lossless, decode(encode(text)) is text, for every text."""

import codecs
from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import pairwise
from pathlib import Path

import numpy as np
import tokenizers
from numpy.typing import NDArray

from assay.data.batch import TextBatch
from assay.errors import DataError
from assay.files import sha256_bytes, verify_manifest
from assay.tokenizer.alphabet import BYTE_CHARACTERS, END_OF_DOCUMENT, MASKS
from assay.tokenizer.fast import FastEncoder
from assay.tokenizer.spelling import Spelling, definition_of, ids_of

TOKENIZER_FILE = "tokenizer.json"
COMPILED_FROM_BYTES = 8_000_000
"""The library takes about as long for so much text as the compiled encoder to be compiled, once in each new checkout."""
LIBRARY_BYTES = 2**19
PARITY_CHARACTERS = 200_000
"""Characters of the first large batch that are encoded both ways before the compiled encoder is trusted."""


class Tokenizer:
    """A learned vocabulary. No text, not even one that spells `<|endoftext|>`, ever encodes to `end_of_document`."""

    def __init__(self, content: bytes) -> None:
        """`content` is a tokenizer.json that this project wrote. `lossless` and `unknown` as in Spelling."""
        self.sha256 = sha256_bytes(content)
        self._inner = tokenizers.Tokenizer.from_buffer(content)
        # The library's default reads control tokens out of document text. Not stored in the file, so set on every load.
        self._inner.encode_special_tokens = True
        end = self._inner.token_to_id(END_OF_DOCUMENT)
        if end is None:
            raise DataError(f"this tokenizer has no {END_OF_DOCUMENT} token, so documents could not be told apart.")
        self.end_of_document: int = end
        self._definition = definition_of(content)
        self.vocab_size: int = max(ids_of(self._definition)) + 1  # not the number of tokens: ids may have holes
        self._spelling = Spelling(self._definition)
        self.lossless = self._spelling.lossless
        self.unknown = self._spelling.unknown
        self._fast: FastEncoder | None = None
        self._expected_bytes = 0
        self.compiled: bool | None = None
        """Whether `encode_texts` uses the compiled encoder; None while too little text has come to ask."""
        own = [self._inner.token_to_id(character) for character in BYTE_CHARACTERS] == list(range(256))
        self._only_bytes = own and self.vocab_size == 257 and end == 256 and self._definition["model"].get("merges") == []

    @classmethod
    def load(cls, folder: Path) -> "Tokenizer":
        """Raises DataError if the folder is missing, unfinished or altered."""
        verify_manifest(folder, repair="python src/learn_tokenizer.py")
        return cls((folder / TOKENIZER_FILE).read_bytes())

    @classmethod
    def from_file(cls, path: Path) -> "Tokenizer":
        """From a tokenizer.json alone, as a run keeps it."""
        return cls(path.read_bytes())

    def encode(self, text: str) -> list[int]:
        """Token ids, without an end of document."""
        if self._only_bytes:
            return list(text.encode())
        ids: list[int] = self._inner.encode(text, add_special_tokens=False).ids
        return ids

    def encode_batch(self, texts: Sequence[str]) -> list["np.ndarray[tuple[int], np.dtype[np.uint32]]"]:
        """Token ids of each text, in their order, as uint32."""
        ids, ends = self.encode_texts(TextBatch.of(texts))
        return [ids[start:end] for start, end in pairwise(ends.tolist())]

    def encode_texts(self, batch: TextBatch, end_of_document: bool = False) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
        """Ids of all texts in one array, and N + 1 offsets into it; each text is followed by its end of document if asked."""
        end_token = self.end_of_document if end_of_document else None
        if self._only_bytes:
            content = batch.content[batch.offsets[0] : batch.offsets[-1]].astype(np.uint32)
            return _with_ends(content, batch.offsets - batch.offsets[0], end_token)
        fast = self._compiled(batch)
        return fast.encode(batch, end_token) if fast is not None else self._encode_by_library(batch, end_token)

    def announce(self, text_bytes: int) -> None:
        """So much text is to come: the compiled encoder may be worth loading for the first of it."""
        self._expected_bytes += text_bytes

    def _encode_by_library(self, batch: TextBatch, end_token: int | None = None) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
        """Uses every core. A piece at a time, for an encoding takes forty times the memory of its text."""
        found: list[NDArray[np.uint32]] = []
        for piece in batch.pieces(LIBRARY_BYTES):
            encoded = self._inner.encode_batch_fast(list(piece.texts()), add_special_tokens=False)
            found += [np.array(encoding.ids, dtype=np.uint32) for encoding in encoded]
        offsets = np.cumsum([0, *map(len, found)], dtype=np.int64)
        return _with_ends(np.concatenate([np.empty(0, dtype=np.uint32), *found]), offsets, end_token)

    def _compiled(self, batch: TextBatch) -> FastEncoder | None:
        """The compiled encoder, once there is text enough to pay for loading it and it gave the library's ids for some of that text."""
        if self._fast is None and self.compiled is None:
            self.announce(int(batch.offsets[-1] - batch.offsets[0]))
            if self._expected_bytes < COMPILED_FROM_BYTES:
                return None
            self.compiled = FastEncoder.supports(self._definition)
            if self.compiled:
                self._fast = FastEncoder(self._definition)
                self.compiled = self._agree(self._fast, batch)
        return self._fast if self.compiled else None

    def _agree(self, fast: FastEncoder, batch: TextBatch) -> bool:
        sample, taken = [], 0
        for number in range(len(batch)):
            sample.append(batch.text(number)[:PARITY_CHARACTERS])
            taken += len(sample[-1])
            if taken >= PARITY_CHARACTERS:
                break
        found, expected = fast.encode(TextBatch.of(sample)), self._encode_by_library(TextBatch.of(sample))
        return np.array_equal(found[0], expected[0]) and np.array_equal(found[1], expected[1])

    def decode(self, ids: Iterable[int]) -> str:
        """The text; bytes that form no character become U+FFFD, and an end of document becomes nothing."""
        text = b"".join([self.token_bytes[token] for token in ids]).decode("utf-8", "replace")
        return text.removeprefix(" ") if self.opening_blank else text

    @property
    def opening_blank(self) -> bool:
        """Whether `token_bytes` of a text begin with a blank that is not the text's."""
        return bool(self._spelling.opening_blank)

    @cached_property
    def token_bytes(self) -> list[bytes]:
        """The bytes that each id adds to a text; none for the end of a document and for an id without a token."""
        tokens = [self.token(token) for token in range(self.vocab_size)]
        return [b"" if token == self.end_of_document or not text else self._spelling.token_bytes(text) for token, text in enumerate(tokens)]

    @property
    def mask(self) -> int | None:
        """The id for a hidden token, where the vocabulary came with one. It is a control token: no text encodes to it."""
        control = {each["content"]: int(each["id"]) for each in self._definition["added_tokens"] if each["special"]}
        return next((control[name] for name in MASKS if name in control), None)

    def token(self, token: int) -> str:
        """The name of an id in tokenizer.json; empty for an id that has no token."""
        return str(self._inner.id_to_token(token) or "")


def _with_ends(ids: NDArray[np.uint32], offsets: NDArray[np.int64], end_token: int | None) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    if end_token is None:
        return ids, offsets
    return np.insert(ids, offsets[1:], np.uint32(end_token)), offsets + np.arange(len(offsets))


class StreamDecoder:
    """Decodes ids as they are generated, and never gives half a character: its bytes wait for the rest."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._bytes = tokenizer.token_bytes
        self._opening_blank = tokenizer.opening_blank
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def feed(self, token: int) -> str:
        text = self._decoder.decode(self._bytes[token])
        if self._opening_blank and text:
            self._opening_blank, text = False, text.removeprefix(" ")
        return text

    def finish(self) -> str:
        """Return the rest: U+FFFD where the last character stayed incomplete."""
        return self._decoder.decode(b"", final=True)
