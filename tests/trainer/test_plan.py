"""What a config amounts to."""

from pathlib import Path

import pytest

from assay.config.load import load
from assay.config.schema import TrainConfig
from assay.errors import MachineError
from assay.trainer import plan
from assay.trainer.plan import Plan, make_plan


def planned(*overrides: str) -> Plan:
    return make_plan(load("train", ["data.context_tokens=32", "trainer.tokens_per_step=128", *overrides], TrainConfig))


def test_a_budget_in_tokens_is_spent_in_whole_steps() -> None:
    assert planned("trainer.max_tokens=300", "trainer.sequences_per_microbatch=2").total_steps == 2
    assert planned("trainer.max_tokens=255", "trainer.sequences_per_microbatch=2", "schedule.warmup_steps=0").total_steps == 1


def test_a_step_is_as_many_microbatches_as_make_its_tokens() -> None:
    two = planned("trainer.max_steps=3", "trainer.sequences_per_microbatch=2")
    assert (two.microbatches_per_step, two.total_microbatches) == (2, 6)
    assert planned("trainer.max_steps=3", "trainer.sequences_per_microbatch=4").microbatches_per_step == 1


def test_auto_warms_up_for_a_twentieth_and_evaluates_each_fifth() -> None:
    auto = planned("trainer.max_steps=101", "trainer.sequences_per_microbatch=4")
    assert (auto.warmup_steps, auto.evaluate_every_steps) == (5, 21)
    given = ("schedule.warmup_steps=7", "trainer.evaluate_every_steps=9")
    written = planned("trainer.max_steps=101", "trainer.sequences_per_microbatch=4", *given)
    assert (written.warmup_steps, written.evaluate_every_steps) == (7, 9)


def test_a_run_by_the_clock_is_not_repeatable() -> None:
    by_clock = planned("trainer.max_minutes=2", "trainer.sequences_per_microbatch=4")
    assert (by_clock.total_steps, by_clock.repeatable) == (None, False)
    assert (by_clock.warmup_steps, by_clock.evaluate_every_steps) == (None, 200)  # a share of the minutes
    assert planned("trainer.max_steps=2", "trainer.sequences_per_microbatch=4").repeatable


@pytest.mark.parametrize(("has_bf16", "precision"), [(False, "fp32"), (True, "bf16")])
def test_auto_is_bf16_only_where_the_hardware_multiplies_it(has_bf16: bool, precision: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "cpu_has_bf16", lambda: has_bf16)
    words = ("trainer.max_steps=2", "trainer.sequences_per_microbatch=4", "trainer.accelerator=cpu")
    assert planned(*words).precision == precision
    assert planned(*words, "trainer.precision=fp32").precision == "fp32"


@pytest.mark.parametrize("has_bf16", [False, True])
def test_recurrent_cells_are_in_float32_where_the_cpu_has_no_bf16(has_bf16: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "cpu_has_bf16", lambda: has_bf16)
    words = ("trainer.max_steps=2", "trainer.sequences_per_microbatch=4", "trainer.accelerator=cpu", "trainer.precision=bf16")
    recurrent, attention = planned("model=lstm_nano", *words), planned("model=gpt_nano", *words)
    assert (recurrent.cell_precision, attention.cell_precision) == (None if has_bf16 else "fp32", None)
    assert ("recurrent cells in fp32" in recurrent.numerics) == ("emulated" in attention.numerics) == (not has_bf16)
    assert planned("model=lstm_nano", *words[:-1], "trainer.precision=fp32").cell_precision is None


@pytest.mark.skipif(Path("/proc/driver/nvidia/version").exists(), reason="not run: this machine has an NVIDIA driver")
def test_a_gpu_that_is_not_there_is_refused() -> None:
    with pytest.raises(MachineError, match=r"no NVIDIA driver\.\n  Type: trainer=cpu"):
        planned("trainer.max_steps=2", "trainer.sequences_per_microbatch=4", "trainer.accelerator=gpu")
