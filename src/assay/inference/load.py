"""A trained model with its tokenizer, from a run's folder."""

from dataclasses import dataclass
from pathlib import Path

import yaml
from torch import nn

from assay.config.build import build
from assay.config.plain import from_plain
from assay.config.schema import TrainConfig
from assay.model.checkpoint import load_weights, newest
from assay.tokenizer.tokenizer import Tokenizer


@dataclass(frozen=True)
class Trained:
    """Ready to predict."""

    model: nn.Module
    tokenizer: Tokenizer
    config: TrainConfig


def load_run(folder: Path) -> Trained:
    """The newest checkpoint of the run in `folder`; its config is data for dataclasses, checked like any other."""
    config = from_plain(yaml.safe_load((folder / "config.yaml").read_text()), TrainConfig, str(folder / "config.yaml"))
    tokenizer = Tokenizer.from_file(folder / "tokenizer.json")
    model: nn.Module = build(config.model, "model", vocab_size=tokenizer.vocab_size, context_tokens=config.data.context_tokens)
    load_weights(newest(folder / "checkpoints"), model)
    return Trained(model.eval(), tokenizer, config)
