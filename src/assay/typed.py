"""Paths as a person types them."""

from pathlib import Path

from assay.errors import ConfigError


def typed_path(words: str) -> Path:
    """`~` and `~name` are homes. Raises ConfigError where there is none of that name, or none at all, as in some containers."""
    try:
        return Path(words).expanduser()
    except RuntimeError:
        raise ConfigError(f"{words}: there is no home folder of that name.\n  Write the whole path.") from None
