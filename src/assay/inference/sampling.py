"""Drawing tokens from a language model, one at a time.

V vocabulary.
"""

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from assay.inference.schema import GenerateConfig


def generate_tokens(model: nn.Module, prompt: list[int], config: GenerateConfig, end_of_document: int, allowed: int) -> Iterator[int]:
    """Tokens that continue the prompt, until a document ends or max_new_tokens. The end token itself is not given.

    `allowed`: how many ids the tokenizer knows; rows of a larger output layer are never drawn. Keys and values are cached; when the
    context is full its older half is dropped, since learned positions end there.
    """
    generator = torch.Generator().manual_seed(config.seed)
    seen = prompt or [end_of_document]
    was_training = model.training
    model.eval()
    try:
        with torch.inference_mode():
            cache, pending = model.empty_cache(), seen[-model.context_tokens :]
            for _ in range(config.max_new_tokens):
                if cache is None:  # a model without a cache reads its context each time
                    pending = seen[-model.context_tokens :]
                elif cache.tokens + len(pending) > model.context_tokens:
                    cache, pending = model.empty_cache(), seen[-(model.context_tokens // 2) :]
                logits = model(torch.tensor([pending]), cache)[0, -1, :allowed].float()
                token = draw(logits, config, generator)
                if token == end_of_document:
                    return
                yield token
                seen.append(token)
                pending = [token]
    finally:
        model.train(was_training)


def draw(logits: Tensor, config: GenerateConfig, generator: torch.Generator) -> int:
    """One token from logits (V,): top-k (Fan et al. 2018), then nucleus (Holtzman et al. 2020), at a temperature."""
    if config.temperature == 0:
        return int(logits.argmax())
    logits = logits / config.temperature
    if config.top_k is not None and config.top_k < len(logits):
        logits = logits.masked_fill(logits < logits.topk(config.top_k).values[-1], float("-inf"))
    if config.top_p < 1:
        ordered, order = logits.softmax(dim=0).sort(descending=True, stable=True)
        beyond = ordered.cumsum(dim=0) - ordered >= config.top_p  # the token that crosses the line stays
        logits[order[beyond]] = float("-inf")
    return int(torch.multinomial(logits.softmax(dim=0), 1, generator=generator))
