"""Learns a vocabulary from the training split. Every kind is saved as Hugging Face tokenizer.json and learned without randomness."""

import re
from collections import Counter
from collections.abc import Iterator

import tokenizers
from tokenizers import AddedToken, decoders, models, pre_tokenizers, trainers

from assay.tokenizer.alphabet import BYTE_CHARACTERS, END_OF_DOCUMENT, byte_token
from assay.tokenizer.schema import BpeSchema, ByteSchema, CharSchema

MERGE_FREQUENCY = 2
"""A pair seen once teaches nothing about the language."""
WORD_LIMIT_CHARACTERS = 1000
"""While learning; in encoding a word may be of any length."""
_RUN = re.compile(r"[^\W\d_]+|\d+|(?:[^\w\s]|_)+|\s+")
"""What GPT-2's pattern takes as one word at most: letters, digits, other marks, or white space."""
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
        tokenizer.add_special_tokens([_end()])
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
        tokenizer.add_special_tokens([_end()])
        return tokenizer


class Bpe:
    """Byte-level byte pair encoding: id 0 ends a document, then the 256 bytes, then merges, the most frequent first.

    Merges stay inside the words of GPT-2's pre-tokenizer. A small corpus gives fewer merges than asked for, and a smaller vocabulary.
    """

    def __init__(self, config: BpeSchema) -> None:
        self.config = config

    def learn(self, texts: Iterator[str]) -> tokenizers.Tokenizer:
        tokenizer = tokenizers.Tokenizer(models.BPE())
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
        tokenizer.decoder = decoders.ByteLevel()
        trainer = trainers.BpeTrainer(
            vocab_size=self.config.vocab_size,
            min_frequency=MERGE_FREQUENCY,
            special_tokens=[_end()],
            initial_alphabet=sorted(BYTE_CHARACTERS),
            show_progress=False,
        )
        tokenizer.train_from_iterator((piece for text in texts for piece in without_long_words(text)), trainer)
        return tokenizer


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


def _end() -> AddedToken:
    return AddedToken(END_OF_DOCUMENT, special=True, normalized=False)
