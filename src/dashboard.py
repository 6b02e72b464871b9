"""Serve MLflow's own pages on mlruns/, opened at the charts of the last experiment."""

from assay.config.entry import verb
from assay.tracking.schema import DashboardConfig


@verb("dashboard", DashboardConfig)
def main(config: DashboardConfig) -> int:
    from assay.tracking.dashboard import serve

    return serve(config)


if __name__ == "__main__":
    main()
