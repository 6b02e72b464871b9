"""Which runs are open, and in whose hands: a file a run in mlruns/.open/, locked by its process and removed when all is recorded."""

import fcntl
import os
import shutil
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from assay.errors import MachineError
from assay.files import lock, now
from assay.tracking import store
from assay.tracking.identity import Identity
from assay.tracking.journal import Journal, last_status, read_journal, start_of
from assay.tracking.lookup import RunEntry, runs_with_identity

JOURNAL = "journal.jsonl"
TIDYING_SECONDS = 60.0


class Hold:
    """A run that this process has in its hands until `release`, or its own end. `new`: nobody had it before, so it was recorded."""

    def __init__(self, stream: TextIO, new: bool) -> None:
        self._stream = stream
        self.new = new

    def release(self, recorded: bool) -> None:
        """`recorded`: mlflow.db has all of it, so nobody needs to look at it again. A second call does nothing."""
        if recorded and not self._stream.closed:
            Path(self._stream.name).unlink(missing_ok=True)
        self._stream.close()


def open_runs() -> list[str]:
    """Ids of the runs that are going on, or that ended without a word."""
    folder = store.MLRUNS / ".open"
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def take(run_id: str) -> Hold | None:
    """None if another process has the run."""
    path = store.MLRUNS / ".open" / run_id
    path.parent.mkdir(parents=True, exist_ok=True)
    while True:
        stream = path.open("a+")
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            stream.close()
            return None
        if path.exists() and path.stat().st_ino == os.fstat(stream.fileno()).st_ino:
            break
        stream.close()  # its last holder removed the file between our open and our lock
    new = os.fstat(stream.fileno()).st_size == 0
    stream.truncate(0)
    since = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(now()))
    stream.write(f"process {os.getpid()} on {os.uname().nodename} since {since}")
    stream.flush()
    return Hold(stream, new)


def holder(run_id: str) -> str:
    try:
        return (store.MLRUNS / ".open" / run_id).read_text() or "another process"
    except OSError:
        return "another process"


@contextmanager
def taken(run_id: str) -> Iterator[Hold | None]:
    """For a look at a run that may be in other hands. It is left as it was found."""
    hold = take(run_id)
    try:
        yield hold
    finally:
        if hold is not None:
            hold.release(recorded=hold.new)


def open_run(identity: Identity, forced: bool, experiment: str, facts: dict[str, Any]) -> tuple[RunEntry, Hold]:
    """The run of this identity that was begun and not finished, or a new one.

    A run that was forced (rerun=true) is gone on with by a forced command only. Raises MachineError if another process has it in hand.
    """
    with lock(store.MLRUNS / ".runs.lock"):  # not the store's: who brings a record up to date holds the run and needs that one
        begun = [entry for entry in runs_with_identity(identity) if resumable(entry, forced)]
        run_id = begun[0].run_id if begun else uuid.uuid4().hex
        hold = hold_of(run_id)
        if begun:
            return begun[0], hold
        folder = store.MLRUNS / experiment / run_id / "artifacts"
        try:
            folder.mkdir(parents=True)
            journal = Journal(folder / JOURNAL)
            journal.write(
                "start", run_id=run_id, experiment=experiment, identity=identity.sha256, parts=identity.parts, forced=forced, **facts
            )
            journal.close()
        except BaseException as error:
            shutil.rmtree(folder.parent, ignore_errors=True)
            hold.release(recorded=True)
            if isinstance(error, OSError):
                raise MachineError(f"{folder} can't be made: {error.strerror}.") from None
            raise
        entry = RunEntry.read(folder)
        assert entry is not None
        return entry, hold


def hold_of(run_id: str) -> Hold:
    """Waits while another process only brings its record up to date; raises MachineError if it trains the run."""
    deadline = time.monotonic() + TIDYING_SECONDS
    while (hold := take(run_id)) is None:
        folder = folder_of(run_id)
        tidied = folder is not None and last_status(folder / JOURNAL) != "running"
        if time.monotonic() > deadline - (0.0 if tidied else TIDYING_SECONDS - 1.0):
            raise MachineError(
                f"the same run is under way: {run_id}, {holder(run_id)}.\n  Wait for it, or change something: seed=2, for instance."
            )
        time.sleep(0.05)
    return hold


def resumable(entry: RunEntry, forced: bool) -> bool:
    """Whether a command of the run's identity goes on with it. `forced`: the command says rerun=true."""
    return not entry.finished and entry.forced == forced and not changed(entry)


def changed(entry: RunEntry) -> bool:
    """It was gone on with by resume=RUN under other settings, so it is no longer what its first line says."""
    return any(line["kind"] == "changed" for line in read_journal(entry.folder / JOURNAL))


def folder_of(run_id: str) -> Path | None:
    """Return the folder of a run whose journal has begun."""
    for folder in store.MLRUNS.glob(f"*/{run_id}/artifacts"):
        if start_of(folder / JOURNAL):
            return folder
    return None
