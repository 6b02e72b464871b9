from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.report.chart import COLORS, HEIGHT, WIDTH, Series, line_chart, ticks

numbers = st.floats(-1e9, 1e9).map(lambda value: round(value, 3))


@given(st.lists(numbers, min_size=1, max_size=20))
def test_ticks_hold_all_values_between_them_at_even_steps(values: list[float]) -> None:
    found = ticks(values)
    assert 2 <= len(found) <= 8
    assert found[0] <= min(values)
    assert max(values) <= found[-1]
    steps = [after - before for before, after in pairwise(found)]
    assert steps == pytest.approx([steps[0]] * len(steps))


@given(st.lists(st.floats(1e-3, 1e9), min_size=1, max_size=20))
def test_logarithmic_ticks_are_powers_of_ten_around_all_values(values: list[float]) -> None:
    found = ticks(values, logarithmic=True)
    assert len(found) >= 2
    assert found[0] <= min(values)
    assert max(values) <= found[-1]
    assert all(after == pytest.approx(10 * before) for before, after in pairwise(found))


@given(st.lists(st.lists(st.tuples(numbers, numbers), max_size=5), min_size=1, max_size=3))
def test_every_point_lies_within_the_picture(series: list[list[tuple[float, float]]]) -> None:
    chart = line_chart("", "x", "y", [Series(str(number), points) for number, points in enumerate(series)])
    if chart is None:
        assert not any(series)
        return
    assert [len(curve.points) for curve in chart.curves] == [len(points) for points in series if points]
    for curve in chart.curves:
        assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in curve.points)


def test_a_larger_value_lies_higher_and_further_right() -> None:
    chart = line_chart("", "x", "y", [Series("a", [(0.0, 1.0), (10.0, 3.0)])])
    assert chart is not None
    (x0, y0), (x1, y1) = chart.curves[0].points
    assert (x0 < x1, y1 < y0) == (True, True)
    assert chart.curves[0].values == ["a: 1 at 0", "a: 3 at 10"]


def test_more_curves_than_colours_are_told_apart_by_dashes() -> None:
    chart = line_chart("", "x", "y", [Series(str(number), [(0.0, float(number))]) for number in range(COLORS + 1)])
    assert chart is not None
    assert (chart.curves[0].css_class, chart.curves[0].dashed) == (chart.curves[COLORS].css_class, False)
    assert chart.curves[COLORS].dashed
