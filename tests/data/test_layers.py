from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from assay.data import layers
from assay.data.batch import TextBatch
from assay.data.clean import clean
from assay.data.layers import Layer, arrays_of, measured_layer

Corpus = Callable[..., SimpleNamespace]
CALLS: list[int] = []


def lengths(batch: TextBatch) -> Any:
    CALLS.append(len(batch))
    return np.diff(batch.offsets)


def layer(**settings: Any) -> Layer:
    return Layer("lengths", layers.__name__, settings, lengths, {})


@pytest.fixture
def store(corpus: Corpus, lines: bytes) -> Path:
    """One source's stored documents."""
    made = corpus({"a.txt": lines}, source={"format": "lines"})
    clean(made.config, made.root / "out", made.root, made.say)
    (found,) = {path.parent for path in made.root.glob("data/cache/measured/*/outcome.json")}
    CALLS.clear()
    return found


def silent(word: str) -> None:
    raise AssertionError(word)


def test_a_layer_is_measured_once_and_has_a_value_for_each_document(store: Path) -> None:
    first = arrays_of(measured_layer(layer(), store, None, 1, silent))
    again = arrays_of(measured_layer(layer(), store, None, 1, silent))
    assert [part.tolist() for part in first] == [part.tolist() for part in again]
    assert sorted(first[0].tolist()) == [28] * 10 + [29] * 30
    assert CALLS == [40]


def test_other_settings_are_another_layer(store: Path) -> None:
    measured_layer(layer(words=5), store, None, 1, silent)
    measured_layer(layer(words=6), store, None, 1, silent)
    measured_layer(layer(words=5), store, None, 1, silent)
    assert CALLS == [40, 40]


def test_an_altered_layer_is_measured_again(store: Path) -> None:
    arrays_of(measured_layer(layer(), store, None, 1, silent))
    (path,) = store.parent.glob("*-lengths-*/part-*.npy")
    path.write_bytes(path.read_bytes()[:-8] + bytes(8))
    (again,) = arrays_of(measured_layer(layer(), store, None, 1, silent))
    assert again.tolist()[-1] in (28, 29)
    assert CALLS == [40, 40]
