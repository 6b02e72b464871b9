"""Fingerprints of data stages, one hash of all that the output depends on: `is it current?` is `compute and compare`."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from assay.closure import closure_sha256
from assay.errors import MachineError
from assay.files import canonical_json, sha256_bytes

Inputs = dict[str, Any]


_known_code: dict[str, str] | None = None
"""Module -> hash of what it imports, within code_read_once."""


@contextmanager
def code_read_once() -> Iterator[None]:
    """Within it the code of a module is looked at once: for a command that asks for hundreds of fingerprints, at 20 ms each."""
    global _known_code
    before, _known_code = _known_code, {} if _known_code is None else _known_code
    try:
        yield
    finally:
        _known_code = before


def _code(module: str) -> str:
    if _known_code is None:
        return closure_sha256([module])
    if module not in _known_code:
        _known_code[module] = closure_sha256([module])
    return _known_code[module]


def stage_inputs(stage: str, module: str, config: dict[str, Any], upstream: Any, **libraries: str) -> Inputs:
    """Everything that can change a stage's bytes. `upstream` holds content hashes; `module` brings the code it imports."""
    return {"stage": stage, "config": config, "upstream": upstream, "code": _code(module), "libraries": libraries}


def fingerprint(inputs: Inputs) -> str:
    return sha256_bytes(canonical_json(inputs))


def files_sha256(manifest: dict[str, Any], suffix: str | tuple[str, ...]) -> str:
    """Hash the files that a later stage reads. Cards and samples beside them may change without making its work stale."""
    return sha256_bytes(canonical_json({name: facts["sha256"] for name, facts in manifest["files"].items() if name.endswith(suffix)}))


def what_changed(old: Inputs, new: Inputs) -> str:
    """The parts of two inputs that differ, for a message: `config, code`."""
    names = {"config": "the config", "upstream": "the data it is made from", "code": "the code", "libraries": "a library"}
    return ", ".join(words for key, words in names.items() if old.get(key) != new.get(key)) or "nothing"


def settings(group: Any) -> dict[str, Any]:
    """The fields of a group's config that shape bytes: all but its name."""
    return {key: value for key, value in asdict(group).items() if key != "name"}


def library(name: str) -> str:
    """Return the version of an installed package. Raises MachineError where it is not installed."""
    try:
        return version(name)
    except PackageNotFoundError:
        raise MachineError(f"this needs the package {name}, which is not installed.\n  Run: pip install {name}") from None
