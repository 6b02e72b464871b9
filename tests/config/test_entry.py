"""A verb as a person starts it: flags of Hydra, places, exit codes, and how little a mistake costs."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from omegaconf import OmegaConf

from assay.config.entry import Job, _Program
from assay.config.help import Usage
from assay.config.plain import to_plain
from assay.config.schema import CleanConfig, TrainConfig
from assay.errors import ConfigError
from assay.files import ROOT

Run = Callable[..., Any]
VERB = """
import sys
sys.path.insert(0, {src!r})
from dataclasses import dataclass
from assay.config.entry import verb
from assay.config.fields import setting
from assay.config.schema import {schema} as Schema
from assay.errors import DataError

@verb({root!r}, Schema{more})
def main(config, *places):
    \"\"\"Say what was asked for.\"\"\"
{body}

if __name__ == "__main__":
    try:
        main()
    finally:
        heavy = {{"torch", "pytorch_lightning", "mlflow", "transformers"}} & set(sys.modules)
        print("heavy:", sorted(heavy), file=sys.stderr)
"""
SAY = "    print('said', config.model.name, config.seed, config.trainer.max_steps, list(places), sys.argv[1:])"


@pytest.fixture(scope="session")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project, so that what a command leaves behind can be seen; compiled files come along, as they cost CPU to make."""
    copy = tmp_path_factory.mktemp("tree")
    for part in ("src/assay", "src/hydra_plugins", "conf"):
        shutil.copytree(ROOT / part, copy / part)
    return copy


@pytest.fixture
def script(tmp_path: Path, tree: Path) -> Callable[..., Path]:
    """script(body): a verb of that copy, in a folder with nothing else in it."""

    def make(body: str = SAY, root: str = "train", schema: str = "TrainConfig", more: str = "") -> Path:
        folder = tmp_path / "program"
        folder.mkdir(exist_ok=True)
        path = folder / "verb.py"
        path.write_text(VERB.format(body=body, root=root, schema=schema, more=more, src=str(tree / "src")), encoding="utf-8")
        return path

    return make


@pytest.fixture
def start(run: Run, tmp_path: Path) -> Callable[..., Any]:
    """start(path, *words): run it in an empty folder, which must stay empty."""
    cwd = tmp_path / "elsewhere"
    cwd.mkdir()

    def go(path: Path, *words: str) -> Any:
        done = run(path.parent, path.name, *words, cwd=cwd)
        assert list(cwd.iterdir()) == []
        assert [each.name for each in path.parent.iterdir()] == ["verb.py"]
        return done

    return go


def listing(tree: Path) -> list[str]:
    return sorted(str(path) for path in tree.rglob("*") if "__pycache__" not in path.parts)


def test_the_function_gets_the_typed_config_and_the_persons_own_words(start: Run, script: Run) -> None:
    done = start(script(), "experiment=shakespeare_nano", "trainer.max_steps=5", "seed=3")
    assert done.returncode == 0
    first, said = done.stdout.splitlines()
    assert first.startswith("model gpt_nano, data shakespeare, ")
    assert said == "said gpt_nano 3 5 [] ['experiment=shakespeare_nano', 'trainer.max_steps=5', 'seed=3']"
    assert done.stderr == "heavy: []\n"


@pytest.mark.parametrize(
    ("words", "lines"),
    [
        (
            ["model=gpt_smal", "seed=x"],
            [
                "override model=gpt_smal: no conf/model/gpt_smal.yaml; did you mean gpt_small?",
                "override seed=x: seed must be a whole number, found 'x'",
            ],
        ),
        (
            ["experiment=shakespeare_nano", "model.n_haed=4", "optimizer.learning_rate=nan", "data.context_tokens=255"],
            [
                "override model.n_haed=4: model.n_haed: unknown key; did you mean model.n_head?",
                "override optimizer.learning_rate=nan: optimizer.learning_rate must be a finite number, found nan",
                "override data.context_tokens=255 and conf/trainer/cpu.yaml:4 and conf/trainer/cpu.yaml:5: trainer.tokens_per_step=1024 is not a whole number",
            ],
        ),
        (["hydra.run.dir=../../x"], ["override hydra.run.dir=../../x: not allowed: each run has its own folder under mlruns/"]),
        (["--config-dir", "/tmp"], ["--config-dir: not allowed: the configs of this project are in conf/"]),
        (["--experimental-rerun", "x.pickle"], ["--experimental-rerun: not allowed: it loads a pickle"]),
        (["--cfg", "job", "model.n_layer=0"], ["override model.n_layer=0: model.n_layer must be at least 1, found 0"]),
        (
            ["--multirun", "seed=range(1,1000000000)"],
            ["override seed=range(1,1000000000): a sweep holds 1 to 1,000 jobs, found 999,999,999"],
        ),
        (
            ["--multirun", "model=gpt_nano,gpt_small", "model.d_model=385,384"],
            ["override model.d_model=385 and conf/model/gpt_nano.yaml:4: model.d_model=385"],
        ),
    ],
    ids=lambda value: " ".join(value)[:60],
)
def test_mistakes_cost_under_a_second_import_nothing_heavy_and_leave_nothing(
    start: Run, script: Run, tree: Path, words: list[str], lines: list[str]
) -> None:
    before = listing(tree)
    done = start(script("    raise SystemExit('started')"), *words)
    assert done.returncode == 2
    assert done.stdout == ""
    for line in lines:
        assert f"\n  {line}" in done.stderr
    assert done.stderr.startswith(f"error: {len(lines)} mistake") or "d_model" in lines[0]
    assert "Traceback" not in done.stderr
    assert done.stderr.endswith("\nheavy: []\n")
    assert done.cpu_seconds < 1
    assert listing(tree) == before


def test_help_shows_groups_fields_and_examples_in_under_a_second(start: Run, script: Run) -> None:
    done = start(script(), "--help")
    assert done.returncode == 0
    assert done.stderr == "heavy: []\n"
    assert done.cpu_seconds < 1
    for part in ("Say what was asked for.", "verb.py model=", "gpt_small*", "at least 1, at most 1,000; required; blocks", "--multirun"):
        assert part in done.stdout


@pytest.mark.parametrize("words", [["--help"], ["--cfg", "job"]])
def test_a_reader_that_leaves_early_sees_no_traceback(script: Run, tmp_path: Path, words: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)  # as `| head` does once it has its lines
    done = subprocess.run([sys.executable, str(script()), *words], cwd=tmp_path, stdout=writing, stderr=subprocess.PIPE, text=True)
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, "heavy: []\n")


def test_the_composed_config_is_shown_with_its_names_and_its_one_budget(start: Run, script: Run) -> None:
    done = start(script(), "--cfg", "job", "trainer.max_steps=5", "--package", "trainer")
    assert done.returncode == 0
    assert "name: cpu\nmax_steps: 5\nmax_tokens: null\n" in done.stdout
    assert "experiment: shakespeare_nano" in start(script(), "--info", "defaults-tree", "experiment=shakespeare_nano").stdout


def test_the_shell_completes_choices_and_fields(script: Run, tmp_path: Path) -> None:
    for line, found in (("python verb.py model=gpt_n", "model=gpt_nano"), ("python verb.py model.n_he", "model.n_head=")):
        env = {**os.environ, "COMP_LINE": line, "COMP_POINT": str(len(line))}
        done = subprocess.run([sys.executable, str(script()), "-sc", "query=bash"], cwd=tmp_path, env=env, capture_output=True, text=True)
        assert (done.returncode, done.stdout.split()) == (0, [found])


LINES = [
    ("python verb.py latest 'To be' model=gpt_n", "model=gpt_nano"),
    ("python verb.py latest 'To be", ""),
    ("python verb.py a b c d=", ""),
]


@pytest.mark.parametrize(("line", "found"), LINES)
def test_the_shell_completes_after_places_and_prints_no_error_into_the_line(line: str, found: str, script: Run, tmp_path: Path) -> None:
    env = {**os.environ, "COMP_LINE": line}
    command = [sys.executable, str(script(more=PLACES)), "-sc", "query=bash"]
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True)
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, found, "heavy: []\n")


@pytest.mark.parametrize("words", [["--info"], ["-i", "model=gpt_nano"]])
def test_a_bare_info_shows_all_as_in_hydra(start: Run, script: Run, words: list[str]) -> None:
    done = start(script(), *words)
    assert (done.returncode, "Defaults Tree" in done.stdout, "Config search path" in done.stdout) == (0, True, True)


def test_what_hydra_alone_refuses_is_use_not_a_crash(start: Run, script: Run) -> None:
    done = start(script(), "hydra/launcher=nosuch")
    assert done.returncode == 2
    assert "Available options in 'hydra/launcher'" in done.stderr
    assert "Traceback" not in done.stderr
    assert start(script(), "--nosuch").returncode == 2


PLACES = ', positional=("run", "prompt")'


@pytest.mark.parametrize("words", [["hydra.run.dir=${x}"], ["日本\n"], ["--", "--help"]])
def test_places_are_taken_as_they_are(start: Run, script: Run, words: list[str]) -> None:
    done = start(script(more=PLACES), "latest", *words, "seed=4")
    assert done.returncode == 0
    assert f"said gpt_small 4 None {['latest', words[-1]]!r}" in done.stdout


def test_help_is_shown_after_places_too(start: Run, script: Run) -> None:
    done = start(script(more=PLACES), "latest", "--help")
    assert (done.returncode, "said" in done.stdout, "RUN PROMPT [group=choice]" in done.stdout) == (0, False, True)


@pytest.mark.parametrize("prompt", ["To be, or", "-m", "a=b", "model=gpt_smal", "", "'\"", "--cfg"])
def test_a_place_may_look_like_anything(prompt: str) -> None:
    program = _Program("generate", TrainConfig, ("run", "prompt"), lambda config: None)
    usage = Usage("src/generate.py", "generate", "", ("run", "prompt"))
    assert program.split(["latest", prompt, "seed=1", "-m"], usage) == (["latest", prompt], ["seed=1", "-m"])
    assert program.split(["--help"], usage) == ([], ["--help"])
    with pytest.raises(ConfigError, match="PROMPT missing"):
        program.split(["latest"], usage)


def test_a_word_that_is_no_text_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"b'a\\xff' is not UTF-8"):
        _Program("generate", TrainConfig, ("run", "prompt"), lambda config: None).start(["generate.py", "latest", "a\udcff"])


def test_a_missing_place_shows_how_to_call_it(start: Run, script: Run) -> None:
    done = start(script(more=PLACES), "latest")
    assert done.returncode == 2
    assert "error: PROMPT missing\n  usage: python " in done.stderr
    assert "RUN PROMPT [group=choice]" in done.stderr
    assert "RUN PROMPT" in start(script(more=PLACES), "--help").stdout
    assert "error: RUN and PROMPT missing" in start(script(more=PLACES), "-m", "seed=1,2").stderr
    assert "n_layer: 6" in start(script(more=PLACES), "--cfg", "job").stdout


@pytest.mark.parametrize(
    ("body", "code", "text"),
    [
        ("    return 1", 1, ""),
        ("    return None", 0, ""),
        ("    raise DataError('data/clean was altered\\n  Run: make data')", 3, "error: data/clean was altered\n  Run: make data\n"),
        ("    raise KeyboardInterrupt", 130, "stopped: interrupted from the keyboard\n"),
        ("    sys.exit(143)", 143, ""),
        ("    raise ZeroDivisionError('a bug')", 1, "ZeroDivisionError: a bug\n"),
    ],
)
def test_how_the_function_ends_is_how_the_program_ends(start: Run, script: Run, body: str, code: int, text: str) -> None:
    done = start(script(body))
    assert done.returncode == code
    assert text in done.stderr
    assert ("Traceback" in done.stderr) == ("a bug" in text), "a fault a user can act on is a message; a bug keeps its traceback"


def test_nothing_of_hydra_is_about_while_the_function_runs(start: Run, script: Run) -> None:
    body = (
        "    from hydra.core.hydra_config import HydraConfig\n    from hydra.core.global_hydra import GlobalHydra\n"
        "    print(HydraConfig.initialized(), GlobalHydra().is_initialized())"
    )
    assert start(script(body)).stdout.splitlines()[-1] == "False False", (
        "Lightning would start its processes with words this program refuses"
    )


def test_what_hydra_composed_must_be_what_was_checked(good: Callable[..., Any]) -> None:
    """Should Hydra ever merge in another way than we do, no run may start from the difference."""
    config = good("model=gpt_nano")
    job = Job(_Program("train", TrainConfig, (), lambda config: None), "src/train.py", [], config)
    job.composed = OmegaConf.create(to_plain(config))
    assert job.config() == config
    job.composed.seed = 2
    with pytest.raises(ConfigError, match="Hydra composed another config than the one checked"):
        job.config()
    job.composed.model._target_ = "os.system"
    with pytest.raises(ConfigError, match="may only be"):
        job.config()


def test_a_sweep_runs_each_job_in_a_process_of_its_own_and_goes_on_after_a_failure(start: Run, script: Run) -> None:
    body = SAY + "\n    import os; print('pid', os.getpid())\n    return 0 if config.model.name == 'ngram' else config.seed + 2"
    done = start(script(body), "--multirun", "model=gpt_nano,ngram", "seed=2,3")
    assert done.returncode == 4, "the first that is not 0"
    lines = done.stdout.splitlines()
    assert [line.split(" [")[0] for line in lines if line.startswith("said")] == [
        f"said {model} {seed} None" for model in ("gpt_nano", "ngram") for seed in (2, 3)
    ]
    assert len({line for line in lines if line.startswith("pid")}) == 4
    assert lines[0] == "job 1: model=gpt_nano seed=2"
    assert [line for line in lines if "with exit code" in line] == [
        "job 1: failed with exit code 4: model=gpt_nano seed=2",
        "job 2: failed with exit code 5: model=gpt_nano seed=3",
    ]
    assert lines[-2:] == ["job 3: done: model=ngram seed=2", "job 4: done: model=ngram seed=3"]


def test_a_sweep_takes_places_globs_and_the_budget_of_each_job(start: Run, script: Run) -> None:
    done = start(
        script(more=PLACES),
        "latest",
        "a, b",
        "-m",
        "trainer=smoke,cpu",
        "model=glob(llama_n*)",
        "+model.dropout=0.1",
        "data.sources.0.format=txt",
    )
    assert done.returncode == 0
    shared = "'model=llama_nano', '++model.dropout=0.1', '++data.sources.0.format=txt'"
    assert [line for line in done.stdout.splitlines() if line.startswith("said")] == [
        f"said llama_nano 1 {steps} ['latest', 'a, b'] ['latest', 'a, b', 'trainer={trainer}', {shared}]"
        for trainer, steps in (("smoke", 4), ("cpu", None))
    ]


def test_a_launcher_that_runs_jobs_here_gives_the_same_configs_and_codes(start: Run, script: Run) -> None:
    body = SAY + "\n    if config.seed == 2: raise DataError('gone')"
    done = start(script(body), "-m", "hydra/launcher=basic", "model=gpt_nano,ngram", "trainer=smoke", "seed=1,2")
    assert done.returncode == 3
    assert [line.split(" [")[0] for line in done.stdout.splitlines() if line.startswith("said")] == [
        f"said {model} {seed} 4" for model in ("gpt_nano", "ngram") for seed in (1, 2)
    ]
    assert done.stderr.count("error: gone") == 2


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_reaches_the_running_job_once_and_the_sweep_waits_for_it(script: Run, tmp_path: Path, number: int, code: int) -> None:
    body = (
        "    import os, signal, time, pathlib\n    def end(*_):\n        pathlib.Path('signals').open('a').write('x')\n"
        "        time.sleep(0.3)\n        os.write(1, b'saved')\n        sys.exit(7)\n"
        "    for each in (signal.SIGINT, signal.SIGTERM): signal.signal(each, end)\n"
        "    os.write(1, b'ready\\n')\n    time.sleep(30)"
    )
    with subprocess.Popen(
        [sys.executable, str(script(body)), "-m", "seed=1,2"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    ) as sweep:
        assert sweep.stdout is not None
        lines = [sweep.stdout.readline() for _ in range(3)]
        assert lines[1].startswith("model ")
        assert lines[2] == "ready\n"
        os.killpg(sweep.pid, number)  # as a terminal does: everything in the foreground
        rest = sweep.stdout.read()
        assert sweep.wait(20) == code
    assert rest == "saved", "the job ended its work before the sweep ended, and no other began"
    assert (tmp_path / "signals").read_text() == "x"


def test_a_broken_file_of_the_project_is_told_with_its_line(start: Run, script: Run, tree: Path) -> None:
    mine = tree / "conf/data/mine.yaml"
    mine.write_text("language: en\n\tlicence: x\n", encoding="utf-8")
    try:
        done = start(script(), "data=mine", "model.n_layer=0")
    finally:
        mine.unlink()
    assert done.returncode == 2
    assert "conf/data/mine.yaml:2: not YAML" in done.stderr
    assert "override model.n_layer=0: model.n_layer must be at least 1" in done.stderr
    assert done.cpu_seconds < 1


def test_importing_the_entry_costs_little(run: Run, tmp_path: Path) -> None:
    (tmp_path / "probe.py").write_text(
        f"import sys; sys.path.insert(0, {str(ROOT / 'src')!r}); import assay.config.entry", encoding="utf-8"
    )
    started = time.monotonic()
    assert run(tmp_path, "probe.py").cpu_seconds < 0.8, time.monotonic() - started


def test_a_python_outside_of_the_environment_is_told_what_to_type(project: Callable[..., Path]) -> None:
    """`-S` leaves out the installed packages, as the system's Python does in a new clone."""
    done = subprocess.run([sys.executable, "-S", str(project() / "src/train.py")], capture_output=True, text=True, check=False)
    assert done.returncode == 5
    assert done.stderr == f"error: {sys.executable} has no hydra-core.\n  Type: make venv && . .venv/bin/activate\n"


def test_a_verb_asks_its_threads_to_sleep_unless_the_person_chose(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spinning threads of two busy processes stop each other for whole time slices."""
    for chosen, expected in ((None, "PASSIVE"), ("ACTIVE", "ACTIVE")):
        monkeypatch.delenv("OMP_WAIT_POLICY", raising=False)
        if chosen:
            monkeypatch.setenv("OMP_WAIT_POLICY", chosen)
        program = _Program("clean", CleanConfig, (), lambda config: 0)
        assert program.run(["clean.py", "--help"]) == 0
        assert os.environ["OMP_WAIT_POLICY"] == expected
