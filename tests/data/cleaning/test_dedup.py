from itertools import permutations

import numpy as np

from assay.data.cleaning.dedup import repeats


def test_of_equal_texts_the_first_stays() -> None:
    for order in permutations([(1, 7), (1, 7), (2, 7), (1, 8)]):
        high, low = (np.array(half, dtype=np.uint64) for half in zip(*order, strict=True))
        first = [order.index(text) == place for place, text in enumerate(order)]
        assert (~repeats(high, low)).tolist() == first


def test_of_no_text_none_is_a_repeat() -> None:
    assert repeats(np.empty(0, dtype=np.uint64), np.empty(0, dtype=np.uint64)).tolist() == []
