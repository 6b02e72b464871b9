"""The page of promises."""

from faults.reliability import PAGE, page, rows


def test_the_page_says_what_the_tests_do() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "python tests/faults/reliability.py"


def test_each_promise_names_its_injection() -> None:
    assert all(number[0] in "TKCD" and injection for number, injection, _, _ in rows())
