"""A corpus that is cleaned again and again: killed at random moments, and with everything changed that should not matter.

python tests/faults/cleaning.py KILLS
"""

import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

if __package__ in (None, ""):  # as a script
    sys.path[:0] = [str(Path(__file__).resolve().parents[1]), str(Path(__file__).resolve().parents[2] / "src")]

from commands import Finished
from warm import WARM, Command

from assay.data.measured import read_part
from assay.files import verify_manifest
from faults.crash import shared_fixtures

CORPUS = """\
language: en
licence: public domain (generated)
sources: [{folder: rows, id_field: id}]
validation_fraction: 0.2
test_fraction: 0.2
"""
FULL = ("cleaning=c4", "cleaning.near_dedup={threshold: 0.8}")
"""Everything that is stored part by part: documents, languages, measures, documents after C4's rules, signatures."""
SHORT = ("cleaning=basic", "cleaning.near_dedup={threshold: 0.8}")
"""Documents and signatures."""
SMALL_PARTS = "import assay.data.measured as measured, assay.data.pool as pool; measured.PART_BYTES, pool.POOL_FROM_BYTES = 6_000, 1"
"""A part for each of eight files that are cleaned in a moment, and processes for them."""
RECORDS = 320
Say = Callable[[str], None]


class Cleaner:
    """A project with a corpus of RECORDS records, among them repeats and near repeats."""

    def __init__(self, folder: Path) -> None:
        self.shared = shared_fixtures()
        self.project: Path = self.shared.copy_project(folder)
        (self.project / "conf/data/rows.yaml").write_text(CORPUS, encoding="utf-8")

    @property
    def output(self) -> Path:
        return self.project / "data/clean/rows"

    def write(self, files: int, records: int = 1, order: int = 1) -> None:
        """The records in so many files, and collect them. `records` -1: the last record comes first; `order` -1: the last file is written first."""
        rows = [json.dumps({"id": number, "text": self._text(number)}) for number in range(RECORDS)][::records]
        shutil.rmtree(self.project / "rows", ignore_errors=True)
        (self.project / "rows").mkdir()
        for number in range(files)[::order]:
            (self.project / f"rows/{number:02}.jsonl").write_text("\n".join(rows[number::files]) + "\n", encoding="utf-8")
        done = self._start("src/collect.py", ["rows"])
        assert done.returncode == 0, done.stderr

    def _text(self, number: int) -> str:
        own = number - 3 if number % 9 == 8 else number  # each ninth is a repeat
        text = str(self.shared.prose(f"record {own}", paragraphs=1 + own % 4))
        return text.replace("Old", "New", 1) + "One more line.\n" if number % 11 == 10 else text

    def clean(self, *words: str, recipe: Sequence[str] = FULL, **environment: str) -> dict[str, Any]:
        """From the raw files on; returns the manifest."""
        self.forget()
        done = self._start("src/clean.py", ["data=rows", *recipe, *words], **environment)
        assert (done.returncode, done.stderr) == (0, ""), done.stderr
        return self.manifest()

    def manifest(self) -> dict[str, Any]:
        return verify_manifest(self.output, "")

    def encode(self, *words: str) -> bytes:
        """The manifest of the tokens, all of them encoded anew."""
        shutil.rmtree(self.project / "data/cache/encoded", ignore_errors=True)
        for script in ("learn_tokenizer", "encode"):
            more = words if script == "encode" else ()
            done = self._start(f"src/{script}.py", ["data=rows", "tokenizer=bpe", "tokenizer.vocab_size=300", *more])
            assert (done.returncode, done.stderr) == (0, ""), done.stderr
        return (self.project / "data/tokens/rows-bpe/manifest.json").read_bytes()

    def forget(self) -> None:
        for folder in (self.output, self.project / "data/cache/measured"):
            shutil.rmtree(folder, ignore_errors=True)

    def _start(self, script: str, words: Sequence[str], **environment: str) -> Finished:
        if environment:  # what Python reads as it starts
            code = f"import runpy, sys; sys.path.insert(0, 'src'); {SMALL_PARTS}; sys.argv[0] = {script!r}; runpy.run_path({script!r}, run_name='__main__')"
            finished: Finished = self.shared.start(self.project, sys.executable, "-c", code, *words, env=environment)
            return finished
        code = f"{SMALL_PARTS}; pool._pooled = None" if "engine=ray" in words else SMALL_PARTS  # nobody else may do it
        with WARM.command(self.project / script, words, self.project, code=code) as command:
            code_of_exit = command.wait(300)
            return Finished(code_of_exit, command.out.read_text(encoding="utf-8"), command.err.read_text(encoding="utf-8"), float("nan"))

    def begin(self, *words: str) -> Any:
        """A context: cleaning in a process group of its own."""
        return WARM.command(
            self.project / "src/clean.py", ["data=rows", *words], self.project, code=f"import os; os.setsid(); {SMALL_PARTS}"
        )

    def finished_parts(self) -> int:
        """Files of stores, finished or not."""
        return sum(1 for _ in self.project.glob("data/cache/measured/*/part-*"))

    def whole(self, expected: dict[str, Any]) -> set[tuple[str, int]]:
        """That nothing under a final name is a part of what it should be; returns the parts of stores that are finished.

        A store's manifest is written last, in a folder that has no final name yet, and written anew by who goes on.
        """
        if self.output.exists():
            assert self.manifest() == expected
        stores = self.project / "data/cache/measured"
        found = set()
        for folder in stores.glob("*") if stores.is_dir() else ():
            if folder.is_dir() and not folder.name.startswith("."):
                verify_manifest(folder, "")
            for path in folder.glob("part-*"):
                _read(path)
                found.add((path.name, path.stat().st_ino))
        return found

    def left(self) -> list[str]:
        """Drafts that a finished cleaning has no use for."""
        return [
            path.name for path in (self.project / "data").rglob(".*") if ".draft-" in path.name or path.name.endswith((".growing", ".old"))
        ]


def _read(path: Path) -> None:
    """Raises where the file is not whole."""
    if path.suffix == ".arrow":
        read_part(path).validate(full=True)
    elif path.suffix == ".npy":
        np.load(path, allow_pickle=False)
    else:
        json.loads(path.read_bytes())


def kill_cleaning(cleaner: Cleaner, kills: int, seed: int, say: Say, words: Sequence[str]) -> int:
    """SIGKILL for cleaning and all its processes, at `kills` random moments; each time the same command goes on, until it is done, and again.

    The moments are spread over the time it takes, and over the files it writes, in turn. Returns how many finished files were there again
    after a kill, and not made again.
    """
    started = time.monotonic()
    expected = cleaner.clean(recipe=words)
    whole_seconds, whole_parts = time.monotonic() - started, cleaner.finished_parts()
    cleaner.forget()
    moments, struck, kept = random.Random(seed), 0, 0
    before: set[tuple[str, int]] = set()
    while struck < kills:
        if struck % 2 and cleaner.finished_parts() == whole_parts:
            cleaner.forget()  # nothing would be left to be cut in two
            before = set()
        with cleaner.begin(*words) as command:
            if struck % 2:
                parts = moments.randrange(cleaner.finished_parts(), whole_parts + 1)
                wait(command, 60, lambda until=parts: cleaner.finished_parts() >= until)
            else:
                wait(command, moments.uniform(0, whole_seconds), lambda: False)
            _kill(command)
            code = command.wait(60)
        assert code in (0, -signal.SIGKILL), command.err.read_text()
        struck += code != 0
        after = cleaner.whole(expected)
        kept += len(before & after)
        say(f"kill {struck} of {kills}: {len(after)} parts of stores, {len(before & after)} of them from before" if code else "finished")
        if code == 0:
            assert cleaner.manifest() == expected
            cleaner.forget()
            after = set()
        before = after
    with cleaner.begin(*words) as command:
        assert command.wait(120) == 0, command.err.read_text()
    assert cleaner.manifest() == expected
    assert cleaner.left() == []
    return kept


def _kill(command: Command) -> None:
    if command.ended():
        return
    try:
        os.killpg(command.pid, signal.SIGKILL)
    except ProcessLookupError:  # so early that it has no group of its own yet, and no processes
        os.kill(command.pid, signal.SIGKILL)


def wait(command: Command, seconds: float, happened: Callable[[], bool]) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until and not command.ended() and not happened():
        time.sleep(0.001)


def main() -> int:
    with tempfile.TemporaryDirectory() as name:
        cleaner = Cleaner(Path(name) / "project")
        cleaner.write(files=8)
        kept = kill_cleaning(cleaner, int(sys.argv[1]), 20, print, [*FULL, "data.workers=2"])
        print(f"{sys.argv[1]} kills: the same manifest; {kept} times a finished file was there again")
    WARM.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
