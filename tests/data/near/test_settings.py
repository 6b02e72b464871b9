import pytest

from assay.data.near.settings import DecontaminationSettings, NearDedupSettings, Shingles


@pytest.mark.parametrize(("threshold", "parts"), [(0.8, 8000), (0.7, 7000), (0.9999, 9999), (1.0, 10_000), (0.57, 5700)])
def test_a_threshold_is_compared_as_whole_ten_thousandths(threshold: float, parts: int) -> None:
    assert NearDedupSettings(threshold=threshold).threshold_parts == parts


def test_an_ngram_is_a_shingle_of_its_own_length() -> None:
    assert DecontaminationSettings().ngrams == Shingles(words=13, characters=20)
    assert NearDedupSettings(words=3, characters=4).shingles == Shingles(words=3, characters=4)
