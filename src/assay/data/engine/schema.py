"""Schemas of conf/engine/*.yaml: who does the units of work that cleaning and encoding are cut into."""

from dataclasses import dataclass
from typing import Literal

from assay.config.fields import setting


@dataclass(frozen=True, kw_only=True)
class EngineSchema:
    """An engine. Never changes a byte; how many units are done at once is `data.workers`."""

    kind: Literal["local", "ray"] = setting("local", help="local: processes of this machine; ray: tasks of Ray (extra [ray])")
    address: str | None = setting(
        None,
        pattern=r"auto|(ray://)?([A-Za-z0-9._-]+|\[[0-9a-fA-F:.]+\]):[0-9]{1,5}",
        help="a Ray cluster: HOST:PORT, ray://HOST:PORT, or auto; null: a session of our own, on this machine",
    )
