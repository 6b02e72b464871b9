"""WordPiece as BERT has it (Schuster & Nakajima 2012; Devlin et al. 2019)."""

from collections import Counter
from collections.abc import Iterator
from itertools import chain

import numpy as np
import tokenizers
from tokenizers import decoders, models, normalizers, pre_tokenizers

from assay.tokenizer.alphabet import CONTINUES, END_OF_DOCUMENT, UNKNOWN, end_of_document
from assay.tokenizer.schema import WordPieceSchema
from assay.tokenizer.words import merges_of

LONGEST_WORD_CHARACTERS = 100
"""A longer word is unknown, as in BERT: finding pieces takes quadratic time of its length."""
MERGE_FREQUENCY = 2


class WordPiece:
    """Pieces of words, `##` before one that goes on. Id 0 ends a document, 1 is what is unknown, then characters, then joined pieces.

    A Han character is a word of its own. White space is not kept, so a text does not come back as it was. The library's own trainer gives
    other bytes in every process (tokenizers#1794), so pieces are joined here by frequency, ties by id.
    """

    def __init__(self, config: WordPieceSchema) -> None:
        self.config = config

    def learn(self, texts: Iterator[str]) -> tokenizers.Tokenizer:
        normalizer = normalizers.BertNormalizer(
            clean_text=True, handle_chinese_chars=True, strip_accents=False, lowercase=self.config.lowercase
        )
        pieces = _learn(_count(texts, normalizer), self.config.vocab_size)
        model = models.WordPiece(
            vocab={piece: number for number, piece in enumerate(pieces)},
            unk_token=UNKNOWN,
            continuing_subword_prefix=CONTINUES,
            max_input_chars_per_word=LONGEST_WORD_CHARACTERS,
        )
        tokenizer = tokenizers.Tokenizer(model)
        tokenizer.normalizer = normalizer
        tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
        tokenizer.decoder = decoders.WordPiece(prefix=CONTINUES, cleanup=False)
        tokenizer.add_special_tokens([end_of_document()])
        return tokenizer


def _count(texts: Iterator[str], normalizer: normalizers.Normalizer) -> list[tuple[str, int]]:
    split = pre_tokenizers.BertPreTokenizer()
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(word for word, _ in split.pre_tokenize_str(normalizer.normalize_str(text)))
    return sorted((word, count) for word, count in counts.items() if len(word) <= LONGEST_WORD_CHARACTERS)


def _learn(words: list[tuple[str, int]], vocab_size: int) -> list[str]:
    """The vocabulary, in the order of ids: at first half of it for the most frequent characters, so that joined pieces have room.

    Where fewer pieces can be joined than there is room for, as of Han characters, which are words of their own, the room goes to further
    characters. So it is smaller than asked for only if the text has no further character, and no pair that comes twice.
    """
    frequent = _characters(words)
    alphabet = min(len(frequent), max(1, vocab_size // 2))
    while True:
        pieces = _joined(words, sorted(frequent[:alphabet]), vocab_size)
        if len(pieces) >= vocab_size or alphabet == len(frequent):
            return pieces
        alphabet = min(len(frequent), alphabet + vocab_size - len(pieces))


def _joined(words: list[tuple[str, int]], alphabet: list[str], vocab_size: int) -> list[str]:
    """Control tokens, the alphabet, and what is joined from it."""
    pieces = [END_OF_DOCUMENT, UNKNOWN, *alphabet]
    place = {piece: number for number, piece in enumerate(pieces)}
    known = [(symbols, count) for word, count in words if (symbols := _symbols(word, place))]
    offsets = np.zeros(len(known) + 1, dtype=np.int64)
    np.cumsum([len(symbols) for symbols, _ in known], out=offsets[1:])
    flat = np.fromiter(chain.from_iterable(symbols for symbols, _ in known), dtype=np.int32, count=int(offsets[-1]))
    weights = np.array([count for _, count in known], dtype=np.int64)
    spelled = [piece.encode() for piece in pieces]
    for left, right, merged in merges_of(flat, offsets, weights, spelled, vocab_size, MERGE_FREQUENCY, len(CONTINUES)).tolist():
        if merged == len(pieces):
            pieces.append(pieces[left] + pieces[right].removeprefix(CONTINUES))
    return pieces


def _characters(words: list[tuple[str, int]]) -> list[str]:
    """All characters, first in a word or going on, the most frequent first."""
    counts: Counter[str] = Counter()
    for word, count in words:
        counts[word[0]] += count
        for character in word[1:]:
            counts[CONTINUES + character] += count
    return sorted(counts, key=lambda piece: (-counts[piece], piece))


def _symbols(word: str, place: dict[str, int]) -> list[int] | None:
    """None if a character is not in the alphabet: such a word is unknown."""
    symbols = [place.get(character if number == 0 else CONTINUES + character) for number, character in enumerate(word)]
    return [symbol for symbol in symbols if symbol is not None] if None not in symbols else None
