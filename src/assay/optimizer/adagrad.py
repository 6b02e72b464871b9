"""AdaGrad (Duchi, Hazan & Singer 2011)."""

import torch
from torch import nn

from assay.optimizer.schema import AdaGradSchema


class AdaGrad(torch.optim.Adagrad):
    """torch's, with sums that begin at 0. GloVe makes the same steps itself, of the numbers of two words at a time."""

    def __init__(self, config: AdaGradSchema, model: nn.Module) -> None:
        super().__init__([p for p in model.parameters() if p.requires_grad], lr=config.learning_rate)
