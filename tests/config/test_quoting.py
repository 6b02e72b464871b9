"""A value in any script is taken as it is typed; what Hydra gives a meaning keeps it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.config.overrides import parse
from assay.config.quoting import quoted, unreadable_signs


def value(text: str) -> Any:
    (override,) = parse([text]).own
    return override.value()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("labels=[好,坏]", ["好", "坏"]),
        ("output=../目录/甲", "../目录/甲"),
        ("question=你好吗？", "你好吗？"),
        ("x={a: 好, b: [ 一 , 'x,y' ]}", {"a": "好", "b": ["一", "x,y"]}),
        ("x=[{folder: a},{folder: ~/б}]", [{"folder": "a"}, {"folder": "~/б"}]),
        ("output=~/out", "~/out"),
        ("folder=甲 (旧)", "甲 (旧)"),
        ("x=a:é:b", "a:é:b"),
        ('x=["é",б]', ["é", "б"]),
        ("x=#1", "#1"),
    ],
)
def test_what_no_rule_of_the_grammar_reads_is_text(text: str, expected: Any) -> None:
    assert value(text) == expected


@pytest.mark.parametrize("text", ["x=1", "x=[a,b]", "x='好'", 'x="好,b"', "x={a: 1}", "x=null", "x", "x=", "x=a b", "x='好"])
def test_what_can_be_read_or_not_be_helped_is_left_alone(text: str) -> None:
    assert quoted(text) is None


def test_a_sweep_stays_a_sweep() -> None:
    for text in ("x=好,坏", "x=choice(好,坏)"):
        (override,) = parse([text]).own
        assert override.is_sweep_override()
        assert list(override.sweep_string_iterator()) in (["好", "坏"], ['"好"', '"坏"'])


@given(st.lists(st.text(st.characters(min_codepoint=0xA1, categories=["L", "S", "P"]), min_size=1, max_size=6), min_size=1, max_size=4))
def test_any_list_of_other_scripts_reads_back(words: list[str]) -> None:
    assert value(f"x=[{','.join(words)}]") == words


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("x=a=b", "cannot be read because of =; quote the value, for the shell too: 'x=\"a=b\"'"),
        ("x=l'été", "cannot be read because of '; quote the value"),
        ("名=1", "'名' is no name of a field"),
    ],
)
def test_what_stays_unreadable_says_why(text: str, reason: str) -> None:
    (problem,) = parse([text]).problems
    assert problem.text.startswith(reason)


def test_a_secret_is_not_repeated() -> None:
    (problem,) = parse(["api_key=a=b"]).problems
    assert "a=b" not in str(problem)


def test_the_signs_that_stand_in_the_way_are_named_once() -> None:
    assert unreadable_signs("x=a=b=(c)") == "=()"
    assert unreadable_signs("x={好: 1}") == "好"
