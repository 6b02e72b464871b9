"""Frees what data/cache keeps for recipes and code of the past, and the copies of folders that were cleaned by source.path.

What stays: all that conf/ can ask for with the code as it is, what the manifest of a cleaned corpus names, and whatever a process uses.
What goes is made again by the command that asks for it.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assay.data.clean_inputs import clean_inputs
from assay.data.encode import tokens_inputs
from assay.data.encoded import encoded_folder
from assay.data.fingerprint import Inputs, code_read_once, fingerprint
from assay.data.measured import measured_folder
from assay.data.places import OUTSIDE, clean_folder, corpus_name, outside_guard, snapshot_folder, tokenizer_folder, tokens_folder
from assay.data.recipe import measured_homes
from assay.data.sources import snapshot_facts
from assay.errors import AssayError, DataError, MachineError
from assay.files import ROOT, is_running, read_manifest, remove_folder, unused
from assay.tokenizer.stage import tokenizer_inputs
from assay.tokenizer.tokenizer import TOKENIZER_FILE

if TYPE_CHECKING:
    from assay.config.schema import TokenizerConfig

STAGES = ("measured", "clean", "tokenizer", "tokens", "encoded")
NAME_CHARACTERS = 16
"""Characters of a fingerprint in the name of a folder; those of a store's layers begin with the store's."""


@dataclass(frozen=True)
class Entry:
    """A folder of data/cache/<stage>/. `final`: under which name it is, or was to be, found."""

    path: Path
    final: Path
    what: str
    size_bytes: int


def prune(configs: "Iterable[TokenizerConfig]", remove: bool, root: Path = ROOT, say: Callable[[str], None] = print) -> int:
    """List what nothing refers to, and remove it if told so. Returns the bytes that went, or would. Raises MachineError for what can't go."""
    cache = root / "data" / "cache"
    copies = [entry for entry in _entries(root / "data" / "local") if entry.final.name.startswith(OUTSIDE)]
    entries = [*(entry for stage in STAGES for entry in _entries(cache / stage)), *copies]
    needed = _needed(configs, root)
    free_bytes, failed = 0, []
    for entry in sorted((entry for entry in entries if not _stays(entry, needed)), key=lambda entry: (-entry.size_bytes, str(entry.path))):
        place = entry.path.relative_to(root)
        try:
            gone = _removed(entry, remove, root)
        except OSError as error:
            failed.append(f"{place}: {error.strerror}")
            continue
        free_bytes += entry.size_bytes if gone else 0
        say(f"{_size(entry.size_bytes)}  {place}  {entry.what}{'' if gone else '; a process uses it, so it stays'}")
    say(_summary(remove, free_bytes, sum(entry.size_bytes for entry in entries)))
    if failed:
        raise MachineError("these could not be removed:\n  " + "\n  ".join(failed))
    return free_bytes


def _entries(folder: Path) -> Iterator[Entry]:
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        if not path.is_dir() or path.is_symlink():
            continue
        name, _, kind = path.name.removeprefix(".").partition(".") if path.name.startswith(".") else (path.name, "", "")
        yield Entry(path, folder / name, _what(path, name, kind), _size_bytes(path))


def _what(path: Path, name: str, kind: str) -> str:
    """In words, for the person who is to decide."""
    if name.startswith(OUTSIDE):
        return "copy of a folder that was cleaned by source.path"
    if kind == "growing":
        return "what a command had finished when it was stopped"
    if kind:
        return f"left over by process {kind.rpartition('-')[2]}"
    layer = name[NAME_CHARACTERS + 1 :].rpartition("-")[0]
    if layer:
        return f"{layer.rpartition('-')[2]} of the documents in {name[:NAME_CHARACTERS]}"
    facts = _manifest(path)
    if path.parent.name == "measured":
        return f"documents of {facts.get('source', 'a source')}, as another recipe or other code read them"
    if path.parent.name == "encoded":
        return f"tokens of the texts of {facts.get('corpus', 'a corpus')}, by a tokenizer or code of the past"
    return f"{path.parent.name} of {facts.get('corpus', 'a corpus')}, for another config or other code"


def _stays(entry: Entry, needed: set[Path]) -> bool:
    """A draft belongs to its process; what was stopped goes on where its result is still asked for."""
    kind = entry.path.name.removeprefix(f".{entry.final.name}.")
    if kind.startswith(("draft-", "old-")):
        process = kind.rpartition("-")[2]
        return process.isdigit() and is_running(int(process))
    return entry.final in needed


def _removed(entry: Entry, remove: bool, root: Path) -> bool:
    """False where a process makes it, or uses it or the store that it belongs to."""
    store, lock = entry.final.with_name(entry.final.name[:NAME_CHARACTERS]), entry.final.with_name(f"{entry.final.name}.lock")
    if entry.final.name.startswith(OUTSIDE):
        store, lock = outside_guard(entry.final.name, root), root / "data" / "cache" / f"collect-{entry.final.name}.lock"
        store.parent.mkdir(parents=True, exist_ok=True)
    guards = [store.with_name(f"{store.name}.use"), lock]
    with unused([guard for guard in guards if remove or guard.exists()]) as free:
        if free and remove:
            remove_folder(entry.path)
    return free


def _needed(configs: "Iterable[TokenizerConfig]", root: Path) -> set[Path]:
    recipes: dict[str, list[TokenizerConfig]] = {}
    for config in configs:
        recipes.setdefault(f"{config.data} {config.cleaning}", []).append(config)
    found: set[Path] = set()
    with code_read_once():
        for same in recipes.values():
            for folders in (_homes(same[0], root), _stage_folders(same, root)):
                with suppress(
                    AssayError, PackageNotFoundError
                ):  # not collected, or against a corpus that is not there: nothing of it is stored
                    found.update(folders)
    cache = root / "data" / "cache"
    for folder in [*(root / "data" / "clean").glob("*/"), *(path for path in found if path.parent == cache / "clean")]:
        found |= {cache / "measured" / str(name) for name in _manifest(folder).get("stores", [])}
    return found


def _homes(config: "TokenizerConfig", root: Path) -> Iterator[Path]:
    data = config.data
    facts = snapshot_facts(data, snapshot_folder(data, root))
    stores = [measured_folder(data, config.cleaning, number, facts[number], root) for number in range(len(data.sources))]
    yield from stores
    yield from measured_homes(config.cleaning, data.language, stores, 1, root, None).all()


def _stage_folders(configs: "list[TokenizerConfig]", root: Path) -> Iterator[Path]:
    """Yield, for one corpus by one recipe with some tokenizers, the folders of data/cache/, as `prepare` looks for them, as far as what each is made
    from is there."""
    cleaned, made = _folder("clean", clean_inputs(configs[0], root), clean_folder(configs[0].data, root), root)
    yield cleaned
    for config in configs if made is not None else []:
        assert made is not None
        name = str(config.tokenizer.name)
        learned, vocabulary = _folder("tokenizer", tokenizer_inputs(config, made), tokenizer_folder(config.data, name, root), root)
        yield learned
        if vocabulary is not None:
            yield _folder("tokens", tokens_inputs(config, made, vocabulary), tokens_folder(config.data, name, root), root)[0]
            yield encoded_folder(corpus_name(config.data), vocabulary["files"][TOKENIZER_FILE]["sha256"], root)


def _folder(stage: str, inputs: Inputs, home: Path, root: Path) -> tuple[Path, dict[str, Any] | None]:
    """Where the cache has it, and its manifest, there or in the pipeline."""
    wanted = fingerprint(inputs)
    cached = root / "data" / "cache" / stage / wanted[:NAME_CHARACTERS]
    current = (manifest for folder in (home, cached) if (manifest := _manifest(folder)).get("fingerprint") == wanted)
    return cached, next(current, None)


def _manifest(folder: Path) -> dict[str, Any]:
    with suppress(DataError, OSError):
        return read_manifest(folder)
    return {}


def _size_bytes(folder: Path) -> int:
    return sum(entry.stat().st_size for entry in _files(folder))


def _files(folder: Path) -> Iterator["os.DirEntry[str]"]:
    with suppress(FileNotFoundError), os.scandir(folder) as found:  # a process may put its draft in place meanwhile
        for entry in found:
            if entry.is_dir(follow_symlinks=False):
                yield from _files(Path(entry.path))
            elif entry.is_file(follow_symlinks=False):
                yield entry


def _size(size_bytes: int) -> str:
    return f"{size_bytes / 1e6:10,.1f} MB"


def _summary(remove: bool, free_bytes: int, all_bytes: int) -> str:
    if not free_bytes:
        return f"nothing to remove: all of the {all_bytes / 1e6:,.1f} MB in data/cache and of copies is asked for by conf/ or a cleaned corpus, or in use"
    done = "removed" if remove else "could go:"
    more = "" if remove else "   Nothing was removed; to remove it: python src/prune.py remove"
    return f"{done} {free_bytes / 1e6:,.1f} of {all_bytes / 1e6:,.1f} MB in data/cache and of copies; it is made again where it is asked for.{more}"
