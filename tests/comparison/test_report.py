"""The comparison as files."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assay.comparison.report import write_report
from assay.comparison.table import Model
from assay.errors import ConfigError

RUN = {
    "parameters": 10,
    "tokens": 4096,
    "steps": 2,
    "training_seconds": 90.0,
    "metrics": {"val/bits_per_byte": 2.5, "test/bits_per_byte": 2.0, "test/perplexity": 8.0, "speed/tokens_per_second": 9.0},
    "evaluated": {"test": {"utf8_bytes": 100}},
}
CONFIG = {"data": {"name": "tiny"}, "model": {"_target_": "assay.model.transformer.Transformer"}}
MODELS = [
    Model("first", RUN, CONFIG, {"val/bits_per_byte": [[1, 3.0], [2, 2.5]]}, "<script>alert(1)</script> & 诗"),
    Model("second", RUN, CONFIG, {}, "plain"),
]


def test_the_page_needs_no_network_and_runs_nothing_of_a_sample(tmp_path: Path) -> None:
    write_report(MODELS, tmp_path / "report")
    page = (tmp_path / "report/comparison.html").read_text(encoding="utf-8")
    assert not re.search(r"""(src|href)\s*=|@import|url\(|://""", page)
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; 诗" in page


def test_a_report_replaces_a_report_and_nothing_else(tmp_path: Path) -> None:
    write_report(MODELS, tmp_path / "report")
    write_report(MODELS, tmp_path / "report")
    (tmp_path / "report/thesis.tex").touch()
    with pytest.raises(ConfigError, match=r"thesis\.tex in it, .* would be lost"):
        write_report(MODELS, tmp_path / "report")
    assert (tmp_path / "report/thesis.tex").exists()


def test_curves_are_drawn_over_the_tokens_seen_one_chart_for_each_corpus(tmp_path: Path) -> None:
    curve = {"val/bits_per_byte": [[1, 3.5]]}
    other = Model("third", RUN, {**CONFIG, "data": {"name": "other"}}, curve, "")
    write_report([*MODELS, other], tmp_path / "report")
    page = (tmp_path / "report/comparison.html").read_text(encoding="utf-8")
    charts = re.findall(r"<svg class=\"chart\".*?</svg>", page, flags=re.DOTALL)
    assert [re.findall(r"<title>(.*?)</title>", chart) for chart in charts] == [
        ["first: 3 at 2,048", "first: 2.5 at 4,096"],
        ["third: 3.5 at 2,048"],
    ]


def test_equal_models_give_equal_bytes(tmp_path: Path) -> None:
    write_report(MODELS, tmp_path / "one")
    write_report(MODELS, tmp_path / "two")
    names = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert names == ["comparison.html", "comparison.json", "comparison.txt"]
    assert all((tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes() for name in names)


def test_a_new_report_takes_the_old_ones_place(tmp_path: Path) -> None:
    write_report(MODELS, tmp_path / "report")
    write_report(MODELS[:1], tmp_path / "report")
    assert [facts["name"] for facts in json.loads((tmp_path / "report/comparison.json").read_bytes())] == ["first"]
    assert [path.name for path in tmp_path.iterdir()] == ["report"]
    assert "second" not in (tmp_path / "report/comparison.txt").read_text(encoding="utf-8")


def test_finished_runs_are_compared_by_the_verb(several: dict[str, Any], run: Callable[..., Any]) -> None:
    project = several["same"].project
    for name in ("same", "counting"):
        kept = [word for word in several[name].words if not word.startswith("rerun")]
        assert run(project, "src/train.py", *kept, f"export=models/{name}").returncode == 0
    done = run(project, "src/compare.py")
    assert (done.returncode, done.stderr) == (0, "")
    assert "LOSES to the floor by" in done.stdout
    sample = (several["same"].folder / "samples/step_000000006.txt").read_text(encoding="utf-8").strip()
    assert sample.splitlines()[0] in done.stdout
    facts = json.loads((project / "report/comparison.json").read_bytes())
    assert [each["name"] for each in facts] == ["counting", "same"]
    assert facts[1]["weights_sha256"] == several["same"].result["weights_sha256"]


def test_a_corpus_of_several_sources_has_a_table_by_source(tmp_path: Path) -> None:
    run: dict[str, Any] = {**RUN, "mix": [{"name": "web", "tokens": 5, "share": 0.25, "windows": 7, "epochs": 1.5}]}
    write_report([Model("first", run, CONFIG, {}, "")], tmp_path / "report")
    assert "<td>web</td><td>25.0%</td><td>1.50</td>" in (tmp_path / "report/comparison.html").read_text(encoding="utf-8")
