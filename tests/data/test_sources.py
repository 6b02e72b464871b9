import gzip
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pyarrow
import pytest

from assay.data import sources
from assay.data.archive import read_file
from assay.data.cleaning import detection
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


@pytest.mark.parametrize(
    ("content", "encodings", "mapped"),
    [
        ("café\nnaïve, \u4e2d\u6587\nthird\n".encode() * 9, ["utf-8"], True),
        ("café\nnaïve\nthird\n".encode() * 9, ["auto"], True),
        ("café\nnaïve\nthird\n".encode() * 9, ["gb18030", "utf-8"], True),
        ("café\nnaïve\nthird\n".encode("cp1252") * 9, ["utf-8", "cp1252"], False),
        ("café\nnaïve\nthird\n".encode() * 9 + b"\xc3", ["utf-8", "cp1252"], True),
        (b"\xef\xbb\xbf" + b"marked\nlines\n" * 9, ["utf-8"], False),
        (b"zero\0\nlines\n" * 9, ["utf-8"], False),
        (b"zero\0\n" + b"lines of text\n" * 9, ["utf-8"], True),
        (gzip.compress(b"packed\nlines\n" * 99, mtime=0), ["utf-8"], False),
    ],
)
def test_a_large_plain_file_is_read_a_unit_at_a_time_as_if_it_were_read_whole(
    content: bytes, encodings: list[str], mapped: bool, corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module, name in ((sources, "UNIT_BYTES"), (detection, "PIECE_BYTES")):
        monkeypatch.setattr(module, name, 5)  # between the bytes of a character
    made = corpus({"a.txt": content}, source={"format": "lines"})
    places = verify_snapshot(made.config.data, snapshot_folder(made.config.data, made.root))
    whole: list[Path] = []
    monkeypatch.setattr(sources, "read_file", lambda path, *more: whole.append(path) or read_file(path, *more))
    found = list(units(made.config.data, places, encodings))
    assert (not whole) == mapped
    monkeypatch.setattr(sources, "_large_lines", lambda *_: None)
    assert found == list(units(made.config.data, places, encodings))


def test_a_damaged_file_is_named_as_its_owner_knows_it(corpus: Corpus) -> None:
    """And not by the place of its copy, which nobody can mend."""
    made = corpus({"deep/a.txt.gz": gzip.compress(b"text")[:-9]})
    places = verify_snapshot(made.config.data, snapshot_folder(made.config.data, made.root))
    with pytest.raises(DataError, match=r"^folder:mine: deep/a\.txt\.gz is damaged .*\n  Repair it or take it away"):
        list(units(made.config.data, places, ["utf-8"]))


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
