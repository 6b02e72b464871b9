import bz2
import gzip
import io
import subprocess
import sys
import zipfile
from pathlib import Path

import pyarrow
import pytest

from assay.data import compression
from assay.data.archive import read_file
from assay.data.compression import packing_of, unpack
from assay.errors import DataError

SRC = Path(__file__).resolve().parents[2] / "src"
TEXT = b"a line of text\n" * 1000


def zst(content: bytes) -> bytes:
    packed: bytes = pyarrow.compress(content, codec="zstd", asbytes=True)
    return packed


def zipped(**members: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return stream.getvalue()


PACK = {".gz": gzip.compress, ".bz2": bz2.compress, ".zst": zst}


@pytest.mark.parametrize("kind", PACK)
def test_packed_files_are_known_by_name_and_by_first_bytes(kind: str) -> None:
    packed = PACK[kind](TEXT)
    assert packing_of(f"a{kind}", b"") == packing_of("a.txt", packed) == kind
    for name in (f"a.txt{kind}", "a.txt", "a"):
        assert unpack(packed, name, "here") == TEXT
    assert unpack(TEXT, "a.txt", "here") == TEXT


@pytest.mark.parametrize("kind", PACK)
def test_several_packed_parts_one_after_the_other_are_one_file(kind: str) -> None:
    assert unpack(PACK[kind](TEXT) + PACK[kind](b"end"), f"a{kind}", "here") == TEXT + b"end"


@pytest.mark.parametrize("kind", PACK)
@pytest.mark.parametrize("change", ["cut", "plain", "empty"])
def test_damage_and_a_wrong_extension_are_named(kind: str, change: str) -> None:
    content = {"cut": PACK[kind](TEXT)[:-12], "plain": TEXT, "empty": b""}[change]
    with pytest.raises(DataError, match=rf"here: a\.txt\{kind} is damaged"):
        unpack(content, f"a.txt{kind}", "here")


@pytest.mark.parametrize("outer", PACK)
@pytest.mark.parametrize("inner", [*PACK.values(), lambda content: zipped(a=content)])
def test_packed_in_packed_is_refused(outer: str, inner: object) -> None:
    with pytest.raises(DataError, match="holds another compressed file"):
        unpack(PACK[outer](inner(TEXT)), f"a{outer}", "here")  # type: ignore[operator]


@pytest.mark.parametrize("name", ["a.zip", "a.txt", "a.jsonl"])
def test_a_zip_gives_its_files_by_name_and_by_first_bytes(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(zipped(**{"x/b.txt": b"one", "c.txt.gz": gzip.compress(b"two")}))
    assert dict(read_file(tmp_path / name, name)) == {f"{name}/x/b.txt": b"one", f"{name}/c.txt.gz": b"two"}


def test_a_document_of_an_office_program_is_left_as_it_is(tmp_path: Path) -> None:
    content = zipped(**{"word/document.xml": b"<a/>"})
    (tmp_path / "a.docx").write_bytes(content)
    assert dict(read_file(tmp_path / "a.docx", "a.docx")) == {"a.docx": content}


def test_a_zip_in_a_zip_in_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(zipped(**{"b.zip": zipped(c=b"x")}))
    with pytest.raises(DataError, match="another compressed file"):
        list(read_file(tmp_path / "a.txt", "a.txt"))


def test_nothing_is_written_anywhere(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.zip").write_bytes(zipped(**{"../out.txt": b"x"}))
    with pytest.raises(DataError, match="leaves the archive"):
        list(read_file(tmp_path / "in" / "a.zip", "a.zip"))
    assert [path.name for path in tmp_path.rglob("*")] == ["in", "a.zip"]


@pytest.mark.slow
@pytest.mark.parametrize("kind", PACK)
def test_a_bomb_stops_before_it_has_filled_memory(tmp_path: Path, kind: str) -> None:
    """2 GB of zeros in a file of at most 2 MB: the child that reads it grows by less than 300 MB."""
    assert compression.RATIO_FREE_BYTES < 100 * 2**20
    path = tmp_path / f"bomb.txt{kind}"
    block = PACK[kind](bytes(64 * 2**20))
    path.write_bytes(block * 32)
    code = f"""
import resource, sys
sys.path.insert(0, {str(SRC)!r})
from pathlib import Path
import pyarrow
from assay.data.archive import read_file
from assay.errors import DataError
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    list(read_file(Path({str(path)!r}), "bomb.txt{kind}"))
except DataError as error:
    print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024, str(error).partition("unpacks")[2])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True)
    grown, _, words = done.stdout.partition(" ")
    assert "as an archive bomb does" in words
    assert int(grown) < 300


@pytest.mark.fault("D22", inject="zstd frames with windows of 128 MiB, 144 MiB and 2 GiB, and one as large as its content")
@pytest.mark.parametrize(
    ("header", "window"),
    [
        (bytes([0x00, (27 - 10) << 3]), None),
        (bytes([0x00, (27 - 10) << 3 | 1]), "144"),
        (bytes([0x00, (31 - 10) << 3]), "2,048"),
        (bytes([0xA0]) + (3 * 2**28).to_bytes(4, "little"), "768"),
    ],
)
def test_a_zstd_window_beyond_the_limit_is_refused_with_its_size(header: bytes, window: str | None) -> None:
    content = b"\x28\xb5\x2f\xfd" + header + b"\x01\x00\x00" * (window is None)  # an empty last block
    if window is None:
        assert unpack(content, "a.zst", "here") == b""
        return
    with pytest.raises(DataError, match=rf"here: a\.zst was compressed with a window of {window} MiB(?s:.*)zstd -d --long=31"):
        unpack(content, "a.zst", "here")
