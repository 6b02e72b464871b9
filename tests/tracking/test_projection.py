"""The copy of a run's metrics in MLflow."""

import threading
import time
from typing import Any

import pytest

from assay.tracking.projection import Projection


class Store:
    """Takes batches as MLflow's client does; `broken` says no."""

    def __init__(self, broken: bool = False, closed: threading.Event | None = None) -> None:
        self.calls: list[list[tuple[str, float, int]]] = []
        self.broken = broken
        self.closed = closed

    def log_batch(self, run_id: str, metrics: list[Any]) -> None:
        if self.closed is not None:
            self.closed.wait(10)
        if self.broken:
            raise OSError("database is locked")
        self.calls.append([(metric.key, metric.value, metric.step) for metric in metrics])


def test_every_metric_of_every_step_arrives_once_in_calls_of_at_most_a_thousand() -> None:
    store = Store()
    projection = Projection(store, "run")  # type: ignore[arg-type]
    wanted = [(name, step / 7, step) for step in range(900) for name in ("train/loss", "speed/mfu", "x")]
    for step in range(900):
        projection.put(step, {name: value for name, value, at in wanted if at == step})
    projection.close()
    assert [metric for call in store.calls for metric in call] == wanted
    assert max(map(len, store.calls)) <= 1000
    assert len(store.calls) < 10


def test_metrics_arrive_while_more_keep_coming(monkeypatch: pytest.MonkeyPatch) -> None:
    """A steady trickle must not put the copy off until a call is full."""
    monkeypatch.setattr("assay.tracking.projection.FLUSH_SECONDS", 0.05)
    store = Store()
    projection = Projection(store, "run")  # type: ignore[arg-type]
    deadline = time.monotonic() + 10
    step = 0
    while not store.calls and time.monotonic() < deadline:
        projection.put(step, {"train/loss": 1.0})
        step += 1
        time.sleep(0.01)
    arrived = list(store.calls)
    projection.close()
    assert arrived
    assert len(arrived[0]) < 1000


def test_a_slow_store_holds_nobody_up() -> None:
    closed = threading.Event()
    projection = Projection(Store(closed=closed), "run")  # type: ignore[arg-type]
    started = time.thread_time()
    for step in range(3000):
        projection.put(step, {"train/loss": 1.0})
    assert time.thread_time() - started < 1
    closed.set()
    projection.close()


def test_a_broken_store_is_named_once_and_stops_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    projection = Projection(Store(broken=True), "run")  # type: ignore[arg-type]
    for step in range(2500):
        projection.put(step, {"train/loss": 1.0})
    projection.close()
    said = capsys.readouterr().err
    assert said == "warning: mlruns/mlflow.db is behind (database is locked); the run's own folder has everything\n"
