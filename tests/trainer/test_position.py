"""Where a training stands."""

import hashlib
import json
import struct

from assay.trainer.position import Position


def test_a_run_begins_with_nothing_done_and_nothing_owed() -> None:
    begun = Position()
    assert (begun.steps, begun.training_seconds, begun.best_loss, begun.best_step, begun.evaluations_since_best) == (0, 0.0, None, 0, 0)
    assert begun.evaluated
    assert begun.losses_sha256 == hashlib.sha256(b"").hexdigest()


def test_a_step_is_counted_timed_and_chained() -> None:
    at, chain = Position(), hashlib.sha256(b"").digest()
    for loss, seconds in ((2.5, 0.25), (float(struct.unpack("<f", struct.pack("<f", 0.1))[0]), 0.5)):
        at.advance(loss, seconds)
        chain = hashlib.sha256(chain + struct.pack("<f", loss)).digest()
    assert (at.steps, at.training_seconds, at.losses_sha256) == (2, 0.75, chain.hex())


def test_the_chain_knows_the_order_of_losses_and_each_of_their_bits() -> None:
    chains = set()
    for losses in ((1.0, 2.0), (2.0, 1.0), (1.0, 2.0000002384185791), (1.0,), (1.0, 2.0, 2.0)):
        at = Position()
        for loss in losses:
            at.advance(loss, 1.0)
        chains.add(at.losses_sha256)
    assert len(chains) == 5


def test_only_a_lower_loss_is_a_better_one() -> None:
    at = Position()
    seen = []
    for loss in (5.0, 3.0, 3.0, 4.0, 2.0):
        at.advance(1.0, 1.0)
        at.score(loss)
        seen.append((at.best_loss, at.best_step, at.evaluations_since_best))
    assert seen == [(5.0, 1, 0), (3.0, 2, 0), (3.0, 2, 1), (3.0, 2, 2), (2.0, 5, 0)]


def test_a_score_pays_the_evaluation_that_was_owed() -> None:
    at = Position(steps=4, evaluated=False)
    at.score(1.0)
    assert at.evaluated


def test_it_comes_back_from_a_file_to_the_last_bit_and_goes_on_alike() -> None:
    at = Position()
    for step in range(3):
        at.advance(1 / (step + 3), 0.1)
    at.score(0.1 + 0.2)
    at.evaluated = False
    again = Position(**json.loads(json.dumps(at.to_json(), allow_nan=False)))
    assert again == at
    for position in (at, again):
        position.advance(1 / 7, 0.1)
        position.score(0.25)
    assert again == at
