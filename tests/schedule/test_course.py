"""Budgets, warm-ups and the share of them that is used."""

import pytest

from assay.schedule.course import FIRST_CLOCKED_FACTOR, Course


def test_a_course_comes_back_from_its_record() -> None:
    course = Course(100, None, 5, None, 20, 3.5, 0.75)
    assert Course.of(course.to_json()) == course


def test_the_last_update_uses_the_whole_budget() -> None:
    assert [Course.planned(4, None, 0).share(step, 0.0) for step in range(4)] == [0.25, 0.5, 0.75, 1.0]
    clocked = Course.planned(None, 8.0, None)
    assert [clocked.share(9, seconds) for seconds in (2.0, 8.0, 9.0)] == [0.25, 1.0, 1.0]


def test_a_warmup_by_the_clock_is_a_twentieth_of_the_budget_and_its_first_step_is_not_wasted() -> None:
    clocked = Course.planned(None, 100.0, None)
    assert clocked.warmup_seconds == pytest.approx(5.0)
    assert [clocked.warmup(step, seconds) for step, seconds in ((0, 0.0), (1, 2.5), (2, 5.0), (3, 50.0))] == [
        FIRST_CLOCKED_FACTOR,
        0.5,
        1,
        1,
    ]


def test_a_warmup_of_steps_is_one_by_the_clock_too() -> None:
    clocked = Course.planned(None, 100.0, 4)
    assert clocked.warmup_seconds is None
    assert [clocked.warmup(step, 99.0) for step in range(5)] == [0.25, 0.5, 0.75, 1.0, 1.0]


def test_the_length_of_a_budget_tells_two_apart_and_not_their_warmups() -> None:
    assert Course.planned(10, None, 1).same_budget(Course.planned(10, None, 3))
    assert not Course.planned(10, None, 1).same_budget(Course.planned(11, None, 1))
    assert not Course.planned(10, None, 1).same_budget(Course.planned(None, 10.0, 1))
