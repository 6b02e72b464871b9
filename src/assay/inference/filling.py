"""Generation by an encoder-decoder for a prompt."""

from collections.abc import Iterator
from typing import cast

from assay.errors import ConfigError
from assay.inference.load import Trained
from assay.inference.sampling import generate_target
from assay.inference.schema import GenerateConfig
from assay.model.language_model import EncoderDecoder
from assay.tokenizer.tokenizer import StreamDecoder

MASK = "[MASK]"


def written(trained: Trained, prompt: str, config: GenerateConfig) -> Iterator[str]:
    """Pieces of the text that is written for the prompt. Where the objective hides spans, [MASK] in the prompt is one.

    Of denoising the target is the whole text; of span corruption what stands for each mark, which is put into the prompt here.
    Raises ConfigError for a prompt without a mark, or longer than the model reads.
    """
    tokenizer, extra = trained.tokenizer, trained.config.objective.EXTRA_TOKENS
    mask = tokenizer.vocab_size if tokenizer.mask is None else tokenizer.mask
    parts = prompt.split(MASK) if extra else [prompt]
    source = tokenizer.encode(parts[0])
    for number, part in enumerate(parts[1:]):
        source += [tokenizer.vocab_size + number if extra > 1 else mask, *tokenizer.encode(part)]
    _refuse(source, parts, extra, trained.model.context_tokens)
    model = cast(EncoderDecoder, trained.model)
    allowed = tokenizer.vocab_size + (extra if extra > 1 else 0)
    tokens = generate_target(model, source, config, tokenizer.end_of_document, allowed)
    if extra > 1:
        yield from _filled(trained, parts, tokens)
    else:
        yield from _decoded(trained, tokens)


def _refuse(source: list[int], parts: list[str], extra: int, most: int) -> None:
    if extra and len(parts) == 1:
        raise ConfigError(
            f'this run fills gaps, and the prompt has none; write {MASK} for each, as in "To be, or {MASK}, that is the question"'
        )
    if extra > 1 and len(parts) > extra:
        raise ConfigError(f"the prompt has {len(parts) - 1} gaps; the model knows sentinels for {extra - 1}")
    if not source or len(source) > most:
        raise ConfigError(f"the prompt has {len(source)} tokens; the model reads 1 to {most}")


def _decoded(trained: Trained, tokens: Iterator[int]) -> Iterator[str]:
    decoder = StreamDecoder(trained.tokenizer)
    for token in tokens:
        piece = decoder.feed(token)
        if piece:
            yield piece
    rest = decoder.finish()
    if rest:
        yield rest


def _filled(trained: Trained, parts: list[str], tokens: Iterator[int]) -> Iterator[str]:
    """The prompt with what follows each sentinel in its place; the target ends with the one after the last gap's."""
    first, spans = trained.tokenizer.vocab_size, dict[int, list[int]]()
    here: list[int] = []  # what stands before the first sentinel is no gap's
    for token in tokens:
        if token - first >= len(parts) - 1:
            break
        if token >= first:
            here = spans.setdefault(token - first, [])
        else:
            here.append(token)
    for number, part in enumerate(parts):
        yield part
        if number in spans:
            yield trained.tokenizer.decode(spans[number])
