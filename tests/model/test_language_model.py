"""What every model that a config can name promises to training, scoring and generation."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from folders import write_folders
from pairs import partnered, predicts, smallest

from assay.config.build import build
from assay.config.load import load
from assay.config.schema import GROUPS, TrainConfig
from assay.model.language_model import Cache, CountingModel, LanguageModel, WordModel
from assay.model.schema import NEXT_TOKEN

CHOICES = smallest("model")
TOKENS = torch.tensor([[1, 2, 3, 1, 2], [4, 4, 1, 0, 2]])


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of the smallest models of transformers: what model=hf and its like need."""
    return write_folders(tmp_path_factory.mktemp("transformers"), vocab_size=7, n_positions=6)


@pytest.fixture
def made(folders: Path) -> Callable[[str], LanguageModel]:
    """made(choice): a new model of a choice of conf/model/."""
    return lambda choice: build_choice(choice, folders)


def build_choice(choice: str, folders: Path) -> LanguageModel:
    torch.manual_seed(0)
    path = [f"model.path={folders / choice}"] if choice.startswith("hf") else []
    config = load("train", [*partnered(f"model={choice}"), *path], TrainConfig)
    model: LanguageModel = build(config.model, "model", vocab_size=7, context_tokens=6)
    return model.eval()


def test_every_class_of_the_group_has_a_choice_that_is_tried_here() -> None:
    assert len(CHOICES) == len(GROUPS["model"])


@pytest.mark.parametrize("choice", CHOICES)
def test_a_model_knows_its_sizes(choice: str, made: Callable[[str], LanguageModel]) -> None:
    model = made(choice)
    assert (model.vocab_size, model.context_tokens) == (7, 6)
    if isinstance(model, CountingModel):
        model.observe(TOKENS)
        model.count()
    assert model.count_parameters() > 0
    assert (model.flops_per_token(6) > 0) == (not isinstance(model, CountingModel | WordModel))


@pytest.mark.parametrize("choice", [each for each in CHOICES if predicts("model", each) == NEXT_TOKEN])
def test_a_model_of_the_next_token_gives_logits_with_and_without_its_cache(choice: str, made: Callable[[str], LanguageModel]) -> None:
    model = made(choice)
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


def test_an_empty_cache_has_seen_nothing() -> None:
    assert Cache([None, None]).tokens == 0
