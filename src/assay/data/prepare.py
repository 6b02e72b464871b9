"""Finds the data that a config asks for, or makes it: the pipeline's outputs where they are current, else a cache by fingerprint."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

from assay.data.clean_inputs import clean_inputs
from assay.data.collect import collect
from assay.data.encode import HEADER_FILE, encode, tokens_inputs
from assay.data.fingerprint import Inputs, fingerprint, what_changed
from assay.data.places import clean_folder, snapshot_folder, tokenizer_folder, tokens_folder
from assay.data.pool import kept_processes
from assay.data.recipe_change import recipe_note
from assay.data.snapshot import DataMissingError, Mode, Say, check_snapshot
from assay.data.sources import own_file_hashes, snapshot_facts
from assay.data.verified import verify_once
from assay.errors import DataError
from assay.files import MANIFEST, ROOT, canonical_json, lock, read_manifest, sha256_bytes, use_to_the_end
from assay.tokenizer.stage import learn_tokenizer, tokenizer_inputs
from assay.tokenizer.tokenizer import TOKENIZER_FILE

if TYPE_CHECKING:
    from assay.config.schema import CleanConfig, TokenizerConfig

Manifest = dict[str, Any]


@dataclass(frozen=True)
class Prepared:
    """Where the data of a run lies, and what it is: `raw` names and hashes the sources, `own_files` those files of them that no download
    pins, `manifests` are clean, tokenizer, tokens."""

    raw: list[dict[str, str | int]]
    own_files: dict[str, str]
    clean_folder: Path
    tokenizer_folder: Path
    tokens_folder: Path
    manifests: dict[str, Manifest]

    def versions(self) -> dict[str, str]:
        """Hashes of content, not of how it was made: equal data have equal versions whatever code wrote them."""
        return {
            "raw": sha256_bytes(canonical_json(self.raw)),
            "clean": self.manifests["clean"]["content_sha256"],
            "tokenizer": self.manifests["tokenizer"]["files"][TOKENIZER_FILE]["sha256"],
            "tokens": self.manifests["tokens"]["content_sha256"],
        }

    def split_sizes(self) -> dict[str, dict[str, Any]]:
        """Per split: documents, tokens, text_tokens (without ends of documents), utf8_bytes, sha256."""
        sizes: dict[str, dict[str, Any]] = self._header()["splits"]
        return sizes

    def vocab_size(self) -> int:
        return int(self._header()["vocab_size"])

    def refuse_another(self) -> None:
        """Once all is open: raise DataError where a stage has put another version in place since, as `dvc repro` does beside a run that starts."""
        for name, folder in (("tokenizer", self.tokenizer_folder), ("tokens", self.tokens_folder)):
            manifest = _manifest(folder)
            if manifest is None or manifest.get("content_sha256") != self.manifests[name]["content_sha256"]:
                raise DataError(f"{folder} was made anew while this command began.\n  Type the same command again.")

    def _header(self) -> dict[str, Any]:
        header: dict[str, Any] = json.loads((self.tokens_folder / HEADER_FILE).read_bytes())
        return header


@dataclass(frozen=True)
class _Stage:
    name: str
    home: Path
    inputs: Inputs
    make: Callable[[Path], Manifest]
    command: str


def prepare(config: "TokenizerConfig", mode: Mode = "auto", root: Path = ROOT, say: Say = print) -> Prepared:
    """Folders whose fingerprints are those of this config and this code. Their tokenizer and tokens are verified byte by byte.

    `never`: raises DataMissingError naming the command that makes what is missing. Two processes at once wait for each other, and one
    makes it. Raises DataError for altered bytes.
    """
    with kept_processes(config.engine, root / "data" / "cache"):
        return _prepare(config, mode, root, say)


def _prepare(config: "TokenizerConfig", mode: Mode, root: Path, say: Say) -> Prepared:
    data, tokenizer = config.data, str(config.tokenizer.name)
    words = f"data={data.name} tokenizer={tokenizer}"
    clean_at, clean_manifest = prepare_clean(config, mode, root, say)
    learned = _Stage(
        "tokenizer",
        tokenizer_folder(data, tokenizer, root),
        tokenizer_inputs(config, clean_manifest),
        lambda target: learn_tokenizer(config, clean_at, target, say),
        f"learn_tokenizer.py {words}",
    )
    tokenizer_at, tokenizer_manifest = _current(learned, mode, root, say)
    encoded = _Stage(
        "tokens",
        tokens_folder(data, tokenizer, root),
        tokens_inputs(config, clean_manifest, tokenizer_manifest),
        lambda target: encode(config, clean_at, tokenizer_at, target, root, say),
        f"encode.py {words}",
    )
    tokens_at, tokens_manifest = _current(encoded, mode, root, say)
    for stage, folder in ((learned, tokenizer_at), (encoded, tokens_at)):
        verify_once(folder, _repair(stage, folder), root / "data" / "cache" / "verified")
    manifests = {"clean": clean_manifest, "tokenizer": tokenizer_manifest, "tokens": tokens_manifest}
    raw = snapshot_folder(data, root)
    prepared = Prepared(snapshot_facts(data, raw), own_file_hashes(data, raw), clean_at, tokenizer_at, tokens_at, manifests)
    _refuse_foreign_tokens(prepared, encoded)
    return prepared


def _refuse_foreign_tokens(prepared: Prepared, encoded: _Stage) -> None:
    """Tokens of another tokenizer would train without an error, on noise."""
    own, theirs = prepared.versions()["tokenizer"], prepared._header()["tokenizer_sha256"]
    if own != theirs:
        raise DataError(
            f"{prepared.tokens_folder} was encoded with another tokenizer: sha256 {theirs[:12]}..., here {own[:12]}...\n"
            f"  Run: {_repair(encoded, prepared.tokens_folder)}"
        )


def _repair(stage: _Stage, folder: Path) -> str:
    return f"python src/{stage.command}" if folder == stage.home else f"rm -r {quote(str(folder))}   and this command again"


def prepare_clean(config: "CleanConfig", mode: Mode = "auto", root: Path = ROOT, say: Say = print) -> tuple[Path, Manifest]:
    """The folder of the cleaned documents, and its manifest. Raises as `prepare` does."""
    data = config.data
    check_snapshot(data, mode, root, say)
    cleaned = _Stage(
        "clean",
        clean_folder(data, root),
        clean_inputs(config, root),
        partial(_collect_and_clean, config, root, say),
        f"clean.py data={data.name}",
    )
    note = recipe_note(config, clean_folder(data, root), root)
    if note and mode == "auto":
        say(note)
    return _current(cleaned, mode, root, say)


def current(config: "TokenizerConfig", root: Path = ROOT) -> Prepared | None:
    """Return what `prepare` would find without making anything, or None. Raises DataError for altered bytes."""
    try:
        return prepare(config, "never", root)
    except DataMissingError:
        return None


def _collect_and_clean(config: "CleanConfig", root: Path, say: Say, target: Path) -> Manifest:
    from assay.data.clean import clean  # loads compiled kernels, which finished data does not need

    collect(config.data, root, say)
    return clean(config, target, root, say)


def _current(stage: _Stage, mode: Mode, root: Path, say: Say) -> tuple[Path, Manifest]:
    """The stage's folder in the pipeline if it is current, else in the cache; made there first if need be."""
    wanted = fingerprint(stage.inputs)
    cached = root / "data" / "cache" / stage.name / wanted[:16]
    for folder in (stage.home, cached):
        if folder == cached and cached.is_dir():
            use_to_the_end(cached)
        manifest = _manifest(folder)
        if manifest is not None and manifest.get("fingerprint") == wanted:
            return folder, manifest
    why = _why(stage, root)
    if mode == "never":
        raise DataMissingError(
            f"{stage.name} of this config {why}, and prepare=never.\n  Run: make data && dvc repro   (or: python src/{stage.command})"
        )
    use_to_the_end(cached)
    with lock(cached.with_suffix(".lock"), lambda holder: say(f"preparing data: waiting for {holder}, which makes {stage.name}")):
        manifest = _manifest(cached)
        if manifest is None or manifest.get("fingerprint") != wanted:
            say(f"preparing data: {stage.name} {why}; making it in {cached.relative_to(root)}")
            manifest = stage.make(cached)
    return cached, manifest


def _manifest(folder: Path) -> Manifest | None:
    if not (folder / MANIFEST).is_file():
        return None
    try:
        return read_manifest(folder)
    except DataError:
        return None  # cut short by a full disk or an edit: as good as missing


def _why(stage: _Stage, root: Path) -> str:
    manifest = _manifest(stage.home)
    home = stage.home.relative_to(root)
    if manifest is None:
        return f"is missing ({home})"
    return f"is stale ({home} was made before a change of {what_changed(manifest.get('made_from', {}), stage.inputs)})"
