"""Recipes that ask for more than sizes, from files to splits."""

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow.parquet as parquet
import pytest

from assay.data.clean import clean
from assay.data.cleaning.schema import CleaningSchema
from assay.data.near.settings import NearDedupSettings
from assay.data.recipe import layers_of

Corpus = Callable[..., SimpleNamespace]
WORDS = "the river carried a basket of apples past the narrow road before breakfast while nobody in town was looking"


def test_a_recipe_without_rules_measures_nothing() -> None:
    assert layers_of(CleaningSchema()) == []


def test_each_rule_asks_for_its_own_measurement() -> None:
    chosen = CleaningSchema(languages=["en"], bad_words="drop", near_dedup=NearDedupSettings())
    assert [layer.name for layer in layers_of(chosen)] == ["language", "bad_words", "signatures"]


def variants(number: int, words: int = 150) -> str:
    """A text of its own, whose copies differ in one word."""
    own = [f"{word}{number * 7 + place % 11}" for place, word in enumerate(WORDS.split() * 9)][:words]
    return " ".join(own)


def near(text: str, word: str) -> str:
    parts = text.split()
    return " ".join([*parts[:70], word, *parts[71:]])


def kept(made: SimpleNamespace) -> tuple[dict[str, list[str]], dict[str, Any]]:
    folder: Path = made.root / "out"
    clean(made.config, folder, made.root, made.say)
    texts = {split: parquet.read_table(folder / f"{split}.parquet").column("text").to_pylist() for split in ("train", "val", "test")}
    return texts, json.loads((folder / "card.json").read_bytes())


@pytest.mark.parametrize("action", ["drop", "mark"])
def test_of_near_repeats_one_stays_or_all_share_a_split(corpus: Corpus, action: str) -> None:
    originals = [variants(number) for number in range(12)]
    texts = [text for original in originals for text in (original, near(original, "other"), near(original, "third"))]
    made = corpus(
        {"a.txt": "\n".join(texts).encode()}, source={"format": "lines"}, cleaning={"near_dedup": NearDedupSettings(action=action)}
    )
    found, card = kept(made)
    if action == "drop":
        assert card["dropped_by_reason"] == {"near_duplicate": 24}
        assert sum(map(len, found.values())) == 12
    else:
        assert sum(map(len, found.values())) == 36
        for original in originals:
            family = {original, near(original, "other"), near(original, "third")}
            assert sum(bool(family & set(split)) for split in found.values()) == 1


def test_documents_in_other_languages_are_dropped_by_their_text(corpus: Corpus) -> None:
    english = [f"This is a sentence that I wrote about the number {number} because it was there." for number in range(12)]
    german = [f"Das ist ein Satz, den ich über die Zahl {number} geschrieben habe, weil sie da war." for number in range(5)]
    made = corpus({"a.txt": "\n".join([*english, *german]).encode()}, source={"format": "lines"}, cleaning={"languages": ["en"]})
    found, card = kept(made)
    assert card["dropped_by_reason"] == {"language": 5}
    assert sorted(text for split in found.values() for text in split) == sorted(english)
