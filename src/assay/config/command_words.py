"""The words of a command line before Hydra reads them: places, --help, --info without a value, and the line that a shell wants completed."""

import re
from collections.abc import Sequence

from assay.config.other_names import OTHER_NAMES
from assay.config.report import Problem, override_place

HELP_FLAGS = ("-h", "--help")
INFO_FLAGS = ("-i", "--i", "--in", "--inf", "--info")
INFO_CHOICES = ("all", "config", "defaults", "defaults-tree", "plugins", "searchpath")
END_OF_FLAGS = "--"
SHELL_WORD = re.compile(r"""(?:[^\s"'\\]|\\.|"(?:\\.|[^"\\])*"?|'[^']*'?)+""", re.DOTALL)


def split_places(words: Sequence[str], count: int) -> tuple[list[str], list[str]]:
    """The first `count` words, which are taken by place whatever characters they hold, then the rest.

    A first word with a dash is a flag, so there are no places then. --help is a flag everywhere but after `--`.
    """
    marked = END_OF_FLAGS in words[: count + 1]
    end = words.index(END_OF_FLAGS) if marked else len(words)
    if count and set(HELP_FLAGS) & set(words[:end]):
        return [], ["--help"]
    if count == 0 or (words and words[0].startswith("-") and end > 0):
        return [], list(words)
    if marked and end <= count:
        words = [*words[:end], *words[end + 1 :]]
    return list(words[:count]), list(words[count:])


def with_info_value(words: Sequence[str]) -> list[str]:
    """A bare --info asks for all, as in Hydra; argparse would take the next override for its value."""
    following = [*words[1:], ""]
    return [
        "--info=all" if word in INFO_FLAGS and after not in INFO_CHOICES else word for word, after in zip(words, following, strict=False)
    ]


def line_to_complete(line: str, count: int) -> str | None:
    """A shell's line as Hydra can complete it: without places, whose names Hydra does not know. None while a place is being typed."""
    words = list(SHELL_WORD.finditer(line))
    script = next((number for number, word in enumerate(words) if word[0].endswith(".py")), 0)
    rest = words[script + 1 :]
    texts = [word[0] for word in rest]
    if count and not (texts and texts[0].startswith("-") and texts[0] != END_OF_FLAGS):
        taken = count + (END_OF_FLAGS in texts[: count + 1])
        if len(rest) < taken or rest[taken - 1].end() == len(line):
            return None
        rest = rest[taken:]
    complete = [word[0] for word in rest if word.end() < len(line)]
    last = rest[-1][0] if rest and rest[-1].end() == len(line) else ""
    return " ".join(["python verb.py", *complete, last])


def unknown_flags(unknown: list[str], words: list[str]) -> list[Problem]:
    """Settings take no dashes: `--model gpt_nano` and `--model=gpt_nano` mean model=gpt_nano."""
    problems = []
    for flag in [word for word in unknown if word.startswith("-")]:
        key, equals, value = flag.lstrip("-").partition("=")
        after = words[words.index(flag) + 1 :][:1] if not equals else []
        value = value if equals else after[0] if after and not after[0].startswith("-") and "=" not in after[0] else "..."
        key = OTHER_NAMES.get(key, (key,))[0]
        hidden = override_place(f"{key}={value}").removeprefix("override ")
        problems.append(Problem(flag.partition("=")[0], f"there is no such flag; settings take no dashes: did you mean {hidden}?"))
    return problems
