from fractions import Fraction

import pytest

from assay.data.near.bands import Bands, bands_for
from assay.data.near.settings import NearDedupSettings


def test_the_default_finds_more_than_98_in_100_at_the_threshold_and_looks_at_few_unlike_pairs() -> None:
    config = NearDedupSettings()
    bands = bands_for(config.threshold_parts, config.permutations, config.recall)
    assert bands == Bands(21, 6)
    assert bands.detection(Fraction(8, 10)) > Fraction(99, 100)
    assert bands.detection(Fraction(3, 10)) < Fraction(2, 100)


@pytest.mark.parametrize("permutations", [16, 60, 128, 1024])
@pytest.mark.parametrize("parts", [5000, 8000, 9500, 10_000])
def test_bands_fit_the_signature_find_what_is_asked_and_could_not_be_longer(parts: int, permutations: int) -> None:
    bands = bands_for(parts, permutations, 0.9)
    assert bands.count * bands.rows <= permutations
    assert bands.detection(Fraction(parts, 10_000)) >= Fraction(9, 10)
    longer = Bands(permutations // (bands.rows + 1), bands.rows + 1)
    assert longer.count == 0 or longer.detection(Fraction(parts, 10_000)) < Fraction(9, 10)


def test_the_chance_is_that_of_the_formula() -> None:
    assert float(Bands(14, 8).detection(Fraction(8, 10))) == pytest.approx(1 - (1 - 0.8**8) ** 14)


def test_the_least_that_a_config_may_set_still_reaches_the_most_that_it_may_ask() -> None:
    bands = bands_for(5000, 16, 0.9999)
    assert bands.detection(Fraction(5000, 10_000)) >= Fraction(9999, 10_000)
