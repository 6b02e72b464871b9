"""Whether transformers computes from a folder what our model computes.

B batch, T tokens, V vocabulary, D model width.
"""

from pathlib import Path
from typing import Any

import torch

from assay.errors import CheckFailed
from assay.model.huggingface.importing import architecture_in
from assay.model.huggingface.library import the_library
from assay.model.huggingface.xlnet import both_streams
from assay.model.language_model import EncoderDecoder, EncoderOnly, LanguageModel
from assay.model.xlnet import XLNet
from assay.tokenizer.tokenizer import Tokenizer

TOLERANCE = 1e-4
SEQUENCES = 4
LONGEST_TOKENS = 256


def measure(folder: Path, model: LanguageModel, head: bool = True) -> dict[str, Any]:
    """The largest difference between the logits (B, T, V) in float32, or the hidden states (B, T, D) of a model without `head`.

    The tokens are drawn from the whole vocabulary of the folder. transformers runs its own class of the architecture, from this folder
    alone. Raises CheckFailed above TOLERANCE.
    """
    theirs, named, ids = _loaded(folder, model, head)
    shape = (SEQUENCES, min(model.context_tokens, LONGEST_TOKENS))
    tokens = torch.randint(ids, shape, generator=torch.Generator().manual_seed(1))
    return _compared(model, theirs, [tokens], named, head)


def measure_texts(folder: Path, model: LanguageModel, tokenizer: Tokenizer, texts: list[str], head: bool = True) -> dict[str, Any]:
    """Measure parity on texts, each as the folder's own tokenizer encodes it, which must give our ids. Raises CheckFailed where it does not."""
    import transformers

    theirs, named, _ = _loaded(folder, model, head)
    encoder = transformers.AutoTokenizer.from_pretrained(folder, local_files_only=True)
    rows = []
    for text in texts:
        mine, other = tokenizer.encode(text), encoder(text)["input_ids"]
        if mine != other:
            place = next((i for i, (a, b) in enumerate(zip(mine, other, strict=False)) if a != b), min(len(mine), len(other)))
            raise CheckFailed(
                f"the tokenizers differ from token {place} of {text[:40]!r} on: {mine[place : place + 3]} here, {other[place : place + 3]} in transformers."
            )
        rows.append(torch.tensor([mine[: min(model.context_tokens, LONGEST_TOKENS)]]))
    return _compared(model, theirs, [row for row in rows if row.numel()], named, head)


def _loaded(folder: Path, model: LanguageModel, head: bool) -> tuple[Any, str, int]:
    """transformers' model of the folder, the name of its class, and how many ids may be asked about."""
    transformers = the_library()
    whole = getattr(model, "whole", None)
    if whole is not None:  # of its own class already
        named, ids = type(whole()), model.vocab_size
    else:
        architecture, config = architecture_in(folder)
        named = getattr(transformers, architecture.with_head if head else architecture.without_head)
        ids = int(config["pad_token_id"] if architecture.pads_apart else config["vocab_size"])
    return named.from_pretrained(folder, local_files_only=True, dtype=torch.float32).eval(), named.__name__, ids


def _compared(model: LanguageModel, theirs: Any, rows: list[torch.Tensor], named: str, head: bool) -> dict[str, Any]:
    """Compare logits of rows (B, T): the largest difference anywhere."""
    was_training, model = model.training, model.float().cpu().eval()
    differences, values = [], []
    with torch.inference_mode():
        for tokens in rows:
            if isinstance(model, EncoderDecoder):
                target = tokens.flip(1)
                found, expected = model(tokens, target), theirs(tokens, decoder_input_ids=target).logits
            elif head and isinstance(model, XLNet):
                found, expected = both_streams(model, theirs, tokens)
            elif head:
                found, expected = model(tokens), theirs(tokens).logits
            else:
                found, expected = _hidden(model, tokens), theirs(tokens).last_hidden_state
            both = min(found.shape[-1], expected.shape[-1])  # one of the two may have rows for no id
            differences.append((found[..., :both] - expected[..., :both]).abs().max())
            values.append(expected[..., :both].abs().max())
    model.train(was_training)
    difference = float(torch.stack(differences).max())  # not a number if any of them is not
    what, version = "logits" if head else "hidden states", the_library().__version__
    if not difference <= TOLERANCE:  # also where it is not a number
        raise CheckFailed(f"the {what} in transformers {version} differ by {difference:.2g}, more than {TOLERANCE:g}.")
    return {
        "compared": what,
        "class": named,
        "largest_difference": difference,
        "largest_value": float(torch.stack(values).max()),
        "tolerance": TOLERANCE,
        "tokens": sum(row.numel() for row in rows),
        "precision": "float32",
        "versions": {"transformers": version, "torch": torch.__version__},
    }


def _hidden(model: LanguageModel, tokens: torch.Tensor) -> torch.Tensor:
    if isinstance(model, EncoderOnly):
        return model.hidden(tokens)
    raise CheckFailed("only an encoder has hidden states to compare; a decoder has its logits.")
