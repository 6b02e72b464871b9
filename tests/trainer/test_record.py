"""What one optimizer step leaves behind, with Lightning's own loop around it."""

import hashlib
import math
import os
import signal
import struct
import time
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

from assay.data.order import keyed
from assay.errors import NumericError
from assay.trainer import record
from assay.trainer.position import Position

Make = Callable[..., Any]


def test_each_step_is_logged_once_with_the_mean_loss_of_its_microbatches(training: Make) -> None:
    """At a rate of 0 the model stays what it was, so each loss can be computed afterwards."""
    done = training([3.0, 2.0], rate=0.0).fit()
    assert [step for step, _ in done.logged] == [1, 2, 3, 4, 5, 6]
    losses = [done.module.training_step(batch, 0).item() for batch in done.batches[:12]]
    wanted = [(losses[i] + losses[i + 1]) / 2 for i in range(0, 12, 2)]
    assert [metrics["train/loss"] for _, metrics in done.logged] == pytest.approx(wanted, rel=1e-6)


@pytest.mark.parametrize("masked", [False, True])
def test_a_step_is_made_by_the_gradient_of_the_mean_over_its_microbatches_whatever_is_predicted(masked: bool, training: Make) -> None:
    """Each with draws of its own; momentum has nothing to add to the first step."""
    by_hand, done = training([], masked=masked, dropout=0.5), training([3.0], masked=masked, dropout=0.5, steps=1, every=1)
    counts: list[float] = []
    for microbatch in range(2):
        torch.manual_seed(keyed(1, "dropout", microbatch, 0) >> 1)
        found = by_hand.module.loss(by_hand.batches[microbatch])
        found.loss_sum.backward()
        counts.append(found.count)
    moved = {name: parameter - 0.1 * parameter.grad / sum(counts) for name, parameter in by_hand.module.model.named_parameters()}
    done.fit()
    for name, parameter in done.module.model.named_parameters():
        torch.testing.assert_close(parameter, moved[name], atol=1e-6, rtol=1e-5)


def test_a_step_is_logged_with_the_rate_it_was_made_with(training: Make) -> None:
    done = training([3.0, 2.0]).fit()
    assert [metrics["train/learning_rate"] for _, metrics in done.logged] == pytest.approx([0.1 / step for step in range(1, 7)])
    metrics = done.logged[-1][1]
    assert metrics["speed/mfu"] == pytest.approx(metrics["speed/tokens_per_second"] * done.module.model.flops_per_token(4) / 4e15)


def test_utilisation_is_of_the_highest_rate_seen_and_the_run_says_when_a_step_beats_the_product(
    training: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    fast = training([3.0, 2.0])
    fast.record.peak_flops = 4.0
    shares = [metrics["speed/mfu"] for _, metrics in fast.fit().logged]
    rates = [metrics["speed/tokens_per_second"] for _, metrics in fast.logged]
    assert shares == pytest.approx([rate / max(rates[: number + 1]) for number, rate in enumerate(rates)])
    assert shares[0] == 1
    assert capsys.readouterr().out.count("speed/mfu: a step reached") == 1


def test_the_hash_of_the_losses_is_chained_over_their_float32_bytes(training: Make) -> None:
    done = training([3.0, 2.0]).fit()
    chain = hashlib.sha256(b"").digest()
    for _, metrics in done.logged:
        chain = hashlib.sha256(chain + struct.pack("<f", metrics["train/loss"])).digest()
    assert done.record.at.losses_sha256 == chain.hex()
    assert training([3.0, 2.0]).fit().record.at.losses_sha256 == chain.hex()


def test_the_last_step_is_evaluated_and_none_twice(training: Make) -> None:
    assert training([3.0, 2.0], steps=6, every=3).fit().evaluated == [3, 6]
    assert training([3.0, 2.0, 1.0], steps=7, every=3).fit().evaluated == [3, 6, 7]


def test_it_stops_when_it_has_not_become_better_for_patience_evaluations(training: Make) -> None:
    done = training([5.0, 3.0, 4.0, 3.0, 1.0], steps=20, every=1, patience=2).fit()
    assert done.evaluated == [1, 2, 3, 4]
    assert (done.record.at.best_step, done.record.at.best_loss, done.record.at.steps) == (2, 3.0, 4)
    assert (done.record.kept_step, done.record.stopped_early) == (2, "val/loss did not improve for 2 evaluations")


def test_with_patience_the_best_weights_are_kept_also_where_the_budget_ends_first(training: Make) -> None:
    done = training([5.0, 3.0, 4.0], steps=3, every=1, patience=5).fit()
    assert (done.record.kept_step, done.record.stopped_early) == (2, None)
    last = training([5.0, 3.0, 4.0, 6.0], steps=4, every=1, patience=2).fit()  # both at once: the budget was not cut short
    assert (last.record.kept_step, last.record.stopped_early) == (2, None)


def test_without_patience_the_last_weights_are_kept(training: Make) -> None:
    assert training([5.0, 3.0, 4.0], steps=3, every=1).fit().record.kept_step == 3


def test_a_budget_of_time_ends_with_the_step_that_passes_it(training: Make) -> None:
    done = training([3.0], steps=None, every=1000, max_seconds=1e-9).fit()
    assert (done.record.at.steps, done.evaluated) == (1, [1])


def test_time_of_evaluations_is_not_training_time(monkeypatch: pytest.MonkeyPatch, training: Make) -> None:
    now = [0.0]

    def tick() -> float:
        now[0] += 1.0
        return now[0]

    monkeypatch.setattr("assay.trainer.record.time.perf_counter", tick)
    done = training([3.0, 2.0], steps=2, microbatches=1, every=1).fit()
    assert done.record.at.training_seconds == 2.0  # a second from one reading to the next; evaluations lie between other readings


# --- going on ---


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("cut", [1, 2, 3, 4])
def test_a_run_that_goes_on_is_the_unbroken_one_to_the_last_bit(cut: int, masked: bool, training: Make) -> None:
    """Dropout, momentum, the rate's schedule, the best loss and the chain of losses: from wherever it was saved."""
    unbroken = training([5.0, 4.0, 3.0], masked=masked, dropout=0.5, save_every_steps=1, every=2).fit()
    saved = unbroken.saves[cut - 1]
    assert saved[0].steps == cut
    left = [5.0, 4.0, 3.0][cut // 2 :]
    again = training(left, masked=masked, dropout=0.5, save_every_steps=1, every=2, saved=saved).fit()
    assert again.numbers == unbroken.numbers[cut:]
    for name, tensor in unbroken.module.model.state_dict().items():
        assert torch.equal(tensor, again.module.model.state_dict()[name])
    ends = [Position(**{**done.record.at.to_json(), "training_seconds": 0.0}) for done in (unbroken, again)]
    assert ends[0] == ends[1]


def test_draws_depend_on_the_seed_and_the_microbatch_alone(training: Make) -> None:
    """At a rate of 0 on one batch again and again, dropout is all that makes two losses differ."""
    same = {"dropout": 0.5, "rate": 0.0, "microbatches": 1, "every": 9, "batches": [torch.tensor([[1, 2, 3, 4, 5]])] * 40}
    runs = [training([5.0], seed=seed, **same) for seed in (1, 1, 2)]
    for done in runs:
        torch.rand(7)  # what was drawn before is of no matter
        done.fit()
    first, again, other = ([metrics["train/loss"] for _, metrics in done.logged] for done in runs)
    assert first == again
    assert not set(first) & set(other)
    assert len(set(first)) == 6


def test_draws_are_those_of_torchs_own_seeding_without_a_call_stack_written_down(monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(7)
    expected = torch.rand(5)
    monkeypatch.setattr("traceback.format_stack", lambda: pytest.fail("0.3 ms for each micro-batch"))
    record.seed_torch(7, "cpu")
    assert torch.equal(torch.rand(5), expected)


def test_an_owed_evaluation_is_made_up_for_before_the_next_step(training: Make) -> None:
    first = training([5.0, 4.0], save_every_steps=1).fit()
    position, weights, optimizer = first.saves[2]
    owed = Position(**{**position.to_json(), "evaluated": False, "best_loss": None, "best_step": 0})
    order: list[tuple[str, int]] = []
    again = training([5.0, 4.0], saved=(owed, weights, optimizer), during=lambda what, step: order.append((what, step)))
    again.fit()
    assert order[:2] == [("evaluate", 3), ("log", 4)]
    assert (again.evaluated, again.saves[0][0].best_loss) == ([3, 6], 4.0)
    assert training([4.0], saved=first.saves[2]).fit().evaluated == [6]  # nothing owed


def test_a_position_at_its_end_has_nothing_left_to_train(training: Make) -> None:
    def ended(at: Position, **settings: Any) -> bool:
        stopped = training([], **settings)
        stopped.record.at = at
        return stopped.record.done

    assert [ended(Position(steps=steps), steps=6) for steps in (5, 6)] == [False, True]
    assert [ended(Position(training_seconds=spent), steps=None, max_seconds=2.0) for spent in (1.9, 2.0)] == [False, True]
    assert [ended(Position(evaluations_since_best=waited), patience=2) for waited in (1, 2)] == [False, True]


# --- saving ---


def test_each_evaluation_is_followed_by_a_save_that_knows_of_it(training: Make) -> None:
    done = training([3.0, 2.0, 4.0], steps=7, every=3).fit()
    assert done.saved_at == [3, 6, 7]
    assert [position.best_step for position, _, _ in done.saves] == [3, 6, 6]
    assert all(position.evaluated for position, _, _ in done.saves)


def test_a_save_comes_every_so_many_steps_besides(training: Make) -> None:
    assert training([3.0, 2.0], steps=6, every=5, save_every_steps=2).fit().saved_at == [2, 4, 5, 6]
    assert training([3.0], steps=6, every=6, save_every_steps=1).fit().saved_at == [1, 2, 3, 4, 5, 6]


def test_without_a_number_a_save_comes_after_each_minute_of_training(monkeypatch: pytest.MonkeyPatch, training: Make) -> None:
    """Twenty seconds pass from one reading of the clock to the next; a step is read at its begin and at its end."""
    assert record.SAVE_SECONDS == 60.0
    now = [0.0]

    def tick() -> float:
        now[0] += 20.0
        return now[0]

    monkeypatch.setattr("assay.trainer.record.time.perf_counter", tick)
    assert training([3.0], steps=8, microbatches=1, every=8).fit().saved_at == [3, 6, 8]
    assert training([3.0, 2.0], steps=8, microbatches=1, every=4).fit().saved_at == [3, 4, 7, 8]  # a save at 4 sets the minute anew


def test_the_minute_begins_where_the_run_goes_on(monkeypatch: pytest.MonkeyPatch, training: Make) -> None:
    first = training([3.0], steps=2, microbatches=1, every=2).fit()
    position, weights, optimizer = first.saves[-1]
    late = Position(**{**position.to_json(), "training_seconds": 1000.0})
    assert training([2.0], steps=6, microbatches=1, every=6, saved=(late, weights, optimizer)).fit().saved_at == [6]


# --- leaving when asked to ---


def send(number: int, what: str, step: int) -> Callable[[str, int], None]:
    def when(happens: str, at: int) -> None:
        if (happens, at) == (what, step):
            os.kill(os.getpid(), number)

    return when


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_ends_the_step_saves_and_leaves(number: int, training: Make) -> None:
    stopped = training([3.0, 2.0], every=5, during=send(number, "log", 2))
    with pytest.raises(SystemExit) as left:
        stopped.fit()
    assert left.value.code == 128 + number
    assert (stopped.saved_at, [step for step, _ in stopped.logged]) == ([2], [1, 2])
    assert stopped.saves[0][0].evaluated
    again = training([3.0, 2.0], every=5, saved=stopped.saves[0]).fit()
    assert stopped.numbers + again.numbers == training([3.0, 2.0], every=5).fit().numbers


def test_a_stop_cuts_an_evaluation_short_and_the_save_says_it_is_owed(training: Make) -> None:
    stopped = training([3.0, 2.0], during=send(signal.SIGTERM, "evaluate", 3))
    with pytest.raises(SystemExit):
        stopped.fit()
    ((position, _, _),) = stopped.saves
    assert (position.steps, position.evaluated, position.best_loss) == (3, False, None)
    again = training([3.0, 2.0], saved=stopped.saves[0]).fit()
    assert again.evaluated == [3, 6]
    assert (again.record.at.best_step, again.record.at.best_loss) == (6, 2.0)


def test_a_stop_before_an_evaluation_does_not_begin_it(training: Make) -> None:
    stopped = training([3.0, 2.0], during=send(signal.SIGTERM, "log", 3))
    with pytest.raises(SystemExit):
        stopped.fit()
    assert (stopped.evaluated, stopped.saved_at, stopped.saves[0][0].evaluated) == ([], [3], False)


def test_a_score_is_taken_in_whole(monkeypatch: pytest.MonkeyPatch, training: Make) -> None:
    """A stop between two of its lines would leave an evaluation that is done and not counted."""
    polite: list[bool] = []
    score = Position.score
    stopped = training([3.0, 2.0])
    monkeypatch.setattr(Position, "score", lambda at, loss: (polite.append(stopped.stop._polite), score(at, loss))[1])
    stopped.fit()
    assert polite == [True, True]


def test_no_stop_leaves_without_its_save(training: Make) -> None:
    """Asked for after it was looked whether one is, the next step's end is soon enough."""
    stopped = training([3.0, 2.0], every=5)
    due = stopped.record._save_is_due

    def asked_too_late() -> bool:
        if stopped.record.at.steps == 2:
            os.kill(os.getpid(), signal.SIGTERM)
        return due()

    stopped.record._save_is_due = asked_too_late
    with pytest.raises(SystemExit):
        stopped.fit()
    assert stopped.record.at.steps == stopped.saved_at[-1]


def test_a_save_is_not_cut_short_by_the_limit_of_a_stop(monkeypatch: pytest.MonkeyPatch, training: Make) -> None:
    left: list[float] = []
    stopped = training([3.0, 2.0], every=5, during=send(signal.SIGTERM, "log", 2))
    save = stopped.save
    monkeypatch.setattr(stopped, "save", lambda: (left.append(signal.getitimer(signal.ITIMER_REAL)[0]), save())[1])
    with pytest.raises(SystemExit):
        stopped.fit()
    assert left == [0.0]


def test_a_step_that_takes_too_long_is_left_without_a_save(monkeypatch: pytest.MonkeyPatch, training: Make) -> None:
    monkeypatch.setattr("assay.tracking.signals.GRACE_SECONDS", 0.05)

    def hang(what: str, step: int) -> None:
        if (what, step) == ("log", 2):
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(30)

    stopped = training([3.0, 2.0], every=5, during=hang)
    with pytest.raises(SystemExit):
        stopped.fit()
    assert stopped.saves == []


# --- numbers that are none ---


def poison(training: Any, step: int, wanted: str) -> None:
    """The loss, or a weight, is none from `step` on."""
    train = training.module.training_step

    def poisoned(batch: Tensor, batch_idx: int) -> Any:
        loss = train(batch, batch_idx)
        if training.record.at.steps == step - 1:
            if wanted == "weights":
                training.module.model.norm.weight.data[0] = math.nan  # autograd need not know
            return loss * math.nan
        return loss

    training.module.training_step = poisoned


def test_numbers_that_are_none_leave_a_checkpoint_of_what_was_good(training: Make) -> None:
    stopped, sound = training([3.0, 2.0], every=5), training([3.0, 2.0], every=5, save_every_steps=1).fit()
    poison(stopped, 4, "loss")
    with pytest.raises(NumericError, match=r"step 4: loss .*Stopped before the update"):
        stopped.fit()
    assert stopped.saved_at == [3]
    assert all(torch.equal(tensor, sound.saves[2][1][name]) for name, tensor in stopped.saves[0][1].items())
    assert [step for step, _ in stopped.logged] == [1, 2, 3]
    again = training([3.0, 2.0], every=5, saved=stopped.saves[0])
    poison(again, 4, "loss")
    with pytest.raises(NumericError, match="step 4: loss"):  # its number, not the first of this process
        again.fit()


def test_weights_that_are_none_are_not_saved(training: Make) -> None:
    stopped = training([3.0, 2.0], every=5)
    poison(stopped, 4, "weights")
    with pytest.raises(NumericError):
        stopped.fit()
    assert stopped.saves == []


def test_nothing_is_saved_where_the_evaluation_found_the_weights_beyond_use(training: Make) -> None:
    def beyond_use(what: str, step: int) -> None:
        if what == "evaluate":
            raise NumericError("val/loss is nan")

    stopped = training([], during=beyond_use)
    with pytest.raises(NumericError):
        stopped.fit()
    assert (stopped.saves, stopped.record.at.evaluated) == ([], False)


def test_another_error_saves_nothing(training: Make) -> None:
    def fail(what: str, step: int) -> None:
        if step == 2:
            raise ValueError("a bug")

    stopped = training([], during=fail)
    with pytest.raises(ValueError, match="a bug"):
        stopped.fit()
    assert stopped.saves == []
