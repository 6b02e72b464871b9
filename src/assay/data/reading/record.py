"""What a reader gives for each record of a file: its name in the file, and its fields or why it can't be read."""

from dataclasses import dataclass
from typing import Any, TypeAlias

from assay.data.cleaning.drop import Drop

Record: TypeAlias = tuple[str, dict[str, Any] | Drop]


@dataclass(frozen=True)
class Change:
    """A repair that a reader made in a record: counted on the card under `step`, and shown there as the text before and after it."""

    record: str
    step: str
    before: str
    after: str = ""
