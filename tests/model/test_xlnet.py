"""XLNet computes what transformers' XLNet computes, and what comes later in an order is never seen."""

from dataclasses import replace
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode
from transformers import XLNetConfig, XLNetLMHeadModel, XLNetModel

from assay.model.schema import XLNetSchema
from assay.model.xlnet import PREDICTED_SHARE, XLNet, at_distances

VOCAB, CONTEXT = 101, 18
XLNETS = XLNetSchema(n_layer=3, n_head=4, d_model=64, d_ff=96)
MODERN = XLNetSchema(n_layer=2, n_head=2, d_model=24, norm="rmsnorm", norm_place="before", mlp="swiglu", bias=False, norm_epsilon=1e-5)
FORMS = pytest.mark.parametrize("form", [XLNETS, MODERN], ids=["xlnet", "modern"])


def make(form: XLNetSchema) -> XLNet:
    """With weights far from their initial values, so that a wrong epsilon, gain or bias shows."""
    torch.manual_seed(0)
    model = XLNet(form, VOCAB, CONTEXT).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.1)
    return model


def in_transformers(model: XLNet, kind: type[Any]) -> Any:
    form = model.config
    config = XLNetConfig(vocab_size=VOCAB, d_model=form.d_model, n_layer=form.n_layer, n_head=form.n_head, d_inner=form.d_ff, dropout=0.0)
    theirs = kind(config).eval()
    trunk = theirs if kind is XLNetModel else theirs.transformer
    heads = (form.d_model, form.n_head, form.d_model // form.n_head)
    with torch.no_grad():
        trunk.word_embedding.weight.copy_(model.embedding.weight)
        trunk.mask_emb.copy_(model.unknown)
        for ours, layer in zip(model.blocks, trunk.layer, strict=True):
            attention: Any = ours.attention
            k, v = attention.key_value.weight.chunk(2)
            for name, weight in {"q": attention.query.weight, "k": k, "v": v, "r": attention.distance.weight}.items():
                getattr(layer.rel_attn, name).copy_(weight.T.reshape(heads))
            layer.rel_attn.o.copy_(attention.out.weight.reshape(heads))
            layer.rel_attn.r_w_bias.copy_(attention.content_bias.view(heads[1:]))
            layer.rel_attn.r_r_bias.copy_(attention.distance_bias.view(heads[1:]))
            layer.rel_attn.layer_norm.load_state_dict(ours.attention_norm.state_dict())  # type: ignore[union-attr]
            layer.ff.layer_norm.load_state_dict(ours.mlp_norm.state_dict())  # type: ignore[union-attr]
            layer.ff.layer_1.load_state_dict(ours.mlp.up.state_dict())  # type: ignore[union-attr]
            layer.ff.layer_2.load_state_dict(ours.mlp.down.state_dict())  # type: ignore[union-attr]
        if kind is XLNetLMHeadModel:
            theirs.lm_loss.bias.copy_(model.output_bias)
    return theirs


def tokens(rows: int = 3) -> Tensor:
    return torch.randint(0, VOCAB, (rows, CONTEXT), generator=torch.Generator().manual_seed(1))


def orders(predicted: int, rows: int = 3, seed: int = 2) -> tuple[Tensor, Tensor]:
    """Orders (B, T) whose first tokens are all 0, and the places of the others in it."""
    places = torch.rand(rows, CONTEXT, generator=torch.Generator().manual_seed(seed)).argsort(dim=1)[:, -predicted:]
    return torch.zeros(rows, CONTEXT, dtype=torch.int64).scatter(1, places, torch.arange(1, predicted + 1).expand(rows, -1)), places


def masks_of_transformers(order: Tensor, places: Tensor) -> dict[str, Tensor]:
    later = (order[:, None, :] >= order[:, :, None]) & (order[:, None, :] > 0)
    return {"perm_mask": later.float(), "target_mapping": torch.nn.functional.one_hot(places, CONTEXT).float()}


@pytest.mark.parametrize("predicted", [1, 5, CONTEXT - 1])
def test_the_logits_of_both_streams_are_those_of_transformers(predicted: int) -> None:
    model, (order, places) = make(XLNETS), orders(predicted)
    with torch.inference_mode():
        theirs = in_transformers(model, XLNetLMHeadModel)(tokens(), **masks_of_transformers(order, places)).logits
        ours = model.logits(model.queries(tokens(), order, places))
    assert theirs.abs().max() > 1
    torch.testing.assert_close(ours, theirs, atol=1e-4, rtol=0)


def test_the_content_stream_alone_is_that_of_transformers() -> None:
    model, (order, _) = make(XLNETS), orders(6)
    sees = order[:, None, :] <= order[:, :, None]
    with torch.inference_mode():
        theirs = in_transformers(model, XLNetModel)
        torch.testing.assert_close(model.content(tokens()), theirs(tokens()).last_hidden_state, atol=1e-4, rtol=0)
        torch.testing.assert_close(
            model.content(tokens(), sees), theirs(tokens(), perm_mask=(~sees).float()).last_hidden_state, atol=1e-4, rtol=0
        )


def test_the_segments_of_transformers_change_nothing_where_there_is_one() -> None:
    """So weights of theirs are read without them."""
    model = make(XLNETS)
    theirs = in_transformers(model, XLNetModel)
    with torch.inference_mode():
        for layer in theirs.layer:
            layer.rel_attn.seg_embed.normal_()
            layer.rel_attn.r_s_bias.normal_()
        found = theirs(tokens(), token_type_ids=torch.zeros_like(tokens())).last_hidden_state
        torch.testing.assert_close(model.content(tokens()), found, atol=1e-4, rtol=0)


def test_a_base_model_has_the_parameters_of_theirs_but_segments() -> None:
    form = replace(XLNETS, n_layer=12, n_head=12, d_model=768, d_ff=3072)
    theirs = XLNetConfig(vocab_size=32_000, d_model=768, n_layer=12, n_head=12, d_inner=3072)
    with torch.device("meta"):
        segments = 12 * 3 * 768  # two embeddings and a bias a layer
        assert XLNet(form, 32_000, 512).count_parameters() == XLNetLMHeadModel(theirs).num_parameters() - segments


@FORMS
def test_the_work_of_a_token_is_what_torch_counts(form: XLNetSchema) -> None:
    """One place in six predicted; sequences enough that the codes of distances, which all share, are next to nothing."""
    model, (order, places) = make(replace(form, d_model=64, n_head=4)).train(), orders(round(CONTEXT * PREDICTED_SHARE), rows=64)
    with FlopCounterMode(display=False) as counter:
        logits = model.logits(model.queries(tokens(64), order, places))
        logits.sum().backward()  # type: ignore[no-untyped-call]
    assert counter.get_total_flops() / tokens(64).numel() == pytest.approx(model.flops_per_token(CONTEXT), rel=0.02)


@FORMS
@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_a_place_is_told_from_the_tokens_before_it_in_the_order_and_no_others(form: XLNetSchema, data: st.DataObject) -> None:
    predicted = data.draw(st.integers(1, CONTEXT))
    order, places = orders(predicted, rows=1, seed=data.draw(st.integers(0, 2**31)))
    number = data.draw(st.integers(0, predicted - 1))
    changed = data.draw(st.integers(0, CONTEXT - 1))
    before, after = tokens(1), tokens(1)
    after[0, changed] = (after[0, changed] + 1) % VOCAB
    model = make(form)
    with torch.inference_mode():
        first, second = (model.queries(each, order, places)[0, number] for each in (before, after))
    if order[0, changed] < order[0, places[0, number]]:
        assert (first - second).abs().max() > 1e-6
    else:
        assert torch.equal(first, second)


@FORMS
def test_what_is_first_in_the_order_of_all_sees_nothing_and_is_finite(form: XLNetSchema) -> None:
    model, (order, places) = make(form), orders(CONTEXT)
    hidden = model.queries(tokens(), order, places)
    torch.testing.assert_close(hidden[0, 0], hidden[1, 0])  # whatever the tokens and wherever it is
    hidden.sum().backward()
    assert all(p.grad is None or p.grad.isfinite().all() for p in model.parameters())


@FORMS
def test_called_plainly_it_reads_from_left_to_right(form: XLNetSchema) -> None:
    model, some = make(form), tokens(1)
    other = some.clone()
    other[0, 9] = (other[0, 9] + 1) % VOCAB
    with torch.inference_mode():
        first, second = model(some), model(other)
        torch.testing.assert_close(model(some[:, :9]), first[:, :9], atol=1e-4, rtol=0)  # the same for each beginning
    assert first.shape == (1, CONTEXT, VOCAB)
    assert torch.equal(first[:, :9], second[:, :9])
    assert ((first - second).abs().amax(dim=2)[0, 9:] > 1e-6).all()


@FORMS
def test_only_distances_matter(form: XLNetSchema) -> None:
    """The same tokens, all that is seen, further to the right: the same logits."""
    model, some = make(form), tokens(1)
    order, moved = torch.full((1, CONTEXT), 2), torch.full((1, CONTEXT), 2)
    order[0, [1, 2, 4]], moved[0, [6, 7, 9]] = 0, 0
    order[0, 3], moved[0, 8] = 1, 1
    with torch.inference_mode():
        here = model.queries(some, order, torch.tensor([[3]]))
        there = model.queries(some.roll(5, dims=1), moved, torch.tensor([[8]]))
    torch.testing.assert_close(here, there, atol=1e-5, rtol=0)


@pytest.mark.parametrize("length", [1, 2, 7])
def test_each_key_is_scored_by_its_distance(length: int) -> None:
    """In both layouts; the columns are the distances T, T - 1 .. 1 - T."""
    scores = torch.arange(length, -length, -1.0).expand(2, 3, length, -1)
    wanted = (torch.arange(length)[:, None] - torch.arange(length)).float().expand(2, 3, -1, -1)
    assert torch.equal(at_distances(scores, None), wanted)
    assert torch.equal(at_distances(scores, torch.arange(length).expand(2, -1)), wanted)


@FORMS
def test_in_bfloat16_the_hidden_states_are_near_those_of_float32(form: XLNetSchema) -> None:
    model, (order, places) = make(form), orders(5)
    with torch.inference_mode():
        exact = model.queries(tokens(), order, places)
        with torch.autocast("cpu", torch.bfloat16):
            near = model.queries(tokens(), order, places)
    assert ((near - exact).norm() / exact.norm()) < 0.05
