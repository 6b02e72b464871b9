"""The command line in Hydra's grammar; of Hydra's own settings only those that cannot move a run or its code."""

import pytest

from assay.config.overrides import parse


@pytest.mark.parametrize(
    "text", ["model=gpt_nano", "model.n_layer=4", "+a.b=1", "++a.b=1", "~a.b", "a.b=[1,2]", "a.b={c: 1}", "a.b='x y'", "a.b=", "a.b=1,2"]
)
def test_what_hydra_reads_is_read(text: str) -> None:
    line = parse([text])
    assert ([each.input_line for each in line.own], line.problems) == ([text], [])


@pytest.mark.parametrize(
    "text",
    ["hydra/launcher=basic", "hydra/sweeper=basic", "hydra.launcher.x=1", "hydra.sweeper.y=2", "hydra.verbose=true", "hydra.verbose=[a,b]"],
)
def test_launcher_sweeper_and_verbosity_of_hydra_may_be_set(text: str) -> None:
    line = parse([text])
    assert ([each.input_line for each in line.hydra], line.problems) == ([text], [])


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("hydra.run.dir=../../x", "each run has its own folder under mlruns/"),
        ("hydra.run.dir=/tmp/x", "each run has its own folder under mlruns/"),
        ("hydra.sweep.subdir=x", "each run has its own folder under mlruns/"),
        ("hydra.job.chdir=true", "each run has its own folder under mlruns/"),
        ("hydra.output_subdir=x", "each run has its own folder under mlruns/"),
        ("hydra.searchpath=[file:///tmp]", "every choice lives in conf/; put the file there"),
        ("hydra.mode=MULTIRUN", "write --multirun (-m) for a sweep"),
        ("hydra/job_logging=default", "the program sets it"),
        ("+hydra.callbacks.x={_target_: os.system}", "the program sets it"),
        ("~hydra", "the program sets it"),
        ("hydra={run: {dir: x}}", "the program sets it"),
        ("hydra/callbacks@x=y", "the program sets it"),
    ],
)
def test_other_settings_of_hydra_are_refused_with_the_reason(text: str, why: str) -> None:
    [problem] = parse([text]).problems
    assert str(problem).startswith(f"override {text}: not allowed: {why}.")


@pytest.mark.parametrize(
    "text", ["a.b=${c}", "a.b=${oc.env:HOME}", "a.b=[x,${c}]", "a.b='${c}'", "hydra.launcher.x=${oc.env:HOME}", "${a}=1", "a.b=${"]
)
def test_interpolation_is_refused(text: str) -> None:
    [problem] = parse([text]).problems
    assert problem.text == "interpolation (${...}) is not allowed; write the value"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("model", "an override is group=choice or group.field=value"),
        ("", "an override is group=choice or group.field=value"),
        ("a.b={x", "cannot be read"),
        ("a.b=[1", "cannot be read"),
        ("=1", "an override is group=choice or group.field=value"),
        ("a..b=1", "cannot be read"),
        (".a=1", "cannot be read"),
        ("a.b=" + "9" * 5000, "cannot be read"),
        ("a.b=nosuch(1)", "cannot be read"),
        ("model@x=gpt2", "a choice goes under its group's own name; leave out the @ and what follows"),
        ("hydra/launcher=a,b", "Hydra's own settings cannot be swept"),
    ],
)
def test_what_cannot_be_read_is_told(text: str, why: str) -> None:
    [problem] = parse([text]).problems
    assert problem.text.startswith(why)


def test_deep_nesting_on_the_command_line_is_refused_not_crashed_on() -> None:
    for depth in (33, 400, 100_000):
        for left, right in ("[]", "()", "{}"):
            [problem] = parse(["a.b=" + left * depth + right * depth]).problems
            assert problem.text == "nested deeper than 32 levels"
    assert parse(["a.b=" + "[" * 32 + "]" * 32, "a.b='" + "[" * 400 + "'", "a.b=" + "\\[" * 40]).problems == []


def test_every_bad_override_is_told() -> None:
    assert len(parse(["a", "b=${c}", "hydra.run.dir=x", "seed=1"]).problems) == 3
