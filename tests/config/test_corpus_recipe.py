"""A corpus names its cleaning recipe in its own file; what else is said about cleaning wins over it, aloud."""

from collections.abc import Callable
from typing import Any

import pytest

from assay.config.corpus_recipe import notes
from assay.config.load import examine
from assay.config.presets import Conf
from assay.config.schema import BagOfWordsConfig, CleanCommand, TokenizerConfig, TrainConfig
from assay.data.near.settings import NearDedupSettings

FIELDS = {"chinese": {"encodings": ["utf-8", "gb18030", "big5"]}, "basic": {"encodings": ["utf-8", "gb18030", "cp1252"]}}
Write = Callable[[str, str], None]
ROOTS = {"clean": CleanCommand, "learn_tokenizer": TokenizerConfig, "encode": TokenizerConfig, "bag_of_words": BagOfWordsConfig}


def corpus(cleaning: str) -> str:
    return f"language: zh\nlicence: own\nsources:\n  - folder: texts\n    label: file\n{cleaning}"


def said(conf: Conf, *overrides: str, root: str = "clean", schema: type[Any] = CleanCommand) -> list[str]:
    return notes(examine(Conf(conf.folder), root, ["data=mine", *overrides], schema).tree)


@pytest.mark.parametrize(
    ("cleaning", "overrides", "expected"),
    [
        ("cleaning: chinese", [], {"name": "chinese", **FIELDS["chinese"]}),
        ("cleaning:\n  personal_data: mask", [], {"name": "basic", "personal_data": "mask", **FIELDS["basic"]}),
        ("cleaning: {recipe: chinese, min_characters: 4}", [], {"name": "chinese", "min_characters": 4, **FIELDS["chinese"]}),
        ("cleaning: {near_dedup: {threshold: 0.7}}", [], {"near_dedup": NearDedupSettings(threshold=0.7)}),
        ("cleaning: {near_dedup: {threshold: 0.7}}", ["cleaning.near_dedup.words=3"], {"near_dedup": NearDedupSettings(threshold=0.7, words=3)}),
        ("cleaning: {near_dedup: {threshold: 0.7}}", ["cleaning.near_dedup=null"], {"near_dedup": None}),
        ("cleaning: {recipe: chinese, personal_data: mask}", ["cleaning=words"], {"name": "words", "personal_data": "mask", **FIELDS["basic"]}),
        ("cleaning: {personal_data: mask}", ["cleaning.personal_data=keep"], {"personal_data": "keep"}),
        ("cleaning: {personal_data: mask, min_characters: 7}", ["~cleaning.personal_data"], {"personal_data": "keep", "min_characters": 7}),
        ("cleaning: {rules: []}", ["cleaning=chinese"], {"name": "chinese", "rules": []}),
        ("cleaning: {}", [], {"name": "basic"}),
    ],
)  # fmt: skip
def test_the_corpus_wins_over_the_root_and_the_command_line_over_the_corpus(
    conf: Conf, write: Write, composed_by_hydra: Callable[..., Any], cleaning: str, overrides: list[str], expected: dict[str, Any]
) -> None:
    write("data/mine", corpus(cleaning))
    words = ["data=mine", *overrides]
    loaded = examine(Conf(conf.folder), "clean", words, CleanCommand)
    assert loaded.config is not None, loaded.problems
    assert {key: getattr(loaded.config.cleaning, key) for key in expected} == expected
    composed = composed_by_hydra(conf, "clean", words, CleanCommand, loaded)
    assert composed["cleaning"]["name"] == loaded.config.cleaning.name
    assert "cleaning" not in composed["data"]


@pytest.mark.parametrize("root", ROOTS)
def test_every_verb_that_reads_the_corpus_uses_its_recipe(conf: Conf, write: Write, root: str) -> None:
    write("data/mine", corpus("cleaning: {recipe: chinese, personal_data: mask}"))
    loaded: Any = examine(Conf(conf.folder), root, ["data=mine"], ROOTS[root]).config
    assert (loaded.cleaning.name, loaded.cleaning.personal_data) == ("chinese", "mask")


def test_the_recipe_stands_between_the_root_and_the_experiment(conf: Conf, write: Write, composed_by_hydra: Callable[..., Any]) -> None:
    write("data/mine", corpus("cleaning: {recipe: chinese, min_characters: 4, max_characters: 40, personal_data: mask}"))
    text = (conf.folder / "train.yaml").read_text(encoding="utf-8")
    write("train", text + "cleaning: {min_characters: 3, max_characters: 30}\n")
    write(
        "experiment/mine",
        "# @package _global_\ndefaults:\n  - override /data: mine\n  - override /cleaning: words\n  - _self_\ncleaning: {max_characters: 50}\n",
    )
    for words, expected in (
        (["data=mine"], ("chinese", 4, 40)),
        (["experiment=mine"], ("words", 4, 50)),
        (["experiment=mine", "cleaning=basic", "cleaning.min_characters=6"], ("basic", 6, 50)),
    ):
        loaded = examine(Conf(conf.folder), "train", words, TrainConfig)
        assert loaded.config is not None, loaded.problems
        cleaning = loaded.config.cleaning
        assert (cleaning.name, cleaning.min_characters, cleaning.max_characters) == expected
        assert cleaning.personal_data == "mask"
        assert composed_by_hydra(conf, "train", words, TrainConfig, loaded)["cleaning"]["min_characters"] == expected[1]


def test_a_corpus_that_builds_on_another_has_its_recipe_too(conf: Conf, write: Write) -> None:
    write("data/base", corpus("cleaning: {recipe: chinese, personal_data: mask}"))
    write("data/mine", "defaults: [base, _self_]\ncleaning: {personal_data: keep, min_characters: 2}\n")
    loaded: Any = examine(Conf(conf.folder), "clean", ["data=mine"], CleanCommand).config
    assert (loaded.cleaning.name, loaded.cleaning.personal_data, loaded.cleaning.min_characters) == ("chinese", "keep", 2)


@pytest.mark.parametrize(
    ("cleaning", "line", "text"),
    [
        ("cleaning: chines", 6, "no conf/cleaning/chines.yaml; did you mean chinese?"),
        ("cleaning: 3", 6, "cleaning takes the name of a recipe of conf/cleaning/"),
        ("cleaning: [basic]", 6, "cleaning takes the name of a recipe of conf/cleaning/"),
        ("cleaning:", 6, "cleaning takes the name of a recipe of conf/cleaning/"),
        ("cleaning:\n  recipe: gofer", 7, "no conf/cleaning/gofer.yaml; did you mean gopher?"),
        ("cleaning:\n  recipe: 1", 7, "cleaning.recipe takes the name of one recipe"),
        ("cleaning:\n  name: chinese", 7, "did you mean recipe: chinese?"),
        ("cleaning:\n\n  personal_dat: mask", 8, "cleaning.personal_dat: unknown key; did you mean cleaning.personal_data?"),
        ("cleaning:\n  personal_data: hide", 7, "cleaning.personal_data must be one of keep, mask, found 'hide'"),
        ("cleaning:\n  near_dedup:\n    threshold: 7", 8, "cleaning.near_dedup.threshold must be"),
        ("cleaning:\n  min_characters: 9\n  max_characters: 3", 7, "so every document would go"),
        ("clening: chinese", 6, "data.clening: unknown key; did you mean data.cleaning?"),
        ("    cleaning: chinese", 6, "a corpus has one recipe, for all its sources; write cleaning: beside sources:"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_recipe_of_a_corpus_is_told_with_its_line(conf: Conf, write: Write, cleaning: str, line: int, text: str) -> None:
    write("data/mine", corpus(cleaning))
    problems = [str(problem) for problem in examine(Conf(conf.folder), "clean", ["data=mine"], CleanCommand).problems]
    assert len(problems) == 1, problems
    assert problems[0].startswith(f"conf/data/mine.yaml:{line}")
    assert text in problems[0]


def test_a_recipe_of_the_corpus_is_no_field_elsewhere(wrong: Callable[..., list[str]]) -> None:
    (problem,) = wrong("data.cleaning=chinese")
    assert problem.endswith("stands in conf/data/NAME.yaml only; elsewhere write cleaning=NAME or cleaning.FIELD=VALUE")


@pytest.mark.parametrize(
    ("cleaning", "overrides", "expected"),
    [
        ("", [], []),
        ("cleaning: {personal_data: mask}", [], []),
        ("cleaning: {personal_data: mask}", ["cleaning.personal_data=mask"], []),
        (
            "cleaning: {personal_data: keep}",
            ["cleaning.personal_data=mask"],
            ["cleaning.personal_data=mask from the command line; conf/data/mine.yaml:6 says keep"],
        ),
        ("cleaning: chinese", ["cleaning=words"], ["cleaning=words from the command line; conf/data/mine.yaml:6 says chinese"]),
        (
            "cleaning: {recipe: chinese, stop_words: en}",
            ["cleaning=none"],
            ["cleaning=none from the command line; conf/data/mine.yaml:6 says chinese, and its fields stay (stop_words)"],
        ),
        (
            "cleaning: {near_dedup: {}}",
            ["cleaning.near_dedup=null"],
            ["cleaning.near_dedup=null from the command line; conf/data/mine.yaml:6 says {}"],
        ),
        (
            "cleaning: {personal_data: mask}",
            ["~cleaning.personal_data"],
            ["cleaning.personal_data taken away on the command line; conf/data/mine.yaml:6 says mask"],
        ),
        (
            "cleaning: chinese",
            ["cleaning.near_dedup={threshold: 0.8}"],
            [
                "cleaning.near_dedup={threshold: 0.8} from the command line",
                "That is for this command alone. For every command, write in conf/data/mine.yaml:\n"
                "  cleaning:\n    recipe: chinese\n    near_dedup: {threshold: 0.8}",
            ],
        ),
        (
            "",
            ["cleaning=words", "cleaning.personal_data=mask"],
            [
                "cleaning=words from the command line",
                "cleaning.personal_data=mask from the command line",
                "That is for this command alone. For every command, write in conf/data/mine.yaml:\n"
                "  cleaning: {recipe: words, personal_data: mask}",
            ],
        ),
    ],
)  # fmt: skip
def test_what_the_command_line_says_beside_the_corpus_is_said(
    conf: Conf, write: Write, cleaning: str, overrides: list[str], expected: list[str]
) -> None:
    write("data/mine", corpus(cleaning))
    assert said(conf, *overrides) == expected


def test_what_an_experiment_says_against_the_corpus_is_said(conf: Conf, write: Write) -> None:
    write("data/mine", corpus("cleaning: {personal_data: mask}"))
    write("experiment/other", "# @package _global_\ndefaults: [_self_]\ncleaning:\n  personal_data: keep\n  min_characters: 3\n")
    assert said(conf, "experiment=other", root="train", schema=TrainConfig) == [
        "cleaning.personal_data=keep from conf/experiment/other.yaml:4; conf/data/mine.yaml:6 says mask"
    ]
