"""src/clean.py alone, on a folder that is none of the project's."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    folder = tmp_path / "Meine Texte"
    folder.mkdir()
    for number in range(12):
        (folder / f"{number}.txt").write_text(f"Text number {number} of a folder somewhere.\n" * 3, encoding="utf-8")
    return folder


def test_a_folder_elsewhere_is_cleaned_into_another(
    project: Callable[..., Path], run: Callable[..., Any], texts: Path, tmp_path: Path
) -> None:
    place = project()
    words = (
        "src/clean.py",
        f"source.path='{texts}'",
        f"output='{tmp_path / 'out'}'",
        "data.validation_fraction=0.2",
        "data.test_fraction=0.2",
    )
    done = run(place, *words)
    assert done.returncode == 0, done.stderr
    card = json.loads((tmp_path / "out/card.json").read_bytes())
    assert (card["documents"]["kept"], card["licence"]) == (12, "not stated")
    assert (tmp_path / "out/report.html").is_file()
    assert not (place / "data/clean").exists()
    again = run(place, *words)
    assert again.returncode == 0, again.stderr


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["source.path={texts}"], 2, "add output=FOLDER"),
        (["source.path={texts}/nothing", "output={out}"], 3, "there is no such file or folder"),
        (["source.path={texts}", "output={texts}"], 2, "holds other things, which would be replaced"),
        (["source.path={texts}", "output={texts}/1.txt"], 2, "is a file"),
    ],
)
def test_what_would_lose_or_find_nothing_is_refused(
    words: list[str], code: int, said: str, project: Callable[..., Path], run: Callable[..., Any], texts: Path, tmp_path: Path
) -> None:
    texts = texts.rename(texts.with_name("texts"))
    before = sorted(path.name for path in texts.iterdir())
    refused = run(project(), "src/clean.py", *(word.format(texts=texts, out=tmp_path / "out") for word in words))
    assert refused.returncode == code
    assert said in refused.stderr
    assert "Traceback" not in refused.stderr
    assert sorted(path.name for path in texts.iterdir()) == before
    assert not (tmp_path / "out").exists()
