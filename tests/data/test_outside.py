"""src/clean.py alone, on a folder that is none of the project's."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assay.data.outside import _name


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    folder = tmp_path / "Meine Texte"
    folder.mkdir()
    for number in range(12):
        (folder / f"{number}.txt").write_text(f"Text number {number} of a folder somewhere.\n" * 3, encoding="utf-8")
    return folder


def documents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("*.parquet")}


def test_a_folder_elsewhere_is_cleaned_into_another_to_the_same_documents_wherever_it_lies(
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
    first = documents(tmp_path / "out")
    moved = shutil.copytree(texts, tmp_path / "another place" / texts.name)
    again = run(place, words[0], f"source.path='{moved}'", *words[2:])
    assert again.returncode == 0, again.stderr
    assert documents(tmp_path / "out") == first
    (tmp_path / "out/notes.txt").touch()
    refused = run(place, *words)
    assert (refused.returncode, (tmp_path / "out/notes.txt").exists()) == (2, True)
    assert "notes.txt in it, which this command did not write, would be lost" in refused.stderr


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["source.path={texts}"], 2, "add output=FOLDER"),
        (["source.path={texts}/nothing", "output={out}"], 3, "there is no such file or folder"),
        (["source.path={texts}", "output={texts}"], 2, "0.txt in it, which this command did not write, would be lost"),
        (["source.path={texts}", "output={texts}/new"], 2, "is inside of the folder that is read"),
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


def test_folders_of_one_name_are_corpora_of_their_own(tmp_path: Path) -> None:
    """Cleaned at the same time, the copy of one would else be read as the other."""
    names = {_name(tmp_path / place / "texts") for place in "ab"}
    assert len(names) == 2
    assert all(re.fullmatch(r"outside_texts_[0-9a-f]{8}", name) for name in names)
    assert re.fullmatch(r"outside_corpus_[0-9a-f]{8}", _name(tmp_path / "\u6587"))
