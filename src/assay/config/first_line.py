"""The first line of a training, before libraries are loaded and data is looked at, which takes seconds."""

from typing import Any

DEVICES = {"auto": "on a GPU if there is one, else the CPU", "cpu": "on the CPU", "gpu": "on the GPU"}


def first_line(config: Any) -> str | None:
    """Name the model, the data and the device of a training; None for a command that trains nothing."""
    if getattr(config, "trainer", None) is None or config.dry_run:
        return None
    chosen = ", ".join(f"{group} {getattr(config, group).name}" for group in ("model", "data", "cleaning", "tokenizer"))
    return f"{chosen}, {DEVICES[config.trainer.accelerator]}; loading libraries and looking at the data"
