"""A sweep is the product of its values, counted before it is spread out."""

import time

import pytest

from assay.config.load import load
from assay.config.overrides import parse
from assay.config.presets import Conf
from assay.config.schema import TrainConfig
from assay.config.sweep import MOST_JOBS, shared_outputs, spread
from assay.errors import ConfigError
from assay.inference.schema import ExportConfig

CONF = Conf()


def jobs(*overrides: str) -> list[str]:
    return [" ".join(words) for words in spread(parse(overrides).own, CONF)]


def test_the_last_axis_changes_fastest() -> None:
    assert jobs("model=a,b", "trainer=smoke", "seed=1,2") == [
        f"model={model} trainer=smoke seed={seed}" for model in "ab" for seed in (1, 2)
    ]


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        ("seed=range(3)", ["seed=0", "seed=1", "seed=2"]),
        ("seed=range(1,6,2)", ["seed=1", "seed=3", "seed=5"]),
        ("seed=range(3,1,-1)", ["seed=3", "seed=2"]),
        ("model.dropout=range(0,0.3,step=0.1)", ["model.dropout=0.0", "model.dropout=0.1", "model.dropout=0.2"]),
        ("seed=choice(4,2)", ["seed=4", "seed=2"]),
        ("seed=sort(3,1,2)", ["seed=1", "seed=2", "seed=3"]),
        ("model=glob(gpt_*)", ["model=gpt_micro", "model=gpt_nano", "model=gpt_small"]),
        ("model=glob([gpt2*, llama*], exclude=*medium)", ["model=gpt2", "model=llama_nano", "model=llama_small"]),
        ("a.b='x,y'", ["a.b='x,y'"]),
        ("a.b=[1,2],[3]", ["a.b=[1,2]", "a.b=[3]"]),
        ("a.b={c: 1}", ["a.b={c:1}"]),
        ("~a.b", ["~a.b"]),
        ("+a.b=1,2", ["+a.b=1", "+a.b=2"]),
    ],
)
def test_each_way_to_give_values_is_spread_as_hydra_does(override: str, expected: list[str]) -> None:
    assert jobs(override) == expected


def test_a_repeated_axis_counts_once_as_in_hydra() -> None:
    assert jobs("seed=1,2", "seed=5,6") == ["seed=5", "seed=6"]


@pytest.mark.parametrize(
    "overrides",
    [
        ["seed=range(1000000000)"],
        ["seed=range(0,1,step=0.000000001)"],
        ["seed=range(1001)"],
        ["seed=range(40)", "model.n_layer=range(1,41)"],
    ],
)
def test_more_jobs_than_the_limit_are_refused_at_once(overrides: list[str]) -> None:
    started = time.process_time()
    with pytest.raises(ConfigError, match=r"a sweep holds 1 to 1,000 jobs, found 1,\d"):
        jobs(*overrides)
    assert time.process_time() - started < 0.5
    assert len(jobs(f"seed=range({MOST_JOBS})")) == MOST_JOBS


@pytest.mark.parametrize("override", ["model=glob(zzz*)", "seed=range(3,1)"])
def test_a_sweep_of_nothing_is_refused(override: str) -> None:
    with pytest.raises(ConfigError, match="found 0"):
        jobs(override)


def test_an_interval_has_no_list_of_values() -> None:
    with pytest.raises(ConfigError, match="an interval has no list of values"):
        jobs("seed=interval(0,1)")


def test_two_jobs_of_a_sweep_may_not_write_to_one_folder() -> None:
    configs = [load("train", [f"export={path}"], TrainConfig) for path in ("models/a", "models/b", "models//a/")]
    [problem] = shared_outputs(configs)
    assert problem.place == "export=models/a"
    assert "jobs 1, 3 of the sweep would all write it" in problem.text
    assert shared_outputs(configs[:2]) == shared_outputs([load("train", [], TrainConfig)] * 2) == []
    assert shared_outputs([ExportConfig(format="word2vec"), ExportConfig()]) == []
    assert len(shared_outputs([ExportConfig(head=False), ExportConfig()])) == 1
