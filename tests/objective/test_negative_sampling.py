"""Vectors of words by negative sampling: the kernel beside its formulas, and what is learnt."""

import math
from contextlib import nullcontext
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from objectives import make_objective
from torch.nn import functional as F

from assay.errors import DataError, NumericError
from assay.evaluation.neighbours import NeighbourScore
from assay.evaluation.schema import EvaluationSchema
from assay.evaluation.split import SplitText
from assay.model.fasttext import FastText
from assay.model.schema import FastTextSchema, Word2VecSchema
from assay.model.word2vec import Word2Vec
from assay.objective.kernel_words import _draw, _negative, _reach
from assay.objective.negative_sampling import NegativeSampling, alias_table, count_words, keep_shares
from assay.objective.objective import Vocabulary
from assay.objective.schema import CBOWSchema, SkipGramSchema

LETTERS = "abcdefghijklmnop"
SIZE, MARK, END = 18, 16, 17
"""Sixteen words of three letters, a mark, the end of a document."""
SPELLINGS = [f" {letter * 3}".encode() for letter in LETTERS] + [b" !", b""]
KINDS = [(schema, spelling) for schema in (SkipGramSchema, CBOWSchema) for spelling in (False, True)]


def objective(
    schema: Any = SkipGramSchema, spelling: bool = False, rate: float = 0.05, text: Any = None, **settings: Any
) -> NegativeSampling:
    torch.manual_seed(0)
    model = FastText(FastTextSchema(d_model=12, buckets=40), SIZE, 64) if spelling else Word2Vec(Word2VecSchema(d_model=12), SIZE, 64)
    vocabulary = Vocabulary(SIZE, END, np.ones(SIZE, dtype=np.bool_), SPELLINGS)
    config = schema(**{"min_count": 1, "subsample": None, **settings})
    made: NegativeSampling = make_objective(config, model, vocabulary, rate=lambda: rate)
    made.begin(some_text() if text is None else np.array(text))
    return made


def some_text(count: int = 4000, seed: int = 5) -> Any:
    """Documents of 20 tokens; words of an even number stand with such, and odd ones with odd, under marks."""
    draws = np.random.default_rng(seed)
    text = draws.integers(0, 8, count) * 2 + np.repeat(draws.integers(0, 2, count // 20), 20)
    text[draws.random(count) < 0.1] = MARK
    text[19::20] = END
    return text


def split(text: Any) -> SplitText:
    return SplitText(np.array(text), 1, 64, 4, np.array(text))


def scored(module: NegativeSampling, text: Any) -> NeighbourScore:
    return module.score(split(text), nullcontext)


def plainly(module: NegativeSampling, row: list[int], rate: float, seed: int) -> tuple[Any, Any, float]:
    """The tables (R, D) and (V, D) after one row of text and its mean loss: by torch's gradients in float64, and the kernel's own draws."""
    table, output = module.words.table.double().clone(), module.words.output.double().clone()
    offsets, parts = module._parts
    word_of, _, chances, others = module._words
    state, nats = np.array([seed], dtype=np.uint64), []
    documents, start = [], 0
    for end in [*(place for place, token in enumerate(row) if token == END), len(row)]:
        documents.append([int(word_of[token]) for token in row[start:end] if word_of[token] >= 0])
        start = end + 1
    for words in documents:
        for _ in words:
            _draw(state)  # whether it is kept: all are
        for centre, word in enumerate(words):
            reach = _reach(module.config.window, state)
            near = [words[place] for place in range(max(0, centre - reach), min(len(words), centre + reach + 1)) if place != centre]
            for shown, target in ([(near, word)] if module.together else [([word], each) for each in near]) if near else []:
                rows = np.concatenate([parts[offsets[each] : offsets[each + 1]] for each in shown]).astype(np.int64)
                drawn = [_negative(chances, others, state) for _ in range(module.config.negatives)]
                told = torch.tensor([target, *(each for each in drawn if each != target)])
                hidden = table[rows].mean(dim=0).requires_grad_()
                signs = torch.tensor([1.0] + [-1.0] * (len(told) - 1), dtype=torch.float64)
                # One after another: a word that is drawn twice has moved when its second turn comes.
                error = torch.zeros_like(hidden)
                for sign, number in zip(signs, told.tolist(), strict=True):
                    one = output[number].clone().requires_grad_()
                    loss = -F.logsigmoid(sign * (hidden @ one))
                    down, out = torch.autograd.grad(loss, (hidden, one))
                    nats.append(float(loss.detach()))
                    error -= rate * down
                    output[number] -= rate * out
                table.index_add_(0, torch.from_numpy(rows), error.expand(len(rows), -1).contiguous())
                nats[-len(told) :] = [sum(nats[-len(told) :])]
    return table, output, float(np.mean(nats))


@pytest.mark.parametrize(("schema", "spelling"), KINDS)
def test_the_kernel_makes_the_steps_of_the_formula(schema: Any, spelling: bool) -> None:
    module = objective(schema, spelling, window=3, negatives=4)
    generator = torch.Generator().manual_seed(3)
    module.words.table.copy_(torch.randn(module.words.table.shape, generator=generator) * 0.5)
    module.words.output.copy_(torch.randn(module.words.output.shape, generator=generator) * 0.5)
    row = some_text(60, 1).tolist()
    torch.manual_seed(9)
    seed = int(torch.randint(2**63 - 1, (1,)))
    table, output, loss = plainly(module, row, 0.2, seed)
    torch.manual_seed(9)
    nats, predictions = module.update(torch.tensor([[*row, 3]]), 0.2)
    assert nats / (predictions or 1) == pytest.approx(loss, abs=0.01)  # a sigmoid of a thousand steps
    torch.testing.assert_close(module.words.table.double(), table, atol=0.01, rtol=0)
    torch.testing.assert_close(module.words.output.double(), output, atol=0.01, rtol=0)


@pytest.mark.parametrize("schema", [SkipGramSchema, CBOWSchema])
@pytest.mark.parametrize(
    ("text", "predictions"), [([0, END, 1, END], (0, 0)), ([0, 1], (2, 2)), ([0, MARK, 1, MARK], (2, 2)), ([0, 1, 2, END, 3, 4], (6, 5))]
)
def test_a_window_ends_with_its_document_and_reaches_over_marks(schema: Any, text: list[int], predictions: tuple[int, int]) -> None:
    assert scored(objective(schema, window=1), text).predictions == predictions[schema is CBOWSchema]


@pytest.mark.parametrize(("schema", "spelling"), KINDS)
def test_words_that_stand_together_are_found(schema: Any, spelling: bool) -> None:
    module, text = objective(schema, spelling), torch.from_numpy(some_text().reshape(-1, 80))
    before = scored(module, some_text(seed=6))
    assert before.loss == pytest.approx(6 * math.log(2), rel=0.08)  # a drawn word that is the true one is left out
    for number in range(40):
        torch.manual_seed(number)
        module.training_step(text, number)
    found = scored(module, some_text(seed=6))
    assert found.loss < found.unigram_loss - 0.2
    assert found.unigram_loss < before.loss
    assert found.metrics("val") == {"val/loss": found.loss, "val/unigram_loss": found.unigram_loss}
    near = dict(
        line.split(": ")
        for line in module.samples(Any, EvaluationSchema(sample_prompts=["AAA", "bbb"]), split(some_text()), 1)[0].split("\n")
    )
    for word, others in near.items():
        kin = [other.split()[0] for other in others.split(", ")][:7]
        assert {LETTERS.index(other[0]) % 2 for other in kin} == {LETTERS.index(word[0]) % 2}


def test_draws_are_those_of_torchs_generator_and_scoring_takes_none() -> None:
    batch = torch.from_numpy(some_text(160).reshape(2, 80))
    tables = []
    for seed in (1, 1, 2):
        module = objective()
        torch.manual_seed(seed)
        module.training_step(batch, 0)
        state = torch.get_rng_state()
        scored(module, some_text(200))
        assert torch.equal(torch.get_rng_state(), state)
        tables.append(module.words.output.clone())
    assert torch.equal(tables[0], tables[1])
    assert not torch.equal(tables[0], tables[2])


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=40).filter(lambda weights: sum(weights) > 1e-3))
def test_an_alias_table_draws_each_word_by_its_weight(weights: list[float]) -> None:
    chances, others = alias_table(np.array(weights))
    shares = np.zeros(len(weights))
    for column, (chance, other) in enumerate(zip(chances / 2**32, others.tolist(), strict=True)):
        shares[column] += chance / len(weights)
        shares[other] += (1 - chance) / len(weights)
    assert shares == pytest.approx(np.array(weights) / sum(weights), abs=1e-8)
    assert all(shares[place] == 0 for place, weight in enumerate(weights) if weight == 0)


def test_frequent_words_are_left_out_by_the_rule_of_word2vec() -> None:
    counts = np.array([900, 90, 10])
    shares = keep_shares(counts, 0.01)  # 10 of a thousand words
    assert shares == pytest.approx([math.sqrt(10 / 900) + 10 / 900, math.sqrt(10 / 90) + 10 / 90, 1.0])
    assert keep_shares(counts, None).tolist() == [1.0, 1.0, 1.0]
    often = objective(subsample=0.01, window=1, text=[0] * 9000 + [2, 4] * 50)
    found = scored(often, ([0] * 90 + [2]) * 200).predictions
    assert found == pytest.approx(2 * 200 * (1 + 90 * keep_shares(np.array([9000, 50, 50]), 0.01)[0]), rel=0.05)


def test_all_tokens_of_a_word_have_its_row_and_rare_words_have_none() -> None:
    rows, counts = count_words(np.array([-1, 1, 2, 1, 4]), np.array([50, 3, 9, 4, 6]), 7)
    assert (rows.tolist(), counts.tolist()) == ([-1, 1, 2, 1, -1], [0, 7, 9, 0, 0])


def test_a_vocabulary_without_words_is_refused_with_what_to_type() -> None:
    with pytest.raises(DataError, match=r"5 times or more.*\n  Type: objective.min_count=1, or tokenizer=word"):
        objective(min_count=5, text=[0, 1, 2])


def test_numbers_that_are_none_stop_the_run() -> None:
    module = objective(rate=1e30)
    with pytest.raises(NumericError, match=r"loss nan.*\n.*a tenth of optimizer\.learning_rate"):
        module.training_step(torch.from_numpy(some_text().reshape(-1, 80)), 0)


def test_the_learning_rate_of_a_step_is_the_one_that_is_due() -> None:
    module = objective(rate=0.0)
    before = module.words.table.clone()
    assert module.training_step(torch.from_numpy(some_text(160).reshape(2, 80)), 0) is None
    assert torch.equal(module.words.table, before)
    assert (module.learning_rate, len(module.microbatch_losses)) == (0.0, 1)


def test_the_loss_of_a_step_weighs_each_prediction_alike() -> None:
    """A micro-batch of few words counts less than one of many."""
    few, many = torch.tensor([[0, 2, *[END] * 78]]), torch.from_numpy(some_text(160).reshape(2, 80))
    module = objective(rate=0.0)
    sums = [module.update(batch, 0.0) for batch in (few, many)]
    torch.manual_seed(0)
    for batch in (few, many):
        module.training_step(batch, 0)
    counts = [each.count for each in module.microbatch_losses]
    assert 0 < counts[0] < counts[1] / 10
    wanted = sum(float(each.loss_sum) for each in module.microbatch_losses) / sum(counts)
    assert module.step_loss() == pytest.approx(wanted, rel=1e-6)
    assert sums[0][1] < sums[1][1]
