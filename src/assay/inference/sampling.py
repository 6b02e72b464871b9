"""Drawing tokens from a language model, one at a time.

V vocabulary.
"""

from collections.abc import Iterator

import torch
from torch import Tensor

from assay.inference.schema import GenerateConfig
from assay.model.language_model import EncoderDecoder, LanguageModel


def generate_tokens(model: LanguageModel, prompt: list[int], config: GenerateConfig, end_of_document: int, allowed: int) -> Iterator[int]:
    """Tokens that continue the prompt, until a document ends or max_new_tokens. The end token itself is not given.

    `allowed`: how many ids the tokenizer knows; rows of a larger output layer are never drawn. Keys and values are cached; when the
    context is full its older half is dropped, since learned positions end there. A recurrent state has no end: the whole prompt is
    read, and what is drawn may grow past the windows of training.
    """
    generator = torch.Generator().manual_seed(config.seed)
    device = next((tensor.device for tensor in model.parameters()), torch.device("cpu"))
    seen = prompt or [end_of_document]
    was_training = model.training
    model.eval()
    try:
        with torch.inference_mode():
            cache, pending = model.empty_cache(), seen[-model.context_tokens :]
            if cache is not None and cache.ENDLESS:
                for start in range(0, len(seen) - len(pending), model.context_tokens):  # in pieces: a long text's logits are gigabytes
                    model(torch.tensor([seen[start : min(start + model.context_tokens, len(seen) - len(pending))]], device=device), cache)
            for _ in range(config.max_new_tokens):
                if cache is None:
                    pending = seen[-model.context_tokens :]
                elif not cache.ENDLESS and cache.tokens + len(pending) > model.context_tokens:
                    cache, pending = model.empty_cache(), seen[-(model.context_tokens // 2) :]
                logits = model(torch.tensor([pending], device=device), cache)[0, -1, :allowed].float().cpu()
                token = draw(logits, config, generator)
                if token == end_of_document:
                    return
                yield token
                seen, pending = [*seen[-model.context_tokens :], token], [token]
    finally:
        model.train(was_training)


def generate_target(model: EncoderDecoder, source: list[int], config: GenerateConfig, end_of_document: int, allowed: int) -> Iterator[int]:
    """Tokens written for a source, until a document ends, max_new_tokens, or the context is full. The end token itself is not given.

    `allowed`: as in generate_tokens, with the ids of the objective's own. A target begins after the end of a document.
    """
    generator = torch.Generator().manual_seed(config.seed)
    device = next(model.parameters()).device
    was_training = model.training
    model.eval()
    try:
        with torch.inference_mode():
            memory, cache = model.encode(torch.tensor([source], device=device)), model.empty_cache()
            seen = [end_of_document]
            for _ in range(min(config.max_new_tokens, model.context_tokens)):
                pending = seen if cache is None else seen[-1:]
                logits = model.decode(torch.tensor([pending], device=device), memory, None, cache)[0, -1, :allowed].float().cpu()
                token = draw(logits, config, generator)
                if token == end_of_document:
                    return
                yield token
                seen.append(token)
    finally:
        model.train(was_training)


def draw(logits: Tensor, config: GenerateConfig, generator: torch.Generator) -> int:
    """One token from logits (V,): top-k (Fan et al. 2018), then nucleus (Holtzman et al. 2020), at a temperature."""
    if config.temperature == 0:
        return int(logits.argmax())
    # The likeliest becomes 0 first, in float64: divided by a tiny temperature, the logits would be infinite, or the temperature zero.
    logits, tokens = ((logits - logits.max()).double() / config.temperature).sort(descending=True, stable=True)
    probabilities = logits[: config.top_k].softmax(dim=0)
    if config.top_p < 1:
        before = probabilities.cumsum(dim=0) - probabilities
        probabilities = probabilities[before < config.top_p]  # the token that crosses the line stays
    return int(tokens[torch.multinomial(probabilities, 1, generator=generator)])
