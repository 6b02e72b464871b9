"""Copies a run's record into MLflow. Metrics go from a thread of its own, so that a slow or broken store never slows training."""

import queue
import sys
import threading
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from assay.files import now
from assay.tracking.store import first_line

if TYPE_CHECKING:
    from mlflow.entities import Metric
    from mlflow.tracking import MlflowClient

BATCH_METRICS = 1000  # MLflow's limit for one call
FLUSH_SECONDS = 2.0
Entry = tuple[int, int, dict[str, float]]


class Projection:
    """Metrics go in by `put`, which never waits; `close` waits until they have arrived."""

    def __init__(self, client: "MlflowClient", run_id: str) -> None:
        self._client = client
        self._run_id = run_id
        self._queue: queue.SimpleQueue[Entry | None] = queue.SimpleQueue()
        self._warned = False
        self._thread = threading.Thread(target=self._work, name="mlflow-projection", daemon=True)
        self._thread.start()

    def put(self, step: int, metrics: Mapping[str, float]) -> None:
        self._queue.put((step, int(now() * 1000), dict(metrics)))

    def close(self) -> None:
        self._queue.put(None)
        self._thread.join()

    def attempt(self, copy: Callable[[], object]) -> None:
        """Call it; whatever the store does, the run's folder has everything and the run goes on. Says so once."""
        try:
            copy()
        except Exception as error:
            if not self._warned:
                self._warned = True
                print(f"warning: mlruns/mlflow.db is behind ({first_line(error)}); the run's own folder has everything", file=sys.stderr)

    def _work(self) -> None:
        open_ = True
        while open_:
            metrics, open_ = self._collect()
            for start in range(0, len(metrics), BATCH_METRICS):
                batch = metrics[start : start + BATCH_METRICS]
                self.attempt(lambda batch=batch: self._client.log_batch(self._run_id, metrics=batch))  # type: ignore[misc]

    def _collect(self) -> tuple[list["Metric"], bool]:
        """What comes in within FLUSH_SECONDS, or until it fills a call; and whether more may come."""
        from mlflow.entities import Metric

        metrics: list[Metric] = []
        deadline = time.monotonic() + FLUSH_SECONDS
        while len(metrics) < BATCH_METRICS:
            try:
                entry = self._queue.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                return metrics, True
            if entry is None:
                return metrics, False
            step, milliseconds, values = entry
            metrics += [Metric(name, value, milliseconds, step) for name, value in values.items()]
        return metrics, True
