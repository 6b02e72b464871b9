"""A command that reads a corpus reads what its folders hold now."""

import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from assay.data.snapshot import DataMissingError, bring_up_to_date, check_snapshot
from assay.errors import DataError

Corpus = Callable[..., SimpleNamespace]
COPY = "data/local/mine/files/00-mine"


def copied(made: SimpleNamespace) -> dict[str, bytes]:
    top = made.root / COPY
    return {path.relative_to(top).as_posix(): path.read_bytes() for path in sorted(top.rglob("*")) if path.is_file()}


def changed(folder: Path) -> None:
    (folder / "new.txt").write_bytes(b"new")
    (folder / "a.txt").write_bytes(b"changed!")
    (folder / "b.txt").unlink()


def test_files_that_came_changed_and_went_are_taken_over(corpus: Corpus) -> None:
    made = corpus({"a.txt": b"old", "b.txt": b"gone"})
    changed(made.root / "mine")
    bring_up_to_date(made.config.data, made.root, made.say)
    assert copied(made) == {"a.txt": b"changed!", "new.txt": b"new"}
    assert made.said[-1].startswith("mine: copied 2 files")


def test_what_was_never_collected_is(corpus: Corpus) -> None:
    made = corpus({"a.txt": b"text"})
    shutil.rmtree(made.root / "data")
    bring_up_to_date(made.config.data, made.root, made.say)
    assert copied(made) == {"a.txt": b"text"}


def test_nothing_is_said_where_nothing_changed(corpus: Corpus) -> None:
    made = corpus({"a.txt": b"text"})
    before = list(made.said)
    bring_up_to_date(made.config.data, made.root, made.say)
    assert made.said == before


def test_a_pipeline_stage_takes_over_nothing(corpus: Corpus) -> None:
    made = corpus({"a.txt": b"old", "b.txt": b"gone"})
    changed(made.root / "mine")
    check_snapshot(made.config.data, "never", made.root, made.say)
    assert copied(made) == {"a.txt": b"old", "b.txt": b"gone"}
    shutil.rmtree(made.root / "data")
    with pytest.raises(DataMissingError, match=r"Run: python src/collect\.py mine"):
        check_snapshot(made.config.data, "never", made.root, made.say)


def test_a_download_that_is_missing_is_fetched_and_an_altered_one_is_not_replaced(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    made = corpus({"a.txt": b"text"})
    source: dict[str, Any] = {"folder": None, "url": "https://example.org/x.txt", "sha256": "0" * 64}
    data = corpus({}, root=made.root).config.data
    data = type(data)(**{**vars(data), "sources": [type(data.sources[0])(**source)]})
    asked: list[str] = []
    monkeypatch.setattr("assay.data.snapshot.collect", lambda data, root, say: asked.append(str(data.name)))
    shutil.rmtree(made.root / "data")
    bring_up_to_date(data, made.root, made.say)
    assert asked == ["mine"]
    (made.root / "data/local/mine").mkdir(parents=True)
    (made.root / "data/local/mine/x.txt").write_bytes(b"altered")
    with pytest.raises(DataError, match="altered or of another version"):
        bring_up_to_date(data, made.root, made.say)
    assert asked == ["mine"]
