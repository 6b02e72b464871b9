"""A plain-text file whose lines look like documents of their own is told, and prose is not."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from assay.data.clean import clean
from assay.data.line_documents import line_documents_note

Corpus = Callable[..., SimpleNamespace]
REVIEWS = [f"{'很好' * (2 + number * number % 23)}，第{number}条" for number in range(80)]
WRAPPED = ["the same words again and again until the line is full of them, and" + " x" * (number % 3) for number in range(80)]


def note(corpus: Corpus, lines: list[str], encoding: str = "utf-8", **source: Any) -> str | None:
    made = corpus({"a.txt": "\n".join(lines).encode(encoding)}, source=source)
    return line_documents_note(made.config.data, made.root)


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_lines_of_uneven_length_look_like_documents(corpus: Corpus, encoding: str) -> None:
    said = note(corpus, REVIEWS, encoding)
    assert said is not None
    assert said.startswith("note: a.txt holds 80 lines of about ")
    assert said.endswith("write in conf/data/mine.yaml, beside its folder: format: lines")


def test_sentences_of_one_length_do_too(corpus: Corpus) -> None:
    assert note(corpus, [f"this is review {number:03}." for number in range(60)]) is not None


@pytest.mark.parametrize(
    "lines",
    [
        WRAPPED,  # prose, cut at the width of a page
        [line for review in REVIEWS for line in (review, "")],  # paragraphs
        REVIEWS[:40],
        [],
    ],
)
def test_other_texts_do_not(corpus: Corpus, lines: list[str]) -> None:
    assert note(corpus, lines) is None


def test_a_corpus_without_a_file_is_told_to_have_one(corpus: Corpus) -> None:
    made = corpus({"a.txt": "\n".join(REVIEWS).encode()}, data={"name": "outside_a"})
    said = line_documents_note(made.config.data, made.root)
    assert said is not None
    assert "conf/data/outside_a.yaml" not in said
    assert said.endswith("write in a file of conf/data/ of its own, as a source: {folder: ..., format: lines}")


@pytest.mark.parametrize("form", ["lines", "txt"])
def test_a_format_that_was_declared_is_not_questioned(corpus: Corpus, form: str) -> None:
    assert note(corpus, REVIEWS, format=form) is None


def test_a_large_file_is_judged_by_its_beginning_and_cleaning_says_it(corpus: Corpus) -> None:
    made = corpus({"a.txt": "\n".join(REVIEWS * 100).encode()}, cleaning={"exact_dedup": False})
    clean(made.config, made.root / "out", made.root, made.say)
    assert "a.txt holds more than " in made.said[-1]
