"""Train a tracked run again from its own record, and say whether every step comes out bit-identical."""

from assay.config.entry import verb
from assay.tracking.schema import ReplayConfig


@verb("replay", ReplayConfig, positional=("run",))
def main(config: ReplayConfig, run: str) -> None:
    from assay.tracking.replay import replay

    replay(run, config)


if __name__ == "__main__":
    main()
