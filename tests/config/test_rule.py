"""What a rule is asked for, and what it answers with."""

from hypothesis import given
from hypothesis import strategies as st

from assay.config.rule import Rule, nearest_multiple, registering


def test_a_rule_is_registered_with_its_fields_and_stays_a_function() -> None:
    rules: list[Rule] = []

    @registering(rules)("a.low", "a.high")
    def low_is_below_high(low: int, high: int) -> str | None:
        return None if low < high else f"{low} is not below {high}"

    assert rules == [Rule(("a.low", "a.high"), low_is_below_high)]
    assert (low_is_below_high(1, 2), low_is_below_high(3, 2)) == (None, "3 is not below 2")


@given(value=st.integers(1, 10**6), of=st.integers(1, 10**4))
def test_the_multiples_around_a_value_are_told_and_nought_is_none(value: int, of: int) -> None:
    told = [int(number) for number in nearest_multiple(value, of).split(" or ")]
    assert all(number % of == 0 and number > 0 for number in told)
    assert told[-1] - of <= value < told[-1]
    assert len(told) == (2 if value >= of else 1)
