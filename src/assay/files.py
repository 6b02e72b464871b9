"""Atomic writes, manifests, hashes, locks and the clock. No other file renames, fsyncs or asks for the time of day."""

import fcntl
import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from assay.errors import ConfigError, DataError

ROOT = Path(__file__).resolve().parents[2]
MANIFEST = "manifest.json"


def now() -> float:
    """Seconds since 1970, for people to read. Intervals use the monotonic clock; no choice depends on this."""
    return time.time()


def canonical_json(value: Any) -> bytes:
    """The one byte form of a value: sorted keys, no NaN (it is not JSON), UTF-8."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def readable_json(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, allow_nan=False, indent=1).encode() + b"\n"


def sha256_bytes(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def sha256_file(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def checksum_file(path: Path) -> str:
    """xxh3_128: tells damaged bytes as surely as sha256 and costs a tenth, but somebody could make others that have it. For caches."""
    import xxhash

    with path.open("rb", buffering=0) as stream:
        return hashlib.file_digest(stream, xxhash.xxh3_128).hexdigest()


_HASHES: dict[str, Callable[[Path], str]] = {"sha256": sha256_file, "xxh3_128": checksum_file}


_UMASK = os.umask(0o022)
os.umask(_UMASK)  # it can only be read by setting it


def give_usual_rights(path: Path) -> None:
    """Let those read a file whom the umask lets: some libraries write by way of temporary files, which only their owner may read."""
    path.chmod(path.stat().st_mode & 0o111 | 0o666 & ~_UMASK)


def fsync_folder(folder: Path) -> None:
    """Make renames inside the folder durable: a rename alone may be forgotten by a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def fsync_file(path: Path) -> None:
    with path.open("rb") as stream:
        os.fsync(stream.fileno())


def write_atomic(path: Path, data: bytes) -> None:
    """Write a file so that a reader sees the old bytes or the new ones, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.draft-{os.getpid()}")
    try:
        with draft.open("wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)
    fsync_folder(path.parent)


def put_in_place(draft: Path, final: Path) -> None:
    """Give a finished file its final name; both lie on one file system. A reader sees the old file or the whole new one."""
    final.parent.mkdir(parents=True, exist_ok=True)
    give_usual_rights(draft)
    fsync_file(draft)
    os.replace(draft, final)
    fsync_folder(final.parent)


@contextmanager
def draft_file(final: Path) -> Iterator[Path]:
    """Yield a name beside `final`; the file written there is put in place if the block ends well."""
    draft = final.with_name(f".{final.name}.draft-{os.getpid()}")
    try:
        yield draft
        put_in_place(draft, final)
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def draft_folder(final: Path) -> Iterator[Path]:
    """Yield an empty folder beside `final`; put it in place under that name only if the block ends well.

    The draft lies on the same file system as its final name, because a rename across two is a copy, which a kill can cut.
    """
    final.parent.mkdir(parents=True, exist_ok=True)
    sweep_drafts(final)
    draft = final.with_name(f".{final.name}.draft-{os.getpid()}")
    draft.mkdir()
    try:
        yield draft
        for path in sorted(draft.rglob("*")):
            if path.is_file():
                give_usual_rights(path)
                fsync_file(path)
        for folder in (*(path for path in draft.rglob("*") if path.is_dir()), draft):
            fsync_folder(folder)
        _swap(draft, final)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


@contextmanager
def growing_folder(final: Path) -> Iterator[Path]:
    """A draft_folder that holds what a process that was stopped had finished. The caller holds a lock, and names a file only when
    it is whole (put_in_place)."""
    grown = final.with_name(f".{final.name}.growing")
    grown.mkdir(parents=True, exist_ok=True)
    sweep_drafts(final)
    sweep_all_drafts(grown)
    yield grown
    fsync_folder(grown)
    _swap(grown, final)


def sweep_drafts(final: Path) -> None:
    """Remove drafts of `final` whose writing process is gone: a killed process cleans up nothing itself."""
    for path in final.parent.glob(f".{final.name}.*-*"):
        kind, _, pid = path.name.rpartition("-")
        if not kind.endswith((".draft", ".old")) or not pid.isdigit() or is_running(int(pid)):
            continue
        if kind.endswith(".old") and not final.exists():
            os.rename(path, final)  # killed between the two renames of _swap: what was there is still the finished version
        else:
            shutil.rmtree(path, ignore_errors=True)


def sweep_all_drafts(folder: Path) -> None:
    """Remove every draft in a folder that this process alone writes to."""
    for path in folder.glob(".*.draft-*"):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    for path in folder.glob(".*.old-*"):
        sweep_drafts(folder / path.name[1:].rpartition(".old-")[0])


def is_running(pid: int) -> bool:
    if pid == os.getpid():
        return False  # our own number: left by an earlier process that had it
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _swap(draft: Path, final: Path) -> None:
    old = final.with_name(f".{final.name}.old-{os.getpid()}")
    shutil.rmtree(old, ignore_errors=True)
    if final.exists():
        os.rename(final, old)
    os.rename(draft, final)
    fsync_folder(final.parent)
    shutil.rmtree(old, ignore_errors=True)


def write_manifest(folder: Path, hashed_by: str = "sha256", /, **facts: Any) -> dict[str, Any]:
    """Describe every file below `folder` in manifest.json, with the facts given. Called last, inside the draft."""
    files = {
        path.relative_to(folder).as_posix(): {hashed_by: _HASHES[hashed_by](path), "bytes": path.stat().st_size}
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path != folder / MANIFEST
    }
    manifest = {**facts, "files": files, "content_sha256": sha256_bytes(canonical_json(files))}
    (folder / MANIFEST).write_bytes(readable_json(manifest))
    return manifest


def read_manifest(folder: Path) -> dict[str, Any]:
    path = folder / MANIFEST
    try:
        manifest: dict[str, Any] = json.loads(path.read_bytes())
        if not isinstance(manifest, dict):
            raise ValueError("it holds no record")
    except FileNotFoundError:
        raise DataError(
            f"{folder} has no {MANIFEST}, so it is not finished data.\n  Remove the folder and run the command again."
        ) from None
    except ValueError as error:
        raise DataError(f"{path} is no manifest ({error}).\n  Remove {folder} and run the command again.") from None
    return manifest


def verify_manifest(folder: Path, repair: str) -> dict[str, Any]:
    """Check every byte below `folder` against its manifest, since DVC's checkout and a disk both deliver altered files silently.

    `repair` is the command to name in the message. Raises DataError naming the first file that differs.
    """
    if not (folder / MANIFEST).is_file():
        raise DataError(f"{folder} is missing, or was never finished.\n  Run: {repair}")
    manifest = read_manifest(folder)
    files: Mapping[str, Any] = manifest.get("files", {})
    if manifest.get("content_sha256") != sha256_bytes(canonical_json(files)):
        raise DataError(f"{folder / MANIFEST} was edited: its list of files does not match its own hash.\n  Run: {repair}")
    for name, expected in files.items():
        path = folder / name
        if not path.is_file():
            raise DataError(f"{path} is missing; {MANIFEST} lists it.\n  Run: {repair}")
        name = "xxh3_128" if "xxh3_128" in expected else "sha256"
        found = _HASHES[name](path)
        if found != expected[name]:
            raise DataError(f"{path} was altered: expected {name} {expected[name][:12]}..., found {found[:12]}...\n  Run: {repair}")
    return manifest


@contextmanager
def in_use(folder: Path) -> Iterator[None]:
    """While the block lasts nobody removes `folder`, which need not be there yet; any number may use it at once."""
    handle = _shared(folder)
    try:
        yield
    finally:
        os.close(handle)


def use_to_the_end(folder: Path) -> None:
    """The same until this process ends."""
    if folder not in _used:
        _used[folder] = _shared(folder)


_used: dict[Path, int] = {}


def _shared(folder: Path) -> int:
    folder.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder.with_name(f"{folder.name}.use"), os.O_RDWR | os.O_CREAT, 0o666)
    fcntl.flock(handle, fcntl.LOCK_SH)
    return handle


@contextmanager
def unused(names: Sequence[Path]) -> Iterator[bool]:
    """Whether nobody holds any of these `.use` and `.lock` files; if so, nobody can take one while the block lasts.

    The files stay when what they guard is removed: of two processes that wait for one, the second would wait for a file without a name.
    """
    with ExitStack() as held:
        try:
            for name in names:
                handle = os.open(name, os.O_RDWR | os.O_CREAT, 0o666)
                held.callback(os.close, handle)
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


def remove_folder(folder: Path) -> None:
    """Under a draft's name first: a kill in the middle leaves no half under a final name, and the next who writes there sweeps it away."""
    draft = folder if ".draft-" in folder.name else folder.with_name(f".{folder.name.lstrip('.')}.draft-{os.getpid()}")
    if draft != folder:
        os.rename(folder, draft)
    shutil.rmtree(draft)


@contextmanager
def lock(path: Path, waiting: Callable[[str], None] = lambda holder: None) -> Iterator[None]:
    """Hold an exclusive lock file; wait for another holder, after one call of `waiting` with the holder's words."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            stream.seek(0)
            waiting(stream.read().strip() or "another process")
            fcntl.flock(stream, fcntl.LOCK_EX)
        stream.truncate(0)
        stream.write(f"process {os.getpid()} on {os.uname().nodename}\n")
        stream.flush()
        try:
            yield
        finally:
            stream.truncate(0)


def project_path(words: str, root: Path = ROOT) -> Path:
    """The path that a config names: a relative one begins at the project (config/paths.py), `~` is the home."""
    return root / typed_path(words)


def is_folder_name(words: str) -> bool:
    """Whether init=WORDS names a folder, and not RUN, RUN/best or RUN/step_N. A folder that is called `best` is one if it holds a model."""
    _, slash, rest = words.partition("/")
    if rest == "best" and words[0] not in "~./":
        return any((place / words / "config.json").is_file() for place in (Path.cwd(), ROOT))
    return bool(slash) and not (rest.startswith("step_") and rest.removeprefix("step_").isdigit() and words[0] not in "~./")


def shown_path(path: Path) -> str:
    """A path for a message: from the current folder where it lies below, else whole. What is shown can be typed at once."""
    try:
        here = Path.cwd()
    except FileNotFoundError:
        return str(path)
    return str(path.relative_to(here)) if path != here and path.is_relative_to(here) else str(path)


def typed_path(words: str) -> Path:
    """A path as a person types it: `~` and `~name` are homes. Raises ConfigError where there is none of that name, or none at all."""
    try:
        return Path(words).expanduser()
    except RuntimeError:
        raise ConfigError(f"{words}: there is no home folder of that name.\n  Write the whole path.") from None
