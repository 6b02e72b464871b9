from collections.abc import Callable
from types import SimpleNamespace

import pytest

from assay.data.clean import clean
from assay.data.source_labels import source_labels
from assay.errors import DataError

Corpus = Callable[..., SimpleNamespace]
SOURCE = "folder:mine"


def labels(made: SimpleNamespace):
    return source_labels(made.config.data, made.config.cleaning, made.root)


def test_documents_are_labelled_by_the_file_they_are_in(corpus: Corpus) -> None:
    found = labels(corpus({"a/good.txt": b"x\n", "a/bad.txt.gz": b""}, source={"format": "lines", "label": "file"}))
    assert found.of((SOURCE, "a/good.txt", "1")) == "good"
    assert found.of((SOURCE, "a/bad.txt.gz", "1")) == "bad"


@pytest.mark.parametrize(
    ("name", "content", "field"),
    [
        ("a.jsonl", b'{"text": "x", "is": {"kind": "spam"}}\n\n{"text": "y", "is": {"kind": "ham"}}\n', "is.kind"),
        ("a.csv", b"text,kind\nx,spam\ny,ham\n", "kind"),
        ("a.jsonl", b'{"text": "x", "kind": 1}\n\n{"text": "y", "kind": false}\n', "kind"),
        ("a.json", b'[{"text": "x", "kind": "spam"}, {"text": "y", "kind": "ham"}]', "kind"),
    ],
)
def test_documents_are_labelled_by_a_field_of_their_record(corpus: Corpus, name: str, content: bytes, field: str) -> None:
    found = labels(corpus({name: content}, source={"label": f"field:{field}"}))
    second = "3" if name == "a.jsonl" else "2"
    assert [found.of((SOURCE, name, record)) for record in ("1", second)] == (["1", "false"] if b"false" in content else ["spam", "ham"])


def test_each_field_that_is_a_document_has_the_label_of_its_record(corpus: Corpus) -> None:
    content = b'{"title": "x", "text": "y", "kind": "spam"}\n'
    found = labels(corpus({"a.jsonl": content}, source={"label": "field:kind", "text_fields": ["title", "text"], "document": "field"}))
    assert found.of((SOURCE, "a.jsonl", "1.title")) == found.of((SOURCE, "a.jsonl", "1.text")) == "spam"


def test_a_record_without_the_field_is_named(corpus: Corpus) -> None:
    with pytest.raises(DataError, match=r"a\.jsonl:1: no field 'kind'; the record has 'text'"):
        labels(corpus({"a.jsonl": b'{"text": "x"}\n'}, source={"label": "field:kind"}))


def test_an_empty_label_is_named(corpus: Corpus) -> None:
    found = labels(corpus({"a.jsonl": b'{"text": "x", "kind": "spam"}\n{"text": "y", "kind": ""}\n'}, source={"label": "field:kind"}))
    with pytest.raises(DataError, match=r"a\.jsonl, record 2 has an empty label"):
        found.of((SOURCE, "a.jsonl", "2"))


def test_a_label_changes_no_document_and_makes_none_stale(corpus: Corpus, lines: bytes) -> None:
    manifests = []
    for label in (None, "file"):
        made = corpus({"a.txt": lines}, source={"format": "lines", "label": label})
        manifests.append(clean(made.config, made.root / "out", made.root, made.say))
    assert manifests[0] == manifests[1]
    assert len(list((made.root / "data/cache/measured").glob("*/outcome.json"))) == 1
