import csv
import json
from pathlib import Path

import pytest

from assay.data.annotation.importing import import_labels, read_rows
from assay.data.annotation.labels import labels_file, read_labels
from assay.errors import DataError


def labelled(rows, words="kd", **more):
    names = {"k": "keep", "d": "drop", " ": ""}
    return [{**row, "label": names[words[place % len(words)]], **more} for place, row in enumerate(rows)]


def stored(made):
    return {(label.id, label.annotator): label for label in read_labels(labels_file("mine", made.root))}


def bring(made, rows, **words) -> None:
    import_labels(made.ask(import_labels=made.write(rows), **words), made.root, made.say)


def test_labels_are_stored_with_the_whole_text_and_its_corpus(labelling) -> None:
    made = labelling({"a.txt": b"x" * 7000 + b"\nsecond\nthird\n"})
    rows = made.sample()
    bring(made, labelled(rows, "k "), annotator="anna")
    found = stored(made)
    assert {label.label for label in found.values()} == {"keep"}
    assert [label.annotator for label in found.values()] == ["anna", "anna"]
    assert "1 rows have no label yet" in made.said[-2]
    assert made.said[-1] == "  anna: 2 labels (keep 2)"
    bring(made, labelled(rows, "k"), annotator="anna")
    assert {len(label.text) for label in stored(made).values()} == {7000, 6, 5}
    assert {label.corpus for label in stored(made).values()} == {"mine"}
    assert "1 new labels, 3 in all" in made.said[-2]


def test_a_second_person_adds_and_agreement_is_told(labelling) -> None:
    made = labelling()
    rows = made.sample(documents=8)
    bring(made, labelled(rows, "kkdd"), annotator="anna")
    bring(made, labelled(rows[:4], "kddd"), annotator="bert")
    assert len(stored(made)) == 12
    assert made.said[-1].splitlines()[-1] == "  anna and bert agree on 3 of 4 texts; Cohen's kappa 0.50"


def test_every_row_that_is_wrong_is_told_with_its_line_and_nothing_is_stored(labelling) -> None:
    made = labelling()
    rows = labelled(made.sample(documents=5))
    rows[0]["label"] = "kep"
    rows[1]["id"] = "f" * 32
    rows[2]["text_hash"] = "0" * 32
    rows.append({**rows[3], "label": "keep"})
    rows.append({"id": rows[4]["id"], "label": "keep"})
    with pytest.raises(DataError) as caught:
        bring(made, rows)
    lines = str(caught.value).splitlines()
    assert lines[0] == "5 mistakes in labelled.jsonl; nothing was changed"
    told = {line.split("labelled.jsonl:")[1].partition(": ")[0]: line for line in lines[1:]}
    assert "it lacks text_hash" in told["7"]
    assert "label 'kep' is none of keep, drop; did you mean keep?" in told["1"]
    assert f"corpus mine has no document '{'f' * 32}'" in told["2"]
    assert "is not the one that was exported" in told["3"]
    assert f"unnamed labels {rows[3]['id']} 'keep' here and 'drop' at " in told["6"]
    assert not labels_file("mine", made.root).exists()


def test_a_text_that_changed_since_the_export_is_not_given_its_label(labelling, lines: bytes) -> None:
    made = labelling({"a.txt": lines})
    rows = labelled(made.sample(documents=3))
    changed = labelling({"a.txt": lines.replace(b"hello", b"goodbye")})
    with pytest.raises(DataError, match="3 mistakes"):
        bring(changed, rows)


def test_a_label_is_replaced_only_when_that_is_asked_for(labelling) -> None:
    made = labelling()
    rows = made.sample(documents=2)
    bring(made, labelled(rows, "kk"))
    with pytest.raises(DataError, match=r"unnamed labelled \w+ 'keep' before \(mine\.jsonl\), 'drop' here; replace=true takes the new one"):
        bring(made, labelled(rows, "kd"))
    assert {label.label for label in stored(made).values()} == {"keep"}
    bring(made, labelled(rows, "kd"), replace=True)
    assert sorted(label.label for label in stored(made).values()) == ["drop", "keep"]
    assert "1 new labels, 1 of them in place of another, 2 in all" in made.said[-2]


def test_one_text_in_two_documents_has_one_label_of_a_person(labelling) -> None:
    made = labelling({"a.txt": b"same\nsame\nother\n"}, cleaning={"exact_dedup": False})
    rows = [row for row in made.sample() if row["text"] == "same"]
    assert len(rows) == 2
    with pytest.raises(DataError, match="'drop' here and 'keep' at"):
        bring(made, labelled(rows, "kd"))
    bring(made, labelled(rows, "k"))
    assert len(stored(made)) == 1


def test_the_order_of_imports_does_not_show_in_the_file(labelling) -> None:
    made = labelling()
    rows = labelled(made.sample(documents=6))
    for name, parts in (("one", (rows[:3], rows[3:])), ("two", (rows[3:], rows[:3][::-1]))):
        for part in parts:
            bring(made, part, name=name)
    assert labels_file("one", made.root).read_bytes() == labels_file("two", made.root).read_bytes()


@pytest.mark.parametrize(("separator", "encoding"), [(",", "utf-8-sig"), (";", "utf-8"), ("\t", "utf-8")])
def test_a_table_that_a_spreadsheet_saved_is_read(labelling, tmp_path: Path, separator: str, encoding: str) -> None:
    made = labelling()
    rows = made.sample(documents=2)
    with (tmp_path / "a.csv").open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, delimiter=separator)
        writer.writerow(["id", "text_hash", "label", "annotator", "text"])
        writer.writerows([row["id"], row["text_hash"], " keep ", "anna", 'a\n"b"\r\n' + "x" * 200_000] for row in rows)
    import_labels(made.ask(import_labels=str(tmp_path / "a.csv")), made.root, made.say)
    assert [(label.label, label.annotator) for label in stored(made).values()] == [("keep", "anna")] * 2


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("name,label\nx,keep\n", r"a\.csv:1: the head of the table lacks id"),
        ("", r"a\.csv:1: the head of the table lacks id"),
        ("id,text_hash,label\n1,2,keep,4\n", r"a\.csv:2: it has more cells than the head"),
        ('id,text_hash,label,text\n1,2,keep,"a\nb"\n1,2,keep,"never ended\n', r"a\.csv:4: it is no row of a table"),
    ],
)
def test_a_table_that_is_none_is_told_with_its_line(labelling, tmp_path: Path, content: str, says: str) -> None:
    (tmp_path / "a.csv").write_text(content, encoding="utf-8")
    made = labelling()
    with pytest.raises(DataError, match=says):
        import_labels(made.ask(import_labels=str(tmp_path / "a.csv")), made.root, made.say)


def test_a_line_separator_inside_of_a_text_ends_no_row(tmp_path: Path) -> None:
    row = {"id": "1", "text_hash": "2", "label": "keep", "text": "a\u2028b\x85c"}
    (tmp_path / "a.jsonl").write_text(json.dumps(row, ensure_ascii=False) + "\n", encoding="utf-8")
    rows, problems = read_rows(tmp_path / "a.jsonl")
    assert ([each.label for each in rows], problems) == (["keep"], [])
