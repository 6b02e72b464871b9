"""What a cleaning step returns in place of a text it can't keep."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Drop:
    """The reason a document is not kept; reasons are counted and shown in the corpus card."""

    reason: str
