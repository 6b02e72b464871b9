"""The composition of a corpus, for its card: shares by source, language and topic, how its vocabulary grows, and how much of it repeats."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.data.balance.sample import Sample, sample
from assay.data.balance.topics import topics
from assay.data.balance.vocabulary import growth, words
from assay.data.decide import Decisions
from assay.data.language.identify import identify
from assay.data.language.names import LANGUAGES
from assay.data.measured import Measured
from assay.data.places import source_names
from assay.data.schema import DataSchema


def balance(data: DataSchema, measured: Measured, decisions: Decisions, layers: Mapping[str, Any]) -> dict[str, Any]:
    """Return the composition of the kept documents; what is told by their words is told by a sample of them, whose size is said."""
    chosen = sample(measured, decisions.kept)
    known: dict[str, str] = {}  # each word once, though it is read many times
    read = [[known.setdefault(word, word) for word in words(text)] for text in chosen.texts.texts()]
    grown = growth(read)
    sizes = measured.numbers("bytes")
    return {
        "sources": _sources(data, measured, decisions, sizes),
        "sample": {"documents": len(chosen.rows), "bytes": len(chosen.texts.content)},
        "languages": _languages(data, chosen, decisions, layers),
        "topics": [
            {"words": topic.words, "documents": len(topic.documents), "share": _share(len(topic.documents), len(read))}
            for topic in topics(read)
        ],
        "vocabulary": {"points": [list(point) for point in grown.points], "exponent": grown.exponent, "factor": grown.factor},
        "near_repeats": near_repeats(decisions, sizes),
    }


def _share(part: int, whole: int) -> float:
    return round(part / max(1, whole), 4)


def _sources(data: DataSchema, measured: Measured, decisions: Decisions, sizes: NDArray[np.int64]) -> list[dict[str, Any]]:
    count = len(data.sources)
    kept = decisions.kept
    documents = np.bincount(measured.sources[kept], minlength=count).tolist()
    kept_bytes = [int(sizes[kept & (measured.sources == number)].sum()) for number in range(count)]
    return [
        {"name": name, "documents": documents[number], "bytes": kept_bytes[number], "share": _share(kept_bytes[number], sum(kept_bytes))}
        for number, name in enumerate(source_names(data.sources))
    ]


def _languages(data: DataSchema, chosen: Sample, decisions: Decisions, layers: Mapping[str, Any]) -> dict[str, Any]:
    """Return the languages of all kept documents where the recipe asks for them, else of the sample. Source code is in none."""
    if data.language == "code":
        return {"of": "none", "documents": {}}
    asked = "language" in layers
    codes = layers["language"][decisions.kept] if asked else identify(chosen.texts)[0]
    counts = np.bincount(codes, minlength=len(LANGUAGES)).tolist()
    found = sorted(((count, name) for name, count in zip(LANGUAGES, counts, strict=True) if count), key=lambda each: (-each[0], each[1]))
    return {"of": "all" if asked else "sample", "documents": {name: count for count, name in found}}


def near_repeats(decisions: Decisions, sizes: NDArray[np.int64]) -> dict[str, Any] | None:
    """None where nobody looked for them. `rate`: documents that are nearly another one that stays, of those compared."""
    if decisions.near is None:
        return None
    again = ~decisions.near.kept
    return {
        "compared": len(again),
        "clusters": len(np.unique(decisions.near.representative[again])),
        "near_repeats": int(again.sum()),
        "rate": _share(int(again.sum()), len(again)),
        "bytes": int(sizes[decisions.compared[again]].sum()),
    }
