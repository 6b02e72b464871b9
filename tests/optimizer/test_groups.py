"""What decays."""

from torch import nn

from assay.optimizer.groups import decay_groups


def test_matrices_decay_and_vectors_do_not() -> None:
    model = nn.Sequential(nn.Linear(3, 2), nn.LayerNorm(2), nn.Embedding(4, 2))
    decayed, kept = decay_groups(model, 0.1)
    assert [tuple(p.shape) for p in decayed["params"]] == [(2, 3), (4, 2)]
    assert [tuple(p.shape) for p in kept["params"]] == [(2,), (2,), (2,)]
    assert (decayed["weight_decay"], kept["weight_decay"]) == (0.1, 0.0)
