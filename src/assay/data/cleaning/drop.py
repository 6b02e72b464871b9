"""The result of a cleaning step in place of a text that it can't keep."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Drop:
    """The reason a document is not kept; reasons are counted and shown in the corpus card, with the document's first characters."""

    reason: str
    excerpt: str = field(default="", compare=False)
    """For a document without text: what was found in its place."""
