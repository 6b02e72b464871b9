from collections.abc import Callable
from types import SimpleNamespace

import pytest

from assay.data.clean import clean
from assay.data.evaluation_texts import EvaluationTexts
from assay.errors import DataError


def test_all_texts_of_each_corpus_are_there_and_a_changed_one_is_another_version(
    corpus: Callable[..., SimpleNamespace], lines: bytes
) -> None:
    made = corpus({"a.txt": lines}, source={"format": "lines"})
    for name in ("one", "two"):
        clean(made.config, made.root / "data/clean" / name, made.root, made.say)
    found = EvaluationTexts.of(["two", "one"], made.root)
    texts = list(found.texts())
    assert [number for number, _ in texts] == [0] * 40 + [1] * 40
    assert sorted(text for number, text in texts if number == 0) == sorted(lines.decode().splitlines())
    before = found.versions()
    assert before["one"] == before["two"]
    made.config.data.sources[0].members[:] = ["a*"]
    corpus({"a.txt": lines + b"one line more of text\n"}, source={"format": "lines"})
    clean(corpus({}, source={"format": "lines"}).config, made.root / "data/clean/one", made.root, made.say)
    after = found.versions()
    assert (after["two"] == before["two"], after["one"] == before["one"]) == (True, False)


def test_a_corpus_that_is_not_cleaned_is_refused(corpus: Callable[..., SimpleNamespace], lines: bytes) -> None:
    with pytest.raises(DataError, match="names nothing, which is not cleaned yet"):
        EvaluationTexts.of(["nothing"], corpus({"a.txt": lines}).root)
