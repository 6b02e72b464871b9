"""journal.jsonl: one JSON object a line, appended as things happen. It is the truth about a run; every other place is a copy."""

import json
import math
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from assay.files import now


class Journal:
    """Appends whole lines to one file, unbuffered: a killed process loses at most the line it was writing."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)

    def write(self, kind: str, **values: Any) -> None:
        line = json.dumps({"kind": kind, "time": round(now(), 3), **values}, allow_nan=False)
        os.write(self._handle, line.encode() + b"\n")

    def close(self) -> None:
        os.close(self._handle)


def finite(metrics: Mapping[str, float]) -> dict[str, float]:
    """The metrics that are numbers: infinity and NaN are neither JSON nor, in MLflow, what they were."""
    return {name: value for name, value in metrics.items() if math.isfinite(value)}


def read_journal(path: Path) -> Iterator[dict[str, Any]]:
    """Its lines in order; a last line cut by a kill is left out."""
    with path.open("rb") as stream:
        for line in stream:
            if line.endswith(b"\n"):
                yield json.loads(line)
