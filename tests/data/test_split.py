from hypothesis import given
from hypothesis import strategies as st

from assay.data.document import text_hash
from assay.data.split import assign_splits, split_position


def sizes(number: int, val: float, test: float) -> list[int]:
    splits = assign_splits([text_hash(str(each)) for each in range(number)], val, test)
    return [list(splits.values()).count(name) for name in ("train", "val", "test")]


def test_shares_of_many_documents_are_those_of_the_config() -> None:
    train, val, test = sizes(20_000, 0.05, 0.10)
    assert abs(val - 1000) < 100
    assert abs(test - 2000) < 140
    assert train + val + test == 20_000


@given(st.sets(st.text(), min_size=3, max_size=40), st.floats(0.001, 0.49), st.floats(0.001, 0.49))
def test_from_three_texts_on_val_and_test_are_never_empty_and_each_text_has_one_split(texts: set[str], val: float, test: float) -> None:
    digests = [text_hash(text) for text in texts if text.isascii()] + [text_hash(f"{number}") for number in range(3)]
    splits = assign_splits(digests, val, test)
    assert set(splits) == set(digests)
    assert {"val", "test"} <= set(splits.values())


def test_a_split_depends_on_the_text_alone() -> None:
    """A document added to a large corpus moves no other one, and the order of documents counts for nothing."""
    digests = [text_hash(str(number)) for number in range(1000)]
    before = assign_splits(digests, 0.05, 0.05)
    after = assign_splits([text_hash("new"), *reversed(digests)], 0.05, 0.05)
    assert all(after[digest] == split for digest, split in before.items())


def test_a_small_corpus_lends_the_text_next_in_hash_order() -> None:
    digests = sorted((text_hash(str(number)) for number in range(3)), key=split_position)
    assert assign_splits(digests, 1e-9, 1e-9) == {digests[0]: "val", digests[1]: "test", digests[2]: "train"}
