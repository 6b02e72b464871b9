"""The model against the outside: the same weights in transformers give the same logits."""

import pytest
import torch
from transformers import GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM

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


def as_gpt2(model: Transformer) -> GPT2LMHeadModel:
    shape = GPT2Config(vocab_size=VOCAB, n_positions=CONTEXT, n_embd=64, n_layer=3, n_head=4)
    theirs = GPT2LMHeadModel(shape).eval()
    state = {"transformer.wte.weight": model.embedding.weight, "transformer.wpe.weight": model.position.weight}
    for i, block in enumerate(model.blocks):
        at = f"transformer.h.{i}."
        for name, norm in (("ln_1", block.attention_norm), ("ln_2", block.mlp_norm)):
            state |= {f"{at}{name}.weight": norm.weight, f"{at}{name}.bias": norm.bias}
        linears = {
            "attn.c_attn": block.attention.qkv,
            "attn.c_proj": block.attention.out,
            "mlp.c_fc": block.mlp.up,
            "mlp.c_proj": block.mlp.down,
        }
        for name, linear in linears.items():  # Conv1D keeps its matrix transposed
            state |= {f"{at}{name}.weight": linear.weight.T, f"{at}{name}.bias": linear.bias}
    state |= {"transformer.ln_f.weight": model.norm.weight, "transformer.ln_f.bias": model.norm.bias, "lm_head.weight": model.head.weight}
    theirs.load_state_dict({name: value.detach().contiguous() for name, value in state.items()})
    return theirs


def as_llama(model: Transformer) -> LlamaForCausalLM:
    width = model.blocks[0].mlp.down.in_features
    shape = LlamaConfig(
        vocab_size=VOCAB, hidden_size=64, intermediate_size=width, num_hidden_layers=3, num_attention_heads=4, num_key_value_heads=2,
        max_position_embeddings=CONTEXT, rms_norm_eps=1e-6, tie_word_embeddings=False,
    )  # fmt: skip
    theirs = LlamaForCausalLM(shape).eval()
    state = {
        "model.embed_tokens.weight": model.embedding.weight,
        "model.norm.weight": model.norm.weight,
        "lm_head.weight": model.head.weight,
    }
    for i, block in enumerate(model.blocks):
        at = f"model.layers.{i}."
        q, k, v = block.attention.qkv.weight.split([64, 32, 32])
        gate, up = block.mlp.up.weight.chunk(2)
        state |= {f"{at}self_attn.q_proj.weight": q, f"{at}self_attn.k_proj.weight": k, f"{at}self_attn.v_proj.weight": v}
        state |= {
            f"{at}self_attn.o_proj.weight": block.attention.out.weight,
            f"{at}mlp.gate_proj.weight": gate,
            f"{at}mlp.up_proj.weight": up,
        }
        state |= {f"{at}mlp.down_proj.weight": block.mlp.down.weight}
        state |= {f"{at}input_layernorm.weight": block.attention_norm.weight, f"{at}post_attention_layernorm.weight": block.mlp_norm.weight}
    theirs.load_state_dict({name: value.detach().contiguous() for name, value in state.items()})
    return theirs


def test_gpt2_form_gives_the_logits_of_transformers_gpt2() -> None:
    model = make(GPT2)
    with torch.inference_mode():
        torch.testing.assert_close(model(tokens()), as_gpt2(model)(tokens()).logits, atol=1e-4, rtol=0)


def test_modern_form_gives_the_logits_of_transformers_llama() -> None:
    model = make(LLAMA)
    with torch.inference_mode():
        torch.testing.assert_close(model(tokens()), as_llama(model)(tokens()).logits, atol=1e-4, rtol=0)


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
