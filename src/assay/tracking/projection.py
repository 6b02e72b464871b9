"""Copies a run's metrics into MLflow from a thread of its own, so that a slow or broken store never slows training."""

import queue
import sys
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING

from assay.files import now

if TYPE_CHECKING:
    from mlflow.tracking import MlflowClient

BATCH_METRICS = 1000  # MLflow's limit for one call
FLUSH_SECONDS = 2.0


class Projection:
    """Metrics go in by `put`, which never waits; `close` waits until they have arrived."""

    def __init__(self, client: "MlflowClient", run_id: str) -> None:
        self._client = client
        self._run_id = run_id
        self._queue: queue.SimpleQueue[tuple[int, int, dict[str, float]] | None] = queue.SimpleQueue()
        self._warned = False
        self._thread = threading.Thread(target=self._work, name="mlflow-projection", daemon=True)
        self._thread.start()

    def put(self, step: int, metrics: Mapping[str, float]) -> None:
        self._queue.put((step, int(now() * 1000), dict(metrics)))

    def close(self) -> None:
        self._queue.put(None)
        self._thread.join()

    def _work(self) -> None:
        from mlflow.entities import Metric

        waiting: list[Metric] = []
        open_ = True
        while open_:
            try:
                item = self._queue.get(timeout=FLUSH_SECONDS)
                if item is None:
                    open_ = False
                else:
                    step, milliseconds, metrics = item
                    waiting += [Metric(name, value, milliseconds, step) for name, value in metrics.items()]
                    if len(waiting) < BATCH_METRICS // 2:
                        continue
            except queue.Empty:
                pass
            if waiting:
                self._send(waiting)
                waiting = []

    def _send(self, metrics: list["object"]) -> None:
        for start in range(0, len(metrics), BATCH_METRICS):
            try:
                self._client.log_batch(self._run_id, metrics=metrics[start : start + BATCH_METRICS])  # type: ignore[arg-type]
            except Exception as error:  # whatever the store does, the journal has the numbers and training goes on
                if not self._warned:
                    self._warned = True
                    print(f"warning: mlruns/mlflow.db does not take metrics ({error}); journal.jsonl has them all", file=sys.stderr)
