"""The model against the outside: the same weights in transformers give the same logits."""

from collections.abc import Callable
from typing import Any

import pytest
import torch

from assay.model.schema import TransformerSchema
from assay.model.transformer import Transformer

VOCAB, CONTEXT = 97, 48
GPT2 = TransformerSchema(n_layer=3, n_head=4, d_model=64)
LLAMA = TransformerSchema(
    n_layer=3,
    n_head=4,
    n_kv_head=2,
    d_model=64,
    position="rotary",
    norm="rmsnorm",
    norm_epsilon=1e-6,
    mlp="swiglu",
    bias=False,
    tie_embeddings=False,
)
FORMS = pytest.mark.parametrize("form", [GPT2, LLAMA], ids=["gpt2", "llama"])


def make(form: TransformerSchema) -> Transformer:
    """With weights far from their initial values, so that a wrong epsilon, gain or bias shows."""
    torch.manual_seed(0)
    model = Transformer(form, VOCAB, CONTEXT).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.1)
    return model


def tokens() -> torch.Tensor:
    return torch.randint(0, VOCAB, (2, CONTEXT), generator=torch.Generator().manual_seed(1))


def test_gpt2_form_gives_the_logits_of_transformers_gpt2(in_transformers: Callable[..., Any]) -> None:
    model = make(GPT2)
    with torch.inference_mode():
        torch.testing.assert_close(model(tokens()), in_transformers(model, "GPT2LMHeadModel")(tokens()).logits, atol=1e-4, rtol=0)


def test_modern_form_gives_the_logits_of_transformers_llama(in_transformers: Callable[..., Any]) -> None:
    model = make(LLAMA)
    with torch.inference_mode():
        torch.testing.assert_close(model(tokens()), in_transformers(model, "LlamaForCausalLM")(tokens()).logits, atol=1e-4, rtol=0)


def test_gpt2_has_exactly_the_parameters_of_gpt2() -> None:
    form = TransformerSchema(n_layer=12, n_head=12, d_model=768, n_positions=1024, vocab_size=50257)
    with torch.device("meta"):
        assert Transformer(form, 4096, 256).count_parameters() == 124_439_808


@FORMS
def test_no_token_sees_a_later_one(form: TransformerSchema) -> None:
    model, before = make(form), tokens()
    after = before.clone()
    after[:, 20:] = (after[:, 20:] + 1) % VOCAB
    with torch.inference_mode():
        torch.testing.assert_close(model(before)[:, :20], model(after)[:, :20], atol=1e-5, rtol=0)
        assert not torch.allclose(model(before)[:, 20:], model(after)[:, 20:])


@FORMS
def test_a_cache_changes_no_logit(form: TransformerSchema) -> None:
    model, all_tokens = make(form), tokens()
    with torch.inference_mode():
        whole, cache = model(all_tokens), model.empty_cache()
        pieces = [model(part, cache) for part in all_tokens.split([30, 1, 1, 16], dim=1)]
        torch.testing.assert_close(torch.cat(pieces, dim=1), whole, atol=1e-5, rtol=0)


def test_projections_into_the_residual_stream_start_smaller() -> None:
    torch.manual_seed(0)
    model = Transformer(TransformerSchema(n_layer=8, n_head=2, d_model=128), 50, 16)
    assert model.blocks[0].mlp.up.weight.std().item() == pytest.approx(0.02, rel=0.05)
    assert model.blocks[0].mlp.down.weight.std().item() == pytest.approx(0.02 / 4, rel=0.05)


def test_flops_count_each_used_weight_six_times_and_half_of_the_attention_square() -> None:
    model = Transformer(GPT2, VOCAB, CONTEXT)
    used = model.count_parameters() - model.position.weight.numel()
    assert model.flops_per_token(CONTEXT) == 6 * used + 6 * 3 * 64 * CONTEXT
