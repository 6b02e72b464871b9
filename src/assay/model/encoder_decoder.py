"""A Transformer that reads one text whole and writes another: the original form (Vaswani et al. 2017) and T5's (Raffel et al. 2020).

B batch, S source tokens, T target tokens, D model width, V vocabulary.
"""

import math

from torch import Tensor, nn

from assay.model.block import Attention, Block, CrossBlock, make_norm
from assay.model.language_model import Cache, EncoderDecoder, multiplied_weights
from assay.model.position import RelativePositions, learned_table, place
from assay.model.schema import EncoderDecoderSchema


class Stack(nn.Module):
    """The blocks of one side, with its positions."""

    def __init__(self, config: EncoderDecoderSchema, positions: int, blocks: list[Block]) -> None:
        super().__init__()
        causal = isinstance(blocks[0], CrossBlock)
        self.config = config
        self.position = learned_table(config, positions)
        self.relative = RelativePositions(config, causal) if config.position == "relative" else None
        self.dropout = nn.Dropout(config.dropout)
        self.blocks = nn.ModuleList(blocks)
        self.norm = make_norm(config) if config.norm_place == "before" else None

    def encode(self, x: Tensor, visible: Tensor | None) -> Tensor:
        """Embedded tokens (B, S, D) -> (B, S, D)"""
        x, codes = place(x, 0, self.config, self.position, self.relative)
        x = self.dropout(x)
        for block in self.blocks:
            x, _ = block(x, codes, visible=visible)
        return self._normed(x)

    def decode(self, x: Tensor, memory: Tensor, visible: Tensor | None, cache: Cache | None) -> Tensor:
        """Embedded tokens (B, T, D), which go on after those of the cache -> (B, T, D)"""
        x, codes = place(x, cache.tokens if cache else 0, self.config, self.position, self.relative)
        x = self.dropout(x)
        for number, block in enumerate(self.blocks):
            past, read = (cache.layers[number], cache.read[number]) if cache else (None, None)
            x, past, read = block(x, codes, memory, visible, past, read)
            if cache:
                cache.layers[number], cache.read[number] = past, read
        return self._normed(x)

    def _normed(self, x: Tensor) -> Tensor:
        return x if self.norm is None else self.dropout(self.norm(x))


class TransformerEncoderDecoder(EncoderDecoder):
    """Source (B, S) and target (B, T) -> logits (B, T, V) of the token after each of the target's. Both sides share one embedding."""

    def __init__(self, config: EncoderDecoderSchema, vocab_size: int, context_tokens: int) -> None:
        super().__init__()
        self.config = config
        self.vocab_size = config.vocab_size or vocab_size
        self.context_tokens = config.n_positions or context_tokens
        self.embedding = nn.Embedding(self.vocab_size, config.d_model)
        self.encoder = Stack(config, self.context_tokens, [Block(config, causal=False) for _ in range(config.n_layer)])
        self.decoder = Stack(config, self.context_tokens, [CrossBlock(config) for _ in range(config.n_decoder_layer or config.n_layer)])
        self.head = nn.Linear(config.d_model, self.vocab_size, bias=False)
        if config.tie_embeddings:
            self.head.weight = self.embedding.weight
        self._initialise()

    def _initialise(self) -> None:
        """Initialise so that the sizes of all sums stay near 1: linear layers by Glorot & Bengio (2010, eq. 16), as the original's code and torch's; the
        embedding so that it is 1 where it goes in. Queries whose products are not scaled begin smaller by what would scale them, as T5's."""
        width = self.config.d_model
        large = not self.config.scale_embeddings and (self.config.scale_output or not self.config.tie_embeddings)
        for module in self.modules():
            if isinstance(module, nn.Embedding | nn.Linear) and module not in (self.embedding, self.head):
                nn.init.xavier_uniform_(module.weight)
            if isinstance(module, nn.Linear) and module.bias is not None:
                nn.init.zeros_(module.bias)
        nn.init.normal_(self.head.weight, std=width**-0.5)
        nn.init.normal_(self.embedding.weight, std=1.0 if large else width**-0.5)  # tied: the same tensor again
        for module in self.modules():
            if isinstance(module, Attention) and not module.scaled:
                module.shrink_queries()

    def encode(self, source: Tensor, visible: Tensor | None = None) -> Tensor:
        return self.encoder.encode(self._embedded(source), visible)

    def decode(self, target: Tensor, memory: Tensor, visible: Tensor | None = None, cache: Cache | None = None) -> Tensor:
        x = self.decoder.decode(self._embedded(target), memory, visible, cache)
        if self.config.scale_output:
            x = x * self.config.d_model**-0.5
        logits: Tensor = self.head(x)
        return logits

    def forward(self, source: Tensor, target: Tensor, visible: Tensor | None = None) -> Tensor:
        return self.decode(target, self.encode(source, visible), visible)

    def _embedded(self, tokens: Tensor) -> Tensor:
        x: Tensor = self.embedding(tokens)
        return x * math.sqrt(self.config.d_model) if self.config.scale_embeddings else x

    def empty_cache(self) -> Cache:
        layers = len(self.decoder.blocks)
        return Cache([None] * layers, [None] * layers)

    def flops_per_pair(self, source_tokens: int, target_tokens: int) -> float:
        """6 a weight used in a product (Chowdhery et al. 2022, appendix B); attention over the whole square in the encoder and to what was
        read, half of it within the target. Keys and values of what was read are made once for each of its tokens."""
        blocks = [block.cross_attention for block in self.decoder.blocks if isinstance(block, CrossBlock)]
        across = sum(sum(each.widths[1:]) * self.config.d_model for each in blocks)
        reading = multiplied_weights(self.encoder) + across
        writing = multiplied_weights(self.decoder) - across + multiplied_weights(self.head)
        squares = len(self.encoder.blocks) * source_tokens**2 + len(blocks) * target_tokens * (source_tokens + target_tokens / 2)
        return 6.0 * (reading * source_tokens + writing * target_tokens) + 12.0 * self.config.n_head * self.config.head_width * squares
