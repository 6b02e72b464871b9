"""Runs whose process is gone get the end of their record: a status, and what mlflow.db lacks."""

import shutil
import sys
from contextlib import suppress

from assay.model.kept import RESULT
from assay.tracking.journal import Journal, last_status
from assay.tracking.lookup import deleted_runs
from assay.tracking.opening import JOURNAL, folder_of, open_runs, taken
from assay.tracking.projection import Copy
from assay.tracking.store import MLRUNS, DeletedExperimentError, first_line


def catch_up() -> None:
    """Nothing is imported or done where every run was closed by its own process. What fails is left for the next time."""
    for run_id in open_runs():
        with taken(run_id) as hold:
            if hold is None:
                continue  # its process is at work
            folder = folder_of(run_id)
            if folder is None:  # killed before its first line was written
                for place in MLRUNS.glob(f"[!.]*/{run_id}"):
                    shutil.rmtree(place)
                hold.release(recorded=True)
                continue
            path = folder / JOURNAL
            try:
                if last_status(path) == "running" and not (folder / RESULT).exists():
                    journal = Journal(path)
                    journal.write("status", status="killed", reason="its process ended without a word")
                    journal.close()
                if run_id not in deleted_runs():
                    from assay.tracking.target import DeletedRunError, LocalStore

                    with suppress(DeletedRunError, DeletedExperimentError):
                        Copy(path, LocalStore()).advance()
            except Exception as error:  # the journal has it all; whoever starts next tries again
                print(f"warning: mlruns/mlflow.db lacks a part of run {run_id} ({first_line(error)})", file=sys.stderr)
            else:
                hold.release(recorded=True)
