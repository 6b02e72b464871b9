"""What a person sees while training."""

import os

import pytest

from assay.trainer.progress import TrainingProgress

METRICS = {"train/loss": 2.34567, "speed/tokens_per_second": 12345.6, "speed/mfu": 0.25}


def test_plain_output_is_one_line_a_step_that_begins_with_it(capsys: pytest.CaptureFixture[str]) -> None:
    progress = TrainingProgress(3, print_every_steps=1)
    for step in (1, 2, 3):
        progress.step(step, METRICS)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(" of 3  ")[0] for line in lines] == ["step 1", "step 2", "step 3"]
    assert lines[2] == "step 3 of 3  loss 2.3457  12,346 tokens/s  mfu 25%  left 0:00"


def test_lines_come_every_so_many_steps_and_for_the_last(capsys: pytest.CaptureFixture[str]) -> None:
    progress = TrainingProgress(7, print_every_steps=3)
    for step in range(1, 8):
        progress.step(step, METRICS)
    assert [line.split()[1] for line in capsys.readouterr().out.splitlines()] == ["3", "6", "7"]


def test_time_left_is_what_the_steps_so_far_took(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("assay.trainer.progress.time.monotonic", lambda: now)
    progress = TrainingProgress(40, print_every_steps=1)
    now += 50.0
    progress.step(10, METRICS)
    assert capsys.readouterr().out.endswith("left 2:30\n")


def test_a_run_that_goes_on_counts_its_time_from_there(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("assay.trainer.progress.time.monotonic", lambda: now)
    progress = TrainingProgress(40, print_every_steps=1)
    now += 1000.0  # for instance, checkpoints were verified
    progress.start_at(30)
    now += 6.0
    progress.step(32, METRICS)
    assert capsys.readouterr().out.endswith("left 0:24\n")


def test_without_a_number_of_steps_no_time_is_promised(capsys: pytest.CaptureFixture[str]) -> None:
    TrainingProgress(None, print_every_steps=1).step(5, {"train/loss": 1.0, "speed/tokens_per_second": 10.0})
    assert capsys.readouterr().out == "step 5 of ?  loss 1.0000  10 tokens/s\n"


def test_on_a_terminal_one_line_moves_and_words_stand_above_it(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    progress = TrainingProgress(2, print_every_steps=1)
    progress.step(1, METRICS)
    progress.say("evaluation [at] step 1 :smile:")
    progress.close()
    shown = capsys.readouterr().out
    assert "evaluation [at] step 1 :smile:\n" in shown
    assert "\nstep 1" not in shown
    assert "step 1/2  loss 2.346" in shown


def test_training_goes_on_when_nobody_reads_its_lines_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    reads, writes = os.pipe()
    with os.fdopen(writes, "w") as stream:
        monkeypatch.setattr("sys.stdout", stream)
        progress = TrainingProgress(2, print_every_steps=1)
        os.close(reads)
        for step in (1, 2):
            progress.step(step, METRICS)
        progress.close()
