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
STORED, DOCUMENTS = "faults/test_stored_data.py", "faults/test_documents.py"
PREPARE, CLEAN = "data/test_prepare.py", "data/test_clean.py"
MAPPED, AGAIN = "tokens, ends, _ = self._maps[name]", 'tokens, ends = self._map(name, "bin", self._dtype), self._map(name, "ends", "<u8")'
SEEDING = 'seed_torch(keyed(self.seed, "dropout", microbatch, trainer.global_rank) >> 1, self.plan.accelerator)'
GUARDS = (
    Guard("T1", "tracking/journal.py", "os.ftruncate(self._handle, whole)", "pass", (KILLS, "record_is_written and journal")),
    Guard("T2", "trainer/record.py", SEEDING, "pass", (KILLS, "many_kills")),
    Guard("T2", "trainer/fit.py", "load_optimizer(self.restored.folder, optimizer)", "pass", (EXACT, "cut_off and plain")),
    Guard("T3", "trainer/record.py", "if due or self.stop.asked or", "if due or", (STOPS, "stop_leaves and 143")),
    Guard("T4", "trainer/saving.py", "except (OSError, SafetensorError)", "except ZeroDivisionError", (KILLS, "full_disk and checkpoints")),
    Guard("T6", "files.py", "if found != expected[name]:", "if False:", (CHECKPOINTS, "spoilt and flipped or asked_for")),
    Guard("T7", "trainer/saving.py", "self._refuse_foreign(found, state)", "pass", (CHECKPOINTS, "another_run")),
    Guard("T8", "model/checkpoint.py", 'if manifest.get("format") != FORMAT:', "if False:", (CHECKPOINTS, "spoilt and format")),
    Guard(
        "T10",
        "objective/objective.py",
        "if not (math.isfinite(self.gradient_norm) and",
        "if not (True or",
        (STOPS, "numbers_that_are_none"),
    ),
    Guard(
        "T11", "objective/objective.py", "optimizer.zero_grad()  # to None", "pass  # to None", ("objective/test_causal_lm.py", "too_large")
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
    Guard("K9", "comparison/table.py", "return None if value is None or (", "return None if (", ("comparison", "thousand")),
    Guard("D2", "data/lockfile.py", "lost = sorted(committed - set(found))", "lost: list[str] = []", (STORED, "lost_stages and one")),
    Guard(
        "D3",
        "data/prepare.py",
        "verify_once(folder, _repair(stage, folder), root",
        "print(folder, root",
        (PREPARE, "changed_byte and cache"),
    ),
    Guard("D3", "data/snapshot.py", "verify_once(folder / LOCAL_FILES,", "print(folder / LOCAL_FILES,", (PREPARE, "altered_copy")),
    Guard("D3", "data/collect.py", "and _copy_is_whole(folder, root)", "", (PREPARE, "altered_copy")),
    Guard("D3", "data/encoded.py", 'verify_manifest(folder, "")', "pass", ("data/test_encoded.py", "altered and flipped")),
    Guard("D4", "data/prepare.py", "if own != theirs:", "if False:", (PREPARE, "lies_about")),
    Guard("D5", "data/tokens.py", MAPPED, AGAIN, (STORED, "reads_the_tokens")),
    Guard("D6", "data/cleaning/unicode_form.py", 'return Drop("combining_marks")', "pass", (DOCUMENTS, "strange")),
    Guard("D6", "data/cleaning/detection.py", 'return Drop("nul_bytes")', "pass", (DOCUMENTS, "strange")),
    Guard("D6", "data/document.py", "self.dropped[reason] += 1", "pass", (CLEAN, "any_mix")),
    Guard("D7", "tokenizer/tokenizer.py", "self._inner.encode_special_tokens = True", "pass", ("data/test_encode.py", "id_order")),
    Guard("D8", "data/compression.py", "if self._given_bytes > max(RATIO_FREE", "if 0 > max(RATIO_FREE", (DOCUMENTS, "hostile_archive")),
    Guard("D8", "data/archive.py", 'or ".." in parts.parts', "", ("data/test_archive.py", "leaves_the_archive")),
    Guard("D9", "data/html/extraction.py", "        raise ParserLimitError", "        pass", ("data/html/test_extraction.py", "nesting")),
    Guard("D9", "data/html/child.py", "signal.setitimer(signal.ITIMER_PROF, cpu_seconds)", "pass", ("data/html/test_process.py", "hangs")),
    Guard("D9", "data/html/process.py", "if is_fresh or ", "if True or ", ("data/html/test_process.py", "pages_before")),
    Guard(
        "D10", "data/reading/bad_records.py", "if self.bad and self.bad > self.allowed_share * read:", "if False:", (DOCUMENTS, "bad_lines")
    ),
    Guard("D11", "data/clean.py", "    _refuse_too_few(measured, decisions, outcome, data)", "    pass", (DOCUMENTS, "too_little")),
    Guard("D13", "data/clean.py", "if count > settings.at_most * len(found):", "if False:", ("data/test_recipe.py", "above_a_share")),
    Guard(
        "D13",
        "data/clean.py",
        "overlap.refuse_too_many(corpus_name(data), config.cleaning.near_dedup)",
        "pass",
        (DOCUMENTS, "known_from_training"),
    ),
    Guard("D14", "tokenizer/schema.py", "setting(4096, at_least=257", "setting(4096, at_least=2", (DOCUMENTS, "spell_every_byte and bpe")),
    Guard("D15", "tokenizer/kernel.py", "SCAN_SYMBOLS = 48", "SCAN_SYMBOLS = 10**6", ("tokenizer/test_fast.py", "doubling")),
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
    for path in (ROOT / "src").rglob("__pycache__/*/*.nb[ci]"):  # compiled kernels; those of a file that is broken are made anew
        target = copy / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, target)
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
