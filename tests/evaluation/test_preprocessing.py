import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assay.evaluation.preprocessing import ROWS

Run = Callable[..., Any]
CONFIG = """\
language: {language}
licence: CC0-1.0
validation_fraction: 0.1
sources:
  - folder: texts
    format: {form}
    text_fields: {fields}
    label: {label}
"""
PRAISE, BLAME = ("这本书内容不错", "真的很喜欢"), ("质量太差", "非常失望")


def lines(words: tuple[str, str]) -> str:
    return "".join(f"第{count}次买，{words[count % 2]}，{words[count % 3 % 2]}。\n" for count in range(150))


@pytest.fixture
def chinese(project: Callable[[], Path]) -> Path:
    root = project()
    (root / "texts").mkdir()
    (root / "texts/pos.txt").write_text(lines(PRAISE), encoding="utf-8")
    (root / "texts/neg.txt").write_text(lines(BLAME), encoding="utf-8")
    (root / "conf/data/reviews.yaml").write_text(
        CONFIG.format(language="zh", form="lines", fields="[text]", label="file"), encoding="utf-8"
    )
    return root


def test_the_table_has_a_row_for_each_step_on_the_same_documents(chinese: Path, run: Run) -> None:
    done = run(chinese, "src/bag_of_words.py", "data=reviews", "output=table.json")
    assert (done.returncode, done.stderr) == (0, "")
    table = json.loads((chinese / "table.json").read_bytes())
    assert [row["step"] for row in table["rows"]] == list(ROWS)
    assert table["train_documents"] > 150
    assert sum(table["classes"].values()) == table["test_documents"] > 30
    assert set(table["classes"]) == {"neg", "pos"}
    for row in table["rows"]:
        assert row["right"] == round(row["accuracy"] * table["test_documents"])
        assert row["low"] <= row["accuracy"] <= row["high"]
        assert f"| {row['step']} " in done.stdout
    rows = {row["step"]: row for row in table["rows"]}
    assert rows["none"]["accuracy"] == 1.0  # praise and blame have characters of their own
    assert rows["none"]["features"] != rows["segmentation"]["features"]
    assert rows["none"]["p_against_none"] == 1.0
    assert rows["+ stop words"]["features"] < rows["segmentation"]["features"]


def test_labels_may_stand_in_the_record(project: Callable[[], Path], run: Run) -> None:
    root = project()
    (root / "texts").mkdir()
    records = [{"turns": [{"says": f"number {count} is {'good' if count % 2 else 'bad'}"}], "is": str(count % 2)} for count in range(200)]
    (root / "texts/a.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    config = CONFIG.format(language="en", form="jsonl", fields="[turns.0.says]", label="field:is")
    (root / "conf/data/turns.yaml").write_text(config, encoding="utf-8")
    done = run(root, "src/bag_of_words.py", "data=turns")
    assert done.returncode == 0, done.stderr
    assert "| none             |  100.00% |" in done.stdout


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["data=shakespeare"], 2, "data has no labels to learn from"),
        (["data=reviews", "cleaning=words"], 2, "cleaning.linguistics is set, and bag_of_words.py does each of its steps itself"),
        (["data=reviews", "data.sources.0.label=fields:x"], 2, "label"),
        (["data=reviews", "smoothing=0"], 2, "smoothing must be above 0"),
    ],
)
def test_what_cannot_be_compared_is_said_before_anything_is_read(
    chinese: Path, run: Run, words: list[str], code: int, message: str
) -> None:
    done = run(chinese, "src/bag_of_words.py", *words)
    assert done.returncode == code
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert not (chinese / "data/cache/clean").exists()


def test_one_label_for_all_is_nothing_to_learn(chinese: Path, run: Run) -> None:
    (chinese / "texts/neg.txt").unlink()
    done = run(chinese, "src/bag_of_words.py", "data=reviews")
    assert (done.returncode, "every training document is labelled 'pos'" in done.stderr, "Traceback" in done.stderr) == (3, True, False)
