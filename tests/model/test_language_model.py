"""What every model that a config can name promises to training, scoring and generation."""

import pytest
import torch

from assay.config.build import build
from assay.config.schema import GROUPS
from assay.model.language_model import Cache, CountingModel, LanguageModel
from assay.model.schema import EncoderSchema, NgramSchema, TransformerSchema

MODELS = {
    "gpt": TransformerSchema(n_layer=1, n_head=2, d_model=8),
    "rotary": TransformerSchema(n_layer=1, n_head=2, d_model=8, position="rotary"),
    "bert": EncoderSchema(n_layer=1, n_head=2, d_model=8, segments=2),
    "ngram": NgramSchema(order=3),
}
TOKENS = torch.tensor([[1, 2, 3, 1, 2], [4, 4, 1, 0, 2]])


def test_every_schema_of_the_group_is_tried_here() -> None:
    assert {type(schema) for schema in MODELS.values()} == set(GROUPS["model"])


@pytest.mark.parametrize("name", MODELS)
def test_a_model_gives_logits_with_and_without_its_cache(name: str) -> None:
    torch.manual_seed(0)
    model: LanguageModel = build(MODELS[name], "model", vocab_size=7, context_tokens=6)
    model.eval()
    if isinstance(model, CountingModel):
        model.observe(TOKENS)
        model.count()
    with torch.inference_mode():
        logits = model(TOKENS)
        assert logits.shape == (2, 5, 7)
        cache = model.empty_cache()
        if cache is not None:
            model(TOKENS[:, :4], cache)
            assert cache.tokens == 4
            torch.testing.assert_close(model(TOKENS[:, 4:], cache)[:, 0], logits[:, 4], atol=1e-5, rtol=0)
    assert (model.vocab_size, model.context_tokens) == (7, 6)
    assert model.count_parameters() > 0
    assert (model.flops_per_token(6) > 0) == (not isinstance(model, CountingModel))


def test_an_empty_cache_has_seen_nothing() -> None:
    assert Cache([None, None]).tokens == 0
