"""Every run's journal into every store, as often as one likes: what has arrived is not sent again."""

import sys
from collections.abc import Callable

from assay.errors import DataError, MachineError
from assay.tracking.catch_up import catch_up
from assay.tracking.lookup import RunEntry, all_runs
from assay.tracking.opening import JOURNAL, taken
from assay.tracking.projection import Copy
from assay.tracking.store import first_line, remote_uri
from assay.tracking.target import LocalStore, RemoteServer, Target


def sync() -> int:
    """The exit code: 5 if a store could not be brought up to date, 3 if it lacks a run whose journal is damaged. A run under way is left to its own process."""
    remote = remote_uri()
    catch_up()
    targets: list[Callable[[], Target]] = [LocalStore]
    if remote:
        targets.append(lambda: RemoteServer(remote))
    runs = all_runs()[::-1]
    return max((_sync_to(target, runs) for target in targets), default=0)


def _sync_to(target: Callable[[], Target], runs: list[RunEntry]) -> int:
    damaged = 0
    for number, run in enumerate(runs):
        with taken(run.run_id) as hold:
            if hold is None:
                continue
            place = target()
            try:
                Copy(run.folder / JOURNAL, place).advance()
            except DataError as error:  # of this journal; it keeps no other back
                print(f"error: {error}", file=sys.stderr)
                damaged += 1
                continue
            except Exception as error:  # the next run would meet the same
                said = str(error) if isinstance(error, MachineError) else first_line(error)  # ours says what to do, on its second line
                print(f"error: {place.name} has {number} of {len(runs)} runs: {said}", file=sys.stderr)
                return MachineError.exit_code
            if isinstance(place, LocalStore):
                hold.release(recorded=True)
    print(f"{target().name}: {len(runs) - damaged} run(s), up to date")
    return DataError.exit_code if damaged else 0
