"""Predicting hidden tokens."""

import math
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from objectives import BACKENDS, broken_graphs, make_objective
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from assay.evaluation.split import SplitText
from assay.model.encoder import Encoder
from assay.model.schema import EncoderSchema
from assay.objective.masked_lm import MaskedLM
from assay.objective.objective import Vocabulary
from assay.objective.schema import MaskedLMSchema

SIZE, END = 20, 19
MASK = SIZE
WORDS = np.array([number % 2 == 0 for number in range(SIZE)])  # an odd token goes on with the word before it


def objective(vocabulary: Vocabulary | None = None, compiled: bool = False, **settings: Any) -> MaskedLM:
    torch.manual_seed(0)
    model = Encoder(EncoderSchema(n_layer=1, n_head=2, d_model=16), SIZE + MaskedLMSchema.EXTRA_TOKENS, 32)
    found: MaskedLM = make_objective(MaskedLMSchema(**settings), model, vocabulary or Vocabulary(SIZE, END, WORDS), compiled=compiled)
    return found


def some_tokens(rows: int = 64, columns: int = 32) -> torch.Tensor:
    return torch.randint(0, SIZE, (rows, columns), generator=torch.Generator().manual_seed(1))


@given(seed=st.integers(0, 2**31), fraction=st.floats(0.01, 0.9), whole=st.booleans())
def test_no_document_end_is_hidden_and_no_sequence_goes_without(seed: int, fraction: float, whole: bool) -> None:
    tokens = torch.randint(0, SIZE, (3, 9), generator=torch.Generator().manual_seed(seed))
    tokens[:, 0] = 1
    torch.manual_seed(seed)
    chosen = objective(hidden_fraction=fraction, whole_words=whole).choose(tokens)
    assert not chosen[tokens == END].any()
    assert chosen.any(dim=1).all()


def test_as_many_are_hidden_as_asked_and_in_the_three_ways_of_bert() -> None:
    module, tokens = objective(), some_tokens(512)
    torch.manual_seed(2)
    chosen = module.choose(tokens)
    assert chosen[tokens != END].float().mean() == pytest.approx(0.15, abs=0.01)
    shown = module.disguise(tokens, chosen)
    assert (shown[~chosen] == tokens[~chosen]).all()
    masked, same = (shown[chosen] == MASK).float().mean(), (shown[chosen] == tokens[chosen]).float().mean()
    assert masked == pytest.approx(0.8, abs=0.03)
    assert same == pytest.approx(0.1 + 0.1 / SIZE, abs=0.03)  # any token may be the same one
    assert int(shown[shown != MASK].max()) < SIZE


@given(seed=st.integers(0, 2**31))
def test_of_a_word_all_tokens_are_hidden_or_none(seed: int) -> None:
    tokens = torch.randint(0, END, (2, 12), generator=torch.Generator().manual_seed(seed))
    torch.manual_seed(seed)
    chosen = objective(hidden_fraction=0.3, whole_words=True).choose(tokens)
    for row, hidden in zip(tokens.tolist(), chosen.tolist(), strict=True):
        for place in range(1, len(row)):
            if not WORDS[row[place]]:
                assert hidden[place] == hidden[place - 1]


def test_of_a_chinese_word_all_characters_are_hidden_or_none() -> None:
    text, words = (
        "服务员打开了电话真的很方便",
        [range(0, 3), range(3, 5), range(5, 6), range(6, 8), range(8, 10), range(10, 11), range(11, 13)],
    )
    spelled = [*(character.encode() for character in text), *[b"."] * (END - len(text)), b""]
    module = objective(Vocabulary(SIZE, END, WORDS, spelled), hidden_fraction=0.3, whole_words="chinese")
    torch.manual_seed(1)
    chosen = module.choose(torch.arange(len(text)).expand(200, -1))
    for word in words:
        assert (chosen[:, list(word)].float().mean(dim=1) % 1 == 0).all()
    assert chosen.float().mean() == pytest.approx(0.3, abs=0.05)
    assert chosen.any(dim=1).all()


def test_a_row_of_document_ends_has_nothing_to_predict() -> None:
    module, rows = objective(), torch.tensor([[END] * 5, [END, 1, END, END, END]])
    assert module.choose(rows).tolist() == [[False] * 5, [False, True, False, False, False]]
    assert module.loss(rows[:1]).count == 0
    assert module.training_step(rows[:1], 0) == 0


def test_the_loss_is_that_of_the_hidden_tokens_alone() -> None:
    module, batch = objective(), some_tokens(4, 33)
    with torch.no_grad():
        for parameter in module.encoder.parameters():
            parameter.zero_()
    assert module.loss(batch).mean.item() == pytest.approx(math.log(SIZE + 1))
    torch.manual_seed(3)
    chosen = module.choose(batch[:, :-1])
    with torch.no_grad():
        module.encoder.output_bias[:SIZE] = torch.arange(SIZE) * 0.1
    nats = -module.encoder.output_bias.log_softmax(0)[batch[:, :-1][chosen]].mean()
    torch.manual_seed(3)
    assert module.loss(batch).mean.item() == pytest.approx(nats.item(), rel=1e-5)


def test_it_learns_what_stands_on_both_sides() -> None:
    """Rows of one token each: any other token of the row tells the hidden one."""
    module = objective()
    optimizer = torch.optim.Adam(module.parameters(), 0.01)
    rows = torch.arange(END).repeat(4)[:, None].expand(-1, 17)
    torch.manual_seed(0)
    for _ in range(60):
        optimizer.zero_grad()
        module.loss(rows).mean.backward()
        optimizer.step()
    tokens = rows[:END, :16].flatten().numpy()
    found = module.score(SplitText(tokens, 1, 16, 8, tokens), torch.no_grad)
    assert found.accuracy > 0.95
    assert found.loss < 0.2 * found.unigram_loss


@BACKENDS
def test_a_compiled_model_has_the_same_loss_and_gradient_whatever_is_hidden(backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    batches = [some_tokens(4, 33)] * 3  # as many tokens are hidden by no two draws
    assert broken_graphs(lambda compiled: objective(compiled=compiled), batches, backend, monkeypatch) == 0


def test_the_work_of_a_step_is_what_torch_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Logits are computed for what is hidden alone, which is as much here as it is in the mean."""
    module, batch = objective(hidden_fraction=0.25), some_tokens(4, 33)
    monkeypatch.setattr(module, "choose", lambda tokens: (torch.arange(tokens.shape[1]) % 4 == 0).expand_as(tokens))
    with FlopCounterMode(display=False) as counter, sdpa_kernel(SDPBackend.MATH):
        torch.autograd.backward(module.training_step(batch, 0))
    assert module.microbatch_flops[0] * 4 * 32 == counter.get_total_flops()
