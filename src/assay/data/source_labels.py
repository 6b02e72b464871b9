"""The labels that a source comes with: by the file that a document is in, or a field of its record."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath

from assay.data.cleaning.schema import CleaningSchema
from assay.data.places import snapshot_folder
from assay.data.schema import DataSchema
from assay.data.sources import units, verify_snapshot
from assay.data.unit import clean_unit
from assay.errors import DataError
from assay.files import ROOT

Place = tuple[str, str, str]
"""Source, path and record of a document."""


def source_labels(data: DataSchema, cleaning: CleaningSchema, root: Path = ROOT) -> "SourceLabels":
    """Return the labels of sources that all declare a `label`. Raises DataError where a snapshot is not what was declared, or a record has no such field."""
    by_place: dict[Place, str] = {}
    for number, place in enumerate(verify_snapshot(data, snapshot_folder(data, root))):
        if data.sources[number].label != "file":
            by_place |= dict(_read(replace(data, sources=[data.sources[number]]), place, cleaning))
    return SourceLabels(by_place)


class SourceLabels:
    def __init__(self, by_place: dict[Place, str]) -> None:
        self._by_place = by_place
        self._files = {place[:2] for place in by_place}

    def of(self, place: Place) -> str:
        """Return a document's label, from the record's field or the name of the file. A document that is one field of a record has the record's.

        Raises DataError where the field is empty.
        """
        source, path, record = place
        if (source, path) not in self._files:
            return PurePosixPath(path).name.partition(".")[0]
        known = self._by_place.get(place) or self._by_place.get((source, path, record.partition(".")[0]))
        if known is None:
            raise DataError(f"{source}: {path}, record {record} has an empty label.\n  Correct the file, or `label` in conf/data/.")
        return known


def _read(data: DataSchema, place: Path, cleaning: CleaningSchema) -> Iterator[tuple[Place, str]]:
    """The label read as if it were the text: each format is read by its one reader, and a record has its one name."""
    (source,) = data.sources
    field = str(source.label).partition(":")[2]
    labels = replace(source, text_fields=[field], document="row", boilerplate="none")
    plain = CleaningSchema(encodings=cleaning.encodings, unicode_form="none", passage_bytes=None)
    for unit in units(data, [place], list(cleaning.encodings)):
        for document in clean_unit(unit, labels, plain).kept:
            yield (document.source, document.path, document.record), document.text
