"""A trained model with its tokenizer, from a run's folder."""

from dataclasses import dataclass
from pathlib import Path

from assay.config.build import build
from assay.config.plain import read_config
from assay.config.schema import TrainConfig
from assay.errors import DataError
from assay.model.checkpoint import load_weights
from assay.model.kept import kept_checkpoint
from assay.model.language_model import LanguageModel
from assay.model.schema import IN_ANY_ORDER, NEXT_TOKEN, OTHER_TEXT
from assay.objective.schema import ids_needed
from assay.tokenizer.tokenizer import Tokenizer


@dataclass(frozen=True)
class Trained:
    """Ready to predict."""

    model: LanguageModel
    tokenizer: Tokenizer
    config: TrainConfig


def load_run(folder: Path, checkpoint: Path | None = None) -> Trained:
    """A checkpoint of the run in `folder`, by default the one that was scored, else the newest; its config is data for dataclasses, checked
    like any other."""
    for name in ("config.yaml", "tokenizer.json"):
        if not (folder / name).is_file():
            raise DataError(f"{folder / name} is missing, so the run can't be used: it ended before its record was written, or lost it.")
    config = read_config(folder / "config.yaml", TrainConfig)
    tokenizer = Tokenizer.from_file(folder / "tokenizer.json")
    vocab_size = ids_needed(config.objective, tokenizer.vocab_size, tokenizer.mask)
    model: LanguageModel = build(config.model, "model", vocab_size=vocab_size, context_tokens=config.data.context_tokens)
    load_weights(checkpoint or kept_checkpoint(folder), model)
    model.eval()
    return Trained(model, tokenizer, config)


def load_generator(folder: Path, checkpoint: Path | None = None) -> Trained:
    """Load a run as load_run does. Raises DataError where the model writes no text."""
    trained = load_run(folder, checkpoint)
    if trained.config.objective.PREDICTS not in (NEXT_TOKEN, OTHER_TEXT, IN_ANY_ORDER):  # from left to right is one of the orders
        raise DataError(
            f"run {folder.parent.name} was trained to predict {trained.config.objective.PREDICTS}, so it can't continue a text.\n"
            "  Name a run of a decoder: python src/train.py model=gpt_nano. What this one guesses lies in its samples/."
        )
    return trained
