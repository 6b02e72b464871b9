"""Every run's journal into every store, as often as one likes: what has arrived is not sent again."""

import sys
from collections import Counter
from dataclasses import dataclass, field
from urllib.parse import quote

from assay.errors import DataError, MachineError
from assay.tracking.catch_up import catch_up
from assay.tracking.lookup import RunEntry, all_runs
from assay.tracking.opening import JOURNAL, taken
from assay.tracking.projection import Copy
from assay.tracking.store import DeletedExperimentError, first_line, remote_uri
from assay.tracking.target import DeletedRunError, LocalStore, Target, target_of


@dataclass
class _LeftOut:
    """Runs that a store does not get, because of what a person deleted there."""

    deleted_runs: int = 0
    deleted_experiments: Counter[tuple[str, str]] = field(default_factory=Counter)  # name and id in the store -> runs

    @property
    def runs(self) -> int:
        return self.deleted_runs + self.deleted_experiments.total()

    def lines(self, target: Target) -> list[str]:
        """List what was left out and why, each with the command that changes it."""
        lines = []
        if self.deleted_runs:
            lines.append(
                f"  {self.deleted_runs} run(s) were deleted there and are not sent again. To have them: restore them there; "
                f"if they are gone for good: rm -r 'mlruns/.sent/{quote(target.name, safe='')}', then make sync"
            )
        for (name, number), runs in self.deleted_experiments.items():
            lines.append(
                f"  {runs} run(s) of experiment {name!r} are not sent, since it was deleted there. "
                f"To send them: mlflow experiments restore --experiment-id {number}, then make sync"
            )
        return lines


def sync() -> int:
    """The exit code: 5 if a store could not be brought up to date, 3 if it lacks a run whose journal is damaged. A run under way is left to its own process."""
    remote = remote_uri()
    catch_up()
    runs = all_runs()[::-1]
    targets: list[Target] = [LocalStore(), *([target_of(remote)] if remote else [])]
    return max(_sync_to(target, runs) for target in targets)


def _sync_to(target: Target, runs: list[RunEntry]) -> int:
    damaged, left_out = 0, _LeftOut()
    for number, run in enumerate(runs):
        with taken(run.run_id) as hold:
            if hold is None:
                continue
            try:
                Copy(run.folder / JOURNAL, target).advance()
            except DeletedRunError:
                left_out.deleted_runs += 1
            except DeletedExperimentError as error:
                left_out.deleted_experiments[error.name, error.number] += 1
            except DataError as error:  # of this journal; the others are copied
                print(f"error: {error}", file=sys.stderr)
                damaged += 1
                continue
            except Exception as error:  # the next run would meet the same
                said = str(error) if isinstance(error, MachineError) else first_line(error)  # ours has the next command in its second line
                print(f"error: {target.name} has {number} of {len(runs)} runs: {said}", file=sys.stderr)
                return MachineError.exit_code
            if isinstance(target, LocalStore):
                hold.release(recorded=True)
    print(f"{target.name}: {len(runs) - damaged - left_out.runs} run(s), up to date")
    for line in left_out.lines(target):
        print(line)
    return DataError.exit_code if damaged else 0
