"""A corpus to label, in a project folder of its own."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from assay.config.schema import AnnotateCommand
from assay.data.annotation.exporting import export_sample

Rows = list[dict[str, Any]]


@pytest.fixture
def labelling(corpus: Callable[..., SimpleNamespace], lines: bytes, tmp_path: Path) -> Callable[..., SimpleNamespace]:
    """labelling(files): `ask(**words)` makes a command, `sample(**words)` exports one and returns its rows, `write(rows)` a file to import."""

    def make(files: dict[str, bytes] | None = None, **words: Any) -> SimpleNamespace:
        made = corpus(files or {"a.txt": lines}, source={"format": "lines"}, **words)

        def ask(**words: Any) -> AnnotateCommand:
            return AnnotateCommand(data=made.config.data, cleaning=made.config.cleaning, **words)

        def sample(**words: Any) -> Rows:
            path = tmp_path / f"sample-{len(made.said)}.jsonl"
            export_sample(ask(export=str(path), **words), made.root, made.say)
            return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]

        def write(rows: Iterable[dict[str, Any]], name: str = "labelled.jsonl") -> str:
            (tmp_path / name).write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
            return str(tmp_path / name)

        return SimpleNamespace(root=made.root, said=made.said, say=made.say, ask=ask, sample=sample, write=write, folder=tmp_path)

    return make
