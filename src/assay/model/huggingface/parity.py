"""Whether transformers computes from a folder what our model computes.

B batch, T tokens, V vocabulary, D model width.
"""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch

from assay.errors import CheckFailed, MachineError
from assay.model.encoder import Encoder
from assay.model.huggingface.importing import architecture_in
from assay.model.language_model import EncoderDecoder, LanguageModel

TOLERANCE = 1e-4
SEQUENCES = 4
LONGEST_TOKENS = 256


def refuse_without_transformers() -> None:
    if find_spec("transformers") is None:
        raise MachineError(
            "parity with transformers is measured by transformers, of the extra [hf], which is not installed.\n"
            "  Type: pip install 'transformers>=5.3'"
        )


def measure(folder: Path, model: LanguageModel, head: bool = True) -> dict[str, Any]:
    """The largest difference between the logits (B, T, V) in float32, or the hidden states (B, T, D) of a model without `head`.

    The tokens are drawn from the whole vocabulary of the folder. transformers runs its own class of the architecture, from this folder
    alone. Raises CheckFailed above TOLERANCE.
    """
    import transformers

    architecture, config = architecture_in(folder)
    named = getattr(transformers, architecture.with_head if head else architecture.without_head)
    transformers.utils.logging.set_verbosity_error()  # type: ignore[no-untyped-call]  # its words on a pooler, which is not compared
    transformers.utils.logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    theirs = named.from_pretrained(folder, local_files_only=True, dtype=torch.float32).eval()
    shape = (SEQUENCES, min(model.context_tokens, LONGEST_TOKENS))
    tokens = torch.randint(int(config["vocab_size"]), shape, generator=torch.Generator().manual_seed(1))
    was_training, model = model.training, model.float().cpu().eval()
    with torch.inference_mode():
        if isinstance(model, EncoderDecoder):
            target = tokens.flip(1)
            found, expected = model(tokens, target)[..., : config["vocab_size"]], theirs(tokens, decoder_input_ids=target).logits
        elif head:
            found, expected = model(tokens)[..., : config["vocab_size"]], theirs(tokens).logits
        else:
            found, expected = _hidden(model, tokens), theirs(tokens).last_hidden_state
    model.train(was_training)
    difference = float((found - expected).abs().max())
    what = "logits" if head else "hidden states"
    if not difference <= TOLERANCE:  # also where it is not a number
        raise CheckFailed(f"the {what} in transformers {transformers.__version__} differ by {difference:.2g}, more than {TOLERANCE:g}.")
    return {
        "compared": what,
        "class": named.__name__,
        "largest_difference": difference,
        "largest_value": float(expected.abs().max()),
        "tolerance": TOLERANCE,
        "tokens": tokens.numel(),
        "precision": "float32",
        "versions": {"transformers": transformers.__version__, "torch": torch.__version__},
    }


def _hidden(model: LanguageModel, tokens: torch.Tensor) -> torch.Tensor:
    if isinstance(model, Encoder):
        return model.hidden(tokens)
    raise CheckFailed("only an encoder has hidden states to compare; a decoder has its logits.")
