import os

import pytest

from assay.data import pool
from assay.data.pool import in_order, kept_processes
from assay.errors import DataError, MachineError


def negate(number: int) -> int:
    return -number


def where(number: int) -> int:
    return os.getpid()


def fail_at_three(number: int) -> int:
    if number == 3:
        raise DataError("three: not a number we like")
    return number


def die(number: int) -> int:
    os._exit(9)


def test_results_come_in_the_order_of_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "POOL_FROM_BYTES", 1)
    assert list(in_order(negate, iter(range(50)), lambda _: 1, 2)) == [-number for number in range(50)]


def test_little_work_starts_no_process_and_much_does(monkeypatch: pytest.MonkeyPatch) -> None:
    assert set(in_order(where, iter(range(9)), lambda _: 1, 2)) == {os.getpid()}
    monkeypatch.setattr(pool, "POOL_FROM_BYTES", 4)
    assert os.getpid() not in set(in_order(where, iter(range(9)), lambda _: 1, 2))
    assert set(in_order(where, iter(range(9)), lambda _: 1, 1)) == {os.getpid()}


def test_a_fault_in_a_worker_is_the_users_message(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "POOL_FROM_BYTES", 1)
    with pytest.raises(DataError, match="three: not a number"):
        list(in_order(fail_at_three, iter(range(9)), lambda _: 1, 2))


def test_a_killed_worker_is_told_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "POOL_FROM_BYTES", 1)
    with pytest.raises(MachineError, match=r"data\.workers=1"):
        list(in_order(die, iter(range(9)), lambda _: 1, 2))


def test_a_single_worker_is_a_process_of_its_own_where_that_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "POOL_FROM_BYTES", 4)
    with kept_processes(apart=True):
        first, second = (set(in_order(where, iter(range(9)), lambda _: 1, 1)) for _ in range(2))
        assert len(first) == 1
        assert first == second != {os.getpid()}
        assert set(in_order(where, iter(range(3)), lambda _: 1, 1)) == {os.getpid()}
