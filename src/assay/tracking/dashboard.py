"""MLflow's own server on the local store, reachable from this machine only."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import webbrowser
from urllib.parse import quote

from assay.errors import DataError, MachineError
from assay.files import ROOT
from assay.tracking.catch_up import catch_up
from assay.tracking.lookup import RunEntry, all_runs, experiment_number
from assay.tracking.schema import DashboardConfig
from assay.tracking.signals import StopSignals
from assay.tracking.store import DATABASE

START_SECONDS = 180
ADDRESSES = ("MLFLOW_TRACKING_URI", "MLFLOW_REGISTRY_URI", "MLFLOW_REGISTRY_STORE_URI")
"""Variables that would send the server to another store than the local one."""


def charts_url(base: str, experiment_id: str) -> str:
    """The charts of an experiment's runs. Its bare address opens an overview of traces, which has none."""
    return f"{base}/#/experiments/{experiment_id}/runs?compareRunsMode=CHART"


def compare_url(base: str, experiment_id: str, run_ids: list[str]) -> str:
    """The page that sets runs of an experiment side by side: parameters, metrics, curves."""
    runs, experiments = (quote("[" + ",".join(f'"{one}"' for one in ids) + "]") for ids in (run_ids, [experiment_id]))
    return f"{base}/#/compare-runs?runs={runs}&experiments={experiments}"


def serve(config: DashboardConfig) -> int:
    """Run the server until it is stopped; returns its exit code. Prints the links to open."""
    runs = all_runs()
    if not runs:
        raise DataError("there are no runs yet in mlruns/.\n  Type: python src/train.py trainer=smoke")
    catch_up()
    if experiment_number(runs[0].run_id) is None:
        raise DataError(f"{DATABASE} does not have the newest run, {runs[0].name} ({runs[0].run_id}).\n  Type: make sync")
    base = f"http://127.0.0.1:{config.port}"
    _refuse_taken(config.port)
    with StopSignals(), subprocess.Popen(_command(config.port), cwd=ROOT, env=_environment()) as server:
        try:
            return _show(runs, base, server, config.open_browser)
        except SystemExit as stopped:
            return 0 if stopped.code == 128 + signal.SIGINT else int(stopped.code or 0)
        finally:
            server.terminate()


def _show(runs: list[RunEntry], base: str, server: "subprocess.Popen[bytes]", open_browser: bool) -> int:
    """Print the links once the server answers, then wait for it."""
    _wait_until_up(base, server)
    number = str(experiment_number(runs[0].run_id))
    charts = charts_url(base, number)
    print(f"charts of the last experiment: {charts}")
    same = [run.run_id for run in runs if run.experiment == runs[0].experiment][:2]
    if len(same) == 2:
        print(f"its two newest runs compared:  {compare_url(base, number, same)}")
    print("stop with Ctrl-C", flush=True)
    if open_browser and (os.environ.get("DISPLAY") or sys.platform == "darwin"):
        webbrowser.open(charts)
    return server.wait()


def _command(port: int) -> list[str]:
    store = ["--backend-store-uri", f"sqlite:///{DATABASE}"]
    address = ["--host", "127.0.0.1", "--port", str(port), "--workers", "1", "--uvicorn-opts", "--log-level warning"]
    return [sys.executable, "-m", "mlflow", "server", *store, *address]


def _environment() -> dict[str, str]:
    return {
        **{name: value for name, value in os.environ.items() if name not in ADDRESSES},
        "PYTHONWARNINGS": "ignore",  # the server warns of its own dependencies, which its user can't change
        "MLFLOW_LOGGING_LEVEL": "WARNING",
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",  # job workers take four times the memory, and nothing of what they do is used
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "DO_NOT_TRACK": "true",
    }


def _refuse_taken(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise MachineError(
                f"port {port} on 127.0.0.1 is taken ({error.strerror}).\n  Type: python src/dashboard.py port={port + 1}"
            ) from None


def _wait_until_up(base: str, server: "subprocess.Popen[bytes]") -> None:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # a proxy of the environment does not reach this machine
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise MachineError(f"mlflow server stopped with exit code {server.returncode}; its own words are above.")
        try:
            with direct.open(f"{base}/health", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise MachineError(f"mlflow server did not answer on {base} within {START_SECONDS} s.")
