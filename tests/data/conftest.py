"""A project folder with a corpus of its own, made in a moment."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from assay.config.schema import TokenizerConfig
from assay.data.cleaning.schema import CleaningSchema
from assay.data.collect import collect
from assay.data.near.settings import HeldOutSettings
from assay.data.schema import DataSchema, SourceSchema
from assay.tokenizer.schema import ByteSchema


@pytest.fixture
def corpus(tmp_path: Path) -> Callable[..., SimpleNamespace]:
    """corpus({"a.txt": b"..."}, source={...}, data={...}, cleaning={...}): write the files, collect them; `config`, `root`, `said`."""

    def make(
        files: dict[str, bytes],
        source: dict[str, Any] | None = None,
        data: dict[str, Any] | None = None,
        cleaning: dict[str, Any] | None = None,
        root: Path | None = None,
    ) -> SimpleNamespace:
        root = root or tmp_path / "project"
        for name, content in files.items():
            path = root / "mine" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        config = TokenizerConfig(
            data=DataSchema(
                **{
                    "name": "mine",
                    "language": "en",
                    "licence": "CC0-1.0",
                    "workers": 1,
                    "validation_fraction": 0.2,
                    "test_fraction": 0.2,
                    "sources": [SourceSchema(folder="mine", **(source or {}))],
                    **(data or {}),
                }
            ),
            cleaning=CleaningSchema(**{"held_out": HeldOutSettings(at_most=1.0), **(cleaning or {})}),  # small texts repeat each other
            tokenizer=ByteSchema(name="byte"),
        )
        said: list[str] = []
        collect(config.data, root, said.append)
        return SimpleNamespace(config=config, root=root, said=said, say=said.append)

    return make


@pytest.fixture
def lines() -> bytes:
    """Forty short documents, one a line."""
    return b"".join(b"document number %d says hello\n" % number for number in range(40))
