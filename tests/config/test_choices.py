from assay.config.choices import data_configs
from assay.config.presets import Conf


def test_every_corpus_recipe_and_tokenizer_and_what_experiments_choose_is_there() -> None:
    groups, found = Conf().groups, data_configs()
    names = {(each.data.name, each.cleaning.name, each.tokenizer.name) for each in found}
    assert len(names) == len(groups["data"]) * len(groups["cleaning"]) * len(groups["tokenizer"])
    assert len(found) == len(names) + len(groups["experiment"])
