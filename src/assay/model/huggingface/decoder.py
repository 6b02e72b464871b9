"""A decoder of transformers' own class.

B batch, T tokens, V vocabulary.
"""

import inspect
from typing import Any, ClassVar

import torch
from torch import Tensor

from assay.errors import ConfigError
from assay.model.huggingface.theirs import Theirs
from assay.model.language_model import Cache


class TheirCache(Cache):
    """transformers' own, which knows its model's windows and layers."""

    def __init__(self, config: Any) -> None:
        from transformers import DynamicCache

        super().__init__([])
        self.inner: Any = DynamicCache(config=config)

    @property
    def tokens(self) -> int:
        return int(self.inner.get_seq_length())


class HuggingFaceDecoder(Theirs):
    """tokens (B, T) -> logits (B, T, V)."""

    AUTO: ClassVar[str] = "AutoModelForCausalLM"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._cached = "past_key_values" in inspect.signature(self.inner.forward).parameters and not getattr(
            self.inner, "_is_stateful", False
        )
        self._refuse_one_that_looks_ahead()

    def _refuse_one_that_looks_ahead(self) -> None:
        pairs = torch.tensor([[0, 0], [0, min(1, self.vocab_size - 1)]])
        self.eval()
        with torch.inference_mode():
            first = self(pairs)[:, 0]
        self.train()
        if self.vocab_size > 1 and not torch.equal(first[0], first[1]):
            raise ConfigError(
                f"{type(self.inner).__name__} of {self.config.path} sees the token that it is to predict.\n"
                "  Choose model=hf_encoder objective=masked_lm, or another folder."
            )

    def forward(self, tokens: Tensor, cache: TheirCache | None = None) -> Tensor:
        """tokens (B, T) int64 -> logits (B, T, V). With a cache, tokens continue those seen before, and the cache is extended."""
        if cache is None:
            extra = {"use_cache": False} if self._cached else {}
            found: Tensor = self.inner(input_ids=tokens, **extra).logits
        else:
            found = self.inner(input_ids=tokens, past_key_values=cache.inner, use_cache=True).logits
        return found

    def squares(self) -> float:
        return super().squares() / 2

    def empty_cache(self) -> TheirCache | None:
        return TheirCache(self.inner.config) if self._cached else None
