"""What is read both ways, what is looked at, and what is written."""

from typing import Any

import pytest
import torch
from torch.nn import functional as F
from torch.utils.flop_counter import FlopCounterMode

from assay.model.recurrent import CELLS
from assay.model.recurrent_encoder_decoder import RecurrentEncoderDecoder
from assay.model.schema import RecurrentEncoderDecoderSchema

VOCAB, CONTEXT, WIDTH = 13, 7, 8
FORMS: list[dict[str, Any]] = [{"cell": cell, "attention": attention} for cell in CELLS for attention in ("luong", "bahdanau")]
EACH_FORM = pytest.mark.parametrize("form", FORMS, ids=[f"{form['cell']} {form['attention']}" for form in FORMS])
VISIBLE = torch.tensor([[True] * 7, [True] * 4 + [False] * 3])


def make(form: dict[str, Any], **choices: Any) -> RecurrentEncoderDecoder:
    """With weights far from their initial values."""
    torch.manual_seed(0)
    schema = RecurrentEncoderDecoderSchema(**{"n_layer": 2, "n_decoder_layer": 2, "d_model": WIDTH, **form, **choices})
    model = RecurrentEncoderDecoder(schema, VOCAB, CONTEXT).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.3)
    return model


def texts(targets: int = 5) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(1)
    return torch.randint(0, VOCAB, (2, 7), generator=generator), torch.randint(0, VOCAB, (2, targets), generator=generator)


@EACH_FORM
def test_padding_changes_nothing_wherever_it_stands(form: dict[str, Any]) -> None:
    """At the end, at the beginning and in between, whatever ids it has: as if the text were alone."""
    model, (source, target) = make(form), texts()
    with torch.inference_mode():
        alone = model.encode(source[1:, :4])
        expected = model.decode(target[1:], alone)
        for places in ([0, 1, 2, 3], [3, 4, 5, 6], [0, 2, 3, 6]):
            padded, visible = torch.full((1, 7), 9), torch.zeros(1, 7, dtype=torch.bool)
            padded[0, places], visible[0, places] = source[1, :4], True
            memory = model.encode(padded, visible)
            torch.testing.assert_close(memory[:, places], alone, atol=1e-6, rtol=1e-5)
            torch.testing.assert_close(model.decode(target[1:], memory, visible), expected, atol=1e-5, rtol=1e-4)


@EACH_FORM
def test_attention_is_a_mean_of_what_is_visible(form: dict[str, Any]) -> None:
    model, (source, _) = make(form), texts()
    with torch.inference_mode():
        keys = model.attention.key(model.encode(source, VISIBLE))
        weights = model.attention.weights(torch.randn(2, 3, WIDTH), keys, VISIBLE)
    torch.testing.assert_close(weights.sum(dim=2), torch.ones(2, 3))
    assert (weights[1, :, 4:] == 0).all()
    assert (weights[0] > 0).all()
    assert len(weights[0].round(decimals=5).unique()) > 7  # it looks


def test_the_energies_are_those_of_the_papers() -> None:
    for form in ("luong", "bahdanau"):
        attention = make({"attention": form}).attention
        states, memory = torch.randn(1, 2, WIDTH), torch.randn(1, 3, WIDTH)
        energies = torch.empty(2, 3)
        for t in range(2):
            for s in range(3):
                if form == "luong":
                    energies[t, s] = states[0, t] @ attention.key.weight @ memory[0, s]
                else:
                    assert attention.query is not None
                    assert attention.energy is not None
                    inner = attention.query.weight @ states[0, t] + attention.key.weight @ memory[0, s]
                    energies[t, s] = attention.energy @ torch.tanh(inner)
        torch.testing.assert_close(attention.weights(states, attention.key(memory), None)[0], energies.softmax(dim=1), atol=1e-5, rtol=1e-4)


@EACH_FORM
def test_token_by_token_is_what_it_is_at_once(form: dict[str, Any]) -> None:
    model, (source, target) = make(form), texts()
    with torch.inference_mode():
        memory = model.encode(source, VISIBLE)
        at_once = model.decode(target, memory, VISIBLE)
        cache = model.empty_cache()
        pieces = [model.decode(target[:, start:end], memory, VISIBLE, cache) for start, end in ((0, 2), (2, 3), (3, 4), (4, 5))]
    torch.testing.assert_close(torch.cat(pieces, dim=1), at_once, atol=1e-5, rtol=1e-4)
    assert cache.tokens == 5


@EACH_FORM
def test_each_source_token_reaches_each_place_and_no_later_target_token_does(form: dict[str, Any]) -> None:
    model, (source, target) = make(form), texts()
    embedded = {id(each): model.embedding(each).detach().requires_grad_() for each in (source, target)}
    model.embedding.forward = lambda tokens: embedded[id(tokens)]  # type: ignore[method-assign]
    for place in (0, 4):
        logits = model(source, target, VISIBLE)[:, place].sum()
        of_source, of_target = torch.autograd.grad(logits, [embedded[id(source)], embedded[id(target)]])
        assert torch.equal(of_source.abs().sum(dim=2) > 0, VISIBLE)
        assert torch.equal(of_target.abs().sum(dim=2)[0] > 0, torch.arange(5) <= place)


@EACH_FORM
def test_every_weight_has_a_gradient(form: dict[str, Any]) -> None:
    model, (source, target) = make(form, dropout=0.1, dropout_mask="locked").train(), texts()
    F.cross_entropy(model(source, target, VISIBLE).flatten(0, 1), target.flatten()).backward()  # type: ignore[no-untyped-call]
    assert [name for name, parameter in model.named_parameters() if parameter.grad is None or not parameter.grad.any()] == []


@pytest.mark.parametrize("attention", ["luong", "bahdanau"])
def test_it_learns_to_write_a_text_from_its_end(attention: str) -> None:
    """Of one layer, twelve texts: what a decoder alone can't know."""
    torch.manual_seed(0)
    model = RecurrentEncoderDecoder(RecurrentEncoderDecoderSchema(n_layer=1, d_model=24, attention=attention), VOCAB, CONTEXT)  # type: ignore[arg-type]
    source = torch.randint(1, VOCAB, (12, 6))
    truth = source.flip(1)
    target = F.pad(truth[:, :-1], (1, 0))
    optimizer = torch.optim.Adam(model.parameters(), 0.02)
    for _ in range(120):
        optimizer.zero_grad()
        F.cross_entropy(model(source, target).flatten(0, 1), truth.flatten()).backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    assert (model(source, target).argmax(dim=2) == truth).float().mean() > 0.95


@EACH_FORM
def test_the_work_of_a_pair_is_what_torch_counts(form: dict[str, Any]) -> None:
    """Three times that of the way forward, of which torch counts the products; in float64, since it does not look into kernels of cells."""
    model, (source, target) = make(form, tie_embeddings=False).double(), texts(7)
    with FlopCounterMode(display=False) as counter:
        model(source, target[:, :4])
    assert model.flops_per_pair(7, 4) * 2 == 3 * counter.get_total_flops()


@EACH_FORM
def test_in_bfloat16_the_logits_are_near_those_of_float32(form: dict[str, Any]) -> None:
    model, (source, target) = make(form), texts()
    with torch.inference_mode():
        exact = model(source, target, VISIBLE)
        with torch.autocast("cpu", torch.bfloat16):
            near = model(source, target, VISIBLE)
    assert ((near - exact).norm() / exact.norm()) < 0.05


def test_a_locked_mask_is_one_for_all_steps_of_a_text() -> None:
    """Bahdanau's loop gives its tokens one by one."""
    model = make({"attention": "bahdanau"}, dropout=0.5, dropout_mask="locked").train()
    masks = model.decoder.masks(2, torch.ones(1))
    assert [None if mask is None else tuple(mask.shape) for mask in masks] == [(2, 1, 2 * WIDTH), (2, 1, WIDTH), (2, 1, WIDTH)]
    states = model._first_states(torch.ones(2, 3, WIDTH), None)
    x = torch.ones(2, 1, 2 * WIDTH)
    once, _ = model.decoder(x, states, masks)
    again, _ = model.decoder(x, states, masks)
    other, _ = model.decoder(x, states)
    assert torch.equal(once, again)
    assert not torch.equal(once, other)
