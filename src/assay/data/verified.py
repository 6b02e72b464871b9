"""Remembers which large files were verified in which state, so that a start does not read a corpus that has not been touched since."""

import json
from pathlib import Path
from typing import Any

from assay.files import MANIFEST, ROOT, canonical_json, now, read_manifest, readable_json, sha256_bytes, verify_manifest, write_atomic

VERIFIED = ROOT / "data" / "cache" / "verified"
SMALL_BYTES = 64_000_000
"""Reading less than this costs less than a person notices, so it is always read."""
SETTLED_SECONDS = 2.0
"""A file changed more recently is not remembered: a second change within the clock's grain would leave the same times."""


def verify_once(folder: Path, repair: str, memory: Path = VERIFIED) -> dict[str, Any]:
    """verify_manifest, but of large folders only where a file's size, inode or times differ from when its bytes were last verified.

    The time of the last change of an inode (ctime) can't be set by a program, so a copy over it, a DVC checkout, or a write that puts the
    old modification time back is noticed. What is not noticed is a disk that loses bits; `rm -r data/cache/verified` reads all again.
    """
    if not (folder / MANIFEST).is_file() or _size_bytes(folder) < SMALL_BYTES:
        return verify_manifest(folder, repair)
    record = memory / f"{sha256_bytes(str(folder.resolve()).encode())[:32]}.json"
    before = _state(folder)
    if before is not None and _remembered(record) == before:
        return read_manifest(folder)
    manifest = verify_manifest(folder, repair)
    newest = max((times[-1] for times in before["files"].values()), default=0) if before else 0
    if before is not None and before == _state(folder) and newest < (now() - SETTLED_SECONDS) * 1e9:
        write_atomic(record, readable_json(before))
    return manifest


def _size_bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _state(folder: Path) -> dict[str, Any] | None:
    """The manifest's hash, and size, device, inode, modification and change time of each file; None if one is missing."""
    manifest = read_manifest(folder)
    try:
        facts = {name: (folder / name).stat() for name in [*manifest.get("files", {}), MANIFEST]}
    except OSError:
        return None
    return {
        "manifest_sha256": sha256_bytes(canonical_json(manifest)),
        "files": {name: [was.st_size, was.st_dev, was.st_ino, was.st_mtime_ns, was.st_ctime_ns] for name, was in facts.items()},
    }


def _remembered(record: Path) -> Any:
    try:
        return json.loads(record.read_bytes())
    except (OSError, ValueError):
        return None
