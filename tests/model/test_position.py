"""Every way of telling positions, in each kind of Transformer."""

from typing import Any

import pytest
import torch

from assay.model.encoder import Encoder
from assay.model.schema import EncoderSchema, TransformerSchema
from assay.model.transformer import Transformer

SHAPE: dict[str, Any] = {"n_layer": 2, "n_head": 2, "d_model": 16, "relative_buckets": 8, "relative_distance": 6}
CODES = pytest.mark.parametrize("position", ["learned", "sinusoidal", "rotary", "relative"])
TOKENS = torch.tensor([[1, 2, 3, 1, 2, 4, 4, 0]])


def far(model: Any) -> Any:
    """Weights far from their initial values, so that a position shows."""
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.2)
    return model.eval()


@CODES
def test_a_decoders_cache_goes_on_from_the_right_place(position: Any) -> None:
    torch.manual_seed(0)
    model = far(Transformer(TransformerSchema(**SHAPE, position=position), 7, 8))
    with torch.inference_mode():
        cache, whole = model.empty_cache(), model(TOKENS)
        parts = [model(TOKENS[:, start : start + 3], cache) for start in (0, 3, 6)]
    torch.testing.assert_close(torch.cat(parts, dim=1), whole, atol=1e-5, rtol=0)


@CODES
def test_an_encoder_tells_the_order_of_what_it_sees(position: Any) -> None:
    """Without positions an encoder gives each token the same whatever the order of the others."""
    torch.manual_seed(0)
    model = far(Encoder(EncoderSchema(**SHAPE, position=position), 7, 8))
    with torch.inference_mode():
        there, back = model(TOKENS), model(torch.cat([TOKENS[:, :1], TOKENS[:, 1:].flip(1)], dim=1))
    assert (there[:, 0] - back[:, 0]).abs().max().item() > 1e-3


@pytest.mark.parametrize("position", ["rotary", "relative"])
def test_codes_of_distances_do_not_tell_where_a_text_begins(position: Any) -> None:
    """Behind padding, which is not seen, a text is what it is without."""
    torch.manual_seed(0)
    model = far(Encoder(EncoderSchema(**{**SHAPE, "n_layer": 1}, position=position), 7, 16))
    padded = torch.cat([torch.full((1, 5), 6), TOKENS], dim=1)
    visible = torch.arange(13)[None] >= 5
    with torch.inference_mode():
        torch.testing.assert_close(model(padded, visible=visible)[:, 5:], model(TOKENS), atol=1e-5, rtol=0)
