"""Learning rate over a run."""

import math
from dataclasses import replace

from assay.schedule.course import Course
from assay.schedule.schema import ScheduleSchema


class Schedule:
    r"""The factor on the peak learning rate.

    Update s (from 0) of N has used the share u = (s + 1) / N of the budget; of a budget by the clock, u is the time at the update's end,
    expected from the mean so far, over the budget. With a warm-up of W steps and f = `final_fraction`:

    - warm-up, s < W: (s + 1) / W
    - linear:   c + (f - c) d
    - cosine:   c + (f - c) (1 - cos(pi d)) / 2
    - wsd:      c + (f - c) sqrt(d), the fall that keeps most of the loss of a whole cosine (Haegele et al. 2024, section 3.2)
    - constant: 1

    d = (u - a) / (1 - a), not below 0, is 0 where the fall begins, at share a, and 1 at the last update, whose factor is f. The fall
    begins at the end of the warm-up, a = max(W, 1) / N, with c = 1; of wsd at 1 - `decay_fraction` if that is later. A run of one update,
    or of nothing but warm-up, has no fall.

    A run that is resumed under another budget keeps the warm-up that it began with. If that is over, its fall begins where it is resumed:
    c is the factor of the update before, and a the share of the new budget used by then. So the rate has no jump there.
    """

    def __init__(self, config: ScheduleSchema, course: Course) -> None:
        self.config = config
        self.course = course

    def factor(self, step: int, seconds: float = 0.0) -> float:
        """Return the factor of update number `step` (from 0), before which training took `seconds`, which budgets by the clock use."""
        return self._factor(step, seconds + (seconds / step if step else 0.0))

    def _factor(self, step: int, end_seconds: float) -> float:
        warmup = self.course.warmup(step, end_seconds)
        if warmup < 1.0:
            return warmup
        if self.config.shape == "constant":
            return 1.0
        start, highest = self.course.start_of_fall(step, end_seconds)
        if self.config.shape == "wsd":
            start = max(start, 1.0 - self.config.decay_fraction)
        used = self.course.share(step, end_seconds)
        done = (used - start) / (1.0 - start) if used > start else 0.0
        fallen = self._fallen(done)
        return (1.0 - fallen) * highest + fallen * self.config.final_fraction  # exact at both ends

    def _fallen(self, done: float) -> float:
        if self.config.shape == "linear":
            return done
        return math.sqrt(done) if self.config.shape == "wsd" else 0.5 * (1.0 - math.cos(math.pi * done))

    def resumed(self, planned: Course, steps: int, seconds: float) -> "Schedule":
        """The schedule after `steps` updates that took `seconds`, if from there on the budget is that of `planned`."""
        if self.course.same_budget(planned):
            return self
        if not steps:
            return Schedule(self.config, planned)
        course = replace(self.course, total_steps=planned.total_steps, total_seconds=planned.total_seconds)
        if self.course.warmup(steps - 1, seconds) >= 1.0:
            course = replace(course, from_steps=steps, from_seconds=seconds, from_factor=self._factor(steps - 1, seconds))
        return Schedule(self.config, course)
