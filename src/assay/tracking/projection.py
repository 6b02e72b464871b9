"""Copies a run's journal into MLflow, in a thread of its own, so that a slow or broken store never slows training."""

import sys
import threading
import time
from pathlib import Path
from typing import Any

from assay.errors import AssayError
from assay.files import fsync_file
from assay.tracking.journal import read_journal_from, start_of
from assay.tracking.store import DeletedExperimentError, first_line
from assay.tracking.target import DeletedRunError, Target, milliseconds

BATCH_METRICS = 1000  # MLflow's limit for one call
FLUSH_SECONDS = 2.0
RETRY_SECONDS = 60.0
LAST_TRIES = 4  # another run may be writing just then
LAST_RETRY_SECONDS = 0.5
METRIC_KINDS = ("metrics", "evaluation", "checkpoint", "system")


class Copy:
    """One journal in one store. How far it was copied is known to the store, so any process can continue."""

    def __init__(self, journal: Path, target: Target) -> None:
        self.journal = journal
        self.target = target
        self._position: int | None = None  # unknown until the store was asked

    def advance(self) -> None:
        """Copy what is there. Raises what the store raises; called again, it asks the store what has arrived and sends the rest."""
        try:
            self._advance()
        except Exception:
            self._position = None  # a call may have done its work before it failed, or a person deleted the run
            raise

    def _advance(self) -> None:
        if self._position is None:
            start = start_of(self.journal)
            if start is None:
                return
            folder = self.journal.parent.relative_to(self.journal.parents[4]).as_posix()
            self._position = self.target.open(start, folder)
        if self.journal.stat().st_size > self._position:
            fsync_file(self.journal)  # a power cut must not leave the store ahead of the truth
        metrics: list[Any] = []
        sent = reached = self._position
        for entry, end in read_journal_from(self.journal, self._position):
            new = self._metrics(entry) if entry["kind"] in METRIC_KINDS else []
            if metrics and (len(metrics) + len(new) > BATCH_METRICS or not new):
                sent = self._send(metrics, reached)
                metrics = []
            if not new:
                self.target.take(entry)
            metrics += new
            reached = end
        if reached > sent:
            self._send(metrics, reached)

    def _send(self, metrics: list[Any], reached: int) -> int:
        self.target.send(metrics, reached)
        self._position = reached
        return reached

    @staticmethod
    def _metrics(entry: dict[str, Any]) -> list[Any]:
        from mlflow.entities import Metric

        return [Metric(name, value, milliseconds(entry), entry["step"]) for name, value in entry["metrics"].items()]


class Projection:
    """Keeps a copy up while a run lasts."""

    def __init__(self, journal: Path, target: Target) -> None:
        self._copy = Copy(journal, target)
        self._name = target.name
        self._patience_seconds = target.patience_seconds
        self._closing, self._tried = threading.Event(), threading.Event()
        self._warned = False
        self.complete = False
        self._thread = threading.Thread(target=self._work, name=f"copy to {self._name}", daemon=True)
        self._thread.start()

    def settle(self, seconds: float) -> None:
        """Let the store be opened, within so many seconds: the modules that this imports would hold the first steps up."""
        self._tried.wait(seconds)

    def close(self, seconds: float) -> bool:
        """Copy the rest, within so many seconds and the target's own patience; true if all of it has arrived."""
        self._closing.set()
        self._thread.join(min(seconds, self._patience_seconds))
        if not self.complete:
            self._warn("it did not answer in time")
        return self.complete

    def _work(self) -> None:
        wait, tries = 0.0, LAST_TRIES
        while not self.complete and tries:
            last = self._closing.wait(wait)
            try:
                self._copy.advance()
                wait, self.complete = FLUSH_SECONDS, last
            except DeletedRunError:  # by a person, who wants no more of it
                self.complete = True
            except DeletedExperimentError as error:
                self.complete = True
                print(f"warning: {self._name} gets no copy of this run: its experiment {error.name!r} was deleted there", file=sys.stderr)
            except Exception as error:  # whatever the store does, the run's folder has everything and the run goes on
                wait = min(max(2 * wait, FLUSH_SECONDS), RETRY_SECONDS)
                tries -= last
                if last and tries:
                    time.sleep(LAST_RETRY_SECONDS)
                else:
                    self._warn(str(error) if isinstance(error, AssayError) else first_line(error))
            self._tried.set()

    def _warn(self, why: str) -> None:
        if not self._warned:
            self._warned = True
            text = f"warning: {self._name} is behind ({why.splitlines()[0]}); the run's own folder has everything. Later: make sync"
            print(text, file=sys.stderr)
