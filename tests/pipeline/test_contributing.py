"""The worked example of CONTRIBUTING.md, followed to the letter."""

import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
TESTS = ["tests/model/test_window.py", "tests/model/test_language_model.py", "tests/test_layout.py"]
COMMAND = "python src/train.py model=window_nano"


def follow(page: str, folder: Path) -> None:
    """Write what the page shows to where it says."""
    fields, *files = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    schema = folder / "src/assay/model/schema.py"
    before, listing, after = schema.read_text(encoding="utf-8").partition("\nModelSchema = ")
    schema.write_text(f"{before}\n{fields}\n{listing}WindowSchema | {after}", encoding="utf-8")
    names = re.findall(r"`((?:src|tests)/[a-z/_]+window\.py)`", page)
    for name, text in zip(names, files, strict=True):
        (folder / name).write_text(text, encoding="utf-8")
    ((config, line),) = re.findall(r"`(conf/model/[a-z_]+\.yaml)`: `([^`]+)`", page)
    (folder / config).write_text(f"{line}\n", encoding="utf-8")


@pytest.mark.slow
def test_a_model_is_added_as_the_example_says(
    project: Callable[..., Path], run: Callable[..., Any], tiny_text: Callable[[Path], Any]
) -> None:
    page, folder = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"), project()
    tiny_text(folder)
    shutil.copytree(ROOT / "tests", folder / "tests", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("README.md", "README.zh-CN.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs"):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, folder / name)
    follow(page, folder)
    assert run(folder, sys.executable, "-m", "ruff", "format", "src/assay/model/schema.py").returncode == 0  # a list that grew
    for words in (["-m", "ruff", "check", "src", "tests/model"], ["-m", "ruff", "format", "--check", "src", "tests/model"]):
        checked = run(folder, sys.executable, *words)
        assert checked.returncode == 0, checked.stdout + checked.stderr
    tested = run(folder, sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *TESTS, "-m", "not slow")
    assert tested.returncode == 0, tested.stdout[-3000:]
    assert f"`{COMMAND}`" in page
    done = run(folder, *COMMAND.split()[1:], "data=tiny", "trainer=smoke", "trainer.max_steps=2", "tokenizer=byte")
    assert done.returncode == 0, done.stderr
    assert "evaluation at step 2" in done.stdout
