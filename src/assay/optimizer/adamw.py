"""AdamW (Loshchilov & Hutter 2019)."""

import torch
from torch import nn

from assay.optimizer.groups import decay_groups
from assay.optimizer.schema import AdamWSchema


class AdamW(torch.optim.AdamW):
    """torch's fused AdamW: one pass over the parameters."""

    def __init__(self, config: AdamWSchema, model: nn.Module) -> None:
        super().__init__(
            decay_groups(model, config.weight_decay),
            lr=config.learning_rate,
            betas=(config.beta1, config.beta2),
            eps=config.epsilon,
            fused=True,
        )
