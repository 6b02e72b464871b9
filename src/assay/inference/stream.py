"""Printing generated text as it comes."""

from collections.abc import Iterator

from assay.inference.filling import written
from assay.inference.load import Trained
from assay.inference.sampling import generate_tokens
from assay.inference.schema import GenerateConfig
from assay.model.schema import OTHER_TEXT
from assay.output import print_to_nobody
from assay.tokenizer.tokenizer import StreamDecoder


def continuation(trained: Trained, prompt: str, config: GenerateConfig) -> Iterator[str]:
    """Pieces of text that continue the prompt; never half of a character."""
    ids = trained.tokenizer.encode(prompt)
    decoder = StreamDecoder(trained.tokenizer)
    for token in generate_tokens(trained.model, ids, config, trained.tokenizer.end_of_document, trained.tokenizer.vocab_size):
        piece = decoder.feed(token)
        if piece:
            yield piece
    rest = decoder.finish()
    if rest:
        yield rest


def stream_text(trained: Trained, prompt: str, config: GenerateConfig) -> None:
    """Write the prompt and its continuation, or what an encoder-decoder makes of it, to standard output, piece by piece.

    Ends quietly when its reader does, as `head` will.
    """
    continues = trained.config.objective.PREDICTS != OTHER_TEXT
    try:
        if continues:
            print(prompt, end="", flush=True)
        for piece in continuation(trained, prompt, config) if continues else written(trained, prompt, config):
            print(piece, end="", flush=True)
        print(flush=True)
    except BrokenPipeError:
        print_to_nobody()
