"""Models far from their initial values, and the same weights in transformers."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from assay.model.encoder import Encoder
from assay.model.encoder_decoder import TransformerEncoderDecoder
from assay.model.huggingface.writing import write_model
from assay.model.language_model import LanguageModel
from assay.model.schema import EncoderDecoderSchema, EncoderSchema, TransformerSchema, XLNetSchema
from assay.model.transformer import Transformer
from assay.model.xlnet import XLNet


def _far(model: Any) -> Any:
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.1)
    return model.eval()


@pytest.fixture
def far() -> Callable[[Any], Any]:
    """far(model): its weights moved, so that a wrong epsilon, gain or bias shows. Random draws are the same in every test."""
    torch.manual_seed(0)
    return _far


@pytest.fixture
def make(far: Callable[[Any], Any]) -> Callable[..., LanguageModel]:
    """make(form, vocab_size, context_tokens): a model of ours with weights far from their initial values."""

    def made(form: Any, vocab_size: int = 97, context_tokens: int = 24) -> LanguageModel:
        classes = {
            TransformerSchema: Transformer,
            EncoderSchema: Encoder,
            EncoderDecoderSchema: TransformerEncoderDecoder,
            XLNetSchema: XLNet,
        }
        found: LanguageModel = far(classes[type(form)](form, vocab_size, context_tokens))  # type: ignore[arg-type]
        return found

    return made


@pytest.fixture
def in_transformers(tmp_path: Path) -> Callable[..., Any]:
    """in_transformers(model, "AutoModelForCausalLM"): that class's model of what we write, which must hold all of its weights and no other."""
    import transformers

    def written(model: LanguageModel, auto: str, head: bool = True, **settings: Any) -> Any:
        write_model(tmp_path, model, head=head)
        theirs, loading = getattr(transformers, auto).from_pretrained(
            tmp_path, local_files_only=True, output_loading_info=True, dtype=torch.float32, **settings
        )
        assert not any(loading.values()), loading
        return theirs.eval()

    return written


@pytest.fixture
def tokens() -> torch.Tensor:
    """(2, 24) ids below 97."""
    return torch.randint(0, 97, (2, 24), generator=torch.Generator().manual_seed(1))
