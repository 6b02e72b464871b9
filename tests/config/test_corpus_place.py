"""A message about a corpus names the file of conf/data/ and the line that is meant."""

from collections.abc import Callable

import pytest

from assay.config.corpus_place import with_corpus_place
from assay.config.load import examine
from assay.config.presets import Conf
from assay.config.schema import CleanCommand

MINE = """language: en
licence: own
sources:
  - folder: texts/a
    text_fields: [body]
  - folder: texts
    members: ["*.x"]
"""


@pytest.mark.parametrize(
    ("message", "place"),
    [
        ("folder:texts/a: t.jsonl:1: no field 'body'.\n  Correct text_fields in conf/data/.", "text_fields in conf/data/mine.yaml:5."),
        ("folder:texts: no file.\n  Correct `members` in conf/data/.", "`members` in conf/data/mine.yaml:7."),
        ("folder:texts: t.jsonl:1: null.\n  set `bad_records` in conf/data/ to the share", "`bad_records` in conf/data/mine.yaml:6 to"),
        ("another thing.\n  Name another field in conf/data/, or", "field in conf/data/mine.yaml, or"),
        ("conf/data/other.yaml is named", "conf/data/other.yaml is named"),
    ],
)
def test_a_bare_folder_becomes_file_and_line(conf: Conf, write: Callable[[str, str], None], message: str, place: str) -> None:
    write("data/mine", MINE)
    loaded = examine(Conf(conf.folder), "clean", ["data=mine"], CleanCommand)
    assert place in with_corpus_place(message, loaded.tree, loaded.config)


def test_a_folder_outside_of_the_project_has_no_such_file(conf: Conf) -> None:
    loaded = examine(Conf(conf.folder), "clean", ["source.path=x", "output=y"], CleanCommand)
    assert with_corpus_place("Correct text_fields in conf/data/.", loaded.tree, loaded.config) == "Correct text_fields in conf/data/."
