"""Line charts from points: positions in pixels, which the template draws as SVG."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from assay.report.page import Chart, Curve

WIDTH, HEIGHT = 720, 300
LEFT, RIGHT, TOP, BOTTOM = 64, 16, 12, 44
COLORS = 8
"""Curves beyond it repeat the colours of the first ones, dashed."""
Point = tuple[float, float]


@dataclass(frozen=True)
class Series:
    """Points (x, y) in the units of the chart's axes."""

    name: str
    points: Sequence[Point]
    dashed: bool = False


def line_chart(label: str, x_label: str, y_label: str, series: Sequence[Series], logarithmic: bool = False) -> Chart | None:
    """A chart of all series that have points, or None where none has. `logarithmic`: both axes by powers of ten, values must be above 0."""
    shown = [each for each in series if each.points]
    if not shown:
        return None
    x_ticks, y_ticks = (ticks([point[axis] for each in shown for point in each.points], logarithmic) for axis in (0, 1))
    scale = math.log10 if logarithmic else float
    x_range, y_range = ((scale(marks[0]), scale(marks[-1])) for marks in (x_ticks, y_ticks))

    def place(point: Point) -> Point:
        across = (scale(point[0]) - x_range[0]) / (x_range[1] - x_range[0])
        up = (scale(point[1]) - y_range[0]) / (y_range[1] - y_range[0])
        return round(LEFT + across * (WIDTH - LEFT - RIGHT), 1), round(HEIGHT - BOTTOM - up * (HEIGHT - TOP - BOTTOM), 1)

    curves = [
        Curve(
            each.name,
            [place(point) for point in each.points],
            [f"{each.name}: {y:,.4g} at {x:,.0f}" for x, y in each.points],
            f"color-{number % COLORS}",
            each.dashed or number >= COLORS,
        )
        for number, each in enumerate(shown)
    ]
    return Chart(
        label,
        WIDTH,
        HEIGHT,
        LEFT,
        WIDTH - RIGHT,
        TOP,
        HEIGHT - BOTTOM,
        [(place((tick, y_ticks[0]))[0], f"{tick:,.10g}") for tick in x_ticks],
        [(place((x_ticks[0], tick))[1], f"{tick:,.10g}") for tick in y_ticks],
        x_label,
        y_label,
        curves,
    )


def ticks(values: Sequence[float], logarithmic: bool = False, at_most: int = 6) -> list[float]:
    """Round values from at or below the smallest to at or above the largest: two or more, with equal steps of 1, 2 or 5 times a power of ten."""
    low, high = min(values), max(values)
    if logarithmic:
        first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
        first, last = first - (10.0**first > low), last + (10.0**last < high)  # log10 is rounded
        return [10.0**power for power in range(first, max(last, first + 1) + 1)]
    if low == high:  # one value alone: an axis of some height around it
        low, high = (low - abs(low) / 2, high + abs(high) / 2) if low else (-1.0, 1.0)
    step = 10.0 ** math.floor(math.log10((high - low) / (at_most - 1)))
    step = next(step * factor for factor in (1, 2, 5, 10, 20) if (high - low) / (step * factor) <= at_most - 2)
    first, last = math.floor(low / step), math.ceil(high / step)
    return [round(number * step, 12) for number in range(first, max(last, first + 1) + 1)]
