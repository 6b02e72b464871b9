"""The encoder is BERT's where it says so, and sees everything."""

import pytest
import torch
from transformers import BertConfig, BertForMaskedLM

from assay.model.encoder import Encoder
from assay.model.schema import EncoderSchema

VOCAB, CONTEXT = 101, 16
BERT = EncoderSchema(n_layer=3, n_head=4, d_model=64, segments=2)
MODERN = EncoderSchema(
    n_layer=2, n_head=4, n_kv_head=2, d_model=64, position="rotary", norm="rmsnorm", norm_place="before", mlp="swiglu", bias=False
)
FORMS = pytest.mark.parametrize("form", [BERT, MODERN], ids=["bert", "modern"])


def make(form: EncoderSchema) -> Encoder:
    """With weights far from their initial values, so that a wrong epsilon, gain or bias shows."""
    torch.manual_seed(0)
    model = Encoder(form, VOCAB, CONTEXT).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.1)
    return model


def tokens() -> torch.Tensor:
    return torch.randint(0, VOCAB, (2, CONTEXT), generator=torch.Generator().manual_seed(1))


def as_bert(model: Encoder) -> BertForMaskedLM:
    shape = BertConfig(
        vocab_size=VOCAB, hidden_size=64, num_hidden_layers=3, num_attention_heads=4, intermediate_size=256, max_position_embeddings=CONTEXT
    )
    theirs = BertForMaskedLM(shape).eval()
    named = {
        "bert.embeddings.word_embeddings": model.embedding,
        "bert.embeddings.position_embeddings": model.position,
        "bert.embeddings.token_type_embeddings": model.segment,
        "bert.embeddings.LayerNorm": model.embedding_norm,
        "cls.predictions.transform.dense": model.transform,
        "cls.predictions.transform.LayerNorm": model.transform_norm,
    }
    state = {"cls.predictions.bias": model.output_bias, "cls.predictions.decoder.bias": model.output_bias}
    state["cls.predictions.decoder.weight"] = model.embedding.weight
    for i, block in enumerate(model.blocks):
        at = f"bert.encoder.layer.{i}."
        parts = zip(("query", "key", "value"), block.attention.qkv.weight.chunk(3), block.attention.qkv.bias.chunk(3), strict=True)
        for name, weight, bias in parts:
            state |= {f"{at}attention.self.{name}.weight": weight, f"{at}attention.self.{name}.bias": bias}
        named |= {f"{at}attention.output.dense": block.attention.out, f"{at}attention.output.LayerNorm": block.attention_norm}
        named |= {f"{at}intermediate.dense": block.mlp.up, f"{at}output.dense": block.mlp.down, f"{at}output.LayerNorm": block.mlp_norm}
    for name, module in named.items():
        state |= {f"{name}.{part}": value for part, value in module.named_parameters()}
    theirs.load_state_dict({name: value.detach().contiguous() for name, value in state.items()})
    return theirs


def test_berts_form_gives_the_logits_of_transformers_bert() -> None:
    model = make(BERT)
    segments = torch.tensor([[0] * 7 + [1] * 9, [1] * 16])
    with torch.inference_mode():
        theirs = as_bert(model)(tokens(), token_type_ids=segments).logits
        torch.testing.assert_close(model(tokens(), segments=segments), theirs, atol=1e-4, rtol=0)


def test_padding_is_not_seen() -> None:
    model, visible = make(BERT), torch.tensor([[True] * 10 + [False] * 6, [True] * 16])
    with torch.inference_mode():
        theirs = as_bert(model)(tokens(), attention_mask=visible.long()).logits
        torch.testing.assert_close(model(tokens(), visible=visible)[visible], theirs[visible], atol=1e-4, rtol=0)


@FORMS
def test_every_place_depends_on_every_token(form: EncoderSchema) -> None:
    model = make(form)
    embedded = model.embedding(tokens()[:1]).detach().requires_grad_()
    model.embedding.forward = lambda _: embedded  # type: ignore[method-assign]
    for place in (0, CONTEXT - 1):
        (gradient,) = torch.autograd.grad(model(tokens()[:1])[0, place].sum(), embedded)
        assert (gradient.abs().sum(dim=2) > 0).all()


@FORMS
def test_in_bfloat16_the_logits_are_near_those_of_float32(form: EncoderSchema) -> None:
    model, visible = make(form), torch.ones(2, CONTEXT, dtype=torch.bool)
    with torch.inference_mode():
        exact = model(tokens())
        with torch.autocast("cpu", torch.bfloat16):
            for near in (model(tokens()), model(tokens(), visible=visible)):
                assert ((near - exact).norm() / exact.norm()) < 0.05


def test_bert_base_has_exactly_the_parameters_of_bert_base() -> None:
    form = EncoderSchema(n_layer=12, n_head=12, d_model=768, n_positions=512, segments=2, vocab_size=30522)
    theirs = BertForMaskedLM.config_class(vocab_size=30522)
    with torch.device("meta"):
        assert Encoder(form, 4096, 256).count_parameters() == BertForMaskedLM(theirs).num_parameters() == 109_514_298
