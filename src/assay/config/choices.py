"""All that the files of conf/ can ask of the data stages."""

from itertools import product

from assay.config.load import examine, load
from assay.config.presets import EXPERIMENT_GROUP, Conf
from assay.config.report import refuse
from assay.config.schema import CleanConfig, TokenizerConfig, TrainConfig
from assay.data.cleaning.schema import CleaningSchema


def data_configs(conf: Conf | None = None) -> list[TokenizerConfig]:
    """Every corpus with every recipe and every tokenizer, and what the experiments choose. Raises ConfigError for a file that is wrong."""
    conf = conf or Conf()
    cleanings = [load("clean", [f"cleaning={name}"], CleanConfig, conf).cleaning for name in conf.groups["cleaning"]]
    tokenizers = [load("encode", [f"tokenizer={name}"], TokenizerConfig, conf).tokenizer for name in conf.groups["tokenizer"]]
    pairs = [pair for name in conf.groups["data"] for pair in _recipes(conf, name, cleanings)]
    experiments = [load("train", [f"experiment={name}"], TrainConfig, conf) for name in conf.groups.get(EXPERIMENT_GROUP, [])]
    every = [TokenizerConfig(data=each.data, cleaning=each.cleaning, tokenizer=tokenizer) for each, tokenizer in product(pairs, tokenizers)]
    return [*every, *(TokenizerConfig(data=each.data, cleaning=each.cleaning, tokenizer=each.tokenizer) for each in experiments)]


def _recipes(conf: Conf, corpus: str, cleanings: list[CleaningSchema]) -> list[CleanConfig]:
    """The corpus with each recipe of conf/cleaning/. Fields that its own file names stay on top of each."""
    found = examine(conf, "clean", [f"data={corpus}"], CleanConfig)
    refuse(found.problems)
    assert found.config is not None
    if found.tree.recipe.place:
        return [found.config, *(load("clean", [f"data={corpus}", f"cleaning={each.name}"], CleanConfig, conf) for each in cleanings)]
    return [CleanConfig(data=found.config.data, cleaning=cleaning) for cleaning in cleanings]
