"""Models side by side."""

import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from rich.console import Console

from assay.comparison.table import (
    COLUMNS,
    NOTE,
    SOURCE_TITLE,
    Model,
    comparison_text,
    fitting,
    load_models,
    lowest_floors,
    print_comparison,
    row,
    source_rows,
    table,
    verdict,
)
from assay.errors import DataError
from assay.files import readable_json, write_manifest

SCORES = {"val/bits_per_byte": 2.5, "test/bits_per_byte": 2.0, "test/perplexity": 8.25, "speed/tokens_per_second": 1234.4}


def model(
    name: str, bits: float, target: str = "assay.model.transformer.Transformer", corpus: str = "tiny", utf8_bytes: int = 100
) -> Model:
    run = {
        "parameters": 1234567,
        "tokens": 4096,
        "steps": 2,
        "training_seconds": 90.0,
        "metrics": {**SCORES, "test/bits_per_byte": bits},
        "evaluated": {"test": {"utf8_bytes": utf8_bytes}},
    }
    config = {"data": {"name": corpus}, "model": {"_target_": target}}
    return Model(name, run, config, {"val/bits_per_byte": [[1, 3.0], [2, 2.5]]}, f"text of {name}")


def floor(bits: float, **facts: Any) -> Model:
    return model("ngram", bits, target="assay.model.ngram.Ngram", **facts)


def export(folder: Path, each: Model) -> None:
    target = folder / each.name
    target.mkdir(parents=True)
    (target / "run.json").write_bytes(readable_json(each.run))
    (target / "config.yaml").write_bytes(readable_json(each.config))  # JSON is YAML
    (target / "curves.json").write_bytes(readable_json(each.curves))
    (target / "sample.txt").write_text(each.sample + "\n", encoding="utf-8")
    write_manifest(target)


def test_a_model_is_held_against_the_floor_of_its_own_test_text() -> None:
    models = [
        model("good", 1.75),
        model("bad", 2.25),
        model("even", 2.0),
        floor(2.0),
        floor(0.5, corpus="other"),
        floor(0.1, utf8_bytes=99),
    ]
    verdicts = {each.name: verdict(each, lowest_floors(models)) for each in models[:3]}
    assert verdicts["good"] == "beats the floor by 0.250"
    assert verdicts["bad"] == "LOSES to the floor by 0.250"
    assert verdicts["even"] == "equals the floor"
    assert verdict(models[3], lowest_floors(models)) == "the floor"
    assert verdict(model("alone", 2.0, corpus="elsewhere"), lowest_floors(models)) == "no floor here"


def test_the_lowest_floor_counts() -> None:
    models = [model("m", 1.9), floor(2.0), floor(1.5)]
    assert verdict(models[0], lowest_floors(models)) == "LOSES to the floor by 0.400"


def test_a_row_gives_each_number_in_its_unit() -> None:
    cells = dict(zip(COLUMNS, row(model("m", 2.0), {}), strict=True))
    assert (cells["parameters"], cells["tokens"], cells["minutes"]) == ("1,234,567", "4,096", "1.5")
    assert (cells["tokens/s"], cells["val bits/byte"], cells["test bits/byte"], cells["test perplexity"]) == (
        "1,234",
        "2.5000",
        "2.0000",
        "8.25",
    )
    assert row(floor(1.0), {})[2] == "1,234,567 counts"


def test_what_a_run_does_not_have_is_blank_and_ranks_last() -> None:
    scored, renamed = model("scored", 2.0), model("renamed", 2.0)
    del renamed.run["metrics"]["test/bits_per_byte"]
    renamed.run["metrics"]["test/bpb"] = 1.0
    empty = Model("empty", {}, scored.config, {}, "")
    assert row(renamed, {})[6:] == ("2.5000", "", "8.25", "not scored")
    assert row(empty, {}) == ("empty", "tiny", "", "", "", "", "", "", "", "not scored")
    models = [empty, renamed, floor(3.0), scored]
    assert verdict(scored, lowest_floors(models)) == "beats the floor by 1.000"


@pytest.mark.slow
@pytest.mark.fault("K9", inject="1,000 exported runs, some with metrics missing, renamed or of their own, one with nothing")
def test_a_thousand_uneven_runs_are_compared_in_two_seconds(project: Callable[..., Path], run: Callable[..., Any]) -> None:
    copy = project()
    for number in range(1000):
        each = model(f"m{number:03}", 1.0 + number / 1000)
        scores = each.run["metrics"]
        if number % 10 == 1:
            del scores["val/bits_per_byte"]
        if number % 10 == 2:
            scores["test/bpb"] = scores.pop("test/bits_per_byte")
        scores |= {"task/accuracy": 0.5} if number % 10 == 3 else {}
        export(copy / "models", Model(each.name, {}, each.config, {}, "") if number == 999 else each)
    done = run(copy, "src/compare.py", cold=True)
    assert done.returncode == 0, done.stderr
    cpu_seconds = [done.cpu_seconds]  # 1.6 alone; beside other work on the same core a second count may be half as much again
    while min(cpu_seconds) >= 2 and len(cpu_seconds) < 3:
        cpu_seconds.append(run(copy, "src/compare.py", cold=True).cpu_seconds)
    assert min(cpu_seconds) < 2
    rows = [line for line in done.stdout.splitlines() if re.fullmatch(r"m\d+", line)]
    assert len(rows) == 1000
    assert "\nm999\n  corpus: tiny; against the floor: not scored\n" in done.stdout
    facts = json.loads((copy / "report/comparison.json").read_bytes())
    assert len(facts) == 1000


def test_exports_are_listed_best_first_within_each_corpus(tmp_path: Path) -> None:
    for each in (model("b", 2.0), model("a", 3.0), model("c", 1.0, corpus="second"), model("d", 1.0)):
        export(tmp_path, each)
    assert [each.name for each in load_models(tmp_path)] == ["c", "d", "b", "a"]


def test_an_altered_export_is_refused_with_the_command_that_makes_it_again(tmp_path: Path) -> None:
    export(tmp_path, model("m", 2.0))
    (tmp_path / "m/run.json").write_text("{}")
    with pytest.raises(DataError, match=r"m/run.json was altered.*\n  Run: dvc repro train@m"):
        load_models(tmp_path)


@pytest.mark.parametrize("there", [True, False])
def test_nothing_to_compare_is_refused(there: bool, tmp_path: Path) -> None:
    folder = tmp_path / "models"
    if there:
        folder.mkdir()
    with pytest.raises(DataError, match=r"holds no exported model to compare\.\n  Type: dvc repro"):
        load_models(folder)


def test_the_verb_refuses_without_models_and_leaves_no_report(project: Callable[..., Path], run: Callable[..., Any]) -> None:
    copy = project()
    refused = run(copy, "src/compare.py")
    assert refused.returncode == 3
    assert "holds no exported model" in refused.stderr
    assert not (copy / "report").exists()


def masked(name: str, loss: float, unigram: float = 6.0) -> Model:
    made = model(name, 2.0)
    made.config["objective"] = {"_target_": "assay.objective.masked_lm.MaskedLM"}
    made.run["metrics"] = {"test/loss": loss, "test/unigram_loss": unigram, "test/other/loss": 0.0, "val/unigram_loss": 1.0}
    return made


def test_a_model_whose_loss_is_no_code_for_the_text_is_held_against_its_own_floor() -> None:
    assert verdict(masked("good", 4.25), {}) == "beats unigram by 1.750 nats"
    assert verdict(masked("bad", 6.5), {}) == "LOSES to unigram by 0.500 nats"


def test_what_is_predicted_and_its_loss_stand_in_the_table_where_models_differ_in_it() -> None:
    plain = model("plain", 2.0)
    assert table([plain])[0] == COLUMNS
    head, *rows = table([plain, masked("masked", 4.25)])
    assert head == (*COLUMNS[:2], "predicts", *COLUMNS[2:-1], "test loss", COLUMNS[-1])
    assert [len(each) for each in rows] == [len(head)] * 2
    cells = dict(zip(head, rows[1], strict=True))
    assert (cells["predicts"], cells["test loss"], cells["test bits/byte"]) == ("hidden tokens", "4.2500", "")


def test_models_that_do_not_compare_stand_after_those_that_do_and_apart(tmp_path: Path) -> None:
    for each in (masked("b", 3.0), masked("a", 4.0), model("c", 9.0)):
        export(tmp_path, each)
    assert [each.name for each in load_models(tmp_path)] == ["c", "b", "a"]


LONG = "shakespeare_a_name_that_tells_models_apart"


@pytest.mark.parametrize("width", [80, 100, 140])
def test_a_narrow_terminal_loses_columns_but_no_part_of_a_name(width: int) -> None:
    console = Console(file=io.StringIO(), width=width)
    print_comparison([model(f"{LONG}_{number}", 2.0 + number) for number in range(2)], console)
    said = console.file.getvalue()  # type: ignore[attr-defined]
    assert [f"{LONG}_{number} " in said for number in range(2)] == [True, True]
    assert "No room for: tokens/s" in said
    assert max(map(cell_len, said.splitlines())) <= width
    shown, left_out = fitting(table([model(LONG, 2.0)]), 1000)
    assert (shown, left_out) == (table([model(LONG, 2.0)]), [])


def test_a_pipe_gets_a_list_whose_lines_fit_everywhere() -> None:
    text = comparison_text([model(LONG, 2.0)])
    assert max(map(cell_len, text.split(NOTE)[0].splitlines())) <= 80
    assert f"\n{LONG}\n  corpus: tiny; " in text


def test_names_and_samples_are_printed_as_they_are() -> None:
    out = io.StringIO()
    odd = model("m", 2.0)
    print_comparison([Model("m", odd.run, odd.config, odd.curves, "[bold]a sample[/] :smile:")], Console(file=out, width=170))
    assert "[bold]a sample[/] :smile:" in out.getvalue()
    assert "--- m writes:" in out.getvalue()


def test_models_of_several_sources_are_held_against_each_other_source_by_source() -> None:
    weighed, plain = model("weighed", 2.0), model("plain", 2.0)
    weighed.run["mix"] = [{"name": "web", "tokens": 5000, "share": 0.25, "windows": 7, "epochs": 1.5}]
    weighed.run["metrics"] |= {"val/web/loss": 3.0, "val/web/bits_per_byte": 1.25, "test/web/bits_per_byte": 1.125}
    assert source_rows([plain]) == []
    assert source_rows([weighed, plain]) == [("weighed", "web", "25.0%", "1.50", "3.0000", "1.2500", "1.1250")]
    text = comparison_text([weighed, plain])
    assert text.index(SOURCE_TITLE) < text.index("weighed\n  source: web")
    assert SOURCE_TITLE not in comparison_text([plain])
    console = Console(file=io.StringIO(), width=200)
    print_comparison([weighed], console)
    assert SOURCE_TITLE in console.file.getvalue()  # type: ignore[attr-defined]


def lossy(name: str, loss: float, tokenizer: str = "t", **facts: int) -> Model:
    """Scored as runs are whose tokens do not give the test text back: without bits per byte."""
    made = model(name, 2.0)
    made.config["tokenizer"] = {"_target_": "assay.tokenizer.wordpiece.WordPiece"}
    made.run["metrics"] = {"test/loss": loss, "test/perplexity": 1.5}
    made.run["identity_parts"] = {"tokenizer": tokenizer}
    lost = {"lost_documents": 3, "lost_utf8_bytes": 90, "unknown_tokens": 20, **facts}
    made.run["evaluated"]["test"] |= {"tokens": 50, "document_end_tokens": 4, **lost}
    return made


def test_a_model_whose_tokens_lose_text_is_not_ranked_and_it_is_said_what_is_lost(tmp_path: Path) -> None:
    for each in (lossy("low", 0.1), model("better", 1.5), model("worse", 1.75), floor(2.0)):
        export(tmp_path, each)
    models = load_models(tmp_path)
    assert [each.name for each in models] == ["better", "worse", "ngram", "low"]
    assert verdict(models[-1], lowest_floors(models)) == (
        "not ranked: loses text (90.0% of it in documents that do not come back, 40.0% [UNK])"
    )
    assert dict(zip(COLUMNS, row(models[-1], {}), strict=True))["test bits/byte"] == ""


def test_counts_of_tokens_that_lose_text_are_no_floor() -> None:
    counted = lossy("ngram", 0.1)
    counted.config["model"]["_target_"] = "assay.model.ngram.Ngram"
    assert lowest_floors([counted]) == {}
    assert verdict(counted, {}).startswith("not ranked: loses text")


def test_losses_of_two_tokenizers_are_not_sorted_into_one_another(tmp_path: Path) -> None:
    for each in (lossy("a", 3.0, "one"), lossy("b", 2.0, "two"), lossy("c", 1.0, "one"), lossy("d", 4.0, "two")):
        export(tmp_path, each)
    assert [each.name for each in load_models(tmp_path)] == ["c", "a", "b", "d"]


@pytest.mark.parametrize(
    ("target", "ranked"),
    [
        ("assay.tokenizer.learn.Bpe", True),
        ("assay.tokenizer.learn.Char", True),
        ("assay.tokenizer.word.Word", True),
        ("assay.tokenizer.unigram.Unigram", True),
        ("assay.tokenizer.wordpiece.WordPiece", False),
        ("assay.tokenizer.pretrained.Pretrained", False),
    ],
)
def test_bits_per_byte_of_a_version_that_did_not_look_count_where_the_tokenizer_keeps_all_text(target: str, ranked: bool) -> None:
    old = model("old", 1.5)
    old.config["tokenizer"] = {"_target_": target}
    assert (old.metric("test/bits_per_byte") is not None, old.metric("val/bits_per_byte") is not None) == (ranked, ranked)
    assert verdict(old, lowest_floors([floor(2.0)])).startswith("beats" if ranked else "not ranked: it was not measured")
    old.run["evaluated"]["test"]["lost_documents"] = 0
    assert verdict(old, lowest_floors([floor(2.0)])).startswith("beats")
