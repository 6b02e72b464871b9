"""Corpora for the fault tests of the data pipeline, and what their cards must hold."""

import json
from pathlib import Path
from typing import Any

import yaml

PROSE = [f"Sentence number {number} says something that no other one says.\n" for number in range(40)]


def corpus(project: Path, name: str = "hostile", **source: Any) -> Path:
    """Declare data=NAME on a folder of the project, and return the folder."""
    folder = project / f"{name}_text"
    folder.mkdir(exist_ok=True)
    sources = [{"folder": folder.name, **source}]
    data = {"language": "en", "licence": "none", "validation_fraction": 0.2, "test_fraction": 0.2, "workers": 1, "sources": sources}
    (project / f"conf/data/{name}.yaml").write_text(yaml.safe_dump(data))
    return folder


def card_of(project: Path, name: str = "hostile") -> dict[str, Any]:
    found: dict[str, Any] = json.loads((project / f"data/clean/{name}/card.json").read_bytes())
    return found


def adds_up(card: dict[str, Any]) -> bool:
    counts = [(card["documents"], card["dropped_by_reason"]), *((each["documents"], each["dropped_by_reason"]) for each in card["sources"])]
    return all(found["read"] == found["kept"] + found["dropped"] and found["dropped"] == sum(why.values()) for found, why in counts)
