"""Lion (Chen et al. 2023, algorithm 2)."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from assay.optimizer.groups import decay_groups
from assay.optimizer.schema import LionSchema


class Lion(torch.optim.Optimizer):
    """Each weight moves by the learning rate, in the direction of the sign of an average of gradients; one moment is kept instead of two."""

    def __init__(self, config: LionSchema, model: nn.Module) -> None:
        super().__init__(decay_groups(model, config.weight_decay), {"lr": config.learning_rate, "betas": (config.beta1, config.beta2)})

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            moving = [weights for weights in group["params"] if weights.grad is not None]
            if moving:
                self._move(moving, group["lr"], group["betas"], group["weight_decay"])
        return loss

    def _move(self, weights: list[Tensor], rate: float, betas: tuple[float, float], decay: float) -> None:
        gradients = [each.grad for each in weights if each.grad is not None]
        for each in weights:
            if not self.state[each]:
                self.state[each]["momentum"] = torch.zeros_like(each)
        moments = [self.state[each]["momentum"] for each in weights]
        directions = torch._foreach_lerp(moments, gradients, 1 - betas[0])  # c = beta1 m + (1 - beta1) g
        torch._foreach_sign_(directions)
        torch._foreach_mul_(weights, 1 - rate * decay)
        torch._foreach_add_(weights, directions, alpha=-rate)
        torch._foreach_lerp_(moments, gradients, 1 - betas[1])
