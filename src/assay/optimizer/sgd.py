"""Stochastic gradient descent."""

import torch
from torch import nn

from assay.optimizer.groups import decay_groups
from assay.optimizer.schema import SGDSchema


class SGD(torch.optim.SGD):
    """torch's fused SGD with momentum."""

    def __init__(self, config: SGDSchema, model: nn.Module) -> None:
        super().__init__(
            decay_groups(model, config.weight_decay),
            lr=config.learning_rate,
            momentum=config.momentum,
            nesterov=config.nesterov and config.momentum > 0,
            fused=True,
        )
