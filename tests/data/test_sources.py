from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pyarrow
import pytest

from assay.data import sources
from assay.data.places import snapshot_folder
from assay.data.schema import DataSchema, SourceSchema
from assay.data.sources import units, verify_snapshot
from assay.errors import DataError

Corpus = Callable[..., SimpleNamespace]


def test_a_large_file_of_lines_is_cut_at_line_ends_and_counts_on(corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "UNIT_BYTES", 20)
    made = corpus({"a.txt": b"first line\r\nsecond line\nthird\rfourth line here\nfifth\n"}, source={"format": "lines"})
    places = verify_snapshot(made.config.data, snapshot_folder(made.config.data, made.root))
    found = list(units(made.config.data, places, ["utf-8"]))
    assert [(unit.first_line, unit.content) for unit in found] == [
        (1, b"first line\r\nsecond line\n"),
        (3, b"third\rfourth line here\n"),
        (5, b"fifth\n"),
    ]


def test_utf_16_is_not_cut_at_the_byte_of_a_line_end(corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "UNIT_BYTES", 4)
    content = "\u0a0a\u0a0a\u0a0a\u0a0a".encode("utf-16")
    made = corpus({"a.txt": content}, source={"format": "lines"})
    places = verify_snapshot(made.config.data, snapshot_folder(made.config.data, made.root))
    assert [unit.content for unit in units(made.config.data, places, ["utf-8"])] == [content]


def test_an_altered_copy_is_named_with_its_repair(corpus: Corpus) -> None:
    made = corpus({"a.txt": b"text"})
    folder = snapshot_folder(made.config.data, made.root)
    (folder / "files/00-mine/a.txt").write_bytes(b"tent")
    with pytest.raises(DataError, match=r"a\.txt was altered.*\n  Run: make data"):
        verify_snapshot(made.config.data, folder)


def test_a_copy_of_other_sources_is_refused(corpus: Corpus) -> None:
    made = corpus({"a.txt": b"text", "b.md": b"text"})
    object.__setattr__(made.config.data.sources[0], "members", ["*.md"])
    with pytest.raises(DataError, match=r"collected from other sources.*\n  Run: python src/collect\.py mine"):
        verify_snapshot(made.config.data, snapshot_folder(made.config.data, made.root))


def test_a_snapshot_that_was_never_collected_names_the_command(corpus: Corpus, tmp_path: Path) -> None:
    made = corpus({"a.txt": b"text"})
    with pytest.raises(DataError, match=r"Run: python src/collect\.py mine"):
        verify_snapshot(made.config.data, tmp_path / "nothing")


def test_a_saved_data_set_and_a_packed_folder_are_read_file_by_file(tmp_path: Path) -> None:
    (tmp_path / "train").mkdir()
    (tmp_path / "train" / "data.jsonl.zst").write_bytes(pyarrow.compress(b'{"text": "a"}\n', codec="zstd", asbytes=True))
    (tmp_path / "train" / "state.json").write_bytes(b"{}")
    data = DataSchema(
        name="x", language="en", licence="MIT", sources=[SourceSchema(folder=str(tmp_path), format="dataset", members=["train/*"])]
    )
    assert [(unit.path, unit.content) for unit in units(data, [tmp_path], ["utf-8"])] == [("train/data.jsonl.zst", b'{"text": "a"}\n')]
