"""What a corpus's own training documents hold of its validation and test documents."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from assay.data import held_out as module
from assay.data.clean import clean
from assay.data.near import held_out as near
from assay.data.near.settings import HeldOutSettings, NearDedupSettings
from assay.data.shards import read_texts
from assay.errors import DataError

Corpus = Callable[..., SimpleNamespace]
WORDS = 5


def prose(number: int) -> str:
    return " ".join(f"w{(number * 7919 + place * 104729) % 100_003}" for place in range(40))


@pytest.fixture
def made(corpus: Corpus) -> SimpleNamespace:
    """Sixty documents in three forms each: as it is, with a word in the middle changed, and the half of it."""
    texts = []
    for number in range(60):
        words = prose(number).split()
        texts += [" ".join(words), " ".join([*words[:20], f"other{number}", *words[21:]]), " ".join([*words[:20], f"end{number}"])]
    return corpus({"a.txt": "\n".join(["too short", "short too", *texts]).encode()}, source={"format": "lines"})


def cleaned(made: SimpleNamespace, **settings: Any) -> dict[str, Any]:
    chosen = HeldOutSettings(**{"words": WORDS, "at_most": 1.0, **settings})
    clean(replace(made.config, cleaning=replace(made.config.cleaning, held_out=chosen)), made.root / "out", made.root, made.say)
    found: dict[str, Any] = json.loads((made.root / "out/card.json").read_bytes())["held_out"]
    return found


def grams(text: str) -> list[tuple[str, ...]]:
    words = text.split()
    return [tuple(words[place : place + WORDS]) for place in range(len(words) - WORDS + 1)]


def counted(folder: Path, split: str, share: float) -> dict[str, int]:
    read = {gram for _, text in read_texts(folder, "train") for gram in grams(text)}
    found = [(len(grams(text)), sum(gram in read for gram in grams(text))) for _, text in read_texts(folder, split)]
    return {
        "looked_for": sum(count > 0 for count, _ in found),
        "known": sum(count > 0 and hits >= share * count for count, hits in found),
        "with_any": sum(hits > 0 for _, hits in found),
        "ngrams": sum(count for count, _ in found),
        "ngrams_in_training": sum(hits for _, hits in found),
    }


@pytest.mark.parametrize("share", [0.5, 0.8, 1.0])
def test_the_card_counts_what_the_written_documents_share(made: SimpleNamespace, share: float) -> None:
    card = cleaned(made, share=share)
    expected = {split: counted(made.root / "out", split, share) for split in ("val", "test")}
    assert card["splits"] == expected
    assert (share < 1) <= sum(each["known"] for each in expected.values()) < sum(each["with_any"] for each in expected.values())
    assert card["looked_for"] + card["too_short"] == card["documents"]
    assert card["looked_for"] == sum(each["looked_for"] for each in expected.values())
    readable = (made.root / "out/CARD.md").read_text(encoding="utf-8")
    assert f"of val {expected['val']['known']:,} of {expected['val']['looked_for']:,} documents by at least {share:.0%}" in readable
    page = (made.root / "out/report.html").read_text(encoding="utf-8")
    assert "Validation and test text in the training text" in page
    known = [name for split in ("val", "test") for name, _ in read_texts(made.root / "out", split) if f"<td>{name}</td>" in page]
    assert len(known) == module.SHOWN


def test_too_many_known_documents_are_refused_and_what_was_there_stays(made: SimpleNamespace) -> None:
    card = cleaned(made)
    count = sum(each["known"] for each in card["splits"].values())
    bound = count / card["looked_for"]
    cleaned(made, at_most=bound)
    before = (made.root / "out/manifest.json").read_bytes()
    with pytest.raises(DataError, match=rf"mine: {count} of {card['looked_for']} validation and test documents are known") as caught:
        cleaned(made, at_most=bound - 0.001)
    assert (made.root / "out/manifest.json").read_bytes() == before
    assert "'cleaning.near_dedup={}'" in str(caught.value)
    allowed = float(str(caught.value).rpartition("at_most=")[2])
    cleaned(made, at_most=allowed)
    made.config = replace(made.config, cleaning=replace(made.config.cleaning, near_dedup=NearDedupSettings(threshold=0.5)))
    assert sum(each["known"] for each in cleaned(made, at_most=allowed)["splits"].values()) < count, "near repeats fall into one split"


def test_what_is_in_force_already_is_not_advised(made: SimpleNamespace) -> None:
    made.config = replace(made.config, cleaning=replace(made.config.cleaning, near_dedup=NearDedupSettings(threshold=1.0)))
    with pytest.raises(DataError, match=r"cleaning\.near_dedup is in force and does not join them") as caught:
        cleaned(made, at_most=0.0)
    assert "near_dedup={}" not in str(caught.value)
    assert "threshold of 1" in str(caught.value)


def test_a_sample_is_called_one_and_depends_on_ids_alone(made: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = cleaned(made)
    monkeypatch.setattr(near, "SAMPLE_BYTES", 2000)
    part = cleaned(made)
    assert part["looked_for"] + part["too_short"] < whole["documents"] == part["documents"]
    assert f"of {part['looked_for'] + part['too_short']} documents of the {whole['documents']}" in (made.root / "out/CARD.md").read_text()
    monkeypatch.setattr(module, "FETCHED_BYTES", 100)
    made.config = replace(made.config, data=replace(made.config.data, workers=2))
    assert cleaned(made) == part
