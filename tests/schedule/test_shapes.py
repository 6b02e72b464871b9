"""The learning rate of every step is the written formula's, over budgets, resumes and all shapes."""

import math
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.schedule.course import Course
from assay.schedule.schema import ScheduleSchema
from assay.schedule.shapes import Schedule

SHAPES = ["cosine", "linear", "constant", "wsd"]
FALLING = ["cosine", "linear", "wsd"]


def made(shape: str, course: Course, final: float = 0.1, decay: float = 0.2) -> Schedule:
    return Schedule(ScheduleSchema(shape=shape, final_fraction=final, decay_fraction=decay), course)  # type: ignore[arg-type]


def in_steps(shape: str, steps: int = 100, warmup: int = 10, **more: float) -> list[float]:
    schedule = made(shape, Course.planned(steps, None, warmup), **more)
    return [schedule.factor(step) for step in range(steps)]


def by_the_clock(shape: str, steps: int, warmup: int | None = None, **more: float) -> list[float]:
    """Steps of a second each, in a budget of as many seconds."""
    schedule = made(shape, Course.planned(None, float(steps), warmup), **more)
    return [schedule.factor(step, float(step)) for step in range(steps)]


def fall(shape: str, done: float) -> float:
    return {"linear": done, "cosine": (1 - math.cos(math.pi * done)) / 2, "wsd": math.sqrt(done)}[shape]


@pytest.mark.parametrize("shape", SHAPES)
def test_warmup_rises_linearly_to_the_peak_and_wastes_no_step(shape: str) -> None:
    assert in_steps(shape)[:10] == pytest.approx([i / 10 for i in range(1, 11)])


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("warmup", [0, 1])
def test_without_warmup_the_first_step_is_at_the_peak(shape: str, warmup: int) -> None:
    assert in_steps(shape, warmup=warmup)[0] == 1.0


@pytest.mark.parametrize("shape", FALLING)
@pytest.mark.parametrize("final", [0.0, 0.1, 0.7])
@pytest.mark.parametrize("steps", [2, 10, 97])
def test_the_last_step_has_exactly_the_final_fraction_of_the_peak(shape: str, final: float, steps: int) -> None:
    for warmup in {0, 1, steps // 2, steps - 1}:
        found = in_steps(shape, steps=steps, warmup=warmup, final=final)
        assert (max(found), found[-1]) == (1.0, final)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_run_of_one_step_is_at_the_peak(shape: str) -> None:
    assert in_steps(shape, steps=1, warmup=0) == [1.0]


def test_each_shape_halfway_through_its_fall() -> None:
    """Of 101 steps, step 50 is in the middle of those after step 0; of wsd's last 20, step 85 is a quarter."""
    assert in_steps("cosine", steps=101, warmup=1)[50] == pytest.approx(0.55)
    assert in_steps("linear", steps=101, warmup=1)[50] == pytest.approx(0.55)
    assert in_steps("cosine", steps=101, warmup=1)[25] == pytest.approx(0.1 + 0.9 * 0.5 * (1 + math.sqrt(0.5)))
    found = in_steps("wsd")
    assert set(found[10:80]) == {1.0}
    assert found[84] == pytest.approx(1 - 0.9 * 0.5)  # the root of a quarter
    assert set(in_steps("constant")[10:]) == {1.0}


@pytest.mark.parametrize("decay", [0.1, 0.01])
def test_a_fall_of_one_step_or_less_is_the_last_step(decay: float) -> None:
    assert in_steps("wsd", steps=10, warmup=0, final=0.0, decay=decay) == [1.0] * 9 + [0.0]


@settings(max_examples=200, deadline=None)
@given(
    shape=st.sampled_from(FALLING),
    steps=st.integers(1, 400),
    warmup_share=st.floats(0, 0.99),
    final=st.floats(0, 1),
    decay=st.floats(0.01, 1),
)
def test_each_step_has_the_rate_of_the_formula(shape: str, steps: int, warmup_share: float, final: float, decay: float) -> None:
    warmup = int(warmup_share * steps)
    top = max(warmup, 1) - 1  # the step at the peak
    last = steps - 1
    first = max(top, last - decay * steps) if shape == "wsd" else top
    for step, found in enumerate(in_steps(shape, steps, warmup, final=final, decay=decay)):
        done = max(0.0, (step - first) / (last - first)) if last > first else 0.0
        expected = (step + 1) / warmup if step < warmup else 1 + (final - 1) * fall(shape, done)
        assert found == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("shape", FALLING)
@pytest.mark.parametrize("steps", [25, 1000])
def test_a_budget_by_the_clock_has_a_warmup_that_is_a_share_of_it_and_ends_with_the_final_fraction(shape: str, steps: int) -> None:
    found = by_the_clock(shape, steps)
    peak = found.index(max(found))
    assert max(found) > 0.99
    assert steps * 0.05 - 1 <= peak <= steps * 0.05 + 1
    assert found[-1] == pytest.approx(0.1)
    assert 0 < found[0] < 1


@pytest.mark.parametrize("shape", SHAPES)
def test_a_clock_that_runs_evenly_gives_the_rates_of_as_many_steps(shape: str) -> None:
    assert by_the_clock(shape, 40, warmup=4)[1:] == pytest.approx(in_steps(shape, steps=40, warmup=4)[1:], abs=1e-9)


def steepest(shape: str, falling_steps: float) -> float:
    """The most that a fall from 1 to 0 over so many steps can lose in one: wsd's root falls most at its first."""
    return {"linear": 1 / falling_steps, "cosine": math.pi / 2 / falling_steps, "wsd": math.sqrt(1 / falling_steps), "constant": 0.0}[shape]


@settings(max_examples=200, deadline=None)
@given(
    shape=st.sampled_from(SHAPES),
    steps=st.integers(10, 200),
    warmup=st.integers(0, 9),
    stops=st.lists(st.tuples(st.floats(0, 1), st.integers(1, 300)), max_size=3),
    clocked=st.booleans(),
)
def test_a_resumed_run_has_one_warmup_no_jump_and_the_final_fraction_at_the_end_of_its_last_budget(
    shape: str, steps: int, warmup: int, stops: list[tuple[float, int]], clocked: bool
) -> None:
    def planned(total: int) -> Course:
        return Course.planned(None, float(total), warmup) if clocked else Course.planned(total, None, warmup)

    schedule, at, total, found = made(shape, planned(steps)), 0, steps, list[float]()
    for share, more in stops:
        stop = at + int(share * (total - at))
        found += [schedule.factor(step, float(step)) for step in range(at, stop)]
        at, total = stop, max(stop, warmup) + more
        schedule = schedule.resumed(planned(total), at, float(at))
        schedule = Schedule(schedule.config, Course.of(schedule.course.to_json()))  # as a checkpoint keeps it
    found += [schedule.factor(step, float(step)) for step in range(at, total)]
    rising = [step for step, (before, after) in enumerate(pairwise(found), 1) if after > before + 1e-9]
    assert not rising or max(rising) < max(warmup, 1)
    if shape != "constant" and total > max(warmup, 1):
        assert found[-1] == pytest.approx(0.1)
    shortest = min([steps, *(more for _, more in stops)]) - warmup
    if shortest > 20:  # over fewer steps a fall is steep by right
        width = shortest * (0.2 if shape == "wsd" else 1.0) / (2 if clocked else 1)
        assert max((before - after for before, after in pairwise(found)), default=0.0) <= steepest(shape, max(1.0, width - 1)) + 1e-9


def test_a_run_resumed_under_the_same_budget_keeps_its_schedule() -> None:
    schedule = made("cosine", Course.planned(60, None, 3))
    assert schedule.resumed(Course.planned(60, None, 3), 21, 5.0) is schedule


def test_a_stopped_run_that_goes_on_for_longer_does_not_warm_up_again_and_falls_from_where_it_was() -> None:
    begun = made("cosine", Course.planned(60, None, 3))
    longer = begun.resumed(Course.planned(3000, None, 150), 21, 0.0)
    before = begun.factor(20)
    assert 0 < before - longer.factor(21) < 1e-5
    assert longer.factor(2999) == 0.1
    assert longer.factor((2999 + 20) // 2) == pytest.approx((before + 0.1) / 2, abs=1e-3)


def test_a_run_stopped_in_its_warmup_goes_on_with_the_warmup_it_was_begun_with() -> None:
    longer = made("linear", Course.planned(60, None, 10)).resumed(Course.planned(600, None, 100), 4, 0.0)
    assert [longer.factor(step) for step in (4, 9)] == [0.5, 1.0]
    assert longer.factor(10) == pytest.approx(1 - 0.9 / 590)


def test_from_the_clock_to_steps_and_back_the_rate_has_no_jump() -> None:
    clocked = made("linear", Course.planned(None, 100.0, None))
    counted = clocked.resumed(Course.planned(200, None, 10), 50, 50.0)
    again = counted.resumed(Course.planned(None, 400.0, None), 100, 100.0)
    assert abs(counted.factor(50) - clocked.factor(49, 49.0)) < 0.01
    assert counted.factor(199) == 0.1
    assert abs(again.factor(100, 100.0) - counted.factor(99)) < 0.01
    assert again.factor(399, 399.0) == pytest.approx(0.1)
