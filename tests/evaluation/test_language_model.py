"""Scores over a whole split, against direct computation."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from assay.evaluation.language_model import SplitScore, SplitSources, score_split
from assay.model.schema import TransformerSchema
from assay.model.transformer import Transformer
from assay.tokenizer.lost import Lost

END = 9


class Fixed(nn.Module):
    """Gives the same distribution after every token."""

    def __init__(self, probabilities: list[float]) -> None:
        super().__init__()
        self.register_buffer("logits", torch.tensor(probabilities, dtype=torch.float64).log().float())

    def forward(self, tokens: Tensor) -> Tensor:
        return self.logits.expand(*tokens.shape, -1)


def score(model: nn.Module, tokens: list[int], utf8_bytes: int, end: int = END, context: int = 4, rows: int = 2) -> SplitScore:
    return score_split(model, np.array(tokens, dtype=np.uint16), end, utf8_bytes, context_tokens=context, sequences_per_batch=rows)


def test_a_uniform_model_loses_the_log_of_its_vocabulary() -> None:
    found = score(Fixed([0.1] * 10), [1, 2, 3, END, 4, END], utf8_bytes=4)
    assert found.loss == pytest.approx(math.log(10), abs=1e-6)
    assert found.perplexity == pytest.approx(10, abs=1e-4)
    assert found.bits_per_byte == pytest.approx(math.log2(10), abs=1e-5)  # 4 text tokens, 4 bytes; the ends are not text
    assert (found.tokens, found.document_end_tokens) == (6, 2)


@settings(max_examples=30, deadline=None)
@given(count=st.integers(1, 40), context=st.integers(2, 9), rows=st.integers(1, 3))
def test_every_token_is_scored_once_whatever_the_batching(count: int, context: int, rows: int) -> None:
    rng = np.random.default_rng(count)  # only the tokens of this test
    tokens = rng.integers(0, 10, count).tolist()
    weights = np.arange(1, 11) / 55
    found = score(Fixed(weights.tolist()), tokens, utf8_bytes=7, context=context, rows=rows)
    assert found.loss == pytest.approx(-np.log(weights[tokens]).mean(), rel=1e-5)
    assert found.accuracy == pytest.approx(tokens.count(9) / count)


def test_perplexity_equals_a_direct_computation_with_a_real_model() -> None:
    torch.manual_seed(0)
    model = Transformer(TransformerSchema(n_layer=1, n_head=2, d_model=16), 10, 8).eval()
    tokens = [1, 2, 3, END, 4, 5, 6, 7, END, 8, 1]
    nats = []
    with torch.inference_mode():
        for start in range(0, len(tokens), 8):  # rows of 8, each opened by the token before it alone
            before = tokens[start - 1] if start else END
            logits = model(torch.tensor([[before, *tokens[start : start + 7]]]))[0]
            nats += [-logits.log_softmax(1)[i, token].item() for i, token in enumerate(tokens[start : start + 8])]
    found = score(model, tokens, utf8_bytes=9, context=8)
    assert found.perplexity == pytest.approx(math.exp(sum(nats) / len(nats)), rel=1e-5)
    text = sum(value for value, token in zip(nats, tokens, strict=True) if token != END)
    assert found.bits_per_byte == pytest.approx(text / math.log(2) / 9, rel=1e-5)


def test_bits_per_byte_agree_between_byte_and_bpe_tokens_when_the_probabilities_do() -> None:
    """`ab` as one token of probability p(a) p(b) costs what the two bytes cost; perplexity differs, bits per byte do not."""
    a, b, end = 0.5, 0.25, 0.05
    as_bytes = score(Fixed([a, b, 0.2, end]), [0, 1, 0, 1, 0, 3], utf8_bytes=5, end=3)
    pairs = score(Fixed([a, b, a * b, 1 - a - b - a * b - end, end]), [2, 2, 0, 4], utf8_bytes=5, end=4)
    assert pairs.bits_per_byte == pytest.approx(as_bytes.bits_per_byte, rel=1e-6)
    assert pairs.perplexity != pytest.approx(as_bytes.perplexity, rel=0.1)


@settings(max_examples=30, deadline=None)
@given(lengths=st.lists(st.integers(1, 7), min_size=2, max_size=8), context=st.integers(2, 5), rows=st.integers(1, 3))
def test_each_source_is_scored_on_its_own_tokens_and_together_they_are_the_split(lengths: list[int], context: int, rows: int) -> None:
    weights = np.arange(1, 11) / 55
    rng = np.random.default_rng(len(lengths))  # only the tokens of this test
    documents = [[*rng.integers(0, 9, length - 1).tolist(), END] for length in lengths]
    owners = [place % 2 for place in range(len(lengths))]
    tokens = np.array([token for document in documents for token in document], dtype=np.uint16)
    sources = SplitSources(["one", "two"], np.array(owners), np.cumsum(lengths).astype(np.uint64), [5, 6])
    model = Fixed(weights.tolist())
    found = score_split(model, tokens, END, 11, context_tokens=context, sequences_per_batch=rows, sources=sources)
    plain = score_split(model, tokens, END, 11, context_tokens=context, sequences_per_batch=rows)
    assert {**found.metrics("val")}.items() >= plain.metrics("val").items()
    for owner, (name, size) in enumerate((("one", 5), ("two", 6))):
        mine = [token for document, own in zip(documents, owners, strict=True) if own == owner for token in document]
        nats = -np.log(weights[mine])
        assert found.by_source[name].loss == pytest.approx(nats.mean(), rel=1e-5)
        text = nats[np.array(mine) != END].sum()
        assert found.metrics("val")[f"val/{name}/bits_per_byte"] == pytest.approx(text / math.log(2) / size, rel=1e-5)
        assert found.by_source[name].tokens == len(mine)
    total = sum(each.loss * each.tokens for each in found.by_source.values())
    assert total / len(tokens) == pytest.approx(found.loss, rel=1e-9)


def test_a_source_without_text_in_the_split_has_no_score() -> None:
    sources = SplitSources(["here", "absent"], np.array([0]), np.array([3], dtype=np.uint64), [2, 0])
    tokens = np.array([1, 2, END], dtype=np.uint16)
    found = score_split(Fixed([0.1] * 10), tokens, END, 2, context_tokens=4, sequences_per_batch=1, sources=sources)
    assert list(found.by_source) == ["here"]
    assert found.by_source["here"].loss == pytest.approx(found.loss)


def test_tokens_that_do_not_give_the_text_back_have_no_bits_per_byte_but_say_what_is_lost() -> None:
    lost = Lost(1, 3, 2)
    found = score_split(Fixed([0.1] * 10), np.array([1, END, 2, END]), END, 8, context_tokens=4, sequences_per_batch=1, lost=lost)
    assert set(found.metrics("val")) == {"val/loss", "val/perplexity", "val/accuracy"}
    assert found.sizes().items() >= lost.facts().items()
    assert "bits_per_byte" not in found.said("val")


def test_a_source_that_lost_text_has_no_bits_per_byte_and_one_that_lost_none_has() -> None:
    tokens = np.array([1, END, 2, END], dtype=np.uint16)
    sources = SplitSources(["whole", "torn"], np.array([0, 1]), np.array([2, 4], dtype=np.uint64), [1, 1], [Lost(), Lost(1, 1, 0)])
    split = {"context_tokens": 4, "sequences_per_batch": 1}
    found = score_split(Fixed([0.1] * 10), tokens, END, 2, **split, sources=sources, lost=Lost(1, 1, 0))  # type: ignore[arg-type]
    assert "val/whole/bits_per_byte" in found.metrics("val")
    assert not {"val/torn/bits_per_byte", "val/bits_per_byte"} & set(found.metrics("val"))
    assert found.sizes()["by_source"]["torn"]["lost_documents"] == 1
