"""journal.jsonl: one JSON object a line, appended as things happen. It is the truth about a run; every other place is a copy."""

import json
import math
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from assay.errors import DataError, MachineError
from assay.files import now

START = "start"  # kind of the first line


class Journal:
    """Appends whole lines to one file, unbuffered: a killed process loses at most the line it was writing."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        self._cut_torn_line()

    def write(self, kind: str, **values: Any) -> None:
        """Raises MachineError where the disk takes no more; the lines before stay as they are."""
        line = json.dumps({"kind": kind, "time": round(now(), 3), **values}, allow_nan=False).encode() + b"\n"
        try:
            written = os.write(self._handle, line)
        except OSError as error:
            raise MachineError(f"{self.path} can't be written: {error.strerror}.\n  Make room, then type the same command again.") from None
        if written < len(line):
            self._cut_torn_line()
            raise MachineError(f"{self.path} can't be written: the disk is full.\n  Make room, then type the same command again.")

    def _cut_torn_line(self) -> None:
        """Cut off what a kill or a full disk left of a line."""
        data = self.path.read_bytes()
        whole = data.rfind(b"\n") + 1
        if whole < len(data):
            os.ftruncate(self._handle, whole)

    def close(self) -> None:
        os.close(self._handle)


def finite(metrics: Mapping[str, float]) -> dict[str, float]:
    """The metrics that are numbers: infinity and NaN are neither JSON nor, in MLflow, what they were."""
    return {name: value for name, value in metrics.items() if math.isfinite(value)}


def read_journal(path: Path) -> Iterator[dict[str, Any]]:
    """Its lines in order; a last line cut by a kill is left out."""
    for entry, _ in read_journal_from(path, 0):
        yield entry


def read_journal_from(path: Path, start: int) -> Iterator[tuple[dict[str, Any], int]]:
    """The lines after the first `start` bytes, each with the number of bytes up to its end. Raises DataError for what is no line."""
    with path.open("rb") as stream:
        stream.seek(start)
        for line in stream:
            if not line.endswith(b"\n"):
                return
            start += len(line)
            entry = _object(line)
            if entry is None:
                raise DataError(f"{path} was altered: no JSON object before byte {start}.")
            yield entry, start


def start_of(path: Path) -> dict[str, Any] | None:
    """The first line of a journal; None if it is not there yet, or cut."""
    try:
        with path.open("rb") as stream:
            first = stream.readline()
    except OSError:
        return None
    entry = _object(first) if first.endswith(b"\n") else None
    return entry if entry and entry.get("kind") == START else None


def _object(line: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def last_status(path: Path) -> str:
    statuses = [entry["status"] for entry in read_journal(path) if entry["kind"] == "status"]
    return str(statuses[-1]) if statuses else "running"
