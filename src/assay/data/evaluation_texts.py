"""The texts that models will be evaluated on, which training text must not hold: cleaned corpora of this project, named by a recipe."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from assay.data.fingerprint import files_sha256
from assay.data.shards import read_texts
from assay.data.split import SPLITS
from assay.errors import DataError
from assay.files import MANIFEST, ROOT, read_manifest


@dataclass(frozen=True)
class EvaluationTexts:
    """Corpora in the order of the recipe."""

    names: list[str]
    folders: list[Path]

    @classmethod
    def of(cls, names: list[str], root: Path = ROOT) -> "EvaluationTexts":
        """Raises DataError, with the command, where one of them is not cleaned yet."""
        folders = [root / "data" / "clean" / name for name in names]
        for name, folder in zip(names, folders, strict=True):
            if not (folder / MANIFEST).is_file():
                raise DataError(
                    f"cleaning.decontaminate.against names {name}, which is not cleaned yet.\n  Run: python src/clean.py data={name}"
                )
        return cls(names, folders)

    def versions(self) -> dict[str, str]:
        """Name -> hash of its texts."""
        return {name: files_sha256(read_manifest(folder), ".parquet") for name, folder in zip(self.names, self.folders, strict=True)}

    def texts(self) -> Iterator[tuple[int, str]]:
        """(place of the corpus in `names`, text), in the order of the corpora and of their ids."""
        for number, folder in enumerate(self.folders):
            for split in SPLITS:
                for _, text in read_texts(folder, split):
                    yield number, text
