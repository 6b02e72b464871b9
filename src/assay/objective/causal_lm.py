"""Predict each token from those before it.

B sequences in a micro-batch, T tokens, V vocabulary.
"""

from collections.abc import Callable
from typing import Any

import pytorch_lightning as pl
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from assay.errors import NumericError
from assay.objective.schema import CausalLMSchema


class CausalLM(pl.LightningModule):
    """Cross-entropy of the next token, in nats, mean over all tokens of the micro-batch.

    A model that learns by counting (`learns_by_gradient` false) is shown each batch after it was scored on it.
    """

    def __init__(
        self,
        config: CausalLMSchema,
        model: nn.Module,
        make_optimizer: Callable[[nn.Module], torch.optim.Optimizer],
        factor: Callable[[int], float],
        clip_norm: float | None,
    ) -> None:
        super().__init__()
        self.config = config
        self.model = model
        self.make_optimizer = make_optimizer
        self.factor = factor
        self.clip_norm = clip_norm
        self.automatic_optimization = bool(model.learns_by_gradient)
        self.microbatch_losses: list[Tensor] = []
        self.gradient_norm: float | None = None

    def training_step(self, batch: Tensor, batch_index: int) -> Tensor | None:
        """batch (B, T + 1) -> mean loss."""
        if not self.automatic_optimization:
            loss = self.model.token_nats(batch).mean().float()
            self.model.observe(batch)
            self.microbatch_losses.append(loss)
            return None
        logits = self.model(batch[:, :-1])
        loss = F.cross_entropy(logits.flatten(0, 1).float(), batch[:, 1:].flatten())
        self.microbatch_losses.append(loss.detach())
        return loss

    def configure_gradient_clipping(self, optimizer: torch.optim.Optimizer, *args: Any, **kwargs: Any) -> None:
        """Clip by the norm over all parameters, and stop before the update if it is not finite: afterwards every weight would be lost."""
        norm = torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.clip_norm or float("inf"))
        self.gradient_norm = float(norm)
        loss = float(torch.stack(self.microbatch_losses).mean())
        if not (torch.isfinite(norm) and loss == loss and abs(loss) != float("inf")):
            raise NumericError(
                f"step {self.global_step + 1}: loss {loss}, gradient norm {self.gradient_norm}: not finite. Stopped before the update.\n"
                "  Often the learning rate is too high: try a tenth of optimizer.learning_rate, or more schedule.warmup_steps."
            )

    def configure_optimizers(self) -> Any:
        if not self.automatic_optimization:
            return None
        optimizer = self.make_optimizer(self.model)
        scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, self.factor)
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": scheduler, "interval": "step"}}
