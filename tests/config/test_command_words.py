"""The words of a command line before Hydra reads them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.config.command_words import line_to_complete, split_places, unknown_flags, with_info_value

WORDS = st.lists(st.sampled_from(["latest", "To be", "-m", "seed=1", "", "--cfg", "日本"]), max_size=5)


@given(words=WORDS, count=st.integers(0, 2))
def test_no_word_is_lost(words: list[str], count: int) -> None:
    places, rest = split_places(words, count)
    assert places + rest == words
    assert len(places) == (0 if words[:1] and words[0].startswith("-") else min(count, len(words)))


@given(first=st.sampled_from([[], ["latest"]]), more=WORDS, prompt=st.sampled_from(["--help", "-h", "--", "-m", "x"]))
def test_after_two_dashes_every_word_is_a_place(first: list[str], more: list[str], prompt: str) -> None:
    places = [*first, prompt]
    assert split_places([*first, "--", prompt, *more], len(places)) == (places, more)


@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize("words", [["latest", "--help"], ["-h"], ["latest", "To be", "seed=1", "--help"]])
def test_help_is_a_flag_everywhere_before_two_dashes(words: list[str], count: int) -> None:
    assert split_places(words, count) == ([], ["--help"])


def test_only_a_bare_info_gets_a_value() -> None:
    assert with_info_value([]) == []
    assert with_info_value(["--info", "seed=1"]) == ["--info=all", "seed=1"]
    assert with_info_value(["seed=1", "-i"]) == ["seed=1", "--info=all"]
    assert with_info_value(["--info", "defaults-tree"]) == ["--info", "defaults-tree"]
    assert with_info_value(["--info=config", "--cfg", "job"]) == ["--info=config", "--cfg", "job"]


@pytest.mark.parametrize(
    ("line", "count", "completed"),
    [
        ("python src/generate.py latest 'To be' temp", 2, "python verb.py temp"),
        (".venv/bin/python src/export.py latest ", 1, "python verb.py "),
        ("./src/train.py model=gpt_nano se", 0, "python verb.py model=gpt_nano se"),
        ("python src/export.py late", 1, None),
        ("python src/generate.py latest 'To be ", 2, None),
        ("python src/generate.py --cfg jo", 2, "python verb.py --cfg jo"),
        ("python src/generate.py", 2, None),
    ],
)
def test_a_line_is_completed_without_its_places(line: str, count: int, completed: str | None) -> None:
    assert line_to_complete(line, count) == completed


@pytest.mark.parametrize(
    ("words", "flags", "meant"),
    [
        (["--model", "gpt_nano"], ["--model"], "model=gpt_nano"),
        (["--model=gpt_nano"], ["--model=gpt_nano"], "model=gpt_nano"),
        (["--lr", "1e-3", "seed=2"], ["--lr"], "optimizer.learning_rate=1e-3"),
        (["--rerun"], ["--rerun"], "rerun=..."),
        (["--password", "a"], ["--password"], "password=..."),
    ],
)
def test_a_setting_with_dashes_is_told_without(words: list[str], flags: list[str], meant: str) -> None:
    (problem,) = unknown_flags(flags, words)
    assert problem.text == f"there is no such flag; settings take no dashes: did you mean {meant}?"
