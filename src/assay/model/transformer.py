"""A decoder-only Transformer in two forms: GPT-2's (learned positions, LayerNorm, GELU, biases) and the modern one
(rotary positions, RMSNorm, gated MLP, no biases). Each choice is a field of TransformerSchema.

B batch, T tokens, D model width, H heads, G key-value heads, K width of one head, V vocabulary.
"""

from torch import Tensor, nn

from assay.model.block import Block, initialise, make_norm
from assay.model.language_model import Cache, LanguageModel
from assay.model.position import RelativePositions, learned_table, place
from assay.model.schema import TransformerSchema


class Transformer(LanguageModel):
    """tokens (B, T) -> logits (B, T, V)."""

    def __init__(self, config: TransformerSchema, vocab_size: int, context_tokens: int) -> None:
        super().__init__()
        self.config = config
        self.vocab_size = config.vocab_size or vocab_size
        self.context_tokens = config.n_positions or context_tokens
        self.embedding = nn.Embedding(self.vocab_size, config.d_model)
        self.position = learned_table(config, self.context_tokens)
        self.relative = RelativePositions(config, causal=True) if config.position == "relative" else None
        self.dropout = nn.Dropout(config.dropout)
        self.blocks = nn.ModuleList(Block(config, causal=True) for _ in range(config.n_layer))
        self.norm = make_norm(config)
        self.head = nn.Linear(config.d_model, self.vocab_size, bias=False)
        if config.tie_embeddings:
            self.head.weight = self.embedding.weight
        initialise(self, config.n_layer)

    def forward(self, tokens: Tensor, cache: Cache | None = None) -> Tensor:
        """tokens (B, T) int64 -> logits (B, T, V). With a cache, tokens continue those seen before, and the cache is extended."""
        x, codes = place(self.embedding(tokens), cache.tokens if cache else 0, self.config, self.position, self.relative)
        x = self.dropout(x)
        for index, block in enumerate(self.blocks):
            x, kept = block(x, codes, cache.layers[index] if cache else None)
            if cache:
                cache.layers[index] = kept
        logits: Tensor = self.head(self.norm(x))
        return logits

    def empty_cache(self) -> Cache:
        return Cache([None] * self.config.n_layer)

    def flops_per_token(self, context_tokens: int) -> float:
        """Floating-point operations to train on one token: 6 a weight used in a product, and causal attention at half its square
        (Chowdhery et al. 2022, appendix B, halved). The embedding look-up is none."""
        looked_up = 0 if self.config.tie_embeddings else self.embedding.weight.numel()
        looked_up += self.position.weight.numel() if self.position is not None else 0
        return (
            6.0 * (self.count_parameters() - looked_up)
            + 6.0 * self.config.n_layer * self.config.n_head * self.config.head_width * context_tokens
        )
