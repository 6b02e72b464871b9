import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assay.data.tokens import Tokens
from assay.errors import DataError
from assay.files import readable_json, sha256_file, write_manifest


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two documents a split: 5 6 | 7 and 8 |, where 0 ends a document."""
    splits: dict[str, Any] = {}
    for split in ("train", "val", "test"):
        np.array([5, 6, 0, 7, 0], dtype="<u2").tofile(tmp_path / f"{split}.bin")
        np.array([3, 5], dtype="<u8").tofile(tmp_path / f"{split}.ends")
        (tmp_path / f"{split}.ids").write_text("aa\nbb\n")
        splits[split] = {"documents": 2, "tokens": 5, "text_tokens": 3, "utf8_bytes": 9, "sha256": sha256_file(tmp_path / f"{split}.bin")}
    header = {"dtype": "uint16", "vocab_size": 10, "end_of_document": 0, "tokenizer_sha256": "t", "splits": splits}
    (tmp_path / "header.json").write_bytes(readable_json(header))
    write_manifest(tmp_path)
    return tmp_path


def test_tokens_are_mapped_and_cannot_be_written(folder: Path) -> None:
    found = Tokens.open(folder).split("val")
    assert isinstance(found.tokens, np.memmap)
    assert found.tokens.tolist() == [5, 6, 0, 7, 0]
    assert (found.ends.tolist(), found.utf8_bytes, found.text_tokens) == ([3, 5], 9, 3)
    with pytest.raises(ValueError, match="read-only"):
        found.tokens[0] = 1


def test_tokens_are_those_of_the_folder_as_it_was_opened(folder: Path) -> None:
    """A stage that replaces it, or DVC that removes it first, must not be mixed into a training that reads it."""
    header = json.loads((folder / "header.json").read_bytes())
    for split in ("train", "val", "test"):
        np.array([0, 1], dtype="<u2").tofile(folder / f"{split}.sources")
    (folder / "header.json").write_bytes(readable_json({**header, "sources": ["one", "two"]}))
    write_manifest(folder)
    tokens = Tokens.open(folder)
    for path in folder.iterdir():
        path.unlink()
    for split in ("train", "val", "test"):
        assert tokens.split(split).tokens.tolist() == [5, 6, 0, 7, 0]
        assert (tokens.split(split).ends.tolist(), tokens.ids(split), tokens.owners(split).tolist()) == ([3, 5], ["aa", "bb"], [0, 1])


@pytest.mark.parametrize("name", ["train.bin", "val.ends", "test.ids", "header.json"])
def test_one_changed_byte_is_refused_by_name(folder: Path, name: str) -> None:
    content = bytearray((folder / name).read_bytes())
    content[1] ^= 1
    (folder / name).write_bytes(bytes(content))
    with pytest.raises(DataError, match=f"{name} was altered.*\n  Run: repair it"):
        Tokens.open(folder, "repair it")


def test_a_header_of_other_tokens_is_refused(folder: Path) -> None:
    header = json.loads((folder / "header.json").read_bytes())
    header["splits"]["val"]["sha256"] = "0" * 64
    (folder / "header.json").write_bytes(readable_json(header))
    write_manifest(folder)
    with pytest.raises(DataError, match=r"describes another val\.bin"):
        Tokens.open(folder)


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b'{"splits": 1}'])
def test_a_header_that_is_none_is_refused(folder: Path, content: bytes) -> None:
    (folder / "header.json").write_bytes(content)
    write_manifest(folder)
    with pytest.raises(DataError, match=r"header\.json"):
        Tokens.open(folder)


def test_counts_that_do_not_fit_are_refused(folder: Path) -> None:
    np.array([3, 4], dtype="<u8").tofile(folder / "val.ends")
    write_manifest(folder)
    with pytest.raises(DataError, match=r"do not fit header\.json"):
        Tokens.open(folder).split("val")
