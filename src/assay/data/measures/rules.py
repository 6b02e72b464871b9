"""Decides on measurements: each rule compares one number or ratio with its threshold, for all documents at once."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.data.cleaning.schema import RuleSet

Values = NDArray[Any]


@dataclass(frozen=True)
class Threshold:
    """A document fails where `value` is above (or below) the threshold that the group's field holds."""

    field: str
    reason: str
    value: Callable[[Values], Values]
    above: bool


def ratio(part: str, *whole: str) -> Callable[[Values], Values]:
    """part / (whole[0] - whole[1]), both exact before the one division; of nothing it is no number, which fails no rule."""

    def value(measures: Values) -> Values:
        below = measures[whole[0]] - (measures[whole[1]] if len(whole) > 1 else 0)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(measures[part] / below)

    return value


def number_of(name: str) -> Callable[[Values], Values]:
    return lambda measures: np.asarray(measures[name])


def stop_words_found(measures: Values) -> Values:
    return np.asarray(np.bitwise_count(measures["stop_words"]))


def alphanumeric(measures: Values) -> Values:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray((measures["letters"] + measures["digits"]) / measures["characters"])


def mean_line(measures: Values) -> Values:
    return np.asarray((measures["characters"] - measures["newlines"]) / (measures["newlines"] + 1))


ABOVE, BELOW = True, False
TESTS: dict[str, tuple[Threshold, ...]] = {
    "repetition": (
        Threshold("paragraphs", "repeated_paragraphs", ratio("repeated_paragraphs", "paragraphs"), ABOVE),
        Threshold("paragraph_characters", "repeated_paragraph_characters", ratio("repeated_paragraph_characters", "characters"), ABOVE),
        Threshold("lines", "repeated_lines", ratio("repeated_lines", "split_lines"), ABOVE),
        Threshold("line_characters", "repeated_line_characters", ratio("repeated_line_characters", "characters"), ABOVE),
        *(Threshold(f"top_{n}_gram", f"top_{n}_gram", ratio(f"top_{n}_gram", "characters"), ABOVE) for n in range(2, 5)),
        *(Threshold(f"repeated_{n}_grams", f"repeated_{n}_grams", ratio(f"repeated_{n}_grams", "characters"), ABOVE) for n in range(5, 11)),
    ),
    "gopher": (
        Threshold("min_words", "too_few_words", number_of("plain_words"), BELOW),
        Threshold("max_words", "too_many_words", number_of("plain_words"), ABOVE),
        Threshold("min_word_characters", "short_words", ratio("plain_word_characters", "plain_words"), BELOW),
        Threshold("max_word_characters", "long_words", ratio("plain_word_characters", "plain_words"), ABOVE),
        Threshold("max_hashes", "hashes", ratio("hashes", "words"), ABOVE),
        Threshold("max_ellipses", "ellipses", ratio("ellipses", "words"), ABOVE),
        Threshold("max_bullet_lines", "bullet_lines", ratio("bullet_lines", "lines"), ABOVE),
        Threshold("max_ellipsis_lines", "ellipsis_lines", ratio("ellipsis_lines", "lines"), ABOVE),
        Threshold("min_alphabetic_words", "too_few_alphabetic_words", ratio("alphabetic_words", "words"), BELOW),
        Threshold("min_stop_words", "too_few_stop_words", stop_words_found, BELOW),
    ),
    "chinese": (
        Threshold("min_han", "too_few_han", number_of("han"), BELOW),
        Threshold("min_han_share", "low_han_share", ratio("han", "letters"), BELOW),
        Threshold("max_digit_share", "digits", ratio("digits", "characters"), ABOVE),
        Threshold("min_punctuation", "unpunctuated", ratio("wide_punctuation", "han"), BELOW),
        Threshold("max_han_run", "long_run", number_of("longest_han_run"), ABOVE),
    ),
    "code": (
        Threshold("max_line_characters", "long_line", number_of("longest_line"), ABOVE),
        Threshold("max_mean_line_characters", "long_mean_line", mean_line, ABOVE),
        Threshold("min_alphanumeric", "few_alphanumeric", alphanumeric, BELOW),
        Threshold("no_generated", "generated", number_of("generated_marks"), ABOVE),
        Threshold("no_xml", "xml", number_of("xml_head"), ABOVE),
    ),
    "fineweb": (
        Threshold("min_ended_lines", "unended_lines", ratio("ended_lines", "filled_lines"), BELOW),
        Threshold("max_short_lines", "short_lines", ratio("short_lines", "filled_lines"), ABOVE),
        Threshold("max_repeated_characters", "repeated_characters", ratio("repeated_filled_characters", "characters", "newlines"), ABOVE),
        Threshold("max_newlines", "newlines", ratio("newlines", "words"), ABOVE),
    ),
}
"""Group -> its tests in the order in which the reference asks them."""
EMPTY = {"repetition": "characters", "fineweb": "filled_lines", "code": "characters"}
"""Groups that drop a text of which this is 0 before they divide by it."""


@dataclass(frozen=True, eq=False)
class Decisions:
    """`codes` (N,): 0, or 1 + the place in `reasons` of the first rule that failed; `failures` (N, R): every rule by itself."""

    reasons: tuple[str, ...]
    codes: NDArray[np.int64]
    failures: NDArray[np.bool_]


def decide(measures: Values, rules: RuleSet, groups: tuple[str, ...] = tuple(TESTS)) -> Decisions:
    """Ask the groups that `rules` holds, in their order. A reason is group.rule. C4's rules are not here: they change the text."""
    reasons: list[str] = []
    columns: list[NDArray[np.bool_]] = []
    for group in groups:
        thresholds = getattr(rules, group)
        if thresholds is None:
            continue
        if group in EMPTY:
            reasons.append(f"{group}.empty")
            columns.append(measures[EMPTY[group]] == 0)
        for test in TESTS[group]:
            threshold = getattr(thresholds, test.field)
            if threshold is None or threshold is False:
                continue
            limit = 0 if threshold is True else threshold
            value = test.value(measures)
            reasons.append(f"{group}.{test.reason}")
            columns.append(value > limit if test.above else value < limit)
    failures = np.stack(columns, axis=1) if columns else np.zeros((len(measures), 0), np.bool_)
    codes = np.where(failures.any(axis=1), 1 + failures.argmax(axis=1), 0) if columns else np.zeros(len(measures), np.int64)
    return Decisions(tuple(reasons), codes, failures)
