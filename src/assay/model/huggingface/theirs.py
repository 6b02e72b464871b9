"""A model of transformers' own class as one of ours. The folder's config.json says which class; no code of the folder runs.

B batch, T tokens, V vocabulary, D model width.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from assay.errors import DataError
from assay.model.huggingface.choice import said_by, theirs_config
from assay.model.huggingface.folder import read_tensors
from assay.model.huggingface.library import the_library
from assay.model.language_model import LanguageModel
from assay.model.schema import HuggingFaceSchema

LAYER = re.compile(r"\.\d+\.")


class Theirs(LanguageModel):
    """`inner` is transformers' model. A subclass says by which of its Auto classes it is made, and how it is called."""

    AUTO: ClassVar[str]
    inner: nn.Module

    def __init__(self, config: HuggingFaceSchema, vocab_size: int, context_tokens: int) -> None:
        super().__init__()
        self.config = config
        self._said = said_by(config)
        self.rows_there = int(theirs_config(self._said).vocab_size)
        self.vocab_size = max(self.rows_there, vocab_size) if config.pretrained else vocab_size
        self._take(self._fresh(self.vocab_size))
        self.context_tokens = positions(self.inner) or context_tokens

    def _take(self, inner: Any) -> None:
        """Make it this model."""
        self.inner = inner.float().train(self.training)

    def whole(self) -> Any:
        """transformers' model, to be saved."""
        return self.inner

    def _fresh(self, rows: int) -> Any:
        made = theirs_config(self._said)
        if rows != made.vocab_size:
            made.vocab_size = rows
            if (made.pad_token_id or 0) >= rows:
                made.pad_token_id = None
        try:
            return getattr(the_library(), self.AUTO).from_config(made)
        except Exception as error:  # each class has its own checks, of its own kinds
            raise DataError(f"{self.config.path}: transformers builds no {made.model_type} of this config.json: {error}") from None

    def load_folder(self, folder: Path, copies: Mapping[int, int] | None = None) -> list[str]:
        """Take the folder's weights. `copies`: which of the folder's ids a new one begins as. Returns names of tensors that it lacks: of a head.

        Raises DataError where tensors are missing or of another shape, or layers are left over.
        """
        mine, tensors = type(self.whole()), read_tensors(folder)
        try:
            found, loading = mine.from_pretrained(
                None, config=theirs_config(self._said), state_dict=tensors, output_loading_info=True, dtype=torch.float32
            )
        except RuntimeError as error:
            raise DataError(f"{folder}: its tensors are not those that its config.json asks for: {_first_line(error)}") from None
        missing = sorted(loading["missing_keys"])
        body = f"{mine.base_model_prefix}."
        lost = [name for name in missing if name.startswith(body)]
        if lost:
            raise DataError(f"{folder} is no {mine.__name__} as its config.json says: it lacks {', '.join(lost[:5])}.")
        left = sorted(name for name in loading["unexpected_keys"] if LAYER.search(name))
        if left:  # others, as of a pooler, are of another task
            raise DataError(f"{folder} has more layers than its config.json says: {', '.join(left[:5])}.")
        if self.vocab_size > self.rows_there:
            _grow(found, self.vocab_size, copies or {})
        self._take(found)
        return missing

    def save(self, folder: Path, end_of_document: int) -> None:
        """Save the model as transformers does. `end_of_document`: where generation stops."""
        whole = self.whole()
        if whole.can_generate():
            for each in (whole.config, whole.generation_config):
                each.bos_token_id = each.eos_token_id = end_of_document
            whole.generation_config.pad_token_id = end_of_document
        whole.save_pretrained(folder)

    def flops_per_token(self, context_tokens: int) -> float:
        """6 a weight used in a product, and attention over the whole square (Chowdhery et al. 2022, appendix B). Look-ups are none."""
        whole = self.whole()
        output = whole.get_output_embeddings()
        shared = None if output is None else output.weight
        tables = {
            id(each.weight): each.weight.numel() for each in self.modules() if isinstance(each, nn.Embedding) and each.weight is not shared
        }
        attention = 12.0 * self.squares() * self.attention_width() * context_tokens
        return 6.0 * (self.count_parameters() - sum(tables.values())) + attention

    def attention_width(self) -> int:
        """The width of all heads of a layer together."""
        config = self.whole().config
        heads, width = getattr(config, "num_attention_heads", 0), getattr(config, "hidden_size", 0)
        head = getattr(config, "head_dim", None) or getattr(config, "d_kv", None)
        return int(heads * head if head else width)

    def squares(self) -> float:
        """Return the layers' sum of how many times attention looks from each token at every other: 0.5 where at earlier ones only."""
        return float(getattr(self.whole().config, "num_hidden_layers", 0))


def positions(inner: Any) -> int | None:
    """Return how many tokens the model reads at most; None where its config says nothing. RoBERTa's rows begin after that of padding."""
    said = getattr(inner.config, "max_position_embeddings", None)
    for name, each in inner.named_modules():
        if name.endswith("position_embeddings") and isinstance(each, nn.Embedding) and each.padding_idx is not None:
            return int(each.num_embeddings) - int(each.padding_idx) - 1
    return int(said) if said else None


def _grow(model: Any, rows: int, copies: Mapping[int, int]) -> None:
    before = model.get_input_embeddings().weight.shape[0]
    model.resize_token_embeddings(rows, mean_resizing=False)
    output = model.get_output_embeddings()
    tensors: list[Tensor] = [model.get_input_embeddings().weight]
    if output is not None:
        tensors += [output.weight] if output.weight is not tensors[0] else []
        tensors += [output.bias] if getattr(output, "bias", None) is not None else []
    with torch.no_grad():
        for new, old in copies.items():
            if before <= new < rows and old < before:
                for tensor in tensors:
                    tensor[new] = tensor[old]


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return next((line for line in lines if "size mismatch" in line or "shape" in line), lines[0] if lines else "nothing said")
