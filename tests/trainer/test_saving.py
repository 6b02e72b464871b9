"""Which checkpoint a run goes on from, and what a save leaves."""

from pathlib import Path
from typing import Any

import pytest
import tokenizers
import torch

from assay.errors import ConfigError, DataError
from assay.files import sha256_file
from assay.model.checkpoint import WEIGHTS, name_of, newest_verified, read_state, save_checkpoint, steps_in
from assay.model.encoder import Encoder
from assay.model.huggingface.writing import write_model
from assay.model.schema import EncoderSchema, TransformerSchema
from assay.model.transformer import Transformer
from assay.schedule.course import Course
from assay.tokenizer.tokenizer import Tokenizer
from assay.trainer.position import Position
from assay.trainer.saving import Checkpoints, load_imported, load_initial

TOKENIZER = "a" * 64
OTHER = "b" * 64


class Record:
    """As much of a run as its checkpoints need. `calls`: what was asked of it, with the checkpoints there were then."""

    def __init__(self, folder: Path, run_id: str = "mine") -> None:
        self.folder, self.run_id = folder, run_id
        self.checkpoint: Path | None = None
        self.calls: list[Any] = []

    def note(self, kind: str, **facts: Any) -> None:
        self.calls.append((kind, facts))

    def sync(self) -> None:
        self.calls.append(("sync", steps_in(self.folder / "checkpoints")))

    def log(self, step: int, metrics: dict[str, float], kind: str) -> None:
        assert kind == "checkpoint"
        assert set(metrics) == {"speed/checkpoint_seconds"}


def model(seed: int = 0, width: int = 4) -> Transformer:
    torch.manual_seed(seed)
    return Transformer(TransformerSchema(n_layer=1, n_head=1, d_model=width), 8, 4)


def checkpoints(folder: Path, *steps: int, best: int = 0, run_id: str = "mine", tokenizer: str = TOKENIZER) -> Checkpoints:
    made = Checkpoints(Record(folder, run_id), tokenizer)  # type: ignore[arg-type]
    for step in steps:
        made.save(model(step), None, Position(steps=step, best_step=best))
    return made


def damage(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)


def weights(folder: Path, step: int) -> Path:
    return folder / "checkpoints" / name_of(step) / WEIGHTS


def found_in(folder: Path, total: int | None = 100) -> tuple[int, list[str]]:
    """The step it goes on from and what it says; -1 for a beginning."""
    said: list[str] = []
    restored = checkpoints(folder).find(total, said.append)
    return (restored.position.steps if restored else -1), said


def test_a_run_without_checkpoints_begins_without_a_word(tmp_path: Path) -> None:
    assert found_in(tmp_path) == (-1, [])


def test_it_goes_on_from_the_newest_and_says_so(tmp_path: Path) -> None:
    checkpoints(tmp_path, 2, 4)
    assert found_in(tmp_path) == (4, ["going on from step 4 of run mine"])


def test_the_position_is_the_one_that_was_saved(tmp_path: Path) -> None:
    at = Position(7, 0.1 + 0.2, 1 / 3, 5, 2, False, "c" * 64)
    saving = checkpoints(tmp_path)
    saving.save(model(), None, at)
    again = checkpoints(tmp_path)
    restored = again.find(None, lambda said: None)
    assert restored is not None
    assert (restored.position, restored.folder) == (at, tmp_path / "checkpoints" / name_of(7))
    assert again.weights_sha256 == saving.weights_sha256 == sha256_file(weights(tmp_path, 7))


def test_damaged_checkpoints_are_passed_over_with_the_reason_said_and_recorded(tmp_path: Path) -> None:
    checkpoints(tmp_path, 2, 4, best=2)
    save_checkpoint(tmp_path / "checkpoints", 6, model(), None, {"run_id": "mine"})
    damage(weights(tmp_path, 4))
    (tmp_path / "checkpoints" / name_of(6) / "manifest.json").unlink()
    again, said = checkpoints(tmp_path), list[str]()
    restored = again.find(100, said.append)
    assert restored is not None
    assert restored.position.steps == 2
    assert again.weights_sha256 == sha256_file(weights(tmp_path, 2))
    unfinished, altered, goes_on = said
    assert unfinished.startswith("checkpoint passed over: ")
    assert unfinished.endswith(f"{name_of(6)} is missing, or was never finished.")
    assert f"{name_of(4)}/weights.safetensors was altered: expected sha256" in altered
    assert goes_on == "going on from step 2 of run mine"
    reasons = [line.removeprefix("checkpoint passed over: ") for line in (unfinished, altered)]
    assert again.run.calls == [("checkpoint_passed_over", {"reason": reason}) for reason in reasons]  # type: ignore[attr-defined]


def test_a_run_whose_checkpoints_are_all_damaged_begins_again_and_says_why(tmp_path: Path) -> None:
    checkpoints(tmp_path, 2)
    damage(weights(tmp_path, 2))
    step, said = found_in(tmp_path)
    assert (step, len(said)) == (-1, 1)


def test_a_checkpoint_that_was_named_is_taken_or_refused_never_replaced(tmp_path: Path) -> None:
    checkpoints(tmp_path, 2, 4)
    named = checkpoints(tmp_path)
    named.run.checkpoint = tmp_path / "checkpoints" / name_of(2)
    restored = named.find(100, lambda said: None)
    assert restored is not None
    assert restored.position.steps == 2
    damage(weights(tmp_path, 2))
    with pytest.raises(DataError, match=r"step_000000002/weights\.safetensors was altered") as refused:
        named.find(100, lambda said: None)
    assert refused.value.exit_code == 3


@pytest.mark.parametrize(
    ("differs", "said"),
    [({"run_id": "other"}, "run_id other, here mine"), ({"tokenizer": OTHER}, f"tokenizer_sha256 {OTHER}, here {TOKENIZER}")],
)
def test_a_checkpoint_of_another_run_or_tokenizer_is_refused(differs: dict[str, str], said: str, tmp_path: Path) -> None:
    checkpoints(tmp_path, 2, **differs)  # type: ignore[arg-type]
    with pytest.raises(DataError, match=f"(?s)belongs to another run:.*{said}"):
        found_in(tmp_path)


def test_a_run_beyond_its_budget_is_refused_and_one_at_its_end_is_not(tmp_path: Path) -> None:
    checkpoints(tmp_path, 4)
    with pytest.raises(ConfigError, match="run mine is at step 4 already; the budget is 3 steps"):
        found_in(tmp_path, total=3)
    assert found_in(tmp_path, total=4)[0] == 4
    assert found_in(tmp_path, total=None)[0] == 4


def test_the_journal_is_made_durable_before_a_checkpoint_is_there(tmp_path: Path) -> None:
    assert checkpoints(tmp_path, 2, 4).run.calls == [("sync", []), ("sync", [2])]  # type: ignore[attr-defined]


def test_the_best_weights_are_put_back_and_are_those_that_are_spoken_of(tmp_path: Path) -> None:
    saved, other = checkpoints(tmp_path, 2, 4, 6, best=2), model(9)
    saved.load_kept(2, other)
    assert all(torch.equal(tensor, model(2).state_dict()[name]) for name, tensor in other.state_dict().items())
    assert saved.weights_sha256 == sha256_file(weights(tmp_path, 2))


def test_a_checkpoint_keeps_what_the_learning_rate_goes_by(tmp_path: Path) -> None:
    course = Course(60, None, 3, None, 20, 1.5, 0.75)
    made = checkpoints(tmp_path, 1)
    old = made.find(100, print)
    assert old is not None
    assert old.course is None  # as in one of an older version
    made.save(model(2), None, Position(steps=2), course=course)
    found = made.find(100, print)
    assert found is not None
    assert found.course == course


def test_a_save_keeps_the_newest_two_and_the_best(tmp_path: Path) -> None:
    checkpoints(tmp_path, 2, 4, 6, 8, best=4)
    assert steps_in(tmp_path / "checkpoints") == [4, 6, 8]


def test_later_checkpoints_stay_until_the_first_save_after_an_earlier_one(tmp_path: Path) -> None:
    """They were passed over, or left for an earlier one: to go on from them later would mix two courses."""
    checkpoints(tmp_path, 2, 4, 6, best=2)
    damage(weights(tmp_path, 6))
    again = checkpoints(tmp_path)
    again.find(100, lambda said: None)
    assert steps_in(tmp_path / "checkpoints") == [2, 4, 6]
    again.save(model(5), None, Position(steps=5, best_step=2))
    assert steps_in(tmp_path / "checkpoints") == [2, 4, 5]
    found, passed = newest_verified(tmp_path / "checkpoints")
    assert (found, passed) == (tmp_path / "checkpoints" / name_of(5), [])


def test_a_save_says_whose_it_is(tmp_path: Path) -> None:
    made = checkpoints(tmp_path, 2)
    state = read_state(tmp_path / "checkpoints" / name_of(2))
    assert (state["run_id"], state["tokenizer_sha256"], state["step"]) == ("mine", TOKENIZER, 2)
    assert state["position"] == Position(steps=2).to_json()
    assert made.weights_sha256 == sha256_file(weights(tmp_path, 2))


# --- init=RUN ---


def test_a_run_can_begin_with_the_weights_of_another(tmp_path: Path) -> None:
    checkpoints(tmp_path, 2, run_id="other")
    fresh, wanted = model(seed=9), model(seed=2)
    load_initial(weights(tmp_path, 2).parent, TOKENIZER, fresh)
    assert all(torch.equal(mine, theirs) for mine, theirs in zip(fresh.parameters(), wanted.parameters(), strict=True))


def test_weights_of_another_tokenizer_are_refused_with_both_hashes(tmp_path: Path) -> None:
    checkpoints(tmp_path, 2, tokenizer=OTHER)
    fresh = model(seed=9)
    with pytest.raises(DataError, match=f"trained with another tokenizer: {OTHER}, here {TOKENIZER}"):
        load_initial(weights(tmp_path, 2).parent, TOKENIZER, fresh)
    assert torch.equal(fresh.embedding.weight, model(seed=9).embedding.weight)


def test_weights_of_another_shape_or_with_another_byte_are_refused(tmp_path: Path) -> None:
    checkpoints(tmp_path, 2)
    with pytest.raises(DataError, match=r"another model: embedding\.weight has shape \[8, 4\] there, \[8, 6\] in this one"):
        load_initial(weights(tmp_path, 2).parent, TOKENIZER, model(width=6))
    damage(weights(tmp_path, 2).with_name("state.json"))
    with pytest.raises(DataError, match=r"state\.json was altered"):
        load_initial(weights(tmp_path, 2).parent, TOKENIZER, model())


BERT = EncoderSchema(n_layer=1, n_head=1, d_model=4, segments=1)


def vocabulary(*pieces: str) -> tokenizers.Tokenizer:
    inner = tokenizers.Tokenizer(tokenizers.models.WordPiece({piece: number for number, piece in enumerate(pieces)}, unk_token="[UNK]"))
    inner.decoder = tokenizers.decoders.WordPiece()
    return inner


def with_end(*pieces: str) -> Tokenizer:
    inner = vocabulary(*pieces)
    inner.add_special_tokens([tokenizers.AddedToken("<|endoftext|>", special=True)])
    return Tokenizer(inner.to_str().encode())


@pytest.fixture
def bert(tmp_path: Path) -> Path:
    """A model of transformers with five ids, of which [SEP] ends a text."""
    write_model(tmp_path, Encoder(BERT, 5, 4))
    vocabulary("[UNK]", "[SEP]", "[MASK]", "a", "b").save(str(tmp_path / "tokenizer.json"))
    return tmp_path


def test_what_a_run_adds_to_a_folders_ids_begins_as_what_stands_for_it_there(bert: Path) -> None:
    mine = with_end("[UNK]", "[SEP]", "[MASK]", "a", "b")
    model = Encoder(BERT, mine.vocab_size + 1, 4)  # with the objective's own id for a mask
    assert load_imported(bert, mine, model) == []
    rows = model.embedding.weight
    assert mine.end_of_document == 5
    assert torch.equal(rows[5], rows[1])
    assert torch.equal(rows[6], rows[2])
    assert not torch.equal(rows[1], rows[2])


def test_ids_that_mean_something_else_are_refused(bert: Path) -> None:
    for other in (with_end("[UNK]", "[SEP]", "[MASK]", "b", "a"), with_end("x", "y")):
        with pytest.raises(DataError, match=r"(?s)another tokenizer.*tokenizer=pretrained tokenizer\.path="):
            load_imported(bert, other, Encoder(BERT, 7, 4))
    (bert / "tokenizer.json").unlink()
    with pytest.raises(DataError, match="What its ids mean is not known"):
        load_imported(bert, with_end("a"), Encoder(BERT, 7, 4))
