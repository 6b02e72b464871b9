"""The share of a set of documents that their tokens do not give back."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True)
class Lost:
    """Losses of a set of documents in encoding: documents that do not decode to their text, the bytes of the texts of those,
    and unknown tokens."""

    documents: int = 0
    utf8_bytes: int = 0
    unknown_tokens: int = 0

    def __bool__(self) -> bool:
        return self.documents > 0

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> Self:
        """From the facts of a split or source; those of one that lost nothing may lack the names."""
        return cls(facts.get("lost_documents", 0), facts.get("lost_utf8_bytes", 0), facts.get("unknown_tokens", 0))

    def facts(self) -> dict[str, int]:
        return {"lost_documents": self.documents, "lost_utf8_bytes": self.utf8_bytes, "unknown_tokens": self.unknown_tokens}

    def said(self, sizes: Mapping[str, Any]) -> str:
        """For a person; `sizes` of the same documents has `documents` or `document_end_tokens`, `utf8_bytes` and `tokens`."""
        documents = sizes.get("documents", sizes.get("document_end_tokens"))
        return (
            f"{self.documents:,} of {documents:,} documents ({self.utf8_bytes:,} of {sizes['utf8_bytes']:,} bytes) do not come back from "
            f"their tokens, {self.unknown_tokens / sizes['tokens']:.2%} of the tokens are unknown"
        )


NOTHING_LOST = Lost()
