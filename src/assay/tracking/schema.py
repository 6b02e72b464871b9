"""Schema of conf/tracking/*.yaml."""

from dataclasses import dataclass

from assay.config.fields import setting


@dataclass(frozen=True, kw_only=True)
class TrackingSchema:
    """Settings of the record of a run. None of them changes a number."""

    name: str | None = setting(None, pattern=r"[a-z0-9][a-z0-9_]{0,63}")
    experiment: str | None = setting(None, pattern=r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,99}", help="MLflow experiment; null: the corpus's name")
    run_name: str | None = setting(
        None, pattern=r"[A-Za-z0-9][A-Za-z0-9 ._=-]{0,99}", help="null: the experiment, or model and corpus, and what was typed beside"
    )
    system_metrics_seconds: float = setting(5.0, above=0, at_most=3600, help="between readings of CPU, memory and disk")


@dataclass(frozen=True, kw_only=True)
class DashboardConfig:
    """conf/dashboard.yaml"""

    port: int = setting(5000, at_least=1024, at_most=65_535, help="on 127.0.0.1")
    open_browser: bool = setting(True, help="where there is a display")


@dataclass(frozen=True, kw_only=True)
class SyncConfig:
    """conf/sync.yaml: nothing to choose; MLFLOW_TRACKING_URI names the server that gets a copy."""


@dataclass(frozen=True, kw_only=True)
class ReplayConfig:
    """conf/replay.yaml"""

    steps: int | None = setting(None, at_least=1, at_most=1_000_000_000, help="a quick proof of so many steps; null: the whole run")
    changes: list[str] = setting(make=list, help="settings to replay with instead of the run's own, as [trainer.threads:1]")
