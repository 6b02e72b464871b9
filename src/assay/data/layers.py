"""Features of stored documents beyond their size: one array a part, beside the texts, made when a recipe first asks for it.

So a recipe that asks for more reads no raw file again, and one that only moves a threshold measures nothing.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.data.batch import TextBatch
from assay.data.fingerprint import fingerprint, stage_inputs
from assay.data.maps import Parts
from assay.data.measured import read_part
from assay.data.pool import in_order
from assay.errors import DataError
from assay.files import MANIFEST, draft_file, growing_folder, lock, verify_manifest, write_manifest

Array = NDArray[Any]


@dataclass(frozen=True)
class Layer:
    """A measurement: `measure(batch)` gives an array of (N,) records or (N, K) numbers; the same for the same texts, however they are cut.

    `settings` and the code of `module` shape it, with `libraries` (name -> version); another of these is another layer.
    """

    name: str
    module: str
    settings: dict[str, Any]
    measure: Callable[..., Array]
    libraries: dict[str, str]
    builds: bool = False
    """On another layer, of bytes: `measure(batch, array)` is given its array of the same texts."""
    wide: bool = False
    """Too much for memory in a large corpus: decisions get its Parts."""

    @property
    def none(self) -> Array:
        """Return the array of no text."""
        return self.measure(TextBatch.of([]), *([np.empty(0, dtype=np.uint8)] if self.builds else []))


def measured_layer(layer: Layer, folder: Path, given: Path | None, workers: int, say: Callable[[str], None] | None) -> Path:
    """The folder of a layer of one source's store, measured first if need be. `given`: the folder of the layer that it builds on."""

    def fill(draft: Path) -> None:
        for _ in in_order(partial(_measure, layer.measure, given, draft), parts_of(folder), lambda path: path.stat().st_size, workers):
            pass

    settings = {**layer.settings, "given": given.name} if given else layer.settings
    return kept_folder(layer.name, layer.module, settings, layer.libraries, folder, fill, say)


def parts_of(folder: Path) -> Iterator[Path]:
    """Yield the parts of a store, in order."""
    return iter(sorted(folder.glob("part-*.arrow")))


def arrays_of(folder: Path, suffix: str = ".npy") -> list[Array]:
    """Return the arrays of a layer, one for each part of the store, mapped into memory."""
    return [np.load(path, mmap_mode="r", allow_pickle=False) for path in sorted(folder.glob(f"part-*{suffix}"))]


def kept_folder(
    name: str,
    module: str,
    settings: dict[str, Any],
    libraries: dict[str, str],
    folder: Path,
    fill: Callable[[Path], None],
    say: Callable[[str], None] | None,
) -> Path:
    """The folder beside a store that `fill(draft)` makes from it, unless it is there and whole. Two processes make it once.

    Without `say` it is only named.
    """
    inputs = stage_inputs(name, module, settings, folder.name, **libraries)
    home = folder.with_name(f"{folder.name}-{name}-{fingerprint(inputs)[:16]}")
    if say is None:
        return home
    with lock(home.with_suffix(".lock"), lambda holder: say(f"waiting for {holder}, which makes {name}")):
        if not _whole(home):
            with growing_folder(home) as draft:
                fill(draft)
                write_manifest(draft, "xxh3_128")
    return home


def _whole(home: Path) -> bool:
    if not (home / MANIFEST).exists():
        return False
    with suppress(DataError):  # altered: made again
        verify_manifest(home, "")
        return True
    return False


def parts(none: Array, folders: list[Path], suffix: str = ".npy") -> Parts:
    """Return the arrays of all sources. `none`: the array of no document."""
    return Parts([part for folder in folders for part in arrays_of(folder, suffix)] or [none], folders[0].parent)


def joined(none: Array, folders: list[Path]) -> Array:
    """Return the arrays of all sources joined in memory: for a layer of a few bytes a document."""
    found = parts(none, folders)
    return np.concatenate([none[:0], *found.parts])


def _measure(measure: Callable[..., Array], given: Path | None, draft: Path, part: Path) -> None:
    texts = TextBatch.from_arrow(read_part(part).column("text"))
    name = f"{part.stem}.npy"
    if (draft / name).exists():  # of a process that was stopped
        return
    more = [np.load(given / name, allow_pickle=False)] if given else []
    save_array(draft / name, measure(texts, *more))


def save_array(path: Path, array: Array) -> None:
    with draft_file(path) as draft, draft.open("wb") as file:
        np.save(file, array, allow_pickle=False)
