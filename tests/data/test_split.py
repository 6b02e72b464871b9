import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from assay.data.document import text_hash
from assay.data.split import SPLITS, assign_splits, split_position


def positions(texts: list[str]) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    return np.array([split_position(text_hash(text)) for text in texts], dtype=np.uint64)


def split_of(texts: list[str], val: float, test: float) -> dict[str, str]:
    return dict(zip(texts, [SPLITS[number] for number in assign_splits(positions(texts), val, test)], strict=True))


def test_shares_of_many_documents_are_those_of_the_config() -> None:
    splits = list(split_of([str(each) for each in range(20_000)], 0.05, 0.10).values())
    assert abs(splits.count("val") - 1000) < 100
    assert abs(splits.count("test") - 2000) < 140
    assert len(splits) == 20_000


@given(st.sets(st.text(), min_size=3, max_size=40), st.floats(0.001, 0.49), st.floats(0.001, 0.49))
def test_from_three_texts_on_val_and_test_are_never_empty(texts: set[str], val: float, test: float) -> None:
    assert {"val", "test"} <= set(split_of(sorted(texts), val, test).values())


def test_a_split_depends_on_the_text_alone() -> None:
    """A document added to a large corpus moves no other one, and the order of documents counts for nothing."""
    texts = [str(number) for number in range(1000)]
    before = split_of(texts, 0.05, 0.05)
    after = split_of(["new", *reversed(texts)], 0.05, 0.05)
    assert all(after[text] == split for text, split in before.items())


def test_equal_texts_share_a_split() -> None:
    assert len(set(assign_splits(positions(["a"] * 5), 0.4, 0.4))) == 1


def test_a_small_corpus_lends_the_text_next_in_hash_order() -> None:
    texts = sorted(map(str, range(3)), key=lambda text: split_position(text_hash(text)))
    assert split_of(texts, 1e-9, 1e-9) == {texts[0]: "val", texts[1]: "test", texts[2]: "train"}
