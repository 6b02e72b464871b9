import hashlib
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from assay.data import download as module
from assay.data.download import download, file_name
from assay.data.schema import SourceSchema
from assay.errors import DataError, MachineError

CONTENT = b"To be, or not to be\n" * 1000


class Pages(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/cut.txt":
            self.send_response(200)
            self.send_header("Content-Length", str(len(CONTENT)))
            self.end_headers()
            self.wfile.write(CONTENT[:100])
        elif self.path == "/away":
            self.send_response(302)
            self.send_header("Location", "file:///etc/hostname")
            self.end_headers()
        elif self.path in ("/a.txt", "/dir/a%20b.txt?x=1"):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(CONTENT)
        else:
            self.send_error(404)

    def log_message(self, *words: Any) -> None: ...


@pytest.fixture
def server() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Pages) as pages:
        thread = threading.Thread(target=pages.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{pages.server_port}"
        pages.shutdown()
        thread.join()


def fetch(folder: Path, sha256: str | None = None, **source: Any) -> Path:
    return download(
        SourceSchema(sha256=sha256 or hashlib.sha256(CONTENT).hexdigest(), **source), folder, lambda got_bytes, total_bytes: None
    )


def test_a_file_is_fetched_and_verified(server: str, tmp_path: Path) -> None:
    assert fetch(tmp_path, url=f"{server}/a.txt").read_bytes() == CONTENT


def test_a_file_with_another_hash_is_refused_with_both(server: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=f"expected sha256 {'0' * 64}, downloaded a.txt with {hashlib.sha256(CONTENT).hexdigest()}"):
        fetch(tmp_path, url=f"{server}/a.txt", sha256="0" * 64)


def test_a_download_that_is_cut_is_refused(server: str, tmp_path: Path) -> None:
    with pytest.raises((DataError, MachineError)):
        fetch(tmp_path, url=f"{server}/cut.txt")


def test_a_redirect_to_a_local_file_is_refused(server: str, tmp_path: Path) -> None:
    with pytest.raises(MachineError, match="failed"):
        fetch(tmp_path, url=f"{server}/away")


def test_a_missing_page_and_a_dead_port_are_the_machines_fault(server: str, tmp_path: Path) -> None:
    for url in (f"{server}/none", "http://127.0.0.1:9/a"):
        with pytest.raises(MachineError, match=r"download from 127\.0\.0\.1 failed"):
            fetch(tmp_path, url=url)


def test_a_download_stops_at_the_limit(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "DOWNLOAD_LIMIT_BYTES", 100)
    with pytest.raises(DataError, match="more than 100 bytes"):
        fetch(tmp_path, url=f"{server}/a.txt")


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("http://a/b/c.txt?x=/y", "c.txt"),
        ("http://a/", "download"),
        ("http://a/%2e%2e%2fx", "x"),
        ("http://a/a%20b", "a_b"),
        ("http://a/..", "download"),
    ],
)
def test_an_address_gives_a_plain_file_name(url: str, name: str) -> None:
    assert file_name(url) == name


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package index of one wheel, as pip sees it without a network."""
    folder = tmp_path / "index"
    folder.mkdir()
    path = folder / "tinytext-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("tinytext/a.txt", "text")
        file.writestr("tinytext-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tinytext\nVersion: 1.0\n")
        file.writestr("tinytext-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        file.writestr("tinytext-1.0.dist-info/RECORD", "")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return path


def test_a_package_is_fetched_by_pip(wheel: Path, tmp_path: Path) -> None:
    (tmp_path / "draft").mkdir()
    found = fetch(tmp_path / "draft", package="tinytext==1.0", sha256=hashlib.sha256(wheel.read_bytes()).hexdigest())
    assert found.read_bytes() == wheel.read_bytes()
    assert list((tmp_path / "draft").iterdir()) == [found]


def test_pip_refuses_a_package_with_another_hash(wheel: Path, tmp_path: Path) -> None:
    (tmp_path / "draft").mkdir()
    with pytest.raises(DataError, match=r"pypi:tinytext==1\.0: the file on the index does not have the declared sha256"):
        fetch(tmp_path / "draft", package="tinytext==1.0", sha256="0" * 64)


def test_an_unknown_version_gives_pips_own_words(wheel: Path, tmp_path: Path) -> None:
    (tmp_path / "draft").mkdir()
    with pytest.raises(
        MachineError, match=r"pip failed with code 1.*\n(.*\n)*.*tinytext==2\.0(.*\n)*  Check the name, the version and the network"
    ):
        fetch(tmp_path / "draft", package="tinytext==2.0", sha256="0" * 64)


def test_without_npm_the_message_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MachineError, match="there is no npm on this machine"):
        fetch(tmp_path, npm="poems@1.0.0")
