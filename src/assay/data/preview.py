"""Preview of what a recipe would keep and drop, beside what is there now: `dry_run=true`, so that a threshold can be tried without writing the corpus."""

import json
from pathlib import Path
from typing import Any

from assay.data.decide import Decisions
from assay.data.document import Outcome
from assay.data.measured import Measured

_KEPT = ("kept", "kept, bytes")


def preview(outcome: Outcome, measured: Measured, decisions: Decisions, target: Path) -> str:
    """A table of counts: `outcome` with all that was decided, and the card of `target` where there is one."""
    kept = decisions.kept
    planned = {_KEPT[0]: int(kept.sum()), _KEPT[1]: int(measured.numbers("bytes")[kept].sum()), **outcome.dropped}
    present = _present(target)
    order = [*_KEPT, *sorted((planned.keys() | (present or {}).keys()) - set(_KEPT))]
    rows = [["documents", "with this recipe"] if present is None else ["documents", "now", "with this recipe", "change"]]
    for name in order:
        count = planned.get(name, 0)
        before = [] if present is None else [f"{present.get(name, 0):,}"]
        change = [] if present is None else [f"{count - present.get(name, 0):+,}"]
        rows.append([name if name in _KEPT else f"dropped, {name}", *before, f"{count:,}", *change])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        first.ljust(widths[0]) + "".join(cell.rjust(width + 2) for cell, width in zip(more, widths[1:], strict=True))
        for first, *more in rows
    ]
    return "\n".join([*lines, f"Nothing was written to {target}. Without dry_run=true it is."])


def _present(target: Path) -> dict[str, int] | None:
    """Counts of the corpus as it was cleaned last, None where there is none that can be read."""
    try:
        card: dict[str, Any] = json.loads((target / "card.json").read_bytes())
        return {_KEPT[0]: card["documents"]["kept"], _KEPT[1]: card["kept_bytes"], **card["dropped_by_reason"]}
    except (OSError, ValueError, KeyError, TypeError):
        return None
