"""The encoder-decoder is torch's where it has the original form, and T5 where it has T5's."""

import math
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from assay.model.block import CrossBlock
from assay.model.encoder_decoder import TransformerEncoderDecoder
from assay.model.position import relative_buckets, sinusoids
from assay.model.schema import EncoderDecoderSchema

VOCAB, CONTEXT = 53, 16
SHAPE: dict[str, Any] = {"n_layer": 2, "n_decoder_layer": 3, "n_head": 4, "d_model": 32}
ORIGINAL = EncoderDecoderSchema(**SHAPE)
T5: dict[str, Any] = {
    **{"position": "relative", "norm": "rmsnorm", "norm_epsilon": 1e-6, "norm_place": "before", "bias": False, "d_ff": 48, "d_head": 6},
    **{"scale_embeddings": False, "scale_scores": False, "relative_buckets": 8, "relative_distance": 12},
}
FORMS = {
    "original": ORIGINAL,
    "t5": EncoderDecoderSchema(**SHAPE, **T5, scale_output=True),
    "t5 v1.1": EncoderDecoderSchema(**SHAPE, **T5, mlp="geglu", tie_embeddings=False),
    "modern": EncoderDecoderSchema(**SHAPE, n_kv_head=2, position="rotary", norm="rmsnorm", norm_place="before", mlp="swiglu", bias=False),
    "learned": EncoderDecoderSchema(**SHAPE, position="learned", mlp="gelu"),
}
EACH_FORM = pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)


def made(form: EncoderDecoderSchema) -> TransformerEncoderDecoder:
    """With weights far from their initial values, so that a wrong epsilon, gain or bias shows."""
    torch.manual_seed(0)
    model = TransformerEncoderDecoder(form, VOCAB, CONTEXT).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.1)
    return model


def texts() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """A source (2, 16) with padding in its second row, what is visible of it, a target (2, 9)."""
    generator = torch.Generator().manual_seed(1)
    source, target = (torch.randint(0, VOCAB, (2, length), generator=generator) for length in (CONTEXT, 9))
    visible = torch.ones(2, CONTEXT, dtype=torch.bool)
    visible[1, 11:] = False
    return source, visible, target


def torchs(model: TransformerEncoderDecoder) -> nn.Transformer:
    """torch's own with our weights. It has a last norm on both sides, which the paper has not."""
    layer: dict[str, Any] = {"dim_feedforward": 128, "dropout": 0.0, "batch_first": True}
    encoder = nn.TransformerEncoder(nn.TransformerEncoderLayer(32, 4, **layer), 2, norm=None, enable_nested_tensor=False)
    decoder = nn.TransformerDecoder(nn.TransformerDecoderLayer(32, 4, **layer), 3, norm=None)
    theirs = nn.Transformer(32, 4, custom_encoder=encoder, custom_decoder=decoder, batch_first=True).eval()
    named = {"attention": "self_attn", "cross_attention": "multihead_attn", "mlp.up": "linear1", "mlp.down": "linear2"}
    norms = {"attention_norm": "norm1", "cross_norm": "norm2", "mlp_norm": "norm3"}
    state = {}
    for side, stack in (("encoder", model.encoder), ("decoder", model.decoder)):
        for name, tensor in stack.blocks.state_dict().items():
            number, _, rest = name.partition(".")
            part, _, kind = rest.rpartition(".")
            if part.endswith(("qkv", "out")):
                attention, _, what = part.rpartition(".")
                other = f"{named[attention]}." + (f"in_proj_{kind}" if what == "qkv" else f"out_proj.{kind}")
            else:
                norm = "norm2" if (side, part) == ("encoder", "mlp_norm") else norms.get(part)
                other = f"{norm or named[part]}.{kind}"
            state[f"{side}.layers.{number}.{other}"] = tensor
    theirs.load_state_dict(state)
    return theirs


def test_the_original_form_gives_what_torchs_transformer_gives() -> None:
    model = made(ORIGINAL)
    source, visible, target = texts()
    inputs = [model.embedding(each) * math.sqrt(32) + written_out(each.shape[1], 32) for each in (source, target)]
    later = nn.Transformer.generate_square_subsequent_mask(9)
    with torch.inference_mode():
        hidden = torchs(model)(*inputs, tgt_mask=later, tgt_is_causal=True, src_key_padding_mask=~visible, memory_key_padding_mask=~visible)
        torch.testing.assert_close(model(source, target, visible), hidden @ model.embedding.weight.T, atol=1e-4, rtol=0)


def written_out(count: int, width: int) -> torch.Tensor:
    """Vaswani et al. 2017, section 3.5."""
    table = torch.zeros(count, width)
    for place in range(count):
        for i in range(width // 2):
            angle = place / 10_000 ** (2 * i / width)
            table[place, 2 * i], table[place, 2 * i + 1] = math.sin(angle), math.cos(angle)
    return table


@settings(deadline=None)
@given(start=st.integers(0, 50), count=st.integers(1, 9), width=st.integers(1, 12))
def test_sinusoids_are_those_of_the_paper(start: int, count: int, width: int) -> None:
    expected = written_out(start + count, width + width % 2)[start:, :width]
    if width % 2 == 0:
        torch.testing.assert_close(sinusoids(start, start + count, width, torch.device("cpu")), expected, atol=1e-5, rtol=0)
    assert sinusoids(start, start + count, width, torch.device("cpu")).shape == (count, width)


@settings(deadline=None)
@given(buckets=st.integers(2, 40).map(lambda n: 2 * n), causal=st.booleans(), beyond=st.integers(1, 300))
def test_buckets_are_those_of_t5(buckets: int, causal: bool, beyond: int) -> None:
    from transformers.models.t5.modeling_t5 import T5Attention

    distances = torch.arange(-400, 401)
    farthest = buckets // 2 + beyond
    expected = T5Attention._relative_position_bucket(distances, bidirectional=not causal, num_buckets=buckets, max_distance=farthest)
    assert torch.equal(relative_buckets(distances, buckets, farthest, causal), expected)


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 2**31),
    queries=st.integers(1, 9),
    keys=st.integers(1, 40),
    groups=st.sampled_from([1, 2, 4]),
    precision=st.sampled_from([torch.float32, torch.bfloat16]),
    scaled=st.booleans(),
)
def test_cross_attention_is_the_softmax_of_scaled_products(
    seed: int, queries: int, keys: int, groups: int, precision: torch.dtype, scaled: bool
) -> None:
    """Vaswani et al. 2017, eq. 1, written out: each query sees all that is visible of what was read."""
    torch.manual_seed(seed)
    form = EncoderDecoderSchema(n_layer=1, n_head=4, n_kv_head=groups, d_model=32, scale_scores=scaled)
    attention = CrossBlock(form).cross_attention.to(precision)
    x, memory = torch.randn(2, queries, 32).to(precision), torch.randn(2, keys, 32).to(precision)
    visible = torch.rand(2, keys) < 0.7
    visible[:, 0] = True
    found, (kept, _) = attention.across(x, memory, visible=visible)
    wide = [8 * 4, 8 * groups, 8 * groups]
    weights, biases = (part.double().split(wide) for part in (attention.qkv.weight, attention.qkv.bias))
    q, k, v = (
        (text.double() @ w.T + b).view(2, -1, len(w) // 8, 8).transpose(1, 2)
        for text, w, b in zip((x, memory, memory), weights, biases, strict=True)
    )
    k, v = (each.repeat_interleave(4 // groups, dim=1) for each in (k, v))
    scores = (q @ k.transpose(2, 3) / (math.sqrt(8) if scaled else 1)).masked_fill(~visible[:, None, None], -math.inf)
    out = (scores.softmax(dim=-1) @ v).transpose(1, 2).flatten(2) @ attention.out.weight.double().T + attention.out.bias.double()
    tolerance = 1e-5 if precision == torch.float32 else 5e-2
    torch.testing.assert_close(found.double(), out, atol=tolerance, rtol=tolerance)
    again, _ = attention.across(x, memory, (kept, _), visible)
    assert torch.equal(again, found)


@EACH_FORM
def test_token_by_token_with_a_cache_gives_the_logits_of_all_at_once(form: EncoderDecoderSchema) -> None:
    model, (source, visible, target) = made(form), texts()
    with torch.inference_mode():
        memory, cache = model.encode(source, visible), model.empty_cache()
        whole = model.decode(target, memory, visible)
        for place in range(target.shape[1]):
            one = model.decode(target[:, place : place + 1], memory, visible, cache)
            torch.testing.assert_close(one[:, 0], whole[:, place], atol=1e-4, rtol=0)
    assert cache.tokens == target.shape[1]


@EACH_FORM
def test_a_place_sees_the_whole_source_and_no_later_token(form: EncoderDecoderSchema) -> None:
    model, (source, visible, target) = made(form), texts()
    other = target.clone()
    other[:, 5] = (other[:, 5] + 1) % VOCAB
    with torch.inference_mode():
        first, second = model(source, target, visible), model(source, other, visible)
        assert torch.equal(first[:, :5], second[:, :5])
        assert not torch.equal(first[:, 5], second[:, 5])
        for place in (0, CONTEXT - 1):
            changed = source.clone()
            changed[0, place] = (changed[0, place] + 1) % VOCAB
            assert (model(changed, target, visible)[0] - first[0]).abs().amax(dim=1).min() > 0


@EACH_FORM
def test_padding_of_the_source_is_not_seen(form: EncoderDecoderSchema) -> None:
    model, (source, visible, target) = made(form), texts()
    with torch.inference_mode():
        alone = model(source[1:, :11], target[1:])
        torch.testing.assert_close(model(source, target, visible)[1:], alone, atol=1e-4, rtol=0)


@EACH_FORM
def test_in_bfloat16_the_logits_are_near_those_of_float32(form: EncoderDecoderSchema) -> None:
    model, (source, visible, target) = made(form), texts()
    with torch.inference_mode():
        exact = model(source, target, visible)
        with torch.autocast("cpu", torch.bfloat16):
            near = model(source, target, visible)
    assert ((near - exact).norm() / exact.norm()) < 0.05


@EACH_FORM
def test_a_model_that_knows_nothing_gives_all_tokens_about_the_same_chance(form: EncoderDecoderSchema) -> None:
    """So sums have sizes near 1 where they begin, in each form."""
    torch.manual_seed(0)
    model = TransformerEncoderDecoder(form, VOCAB, CONTEXT).eval()
    source, visible, target = texts()
    with torch.inference_mode():
        logits = model(source, target, visible)
    assert 0.2 < logits.std().item() < 2


@EACH_FORM
def test_the_work_of_a_pair_is_what_torch_counts(form: EncoderDecoderSchema) -> None:
    """Three times that of the way forward, but for the half of the target's square that nobody sees: torch counts the whole."""
    model, (source, visible, target) = made(form), texts()
    with FlopCounterMode(display=False) as counter, sdpa_kernel(SDPBackend.MATH):
        model(source, target, visible)
    unseen = 12 * form.n_head * form.head_width * len(model.decoder.blocks) * 9**2 / 2
    assert model.flops_per_pair(CONTEXT, 9) * 2 == 3 * counter.get_total_flops() - 2 * unseen
