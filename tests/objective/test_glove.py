"""Learning how often words stand together."""

from contextlib import nullcontext
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from objectives import make_objective

from assay.errors import DataError
from assay.evaluation.split import SplitText
from assay.evaluation.word_sets import WordSets
from assay.model.glove import Glove
from assay.model.schema import GloveSchema as ModelSchema
from assay.objective.glove import EntryOrder, GloveObjective
from assay.objective.objective import Vocabulary
from assay.objective.schema import GloveSchema

SIZE, MARK, END = 18, 16, 17
SPELLINGS = [f" {letter * 3}".encode() for letter in "abcdefghijklmnop"] + [b" !", b""]
RATE = 0.05


def some_text(count: int = 4000, seed: int = 5) -> Any:
    """Documents of 20 tokens: words of an even number mostly stand with such, and odd ones with odd, marks between."""
    draws = np.random.default_rng(seed)
    parity = np.repeat(draws.integers(0, 2, count // 20), 20) ^ (draws.random(count) < 0.1)
    text = draws.integers(0, 8, count) * 2 + parity
    text[draws.random(count) < 0.1] = MARK
    text[19::20] = END
    return text


def objective(text: Any = None, seed: int = 0, **settings: Any) -> GloveObjective:
    torch.manual_seed(seed)
    vocabulary = Vocabulary(SIZE, END, np.ones(SIZE, dtype=np.bool_), SPELLINGS)
    config = GloveSchema(**{"min_count": 1, "window": 5, **settings})
    made: GloveObjective = make_objective(config, Glove(ModelSchema(d_model=6), SIZE, 64), vocabulary, rate=lambda: RATE)
    made.begin(some_text() if text is None else np.array(text))
    return made


def learn(module: GloveObjective, tokens: int, rows: int = 4) -> list[float]:
    """Mean losses of the updates."""
    updates = [module.update(torch.zeros(rows, 26, dtype=torch.int64), RATE) for _ in range(tokens // (25 * rows))]
    return [loss / (weights or 1) for loss, weights in updates]


def split(text: Any, sets: WordSets | None = None) -> SplitText:
    return SplitText(text, 1, 64, 2, text, None, sets or WordSets())


@given(entries=st.integers(1, 5000), cuts=st.lists(st.integers(0, 12_000), max_size=6), key=st.integers(0, 2**60))
def test_each_epoch_takes_every_entry_once_however_it_is_cut_into_steps(entries: int, cuts: list[int], key: int) -> None:
    places = sorted({0, 2 * entries, *(min(cut, 2 * entries) for cut in cuts)})
    order = EntryOrder(entries, key)
    taken = [number for start, end in pairwise(places) for number in order.between(start, end).tolist()]
    assert taken == EntryOrder(entries, key).between(0, 2 * entries).tolist()
    assert sorted(taken[:entries]) == sorted(taken[entries:]) == list(range(entries))


def test_epochs_have_orders_of_their_own_whatever_was_asked_before() -> None:
    order = EntryOrder(1000, 3)
    second, first = order.between(1000, 2000), order.between(0, 1000)
    assert not np.array_equal(first, second)
    assert np.array_equal(second, order.between(1000, 2000))
    assert not np.array_equal(first, EntryOrder(1000, 4).between(0, 1000))


def test_an_entry_may_come_anywhere_in_an_epoch() -> None:
    """Neighbours in the text's counts, such as the two directions of a pair, are taken apart: each place is as likely for either."""
    found = np.array([np.argsort(EntryOrder(8, key).between(0, 8)) for key in range(4000)])
    places = np.array([np.bincount(column, minlength=8) for column in found.T])
    assert np.abs(places / 500 - 1).max() < 0.25
    apart = np.abs(found[:, 0] - found[:, 1]).mean()
    assert apart == pytest.approx(3, abs=0.15)  # (8 + 1) / 3 of two places drawn apart


def test_a_budget_of_the_whole_split_takes_each_direction_of_each_pair_once(monkeypatch: pytest.MonkeyPatch) -> None:
    module = objective()
    taken: list[tuple[int, int]] = []
    kernel = module._learn

    def spy(entries: Any, *rest: Any) -> Any:
        taken.extend(zip(entries[0].tolist(), entries[1].tolist(), strict=True))
        return kernel(entries, *rest)

    monkeypatch.setattr(module, "_learn", spy)
    learn(module, 4000)
    pairs = module._count(some_text())
    either = zip(pairs.first.tolist(), pairs.second.tolist(), strict=True)
    assert sorted(taken) == sorted({direction for i, k in either for direction in ((i, k), (k, i))})
    assert int(module.glove.position) == 4000


def test_a_model_that_was_saved_goes_on_as_if_it_had_not_been() -> None:
    whole, first = objective(), objective()
    losses = learn(whole, 10_000)
    half = learn(first, 5_000)
    second = objective(seed=9)
    second.model.load_state_dict(first.model.state_dict())
    second.begin(some_text())
    assert half + learn(second, 5_000) == losses
    assert all(
        torch.equal(mine, theirs)
        for mine, theirs in zip(whole.model.state_dict().values(), second.model.state_dict().values(), strict=True)
    )


def test_windows_are_a_clock_only() -> None:
    one, other = objective(), objective()
    batch = torch.randint(0, SIZE, (4, 26), generator=torch.Generator().manual_seed(1))
    assert one.update(batch, RATE) == other.update(batch * 0, RATE)


def test_words_that_stand_together_are_told_from_others_better_than_by_biases() -> None:
    module, held_out = objective(), some_text(seed=6)
    before = module.score(split(held_out), nullcontext)
    learn(module, 2_000_000, rows=400)
    after = module.score(split(held_out), nullcontext)
    assert after.loss < after.biases_loss / 2
    assert after.biases_loss == before.biases_loss < before.loss
    assert after == module.score(split(held_out), nullcontext)
    lines = module.samples(None, type("Asked", (), {"sample_prompts": ["CCC", "nobody"]})(), split(held_out), 1)[0].splitlines()  # type: ignore[arg-type]
    assert {name[0] for name in lines[0].removeprefix("ccc: ").split(", ")[:3]} <= set("aegikmo")
    assert lines[1] == "nobody: -"


def test_pairs_that_training_never_saw_are_left_out_and_told() -> None:
    """Of a pair that does not stand together GloVe is asked nothing, so it is not asked of one in the split either."""
    module = objective([0, 1, END, 2, 3, END] * 20)
    found = module.score(split(np.array([0, 1, END, 1, 2, END, 0, 1, END])), nullcontext)
    assert (found.pairs, found.coverage) == (1, pytest.approx(2 / 3))
    with pytest.raises(DataError, match="no two words that stand together in the training split do so"):
        module.score(split(np.array([1, 2, END])), nullcontext)


def test_vectors_are_the_sums_of_both_and_only_words_have_one() -> None:
    module = objective(min_count=100)
    sets = WordSets({"mine": [("aaa", "bbb", 1.0), ("aaa", "ccc", 2.0), ("bbb", "ddd", 3.0)]})
    vectors = module._vectors()
    total = (module.glove.word_vectors + module.glove.context_vectors)[:16].numpy()
    np.testing.assert_allclose(vectors.units, total / np.linalg.norm(total, axis=1, keepdims=True), rtol=1e-5)
    assert vectors.words == [spelling.decode().strip() for spelling in SPELLINGS[:16]]
    assert module.score(split(some_text(seed=6), sets), nullcontext).similarity.known["mine"].scored == 3


def test_a_text_without_two_words_together_is_refused_with_what_to_change() -> None:
    with pytest.raises(DataError, match=r"come 9 times or more stand together.*\n.*objective\.min_count=1"):
        objective([0, 1, END], min_count=9)


def test_the_order_of_entries_is_the_runs_own() -> None:
    one, other = objective(seed=1), objective(seed=2)
    assert all(np.array_equal(mine, theirs) for mine, theirs in zip(one._entries, other._entries, strict=True))
    assert not np.array_equal(one._order.between(0, 100), other._order.between(0, 100))
