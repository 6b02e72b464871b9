"""Base class of objectives: the step of the optimizer, its guards, and what the last step did.

B sequences in a micro-batch, T tokens.
"""

import math
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pytorch_lightning as pl
import torch
from numpy.typing import NDArray
from torch import Tensor

from assay.errors import NumericError
from assay.evaluation.schema import EvaluationSchema
from assay.evaluation.split import Score, SplitText
from assay.model.language_model import CountingModel, LanguageModel, WordModel
from assay.tokenizer.tokenizer import Tokenizer


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """The tokenizer's ids, as an objective needs them; its own come after `size`."""

    size: int
    end_of_document: int
    begins_word: NDArray[np.bool_]
    """(size,): whether a token can be the first of a word."""
    token_bytes: Sequence[bytes] = ()
    """The bytes that each token adds to a text; empty where nobody asks."""
    own_mask: int | None = None
    """The tokenizer's id for a hidden token, if it has one."""

    @property
    def mask(self) -> int:
        """The id for a hidden token."""
        return self.size if self.own_mask is None else self.own_mask

    @classmethod
    def of(cls, tokenizer: Tokenizer) -> "Vocabulary":
        spellings = tokenizer.token_bytes
        begins = np.array([_begins_word(each) for each in spellings])
        return cls(tokenizer.vocab_size, tokenizer.end_of_document, begins, spellings, tokenizer.mask)


def _begins_word(spelling: bytes) -> bool:
    """A blank before, or no letter at all: marks and line ends are words of their own."""
    return spelling[:1] in (b" ", b"\n", b"\t") or not any(byte >= 0x80 or chr(byte).isalnum() for byte in spelling)


@dataclass(frozen=True, eq=False)
class SummedLoss:
    """The loss of a micro-batch as a sum, so that a step's mean does not depend on how its sequences are split into micro-batches."""

    loss_sum: Tensor
    """Scalar, float32, in nats."""
    count: float
    """Number of predictions that are summed, or the sum of their weights; 0 where the micro-batch has none."""

    @property
    def mean(self) -> Tensor:
        return self.loss_sum / (self.count or 1)


class Objective(pl.LightningModule):
    """A subclass says what is predicted (`loss`), how well a split is (`score`), and what that looks like (`samples`).

    A step minimises the sum of its micro-batches' losses over the sum of their counts. What the last step did is left in
    `microbatch_losses`, `microbatch_flops`, `gradient_norm`, `learning_rate` and `skipped`.
    """

    def __init__(
        self,
        config: Any,
        model: LanguageModel,
        vocabulary: Vocabulary,
        make_optimizer: Callable[[LanguageModel], torch.optim.Optimizer],
        factor: Callable[[int], float],
        first_step: int,
        clip_norm: float | None,
        skip_norm: float | None,
        compiled: bool,
        rate: Callable[[], float] | None = None,
    ) -> None:
        """`factor(step)`: of the learning rate. `first_step`: done before; the optimizer then comes with the state it had.
        `rate()`: the learning rate of the step under way, for an objective that makes its updates itself.
        `compiled`: for training only; scoring and generation have other shapes at each turn.
        """
        super().__init__()
        self.config = config
        self.model = model
        self.vocabulary = vocabulary
        self.make_optimizer = make_optimizer
        self.factor = factor
        self.first_step = first_step
        self.clip_norm = clip_norm
        self.skip_norm = skip_norm
        self.compiled = compiled
        self.rate = rate
        self.automatic_optimization = not isinstance(model, CountingModel | WordModel)
        self.microbatch_losses: list[SummedLoss] = []
        self.microbatch_flops: list[float] = []
        self._flops = cache(model.flops_per_token)  # which counts the weights
        self.gradient_norm: float | None = None
        self.skipped = False
        self.learning_rate: float | None = None

    def begin(self, training: NDArray[Any]) -> None:
        """Once, before the first step or score: the tokens of the training split, for an objective that asks how often each occurs."""

    def loss(self, batch: Tensor) -> SummedLoss:
        """Windows (B, T + 1) -> their loss. Draws come from torch's generator, which is keyed by the micro-batch."""
        raise NotImplementedError

    def flops_per_token(self, context_tokens: int) -> float:
        """Floating-point operations to train on a token of the windows, as in the newest micro-batch."""
        return self._flops(context_tokens)

    def score(self, split: SplitText, autocast: Callable[[], AbstractContextManager[Any]]) -> Score:
        """Score the whole of a split; the same at every call for the same weights."""
        raise NotImplementedError

    def samples(self, tokenizer: Tokenizer, evaluation: EvaluationSchema, split: SplitText, seed: int) -> list[str]:
        """Texts for a person to look at. Training's randomness is left alone."""
        raise NotImplementedError

    def training_step(self, batch: Tensor, batch_index: int) -> Tensor | None:
        """batch (B, T + 1) -> the loss to go back from; None where nothing is left for torch to do.

        The count of the whole step is not known before its last micro-batch, so each sum is divided by the first one's count, and
        `configure_gradient_clipping` corrects the gradients. Where all counts are equal there is nothing to correct.
        """
        if isinstance(self.model, WordModel):
            self._update(batch)
            return None
        loss = self.loss(batch)
        self.microbatch_losses.append(SummedLoss(loss.loss_sum.detach(), loss.count))
        self.microbatch_flops.append(self.flops_per_token(batch.shape[1] - 1))
        return loss.loss_sum / self._first_count()

    def _first_count(self) -> float:
        return self.microbatch_losses[0].count or 1

    def step_loss(self) -> float:
        """Mean loss of the step's micro-batches so far, over all that they count. A float32 value."""
        count = sum(each.count for each in self.microbatch_losses)
        return float(torch.stack([each.loss_sum for each in self.microbatch_losses]).sum() / (count or 1))

    def _divide_by_step_count(self) -> None:
        """Turn accumulated gradients into those of the step's mean loss. Lightning has divided each micro-batch's by their number."""
        count = sum(each.count for each in self.microbatch_losses)
        factor = self._first_count() * len(self.microbatch_losses) / (count or 1)
        gradients = [parameter.grad for parameter in self.model.parameters() if parameter.grad is not None]
        if factor != 1 and gradients:
            torch._foreach_mul_(gradients, factor)

    def update(self, batch: Tensor, rate: float) -> tuple[float, float]:
        """Learn word vectors from windows (B, T + 1) in place, at a learning rate. Draws as in `loss`.

        Returns the sum of the losses before the updates, in nats, and their count (or the sum of their weights).
        """
        raise NotImplementedError

    def _update(self, batch: Tensor) -> None:
        self.learning_rate = self.rate() if self.rate else 0.0
        loss, count = self.update(batch, self.learning_rate)
        self.microbatch_losses.append(SummedLoss(torch.tensor(loss, dtype=torch.float32), count))
        if not math.isfinite(loss):
            raise NumericError(
                f"loss {loss / (count or 1)}: not finite, and nor are vectors by now. The last checkpoint is whole.\n"
                "  Often the learning rate is too high: try a tenth of optimizer.learning_rate."
            )

    def configure_gradient_clipping(self, optimizer: torch.optim.Optimizer, *args: Any, **kwargs: Any) -> None:
        """Divide by the step's count and clip by the norm over all parameters.

        Raises NumericError before the update if a number is not finite: afterwards every weight would be lost.
        """
        self._divide_by_step_count()
        self.gradient_norm = float(torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.clip_norm or math.inf))
        self.learning_rate = float(optimizer.param_groups[0]["lr"])
        loss = self.step_loss()
        if not (math.isfinite(self.gradient_norm) and math.isfinite(loss)):
            raise NumericError(
                f"step {self.first_step + self.global_step + 1}: loss {loss}, gradient norm {self.gradient_norm}: not finite. Stopped before the update.\n"
                "  Often the learning rate is too high: try a tenth of optimizer.learning_rate, or more schedule.warmup_steps."
            )
        self.skipped = self.skip_norm is not None and self.gradient_norm > self.skip_norm
        if self.skipped:
            optimizer.zero_grad()  # to None, which leaves an optimizer's moments and step counts alone too; zeros would not

    def configure_optimizers(self) -> Any:
        if not self.automatic_optimization:
            return None
        optimizer = self.make_optimizer(self.model)
        scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, self.factor, last_epoch=self.first_step - 1)
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": scheduler, "interval": "step"}}
