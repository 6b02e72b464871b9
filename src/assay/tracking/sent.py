"""Which runs were sent to which MLflow store: what a person deletes there must not be sent again, also when `mlflow gc` left no trace of it.

`mlruns/.sent/<address>/<number>/` belongs to one store: a file for each run that was sent, holding the run's id there, and `experiments`, by which
the store is recognised. A store that was made anew at the same address has none of those experiments, so it gets everything.
"""

from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

from assay.files import write_atomic

EXPERIMENTS = "experiments"


class SentRuns:
    """The runs that were sent to the store at `address`, whose experiments are now `experiments`: pairs of id and creation time."""

    def __init__(self, mlruns: Path, address: str, experiments: Iterable[tuple[str, int]]) -> None:
        self._parent = mlruns / ".sent" / quote(address, safe="")
        self._experiments = {f"{number} {created}" for number, created in experiments}
        self.folder = self._recognised()

    def _recognised(self) -> Path | None:
        """The folder of the store that had one of these experiments; None for a store that is not known yet."""
        if not self._parent.is_dir():
            return None
        folders = sorted(self._parent.iterdir(), key=lambda folder: folder.name)
        return next((folder for folder in folders if self._experiments & _lines(folder / EXPERIMENTS)), None)

    def mlflow_id(self, run_id: str) -> str | None:
        """The id in the store of a run that was sent to it."""
        try:
            return (self.folder / run_id).read_text() if self.folder else None
        except OSError:
            return None

    def run_ids(self) -> set[str]:
        return {path.name for path in self.folder.iterdir()} - {EXPERIMENTS} if self.folder else set()

    def add(self, run_id: str, mlflow_id: str) -> None:
        """Called once the store has the run."""
        if self.mlflow_id(run_id) == mlflow_id:
            return
        folder = self.folder or self._parent / str(len(list(self._parent.glob("*"))) + 1)
        known = _lines(folder / EXPERIMENTS)
        if not self._experiments <= known:
            write_atomic(folder / EXPERIMENTS, "".join(f"{line}\n" for line in sorted(known | self._experiments)).encode())
        write_atomic(folder / run_id, mlflow_id.encode())
        self.folder = folder


def _lines(path: Path) -> set[str]:
    try:
        return set(path.read_text().splitlines())
    except OSError:
        return set()
