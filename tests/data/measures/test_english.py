import itertools
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from texts import texts

from assay.data.batch import TextBatch
from assay.data.measures import english
from assay.data.measures.fields import MEASURES
from assay.data.measures.measure import Measurer


@pytest.fixture(scope="module")
def spacy_words() -> Any:
    return pytest.importorskip("spacy").blank("en").tokenizer


@pytest.fixture(scope="module")
def reference() -> Measurer:
    pytest.importorskip("spacy")
    return Measurer("reference")


@settings(deadline=None, max_examples=200)
@given(text=texts)
def test_the_reference_rule_counts_the_words_that_spacy_cuts(text: str, spacy_words: Any, reference: Measurer) -> None:
    words = [word.text for word in spacy_words(text) if word.text.strip()]
    found = reference(TextBatch.of([text]))[0]
    assert found["words"] == len(words)
    assert found["alphabetic_words"] == sum(any(letter.isalpha() for letter in word) for word in words)
    assert found["top_2_gram"] == (0 if len(words) < 2 else top_pair(words))


def top_pair(words: list[str]) -> int:
    pairs = list(itertools.pairwise(words))
    return (1 + sum(map(len, max(dict.fromkeys(pairs), key=pairs.count)))) * max(map(pairs.count, pairs))


def test_more_chunks_than_there_is_room_for_are_learnt(reference: Measurer) -> None:
    text = " ".join(f"w{number}" for number in range(70_000))
    assert reference(TextBatch.of([text]))[0]["words"] == 70_000
    assert MEASURES.names


def test_a_chunk_has_the_same_words_whatever_was_learnt_with_it() -> None:
    """spaCy takes "é:" "(" for one exception when a blank stands between them; the next text has no such neighbour."""
    first, second = "\u00e9): ((\u00e9 x", "\u00e9):"
    alone = Measurer("reference")(TextBatch.of([second]))
    measurer = Measurer("reference")
    measurer(TextBatch.of([first]))
    assert measurer(TextBatch.of([second])).tolist() == alone.tolist()


def test_spacy_is_loaded_without_torch_which_can_be_loaded_later() -> None:
    """In a process of its own: here another test may have loaded it."""
    pytest.importorskip("spacy")
    code = (
        "import sys; from assay.data.measures.english import spacy_english as load; load(); assert 'torch' not in sys.modules; import torch"
    )
    source = Path(english.__file__).parents[3]
    subprocess.run([sys.executable, "-c", code], check=True, env={**os.environ, "PYTHONPATH": str(source)})


def test_patterns_of_another_spacy_leave_every_chunk_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    batch = TextBatch.of(["f(x): don't (cannot) self.name caf\u00e9 1.5km", "", "x  y\nz", "(a,b)"])
    expected = Measurer("reference")(batch)
    asked: list[str] = []
    ask = english.ReferenceWords._ask
    monkeypatch.setattr(english.ReferenceWords, "_ask", lambda self, text: (asked.append(text), ask(self, text))[1])
    Measurer("reference")(batch)
    monkeypatch.setattr(english, "PATTERNS", "of another version")
    assert Measurer("reference")(batch).tolist() == expected.tolist()
    assert [text.split() for text in asked] == [["caf\u00e9"], list(dict.fromkeys(" ".join(batch.texts()).split()))]


def test_the_compiled_code_follows_the_patterns_of_the_installed_spacy() -> None:
    tokenizer = pytest.importorskip("spacy").blank("en").tokenizer
    assert english.patterns_of(tokenizer) == english.PATTERNS
    tokenizer.suffix_search = None
    assert english.compiled_rules(tokenizer) == ()


def test_no_exception_of_one_word_by_patterns_alone_has_more_of_its_own() -> None:
    """Phrases of one word are not looked for: they would change nothing."""
    rules = english.compiled_rules(pytest.importorskip("spacy").blank("en").tokenizer)
    own, patterns = np.diff(rules[3]), np.diff(rules[7])
    assert set(own[: len(patterns)][patterns == 1].tolist()) <= {1}
    assert (patterns > 1).sum() > 100
