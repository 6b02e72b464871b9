from assay.data.balance.chart import growth_chart

GROWN = {"points": [[100, 70], [1000, 400], [40_000, 5_000]], "exponent": 0.6, "factor": 5.0}


def test_the_growth_and_its_law_are_drawn_on_powers_of_ten() -> None:
    chart = growth_chart(GROWN)
    assert chart is not None
    assert [(curve.name, len(curve.points), curve.dashed) for curve in chart.curves] == [("counted", 3, False), ("Heaps' law", 2, True)]
    assert [label for _, label in chart.x_ticks] == ["100", "1,000", "10,000", "100,000"]
    unfitted = growth_chart({**GROWN, "exponent": None, "factor": None})
    assert unfitted is not None
    assert [curve.name for curve in unfitted.curves] == ["counted"]


def test_one_point_is_no_growth() -> None:
    assert growth_chart({"points": [[9, 9]], "exponent": None, "factor": None}) is None


def test_a_fit_whose_factor_rounds_to_nothing_is_not_drawn() -> None:
    points = [[1000, 1], [1500, 1], [2250, 30]]
    for factor, curves in ((0.0, 1), (0.001, 2)):
        chart = growth_chart({"points": points, "exponent": 4.0, "factor": factor})
        assert chart is not None
        assert len(chart.curves) == curves
