"""What is predicted; how is tested with what both share, in test_negative_sampling.py."""

from objective.test_negative_sampling import objective, scored

from assay.objective.cbow import CBOW
from assay.objective.schema import CBOWSchema


def test_each_word_is_one() -> None:
    module = objective(CBOWSchema, window=1)
    assert isinstance(module, CBOW)
    assert scored(module, [0, 1, 2]).predictions == 3
