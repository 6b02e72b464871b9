"""Differences between the inputs of two runs: setting by setting, file by file, package by package."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from assay.tracking.identity import Identity
from assay.tracking.lookup import RunEntry, all_runs

LONG = 60


def moved(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """A line for each value of nested mappings that differs: `config model.dropout: 0.0 then, 0.1 now`."""
    was, is_ = _flat(before), _flat(now)
    lines = []
    for name in sorted({*was, *is_}):
        old, new = was.get(name), is_.get(name)
        if old == new:
            continue
        if isinstance(old, list) and isinstance(new, list):
            gone, come = [x for x in old if x not in new], [x for x in new if x not in old]
            lines.append(f"{name}: " + "; ".join([f"{_short(gone)} then only"] * bool(gone) + [f"{_short(come)} now only"] * bool(come)))
        else:
            lines.append(f"{name}: {_short(old)} then, {_short(new)} now")
    return lines


def _flat(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """The first level is a part of the identity, set off by a space; the keys below are joined by dots, or are names of files."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        full = f"{prefix}{name}"
        if isinstance(value, Mapping):
            found |= _flat(value, f"{full}." if prefix else f"{full} ")
        else:
            found[full] = value
    return found


def _short(value: Any) -> str:
    text = "nothing" if value is None else value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= LONG else text[:12] + "..." if " " not in text else text[:LONG] + "..."


def recorded_inputs(entry: RunEntry) -> dict[str, Any]:
    """Empty for a run that ended before it had written them."""
    try:
        facts: dict[str, Any] = json.loads((Path(entry.folder) / "provenance.json").read_bytes())
    except (OSError, ValueError):
        return {}
    inputs: dict[str, Any] = facts["inputs"]
    return inputs


def nearest_run(identity: Identity) -> tuple[RunEntry, list[str]] | None:
    """The run that shares most parts with this identity, of those a finished one, the newest, and what moved since."""
    runs = all_runs()
    if not runs:
        return None
    nearest = max(runs, key=lambda run: (sum(run.parts.get(name) == value for name, value in identity.parts.items()), run.finished))
    before = recorded_inputs(nearest)
    return (nearest, moved(before, identity.inputs)) if before else None
