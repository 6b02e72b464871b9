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
from assay.data.near.settings import DecontaminationSettings, NearDedupSettings
from assay.data.recipe import layers_of
from assay.errors import DataError

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


def test_documents_that_hold_evaluation_text_are_dropped_and_the_report_names_the_set(corpus: Corpus) -> None:
    sentences = [variants(number, words=40) for number in range(12)]
    made = corpus({"a.txt": "\n".join(sentences).encode()}, source={"format": "lines"})
    clean(made.config, made.root / "data/clean/exam", made.root, made.say)
    leaked = [f"Look what I found: {sentences[number]} Was it not fine?" for number in (1, 5)]
    own = [variants(number, words=40) for number in range(50, 60)]
    content = "\n".join([*leaked, *own]).encode()
    settings = DecontaminationSettings(against=["exam"])
    made = corpus({"a.txt": content}, source={"format": "lines"}, cleaning={"decontaminate": settings})
    found, card = kept(made)
    assert card["dropped_by_reason"] == {"contaminated": 2}
    assert sorted(text for split in found.values() for text in split) == sorted(own)
    page = (made.root / "out/report.html").read_text(encoding="utf-8")
    assert "Evaluation sets in the text" in page
    assert '<td>exam</td><td class="number">2</td>' in page


@pytest.mark.fault("D13", inject="a corpus of which 2 in 12 documents hold text of an evaluation set, allowed or not, dropped or marked")
@pytest.mark.parametrize("action", ["drop", "mark"])
def test_contaminated_documents_are_counted_and_refused_above_a_share(corpus: Corpus, action: str) -> None:
    sentences = [variants(number, words=40) for number in range(12)]
    made = corpus({"a.txt": "\n".join(sentences).encode()}, source={"format": "lines"})
    clean(made.config, made.root / "data/clean/exam", made.root, made.say)
    texts = [*(f"Look: {sentences[number]}" for number in (1, 5)), *(variants(number, words=40) for number in range(50, 60))]
    content = "\n".join(texts).encode()
    for at_most in (0.17, 0.16):
        settings = DecontaminationSettings(against=["exam"], action=action, at_most=at_most)  # type: ignore[arg-type]
        made = corpus({"a.txt": content}, source={"format": "lines"}, cleaning={"decontaminate": settings})
        if at_most == 0.17:
            _, card = kept(made)
            assert card["contaminated_by_evaluation_set"] == {"exam": 2}
            assert card["documents"]["kept"] == (10 if action == "drop" else 12)
            continue
        before = (made.root / "out/manifest.json").read_bytes()
        with pytest.raises(DataError, match=r"2 of 12 documents share .*\(2 with exam\), more than .*at_most=0\.16(?s:.*)at_most=0\.167"):
            kept(made)
        assert (made.root / "out/manifest.json").read_bytes() == before


def test_an_evaluation_set_that_is_not_there_is_named_with_its_command(corpus: Corpus, lines: bytes) -> None:
    made = corpus({"a.txt": lines}, source={"format": "lines"}, cleaning={"decontaminate": DecontaminationSettings(against=["exam"])})
    with pytest.raises(DataError, match=r"python src/clean\.py data=exam"):
        clean(made.config, made.root / "out", made.root, made.say)
