"""How a vocabulary grows, as a picture that a page holds within itself."""

from math import ceil, log10
from typing import Any

from assay.data.balance.vocabulary import FITTED_FROM

WIDTH, HEIGHT = 560, 260
LEFT, RIGHT, TOP, BOTTOM = 56, 30, 12, 24
SAID = "Different words over words read, both by powers of ten; dashed: Heaps' law as fitted"
Point = tuple[float, float]


def growth_chart(vocabulary: dict[str, Any]) -> str:
    """SVG of the card's points; by powers of ten Heaps' law is a straight line. Nothing for fewer than two points."""
    points = [(log10(read), log10(different)) for read, different in vocabulary["points"]]
    if len(points) < 2:
        return ""
    axes = _Axes(int(points[0][0]), ceil(points[-1][0]), int(points[0][1]), ceil(points[-1][1]))
    lines = [axes.line(points, 'stroke="#2f6fdb" stroke-width="2"')]
    if vocabulary["exponent"] and vocabulary["factor"]:  # one of few words that come late may round to none
        ends = [(x, log10(vocabulary["factor"]) + vocabulary["exponent"] * x) for x in (log10(FITTED_FROM), points[-1][0])]
        lines.append(axes.line(ends, 'stroke="#d1483f" stroke-dasharray="5 4"'))
    size = f'viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" font-size="11"'
    return f'<svg {size} role="img" aria-label="{SAID}">{axes.grid()}{"".join(lines)}</svg><p><small>{SAID}.</small></p>'


class _Axes:
    """From power to power of ten on both."""

    def __init__(self, left: int, right: int, bottom: int, top: int) -> None:
        self.left, self.right, self.bottom, self.top = left, max(right, left + 1), bottom, max(top, bottom + 1)

    def place(self, point: Point) -> Point:
        across, up = (point[0] - self.left) / (self.right - self.left), (point[1] - self.bottom) / (self.top - self.bottom)
        return round(LEFT + across * (WIDTH - LEFT - RIGHT), 1), round(HEIGHT - BOTTOM - up * (HEIGHT - TOP - BOTTOM), 1)

    def line(self, points: list[Point], style: str) -> str:
        return f'<polyline fill="none" {style} points="{" ".join(f"{x},{y}" for x, y in map(self.place, points))}"/>'

    def grid(self) -> str:
        parts = []
        for power in range(self.left, self.right + 1):
            x, y = self.place((power, self.bottom))
            parts.append(self.line([(power, self.bottom), (power, self.top)], 'stroke="#d8dee4"'))
            parts.append(f'<text x="{x}" y="{y + 16}" text-anchor="middle">{10**power:,}</text>')
        for power in range(self.bottom, self.top + 1):
            x, y = self.place((self.left, power))
            parts.append(self.line([(self.left, power), (self.right, power)], 'stroke="#d8dee4"'))
            parts.append(f'<text x="{x - 6}" y="{y + 4}" text-anchor="end">{10**power:,}</text>')
        return "".join(parts)
