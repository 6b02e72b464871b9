"""The guards that `python tests/faults/guards.py` breaks are still in the source."""

import pytest

from faults.guards import GUARDS, ROOT, Guard


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: f"{guard.fault} {guard.file}")
def test_a_guard_stands_where_it_is_broken(guard: Guard) -> None:
    """Else it would be broken nowhere, and its test would pass for no reason."""
    assert guard.code in (ROOT / "src/assay" / guard.file).read_text(encoding="utf-8")
