import re
from xml.etree import ElementTree

from assay.data.balance.chart import HEIGHT, WIDTH, growth_chart

GROWN = {"points": [[100, 70], [1000, 400], [40_000, 5_000]], "exponent": 0.6, "factor": 5.0}


def test_the_growth_and_its_law_are_drawn_within_the_picture() -> None:
    drawn = growth_chart(GROWN)
    svg = ElementTree.fromstring(re.sub(r"<p>.*", "", drawn))
    points = [tuple(map(float, pair.split(","))) for line in svg.iter("polyline") for pair in line.attrib["points"].split()]
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in points)
    curve = [line for line in svg.iter("polyline") if line.attrib.get("stroke-width") == "2"]
    assert len(curve[0].attrib["points"].split()) == 3
    assert "stroke-dasharray" in drawn
    assert "stroke-dasharray" not in growth_chart({**GROWN, "exponent": None, "factor": None})
    assert [text.text for text in svg.iter("text")][:4] == ["100", "1,000", "10,000", "100,000"]


def test_the_last_power_stands_whole_beside_the_picture() -> None:
    svg = ElementTree.fromstring(re.sub(r"<p>.*", "", growth_chart({**GROWN, "points": [[100, 70], [400_000, 5_000]]})))
    last = next(text for text in svg.iter("text") if text.text == "1,000,000")
    half = len("1,000,000") * 5.5 / 2  # a digit of 11 px is narrower than this
    assert float(last.attrib["x"]) + half <= WIDTH


def test_one_point_is_no_growth() -> None:
    assert growth_chart({"points": [[9, 9]], "exponent": None, "factor": None}) == ""


def test_a_fit_whose_factor_rounds_to_nothing_is_not_drawn() -> None:
    points = [[1000, 1], [1500, 1], [2250, 30]]
    drawn = growth_chart({"points": points, "exponent": 4.0, "factor": 0.0})
    assert drawn.count("stroke-dasharray") == 0
    assert growth_chart({"points": points, "exponent": 4.0, "factor": 0.001}).count("stroke-dasharray") == 1
