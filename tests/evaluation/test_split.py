import numpy as np

from assay.evaluation.split import SplitSources


def test_each_token_is_of_the_source_of_its_document() -> None:
    sources = SplitSources(["a", "b"], np.array([1, 0, 1]), np.array([2, 3, 6], dtype=np.uint64), [5, 1])
    assert sources.of_tokens(0, 6).tolist() == [1, 1, 0, 1, 1, 1]
    assert sources.of_tokens(2, 2).tolist() == [0, 1]
