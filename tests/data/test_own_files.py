import errno
import os
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from assay.data import compression, own_files
from assay.data.collect import collect, collected
from assay.data.own_files import origin_files
from assay.data.schema import DataSchema, SourceSchema
from assay.errors import DataError

Corpus = Callable[..., SimpleNamespace]


def copies(made: SimpleNamespace) -> dict[str, bytes]:
    top = made.root / "data/local/mine/files/00-mine"
    return {path.relative_to(top).as_posix(): path.read_bytes() for path in sorted(top.rglob("*")) if path.is_file()}


def test_matching_files_are_copied_with_their_paths_and_hidden_ones_are_not(corpus: Corpus) -> None:
    made = corpus({"a.txt": b"1", "deep/b.txt": b"2", "c.md": b"3", ".hidden.txt": b"4", ".git/d.txt": b"5"}, source={"members": ["*.txt"]})
    assert copies(made) == {"a.txt": b"1", "deep/b.txt": b"2"}


def test_a_file_called_manifest_is_text_like_any_other(corpus: Corpus) -> None:
    made = corpus({"manifest.json": b"{}", "deep/manifest.json": b"{}"})
    assert copies(made) == {"manifest.json": b"{}", "deep/manifest.json": b"{}"}
    (made.root / "data/local/mine/files/00-mine/deep/manifest.json").write_bytes(b"[]")
    from assay.data.sources import verify_snapshot

    with pytest.raises(DataError, match=r"deep/manifest\.json was altered"):
        verify_snapshot(made.config.data, made.root / "data/local/mine")


def test_a_changed_a_new_and_a_removed_file_are_noticed(corpus: Corpus) -> None:
    made = corpus({"a.txt": b"1", "b.txt": b"2"})
    assert collected(made.config.data, made.root)
    (made.root / "mine/a.txt").write_bytes(b"one")
    (made.root / "mine/c.txt").write_bytes(b"3")
    (made.root / "mine/b.txt").unlink()
    assert not collected(made.config.data, made.root)
    assert collect(made.config.data, made.root, made.say)
    assert copies(made) == {"a.txt": b"one", "c.txt": b"3"}
    assert not collect(made.config.data, made.root, made.say)


def test_a_touched_file_with_the_same_bytes_changes_nothing(corpus: Corpus) -> None:
    made = corpus({"a.txt": b"1"})
    before = (made.root / "data/local/mine/files/manifest.json").read_bytes()
    os.utime(made.root / "mine/a.txt", ns=(1, 1))
    assert collect(made.config.data, made.root, made.say)
    assert (made.root / "data/local/mine/files/manifest.json").read_bytes() == before
    assert "unchanged" in made.said[-1]


def test_a_link_that_leaves_the_folder_is_refused(corpus: Corpus, tmp_path: Path) -> None:
    made = corpus({"a.txt": b"1"})
    (tmp_path / "secret.txt").write_bytes(b"s")
    for target in (tmp_path / "secret.txt", tmp_path):
        (made.root / "mine/link").symlink_to(target)
        with pytest.raises(DataError, match="link that leaves"):
            collect(made.config.data, made.root, made.say)
        (made.root / "mine/link").unlink()
    (made.root / "mine/inside.txt").symlink_to("a.txt")
    collect(made.config.data, made.root, made.say)
    assert copies(made) == {"a.txt": b"1", "inside.txt": b"1"}


@pytest.mark.parametrize("target", ["itself.txt", "absent.txt"])
def test_a_link_that_leads_to_no_file_is_refused(corpus: Corpus, target: str) -> None:
    made = corpus({"a.txt": b"1"})
    (made.root / "mine/itself.txt").symlink_to(target)
    with pytest.raises(DataError, match=r"itself\.txt is a link that leads to no file"):
        collect(made.config.data, made.root, made.say)


def test_a_folder_that_may_not_be_read_is_not_left_out_without_a_word(corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    made = corpus({"a.txt": b"1", "closed/b.txt": b"2"})
    scandir = os.scandir

    def refused(path: str) -> object:
        if path.endswith("closed"):
            raise PermissionError(errno.EACCES, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr("os.scandir", refused)  # the tests may run as root, who may read all
    with pytest.raises(PermissionError, match="closed"):
        origin_files(SourceSchema(folder="mine"), made.root)


def test_a_folder_of_no_files_is_told(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/.hidden.txt").touch()
    with pytest.raises(DataError, match="mine holds no file"):
        origin_files(SourceSchema(folder="mine"), tmp_path)


def test_one_file_can_be_a_source(tmp_path: Path) -> None:
    (tmp_path / "book.txt").write_bytes(b"1")
    assert origin_files(SourceSchema(folder="book.txt"), tmp_path) == [("book.txt", tmp_path / "book.txt")]


@pytest.mark.parametrize(("folder", "words"), [("absent", "there is no"), (".", "would copy itself")])
def test_a_folder_that_cannot_be_read_is_told(tmp_path: Path, folder: str, words: str) -> None:
    with pytest.raises(DataError, match=words):
        origin_files(SourceSchema(folder=folder), tmp_path)


def test_a_pattern_that_matches_no_file_names_the_nearest(corpus: Corpus) -> None:
    with pytest.raises(DataError, match=r"Nearest names:\n    a\.txt"):
        corpus({"a.txt": b"1"}, source={"members": ["a.text"]})


def test_the_standard_library_comes_without_tests_and_build_paths() -> None:
    names = [name for name, _ in origin_files(SourceSchema(stdlib=True))]
    assert {"os.py", "json/decoder.py", "asyncio/base_events.py"} <= set(names)
    assert all(name.endswith(".py") for name in names)
    assert not [name for name in names if {"test", "tests", "idlelib", "site-packages"} & set(name.split("/")) or "_sysconfigdata" in name]


def test_the_copy_of_the_standard_library_names_its_python(tmp_path: Path) -> None:
    data = DataSchema(name="code", language="code", licence="PSF-2.0", sources=[SourceSchema(stdlib=True)])
    collect(data, tmp_path, lambda words: None)
    from assay.data.sources import read_local_manifest

    facts = read_local_manifest(data, tmp_path / "data/local/code")["sources"]["00-stdlib"]
    assert (facts["source"], facts["python"]) == ("stdlib", sys.version.split()[0])


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b'{"sources": {"00-mine": {"source": "folder:mine"}}}'])
def test_a_manifest_that_is_cut_or_of_another_version_is_made_anew(corpus: Corpus, content: bytes) -> None:
    made = corpus({"a.txt": b"1"})
    path = made.root / "data/local/mine/files/manifest.json"
    whole = path.read_bytes()
    path.write_bytes(content)
    assert not collected(made.config.data, made.root)
    assert collect(made.config.data, made.root, made.say)
    assert path.read_bytes() == whole


@pytest.mark.parametrize(("name", "copied"), [("a.txt", False), ("a.jsonl.gz", False), ("a.jsonl", True), ("a.zip", True)])
def test_a_file_too_large_to_be_read_is_refused_before_it_is_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, copied: bool
) -> None:
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / name).write_bytes(b"\x1f\x8b" * 20 if name.endswith(".gz") else b"{}\n" * 20)
    for module in (own_files, compression):
        monkeypatch.setattr(module, "MEMBER_LIMIT_BYTES", 30)
    data = DataSchema(name="mine", language="en", licence="none", sources=[SourceSchema(folder="texts")])
    if copied:
        assert collect(data, tmp_path, lambda words: None)
        return
    with pytest.raises(DataError, match=rf"folder:texts: {name} holds \d+ bytes; at most 30 are read"):
        collect(data, tmp_path, lambda words: None)
    assert not list((tmp_path / "data").rglob(name))
