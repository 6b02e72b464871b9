import pytest

from assay.evaluation.proportions import Z_95, mcnemar, wilson


@pytest.mark.parametrize(("right", "of"), [(0, 10), (10, 10), (81, 263), (5, 10_000)])
def test_the_interval_ends_where_the_share_is_just_z_standard_deviations_away(right: int, of: int) -> None:
    """Of the end, not of the share that was found: so it is never empty, and never outside of 0 to 1."""
    low, high = wilson(right, of)
    assert 0 <= low < high <= 1
    for end in (low, high):
        assert (right / of - end) ** 2 == pytest.approx(Z_95**2 * end * (1 - end) / of, abs=1e-12)


@pytest.mark.parametrize(
    ("only_first", "only_second", "p"),
    [(0, 0, 1.0), (1, 1, 1.0), (0, 5, 2 / 32), (2, 8, 2 * (1 + 10 + 45) / 1024), (8, 2, 2 * (1 + 10 + 45) / 1024)],
)
def test_two_classifiers_are_compared_by_the_documents_that_one_alone_has_right(only_first: int, only_second: int, p: float) -> None:
    assert mcnemar(only_first, only_second) == pytest.approx(p)


def test_thousands_of_differences_are_no_overflow() -> None:
    assert 0 < mcnemar(1400, 1500) < 0.1
