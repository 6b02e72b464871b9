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


def test_what_is_kept_of_chunks_is_bounded_and_changes_no_word(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("spacy")
    monkeypatch.setattr(english, "CHUNKS_KEPT", 10)
    words = english.EnglishWords()
    text = " ".join(f"w{number}." for number in range(50))
    batch = TextBatch.of([text] * 20)
    sizes, places = words(batch)
    assert len(words._known) <= 10 + 51
    assert np.diff(places).tolist() == [149] * 20
    assert sizes[:6].tolist() == [2, 1, -1, 2, 1, -1]


def test_a_space_behind_a_word_is_no_word_and_other_blanks_are() -> None:
    """As in spaCy, where the second of two spaces is a token of its own."""
    pytest.importorskip("spacy")
    sizes, places = english.EnglishWords()(TextBatch.of(["a  b\nc", "", " "]))
    assert sizes.tolist() == [1, -1, 1, 1, 1, 1, -1]
    assert places.tolist() == [0, 6, 6, 7]


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
