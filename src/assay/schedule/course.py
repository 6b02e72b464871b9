"""The parts of a run on which its learning rate depends, and how they change when the run is resumed under another budget."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

WARMUP_FRACTION = 0.05
"""Share of the budget that warm-up takes where `schedule.warmup_steps` is auto."""
FIRST_CLOCKED_FACTOR = 0.02
"""Lowest factor of a warm-up by the clock: nothing is known of a step's time before the first one."""


@dataclass(frozen=True)
class Course:
    """A budget of `total_steps` or `total_seconds` of training, and a warm-up of `warmup_steps` or `warmup_seconds`.

    A warm-up keeps the length that it was begun with, in whichever unit. `from_*`: where the budget was last changed after the warm-up,
    and the factor of the step before; the fall begins there instead of at the end of the warm-up.
    """

    total_steps: int | None
    total_seconds: float | None
    warmup_steps: int | None
    warmup_seconds: float | None = None
    from_steps: int = 0
    from_seconds: float = 0.0
    from_factor: float | None = None

    @classmethod
    def planned(cls, total_steps: int | None, total_seconds: float | None, warmup_steps: int | None) -> Self:
        """The course of a run that begins. `warmup_steps` None: WARMUP_FRACTION of `total_seconds`."""
        seconds = total_seconds * WARMUP_FRACTION if warmup_steps is None and total_seconds is not None else None
        return cls(total_steps, total_seconds, warmup_steps, seconds)

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> Self:
        return cls(**facts)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    def share(self, step: int, end_seconds: float) -> float:
        """Return the share of the budget that is used when update number `step` (from 0) is done, after `end_seconds` of training; 1 at the last."""
        if self.total_steps is not None:
            return min(1.0, (step + 1) / self.total_steps)
        return min(1.0, end_seconds / self.total_seconds) if self.total_seconds else 0.0

    def warmup(self, step: int, end_seconds: float) -> float:
        """Factor of a linear warm-up at that update; 1 from its last one on."""
        if self.from_factor is not None:
            return 1.0
        if self.warmup_seconds is not None:
            return min(1.0, max(FIRST_CLOCKED_FACTOR, end_seconds / self.warmup_seconds))
        return min(1.0, (step + 1) / max(1, self.warmup_steps or 0))

    def start_of_fall(self, step: int, end_seconds: float) -> tuple[float, float]:
        """Share of the budget at which the rate stops to be the factor that comes second. An update after the warm-up asks."""
        if self.from_factor is not None:
            return self._share_at_change(), self.from_factor
        # In the budget's own unit this is the warm-up's share of it; in another unit, by the mean time of a step so far.
        if self.warmup_seconds is not None:
            began_seconds = end_seconds * step / (step + 1)
            passed = self.warmup_seconds / end_seconds if began_seconds > self.warmup_seconds else 1.0  # the step that ends it: the peak
        else:
            passed = max(1, self.warmup_steps or 0) / (step + 1)
        return self.share(step, end_seconds) * min(1.0, passed), 1.0

    def _share_at_change(self) -> float:
        if self.total_steps is not None:
            return self.from_steps / self.total_steps
        return self.from_seconds / self.total_seconds if self.total_seconds else 0.0

    def same_budget(self, other: Self) -> bool:
        return (self.total_steps, self.total_seconds) == (other.total_steps, other.total_seconds)
