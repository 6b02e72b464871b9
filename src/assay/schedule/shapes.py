"""Learning rate over a run."""

import math

from assay.schedule.schema import ScheduleSchema


class Schedule:
    """The factor on the peak learning rate: a linear warm-up, then the named shape."""

    def __init__(self, config: ScheduleSchema, warmup_steps: int) -> None:
        self.config = config
        self.warmup_steps = warmup_steps

    def factor(self, step: int, progress: float, warmup_progress: float) -> float:
        """Of the update with number `step` (from 0). `progress` is the share of the run behind it, `warmup_progress` that at the end of warm-up.

        The first update is not wasted: it has 1 / warmup_steps of the peak, not 0.
        """
        if step < self.warmup_steps:
            return (step + 1) / self.warmup_steps
        if self.config.shape == "constant":
            return 1.0
        if self.config.shape == "wsd":
            return self._stable_then_down(progress)
        done = min(1.0, max(0.0, (progress - warmup_progress) / max(1e-9, 1.0 - warmup_progress)))
        fall = done if self.config.shape == "linear" else 0.5 * (1.0 - math.cos(math.pi * done))
        return 1.0 - (1.0 - self.config.final_fraction) * fall

    def _stable_then_down(self, progress: float) -> float:
        """1 - sqrt, the fall that keeps most of the loss that a whole cosine reaches (Haegele et al. 2024, section 3.2)."""
        share = self.config.decay_fraction
        done = min(1.0, max(0.0, (progress - (1.0 - share)) / share))
        return 1.0 - (1.0 - self.config.final_fraction) * math.sqrt(done)
