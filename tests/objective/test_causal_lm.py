"""Predicting the next token."""

import math
from typing import Any

import numpy as np
import pytest
import torch
from objectives import BACKENDS, broken_graphs, make_objective
from torch import Tensor, nn

from assay.errors import NumericError
from assay.model.language_model import LanguageModel
from assay.model.ngram import Ngram
from assay.model.schema import NgramSchema, TransformerSchema
from assay.model.transformer import Transformer
from assay.objective.causal_lm import CausalLM
from assay.objective.objective import SummedLoss, Vocabulary
from assay.objective.schema import CausalLMSchema

VOCAB = 8
VOCABULARY = Vocabulary(VOCAB, VOCAB - 1, np.ones(VOCAB, dtype=np.bool_))


class Successor(LanguageModel):
    """Is sure that t + 1 follows t."""

    def __init__(self) -> None:
        super().__init__()
        self.sureness = nn.Parameter(torch.tensor(100.0))

    def forward(self, tokens: Tensor, cache: None = None) -> Tensor:
        return nn.functional.one_hot((tokens + 1) % VOCAB, VOCAB) * self.sureness

    def flops_per_token(self, context_tokens: int) -> float:
        return 0.0


def objective(model: LanguageModel, **others: Any) -> CausalLM:
    found: CausalLM = make_objective(CausalLMSchema(), model, VOCABULARY, **others)
    return found


def transformer() -> Transformer:
    torch.manual_seed(0)
    return Transformer(TransformerSchema(n_layer=1, n_head=2, d_model=8), VOCAB, 4)


def test_each_token_is_predicted_from_those_before_it() -> None:
    rising, constant = torch.tensor([[3, 4, 5, 6]]), torch.tensor([[3, 3, 3, 3]])
    module = objective(Successor())
    assert module.training_step(rising, 0).item() == 0
    assert module.training_step(constant, 1).item() == 100


def test_the_loss_of_a_uniform_model_is_the_log_of_its_vocabulary() -> None:
    model = Successor()
    nn.init.zeros_(model.sureness)
    assert objective(model).training_step(torch.tensor([[0, 3, 1]]), 0).item() == pytest.approx(math.log(VOCAB))


@pytest.mark.parametrize(("limit", "skips"), [(1e-6, True), (1e6, False)])
def test_a_step_with_too_large_a_gradient_changes_neither_weights_nor_moments(limit: float, skips: bool) -> None:
    model = transformer()
    module = objective(model, skip_norm=limit)
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.1)
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    module.training_step(torch.tensor([[1, 2, 3, 4]]), 0).backward()
    module.configure_gradient_clipping(optimizer)
    optimizer.step()
    assert module.skipped == skips
    assert all(torch.equal(before[name], tensor) for name, tensor in model.state_dict().items()) == skips
    assert (len(optimizer.state) == 0) == skips


def test_clipping_shortens_the_gradient_to_the_norm_and_reports_what_it_was() -> None:
    module = objective(transformer(), clip_norm=0.25)
    module.training_step(torch.tensor([[1, 2, 3, 4]]), 0).backward()
    before = math.sqrt(sum(float(p.grad.square().sum()) for p in module.model.parameters() if p.grad is not None))
    module.configure_gradient_clipping(module.configure_optimizers()["optimizer"])
    after = math.sqrt(sum(float(p.grad.square().sum()) for p in module.model.parameters() if p.grad is not None))
    assert before > 0.3
    assert module.gradient_norm == pytest.approx(before)
    assert after == pytest.approx(0.25, rel=1e-4)
    assert module.learning_rate == 0.5


def test_without_a_clip_norm_the_gradient_stays_as_it_is() -> None:
    module = objective(transformer())
    module.training_step(torch.tensor([[1, 2, 3, 4]]), 0).backward()
    before = [p.grad.clone() for p in module.model.parameters() if p.grad is not None]
    module.configure_gradient_clipping(module.configure_optimizers()["optimizer"])
    assert all(torch.equal(a, b) for a, b in zip(before, [p.grad for p in module.model.parameters() if p.grad is not None], strict=True))


@pytest.mark.parametrize("first_step", [0, 7])
@pytest.mark.parametrize("broken", ["loss", "gradient"])
def test_a_number_that_is_not_finite_stops_before_the_update(broken: str, first_step: int) -> None:
    module = objective(transformer(), clip_norm=1.0, first_step=first_step)
    module.training_step(torch.tensor([[1, 2, 3, 4]]), 0).backward()
    if broken == "loss":
        module.microbatch_losses.append(SummedLoss(torch.tensor(math.nan), 3))
    else:
        module.model.norm.weight.grad[0] = math.inf
    optimizer = torch.optim.SGD(module.model.parameters(), lr=0.5)
    with pytest.raises(NumericError, match=rf"step {first_step + 1}: loss .* not finite\. Stopped before the update") as error:
        module.configure_gradient_clipping(optimizer)
    assert error.value.exit_code == 4


@pytest.mark.parametrize("done", [0, 1, 3])
def test_the_rate_goes_on_from_the_steps_done_before(done: int) -> None:
    """Though the saved optimizer's present rate is another one: it was scheduled, and by another budget perhaps."""
    model = transformer()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    optimizer.param_groups[0] |= {"initial_lr": 0.5, "lr": 0.03125}
    module = objective(model, make_optimizer=lambda _: optimizer, factor=lambda step: 1 / (1 + step), first_step=done)
    scheduler = module.configure_optimizers()["lr_scheduler"]["scheduler"]
    rates = [optimizer.param_groups[0]["lr"]]
    for _ in range(2):
        optimizer.step()
        scheduler.step()
        rates.append(optimizer.param_groups[0]["lr"])
    assert rates == [0.5 / (1 + step) for step in (done, done + 1, done + 2)]


def test_a_counting_model_is_scored_on_a_batch_before_it_sees_it() -> None:
    module = objective(Ngram(NgramSchema(order=2), VOCAB, 8))
    batch = torch.tensor([[1, 2, 1, 2, 1, 2]])
    assert [module.training_step(batch, turn) for turn in range(2)] == [None, None]
    first, second = (loss.mean.item() for loss in module.microbatch_losses)
    assert first == pytest.approx(math.log(VOCAB))
    assert second < first - 0.5
    assert module.configure_optimizers() is None


@BACKENDS
def test_a_compiled_model_has_the_same_loss_and_gradient(backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    batches = [torch.tensor([[1, 2, 3, 4], [5, 0, 7, 1]]), torch.tensor([[7, 7, 1, 0], [2, 3, 4, 4]])]
    assert broken_graphs(lambda compiled: objective(transformer(), compiled=compiled), batches, backend, monkeypatch) == 0
