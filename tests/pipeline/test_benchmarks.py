"""The trainer that ours is measured against is built from our own parts, so a change of theirs must not leave it behind."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.mark.slow
def test_the_peer_trains_the_same_model_on_the_same_windows_to_nearly_the_same_loss(trained: Any, run: Callable[..., Any]) -> None:
    request = json.dumps({"overrides": list(trained.words), "score": True})
    done = run(Path(trained.project), "benchmarks/peer.py", request)
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["parameters"] == trained.result["parameters"]
    assert found["val/loss"] == pytest.approx(trained.result["metrics"]["val/loss"], abs=0.01)
