import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assay.data import collect as module
from assay.data.collect import collect, collected
from assay.data.schema import DataSchema, SourceSchema
from assay.errors import ConfigError, DataError

CONTENT = b"a pinned file"
SHA256 = hashlib.sha256(CONTENT).hexdigest()


def corpus(name: str = "mine", sha256: str | None = SHA256, url: str = "http://host/a.txt") -> DataSchema:
    return DataSchema(name=name, language="en", licence="MIT", sources=[SourceSchema(url=url, sha256=sha256)])


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf/pipeline.yaml").write_text("corpora:\n  mine: {raw: data/raw/mine}\n")
    return tmp_path


@pytest.fixture
def fetched(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Stands in for the network only: gives CONTENT and notes each fetch."""
    seen: list[str] = []

    def download(source: SourceSchema, folder: Path, progress: Any) -> Path:
        assert not list(folder.iterdir())
        seen.append(str(source.url))
        (folder / "a.txt").write_bytes(CONTENT)
        return folder / "a.txt"

    monkeypatch.setattr(module, "download", download)
    return seen


def below(root: Path) -> list[str]:
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())


def test_a_second_call_does_nothing(root: Path, fetched: list[str]) -> None:
    said: list[str] = []
    assert not collected(corpus(), root)
    assert collect(corpus(), root, said.append)
    assert not collect(corpus(), root, said.append)
    assert collected(corpus(), root)
    assert len(fetched) == 1
    assert "mine: a.txt, 0.0 MB, sha256 verified" in said[0]
    assert below(root / "data/raw") == ["mine/a.txt"]


def test_an_altered_file_is_fetched_again(root: Path, fetched: list[str]) -> None:
    collect(corpus(), root, print)
    (root / "data/raw/mine/a.txt").write_bytes(b"altered")
    assert not collected(corpus(), root)
    collect(corpus(), root, print)
    assert (root / "data/raw/mine/a.txt").read_bytes() == CONTENT
    assert len(fetched) == 2


def test_a_file_that_is_no_longer_declared_goes(root: Path, fetched: list[str]) -> None:
    (root / "data/raw/mine").mkdir(parents=True)
    (root / "data/raw/mine/old-0.9.tar.gz").write_bytes(b"old")
    said: list[str] = []
    collect(corpus(), root, said.append)
    assert below(root / "data/raw") == ["mine/a.txt"]
    assert "removed old-0.9.tar.gz" in said[-1]


def test_an_archive_that_another_corpus_has_is_not_fetched_again(root: Path, fetched: list[str]) -> None:
    collect(corpus(), root, print)
    collect(corpus("other"), root, print)
    assert len(fetched) == 1
    assert (root / "data/local/other/a.txt").read_bytes() == CONTENT


def test_where_links_are_impossible_the_archive_is_copied(root: Path, fetched: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(source: object, target: object) -> None:
        raise OSError("no links here")

    monkeypatch.setattr(os, "link", refuse)
    collect(corpus(), root, print)
    collect(corpus("other"), root, print)
    assert len(fetched) == 1
    assert below(root / "data/local") == ["other/a.txt"]


def test_a_failed_download_leaves_nothing_under_a_final_name(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def download(source: SourceSchema, folder: Path, progress: Any) -> Path:
        (folder / "a.txt").write_bytes(CONTENT[:5])
        raise DataError("cut")

    monkeypatch.setattr(module, "download", download)
    with pytest.raises(DataError, match="cut"):
        collect(corpus(), root, print)
    assert [name for name in below(root / "data") if not name.endswith(".lock")] == []


def test_what_a_killed_process_left_does_not_hinder_the_next(root: Path, fetched: list[str]) -> None:
    left = root / "data/cache/drafts/mine"
    left.mkdir(parents=True)
    (left / "a.txt").write_bytes(CONTENT[:5])
    collect(corpus(), root, print)
    assert below(root / "data/raw") == ["mine/a.txt"]
    assert not left.exists()


def test_a_download_without_sha256_is_refused(root: Path) -> None:
    with pytest.raises(ConfigError, match=r"conf/data/mine\.yaml: http://host/a\.txt needs `sha256`"):
        collect(corpus(sha256=None), root, print)


def test_the_verb_knows_the_corpora_and_suggests(project: Callable[..., Path], run: Callable[..., Any]) -> None:
    done = run(project(), "src/collect.py", "shakespear", cold=True)
    assert done.returncode == 2
    assert done.stderr.startswith("error: no corpus 'shakespear' in conf/data/; did you mean shakespeare?")
    assert done.cpu_seconds < 1


def test_the_verb_collects_what_is_named(project: Callable[..., Path], run: Callable[..., Any], tiny_text: Callable[[Path], Path]) -> None:
    root = project()
    tiny_text(root)
    first, second = (run(root, "src/collect.py", "tiny", cold=True) for _ in range(2))
    assert (first.returncode, second.returncode) == (0, 0)
    assert "tiny: copied 24 files" in first.stdout
    assert second.stdout == "collected: nothing to do, all is here already: tiny\n"
    assert second.cpu_seconds < 1.5
