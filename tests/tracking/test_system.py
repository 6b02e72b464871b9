"""The machine while a run lasts."""

import threading
import time
from collections.abc import Mapping

from assay.tracking.system import SystemMonitor


def test_even_the_shortest_run_has_a_reading_and_none_comes_after_its_end() -> None:
    readings: list[tuple[int, Mapping[str, float]]] = []
    three = threading.Event()

    def log(number: int, values: Mapping[str, float]) -> None:
        readings.append((number, values))
        if len(readings) == 3:
            three.set()

    monitor = SystemMonitor(log, seconds=0.01, first=7)
    assert three.wait(30)
    monitor.close()
    assert [number for number, _ in readings] == list(range(7, 7 + len(readings)))
    first = readings[0][1]
    assert all(name.startswith("system/") for name in first)
    assert 0 <= first["system/system_memory_usage_percentage"] <= 100
    assert first["system/process_memory_megabytes"] > 1
    assert first["system/disk_available_megabytes"] > 0
    assert readings[-1][1]["system/seconds"] > first["system/seconds"] >= 0


def test_readings_are_apart_and_the_end_does_not_wait_for_the_next() -> None:
    numbers: list[int] = []
    monitor = SystemMonitor(lambda number, values: numbers.append(number), seconds=3600, first=0)
    while not numbers:
        time.sleep(0.01)
    time.sleep(0.1)
    monitor.close()
    assert numbers == [0]
