"""A step's gradient and loss are those of its tokens, however its sequences are split into micro-batches."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from objectives import make_objective

from assay.config.schema import GROUPS
from assay.model.encoder import Encoder
from assay.model.encoder_decoder import TransformerEncoderDecoder
from assay.model.schema import WORD_VECTORS, EncoderDecoderSchema, EncoderSchema, TransformerSchema, XLNetSchema
from assay.model.transformer import Transformer
from assay.model.xlnet import XLNet
from assay.objective.objective import Objective, Vocabulary
from assay.objective.schema import (
    CausalLMSchema,
    DenoisingSchema,
    MaskedLMSchema,
    PermutationLMSchema,
    SpanCorruptionSchema,
)

ROWS, TOKENS, SIZE, END = 16, 12, 20, 19
SHAPE: dict[str, Any] = {"n_layer": 1, "n_head": 2, "d_model": 8}
READ = Encoder, EncoderSchema(**SHAPE)
WRITE = TransformerEncoderDecoder, EncoderDecoderSchema(**SHAPE)
OBJECTIVES = {
    "causal": (Transformer, TransformerSchema(**SHAPE), CausalLMSchema()),
    "causal, smoothed": (Transformer, TransformerSchema(**SHAPE), CausalLMSchema(label_smoothing=0.1)),
    "masked": (*READ, MaskedLMSchema(hidden_fraction=0.4)),
    "masked, whole words": (*READ, MaskedLMSchema(hidden_fraction=0.2, whole_words=True)),
    "permuted": (XLNet, XLNetSchema(**SHAPE), PermutationLMSchema(predict_one_in=3)),
    "denoising": (*WRITE, DenoisingSchema(masked_fraction=0.1, deleted_fraction=0.1, permute_sentences=True)),
    "denoising, smoothed": (*WRITE, DenoisingSchema(label_smoothing=0.1)),
    "span corruption": (*WRITE, SpanCorruptionSchema(hidden_fraction=0.4, mean_span_tokens=2.0)),
}


def test_every_objective_that_is_trained_by_gradient_is_here() -> None:
    found = {schema for schema in GROUPS["objective"] if schema.PREDICTS not in WORD_VECTORS}
    assert found == {type(config) for _, _, config in OBJECTIVES.values()}


class RowDraws:
    """Draws in place of torch's that depend on a row's number and on how many draws its micro-batch made before, not on the rows beside it."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.rows: list[int] = []
        self.calls = 0
        for name in ("rand", "randint", "poisson"):
            patch.setattr(torch, name, getattr(self, name))
        self._rand, self._randint, self._poisson = REAL

    def rand(self, shape: Any, **_: Any) -> torch.Tensor:
        return torch.stack([self._rand(tuple(shape)[1:], generator=each) for each in self._generators()])

    def randint(self, high: int, shape: Any, **_: Any) -> torch.Tensor:
        return torch.stack([self._randint(high, tuple(shape)[1:], generator=each) for each in self._generators()])

    def poisson(self, rates: torch.Tensor, **_: Any) -> torch.Tensor:
        return torch.stack([self._poisson(row, generator=each) for row, each in zip(rates, self._generators(), strict=True)])

    def _generators(self) -> Iterator[torch.Generator]:
        self.calls += 1
        return (torch.Generator().manual_seed(1000 * self.calls + row) for row in self.rows)


REAL = torch.rand, torch.randint, torch.poisson


def made(name: str) -> Objective:
    model, shape, config = OBJECTIVES[name]
    torch.manual_seed(0)
    spelled = [b" %d" % number if number % 2 else b"%d." % number for number in range(SIZE - 1)] + [b""]
    vocabulary = Vocabulary(SIZE, END, np.arange(SIZE) % 3 == 0, spelled)
    found: Objective = make_objective(config, model(shape, SIZE + config.EXTRA_TOKENS, TOKENS), vocabulary)
    return found


def windows() -> torch.Tensor:
    """(ROWS, TOKENS + 1); every third has five document ends, which masked LM never hides."""
    tokens = torch.randint(END, (ROWS, TOKENS + 1), generator=torch.Generator().manual_seed(3))
    tokens[::3, 4:9] = END
    return tokens


WINDOWS = windows()


def windows_of(start: int, size: int) -> torch.Tensor:
    return WINDOWS[start : start + size]


def step(name: str, sizes: list[int]) -> tuple[float, list[float], dict[str, torch.Tensor]]:
    """Loss, counts and gradients of one step with micro-batches of so many rows, as Lightning makes it."""
    module, start = made(name), 0
    with pytest.MonkeyPatch.context() as patch:
        draws = RowDraws(patch)
        for number, size in enumerate(sizes):
            draws.rows, draws.calls = list(range(start, start + size)), 0
            loss = module.training_step(windows_of(start, size), number)
            assert loss is not None
            torch.autograd.backward(loss / len(sizes))
            start += size
    module.configure_gradient_clipping(torch.optim.SGD(module.model.parameters(), lr=0.1))
    gradients = {name: parameter.grad for name, parameter in module.model.named_parameters() if parameter.grad is not None}
    return module.step_loss(), [each.count for each in module.microbatch_losses], gradients


@cache
def in_one(name: str) -> tuple[float, list[float], dict[str, torch.Tensor]]:
    return step(name, [ROWS])


@st.composite
def splits(draw: st.DrawFn) -> list[int]:
    """ROWS as the sum of 2, 4 or 8 sizes."""
    parts = draw(st.sampled_from([2, 4, 8]))
    cuts = sorted(draw(st.lists(st.integers(1, ROWS - 1), min_size=parts - 1, max_size=parts - 1, unique=True)))
    return [end - start for start, end in zip([0, *cuts], [*cuts, ROWS], strict=True)]


@pytest.mark.parametrize("name", OBJECTIVES)
@settings(max_examples=10)
@given(sizes=splits())
def test_gradients_and_loss_do_not_depend_on_how_rows_are_split_into_microbatches(name: str, sizes: list[int]) -> None:
    loss, counts, gradients = step(name, sizes)
    whole_loss, whole_counts, whole = in_one(name)
    assert sum(counts) == sum(whole_counts)
    assert loss == pytest.approx(whole_loss, rel=1e-6)
    torch.testing.assert_close(gradients, whole, atol=1e-6, rtol=1e-5)


@pytest.mark.parametrize("parts", [2, 4, 8])
def test_masked_rows_are_of_different_counts(parts: int) -> None:
    """So that a mean of the micro-batches' means would be another number."""
    _, counts, _ = step("masked", [ROWS // parts] * parts)
    assert len(set(counts)) > 1


def test_equal_counts_leave_gradients_as_they_are() -> None:
    """A step of causal LM is the mean of its micro-batches' means, to the bit."""
    module, plain = made("causal"), made("causal")
    for number in range(2):
        batch = windows_of(8 * number, 8)
        loss = module.training_step(batch, number)
        assert loss is not None
        torch.autograd.backward(loss / 2)
        torch.autograd.backward(plain.loss(batch).mean / 2)
    module.configure_gradient_clipping(torch.optim.SGD(module.model.parameters(), lr=0.1))
    for ours, theirs in zip(module.model.parameters(), plain.model.parameters(), strict=True):
        assert ours.grad is not None
        assert theirs.grad is not None
        assert torch.equal(ours.grad, theirs.grad)
