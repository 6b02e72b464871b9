"""An encoder-decoder of transformers' own class.

B batch, S source tokens, T target tokens, D model width, V vocabulary.
"""

import re
from typing import Any, ClassVar

from torch import Tensor

from assay.model.huggingface.decoder import TheirCache
from assay.model.huggingface.theirs import Theirs
from assay.model.language_model import Cache, EncoderDecoder, multiplied_weights

ACROSS = re.compile(r"\.(EncDecAttention\.[kv]|encoder_attn\.[kv]_proj)\.weight$")


class BothCaches(TheirCache):
    """Key-value caches of the target, and of the source for the target."""

    def __init__(self, config: Any) -> None:
        from transformers import DynamicCache, EncoderDecoderCache

        Cache.__init__(self, [])
        self.inner = EncoderDecoderCache(DynamicCache(config=config), DynamicCache(config=config))


class HuggingFaceSeq2Seq(Theirs, EncoderDecoder):
    """Source (B, S) and target (B, T) -> logits (B, T, V) of the token after each of the target's."""

    AUTO: ClassVar[str] = "AutoModelForSeq2SeqLM"

    def encode(self, source: Tensor, visible: Tensor | None = None) -> Tensor:
        mask = None if visible is None else visible.long()
        found: Tensor = self.inner.get_encoder()(input_ids=source, attention_mask=mask)[0]  # type: ignore[operator]
        return found

    def decode(self, target: Tensor, memory: Tensor, visible: Tensor | None = None, cache: Cache | None = None) -> Tensor:
        from transformers.modeling_outputs import BaseModelOutput

        found: Tensor = self.inner(
            encoder_outputs=BaseModelOutput(last_hidden_state=memory),
            attention_mask=None if visible is None else visible.long(),
            decoder_input_ids=target,
            past_key_values=cache.inner if isinstance(cache, TheirCache) else None,
            use_cache=cache is not None,
        ).logits
        return found

    def forward(self, source: Tensor, target: Tensor, visible: Tensor | None = None) -> Tensor:
        return self.decode(target, self.encode(source, visible), visible)

    def empty_cache(self) -> BothCaches:
        return BothCaches(self.inner.config)

    def flops_per_pair(self, source_tokens: int, target_tokens: int) -> float:
        """The same count as TransformerEncoderDecoder's. In a class whose keys and values of the source have other names than T5's and BART's, those are
        counted by the target's tokens."""
        whole = self.whole()
        config, encoder = whole.config, multiplied_weights(whole.get_encoder())
        across = sum(weight.numel() for name, weight in whole.named_parameters() if ACROSS.search(name))
        layers = next((n for name in ("num_decoder_layers", "decoder_layers") if (n := getattr(config, name, None))), 0)
        read = getattr(config, "encoder_layers", None) or config.num_hidden_layers
        squares: float = read * source_tokens**2 + layers * target_tokens * (source_tokens + target_tokens / 2)
        writing = multiplied_weights(whole) - encoder - across
        products: float = 6.0 * ((encoder + across) * source_tokens + writing * target_tokens)
        return products + 12.0 * self.attention_width() * squares

    def flops_per_token(self, context_tokens: int) -> float:
        return EncoderDecoder.flops_per_token(self, context_tokens)
