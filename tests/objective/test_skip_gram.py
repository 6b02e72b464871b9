"""What is predicted; how is tested with what both share, in test_negative_sampling.py."""

from objective.test_negative_sampling import objective, scored

from assay.objective.schema import SkipGramSchema
from assay.objective.skip_gram import SkipGram


def test_each_neighbour_of_each_word_is_a_prediction() -> None:
    module = objective(SkipGramSchema, window=1)
    assert isinstance(module, SkipGram)
    assert scored(module, [0, 1, 2]).predictions == 4
