import re

import pytest
from hypothesis import given, settings
from texts import texts

from assay.data.batch import TextBatch
from assay.data.cleaning.schema import C4Rules
from assay.data.measures.c4 import LINE_COUNTS, REASONS, c4_lines
from assay.data.measures.measure import Measurer

ANY = C4Rules(min_sentences=None)
POLICIES = ("terms of use", "privacy policy", "cookie policy", "uses cookies", "use of cookies", "use cookies")


def lower(text: str) -> str:
    return re.sub("[A-Z]", lambda found: found[0].lower(), text)


def plainly(text: str) -> tuple[str | None, str]:
    """C4's rules for lines, one after the other."""
    kept = []
    for whole in text.splitlines():
        words = whole.strip().split()
        line = re.sub(r"\[\d*]|\[edit]|\[citation needed]", "", whole.strip())
        if (
            any(len(word) > 1000 for word in words)
            or not line.endswith((".", "?", "!", '"', "'"))
            or line.endswith("...")
            or len(words) < 3
        ):
            continue
        if "lorem ipsum" in lower(line):
            return "lorem_ipsum", ""
        if "javascript" in lower(line):
            continue
        if "{" in line:
            return "curly_bracket", ""
        if not any(policy in lower(line) for policy in POLICIES):
            kept.append(line)
    return None, "\n".join(kept).strip()


@settings(deadline=None, max_examples=400)
@given(texts)
def test_lines_go_and_stay_as_defined(text: str) -> None:
    edited = c4_lines(TextBatch.of(["before it. And more.", text, "a b c."]), ANY, Measurer())
    reason, kept = plainly(text)
    assert (REASONS[edited.codes[1] - 1] if edited.codes[1] else None, edited.batch.text(1)) == (reason, kept)
    assert edited.batch.text(2) == "a b c."


@pytest.mark.parametrize(
    ("line", "count"),
    [
        ("A line of five words.", "kept"),
        ("x" * 1001 + " is too long.", "too_long_word"),
        ("No full stop here", "no_terminal_punctuation"),
        ("Two words.", "too_few_words"),
        ("Please enable JavaScript now.", "javascript"),
        ("This site uses cookies today.", "policy"),
    ],
)
def test_each_line_is_counted_by_what_became_of_it(line: str, count: str) -> None:
    counts = dict(zip(LINE_COUNTS, c4_lines(TextBatch.of([line]), ANY, Measurer()).line_counts[0].tolist(), strict=True))
    assert {name for name, amount in counts.items() if amount} == {"lines", count}


def test_too_few_sentences_drop_a_text() -> None:
    text = "\n".join(["One sentence is here."] * 4)
    found = c4_lines(TextBatch.of([text, text + "\nAnd a fifth."]), C4Rules(), Measurer())
    assert found.codes.tolist() == [1 + REASONS.index("too_few_sentences"), 0]
