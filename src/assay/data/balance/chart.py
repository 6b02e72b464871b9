"""A chart of the growth of a vocabulary with the text that is read."""

from typing import Any

from assay.data.balance.vocabulary import FITTED_FROM
from assay.report.chart import Series, line_chart
from assay.report.page import Chart

LABEL = "Different words over words read, both axes by powers of ten; dashed: Heaps' law as fitted"


def growth_chart(vocabulary: dict[str, Any]) -> Chart | None:
    """The card's points and the fitted law, which is a straight line on logarithmic axes. None for fewer than two points."""
    points = [(float(read), float(different)) for read, different in vocabulary["points"]]
    if len(points) < 2:
        return None
    series = [Series("counted", points)]
    if vocabulary["exponent"] and vocabulary["factor"]:  # the factor of a vocabulary that starts late may be rounded to 0
        ends = (float(FITTED_FROM), points[-1][0])
        series.append(Series("Heaps' law", [(x, vocabulary["factor"] * x ** vocabulary["exponent"]) for x in ends], dashed=True))
    return line_chart(LABEL, "words read", "different words", series, logarithmic=True)
