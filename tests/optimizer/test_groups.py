"""What decays."""

from torch import nn

from assay.optimizer.adamw import AdamW
from assay.optimizer.groups import decay_groups
from assay.optimizer.schema import AdamWSchema, SGDSchema
from assay.optimizer.sgd import SGD


def test_matrices_decay_and_vectors_do_not() -> None:
    model = nn.Sequential(nn.Linear(3, 2), nn.LayerNorm(2), nn.Embedding(4, 2))
    decayed, kept = decay_groups(model, 0.1)
    assert [tuple(p.shape) for p in decayed["params"]] == [(2, 3), (4, 2)]
    assert [tuple(p.shape) for p in kept["params"]] == [(2,), (2,), (2,)]
    assert (decayed["weight_decay"], kept["weight_decay"]) == (0.1, 0.0)


def test_settings_reach_torch() -> None:
    model = nn.Linear(2, 2)
    adamw = AdamW(AdamWSchema(learning_rate=0.5, beta1=0.8, beta2=0.7, epsilon=0.1, weight_decay=0.3), model).param_groups[0]
    assert (adamw["lr"], adamw["betas"], adamw["eps"], adamw["weight_decay"]) == (0.5, (0.8, 0.7), 0.1, 0.3)
    sgd = SGD(SGDSchema(learning_rate=0.5, momentum=0.6, nesterov=True), model).param_groups[0]
    assert (sgd["lr"], sgd["momentum"], sgd["nesterov"]) == (0.5, 0.6, True)
