"""Global vectors (Pennington, Socher & Manning 2014): two words' vectors and biases add up to the logarithm of how often they stand together.

B batch, T tokens, V vocabulary, D width.
"""

import torch
from torch import Tensor, nn

from assay.model.language_model import WordModel
from assay.model.schema import GloveSchema

FIRST_SUM = 1e-8
"""AdaGrad's sums begin at next to nothing, as in its definition, so that 0 is never divided by 0. From 1, as Stanford's program begins, 20 epochs of
a million words come not as far as 5 do from here (docs/log.md)."""


class Glove(WordModel):
    """tokens (B, T) -> logits (B, T, V) of the words around each: w_i . w~_k + b~_k, so their exponential is in proportion to P(k | i).

    Rows are the tokens'. A word of several spellings has the row of the first (`word_of`, -1 for what is no word); other rows are never learnt.
    `position` counts the tokens whose share of the entries has been taken; `order_key` says in which order.
    """

    word_of: Tensor
    order_key: Tensor
    position: Tensor

    def __init__(self, config: GloveSchema, vocab_size: int, context_tokens: int) -> None:
        super().__init__()
        self.config = config
        self.vocab_size = vocab_size
        self.context_tokens = context_tokens
        self.register_buffer("word_of", torch.full((vocab_size,), -1, dtype=torch.int32))
        self.register_buffer("order_key", torch.randint(2**62, ()))
        self.register_buffer("position", torch.zeros((), dtype=torch.int64))
        for side in ("word", "context"):
            vectors = (torch.rand(vocab_size, config.d_model) - 0.5) / config.d_model
            self.register_parameter(f"{side}_vectors", nn.Parameter(vectors, requires_grad=False))
            self.register_parameter(f"{side}_biases", nn.Parameter(torch.zeros(vocab_size), requires_grad=False))
            self.register_buffer(f"{side}_vectors_sums", torch.full((vocab_size, config.d_model), FIRST_SUM))
            self.register_buffer(f"{side}_biases_sums", torch.full((vocab_size,), FIRST_SUM))

    def side(self, name: str) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return the parameters of `word` or `context`: vectors (V, D), biases (V,), and AdaGrad's sums of squares for both."""
        parts = ("vectors", "biases", "vectors_sums", "biases_sums")
        vectors, biases, sums, bias_sums = (getattr(self, f"{name}_{part}") for part in parts)
        return vectors, biases, sums, bias_sums

    def forward(self, tokens: Tensor, cache: None = None) -> Tensor:
        """Zeros beside what is no word."""
        words = self.word_of[tokens]
        others, biases, _, _ = self.side("context")
        logits: Tensor = nn.functional.linear(self.side("word")[0][words.clamp(min=0).long()], others, biases)
        return logits * (words >= 0)[..., None]

    def vectors(self) -> Tensor:
        """W + W~ (V, D), which does a little better than W alone (section 4.2)."""
        known = self.word_of == torch.arange(self.vocab_size)
        return (self.side("word")[0] + self.side("context")[0]) * known[:, None]
