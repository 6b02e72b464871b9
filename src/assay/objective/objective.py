"""What every objective shares: the step of the optimizer, its guards, and what the last step did.

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
    """What each adds to a text; empty where nobody asks."""
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


class Objective(pl.LightningModule):
    """A subclass says what is predicted (`loss`), how well a split is (`score`), and what that looks like (`samples`).

    What the last step did is left in `microbatch_losses`, `microbatch_flops`, `gradient_norm`, `learning_rate` and `skipped`.
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
        self.microbatch_losses: list[Tensor] = []
        self.microbatch_flops: list[float] = []
        self._flops = cache(model.flops_per_token)  # which counts the weights
        self.gradient_norm: float | None = None
        self.skipped = False
        self.learning_rate: float | None = None

    def begin(self, training: NDArray[Any]) -> None:
        """Once, before the first step or score: the tokens of the training split, for an objective that asks how often each occurs."""

    def loss(self, batch: Tensor) -> Tensor:
        """Windows (B, T + 1) -> the mean loss in nats. Draws come from torch's generator, which is keyed by the micro-batch."""
        raise NotImplementedError

    def flops_per_token(self, context_tokens: int) -> float:
        """Floating-point operations to train on a token of the windows, as in the newest micro-batch."""
        return self._flops(context_tokens)

    def score(self, split: SplitText, autocast: Callable[[], AbstractContextManager[Any]]) -> Score:
        """Of the whole of a split; the same at every call for the same weights."""
        raise NotImplementedError

    def samples(self, tokenizer: Tokenizer, evaluation: EvaluationSchema, split: SplitText, seed: int) -> list[str]:
        """Texts for a person to look at. Training's randomness is left alone."""
        raise NotImplementedError

    def training_step(self, batch: Tensor, batch_index: int) -> Tensor | None:
        """batch (B, T + 1) -> mean loss; None where nothing is left for torch to do."""
        if isinstance(self.model, WordModel):
            self._update(batch)
            return None
        loss = self.loss(batch)
        self.microbatch_losses.append(loss.detach())
        self.microbatch_flops.append(self.flops_per_token(batch.shape[1] - 1))
        return loss

    def update(self, batch: Tensor, rate: float) -> float:
        """Of word vectors: learn from windows (B, T + 1) in place, at a learning rate; the mean loss before, in nats. Draws as in `loss`."""
        raise NotImplementedError

    def _update(self, batch: Tensor) -> None:
        self.learning_rate = self.rate() if self.rate else 0.0
        loss = self.update(batch, self.learning_rate)
        self.microbatch_losses.append(torch.tensor(loss))
        if not math.isfinite(loss):
            raise NumericError(
                f"loss {loss}: not finite, and nor are vectors by now. The last checkpoint is whole.\n"
                "  Often the learning rate is too high: try a tenth of optimizer.learning_rate."
            )

    def configure_gradient_clipping(self, optimizer: torch.optim.Optimizer, *args: Any, **kwargs: Any) -> None:
        """Clip by the norm over all parameters, and stop before the update if it is not finite: afterwards every weight would be lost."""
        self.gradient_norm = float(torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.clip_norm or math.inf))
        self.learning_rate = float(optimizer.param_groups[0]["lr"])
        loss = float(torch.stack(self.microbatch_losses).mean())
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
