import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from assay.data import measured
from assay.data.clean import clean
from assay.data.collect import collect
from assay.data.document import document_id, text_hash
from assay.data.measured import NUMBERS, Measured
from assay.data.split import split_position

Corpus = Callable[..., SimpleNamespace]


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths of the units that were read, in order."""
    real, paths = measured.clean_unit, list[str]()

    def note(unit: Any, *rest: Any) -> Any:
        paths.append(unit.path)
        return real(unit, *rest)

    monkeypatch.setattr(measured, "clean_unit", note)
    return paths


def folders(root: Path) -> list[Path]:
    return sorted(path.parent for path in root.glob("data/cache/measured/*/outcome.json"))


def opened(made: SimpleNamespace) -> Measured:
    clean(made.config, made.root / "out", made.root, made.say)
    return Measured.open(made.config.data, folders(made.root))


def test_another_threshold_reads_no_text_again(corpus: Corpus, lines: bytes, read: list[str]) -> None:
    made = corpus({"a.txt": lines}, source={"format": "lines"})
    clean(made.config, made.root / "out", made.root, made.say)
    stricter = corpus({}, source={"format": "lines"}, cleaning={"min_characters": 29})
    manifest = clean(stricter.config, made.root / "out", made.root, made.say)
    assert sum(manifest["documents"].values()) == 30  # of those with a number of two digits
    assert read == ["a.txt"]


def test_a_step_that_changes_texts_reads_them_again(corpus: Corpus, lines: bytes, read: list[str]) -> None:
    for form in ("NFC", "NFKC"):
        made = corpus({"a.txt": lines}, source={"format": "lines"}, cleaning={"unicode_form": form})
        clean(made.config, made.root / "out", made.root, made.say)
    assert read == ["a.txt", "a.txt"]


def test_a_reading_that_was_stopped_goes_on_with_the_parts_that_are_missing(
    corpus: Corpus, lines: bytes, read: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = corpus({"a.txt": lines[:590], "b.txt": lines[590:900], "c.txt": lines[900:]}, source={"format": "lines"})
    expected = clean(made.config, made.root / "whole", made.root, made.say)
    (store,) = folders(made.root)
    whole = {path.name: path.read_bytes() for path in store.iterdir()}
    shutil.rmtree(made.root / "data/cache")
    monkeypatch.setattr(measured, "PART_BYTES", 1)  # a part for each file
    clean(made.config, made.root / "parts", made.root, made.say)
    parts = {path.name: path.read_bytes() for path in store.iterdir()}
    shutil.rmtree(made.root / "data/cache")
    real = measured.write_atomic

    def stopped(path: Path, content: bytes) -> None:
        if path.name == "part-000001.json":
            raise KeyboardInterrupt
        real(path, content)

    monkeypatch.setattr(measured, "write_atomic", stopped)
    with pytest.raises(KeyboardInterrupt):
        clean(made.config, made.root / "out", made.root, made.say)
    monkeypatch.setattr(measured, "write_atomic", real)
    assert not store.exists()
    (store.with_name(f".{store.name}.growing") / ".part-000001.arrow.draft-1").touch()
    read.clear()
    manifest = clean(made.config, made.root / "out", made.root, made.say)
    assert read == ["b.txt", "c.txt"]
    assert {path.name: path.read_bytes() for path in store.iterdir()} == parts != whole
    assert manifest["content_sha256"] == expected["content_sha256"]
    assert not list(made.root.glob("data/cache/**/.*growing*"))


def test_of_a_source_that_is_added_only_it_is_read(corpus: Corpus, lines: bytes, read: list[str]) -> None:
    made = corpus({"a/x.txt": lines[:590], "b/y.txt": lines[590:]}, source={"format": "lines", "members": ["a/*"]})
    clean(made.config, made.root / "out", made.root, made.say)
    source = made.config.data.sources[0]
    made.config.data.sources.append(type(source)(folder="mine", format="lines", members=["b/*"]))
    collect(made.config.data, made.root, made.say)
    manifest = clean(made.config, made.root / "out", made.root, made.say)
    assert read == ["a/x.txt", "b/y.txt"]
    assert sum(manifest["documents"].values()) == 40


def test_an_altered_store_is_not_believed(corpus: Corpus, lines: bytes, read: list[str]) -> None:
    made = corpus({"a.txt": lines}, source={"format": "lines"})
    first = clean(made.config, made.root / "out", made.root, made.say)
    (part,) = made.root.glob("data/cache/measured/*/part-*.arrow")
    part.write_bytes(part.read_bytes().replace(b"hello", b"HELLO"))
    assert clean(made.config, made.root / "out", made.root, made.say) == first
    assert read == ["a.txt", "a.txt"]


def test_what_is_measured_is_what_the_text_has(corpus: Corpus) -> None:
    made = corpus({"a.txt": "Größe 中文\nab\nxyz 1\n".encode()}, source={"format": "lines"})
    found = opened(made)
    names = ["text", "path", "record", *NUMBERS]
    (row,) = [row for row in zip(*found.take(np.arange(3), names).values(), strict=True) if row[0].startswith("Gr")]
    shown = dict(zip(names, row, strict=True))
    assert (shown["path"], shown["record"]) == ("a.txt", "1")
    assert (shown["bytes"], shown["characters"], shown["han"], shown["latin"], shown["other"]) == (14, 8, 2, 5, 0)
    assert f"{shown['id_high']:016x}{shown['id_low']:016x}" == document_id("folder:mine", "a.txt", "1")
    assert f"{shown['text_high']:016x}{shown['text_low']:016x}" == text_hash("Größe 中文")
    assert shown["split_position"] == split_position(text_hash("Größe 中文"))


def test_rows_are_taken_in_any_order_from_any_part(corpus: Corpus, lines: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measured, "PART_BYTES", 100)
    files = {f"{number}.txt": lines[number * 150 : number * 150 + 150] for number in range(5)}
    found = opened(corpus(files, source={"format": "lines"}))
    assert len(found.tables) > 3
    order = np.random.default_rng(1).permutation(len(found))
    assert found.take(order, ["text"])["text"] == [found.take(np.array([row]), ["text"])["text"][0] for row in order]
    ids = [document.id for document in found.documents(found.by_id)]
    assert ids == sorted(ids)
