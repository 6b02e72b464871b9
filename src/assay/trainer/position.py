"""Where a training stands between two optimizer steps."""

import hashlib
import struct
from dataclasses import asdict, dataclass
from typing import Any


@dataclass
class Position:
    """With weights and optimizer state, all that a run needs to go on: the data order and every random draw are computed from the step.

    `evaluated`: the evaluation due at this step, if one was, is done and counted in the best.
    """

    steps: int = 0
    training_seconds: float = 0.0
    skipped_steps: int = 0
    best_loss: float | None = None
    best_step: int = 0
    evaluations_since_best: int = 0
    evaluated: bool = True
    losses_sha256: str = hashlib.sha256(b"").hexdigest()
    """Chained over each step's float32 training loss: h_n = sha256(h_{n-1} + loss_n), h_0 = sha256 of nothing."""

    def advance(self, loss: float, seconds: float, skipped: bool = False) -> None:
        self.steps += 1
        self.skipped_steps += skipped
        self.training_seconds += seconds
        self.losses_sha256 = hashlib.sha256(bytes.fromhex(self.losses_sha256) + struct.pack("<f", loss)).hexdigest()

    def score(self, loss: float) -> None:
        """Take in an evaluation's loss."""
        self.evaluated = True
        if self.best_loss is None or loss < self.best_loss:
            self.best_loss, self.best_step, self.evaluations_since_best = loss, self.steps, 0
        else:
            self.evaluations_since_best += 1

    def to_json(self) -> dict[str, Any]:
        return asdict(self)
