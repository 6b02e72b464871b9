"""Adam (Kingma & Ba 2015)."""

import torch
from torch import nn

from assay.optimizer.groups import decay_groups
from assay.optimizer.schema import AdamSchema


class Adam(torch.optim.Adam):
    """torch's fused Adam. Its weight decay is added to the gradient (L2), and so scaled with it; AdamW's is not."""

    def __init__(self, config: AdamSchema, model: nn.Module) -> None:
        super().__init__(
            decay_groups(model, config.weight_decay),
            lr=config.learning_rate,
            betas=(config.beta1, config.beta2),
            eps=config.epsilon,
            fused=True,
        )
