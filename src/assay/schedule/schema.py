"""Schemas of conf/schedule/*.yaml."""

from dataclasses import dataclass
from typing import Literal

from assay.config.fields import setting


@dataclass(frozen=True, kw_only=True)
class ScheduleSchema:
    """Learning rate over steps: a linear warm-up to the peak, then the named shape down to final_fraction of it."""

    _target_: str = "assay.schedule.shapes.Schedule"
    name: str | None = setting(None, pattern=r"[a-z0-9][a-z0-9_]{0,63}")
    shape: Literal["cosine", "linear", "constant", "wsd"] = setting(help="wsd: at the peak until decay_fraction is left (Hu et al. 2024)")
    warmup_steps: int | Literal["auto"] = setting("auto", at_least=0, at_most=10_000_000, help="auto: a twentieth of the budget")
    decay_fraction: float = setting(0.2, above=0, at_most=1, help="of the run, at its end, in which wsd falls")
    final_fraction: float = setting(0.1, at_least=0, at_most=1, help="of the peak, which the last step has; constant ignores it")
