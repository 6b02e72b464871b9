"""Text to token ids and back, losslessly: decode(encode(text)) is text, for every text."""

import codecs
import json
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
import tokenizers

from assay.errors import DataError
from assay.files import sha256_bytes, verify_manifest
from assay.tokenizer.alphabet import END_OF_DOCUMENT, bytes_of

TOKENIZER_FILE = "tokenizer.json"


class Tokenizer:
    """A learned vocabulary. No text, not even one that spells `<|endoftext|>`, ever encodes to `end_of_document`."""

    def __init__(self, content: bytes) -> None:
        """`content` is a tokenizer.json that this project wrote."""
        self.sha256 = sha256_bytes(content)
        self._inner = tokenizers.Tokenizer.from_buffer(content)
        # The library's default reads control tokens out of document text. Not stored in the file, so set on every load.
        self._inner.encode_special_tokens = True
        end = self._inner.token_to_id(END_OF_DOCUMENT)
        if end is None:
            raise DataError(f"this tokenizer has no {END_OF_DOCUMENT} token, so documents could not be told apart.")
        self.end_of_document: int = end
        self.vocab_size: int = self._inner.get_vocab_size(with_added_tokens=True)
        self._byte_level = "ByteLevel" in json.dumps(json.loads(content).get("decoder"))
        self._only_bytes = self._byte_level and self.vocab_size == 257 and end == 256

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
        """Token ids of each text, in their order, as uint32. Uses every core."""
        if self._only_bytes:
            return [np.frombuffer(text.encode(), dtype=np.uint8).astype(np.uint32) for text in texts]
        encoded = self._inner.encode_batch_fast(list(texts), add_special_tokens=False)
        return [np.array(encoding.ids, dtype=np.uint32) for encoding in encoded]

    def decode(self, ids: Iterable[int]) -> str:
        """The text; bytes that form no character become U+FFFD, and an end of document becomes nothing."""
        return b"".join([self.token_bytes[token] for token in ids]).decode("utf-8", "replace")

    @cached_property
    def token_bytes(self) -> list[bytes]:
        """The bytes that each id adds to a text; none for the end of a document."""
        tokens = [self.token(token) for token in range(self.vocab_size)]
        return [b"" if token == self.end_of_document else bytes_of(text, self._byte_level) for token, text in enumerate(tokens)]

    def token(self, token: int) -> str:
        """The name of an id in tokenizer.json."""
        return str(self._inner.id_to_token(token))


class StreamDecoder:
    """Decodes ids as they are generated, and never gives half a character: its bytes wait for the rest."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._bytes = tokenizer.token_bytes
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def feed(self, token: int) -> str:
        return self._decoder.decode(self._bytes[token])

    def finish(self) -> str:
        """What is left: U+FFFD where the last character stayed incomplete."""
        return self._decoder.decode(b"", final=True)
