"""`source.path=IN output=OUT`: the cleaning pipeline alone, for a corpus that is none of this project's."""

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from assay.data.collect import collect
from assay.data.places import clean_folder
from assay.data.schema import SourceSchema
from assay.errors import ConfigError, DataError

if TYPE_CHECKING:
    from assay.config.schema import CleanCommand


def from_outside(config: "CleanCommand") -> "CleanCommand":
    """The config with the named folder as its only source, copied into data/local/ so that it can't change while it is read."""
    if config.source.path is None:
        return config
    path = Path(config.source.path).expanduser().resolve()
    if not path.exists():
        raise DataError(f"source.path={config.source.path}: there is no such file or folder.")
    first = config.data.sources[0]
    source = SourceSchema(folder=str(path), format=first.format if first.folder else "auto", text_fields=first.text_fields)
    name = "outside_" + (re.sub(r"[^a-z0-9]+", "_", path.name.lower()).strip("_") or "corpus")
    data = replace(config.data, name=name[:64], licence="not stated", sources=[source])
    collect(data)
    return replace(config, data=data)


def target_folder(config: "CleanCommand") -> Path:
    """Raises ConfigError where the output would replace something that no cleaning wrote."""
    if config.output is None:
        return clean_folder(config.data)
    target = Path(config.output).expanduser().resolve()
    if target.exists() and not target.is_dir():
        raise ConfigError(f"output={config.output} is a file.\n  Name a folder that does not exist yet.")
    if target.is_dir() and any(target.iterdir()) and not (target / "card.json").is_file():
        raise ConfigError(f"output={config.output} holds other things, which would be replaced.\n  Name a folder that does not exist yet.")
    return target
