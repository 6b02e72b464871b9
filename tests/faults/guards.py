"""Breaks one guard after the other in a copy of the project, and sees that the fault test of it fails.

python tests/faults/guards.py [T6 K1 ...]
"""

import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Guard:
    """In `file`, `code` is what holds the promise; `broken` does without. `test`: a file of tests/ and pytest's -k."""

    fault: str
    file: str
    code: str
    broken: str
    test: tuple[str, str]


STOPS, KILLS, CHECKPOINTS = "faults/test_stops.py", "faults/test_kills.py", "faults/test_checkpoints.py"
TRACKING, CONFIG, EXACT = "faults/test_tracking.py", "faults/test_config.py", "resume/test_exact.py"
SEEDING = 'torch.manual_seed(keyed(self.seed, "dropout", microbatch, trainer.global_rank) >> 1)'
GUARDS = (
    Guard("T1", "tracking/journal.py", "os.ftruncate(self._handle, whole)", "pass", (KILLS, "record_is_written and journal")),
    Guard("T2", "trainer/record.py", SEEDING, "pass", (KILLS, "many_kills")),
    Guard("T2", "trainer/fit.py", "load_optimizer(self.restored.folder, optimizer)", "pass", (EXACT, "cut_off and plain")),
    Guard("T3", "trainer/record.py", "if due or self.stop.asked or", "if due or", (STOPS, "stop_leaves and 143")),
    Guard("T4", "trainer/saving.py", "except (OSError, SafetensorError)", "except ZeroDivisionError", (KILLS, "full_disk and checkpoints")),
    Guard("T6", "files.py", 'if found != expected["sha256"]:', "if False:", (CHECKPOINTS, "spoilt and flipped or asked_for")),
    Guard("T7", "trainer/saving.py", "self._refuse_foreign(found, state)", "pass", (CHECKPOINTS, "another_run")),
    Guard("T8", "model/checkpoint.py", 'if manifest.get("format") != FORMAT:', "if False:", (CHECKPOINTS, "spoilt and format")),
    Guard(
        "T10",
        "objective/causal_lm.py",
        "if not (math.isfinite(self.gradient_norm) and",
        "if not (True or",
        (STOPS, "numbers_that_are_none"),
    ),
    Guard(
        "T11", "objective/causal_lm.py", "optimizer.zero_grad()  # to None", "pass  # to None", ("objective/test_causal_lm.py", "too_large")
    ),
    Guard("T12", "trainer/fit.py", '"allocate memory" in str(error)', "False", (STOPS, "too_little_memory")),
    Guard("T13", "data/datamodule.py", "if not lost:", "if True:", (STOPS, "loader_worker and 19")),
    Guard("T15", "tracking/opening.py", "fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)", "pass", (STOPS, "same_run_twice")),
    Guard("T20", "tracking/resume.py", "if others:", "if False:", (CHECKPOINTS, "longer_but_not")),
    Guard(
        "K1",
        "tracking/projection.py",
        "except Exception as error:",
        "except ZeroDivisionError as error:",
        (TRACKING, "bad_server and refuse"),
    ),
    Guard(
        "K3",
        "tracking/projection.py",
        "self._thread.join(min(seconds, self._patience_seconds))",
        "self._thread.join()",
        (TRACKING, "bad_server and drip"),
    ),
    Guard(
        "K5",
        "tracking/catch_up.py",
        'journal.write("status", status="killed",',
        'str(("status", "killed"),) or dict(',
        (KILLS, "running_for_ever"),
    ),
    Guard("K6", "tracking/journal.py", "if math.isfinite(value)", "if True", ("tracking/test_run.py", "no_number")),
    Guard(
        "K7",
        "tracking/store.py",
        'return re.sub(r"(?<=://)\\S*@", "", line)',
        "return line",
        ("tracking/test_target.py", "password or without_who"),
    ),
    Guard("K9", "comparison/table.py", "return None if value is None else float(value)", "return float(value)", ("comparison", "thousand")),
    Guard("C10", "config/sweep.py", "if jobs > MOST_JOBS or jobs == 0:", "if jobs == 0:", (CONFIG, "sweep_beyond")),
)


def main(wanted: list[str]) -> int:
    """Exit code 1 if a broken guard went unnoticed."""
    unnoticed = 0
    for guard in GUARDS:
        if not wanted or guard.fault in wanted:
            with tempfile.TemporaryDirectory() as name:
                noticed, said = _broken(guard, Path(name) / "project")
            unnoticed += not noticed
            print(
                f"{guard.fault}: {guard.file} without {guard.code[:60]!r}: {'noticed' if noticed else 'NOT NOTICED'} ({said})", flush=True
            )
    return int(bool(unnoticed))


def _broken(guard: Guard, copy: Path) -> tuple[bool, str]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, check=True
    )
    for name in listed.stdout.decode().split("\0")[:-1]:
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, copy / name)
    path = copy / "src/assay" / guard.file
    text = path.read_text(encoding="utf-8")
    assert guard.code in text, f"{guard.file} has no {guard.code!r}"
    path.write_text(text.replace(guard.code, guard.broken), encoding="utf-8")
    started = time.monotonic()
    file, words = guard.test
    command = [sys.executable, "-m", "pytest", "-q", "-x", "--timeout", "120", f"tests/{file}", "-k", words]
    done = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False)
    summary = done.stdout.strip().splitlines()[-1] if done.stdout.strip() else "no output"
    return done.returncode == 1, f"{summary.strip('= ')}; {time.monotonic() - started:.0f} s"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
