from pathlib import Path

import pytest

from assay.data.annotation.exporting import export_sample
from assay.data.annotation.importing import import_labels
from assay.errors import ConfigError, DataError


def test_documents_that_the_recipe_keeps_are_exported(labelling, lines: bytes) -> None:
    made = labelling({"a.txt": lines + lines + b"x\n"}, cleaning={"min_characters": 5})
    rows = made.sample()
    assert len({row["text"] for row in rows}) == len(rows) == 40
    assert "40 of 40 documents to label" in made.said[-2]
    assert "200 were asked for" in made.said[-2]
    assert "import_labels=" in made.said[-1]


def test_what_is_labelled_is_not_asked_again_until_nothing_is_left(labelling) -> None:
    made = labelling()
    first = made.sample(documents=30)
    import_labels(made.ask(import_labels=made.write([{**row, "label": "keep"} for row in first])), made.root, made.say)
    second = made.sample()
    assert len(second) == 10
    assert not {row["id"] for row in first} & {row["id"] for row in second}
    assert "30 labelled before are left out" in made.said[-2]
    import_labels(made.ask(import_labels=made.write([{**row, "label": "drop"} for row in second])), made.root, made.say)
    with pytest.raises(DataError, match="no document is left to label; 40 are labelled"):
        made.sample()
    assert len(made.sample(name="other")) == 40, "another set of labels begins anew"


def test_a_file_that_may_hold_labels_is_not_written_over(labelling, tmp_path: Path) -> None:
    made = labelling()
    (tmp_path / "mine.csv").write_text("somebody's work", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"mine\.csv: the file is there, and may hold labels"):
        export_sample(made.ask(export=str(tmp_path / "mine.csv")), made.root, made.say)
    assert (tmp_path / "mine.csv").read_text(encoding="utf-8") == "somebody's work"


def test_a_folder_that_is_not_there_is_told_before_the_corpus_is_read(labelling, tmp_path: Path) -> None:
    made = labelling()
    with pytest.raises(ConfigError, match=r"there is no folder .*/typo"):
        export_sample(made.ask(export=str(tmp_path / "typo" / "a.csv")), made.root, made.say)
    assert not (tmp_path / "typo").exists()
    assert not (made.root / "data/cache/measured").exists()
