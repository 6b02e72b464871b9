import json
import re
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace

import pytest

from assay.data.clean import clean, plan

Corpus = Callable[..., SimpleNamespace]


@pytest.fixture
def made(corpus: Corpus, lines: bytes) -> SimpleNamespace:
    return corpus({"a.txt": lines + b"x\ndocument number 1 says hello\n"}, source={"format": "lines"}, cleaning={"min_characters": 5})


def counts(table: str) -> dict[str, list[int]]:
    """Name of a row -> its numbers."""
    found = re.findall(r"^(\S.*?)((?: +[-+]?[\d,]+)+)$", table, re.M)
    return {name: [int(number.replace(",", "")) for number in numbers.split()] for name, numbers in found}


def test_what_is_announced_is_what_cleaning_then_does(made: SimpleNamespace) -> None:
    target = made.root / "out"
    announced = counts(plan(made.config, target, made.root, made.say))
    assert not target.exists()
    clean(made.config, target, made.root, made.say)
    card = json.loads((target / "card.json").read_bytes())
    assert announced == {
        "kept": [card["documents"]["kept"]],
        "kept, bytes": [card["kept_bytes"]],
        **{f"dropped, {reason}": [count] for reason, count in card["dropped_by_reason"].items()},
    }
    assert announced["dropped, too_short"] == announced["dropped, duplicate"] == [1]


def test_another_threshold_is_held_beside_what_is_there(made: SimpleNamespace) -> None:
    target = made.root / "out"
    clean(made.config, target, made.root, made.say)
    before = {path.name: path.read_bytes() for path in target.iterdir()}
    looser = replace(made.config, cleaning=replace(made.config.cleaning, min_characters=1, exact_dedup=False))
    found = counts(plan(looser, target, made.root, made.say))
    assert found["dropped, too_short"] == found["dropped, duplicate"] == [1, 0, -1]
    now, then, change = found["kept"]
    assert (then - now, change) == (2, 2)
    assert {path.name: path.read_bytes() for path in target.iterdir()} == before


def test_a_folder_without_a_card_that_can_be_read_counts_as_none(made: SimpleNamespace) -> None:
    target = made.root / "out"
    target.mkdir()
    (target / "card.json").write_text("[]")
    assert len(counts(plan(made.config, target, made.root, made.say))["kept"]) == 1
