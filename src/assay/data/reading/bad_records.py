"""Records that can't be read: the first one stops the run, or each is a counted drop where the source allows a share of them."""

from collections.abc import Iterator

from assay.data.cleaning.drop import Drop
from assay.data.reading.fields import texts_of
from assay.data.reading.record import ReadRecord
from assay.data.schema import SourceSchema
from assay.errors import DataError

TO_DROP = "  Correct it, or set `bad_records` in conf/data/ to the share of records that may be dropped."


def not_text(place: str, around: str) -> DataError:
    """For a record that holds bytes which are invalid in the file's encoding; `around` shows them."""
    return DataError(f"{place}: holds bytes that are no text in this encoding.\n  Found: {around}\n{TO_DROP}")


class BadRecords:
    """The bad records of one file, or of one part of a large file."""

    def __init__(self, source: SourceSchema) -> None:
        self.allowed_share, self.bad, self.first = source.bad_records, 0, ""

    def drop(self, error: DataError) -> Drop:
        """Raises the error where no bad record is allowed."""
        if self.allowed_share == 0:
            raise error
        self.first = self.first or str(error)
        self.bad += 1
        return Drop("bad_record", str(error))

    def check(self, read: int) -> None:
        """Raise DataError where more than the allowed share of the records is bad."""
        if self.bad and self.bad > self.allowed_share * read:
            raise DataError(
                f"{self.first}\n  {self.bad:,} of {read:,} records are bad, more than `bad_records: {self.allowed_share}` allows. "
                "Correct the file, text_fields or bad_records in conf/data/."
            )


def texts_of_records(records: Iterator[ReadRecord], source: SourceSchema, place: str) -> Iterator[tuple[str, str | Drop]]:
    """The texts of records, as texts_of gives them. `place` comes before a record's name in messages."""
    bad, read = BadRecords(source), 0
    for name, record in records:
        read += 1
        if isinstance(record, Drop):
            yield name, record
            continue
        try:
            if isinstance(record, DataError):
                raise record
            found = list(texts_of(record, name, source, f"{place}{name}"))  # whole: of a bad record no field is kept
        except DataError as error:
            yield name, bad.drop(error)
            continue
        yield from found
    bad.check(read)
