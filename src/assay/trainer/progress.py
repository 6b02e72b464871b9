"""Progress of a training: one moving line on a terminal, plain lines elsewhere."""

import sys
import time
from collections.abc import Mapping

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from assay.output import print_to_nobody


class TrainingProgress:
    """Shows step, loss, rate, utilisation and time left."""

    def __init__(self, total_steps: int | None, print_every_steps: int) -> None:
        self.total_steps = total_steps
        self.print_every_steps = print_every_steps
        self.start_at(0)
        self.console = Console()
        self.bar: Progress | None = None
        self.task: TaskID | None = None
        if self.console.is_terminal:
            self.bar = Progress(TextColumn("{task.description}"), BarColumn(bar_width=24), TimeRemainingColumn(), console=self.console)
            self.task = self.bar.add_task("starting", total=total_steps)
            self.bar.start()

    def start_at(self, step: int) -> None:
        """A run that goes on takes its time from here."""
        self.first_step, self.started = step, time.monotonic()

    def step(self, step: int, metrics: Mapping[str, float]) -> None:
        total = f"/{self.total_steps}" if self.total_steps else ""
        rate = f"{metrics['speed/tokens_per_second']:,.0f} tokens/s"
        mfu = f"  mfu {metrics['speed/mfu']:.0%}" if "speed/mfu" in metrics else ""
        if self.bar is not None and self.task is not None:
            text = f"step {step}{total}  loss {metrics['train/loss']:.3f}  {rate}{mfu}"
            self.bar.update(self.task, completed=step, description=text)
        elif step % self.print_every_steps == 0 or step == self.total_steps:
            left = f"  left {self._left(step)}" if self.total_steps else ""
            self.say(f"step {step} of {self.total_steps or '?'}  loss {metrics['train/loss']:.4f}  {rate}{mfu}{left}")

    def _left(self, step: int) -> str:
        seconds = (time.monotonic() - self.started) / (step - self.first_step) * ((self.total_steps or step) - step)
        return f"{int(seconds // 60)}:{int(seconds % 60):02d}"

    def say(self, text: str) -> None:
        """A line of its own, above the moving one. Training goes on when nobody reads it any more, as in `train.py | head`."""
        if self.bar is not None:
            self.bar.console.print(text, highlight=False, markup=False, emoji=False, soft_wrap=True)
            return
        try:
            print(text, flush=True)
        except BrokenPipeError:
            print_to_nobody()

    def close(self) -> None:
        if self.bar is not None:
            self.bar.stop()
        sys.stdout.flush()
