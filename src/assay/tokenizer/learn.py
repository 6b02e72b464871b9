"""Learns a vocabulary from the training split. Every kind is saved as Hugging Face tokenizer.json and learned without randomness."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain

import numpy as np
import tokenizers
from tokenizers import decoders, models, pre_tokenizers, trainers

from assay.tokenizer.alphabet import BYTE_CHARACTERS, END_OF_DOCUMENT, byte_token, bytes_of, end_of_document
from assay.tokenizer.schema import BpeSchema, ByteSchema, CharSchema
from assay.tokenizer.words import flat_bytes, merges_of, word_counts

MERGE_FREQUENCY = 2
"""A pair seen once teaches nothing about the language."""
COMPILED_FROM_CHARACTERS = 20_000_000
"""From here on the compiled learner, which gives the library's bytes at a tenth of the cost, pays for being compiled: some 14 s of CPU,
once in each new checkout."""
WORD_LIMIT_CHARACTERS = 1000
"""While learning; in encoding a word may be of any length."""
_RUN = re.compile(r"[^\W\d_]+|\d+|(?:[^\w\s]|_)+|\s+")
"""The longest runs that GPT-2's pattern takes as one word: letters, digits, other marks, or white space."""
_LONG_BLANK = re.compile(rf"\s{{{WORD_LIMIT_CHARACTERS}}}")


class Byte:
    """One token per byte: id = byte value, 256 ends a document."""

    def __init__(self, config: ByteSchema) -> None:
        self.config = config

    def learn(self, texts: Iterator[str]) -> tokenizers.Tokenizer:
        """There is nothing to learn; `texts` is not read."""
        vocabulary = {character: byte for byte, character in enumerate(BYTE_CHARACTERS)}
        tokenizer = tokenizers.Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
        tokenizer.decoder = decoders.ByteLevel()
        tokenizer.add_special_tokens([end_of_document()])
        return tokenizer


class Char:
    """One token per frequent character; ids 0 to 255 are bytes, which spell the others, and 256 ends a document."""

    def __init__(self, config: CharSchema) -> None:
        self.config = config

    def learn(self, texts: Iterator[str]) -> tokenizers.Tokenizer:
        counts: Counter[str] = Counter()
        for text in texts:
            counts.update(text)
        by_frequency = sorted(counts, key=lambda character: (-counts[character], ord(character)))
        vocabulary = {byte_token(byte): byte for byte in range(256)} | {END_OF_DOCUMENT: 256}
        for character in by_frequency[: self.config.vocab_size - len(vocabulary)]:
            vocabulary[character] = len(vocabulary)
        tokenizer = tokenizers.Tokenizer(models.BPE(vocab=vocabulary, merges=[], byte_fallback=True))
        tokenizer.decoder = decoders.Sequence([decoders.ByteFallback(), decoders.Fuse()])
        tokenizer.add_special_tokens([end_of_document()])
        return tokenizer


class Bpe:
    """Byte-level byte pair encoding: id 0 ends a document, then the 256 bytes, then merges, the most frequent first.

    Merges stay inside the words of GPT-2's pre-tokenizer. A small corpus gives fewer merges than asked for, and a smaller vocabulary.
    """

    def __init__(self, config: BpeSchema) -> None:
        self.config = config

    def learn(self, texts: Iterator[str]) -> tokenizers.Tokenizer:
        pieces = (piece for text in texts for piece in without_long_words(text))
        first, characters = list[str](), 0
        for piece in pieces:
            first.append(piece)
            characters += len(piece)
            if characters >= COMPILED_FROM_CHARACTERS:
                break
        model = self._compiled(chain(first, pieces)) if characters >= COMPILED_FROM_CHARACTERS else self._by_library(first)
        tokenizer = tokenizers.Tokenizer(model)
        tokenizer.pre_tokenizer = _gpt2_words()
        tokenizer.decoder = decoders.ByteLevel()
        tokenizer.add_special_tokens([end_of_document()])
        return tokenizer

    def _by_library(self, pieces: list[str]) -> models.BPE:
        tokenizer = tokenizers.Tokenizer(models.BPE())
        tokenizer.pre_tokenizer = _gpt2_words()
        trainer = trainers.BpeTrainer(
            vocab_size=self.config.vocab_size,
            min_frequency=MERGE_FREQUENCY,
            special_tokens=[end_of_document()],
            initial_alphabet=sorted(BYTE_CHARACTERS),
            show_progress=False,
        )
        tokenizer.train_from_iterator(pieces, trainer)
        model: models.BPE = tokenizer.model
        return model

    def _compiled(self, pieces: Iterable[str]) -> models.BPE:
        """The same, of the words' counts."""
        tokens = [END_OF_DOCUMENT, *sorted(BYTE_CHARACTERS)]
        place = {character: number for number, character in enumerate(tokens)}
        content, offsets, weights = flat_bytes(word_counts(pieces))
        symbols = np.array([place[character] for character in BYTE_CHARACTERS], dtype=np.int32)[content]
        alphabet = [END_OF_DOCUMENT.encode(), *(bytes_of(character, byte_level=True) for character in tokens[1:])]
        merges = list[tuple[str, str]]()
        for left, right, merged in merges_of(symbols, offsets, weights, alphabet, self.config.vocab_size, MERGE_FREQUENCY).tolist():
            merges.append((tokens[left], tokens[right]))
            if merged == len(tokens):
                tokens.append(tokens[left] + tokens[right])
        return models.BPE(vocab={token: number for number, token in enumerate(tokens)}, merges=merges)


def _gpt2_words() -> pre_tokenizers.ByteLevel:
    return pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)


def without_long_words(text: str) -> list[str]:
    """The text in pieces, so that no word of the pre-tokenizer is over the limit.

    The library learns in quadratic time of a word's length: 11 minutes for a run of a million letters.
    """
    if max(map(len, text.split()), default=0) <= WORD_LIMIT_CHARACTERS and not _LONG_BLANK.search(text):
        return [text]
    cuts = [0]
    for run in _RUN.finditer(text):
        cuts.extend(range(run.start() + WORD_LIMIT_CHARACTERS, run.end(), WORD_LIMIT_CHARACTERS))
    return [text[start:end] for start, end in zip(cuts, [*cuts[1:], len(text)], strict=True)]
