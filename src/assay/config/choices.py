"""What the files of conf/ can ask of the data stages, together."""

from itertools import product

from assay.config.load import load
from assay.config.presets import EXPERIMENT_GROUP, Conf
from assay.config.schema import TokenizerConfig, TrainConfig


def data_configs(conf: Conf | None = None) -> list[TokenizerConfig]:
    """Every corpus with every recipe and every tokenizer, and what the experiments choose. Raises ConfigError for a file that is wrong."""
    conf = conf or Conf()
    parts = {
        group: [getattr(load("encode", [f"{group}={name}"], TokenizerConfig, conf), group) for name in conf.groups[group]]
        for group in ("data", "cleaning", "tokenizer")
    }
    experiments = [load("train", [f"experiment={name}"], TrainConfig, conf) for name in conf.groups.get(EXPERIMENT_GROUP, [])]
    every = [TokenizerConfig(data=data, cleaning=cleaning, tokenizer=tokenizer) for data, cleaning, tokenizer in product(*parts.values())]
    return [*every, *(TokenizerConfig(data=each.data, cleaning=each.cleaning, tokenizer=each.tokenizer) for each in experiments)]
