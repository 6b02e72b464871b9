"""The card of a tokenizer, measured on the validation split: what a text costs in tokens, and that nothing is lost."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from assay.errors import DataError
from assay.files import readable_json
from assay.tokenizer.tokenizer import Tokenizer

BATCH_DOCUMENTS = 512
_HAN_RUNS = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af]+")


@dataclass
class _Totals:
    documents: int = 0
    utf8_bytes: int = 0
    characters: int = 0
    words: int = 0
    tokens: int = 0
    partial: int = 0
    han: int = 0
    han_tokens: int = 0


def tokenizer_card(tokenizer: Tokenizer, kind: str, corpus: str, asked_vocab_size: int, texts: Iterable[str]) -> dict[str, Any]:
    """Raises DataError if a text does not come back as it was, which would be a fault of the tokenizer."""
    totals = _Totals()
    partial = np.array([_spells_a_part(piece) for piece in tokenizer.token_bytes])
    remaining = iter(texts)
    while batch := list(islice(remaining, BATCH_DOCUMENTS)):
        _count(totals, tokenizer, batch, partial)
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
        "unknown_rate": 0.0,
        "partial_character_rate": _ratio(totals.partial, totals.tokens),
        "round_trip": "exact",
    }


def _spells_a_part(piece: bytes) -> bool:
    """Whether a token is a piece of a character's bytes: how a character outside the vocabulary is spelled."""
    try:
        piece.decode()
    except UnicodeDecodeError:
        return True
    return False


def _count(totals: _Totals, tokenizer: Tokenizer, texts: list[str], partial: "np.ndarray[tuple[int], np.dtype[np.bool_]]") -> None:
    encoded = tokenizer.encode_batch(texts)
    for text, ids in zip(texts, encoded, strict=True):
        if tokenizer.decode(ids.tolist()) != text:
            raise DataError(
                f"the tokenizer does not give this text back: {text[:80]!r}\n  This is a fault of the tokenizer; no token file was made."
            )
        totals.documents += 1
        totals.utf8_bytes += len(text.encode())
        totals.characters += len(text)
        totals.words += len(text.split())
        totals.tokens += len(ids)
        totals.partial += int(partial[ids].sum())
    runs = [run for text in texts for run in _HAN_RUNS.findall(text)]
    totals.han += sum(map(len, runs))
    totals.han_tokens += sum(len(ids) for ids in tokenizer.encode_batch(runs)) if runs else 0


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
        "unknown tokens": "none: every byte can be spelled",
        "tokens that are part of a character": f"{card['partial_character_rate']:.2%}",
        "round trip of every document": card["round_trip"],
    }
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
