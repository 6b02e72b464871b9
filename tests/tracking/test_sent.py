"""The record of what was sent to a store."""

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assay.tracking.sent import SentRuns

EXPERIMENTS = st.lists(st.tuples(st.integers(0, 5).map(str), st.integers(1, 3)), unique_by=lambda pair: pair[0])


def test_a_run_is_known_by_its_id_in_the_store(tmp_path: Path) -> None:
    SentRuns(tmp_path, "http://host:1", [("0", 5)]).add("a1", "x")
    again = SentRuns(tmp_path, "http://host:1", [("0", 5), ("1", 7)])
    assert (again.mlflow_id("a1"), again.mlflow_id("a2"), again.run_ids()) == ("x", None, {"a1"})


def test_each_address_has_a_record_of_its_own(tmp_path: Path) -> None:
    SentRuns(tmp_path, "http://host:1", [("0", 5)]).add("a1", "x")
    assert SentRuns(tmp_path, "http://host:2", [("0", 5)]).run_ids() == set()
    assert [path.parent for path in (tmp_path / ".sent").iterdir()] == [tmp_path / ".sent"]  # no part of an address is a folder


def test_a_store_stays_known_while_its_experiments_come_and_go(tmp_path: Path) -> None:
    SentRuns(tmp_path, "s", [("0", 5)]).add("a1", "x")
    SentRuns(tmp_path, "s", [("0", 5), ("1", 7)]).add("a2", "y")
    assert SentRuns(tmp_path, "s", [("1", 7)]).run_ids() == {"a1", "a2"}  # the first was removed for good


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(first=EXPERIMENTS, second=EXPERIMENTS)
def test_a_store_that_shares_no_experiment_is_another(first: list[tuple[str, int]], second: list[tuple[str, int]], tmp_path: Path) -> None:
    address = f"{first}{second}"[:80]
    SentRuns(tmp_path, address, first).add("a1", "x")
    known = SentRuns(tmp_path, address, second)
    assert known.run_ids() == ({"a1"} if set(first) & set(second) else set())
    known.add("a2", "y")
    assert SentRuns(tmp_path, address, first).mlflow_id("a1") == ("x" if first else None)
