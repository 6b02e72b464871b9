"""A message fits on a line, names the nearest right word, and gives away no secret."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.config.report import Problem, dotted, looks_secret, nearest, override_place, printable, refuse, show
from assay.errors import ConfigError


def test_problems_become_one_error_each_said_once() -> None:
    refuse([])
    with pytest.raises(ConfigError, match=r"^2 mistakes in the config; nothing was started\n  a: x\n  b: y$"):
        refuse([Problem("a", "x"), Problem("b", "y"), Problem("a", "x")])
    with pytest.raises(ConfigError, match=r"^1 mistake in") as caught:
        refuse([Problem("a", "x")])
    assert caught.value.exit_code == 2


def test_a_sweep_of_mistakes_is_cut_and_counted() -> None:
    with pytest.raises(ConfigError, match="200 mistakes") as caught:
        refuse([Problem("a", str(number)) for number in range(200)])
    assert str(caught.value).endswith("\n  and 150 more")


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("n_haed", "n_head"),
        ("n_layers", "n_layer"),
        ("lr", "learning_rate"),
        ("learn", "learning_rate"),
        ("gpt_smal", "gpt_small"),
        ("zzzz", None),
        ("", None),
        ("l", None),
    ],
)
def test_the_nearest_name_is_found_or_none(name: str, found: str | None) -> None:
    assert nearest(name, ["n_layer", "n_head", "learning_rate", "gpt_small"]) == found


def test_equally_near_names_are_decided_by_their_bytes() -> None:
    assert nearest("aab", ["aaz", "aac"]) == "aac"
    assert nearest("x", []) is None


@pytest.mark.parametrize("name", ["token", "api_key", "apiKey", "hfToken", "HF_TOKEN", "password", "client-secret", "tracking.password"])
def test_names_that_look_like_secrets(name: str) -> None:
    assert looks_secret(name)


@pytest.mark.parametrize("name", ["tokenizer", "max_tokens", "context_tokens", "monkey", "keyboard", "n_kv_head", "secretary"])
def test_names_that_only_hold_such_letters(name: str) -> None:
    assert not looks_secret(name)


@pytest.mark.parametrize(
    "text", ["+a.token=hunter2", "a.url=https://me:hunter2@x/", "a={b: 1, secret: hunter2}", "a.b=[https://hunter2@x]"]
)
def test_the_place_of_an_override_holds_no_secret(text: str) -> None:
    assert "hunter2" not in override_place(text)
    assert override_place(text).startswith("override ")


@given(st.text())
def test_no_text_steers_the_terminal_or_breaks_the_line(text: str) -> None:
    for line in (printable(text), show(text), override_place(text), dotted((text, 3))):
        assert line.isprintable()
        assert len(line) <= 140


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        (0, "0"),
        (1.5, "1.5"),
        ("a", "'a'"),
        ({}, "a mapping"),
        ([], "a list"),
        (10**31, "a number of more than 30 digits"),
    ],
)
def test_a_value_is_shown_as_a_person_wrote_it(value: object, text: str) -> None:
    assert show(value) == text
