"""What a person reads after a run."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assay.tracking.projection import Copy
from assay.tracking.report import report
from assay.tracking.target import LocalStore

METRICS = {f"{split}/{name}": 1.5 for split in ("val", "test") for name in ("loss", "perplexity", "bits_per_byte", "accuracy")}
EVALUATED = {split: {"tokens": 12252, "document_end_tokens": 5} for split in ("val", "test")}
RESULT: dict[str, Any] = {"run_id": "abc", "experiment": "tiny", "metrics": METRICS, "evaluated": EVALUATED}


def said(result: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> list[str]:
    report(result, None)
    return capsys.readouterr().out.splitlines()


def test_the_last_line_of_a_finished_run_names_it_and_its_bits_per_byte(
    begin: Callable[..., Path], place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Copy(begin("abc") / "journal.jsonl", LocalStore()).advance()
    lines = said(RESULT, capsys)
    assert lines[-1].startswith("run abc finished val/bits_per_byte=1.5000 val/loss=1.5000")
    assert "test/accuracy=1.5000" in lines[-1]
    assert lines[0].endswith("(12,252 tokens, 5 of them document ends)")
    assert lines[-3] == "folder mlruns/tiny/abc/artifacts"
    assert lines[-2] == "dashboard: make dashboard, then http://127.0.0.1:5000/#/experiments/1/runs/abc"


def test_a_run_that_mlflow_does_not_have_yet_has_no_page(bare: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert said(RESULT, capsys)[-2] == "dashboard: make dashboard"


def test_a_stored_result_is_called_stored_with_the_word_that_trains_again(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = said({**RESULT, "stored": True}, capsys)
    assert lines[0].startswith("an identical run is finished")
    assert "rerun=true" in lines[0]
    assert lines[0].endswith("Folder: mlruns/tiny/abc/artifacts")
    assert lines[1:] == said(RESULT, capsys)


def test_vectors_of_words_are_told_by_their_floor_and_by_what_people_say(bare: Path, capsys: pytest.CaptureFixture[str]) -> None:
    metrics = {f"{split}/{name}": value for split in ("val", "test") for name, value in (("loss", 2.25), ("unigram_loss", 2.5))}
    evaluated = {"val": {"predictions": 12000, "wordsim353_pairs": 290}, "test": {"predictions": 900}}
    lines = said({**RESULT, "metrics": {**metrics, "wordsim353/spearman": 0.5}, "evaluated": evaluated}, capsys)
    assert lines[:2] == [
        "val   loss 2.2500  unigram_loss 2.5000  (12,000 predictions, 290 wordsim353_pairs)",
        "test  loss 2.2500  unigram_loss 2.5000  (900 predictions)",
    ]
    assert lines[-1] == "run abc finished val/loss=2.2500 test/loss=2.2500 wordsim353/spearman=0.5000"


def test_a_corpus_of_several_sources_is_told_source_by_source(bare: Path, capsys: pytest.CaptureFixture[str]) -> None:
    by_source = {"web": {"tokens": 1200, "utf8_bytes": 3000}}
    mixed = [{"name": "web", "tokens": 5000, "share": 0.25, "windows": 7, "epochs": 1.5}]
    scores = {f"{split}/web/{name}": 2.25 for split in ("val", "test") for name in ("loss", "bits_per_byte")}
    evaluated = {split: {**EVALUATED[split], "by_source": by_source} for split in EVALUATED}
    lines = said({**RESULT, "metrics": {**METRICS, **scores}, "evaluated": evaluated, "mix": mixed}, capsys)
    assert [line for line in lines if line.startswith("      web loss 2.2500  bits per byte 2.2500  (1,200 tokens)")] == lines[1:4:2]
    assert "mix   web 25.0% of the windows, 5,000 tokens read 1.50 times" in lines


def test_what_is_written_for_another_text_stands_beside_its_floor(bare: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = {"loss": 1.25, "perplexity": 3.5, "accuracy": 0.75, "hidden_nats": 4.0, "hidden_accuracy": 0.25, "copying_loss": 1.625}
    metrics = {f"{split}/{name}": value for split in ("val", "test") for name, value in names.items()}
    evaluated = {split: {"target_tokens": 1200, "hidden_tokens": 300, "floor": "copying"} for split in ("val", "test")}
    lines = said({**RESULT, "metrics": metrics, "evaluated": evaluated}, capsys)
    assert lines[1] == (
        "test  loss 1.2500 nats per target token, by copying 1.6250  accuracy 0.7500  nats of hidden ones 4.0000  "
        "(1,200 target tokens, 300 of them not in the source)"
    )


def test_tokens_that_lose_text_have_no_bits_per_byte_and_it_is_said_what_is_lost(bare: Path, capsys: pytest.CaptureFixture[str]) -> None:
    metrics = {name: value for name, value in METRICS.items() if "bits" not in name} | {"val/web/loss": 2.0, "test/web/loss": 2.0}
    lost = {"utf8_bytes": 40_000, "lost_documents": 4, "lost_utf8_bytes": 30_000, "unknown_tokens": 6126}
    web = {"by_source": {"web": {"tokens": 1200, "utf8_bytes": 3000}}}
    lines = said({**RESULT, "metrics": metrics, "evaluated": {split: {**EVALUATED[split], **lost, **web} for split in EVALUATED}}, capsys)
    assert lines[:3] == [
        "val   loss 1.5000 nats per token  perplexity 1.5  accuracy 1.5000  (12,252 tokens, 5 of them document ends)",
        "      no bits per byte: 4 of 5 documents (30,000 of 40,000 bytes) do not come back from their tokens, 50.00% of the tokens are unknown",
        "      web loss 2.0000  no bits per byte  (1,200 tokens)",
    ]
    assert "bits_per_byte" not in lines[-1]


def test_the_loss_of_a_masked_model_is_told_per_masked_token(bare: Path, capsys: pytest.CaptureFixture[str]) -> None:
    metrics = {f"{split}/{name}": 1.5 for split in ("val", "test") for name in ("loss", "perplexity", "accuracy", "unigram_loss")}
    evaluated = {split: {"tokens": 1200, "hidden_in_rounds": 7} for split in ("val", "test")}
    lines = said({**RESULT, "metrics": metrics, "evaluated": evaluated}, capsys)
    assert lines[0] == (
        "val   loss 1.5000 nats per masked token  perplexity 1.5  accuracy 1.5000  (1,200 tokens, each predicted once; by unigram 1.5000)"
    )
