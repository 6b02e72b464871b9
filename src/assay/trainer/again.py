"""Trains by a stored config, in the project whose source it lies in: what replay starts inside a run's own source.

python -m assay.trainer.again CONFIG.yaml
"""

import os
import sys
from dataclasses import replace
from pathlib import Path

from assay.config.plain import read_config
from assay.config.schema import TrainConfig
from assay.data.prepare import prepare
from assay.errors import AssayError
from assay.tracking.identity import identify
from assay.trainer.plan import make_plan


def main(path: Path) -> int:
    config = replace(read_config(path, TrainConfig), rerun=True, resume="auto", prepare="auto", export=None)
    plan = make_plan(config)
    prepared = prepare(config)
    identity = identify(config, plan, prepared)
    from assay.tracking.run import Run
    from assay.trainer.fit import train

    with Run(config, identity, prepared, copied=False) as run:  # replay reads the journal
        run.finish(train(config, plan, prepared, run))
    return 0


if __name__ == "__main__":
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    try:
        sys.exit(main(Path(sys.argv[1])))
    except AssayError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
