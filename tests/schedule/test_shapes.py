"""Learning rates at the steps where a mistake would show."""

import pytest

from assay.schedule.schema import ScheduleSchema
from assay.schedule.shapes import Schedule


def factors(shape: str, steps: int = 100, warmup: int = 10, final: float = 0.1) -> list[float]:
    schedule = Schedule(ScheduleSchema(shape=shape, final_fraction=final), warmup)
    return [schedule.factor(step, step / steps, warmup / steps) for step in range(steps + 1)]


@pytest.mark.parametrize("shape", ["cosine", "linear", "constant", "wsd"])
def test_warmup_rises_linearly_and_wastes_no_step(shape: str) -> None:
    assert factors(shape)[:11] == pytest.approx([i / 10 for i in range(1, 11)] + [1.0])


def test_each_shape_at_its_middle_and_end() -> None:
    assert factors("cosine")[55] == pytest.approx(0.55)
    assert factors("linear")[55] == pytest.approx(0.55)
    assert factors("cosine")[30] == pytest.approx(0.1 + 0.9 * 0.5 * (1 + 0.7660444), abs=1e-6)  # cos(2/9 pi)
    assert factors("cosine")[100] == factors("linear")[100] == pytest.approx(0.1)
    assert set(factors("constant")[10:]) == {1.0}


def test_without_warmup_the_first_step_is_at_the_peak() -> None:
    assert factors("cosine", warmup=0)[0] == 1.0


def test_wsd_stays_at_the_peak_and_falls_at_the_end() -> None:
    found = factors("wsd")
    assert set(found[10:81]) == {1.0}
    assert found[85] == pytest.approx(1 - 0.9 * 0.5)  # the root of a quarter
    assert found[100] == pytest.approx(0.1)
