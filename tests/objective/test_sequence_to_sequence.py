"""What objectives of encoder-decoders share."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from objectives import BACKENDS, broken_graphs
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from assay.evaluation.schema import EvaluationSchema
from assay.evaluation.split import SplitText

SIZE, END = 20, 19
NAMES = pytest.mark.parametrize("name", ["denoising", "span_corruption"])
Make = Callable[..., Any]


def windows(rows: int = 8, columns: int = 17) -> torch.Tensor:
    return torch.randint(0, SIZE, (rows, columns), generator=torch.Generator().manual_seed(1))


def split(count: int = 1000, sequences: int = 4) -> SplitText:
    tokens = np.random.default_rng(0).integers(0, SIZE, count)
    return SplitText(tokens, 1, 16, sequences, tokens)


@NAMES
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_the_loss_is_the_mean_of_what_the_targets_tokens_cost(name: str, smoothing: float, seq2seq: Make) -> None:
    module = seq2seq(name, label_smoothing=smoothing)
    torch.manual_seed(3)
    found = module.loss(windows()).mean
    torch.manual_seed(3)
    pairs = module.pairs(windows()[:, : module.text_tokens(16)])
    begun = torch.cat([torch.full((8, 1), END), pairs.target[:, :-1]], dim=1)
    logs = module.writer(pairs.source, begun, pairs.visible).log_softmax(dim=2)
    right = logs.gather(2, pairs.target[..., None])[..., 0]
    expected = -(1 - smoothing) * right.mean() - smoothing * logs.mean()
    assert found.item() == pytest.approx(expected.item(), rel=1e-5)


@NAMES
def test_the_same_state_of_the_generator_draws_the_same(name: str, seq2seq: Make) -> None:
    module = seq2seq(name)
    torch.manual_seed(3)
    first = module.loss(windows()).mean
    assert module.loss(windows()).mean.item() != first.item()
    torch.manual_seed(3)
    assert module.loss(windows()).mean.item() == first.item()


@NAMES
def test_a_score_depends_on_the_weights_alone(name: str, seq2seq: Make) -> None:
    module = seq2seq(name)
    torch.manual_seed(0)
    first = module.score(split(), torch.no_grad)
    torch.manual_seed(1)
    before = torch.get_rng_state()
    second = module.score(split(sequences=7), torch.no_grad)
    assert torch.equal(torch.get_rng_state(), before)
    assert second.loss == pytest.approx(first.loss, rel=1e-6)
    assert (second.tokens, second.hidden_tokens) == (first.tokens, first.hidden_tokens)
    assert second.floor_loss == pytest.approx(first.floor_loss)
    assert module.writer.training


def test_each_token_of_the_split_is_written_once_with_an_end_for_each_text(seq2seq: Make) -> None:
    found = seq2seq("denoising").score(split(1000), torch.no_grad)
    assert found.tokens == 1000 + math.ceil(1000 / 15)


@NAMES
def test_the_floor_is_frequency_for_the_hidden_and_nothing_for_the_rest(name: str, seq2seq: Make) -> None:
    text = split()
    found = seq2seq(name).score(text, torch.no_grad)
    assert found.metrics("val")[f"val/{found.floor}_loss"] == found.floor_loss
    per_token = found.floor_loss * found.tokens / found.hidden_tokens
    assert per_token == pytest.approx(math.log(SIZE), abs=0.05)  # of tokens that are all as frequent


@NAMES
def test_samples_show_source_guess_and_truth_and_leave_draws_alone(name: str, seq2seq: Make) -> None:
    class Letters:
        def decode(self, ids: list[int]) -> str:
            return "".join(chr(97 + each) for each in ids)

    module = seq2seq(name)
    before = torch.get_rng_state()
    first, second = module.samples(Letters(), EvaluationSchema(sample_tokens=12), split(), 1)
    assert torch.equal(torch.get_rng_state(), before)
    for text, tokens in ((first, split().tokens[:12]), (second, split().tokens[12:24])):
        parts = dict(line.split(": ", 1) for line in text.split("\n\n"))
        assert list(parts) == ["source", "guess", "truth"]
        spelled = "".join(chr(97 + each) for each in tokens)
        if name == "denoising":
            assert parts["truth"] == spelled + "t"  # the end
            assert "[MASK]" in parts["source"]
        else:
            assert parts["truth"].startswith("<0>")
            assert "<0>" in parts["source"]


def test_it_learns_to_copy_and_what_is_hidden(seq2seq: Make) -> None:
    """Rows of one token each: any other of the row tells the hidden one."""
    torch.manual_seed(0)
    module = seq2seq("denoising", hidden_fraction=0.3)
    optimizer = torch.optim.Adam(module.parameters(), 0.01)
    rows = torch.arange(END).repeat(2)[:, None].expand(-1, 11)
    torch.manual_seed(0)
    for _ in range(80):
        optimizer.zero_grad()
        module.loss(rows).mean.backward()
        optimizer.step()
    tokens = rows[:END, :9].flatten().numpy()
    found = module.score(SplitText(tokens, 1, 10, 8, tokens), torch.no_grad)
    assert found.hidden_accuracy > 0.95
    assert found.loss < 0.5 * found.floor_loss


def test_logits_of_a_target_do_not_depend_on_the_padding_of_others(seq2seq: Make) -> None:
    module = seq2seq("denoising", hidden_fraction=0.5)
    pairs = module.pairs(windows(32), torch.Generator().manual_seed(0))
    assert not pairs.visible.all()
    row = int(pairs.visible.sum(dim=1).argmin())
    alone = pairs.rows(row, row + 1, torch.device("cpu"))
    shorter = type(pairs)(alone.source[alone.visible][None], alone.visible[alone.visible][None], alone.target, alone.hidden)
    module.eval()
    with torch.inference_mode():
        torch.testing.assert_close(module.logits(pairs)[row], module.logits(shorter)[0], atol=1e-5, rtol=0)
    module.train()


@NAMES
@BACKENDS
def test_a_compiled_model_has_the_same_loss_and_gradient_however_long_its_sources(
    name: str, backend: str, seq2seq: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sources of denoising are not of one length: each is padded to that of the text, or each would be compiled anew."""
    batches = [windows()] * 3
    assert broken_graphs(lambda compiled: seq2seq(name, compiled=compiled), batches, backend, monkeypatch) == 0


@NAMES
def test_the_work_of_a_step_is_what_torch_counts_for_its_sources_and_targets(name: str, seq2seq: Make) -> None:
    """Padding included, but for the half of the target's square that nobody sees: torch counts the whole."""
    module, rows, width = seq2seq(name), 8, 16
    with FlopCounterMode(display=False) as counter, sdpa_kernel(SDPBackend.MATH):
        torch.autograd.backward(module.training_step(windows(rows), 0))
    target = {"denoising": 16, "span_corruption": 2 + 1 + 1}[name]
    unseen = 12 * width * target**2 / 2 * rows
    assert module.microbatch_flops[0] * 16 * rows == counter.get_total_flops() - unseen
