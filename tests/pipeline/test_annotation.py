"""The commands of docs/annotation.md, in the order of the page: labels go out, come back, teach a classifier, and filter a corpus."""

import json
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINES = (ROOT / "docs/annotation.md").read_text(encoding="utf-8").splitlines()
COMMANDS = [line for line in LINES if line.startswith("python src/")]
Run = Callable[..., Any]


def labelled(project: Path, run: Run) -> None:
    """What a person does between the commands; a program writes what the page would: half of the documents are kept."""
    done = run(project, "src/annotate.py", "data=shakespeare", "export=sample.jsonl")
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in (project / "sample.jsonl").read_text(encoding="utf-8").splitlines()]
    keep = {row["id"] for row in sorted(rows, key=lambda row: row["text"])[::2]}
    with (project / "labels-shakespeare-anna.jsonl").open("w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps({**row, "label": "keep" if row["id"] in keep else "drop", "annotator": "anna"}) + "\n")


def test_the_page_shows_only_commands_that_are_run_here() -> None:
    assert [shlex.split(line)[1] for line in COMMANDS] == [
        f"src/{name}.py" for name in ("annotate", "annotate", "annotate", "learn_classifier", "clean")
    ]


@pytest.mark.slow
def test_from_a_sample_to_a_filtered_corpus_and_its_report(
    project: Callable[..., Path], run: Run, tiny_text: Callable[[Path], Any]
) -> None:
    folder = project()
    tiny_text(folder)
    (folder / "conf/data/tiny.yaml").rename(folder / "conf/data/shakespeare.yaml")
    assert run(folder, "src/collect.py", "shakespeare").returncode == 0
    said = []
    for number, line in enumerate(COMMANDS):
        if number == 1:
            labelled(folder, run)
        done = run(folder, *shlex.split(line)[1:])
        assert (done.returncode, done.stderr) == (0, ""), line
        said.append(done.stdout)
    assert f"documents to label: {folder / 'sample.html'}" in said[0]
    assert "new labels" in said[1]
    assert said[2].startswith("labels/shakespeare.jsonl\n  anna: ")
    assert "of the texts held out are told right (95 % interval" in said[3]
    assert "quality_classifier" in said[4]
    card = json.loads((folder / "data/clean/shakespeare/card.json").read_bytes())
    assert card["quality_classifier"]["labels"] == "labels/shakespeare.jsonl"
    assert card["dropped_by_reason"]["quality_classifier"] > 0
    assert "Scores of the quality classifier" in (folder / "data/clean/shakespeare/report.html").read_text(encoding="utf-8")
    listed = run(folder, "git", "status", "--short", "--untracked-files=all").stdout
    assert "?? labels/shakespeare.jsonl" in listed
    assert "?? data/" not in listed


def test_wrong_words_are_refused_before_anything_is_read(project: Callable[..., Path], run: Run) -> None:
    folder = project()
    for words, says in (
        (["src/annotate.py", "export=sample.txt"], "export"),
        (["src/annotate.py", "export=a.html", "import_labels=b.csv"], "export and import_labels are two steps with a person between them"),
        (["src/annotate.py", "export=a.html", "labels=[keep]"], "labels must be two or more that differ, found keep"),
        (["src/annotate.py", "export=a.html", "documents=0"], "documents must be at least 1"),
        (["src/learn_classifier.py", "labels=../x"], "labels"),
        (["src/learn_classifier.py", "good=[]"], "good is empty"),
        (["src/learn_classifier.py"], "labels=NAME is missing (in labels/: nothing yet)"),
        (["src/clean.py", "cleaning.quality_classifier={name: a, at_least: 2}"], "cleaning.quality_classifier.at_least must be at most"),
        (["src/clean.py", "cleaning.quality_classifier={}"], "cleaning.quality_classifier.name is required"),
    ):
        done = run(folder, *words)
        assert done.returncode == 2, (words, done.stderr)
        assert says in done.stderr
        assert "Traceback" not in done.stderr
    assert not (folder / "data").exists()
    assert not (folder / "labels").exists()
