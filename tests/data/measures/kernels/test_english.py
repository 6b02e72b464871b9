"""That compiled code cuts as spaCy does; tests/data/measures/test_english.py has the whole rule."""

import itertools
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from assay.data.measures.english import compiled_rules, sizes_of_words, spacy_english

MARKS = (
    list("abzABZ019")
    + list(".,:;!?()[]{}<>_#*&'\"`$%=+-~/\\|^@")
    + ["..", "--", "---", "://", "km/h", "US$", "'s", "1.2.3.4", ".com", ":80"]
)


@pytest.fixture(scope="module")
def spacy() -> Any:
    pytest.importorskip("spacy")
    return spacy_english()


@pytest.fixture(scope="module")
def exceptions(spacy: Any) -> list[str]:
    return [text for text in spacy.tokenizer.rules if not text.isspace()]


def compiled(chunks: list[str], rules: Any) -> list[list[str]]:
    """The words of each chunk; none where spaCy must be asked."""
    places = [list(itertools.accumulate(sizes, initial=0)) for sizes in sizes_of_words(chunks, rules)]
    return [[chunk[start:end] for start, end in itertools.pairwise(cut)] for chunk, cut in zip(chunks, places, strict=True)]


def asked(chunks: list[str], spacy: Any) -> list[list[str]]:
    found: list[list[str]] = [[]]
    with spacy.memory_zone():
        for word in [word.text for word in spacy.tokenizer("\n".join(chunks))]:
            if word == "\n":
                found.append([])
            else:
                found[-1].append(word)
    return found


def check(chunks: list[str], spacy: Any) -> int:
    """How many of the chunks were cut, all as spaCy does."""
    pairs = [(own, its) for own, its in zip(compiled(chunks, compiled_rules(spacy.tokenizer)), asked(chunks, spacy), strict=True) if own]
    assert [own for own, _ in pairs] == [its for _, its in pairs]
    return len(pairs)


def test_every_exception_is_cut_as_spacy_does(spacy: Any, exceptions: list[str]) -> None:
    assert check(exceptions, spacy) == sum(map(str.isascii, exceptions))


def test_exceptions_between_marks_are_cut_as_spacy_does(spacy: Any, exceptions: list[str]) -> None:
    plain = [text for text in exceptions if text.isascii()]
    around = [("(", ")"), ("x", ""), ("", "x"), ('"', '."'), ("a(", "):"), ("1", "1"), ("--", "--"), ("", "'s"), (":", "("), ("a.", ",b")]
    chunks = [before + text + behind for text in plain for before, behind in around]
    assert check(chunks, spacy) == len(chunks)


@settings(deadline=None, max_examples=60)
@given(data=some.data())
def test_any_chunks_of_ascii_are_cut_as_spacy_does(data: some.DataObject, spacy: Any, exceptions: list[str]) -> None:
    pieces = some.one_of(some.sampled_from(MARKS), some.sampled_from(MARKS), some.sampled_from(exceptions))
    chunk = some.lists(pieces, min_size=1, max_size=8).map("".join)
    check(data.draw(some.lists(chunk, min_size=1, max_size=60)), spacy)


def test_spacy_is_left_what_is_not_ascii_and_addresses_of_numbers(spacy: Any) -> None:
    chunks = ["caf\u00e9", "127.0.0.1", "x", "(10.0.0.1)"]
    assert compiled(chunks, compiled_rules(spacy.tokenizer)) == [[], [], ["x"], []]


def test_a_longer_exception_bars_a_shorter_one_that_shares_a_word(spacy: Any) -> None:
    assert compiled(["f(x):", "x:(((", "a[:("], compiled_rules(spacy.tokenizer)) == asked(["f(x):", "x:(((", "a[:("], spacy)
    assert compiled(["f(x):"], compiled_rules(spacy.tokenizer)) == [["f(x", "):"]]
