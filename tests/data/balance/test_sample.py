from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest

from assay.data.balance import sample as module
from assay.data.balance.sample import sample
from assay.data.measured import Measured, measure_source
from assay.data.places import snapshot_folder
from assay.data.sources import verify_snapshot


@pytest.fixture
def measured(corpus: Callable[..., SimpleNamespace]) -> Callable[[dict[str, bytes]], Measured]:
    def make(files: dict[str, bytes]) -> Measured:
        made = corpus(files, source={"format": "lines"})
        (place,) = verify_snapshot(made.config.data, snapshot_folder(made.config.data, made.root))
        folder = measure_source(made.config.data, made.config.cleaning, 0, place, made.root / "measured", made.say)
        return Measured.open(made.config.data, [folder])

    return make


def texts(found: Measured, kept: np.ndarray | None = None) -> list[str]:  # type: ignore[type-arg]
    return list(sample(found, np.ones(len(found), dtype=np.bool_) if kept is None else kept).texts.texts())


def test_all_of_a_small_corpus_is_in_it_in_an_order_of_the_texts_alone(measured: Callable[..., Measured], lines: bytes) -> None:
    listed = lines.splitlines(keepends=True)
    found = texts(measured({"a.txt": lines}))
    assert sorted(found) == sorted(line.decode().strip() for line in listed)
    assert found != sorted(found)
    assert texts(measured({"a.txt": b"".join(listed[20:]), "b.txt": b"".join(listed[:20])})) == found


def test_of_a_large_one_those_that_a_larger_sample_begins_with(
    measured: Callable[..., Measured], lines: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = texts(measured({"a.txt": lines}))
    monkeypatch.setattr(module, "DOCUMENTS", 7)
    assert texts(measured({"a.txt": lines})) == whole[:7]
    monkeypatch.setattr(module, "TOTAL_BYTES", 60)
    assert texts(measured({"a.txt": lines})) == whole[:3]  # of 28 bytes each, about


def test_only_kept_documents_are_in_it(measured: Callable[..., Measured], lines: bytes) -> None:
    found = measured({"a.txt": lines})
    kept = np.arange(len(found)) % 2 == 0
    assert set(texts(found, kept)) == {document.text for document in found.documents(np.flatnonzero(kept))}


def test_of_a_long_text_its_beginning_to_a_whole_character(measured: Callable[..., Measured], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "DOCUMENT_BYTES", 10)
    assert texts(measured({"a.txt": "中文字文字文字\n".encode()})) == ["中文字"]
