"""Copy what the runs' journals hold into mlflow.db, and to the server that MLFLOW_TRACKING_URI names."""

from assay.config.entry import verb
from assay.tracking.schema import SyncConfig


@verb("sync", SyncConfig)
def main(config: SyncConfig) -> int:
    from assay.tracking.sync import sync

    return sync()


if __name__ == "__main__":
    main()
