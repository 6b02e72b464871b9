"""The moving average of a model's weights, which is scored, sampled and kept in their place (Polyak & Juditsky 1992)."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import get_ema_multi_avg_fn


class WeightAverage:
    """After step t: average = d average + (1 - d) weights, where d = min(decay, (1 + t) / (10 + t)), as TensorFlow's ExponentialMovingAverage
    has it. With d = decay from the start, 0.999 would leave 37 % of the random first weights in the average after 1,000 steps.
    """

    def __init__(self, model: nn.Module, decay: float | None) -> None:
        """Begins as the model's present weights. None: there is no average, and nothing is done."""
        self.model = model
        self.decay = decay
        self.tensors: dict[str, Tensor] = {}
        if decay is not None:
            self.tensors = {name: parameter.detach().clone() for name, parameter in model.named_parameters()}

    def update(self, step: int) -> None:
        """Take in the weights after that step."""
        if self.decay is None:
            return
        self._follow()
        average = get_ema_multi_avg_fn(min(self.decay, (1 + step) / (10 + step)))  # type: ignore[no-untyped-call]
        average([*self.tensors.values()], [parameter.detach() for parameter in self.model.parameters()], None)

    def _follow(self) -> None:
        """Lightning moves the model to the device that it trains on."""
        for name, parameter in self.model.named_parameters():
            if self.tensors[name].device != parameter.device:
                self.tensors[name] = self.tensors[name].to(parameter.device)

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """Within, the model's weights are the average; afterwards they are what they were, to the bit.

        Values are copied, not storages exchanged: kernels and optimizers hold on to those. Not to be cut short by a signal.
        """
        if self.decay is None:
            yield
            return
        self._follow()
        own = {name: parameter.detach().clone() for name, parameter in self.model.named_parameters()}
        self._put(self.tensors)
        try:
            yield
        finally:
            self._put(own)

    @torch.no_grad()
    def _put(self, values: dict[str, Tensor]) -> None:
        for name, parameter in self.model.named_parameters():
            parameter.copy_(values[name])
