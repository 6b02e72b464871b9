"""The card of a tokenizer, measured on the validation split: what a text costs in tokens, and that nothing is lost."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from assay.errors import DataError
from assay.files import readable_json
from assay.tokenizer.tokenizer import Tokenizer

BATCH_DOCUMENTS = 512
MEASURED_BYTES = 4_000_000
"""Bytes of the validation split's first documents that are measured: a rate is known to a thousandth by then."""
_HAN_RUNS = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af]+")
_WORDS = re.compile("[a-zA-Z]+")


@dataclass
class _Totals:
    documents: int = 0
    utf8_bytes: int = 0
    characters: int = 0
    words: int = 0
    tokens: int = 0
    partial: int = 0
    unknown: int = 0
    han: int = 0
    han_tokens: int = 0
    same: int = 0
    languages: dict[str, list[int]] = field(default_factory=dict)
    """Documents, bytes, words and tokens by language."""


def tokenizer_card(
    tokenizer: Tokenizer, kind: str, corpus: str, asked_vocab_size: int, texts: Iterable[str], language: str = "en"
) -> dict[str, Any]:
    """`language`: what the corpus declares. Time is left out, so that the card is the same bytes on every machine.

    Raises DataError if a text does not come back as it was though the kind is lossless, which would be a fault of the tokenizer.
    """
    totals = _Totals()
    partial = np.array([_spells_a_part(piece) for piece in tokenizer.token_bytes])
    remaining = iter(texts)
    while totals.utf8_bytes < MEASURED_BYTES and (batch := list(islice(remaining, BATCH_DOCUMENTS))):
        _count(totals, tokenizer, batch, partial, language)
    return {
        "corpus": corpus,
        "kind": kind,
        "vocab_size": tokenizer.vocab_size,
        "vocab_size_asked": asked_vocab_size,
        "end_of_document": tokenizer.end_of_document,
        "tokenizer_sha256": tokenizer.sha256,
        "measured_on": {"split": "val", "documents": totals.documents, "utf8_bytes": totals.utf8_bytes, "tokens": totals.tokens},
        "bytes_per_token": _ratio(totals.utf8_bytes, totals.tokens),
        "characters_per_token": _ratio(totals.characters, totals.tokens),
        "tokens_per_word": _ratio(totals.tokens, totals.words),
        "tokens_per_han_character": _ratio(totals.han_tokens, totals.han),
        "languages": {name: _language(numbers) for name, numbers in sorted(totals.languages.items())},
        "may_be_unknown": tokenizer.unknown is not None,
        "unknown_rate": _ratio(totals.unknown, totals.tokens) or 0.0,
        "partial_character_rate": _ratio(totals.partial, totals.tokens),
        "round_trip": "exact" if tokenizer.lossless else _round_trip(totals),
    }


def _spells_a_part(piece: bytes) -> bool:
    """Whether a token is a piece of a character's bytes: how a character outside the vocabulary is spelled."""
    try:
        piece.decode()
    except UnicodeDecodeError:
        return True
    return False


def _count(
    totals: _Totals, tokenizer: Tokenizer, texts: list[str], partial: "np.ndarray[tuple[int], np.dtype[np.bool_]]", language: str
) -> None:
    encoded = tokenizer.encode_batch(texts)
    for text, ids in zip(texts, encoded, strict=True):
        same = tokenizer.decode(ids.tolist()) == text
        if tokenizer.lossless and not same:
            raise DataError(
                f"the tokenizer does not give this text back: {text[:80]!r}\n  This is a fault of the tokenizer; no token file was made."
            )
        size_bytes, words = len(text.encode()), len(text.split())
        totals.documents += 1
        totals.same += same
        totals.utf8_bytes += size_bytes
        totals.characters += len(text)
        totals.words += words
        totals.tokens += len(ids)
        totals.partial += int(partial[ids].sum())
        totals.unknown += int((ids == tokenizer.unknown).sum()) if tokenizer.unknown is not None else 0
        numbers = totals.languages.setdefault(_language_of(text, language), [0, 0, 0, 0])
        for place, number in enumerate((1, size_bytes, words, len(ids))):
            numbers[place] += number
    runs = [run for text in texts for run in _HAN_RUNS.findall(text)]
    totals.han += sum(map(len, runs))
    totals.han_tokens += sum(len(ids) for ids in tokenizer.encode_batch(runs)) if runs else 0


def _language_of(text: str, declared: str) -> str:
    """Chinese where Han characters outnumber the words of other scripts; else what the corpus declares, which is then not Chinese."""
    han = sum(map(len, _HAN_RUNS.findall(text)))
    if han > len(_WORDS.findall(text)):
        return "zh"
    return "en" if declared == "zh" else declared


def _language(numbers: list[int]) -> dict[str, float | int | None]:
    documents, size_bytes, words, tokens = numbers
    return {"documents": documents, "bytes_per_token": _ratio(size_bytes, tokens), "tokens_per_word": _ratio(tokens, words)}


def _round_trip(totals: _Totals) -> str:
    return f"{totals.same:,} of {totals.documents:,} documents come back as they were; the kind does not promise it (white space, unknown words)"


def _ratio(above: int, below: int) -> float | None:
    return round(above / below, 4) if below else None


def write_card(folder: Path, card: dict[str, Any]) -> None:
    (folder / "card.json").write_bytes(readable_json(card))
    (folder / "CARD.md").write_text(_readable(card), encoding="utf-8")


def _readable(card: dict[str, Any]) -> str:
    measured = card["measured_on"]
    smaller = card["vocab_size"] < card["vocab_size_asked"]
    note = f" ({card['vocab_size_asked']:,} asked for; the training text gives no more)" if smaller else ""
    rows = {
        "bytes per token": card["bytes_per_token"],
        "characters per token": card["characters_per_token"],
        "tokens per word (fertility; words between blanks)": card["tokens_per_word"],
        "tokens per Han character": card["tokens_per_han_character"],
        "unknown tokens": f"{card['unknown_rate']:.4%}" if card["may_be_unknown"] else "none: every byte can be spelled",
        "tokens that are part of a character": f"{card['partial_character_rate']:.2%}",
        "round trip of every document": card["round_trip"],
    }
    for name, numbers in card["languages"].items():
        rows[f"{name}: bytes per token, tokens per word"] = f"{numbers['bytes_per_token']}, {numbers['tokens_per_word']}"
    lines = [f"| {name} | {'none in the text' if value is None else value} |" for name, value in rows.items()]
    return (
        "\n".join(
            [
                f"# Tokenizer {card['kind']} of corpus {card['corpus']}\n",
                f"- vocabulary: {card['vocab_size']:,} tokens{note}; end of document: id {card['end_of_document']}",
                f"- measured on: validation split, {measured['documents']:,} documents, {measured['utf8_bytes']:,} bytes, {measured['tokens']:,} tokens",
                f"- sha256 of tokenizer.json: {card['tokenizer_sha256']}\n",
                "| measure | value |",
                "| --- | --- |",
                *lines,
            ]
        )
        + "\n"
    )
