"""A checked config -> the object it describes."""

from importlib import import_module
from inspect import isclass
from typing import Any, cast

from assay.config.schema import GROUPS
from assay.errors import ConfigError


def build(config: Any, group: str, **runtime: Any) -> Any:
    """Construct the class the group's config names: `cls(config, **runtime)`.

    Refuses whatever is not on the group's list (config/schema.py) and whatever the name leads to that is not a class of the
    group's own package: `assay.model.gpt.os.system` begins like a class of ours.
    """
    target = str(getattr(config, "_target_", ""))
    listed = {str(getattr(schema, "_target_", "")) for schema in GROUPS.get(group, ()) if isinstance(config, schema)} - {""}
    home = "assay.data." if group == "cleaning" else f"assay.{group}."
    if target not in listed or not target.startswith(home):
        raise ConfigError(f"{group}._target_ is {target!r}; {group} may only build {', '.join(sorted(listed)) or 'nothing'}")
    module, _, name = target.rpartition(".")
    found = getattr(import_module(module), name, None)
    if not isclass(found) or not f"{found.__module__}.".startswith(home):
        raise ConfigError(f"{group}._target_ {target!r} is not a class defined under {home}*")
    return cast(Any, found)(config, **runtime)
