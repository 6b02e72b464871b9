"""The interface of every model for training, scoring and generation.

B batch, T tokens, S of a source, V vocabulary, D model width, G key-value heads, K width of one head.
"""

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn


@dataclass
class Cache:
    """Keys and values of the tokens seen so far, one (B, G, T, K) pair a layer."""

    ENDLESS: ClassVar[bool] = False
    """Whether more tokens may follow than the model's context holds."""
    layers: list[tuple[Tensor, Tensor] | None]
    read: list[tuple[Tensor, Tensor] | None] = field(default_factory=list)
    """For an encoder-decoder: keys and values of the source, which stay the same."""

    @property
    def tokens(self) -> int:
        return 0 if self.layers[0] is None else self.layers[0][0].shape[2]


class LanguageModel(nn.Module):
    """Called with tokens (B, T) and a cache or None -> logits (B, T, V) of the token after each."""

    vocab_size: int
    context_tokens: int  # the most it reads at once, or, where its cache is endless, was trained on

    def empty_cache(self) -> Cache | None:
        """For generation; None for a model that reads its whole context for each token."""
        return None

    def count_parameters(self) -> int:
        """Embeddings included, shared weights once."""
        return sum(parameter.numel() for parameter in self.parameters())

    def flops_per_token(self, context_tokens: int) -> float:
        """Floating-point operations to train on one token."""
        raise NotImplementedError


def multiplied_weights(module: nn.Module) -> int:
    """Count the weights that each token is multiplied by: those of all matrices but tables that are looked up."""
    owners = [each for each in module.modules() if not isinstance(each, nn.Embedding)]
    return sum(weight.numel() for each in owners for weight in each.parameters(recurse=False) if weight.dim() > 1)


class EncoderOnly(LanguageModel):
    """Sees a text whole, and tells each of its tokens from all others. Called with tokens (B, T) -> logits (B, T, V) of the token there."""

    def hidden(self, tokens: Tensor, visible: Tensor | None = None) -> Tensor:
        """Return the hidden state of each token: (B, T) -> (B, T, D). `visible` (B, T) bool: not padding."""
        raise NotImplementedError

    def logits(self, hidden: Tensor) -> Tensor:
        """(..., D) -> (..., V): of chosen places, where not all are wanted."""
        raise NotImplementedError

    def flops_per_token(self, context_tokens: int, predicted: float = 1.0) -> float:
        """`predicted`: of the tokens, how many are given logits."""
        raise NotImplementedError

    def empty_cache(self) -> None:
        return None


class EncoderDecoder(LanguageModel):
    """Reads a source whole, then predicts a target from left to right: tokens after one another, the first of them the one that begins."""

    def encode(self, source: Tensor, visible: Tensor | None = None) -> Tensor:
        """source (B, S), `visible` (B, S) bool: not padding -> what the decoder looks at (B, S, D)."""
        raise NotImplementedError

    def decode(self, target: Tensor, memory: Tensor, visible: Tensor | None = None, cache: Cache | None = None) -> Tensor:
        """target (B, T), memory (B, S, D), `visible` (B, S) -> logits (B, T, V) of the token after each."""
        raise NotImplementedError

    def flops_per_pair(self, source_tokens: int, target_tokens: int) -> float:
        """Floating-point operations to train on a source and a target of so many tokens, padding included."""
        raise NotImplementedError

    def flops_per_token(self, context_tokens: int) -> float:
        """For a source and a target of `context_tokens` each."""
        return self.flops_per_pair(context_tokens, context_tokens) / context_tokens


class WordModel(LanguageModel):
    """Vectors of words, learnt from which words stand together: the kernel of an objective updates them in place, without torch's gradients.

    All that the updates depend on is in parameters (without gradients) and buffers, so a run may be saved at any step.
    """

    spells: ClassVar[bool] = False
    """Whether it makes vectors of words it never saw, from their letters."""

    def vectors(self) -> Tensor:
        """Return the vector of each token's word (V, D), by which words are compared; zeros for a token that is no word or is another token's word too."""
        raise NotImplementedError

    def unknown(self, word: str) -> NDArray[np.float32] | None:
        """The vector (D,) of a word that no token spells, where the model `spells`; None for a word of no letters."""
        raise NotImplementedError

    def flops_per_token(self, context_tokens: int) -> float:
        return 0.0


class CountingModel(LanguageModel):
    """Learns by counting instead of by gradient."""

    def token_nats(self, tokens: Tensor) -> Tensor:
        """-ln P of tokens[:, 1:] given those before them in the row: (B, T + 1) -> (B, T)."""
        raise NotImplementedError

    def observe(self, tokens: Tensor) -> None:
        """Take in windows (B, T + 1)."""
        raise NotImplementedError

    def count(self) -> None:
        """Make all that was observed count: before the model is scored, sampled or saved."""
        raise NotImplementedError
