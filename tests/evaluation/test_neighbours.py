"""The score of vectors of words."""

from assay.evaluation.neighbours import NeighbourScore
from assay.evaluation.word_similarity import PairScore, WordSimilarity


def test_a_score_tells_its_floor_and_what_people_say() -> None:
    score = NeighbourScore(2.25, 2.5, 700, WordSimilarity({"mine": PairScore(0.5, 8, 10)}))
    assert score.metrics("val") == {"val/loss": 2.25, "val/unigram_loss": 2.5, "mine/spearman": 0.5, "mine/coverage": 0.8}
    assert score.sizes() == {"predictions": 700, "mine_pairs": 8}
    assert score.said("val") == ("val/loss 2.2500 nats per prediction (by frequency alone 2.5000)  mine/spearman 0.5000 (8 of 10 pairs)")


def test_a_split_without_sets_says_nothing_of_people() -> None:
    assert NeighbourScore(2.25, 2.5, 700).said("test") == "test/loss 2.2500 nats per prediction (by frequency alone 2.5000)"
