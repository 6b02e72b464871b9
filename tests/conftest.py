"""A copy of the project to run real commands in, so that no test touches the checkout."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from commands import Finished, start
from warm import WARM, settings

ROOT = Path(__file__).resolve().parents[1]
PARTS = (
    *(".dvc", ".dvcignore", ".gitignore", "Makefile", "README.md", "benchmarks", "conf", "data.dvc", "dvc.lock", "dvc.yaml", "families"),
    *("mlruns/README.md", "pyproject.toml", "requirements.lock", "smoke", "src"),
)
"""What a clone holds and a command may read. Not tests/, so that no test starts itself."""

MADE = shutil.ignore_patterns("cache", "tmp", "config.local", "models", "report", ".*.draft-*", ".*.old-*")
"""What commands leave below .dvc/, families/ and smoke/. Below src/ and conf/ the same names would be source, and are kept, and what is compiled too."""

TINY_CONFIG = """\
language: en
licence: public domain (generated)
sources: [{folder: tiny_text}]
validation_fraction: 0.2
test_fraction: 0.2
context_tokens: 32
"""
TINY_RUN: dict[str, str] = {
    **{"data": "tiny", "tokenizer": "byte", "model": "gpt_nano", "model.d_model": "32", "evaluation.sample_tokens": "8"},
    **{"trainer": "smoke", "trainer.threads": "1", "trainer.max_steps": "6", "trainer.evaluate_every_steps": "2"},
    **{"trainer.tokens_per_step": "128", "trainer.sequences_per_microbatch": "2", "schedule.warmup_steps": "3"},
}
DIVERGING = {"optimizer": "sgd", "optimizer.learning_rate": "1000", "trainer.gradient_clip_norm": "null", "trainer.max_steps": "40"}
STILL: dict[str, str | None] = {"optimizer": "sgd", "optimizer.learning_rate": "1e-30", "trainer.early_stopping_patience": "1"}
SEVERAL: dict[str, dict[str, str | None]] = {
    "same": {},
    "other seed": {"seed": "2"},
    "one micro-batch": {"trainer.sequences_per_microbatch": "4"},
    "diverging": DIVERGING,
    "diverging unseen": {**DIVERGING, "trainer.evaluate_every_steps": "1", "trainer.precision": "bf16"},  # in fp32 the gradient fails first
    "standing still": STILL,
    "standing still on hidden tokens": {**STILL, "model": "bert_nano", "objective": "masked_lm"},
    "standing still on another text": {**STILL, "model": "rnn_seq2seq_nano", "objective": "denoising"},
    "averaged": {"trainer.ema_decay": "0.9"},
    "by the clock": {"trainer.max_steps": None, "trainer.max_minutes": "0.0001"},
    "by tokens": {"trainer.max_steps": None, "trainer.max_tokens": "300", "schedule.warmup_steps": "0"},
    "counting": {"model": "ngram", "model.d_model": None, "model.order": "2"},
    "modern": {"model": "llama_nano"},
    "words": {
        **{"model": "word2vec", "model.d_model": "8", "objective": "cbow", "objective.min_count": "2", "optimizer": "plain_sgd"},
        **{"tokenizer": "word", "tokenizer.vocab_size": "300"},
    },
}
"""Name -> what differs from TINY_RUN; None takes a setting away."""

ONE_PROCESS = """
import contextlib, io, json, runpy, sys
sys.path.insert(0, "src")
outcomes = []
for words in json.load(sys.stdin):
    out, err = io.StringIO(), io.StringIO()
    sys.argv = ["src/train.py", *words]
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            runpy.run_path("src/train.py", run_name="__main__")
        except SystemExit as end:
            outcomes.append([end.code or 0, out.getvalue(), err.getvalue()])
json.dump(outcomes, sys.stdout)
"""
COMPILE_IMPORTED = """
import importlib, pathlib, sys
for package in sys.argv[1:]:
    for kernel in pathlib.Path("assay", package).rglob("kernel*.py"):
        importlib.import_module(".".join(kernel.with_suffix("").parts))
"""
COMPILE_CALLED = """
from assay.data.cleaning.words import without_stop_words
from assay.data.language.identify import identify, languages
from assay.data.schema import SourceSchema
from assay.data.sources import Unit
from assay.data.batch import TextBatch
from assay.data.cleaning.schema import C4Rules, CleaningSchema, RuleSet
from assay.data.quality import Quality
from assay.data.unit import clean_unit
clean_unit(Unit(0, "a.jsonl", b'{"text": "a \\u00e9"}'), SourceSchema(folder="a"), CleaningSchema())
texts = TextBatch.of(["The end of it."])
quality, codes = Quality(CleaningSchema(rules=[RuleSet(languages=["*"], c4=C4Rules())]), "en"), identify(texts)[0]
quality.edited(texts, codes, quality.measures(texts, codes))
without_stop_words(languages(["the word"])[0], "en")
"""
WORDS = {
    "subject": "the old sailor|my sister|a tired horse|the miller|our teacher|the small dog|a green bird|the young king",
    "verb": "carried|followed|forgot|painted|sold|found|watched|wanted|lost|remembered",
    "object": "a basket of apples|the narrow road|two letters|his winter coat|the blue door|a song|the river|some bread",
    "place": "near the harbour|before breakfast|in the rain|under the bridge|at noon|behind the church|all summer|without a word",
}


@dataclass(frozen=True)
class Trained:
    """A run of src/train.py with `words`, and the folder it left."""

    project: Path
    words: tuple[str, ...]
    finished: Finished
    folder: Path

    @property
    def result(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / "result.json").read_bytes())
        return found

    @property
    def journal(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self.folder / "journal.jsonl").read_text().splitlines()]

    def values(self, metric: str) -> list[float]:
        """Of a metric, in the journal's order."""
        return [entry["metrics"][metric] for entry in self.journal if metric in entry.get("metrics", {})]


hypothesis.settings.register_profile("house", deadline=None)  # a machine under load is slow, which is no fault of what is tested
hypothesis.settings.load_profile("house")


def pytest_configure(config: pytest.Config) -> None:
    """Compile what every copy of the project would compile: its modules, and its kernels, by two processes at once."""
    if not hasattr(config, "workerinput") and getattr(config.option, "numprocesses", None):
        subprocess.run([sys.executable, "-m", "compileall", "-q", "assay"], cwd=ROOT / "src", check=True)
        codes = (COMPILE_IMPORTED + COMPILE_CALLED, "data"), (COMPILE_IMPORTED, "objective", "tokenizer")
        compiling = [subprocess.Popen([sys.executable, "-c", *words], cwd=ROOT / "src") for words in codes]
        assert [each.wait() for each in compiling] == [0, 0]


@pytest.fixture(scope="session", autouse=True)
def clean_environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """One empty HOME for the session, and no setting of the person who runs the tests, nohup included."""
    for number, handler in ((signal.SIGHUP, signal.SIG_DFL), (signal.SIGINT, signal.default_int_handler)):
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, handler)
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith(("MLFLOW_", "HYDRA_", "DVC_", "PYTHON", "GIT_", "MAKE", "MFLAGS")):
                patch.delenv(name)
        patch.setenv("HOME", str(tmp_path_factory.mktemp("home")))
        patch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
        for name in ("DVC_NO_ANALYTICS", "DO_NOT_TRACK", "MLFLOW_DISABLE_TELEMETRY"):
            patch.setenv(name, "true")
        WARM.environment = settings()
        yield
        WARM.close()


@pytest.fixture(autouse=True)
def no_leftovers(clean_environment: None) -> None:
    """Libraries set variables when a test imports them. No later command is to find these, and none could be forked from WARM with them."""
    if "RAY_AUTH_TOKEN" not in os.environ:  # a session that a fixture holds is reached by its variables
        for name in settings().keys() - WARM.environment.keys():
            del os.environ[name]


@pytest.fixture
def project(tmp_path: Path) -> Callable[..., Path]:
    """project("name"): a new copy of the project's files, as a git repository without a commit; no data, no runs."""
    return lambda name="project": copy_project(tmp_path / name)


@pytest.fixture
def run() -> Callable[..., Finished]:
    """run(project, "src/train.py", "model=gpt_nano"): start a command there and wait. A first word in .py is run by this Python."""
    return start


@pytest.fixture
def tiny_text() -> Callable[[Path], Path]:
    """tiny_text(project): put 24 generated texts (60 KB) in its tiny_text/, declare them as data=tiny, return the folder."""
    return write_tiny


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory, clean_environment: None) -> Trained:
    """A project with one finished run: six steps of two micro-batches each, scored every second step."""
    project = copy_project(tmp_path_factory.mktemp("trained") / "project")
    write_tiny(project)
    finished = start(project, "src/train.py", *tiny_words({}))
    assert finished.returncode == 0, finished.stderr
    return Trained(project, tiny_words({}), finished, next(project.glob("mlruns/*/*/artifacts")))


@pytest.fixture(scope="session")
def several(tmp_path_factory: pytest.TempPathFactory, clean_environment: None) -> dict[str, Trained]:
    """The runs of SEVERAL by name, all by one process, in a project that was renamed after them."""
    project = copy_project(tmp_path_factory.mktemp("several") / "erster Ort ü")
    write_tiny(project)
    jobs = [tiny_words({**changes, "tracking.run_name": name}) for name, changes in SEVERAL.items()]
    done = subprocess.run(
        [sys.executable, "-c", ONE_PROCESS], cwd=project, input=json.dumps(jobs).encode(), capture_output=True, check=True
    )
    project = project.rename(project.with_name("zweiter Ort 第二"))
    journals = project.glob("mlruns/*/*/artifacts/journal.jsonl")
    names = {json.loads(path.read_text().partition("\n")[0])["name"]: path.parent for path in journals}
    outcomes = [Finished(*outcome, cpu_seconds=0) for outcome in json.loads(done.stdout)]
    return {name: Trained(project, jobs[i], outcomes[i], names[name]) for i, name in enumerate(SEVERAL)}


def tiny_words(changes: dict[str, str | None]) -> tuple[str, ...]:
    return tuple(f"{name}={value}" for name, value in {**TINY_RUN, **changes}.items() if value is not None)


def copy_project(target: Path) -> Path:
    for part in PARTS:
        source = ROOT / part
        (target / part).parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target / part, ignore=MADE if part in (".dvc", "families", "smoke") else None)
        elif source.exists():
            shutil.copy2(source, target / part)
    subprocess.run(["git", "init", "--quiet", str(target)], check=True)
    return target


def write_tiny(project: Path) -> Path:
    folder = project / "tiny_text"
    folder.mkdir()
    for number in range(24):
        (folder / f"{number:02}.txt").write_text(prose(f"text {number}", paragraphs=10), encoding="utf-8")
    (project / "conf/data/tiny.yaml").write_text(TINY_CONFIG, encoding="utf-8")
    return folder


def prose(key: str, paragraphs: int) -> str:
    """Sentences of about 60 characters, five a paragraph: the same for the same key on every machine."""

    def pick(kind: str, place: int) -> str:
        digest = blake2b(f"{key}/{kind}/{place}".encode(), digest_size=8).digest()
        words = WORDS[kind].split("|")
        return words[int.from_bytes(digest, "big") % len(words)]

    sentences = [" ".join(pick(kind, place) for kind in WORDS).capitalize() + "." for place in range(5 * paragraphs)]
    return "\n\n".join(" ".join(sentences[start : start + 5]) for start in range(0, len(sentences), 5)) + "\n"
