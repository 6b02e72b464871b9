from assay.data.annotation.importing import import_labels
from assay.data.annotation.status import describe, show_status


def test_without_labels_the_next_command_is_told(labelling) -> None:
    made = labelling()
    show_status(made.ask(), made.root, made.say)
    assert made.said[-1] == ("nothing is labelled yet in labels/mine.jsonl.\n  Type: python src/annotate.py data=mine export=sample.html")


def test_labels_are_counted_by_person(labelling) -> None:
    made = labelling()
    rows = [{**row, "label": "keep"} for row in made.sample(documents=3)]
    import_labels(made.ask(import_labels=made.write(rows), annotator="anna"), made.root, made.say)
    show_status(made.ask(), made.root, made.say)
    assert made.said[-1] == "labels/mine.jsonl\n  anna: 3 labels (keep 3)"
    assert describe([]) == ""
