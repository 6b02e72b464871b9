import gzip
import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from assay.data import compression
from assay.data.archive import read_files
from assay.data.cleaning.schema import CleaningSchema
from assay.data.compression import LimitedStream, unpack
from assay.data.patterns import Patterns
from assay.data.schema import SourceSchema
from assay.data.sources import Unit
from assay.data.unit import clean_unit
from assay.errors import DataError

ALL = ["*"]


def tar(path: Path, *members: tarfile.TarInfo | tuple[str, bytes]) -> Path:
    with tarfile.open(path, "w:gz" if path.name.endswith("gz") else "w") as file:
        for member in members:
            if isinstance(member, tarfile.TarInfo):
                file.addfile(member)
            else:
                entry = tarfile.TarInfo(member[0])
                entry.size = len(member[1])
                file.addfile(entry, io.BytesIO(member[1]))
    return path


def zipped(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return path


def read(path: Path, *patterns: str) -> dict[str, bytes]:
    return dict(read_files(path, Patterns(list(patterns) or ALL)))


@pytest.mark.parametrize("name", ["a.tar", "a.tar.gz", "a.tgz"])
def test_only_matching_members_of_a_tar_are_read(tmp_path: Path, name: str) -> None:
    path = tar(tmp_path / name, ("p/a.txt", b"one"), ("p/b.md", b"two"))
    assert read(path, "*/a.txt") == {"p/a.txt": b"one"}


def test_members_of_a_wheel_are_read(tmp_path: Path) -> None:
    assert read(zipped(tmp_path / "a.whl", **{"p/a.txt": b"one", "q": b""}), "p/*") == {"p/a.txt": b"one"}


def test_a_file_that_is_no_archive_is_its_own_member(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"one")
    assert read(tmp_path / "a.txt") == {"a.txt": b"one"}


def test_gz_members_come_unpacked_under_their_full_name(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", **{"a.jsonl.gz": gzip.compress(b"{}")})
    assert read(path) == {"a.jsonl.gz": b"{}"}


@pytest.mark.parametrize("name", ["../x", "/etc/x", "a/../../x"])
def test_a_name_that_leaves_the_archive_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(DataError, match="leaves the archive"):
        read(tar(tmp_path / "a.tar", (name, b"x")))
    with pytest.raises(DataError, match="leaves the archive"):
        read(zipped(tmp_path / "a.zip", **{name: b"x"}))


def test_links_in_a_tar_are_refused(tmp_path: Path) -> None:
    for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE):
        link = tarfile.TarInfo("a.txt")
        link.type, link.linkname = kind, "/etc/passwd"
        with pytest.raises(DataError, match="link or a device"):
            read(tar(tmp_path / "a.tar", link))


def test_links_in_a_zip_are_refused(tmp_path: Path) -> None:
    entry = zipfile.ZipInfo("a.txt")
    entry.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as file:
        file.writestr(entry, "/etc/passwd")
    with pytest.raises(DataError, match="is a link"):
        read(tmp_path / "a.zip")


def test_a_bomb_stops_at_the_ratio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compression, "RATIO_FREE_BYTES", 2**20)
    content = bytes(8 * 2**20)
    with pytest.raises(DataError, match="times its"):
        read(zipped(tmp_path / "a.zip", a=content))
    with pytest.raises(DataError, match="times its"):
        read(tar(tmp_path / "a.tgz", ("a", content)))
    with pytest.raises(DataError, match="times its"):
        unpack(gzip.compress(content), "a.gz", "here")


def test_a_file_over_the_limit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compression, "MEMBER_LIMIT_BYTES", 1000)
    (tmp_path / "plain").write_bytes(bytes(1001))
    for path in (tmp_path / "plain", zipped(tmp_path / "a.zip", a=bytes(1001)), tar(tmp_path / "a.tar", ("a", bytes(1001)))):
        with pytest.raises(DataError, match="1,001 bytes; at most 1,000"):
            read(path)
    with pytest.raises(DataError, match="more than 1,000 bytes"):
        unpack(gzip.compress(bytes(1001)), "a.gz", "here")


def test_the_stream_stops_before_it_has_given_much_more_than_the_limit() -> None:
    stream = LimitedStream(io.BytesIO(bytes(10 * 2**20)), 1, 2**20, "here")
    with pytest.raises(DataError):
        stream.read()
    assert stream._given_bytes <= 2 * 2**20


@pytest.mark.parametrize("cut", [5, 40])
def test_a_truncated_gz_is_named(tmp_path: Path, cut: int) -> None:
    (tmp_path / "a.txt.gz").write_bytes(gzip.compress(b"text " * 100, mtime=0)[:-cut])
    with pytest.raises(DataError, match=r"a\.txt\.gz.*damaged"):
        read(tmp_path / "a.txt.gz")


@pytest.mark.parametrize("name", ["a.gz", "a.zip", "a.tar.gz"])
def test_a_wrong_extension_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"plain text " * 100)
    with pytest.raises(DataError, match="damaged or is no"):
        read(tmp_path / name)


def test_gz_in_gz_is_refused() -> None:
    with pytest.raises(DataError, match="another compressed file"):
        unpack(gzip.compress(gzip.compress(b"x")), "a.gz", "here")


@pytest.mark.fault(
    "D22", inject="archives as macOS and Windows make them, with packed files of attributes and thumbnails, one file damaged by its name"
)
def test_files_that_an_operating_system_made_for_itself_are_dropped_with_a_reason(tmp_path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("b.txt", b"text")
        archive.writestr("__MACOSX/._b.txt.gz", b"\0\5\x16\7")
    members = {"a.txt": b"text", "__MACOSX/._a.txt": b"\0\5\x16\7", "._a.jsonl.gz": b"\0\5\x16\7", "d/.DS_Store": b"x", "Thumbs.db": b"x"}
    path = zipped(tmp_path / "a.zip", **members, **{"c.zip": inner.getvalue(), "._c.zip": b"\0\5\x16\7"})
    found = {name: clean_unit(Unit(0, name, content), SourceSchema(folder="f"), CleaningSchema()) for name, content in read(path).items()}
    assert {name for name, outcome in found.items() if outcome.kept} == {"a.txt", "c.zip/b.txt"}
    assert all(outcome.dropped == {"system_file": 1} for outcome in found.values() if not outcome.kept)
    assert len(found) == 8


@pytest.mark.fault("D22", inject="an encrypted member of a zip archive, and one compressed by a method that Python does not know")
@pytest.mark.parametrize(
    ("offsets", "value", "words"), [((6, 8), 1, "is encrypted; no password"), ((8, 10), 93, "is compressed by method 93")]
)
def test_a_member_that_cannot_be_unpacked_is_refused_with_the_reason(
    tmp_path: Path, offsets: tuple[int, int], value: int, words: str
) -> None:
    path = zipped(tmp_path / "a.zip", **{"a.txt": b"text"})
    content = bytearray(path.read_bytes())
    for start, offset in ((0, offsets[0]), (content.find(b"PK\1\2"), offsets[1])):
        content[start + offset : start + offset + 2] = value.to_bytes(2, "little")
    path.write_bytes(content)
    with pytest.raises(DataError, match=rf"a\.zip: a\.txt {words}(?s:.*)Unpack the archive"):
        read(path)
