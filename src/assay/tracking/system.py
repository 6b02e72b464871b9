"""CPU, memory and disk while a run lasts, under the names MLflow's system tab expects."""

import threading
import time
from collections.abc import Callable, Mapping

import psutil

from assay.errors import MachineError
from assay.files import ROOT


class SystemMonitor:
    """Reads every few seconds in a thread; the step of a reading is its number, from `first` on."""

    def __init__(self, log: Callable[[int, Mapping[str, float]], None], seconds: float, first: int) -> None:
        self._log = log
        self._first = first
        self._seconds = seconds
        self._stop = threading.Event()
        self._process = psutil.Process()
        self._started = time.monotonic()
        psutil.cpu_percent()  # the first call has nothing to compare with
        self._thread = threading.Thread(target=self._work, name="system-metrics", daemon=True)
        self._thread.start()

    def _work(self) -> None:
        number = self._first
        while True:  # the first reading at once, so that a run of seconds has one
            try:
                self._log(number, self.read())
            except MachineError:  # a full disk: the training says so itself
                return
            number += 1
            if self._stop.wait(self._seconds):
                return

    def read(self) -> dict[str, float]:
        memory = psutil.virtual_memory()
        return {
            "system/cpu_utilization_percentage": psutil.cpu_percent(),
            "system/system_memory_usage_megabytes": memory.used / 1e6,
            "system/system_memory_usage_percentage": memory.percent,
            "system/process_memory_megabytes": self._process.memory_info().rss / 1e6,
            "system/disk_available_megabytes": psutil.disk_usage(str(ROOT)).free / 1e6,
            "system/seconds": time.monotonic() - self._started,
        }

    def close(self) -> None:
        self._stop.set()
        self._thread.join()
