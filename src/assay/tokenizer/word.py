"""Whole words as tokens: the oldest vocabulary of all."""

from collections.abc import Iterator

import tokenizers
from tokenizers import decoders, models, pre_tokenizers

from assay.tokenizer.alphabet import BYTE_CHARACTERS, END_OF_DOCUMENT, end_of_document, spelled
from assay.tokenizer.schema import WordSchema
from assay.tokenizer.words import word_counts

WORD_FREQUENCY = 2
"""A word seen once teaches nothing about the language."""


class Word:
    """One token per frequent word, with the blank before it; id 0 ends a document, then the 256 bytes, which spell every other word.

    Words are those of GPT-2's pattern. Chinese has no blanks, so a run of characters is one word: choose another kind for it.
    """

    def __init__(self, config: WordSchema) -> None:
        self.config = config

    def learn(self, texts: Iterator[str]) -> tokenizers.Tokenizer:
        counts = [(word, count) for word, count in word_counts(texts) if count >= WORD_FREQUENCY and len(word) > 1]
        counts.sort(key=lambda pair: (-pair[1], pair[0]))
        vocabulary = {END_OF_DOCUMENT: 0} | {character: 1 + place for place, character in enumerate(sorted(BYTE_CHARACTERS))}
        for word, _ in counts[: self.config.vocab_size - len(vocabulary)]:
            vocabulary[spelled(word)] = len(vocabulary)
        # `ignore_merges` takes a word that is in the vocabulary whole; without merges any other is left in bytes.
        tokenizer = tokenizers.Tokenizer(models.BPE(vocab=vocabulary, merges=[], ignore_merges=True))
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
        tokenizer.decoder = decoders.ByteLevel()
        tokenizer.add_special_tokens([end_of_document()])
        return tokenizer
