"""Drawing tokens, by the definitions."""

from collections import Counter
from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from assay.inference.sampling import draw, generate_tokens
from assay.inference.schema import GenerateConfig
from assay.model.language_model import LanguageModel
from assay.model.ngram import Ngram
from assay.model.recurrent import Recurrent
from assay.model.schema import NgramSchema, RecurrentSchema, TransformerSchema
from assay.model.transformer import Transformer

VOCAB, CONTEXT, END = 13, 8, 0
LEARNED = TransformerSchema(n_layer=2, n_head=2, d_model=8, tie_embeddings=False)
FORMS = {"learned": LEARNED, "rotary": replace(LEARNED, position="rotary")}


def make(form: str) -> Transformer:
    torch.manual_seed(0)
    model = Transformer(FORMS[form], VOCAB, CONTEXT)
    for parameter in model.parameters():
        nn.init.normal_(parameter, std=1.0)
    return model.eval()


class Fixed(LanguageModel):
    """Gives the same logits after every token."""

    context_tokens = 4

    def __init__(self, logits: list[float]) -> None:
        super().__init__()
        self.register_buffer("logits", torch.tensor(logits))

    def forward(self, tokens: Tensor, cache: None = None) -> Tensor:
        return self.logits.expand(*tokens.shape, -1)

    def empty_cache(self) -> None:
        return None


def generated(model: LanguageModel, prompt: list[int], end: int = END, allowed: int = VOCAB, **choices: float) -> list[int]:
    return list(generate_tokens(model, prompt, GenerateConfig(**choices), end, allowed))


@pytest.mark.parametrize("form", FORMS)
def test_greedy_takes_the_likeliest_token_each_time_past_the_context_too(form: str) -> None:
    """Step by step without a cache: the window fills, then its older half goes."""
    model = make(form)
    found = generated(model, [1, 2, 3], end=-1, max_new_tokens=30, temperature=0.0)
    seen, window = [1, 2, 3], [1, 2, 3]
    for _ in range(30):
        if len(window) > CONTEXT:
            window = seen[-CONTEXT // 2 :]
        with torch.inference_mode():
            token = int(model(torch.tensor([window]))[0, -1].argmax())
        seen, window = [*seen, token], [*window, token]
    assert found == seen[3:]
    assert len(set(found)) > 1


def test_only_the_end_of_a_prompt_longer_than_the_context_is_read() -> None:
    long = [5] * 20 + [1, 2, 3, 4, 5, 6, 7, 8]
    model = make("learned")
    assert generated(model, long, temperature=0.0, max_new_tokens=5) == generated(model, long[-CONTEXT:], temperature=0.0, max_new_tokens=5)


def test_a_recurrent_model_reads_the_whole_prompt_and_goes_on_past_the_windows_of_training() -> None:
    """Step by step without a cache, over all that is there: twice the context and a half, then four times."""
    torch.manual_seed(3)
    model = Recurrent(RecurrentSchema(n_layer=2, d_model=32, tie_embeddings=False), VOCAB, CONTEXT).eval()
    for parameter in model.parameters():
        nn.init.normal_(parameter, std=1.0)
    prompt = torch.randint(1, VOCAB, (20,), generator=torch.Generator().manual_seed(1)).tolist()
    for read in (prompt, prompt[:3], prompt[:8]):
        seen = list(read)
        for _ in range(12):
            with torch.inference_mode():
                seen.append(int(model(torch.tensor([seen]))[0, -1].argmax()))
        assert generated(model, read, end=-1, max_new_tokens=12, temperature=0.0) == seen[len(read) :]
        assert len(set(seen[len(read) :])) > 1


def test_a_model_without_a_cache_reads_its_context_each_time() -> None:
    model = Ngram(NgramSchema(order=2), VOCAB, CONTEXT)
    model.observe(torch.tensor([[1, 2, 3, 1, 2, 3, 1, 2, 3, 1]]))
    model.count()
    assert generated(model, [1], temperature=0.0, max_new_tokens=12) == [2, 3, 1] * 4


def test_generation_stops_at_the_end_of_a_document_without_giving_it() -> None:
    assert generated(Fixed([9.0, 1.0, 0.0]), [1], temperature=0.0, allowed=3) == []
    assert generated(Fixed([9.0, 1.0, 0.0]), [1], end=2, temperature=0.0, allowed=3, max_new_tokens=4) == [0, 0, 0, 0]


def test_without_a_prompt_a_document_begins() -> None:
    model = make("learned")
    assert generated(model, [], max_new_tokens=3, temperature=0.0) == generated(model, [END], max_new_tokens=3, temperature=0.0)


def test_rows_beyond_the_tokenizers_vocabulary_are_never_drawn() -> None:
    model = Fixed([0.0, 0.0, 50.0])
    assert set(generated(model, [1], end=-1, allowed=2, max_new_tokens=50)) == {0, 1}
    assert generated(model, [1], end=-1, allowed=2, temperature=0.0, max_new_tokens=2) == [0, 0]


def test_a_seed_gives_its_text_again_and_leaves_torchs_own_randomness_alone() -> None:
    model = make("learned").train()
    before = torch.get_rng_state()
    first = generated(model, [1], seed=3, end=-1, max_new_tokens=20)
    assert torch.equal(torch.get_rng_state(), before)
    assert generated(model, [1], seed=3, end=-1, max_new_tokens=20) == first
    assert generated(model, [1], seed=4, end=-1, max_new_tokens=20) != first
    assert model.training


def shares(logits: list[float], draws: int = 4000, **choices: float) -> dict[int, float]:
    generator = torch.Generator().manual_seed(1)
    counts = Counter(draw(torch.tensor(logits), GenerateConfig(**choices), generator) for _ in range(draws))
    return {token: n / draws for token, n in counts.items()}


def test_temperature_divides_the_logits() -> None:
    """ln 3 apart: 3 to 1 at temperature 1, 9 to 1 at a half."""
    logits = [0.0, 1.0986]
    assert shares(logits, temperature=1.0)[1] == pytest.approx(0.75, abs=0.03)
    assert shares(logits, temperature=0.5)[1] == pytest.approx(0.9, abs=0.02)


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.floats(-1e4, 1e4, width=32), min_size=1, max_size=9),
    st.floats(0, 100) | st.sampled_from([1e-40, 5e-324]),
    st.integers(0, 99),
)
def test_any_temperature_draws_a_token(logits: list[float], temperature: float, seed: int) -> None:
    token = draw(torch.tensor(logits), GenerateConfig(temperature=temperature), torch.Generator().manual_seed(seed))
    assert 0 <= token < len(logits)
    if temperature < 1e-20:
        assert logits[token] == max(logits)


def test_top_k_draws_from_exactly_the_k_likeliest() -> None:
    assert set(shares([0.0, 3.0, 1.0, 2.0], top_k=2, temperature=5.0)) == {1, 3}
    assert set(shares([1.0, 1.0, 1.0, 1.0], top_k=2)) == {0, 1}  # equals are taken in order: k is k
    assert set(shares([1.0, 1.0], top_k=50)) == {0, 1}
    kept = shares([0.0, 1.0986, -9.0], top_k=2, temperature=1.0)
    assert kept[1] == pytest.approx(0.75, abs=0.03)


def test_top_p_draws_from_the_fewest_that_reach_the_probability() -> None:
    """Probabilities 0.5, 0.3, 0.15, 0.05: the token that crosses the line stays."""
    logits = torch.tensor([0.15, 0.5, 0.05, 0.3]).log().tolist()
    assert set(shares(logits, top_p=0.4, temperature=1.0)) == {1}
    assert set(shares(logits, top_p=0.6, temperature=1.0)) == {1, 3}
    assert set(shares(logits, top_p=0.9, temperature=1.0)) == {1, 3, 0}
    assert shares(logits, top_p=0.6, temperature=1.0)[1] == pytest.approx(0.625, abs=0.03)


def test_top_p_counts_the_probabilities_that_top_k_leaves() -> None:
    """Of 0.5, 0.3, 0.15, 0.05 top-k 2 leaves 0.625 and 0.375, so 0.6 is reached by the first alone."""
    logits = torch.tensor([0.15, 0.5, 0.05, 0.3]).log().tolist()
    assert set(shares(logits, top_k=2, top_p=0.6, temperature=1.0)) == {1}
