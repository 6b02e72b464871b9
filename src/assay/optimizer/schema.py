"""Schemas of conf/optimizer/*.yaml."""

from dataclasses import dataclass

from assay.config.fields import setting


@dataclass(frozen=True, kw_only=True)
class AdamWSchema:
    """Adam with decoupled weight decay (Loshchilov & Hutter 2019). Vectors (biases, norms) are not decayed."""

    _target_: str = "assay.optimizer.adamw.AdamW"
    name: str | None = setting(None, pattern=r"[a-z0-9][a-z0-9_]{0,63}")
    learning_rate: float = setting(1e-3, above=0, at_most=10, help="at the peak of the schedule")
    weight_decay: float = setting(0.1, at_least=0, at_most=10)
    beta1: float = setting(0.9, at_least=0, below=1)
    beta2: float = setting(0.95, at_least=0, below=1)
    epsilon: float = setting(1e-8, above=0, at_most=1)


@dataclass(frozen=True, kw_only=True)
class SGDSchema:
    """Stochastic gradient descent with momentum."""

    _target_: str = "assay.optimizer.sgd.SGD"
    name: str | None = setting(None, pattern=r"[a-z0-9][a-z0-9_]{0,63}")
    learning_rate: float = setting(0.1, above=0, at_most=1000, help="at the peak of the schedule")
    weight_decay: float = setting(0.0, at_least=0, at_most=10)
    momentum: float = setting(0.9, at_least=0, below=1)
    nesterov: bool = setting(False)


@dataclass(frozen=True, kw_only=True)
class AdamSchema:
    """Adam (Kingma & Ba 2015), with weight decay as L2 on matrices."""

    _target_: str = "assay.optimizer.adam.Adam"
    name: str | None = setting(None, pattern=r"[a-z0-9][a-z0-9_]{0,63}")
    learning_rate: float = setting(1e-3, above=0, at_most=10, help="at the peak of the schedule")
    weight_decay: float = setting(0.0, at_least=0, at_most=10)
    beta1: float = setting(0.9, at_least=0, below=1)
    beta2: float = setting(0.999, at_least=0, below=1)
    epsilon: float = setting(1e-8, above=0, at_most=1)


@dataclass(frozen=True, kw_only=True)
class AdaGradSchema:
    """Steps divided by the root of all squared gradients of a number so far (Duchi et al. 2011)."""

    _target_: str = "assay.optimizer.adagrad.AdaGrad"
    name: str | None = setting(None, pattern=r"[a-z0-9][a-z0-9_]{0,63}")
    learning_rate: float = setting(0.05, above=0, at_most=1000, help="at the peak of the schedule")


@dataclass(frozen=True, kw_only=True)
class LionSchema:
    """Lion (Chen et al. 2023). Its steps are larger than AdamW's: 3 to 10 times less learning rate, as much more weight decay."""

    _target_: str = "assay.optimizer.lion.Lion"
    name: str | None = setting(None, pattern=r"[a-z0-9][a-z0-9_]{0,63}")
    learning_rate: float = setting(2e-4, above=0, at_most=10, help="at the peak of the schedule")
    weight_decay: float = setting(0.5, at_least=0, at_most=100)
    beta1: float = setting(0.9, at_least=0, below=1)
    beta2: float = setting(0.99, at_least=0, below=1)
