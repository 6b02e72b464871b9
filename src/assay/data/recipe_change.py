"""Where the cleaned documents of data/clean/NAME were made by another recipe than a command asks for: what differs, and what to type."""

import json
from collections.abc import Iterator
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

import yaml

from assay.data.fingerprint import settings
from assay.data.own_files import origin, own_files_current, own_sources
from assay.data.places import snapshot_folder
from assay.data.snapshot import Say
from assay.data.sources import snapshot_facts
from assay.errors import DataError
from assay.files import MANIFEST, ROOT, canonical_json, read_manifest

if TYPE_CHECKING:
    from assay.config.schema import CleanConfig

MOST_SHOWN = 3
LONGEST_CHARACTERS = 60
Difference = tuple[str, Any, Any]
"""Field, its value in data/clean/NAME, its value in this command."""


def recipe_note(config: "CleanConfig", folder: Path, root: Path = ROOT) -> str | None:
    """One line where `folder` holds the text of another recipe than the config's, which the command therefore leaves alone."""
    differences = _differences(config, folder)
    if not differences:
        return None
    return (
        f"{folder.relative_to(root)} holds the text of another recipe ({_shown(differences)}); this command uses its own, in data/cache.\n"
        f"{_what_to_type(config, differences)}"
    )


def refuse_other_text(config: "CleanConfig", folder: Path, root: Path = ROOT, say: Say = print) -> None:
    """For a command that reads `folder`: raise DataError where it is of another recipe; say so where the raw text has changed since."""
    differences = _differences(config, folder)
    if differences:
        raise DataError(
            f"{folder.relative_to(root)} holds the text of another recipe than this command asks for ({_shown(differences)}).\n"
            f"{_what_to_type(config, differences)}"
        )
    if _raw_text_changed(config, folder, root):
        say(
            f"the files of {config.data.name} have changed since {folder.relative_to(root)} was made. To read them: {_clean_command(config)}"
        )


def _differences(config: "CleanConfig", folder: Path) -> list[Difference]:
    """Fields that both know: what only one version of this program has is no other recipe."""
    made_from = _made_from(folder)
    there = made_from.get("config", {}).get("cleaning", {})
    here = json.loads(canonical_json(settings(config.cleaning)))
    return list(_differing("cleaning", there, here))


def _made_from(folder: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = read_manifest(folder).get("made_from", {}) if (folder / MANIFEST).is_file() else {}
    except DataError:
        return {}
    return found


def _differing(name: str, there: Any, here: Any) -> Iterator[Difference]:
    if isinstance(there, dict) and isinstance(here, dict):
        for key in sorted(there.keys() & here.keys()):
            yield from _differing(f"{name}.{key}", there[key], here[key])
    elif there != here:
        yield name, there, here


def _raw_text_changed(config: "CleanConfig", folder: Path, root: Path) -> bool:
    data, raw = config.data, snapshot_folder(config.data, root)
    own = own_sources(data)
    if own and all(origin(source, root).exists() for source in own) and not own_files_current(data, raw, root):
        return True
    upstream = _made_from(folder).get("upstream")
    try:
        now: Any = snapshot_facts(data, raw)
    except DataError:  # no copy of them is here: the cleaned text came from elsewhere
        return False
    return isinstance(upstream, list) and upstream[: len(now)] != now


def _what_to_type(config: "CleanConfig", differences: list[Difference]) -> str:
    words = " ".join(quote(f"{name}={_word(there)}") for name, there, _ in differences)
    kept = f"  To use it: add {words}" if len(words) <= 4 * LONGEST_CHARACTERS else "  To use it: give this command the recipe that made it"
    return (
        f"{kept}, or write that under `cleaning:` in conf/data/{config.data.name}.yaml, for every command.\n"
        f"  To clean it again by the recipe of this command: {_clean_command(config)}, with this command's words for cleaning, if any"
    )


def _clean_command(config: "CleanConfig") -> str:
    return f"python src/clean.py data={config.data.name}"


def _shown(differences: list[Difference]) -> str:
    parts = [f"{name}: {_short(there)} there, {_short(here)} here" for name, there, here in differences[:MOST_SHOWN]]
    more = [f"and {len(differences) - MOST_SHOWN} more"] if len(differences) > MOST_SHOWN else []
    return "; ".join([*parts, *more])


def _short(value: Any) -> str:
    text = _word(value)
    return text if len(text) <= LONGEST_CHARACTERS else text[: LONGEST_CHARACTERS - 3] + "..."


def _word(value: Any) -> str:
    text = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=1_000_000)
    return str(text).removesuffix("...\n").strip()
