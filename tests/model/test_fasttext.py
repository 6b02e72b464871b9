"""Words made of their n-grams."""

from pathlib import Path

import numpy as np
import pytest
import torch

from assay.model.checkpoint import load_weights, save_checkpoint
from assay.model.fasttext import FastText, fnv1a, ngrams
from assay.model.schema import FastTextSchema

SPELT = [None, "where", "here", None, "caf\u00e9"]
WORD_OF = np.array([-1, 1, 2, 1, 4], dtype=np.int32)


def model(learn: bool = True) -> FastText:
    torch.manual_seed(1)
    made = FastText(FastTextSchema(d_model=4, buckets=1000, min_n=3, max_n=4), 5, 8)
    if learn:
        made.learn_words(WORD_OF, SPELT)
    return made


def test_ngrams_know_the_ends_of_their_word() -> None:
    """The example of Bojanowski et al. 2017, section 3.2."""
    assert ngrams("where", 3, 3) == ["<wh", "whe", "her", "ere", "re>"]
    assert ngrams("a", 3, 6) == ["<a>"]
    assert len(ngrams("where", 3, 6)) == 14


@pytest.mark.parametrize(
    ("text", "value"),
    [("", 2166136261), ("a", 0xE40C292C), ("foobar", 3214735720), ("<caf\u00e9>", 3312017187), ("\u4e2d", 3930512628)],
)
def test_the_hash_is_that_of_fasttext(text: str, value: int) -> None:
    """The last three as gensim 4.4.0 has them; the first two are those of FNV-1a's authors."""
    assert fnv1a(text.encode()) == value


def test_a_word_is_the_mean_of_itself_and_its_ngrams() -> None:
    made = model()
    rows = [2, *(5 + fnv1a(each.encode()) % 1000 for each in ngrams("here", 3, 4))]
    torch.testing.assert_close(made.vectors()[2], made.table[rows].mean(dim=0))
    assert made.vectors()[[0, 3]].abs().sum() == 0  # no word, and one that has its row elsewhere
    assert made(torch.tensor([[3, 1, 0]]))[0].shape == (3, 5)


def test_a_word_never_seen_is_the_mean_of_its_ngrams() -> None:
    made = model()
    rows = [5 + fnv1a(each.encode()) % 1000 for each in ngrams("there", 3, 4)]
    found = made.unknown("there")
    assert found is not None
    np.testing.assert_allclose(found, made.table[rows].mean(dim=0).numpy(), rtol=1e-6)
    assert made.unknown("") is None


def test_parts_of_words_come_back_with_the_weights(tmp_path: Path) -> None:
    made, other = model(), model(learn=False)
    save_checkpoint(tmp_path, 3, made, None, {})
    load_weights(tmp_path / "step_000000003", other)
    assert torch.equal(other.vectors(), made.vectors())
    assert made.count_parameters() == (5 + 1000 + 5) * 4
