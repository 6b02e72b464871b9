"""An encoder: every token sees all others, and hidden ones are told from them. BERT's form by default (Devlin et al. 2019).

B batch, T tokens, D model width, V vocabulary.
"""

import torch
from torch import Tensor, nn

from assay.model.block import ACTIVATIONS, Block, initialise, make_norm
from assay.model.language_model import EncoderOnly, multiplied_weights
from assay.model.position import RelativePositions, learned_table, place
from assay.model.schema import GATED, EncoderSchema


class Encoder(EncoderOnly):
    """tokens (B, T) -> logits (B, T, V) of the token at each place. The output layer shares the embedding's weights."""

    def __init__(self, config: EncoderSchema, vocab_size: int, context_tokens: int) -> None:
        super().__init__()
        self.config = config
        self.vocab_size = config.vocab_size or vocab_size
        self.context_tokens = config.n_positions or context_tokens
        self.embedding = nn.Embedding(self.vocab_size, config.d_model)
        self.position = learned_table(config, self.context_tokens)
        self.relative = RelativePositions(config, causal=False) if config.position == "relative" else None
        self.segment = nn.Embedding(config.segments, config.d_model) if config.segments else None
        self.embedding_norm = make_norm(config)
        self.dropout = nn.Dropout(config.dropout)
        self.blocks = nn.ModuleList(Block(config, causal=False) for _ in range(config.n_layer))
        self.norm = make_norm(config) if config.norm_place == "before" else None
        self.transform = nn.Linear(config.d_model, config.d_model)
        self.activation = ACTIVATIONS["gelu_exact" if config.mlp in GATED else config.mlp]
        self.transform_norm = make_norm(config)
        self.output_bias = nn.Parameter(torch.zeros(self.vocab_size))
        initialise(self, config.n_layer)

    def hidden(self, tokens: Tensor, visible: Tensor | None = None, segments: Tensor | None = None) -> Tensor:
        """Return the hidden state of each token: (B, T) -> (B, T, D). `visible` (B, T) bool: not padding; `segments` (B, T): else all 0."""
        x: Tensor = self.embedding(tokens)
        x, codes = place(x, 0, self.config, self.position, self.relative)
        if self.segment is not None:
            x = x + self.segment(torch.zeros_like(tokens) if segments is None else segments)
        x = self.dropout(self.embedding_norm(x))
        for block in self.blocks:
            x, _ = block(x, codes, visible=visible)
        return x if self.norm is None else self.norm(x)

    def logits(self, hidden: Tensor) -> Tensor:
        """(..., D) -> (..., V): of chosen places, where not all are wanted; this product is most of a small model's work."""
        x = self.activation(self.transform(hidden)).to(self.output_bias.dtype)  # torch's RMSNorm has no fused form for two types
        x = self.transform_norm(x)
        logits: Tensor = nn.functional.linear(x, self.embedding.weight, self.output_bias)
        return logits

    def forward(self, tokens: Tensor, cache: None = None, visible: Tensor | None = None, segments: Tensor | None = None) -> Tensor:
        return self.logits(self.hidden(tokens, visible, segments))

    def flops_per_token(self, context_tokens: int, predicted: float = 1.0) -> float:
        """6 a weight used in a product, and attention over the whole square (Chowdhery et al. 2022, appendix B)."""
        head = self.transform.weight.numel() + self.embedding.weight.numel()
        attention = 12.0 * self.config.n_layer * self.config.n_head * self.config.head_width * context_tokens
        return 6.0 * (multiplied_weights(self.blocks) + predicted * head) + attention
