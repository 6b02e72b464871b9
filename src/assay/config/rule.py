"""Rules across fields."""

from collections.abc import Callable
from dataclasses import dataclass

Says = Callable[..., str | None]
"""Given the values of the fields: why they cannot all be meant and what to change; None where they agree."""


@dataclass(frozen=True)
class Rule:
    names: tuple[str, ...]
    says: Says


def registering(rules: list[Rule]) -> Callable[..., Callable[[Says], Says]]:
    """A decorator that adds a rule over the fields it is given. A rule is asked only where every one of them passed on its own, so one
    mistake is one message."""

    def over(*names: str) -> Callable[[Says], Says]:
        def register(says: Says) -> Says:
            rules.append(Rule(names, says))
            return says

        return register

    return over


def nearest_multiple(value: int, of: int) -> str:
    below, above = value // of * of, (value // of + 1) * of
    return f"{below} or {above}" if below else f"{above}"
