"""`source.path=IN output=OUT`: the cleaning pipeline alone, for a corpus that is none of this project's."""

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from assay.data.collect import collect
from assay.data.places import OUTSIDE, clean_folder, outside_guard
from assay.data.schema import SourceSchema
from assay.errors import ConfigError, DataError
from assay.files import project_path, sha256_bytes, use_to_the_end
from assay.replacing import named_in_manifest, refuse_to_lose

if TYPE_CHECKING:
    from assay.config.schema import CleanCommand


def from_outside(config: "CleanCommand") -> "CleanCommand":
    """The config with the named folder as its only source, copied into data/local/ so that it can't change while it is read."""
    if config.source.path is None:
        return config
    path = project_path(config.source.path).resolve()
    if not path.exists():
        raise DataError(f"source.path={config.source.path}: there is no such file or folder.")
    first = config.data.sources[0]
    form = first.format if first.folder else "auto"
    source = SourceSchema(name=_word(path), folder=str(path), format=form, text_fields=first.text_fields)
    data = replace(config.data, name=_name(path), licence="not stated", sources=[source])
    use_to_the_end(outside_guard(_name(path)))  # so that prune leaves the copy alone
    collect(data)
    return replace(config, data=data)


def _name(path: Path) -> str:
    """Name the corpus and its copy: two folders of one name, cleaned at the same time, must not take each other's place."""
    return f"{OUTSIDE}{_word(path)}_{sha256_bytes(str(path).encode())[:8]}"


def _word(path: Path) -> str:
    return re.sub(r"[^a-z0-9]+", "_", path.name.lower()).strip("_")[:40] or "corpus"


def target_folder(config: "CleanCommand") -> Path:
    """Raises ConfigError where the output would replace something that no cleaning wrote."""
    if config.output is None:
        return clean_folder(config.data)
    target = project_path(config.output).resolve()
    refuse_to_lose(target, named_in_manifest(target, "train.parquet"), f"output={config.output}")
    if config.source.path is not None and target.is_relative_to(project_path(config.source.path).resolve()):
        raise ConfigError(
            f"output={config.output} is inside of the folder that is read, and would be read the next time.\n  Name one elsewhere."
        )
    return target
