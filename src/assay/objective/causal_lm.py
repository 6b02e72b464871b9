"""Predict each token from those before it.

B sequences in a micro-batch, T tokens, V vocabulary.
"""

import math
from collections.abc import Callable
from typing import Any

import pytorch_lightning as pl
import torch
from torch import Tensor
from torch.nn import functional as F

from assay.errors import NumericError
from assay.model.language_model import CountingModel, LanguageModel
from assay.objective.schema import CausalLMSchema


class CausalLM(pl.LightningModule):
    """Cross-entropy of the next token, in nats, mean over all tokens of the micro-batch.

    A counting model is shown each batch after it was scored on it. What the last step did is left in `microbatch_losses`,
    `gradient_norm`, `learning_rate` and `skipped`.
    """

    def __init__(
        self,
        config: CausalLMSchema,
        model: LanguageModel,
        make_optimizer: Callable[[LanguageModel], torch.optim.Optimizer],
        factor: Callable[[int], float],
        first_step: int,
        clip_norm: float | None,
        skip_norm: float | None,
        compiled: bool,
    ) -> None:
        """`factor(step)`: of the learning rate. `first_step`: done before; the optimizer then comes with the state it had.
        `compiled`: for training only; scoring and generation have other shapes at each turn.
        """
        super().__init__()
        self.config = config
        self.model = model
        self.make_optimizer = make_optimizer
        self.factor = factor
        self.first_step = first_step
        self.clip_norm = clip_norm
        self.skip_norm = skip_norm
        self.automatic_optimization = not isinstance(model, CountingModel)
        self.microbatch_losses: list[Tensor] = []
        self.gradient_norm: float | None = None
        self.skipped = False
        self.learning_rate: float | None = None
        self._predict: Callable[[Tensor], Tensor] = torch.compile(model.forward) if compiled else model.__call__

    def training_step(self, batch: Tensor, batch_index: int) -> Tensor | None:
        """batch (B, T + 1) -> mean loss."""
        if isinstance(self.model, CountingModel):
            self.microbatch_losses.append(self.model.token_nats(batch).mean().float())
            self.model.observe(batch)
            return None
        logits = self._predict(batch[:, :-1])
        loss = F.cross_entropy(logits.flatten(0, 1).float(), batch[:, 1:].flatten())
        self.microbatch_losses.append(loss.detach())
        return loss

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
