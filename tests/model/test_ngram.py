"""Kneser-Ney by its definition."""

import math
from collections import Counter, defaultdict

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.model.ngram import Ngram
from assay.model.schema import NgramSchema

VOCAB = 6


def trained(rows: list[list[int]], order: int = 3) -> Ngram:
    model = Ngram(NgramSchema(order=order), VOCAB, 16)
    model.observe(torch.tensor(rows))
    model.count()
    return model


def by_definition(rows: list[list[int]], order: int, context: list[int], token: int, discount: float = 0.75) -> float:
    """Chen & Goodman 1998, section 3, from dictionaries: counts at the top, distinct left neighbours below."""
    grams = [Counter(tuple(row[i : i + k]) for row in rows for i in range(len(row) - k + 1)) for k in range(1, order + 1)]
    counts: list[dict[tuple[int, ...], int]] = [defaultdict(int) for _ in range(order)]
    counts[-1].update(grams[-1])
    for k in range(1, order):
        for gram in grams[k]:
            counts[k - 1][gram[1:]] += 1
    probability = 1 / VOCAB
    for k in range(1, order + 1):
        if k - 1 > len(context):
            break
        prefix = tuple(context[len(context) - (k - 1) :]) if k > 1 else ()
        after = {gram: n for gram, n in counts[k - 1].items() if gram[:-1] == prefix and n}
        total = sum(after.values())
        if total == 0:
            if k > 1 and prefix not in grams[k - 2]:
                break
            continue
        own = max(after.get((*prefix, token), 0) - discount, 0) / total
        probability = own + discount * len(after) / total * probability
    return probability


ROWS = st.lists(st.lists(st.integers(0, VOCAB - 1), min_size=7, max_size=7), min_size=1, max_size=5)


@settings(max_examples=40, deadline=None)
@given(ROWS, st.lists(st.integers(0, VOCAB - 1), min_size=4, max_size=4))
def test_probabilities_are_kneser_neys(rows: list[list[int]], text: list[int]) -> None:
    nats = trained(rows).token_nats(torch.tensor([text]))[0].tolist()
    expected = [-math.log(by_definition(rows, 3, text[:i], text[i])) for i in range(1, len(text))]
    np.testing.assert_allclose(nats, expected, rtol=1e-9)


@settings(max_examples=20, deadline=None)
@given(ROWS)
def test_every_context_gives_a_distribution_and_agrees_with_the_quick_way(rows: list[list[int]]) -> None:
    model, text = trained(rows), torch.tensor([[0, 1, 2, 3, 4, 5, 0, 5]])
    logits = model(text[:, :-1])
    torch.testing.assert_close(logits.exp().sum(dim=2), torch.ones(1, 7), atol=1e-5, rtol=0)
    picked = -logits.gather(2, text[:, 1:, None])[..., 0].double()
    torch.testing.assert_close(picked, model.token_nats(text), atol=1e-5, rtol=1e-5)


def test_an_untaught_model_is_uniform() -> None:
    nats = Ngram(NgramSchema(), VOCAB, 16).token_nats(torch.tensor([[1, 2, 3]]))
    assert nats.tolist() == [[pytest.approx(math.log(VOCAB))] * 2]


def test_counting_in_pieces_equals_counting_at_once() -> None:
    rows = torch.randint(0, VOCAB, (12, 9), generator=torch.Generator().manual_seed(3))
    whole, pieces = Ngram(NgramSchema(), VOCAB, 16), Ngram(NgramSchema(), VOCAB, 16)
    whole.observe(rows)
    for row in rows.split(1):
        pieces.observe(row)
    for model in (whole, pieces):
        model.count()
    assert all(torch.equal(a, b) for a, b in zip(whole.buffers(), pieces.buffers(), strict=True))


def test_saved_tables_predict_the_same() -> None:
    model = trained([[0, 1, 2, 0, 1, 3, 0]])
    loaded = Ngram(NgramSchema(order=3), VOCAB, 16)
    loaded.load_state_dict(model.state_dict())
    assert torch.equal(loaded(torch.tensor([[0, 1]])), model(torch.tensor([[0, 1]])))
