"""Predicting tokens in a drawn order."""

import math
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from objectives import BACKENDS, broken_graphs, make_objective
from torch.utils.flop_counter import FlopCounterMode

from assay.evaluation.permuted import order_of
from assay.evaluation.split import SplitText
from assay.model.schema import XLNetSchema
from assay.model.xlnet import XLNet
from assay.objective.objective import Vocabulary
from assay.objective.permutation_lm import PermutationLM
from assay.objective.schema import PermutationLMSchema

SIZE, END = 20, 19


def objective(compiled: bool = False, **settings: Any) -> PermutationLM:
    torch.manual_seed(0)
    model = XLNet(XLNetSchema(n_layer=2, n_head=2, d_model=16, norm_place="before"), SIZE, 32)
    vocabulary = Vocabulary(SIZE, END, np.ones(SIZE, dtype=np.bool_))
    found: PermutationLM = make_objective(PermutationLMSchema(**settings), model, vocabulary, compiled=compiled)
    return found


def some_tokens(rows: int = 4, columns: int = 33) -> torch.Tensor:
    return torch.randint(0, SIZE, (rows, columns), generator=torch.Generator().manual_seed(1))


@given(columns=st.integers(1, 40), one_in=st.integers(1, 50), seed=st.integers(0, 2**31))
def test_one_in_k_is_predicted_and_at_least_one_each_place_once(columns: int, one_in: int, seed: int) -> None:
    torch.manual_seed(seed)
    places = objective(predict_one_in=one_in).choose(some_tokens(3, columns))
    assert places.shape == (3, max(1, columns // one_in))
    assert all(len(set(row)) == len(row) and set(row) <= set(range(columns)) for row in places.tolist())


def test_each_row_and_each_step_has_another_order_and_every_place_its_turn() -> None:
    module, tokens = objective(), some_tokens(600, 12)
    torch.manual_seed(3)
    first = module.choose(tokens)
    assert not torch.equal(first, module.choose(tokens))
    shares = torch.bincount(first.flatten(), minlength=12) / 600
    assert shares.numpy() == pytest.approx([1 / 6] * 12, abs=0.06)
    torch.manual_seed(3)
    assert torch.equal(first, module.choose(tokens))


def test_the_loss_is_that_of_the_predicted_tokens_alone() -> None:
    module, batch = objective(), some_tokens()
    with torch.no_grad():
        for parameter in module.xlnet.parameters():
            parameter.zero_()
    assert module.loss(batch).mean.item() == pytest.approx(math.log(SIZE))
    with torch.no_grad():
        module.xlnet.output_bias[:] = torch.arange(SIZE) * 0.1
    torch.manual_seed(3)
    chosen = batch[:, :-1].gather(1, module.choose(batch[:, :-1]))
    nats = -module.xlnet.output_bias.log_softmax(0)[chosen].mean()
    torch.manual_seed(3)
    assert module.loss(batch).mean.item() == pytest.approx(nats.item(), rel=1e-5)


def test_all_weights_learn() -> None:
    module = objective(predict_one_in=2)
    module.loss(some_tokens()).mean.backward()
    still = [name for name, p in module.xlnet.named_parameters() if p.grad is None or not p.grad.abs().sum() > 0]
    assert still == []


def test_it_learns_what_stands_on_both_sides() -> None:
    """Rows that count on in steps of one: a neighbour on either side tells the token, if its distance is known."""
    module = objective()
    optimizer = torch.optim.Adam(module.parameters(), 0.01)
    rows = (torch.arange(END)[:, None] + torch.arange(17)) % END
    torch.manual_seed(0)
    for _ in range(150):
        optimizer.zero_grad()
        module.loss(rows).mean.backward()
        optimizer.step()
    tokens = rows[:, :16].flatten().numpy()
    found = module.score(SplitText(tokens, 1, 16, 8, tokens[::-1].copy()), torch.no_grad)
    assert found.accuracy > 0.95
    assert found.loss < 0.2 * found.bigram_loss


def test_the_floor_is_counted_once_and_on_the_training_split() -> None:
    module, text = objective(), some_tokens(1, 64)[0].numpy()
    split = SplitText(text, 1, 16, 8, text)
    known = module.score(split, torch.no_grad)
    other = objective().score(SplitText(text, 1, 16, 8, text[::-1].copy()), torch.no_grad)
    assert known.bigram_loss < other.bigram_loss
    assert known.loss == other.loss
    counted = module._bigrams
    module.score(split, torch.no_grad)
    assert module._bigrams is counted


def test_order_of_what_is_chosen_leaves_the_rest_to_be_seen() -> None:
    module, tokens = objective(), some_tokens(5, 12)
    places = module.choose(tokens)
    order = order_of(places, 12)
    assert (order == 0).sum(dim=1).tolist() == [10] * 5
    assert order.gather(1, places).tolist() == [[1, 2]] * 5


@BACKENDS
def test_a_compiled_model_has_the_same_loss_and_gradient_in_every_order(backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert broken_graphs(lambda compiled: objective(compiled=compiled), [some_tokens()] * 2, backend, monkeypatch) == 0


@pytest.mark.parametrize("one_in", [1, 6])
def test_the_work_of_a_step_is_what_torch_counts(one_in: int) -> None:
    """Of sequences enough that the codes of distances, which all share, are little."""
    module, batch = objective(predict_one_in=one_in), some_tokens(256)
    with FlopCounterMode(display=False) as counter:
        torch.autograd.backward(module.training_step(batch, 0))
    assert module.microbatch_flops[0] * 256 * 32 == pytest.approx(counter.get_total_flops(), rel=0.02)
