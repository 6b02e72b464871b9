"""What is measured of stored documents beyond their size: one array a part, beside the texts, made when a recipe first asks for it.

So a recipe that asks for more reads no raw file again, and one that only moves a threshold measures nothing.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.data.batch import TextBatch
from assay.data.fingerprint import fingerprint, stage_inputs
from assay.data.measured import read_part
from assay.data.pool import in_order
from assay.errors import DataError
from assay.files import MANIFEST, draft_folder, lock, verify_manifest, write_manifest

Array = NDArray[Any]


@dataclass(frozen=True)
class Layer:
    """A measurement: `measure(batch)` gives an array of (N,) records or (N, K) numbers; the same for the same texts, however they are cut.

    `settings` and the code of `module` shape it, with `libraries` (name -> version); another of these is another layer.
    """

    name: str
    module: str
    settings: dict[str, Any]
    measure: Callable[[TextBatch], Array]
    libraries: dict[str, str]


def measured_layer(layer: Layer, folder: Path, workers: int, say: Callable[[str], None]) -> list[Array]:
    """The arrays of a layer for the parts of one source's store, mapped into memory; measured first if need be."""

    def fill(draft: Path) -> None:
        parts = iter(sorted(folder.glob("part-*.arrow")))
        for _ in in_order(partial(_measure, layer.measure, draft), parts, lambda path: path.stat().st_size, workers):
            pass

    home = kept_folder(layer.name, layer.module, layer.settings, layer.libraries, folder, fill, say)
    return [np.load(path, mmap_mode="r", allow_pickle=False) for path in sorted(home.glob("part-*.npy"))]


def kept_folder(
    name: str,
    module: str,
    settings: dict[str, Any],
    libraries: dict[str, str],
    folder: Path,
    fill: Callable[[Path], None],
    say: Callable[[str], None],
) -> Path:
    """The folder beside a store that `fill(draft)` makes from it, unless it is there and whole. Two processes make it once."""
    inputs = stage_inputs(name, module, settings, folder.name, **libraries)
    home = folder.with_name(f"{folder.name}-{name}-{fingerprint(inputs)[:16]}")
    with lock(home.with_suffix(".lock"), lambda holder: say(f"waiting for {holder}, which makes {name}")):
        if not _whole(home):
            with draft_folder(home) as draft:
                fill(draft)
                write_manifest(draft)
    return home


def _whole(home: Path) -> bool:
    if not (home / MANIFEST).exists():
        return False
    with suppress(DataError):  # altered: made again
        verify_manifest(home, "")
        return True
    return False


def _measure(measure: Callable[[TextBatch], Array], draft: Path, part: Path) -> None:
    texts = TextBatch.from_arrow(read_part(part).column("text"))
    np.save(draft / f"{part.stem}.npy", measure(texts), allow_pickle=False)
