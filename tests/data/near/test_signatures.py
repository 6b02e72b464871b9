from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from assay.data.batch import TextBatch
from assay.data.near.settings import Shingles
from assay.data.near.signatures import has_shingles, shared, signatures

K = 128


def sign(texts: list[str], seed: int = 0, permutations: int = K) -> np.ndarray[Any, Any]:
    return signatures(TextBatch.of(texts), Shingles(words=1, characters=1), permutations, seed)


@pytest.mark.parametrize("size", [4, 12, 60, 300, 3000])
@pytest.mark.parametrize("similarity", [0.25, 0.5, 0.8])
def test_the_share_of_equal_numbers_is_the_similarity_for_short_and_for_long_texts(size: int, similarity: float) -> None:
    """400 pairs of sets; their mean may be off by four of its standard errors, and one pair by no more than plain MinHash would be."""
    common = round(size * similarity)
    own = (size - common) // 2
    texts = []
    for pair in range(400):
        both = [f"b{pair}x{number}" for number in range(common)]
        texts += [" ".join([*both, *(f"{side}{pair}x{number}" for number in range(own))]) for side in "lr"]
    true = common / (common + 2 * own)
    estimates = shared(sign(texts), np.arange(800).reshape(-1, 2)) / K
    spread = (true * (1 - true) / K) ** 0.5
    assert abs(estimates.mean() - true) <= 4 * spread / 400**0.5
    assert estimates.std() <= 1.15 * spread


@settings(deadline=None)
@given(some.lists(some.sampled_from("abcdefghijklmnop"), min_size=1), some.randoms())
def test_a_signature_is_of_the_set_not_of_order_or_repeats(words: list[str], source: Any) -> None:
    other = [*words, *words]
    source.shuffle(other)
    one, two = sign([" ".join(words), " ".join(other)])
    assert (one == two).all()


@settings(deadline=None)
@given(some.lists(some.text(some.characters(exclude_categories=["Cs"]), max_size=30), min_size=1, max_size=12), some.data())
def test_a_documents_row_does_not_depend_on_the_others(texts: list[str], data: Any) -> None:
    order = data.draw(some.permutations(range(len(texts))))
    cut = data.draw(some.integers(0, len(texts)))
    whole = sign(texts)
    parts = [sign([texts[row] for row in rows]) for rows in (order[:cut], order[cut:])]
    assert (np.concatenate(parts) == whole[order]).all()


def test_text_without_letters_is_told_apart(prose: Callable[..., str]) -> None:
    assert has_shingles(sign(["one", "", "?!", prose(1, 2000), "中"])).tolist() == [True, False, False, True, True]


def test_signatures_of_two_seeds_have_nothing_in_common(prose: Callable[..., str]) -> None:
    text = prose(1, 500)
    assert (sign([text], 1) != sign([text], 2)).all()


def test_signatures_are_the_same_on_every_machine() -> None:
    """Stored signatures are compared with new ones: a change of this line is a change of format."""
    assert sign(["to be or not to be", "床前明月光"], permutations=4).tolist() == [
        [2027481269, 893884921, 1565437509, 324594939],
        [1353124698, 1257386122, 701571255, 709015530],
    ]
