"""What a reader gives for each record of a file: its name in the file, and its fields or why it can't be read."""

from typing import Any, TypeAlias

from assay.data.cleaning.drop import Drop

Record: TypeAlias = tuple[str, dict[str, Any] | Drop]
