"""The encoder is BERT's where it says so, and sees everything."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from transformers import BertForMaskedLM

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


def test_berts_form_gives_the_logits_of_transformers_bert(in_transformers: Callable[..., Any]) -> None:
    model = make(BERT)
    segments = torch.tensor([[0] * 7 + [1] * 9, [1] * 16])
    with torch.inference_mode():
        theirs = in_transformers(model, "BertForMaskedLM")(tokens(), token_type_ids=segments).logits
        torch.testing.assert_close(model(tokens(), segments=segments), theirs, atol=1e-4, rtol=0)


def test_padding_is_not_seen(in_transformers: Callable[..., Any]) -> None:
    model, visible = make(BERT), torch.tensor([[True] * 10 + [False] * 6, [True] * 16])
    with torch.inference_mode():
        theirs = in_transformers(model, "BertForMaskedLM")(tokens(), attention_mask=visible.long()).logits
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
