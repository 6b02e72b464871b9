"""A recipe's quality rules on stored documents: each document by the set of rules for its language.

Measuring is a layer of the store, so a threshold that moves measures nothing again. C4's rules change texts, so what they leave is a store
of its own, with its own measurements.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.data.batch import TextBatch
from assay.data.cleaning.schema import CleaningSchema, RuleSet
from assay.data.document import CHANGES_SHOWN, Document, Outcome
from assay.data.fingerprint import library
from assay.data.language.names import LANGUAGES, UNKNOWN
from assay.data.layers import Layer, kept_folder, parts_of, save_array
from assay.data.maps import Parts, give_back
from assay.data.measured import once, read_outcome, read_part, text_columns, write_outcome, write_part
from assay.data.measures import c4, measure
from assay.data.measures.fields import MEASURES
from assay.data.measures.rules import decide
from assay.data.measures.words import STOP_WORDS
from assay.data.pool import in_order

BEFORE_EDITING = ("repetition", "gopher", "chinese", "code")
CODES, AFTER = ".codes.npy", ".measures.npy"


def language_groups(declared: str) -> list[str]:
    """For each of LANGUAGES the code that `rules.languages` names: en, zh, other; of source code, which has none, code for all."""
    if declared == "code":
        return ["code"] * len(LANGUAGES)
    return [declared if name == UNKNOWN else "en" if name == "en" else "zh" if name.startswith("zh") else "other" for name in LANGUAGES]


def sets_of(codes: NDArray[np.uint8], rules: list[RuleSet], declared: str) -> NDArray[np.int64]:
    """The place in `rules` of each text's set, -1 for none, (N,). The first set that fits counts."""
    groups = language_groups(declared)
    fitting = [next((number for number, each in enumerate(rules) if {group, "*"} & set(each.languages)), -1) for group in groups]
    return np.array(fitting, dtype=np.int64)[codes]


@dataclass(frozen=True, eq=False)
class Edits:
    """`batch`: the texts as C4's rules leave them; `codes` (N,) 0 or 1 + the place in c4.REASONS of why one goes; `measures` (N,) of them."""

    batch: TextBatch
    codes: NDArray[np.int64]
    measures: NDArray[Any]


@dataclass(eq=False)
class Quality:
    """The rules of a recipe for a corpus of a declared language. Holds its measurers, so that what a word rule learns is kept."""

    cleaning: CleaningSchema
    declared: str

    def layer(self) -> Layer:
        """Builds on that of languages."""
        settings = {"words": self.cleaning.words, "declared": self.declared, "sets": [_chooses(each) for each in self.cleaning.rules]}
        return Layer("measures", measure.__name__, settings, self.measures, self.libraries, builds=True)

    @property
    def libraries(self) -> dict[str, str]:
        names = ["stopwordsiso", *(["spacy", "rjieba"] if self.cleaning.words == "reference" else [])]
        return {name: library(name) for name in names}

    @property
    def edits(self) -> bool:
        return any(each.c4 is not None for each in self.cleaning.rules)

    @cached_property
    def _measurers(self) -> list[measure.Measurer]:
        return [
            measure.Measurer(self.cleaning.words, "zh" if "zh" in each.languages else "en", STOP_WORDS[each.stop_words])
            for each in self.cleaning.rules
        ]

    def __getstate__(self) -> dict[str, Any]:
        """A worker process makes its own measurers."""
        return {"cleaning": self.cleaning, "declared": self.declared}

    def measures(self, batch: TextBatch, languages: NDArray[np.uint8]) -> NDArray[Any]:
        """MEASURES of each text by its own set; zeros for a text that no set is for. (N,)"""
        found = np.zeros(len(batch), dtype=MEASURES)
        for number, places in self._by_set(languages):
            found[places] = self._measurers[number](_texts(batch, places))
        return found

    def _by_set(self, languages: NDArray[np.uint8]) -> list[tuple[int, NDArray[np.int64]]]:
        sets = sets_of(languages, self.cleaning.rules, self.declared)
        parts = [(number, np.flatnonzero(sets == number)) for number in range(len(self.cleaning.rules))]
        return [(number, places) for number, places in parts if len(places)]

    def edited(self, batch: TextBatch, languages: NDArray[np.uint8], measures: NDArray[Any]) -> Edits:
        """Return what C4's rules make of texts whose `measures` are known."""
        order, parts = [], []
        codes, after = np.zeros(len(batch), dtype=np.int64), measures.copy()
        left = np.ones(len(batch), dtype=np.bool_)
        for number, places in self._by_set(languages):
            rules = self.cleaning.rules[number].c4
            if rules is not None:
                found = c4.c4_lines(_texts(batch, places), rules, self._measurers[number])
                codes[places], after[places], left[places] = found.codes, found.measures, False
                order.append(places)
                parts.append(found.batch)
        unchanged = np.flatnonzero(left)
        joined = TextBatch.joined([*parts, batch.take(unchanged)])
        return Edits(joined.take(np.argsort(np.concatenate([*order, unchanged]))), codes, after)


def _chooses(rules: RuleSet) -> dict[str, Any]:
    """Return the settings of a set of rules that decide how a text is measured."""
    return {"languages": list(rules.languages), "stop_words": rules.stop_words}


def _texts(batch: TextBatch, places: NDArray[np.int64]) -> TextBatch:
    return batch if len(places) == len(batch) else batch.take(places)


def edited_store(quality: Quality, folder: Path, languages: Path, measures: Path, workers: int, say: Callable[[str], None] | None) -> Path:
    """The store of a source after C4's rules: the same documents in the same parts, with what is left of their texts.

    Beside each part lie its Edits.codes and Edits.measures. `languages` and `measures` are the source's layers.
    """
    sets = [{**_chooses(each), "c4": asdict(each.c4) if each.c4 else None} for each in quality.cleaning.rules]
    settings = {"sets": sets, "given": [languages.name, measures.name]}

    def fill(draft: Path) -> None:
        outcome = read_outcome(folder)
        work = partial(_edit, quality, (languages, measures), draft)
        for part in in_order(work, parts_of(folder), lambda path: path.stat().st_size, workers):
            outcome.add(part)
        write_outcome(draft, outcome)

    return kept_folder("edited", __name__, settings, quality.libraries, folder, fill, say)


def _edit(quality: Quality, given: tuple[Path, Path], draft: Path, part: Path) -> Outcome:
    return once(draft / part.name, partial(_edited_part, quality, given, part))


def _edited_part(quality: Quality, given: tuple[Path, Path], part: Path, target: Path) -> Outcome:
    table = read_part(part)
    before = TextBatch.from_arrow(table.column("text"))
    edits = quality.edited(before, *(np.load(home / f"{part.stem}.npy", allow_pickle=False) for home in given))
    save_array(target.with_suffix(CODES), edits.codes)
    save_array(target.with_suffix(AFTER), edits.measures)
    ids = {name: table.column(name).to_numpy() for name in ("id_high", "id_low")}
    places = {name: table.column(name) for name in ("path", "record")}
    write_part(target, {**ids, **text_columns(edits.batch)}, edits.batch, places)
    return _changes(ids, before, edits.batch)


def _changes(ids: dict[str, NDArray[np.uint64]], before: TextBatch, after: TextBatch) -> Outcome:
    places = before.differing(after)
    if not len(places):
        return Outcome()
    outcome = Outcome()
    for place in places[np.lexsort((ids["id_low"][places], ids["id_high"][places]))][:CHANGES_SHOWN].tolist():
        document = Document(f"{ids['id_high'][place]:016x}{ids['id_low'][place]:016x}", before.text(place), "", "", "")
        outcome.change(document, "c4_lines", document.text, after.text(place))
    outcome.changed["c4_lines"] = len(places)
    outcome.removed_characters["c4_lines"] = before.characters - after.characters
    return outcome


def failing(cleaning: CleaningSchema, sets: NDArray[np.int64], layers: Mapping[str, Any]) -> tuple[list[str], NDArray[np.int64]]:
    """(reasons, codes): of each document 0, or 1 + the place in `reasons` of the first rule of its set that fails, (N,)."""
    reasons: list[str] = []
    codes = np.zeros(len(sets), dtype=np.int64)
    measures: Parts = layers["measures"]
    edits, after = layers.get("edited", measures), layers.get("measures_edited", measures)
    for start, *parts in zip(measures.starts[:-1], measures.parts, edits.parts, after.parts, strict=True):
        end = start + len(parts[0])
        reasons = _failing(cleaning, sets[start:end], parts, "edited" in layers, codes[start:end])
        for part in parts:
            give_back(part)
    return reasons, codes


def _failing(
    cleaning: CleaningSchema, sets: NDArray[np.int64], parts: list[NDArray[Any]], edited: bool, codes: NDArray[np.int64]
) -> list[str]:
    """Fills `codes` of the documents of one part, by what was measured before C4's cuts, what C4 said, and what was measured after."""
    measures, edits, measures_after = parts
    reasons: list[str] = []
    for number, rules in enumerate(cleaning.rules):
        places = np.flatnonzero(sets == number)
        before, after = decide(measures[places], rules, BEFORE_EDITING), decide(measures_after[places], rules, ("fineweb",))
        cuts = [(tuple(f"c4.{name}" for name in c4.REASONS), edits[places])] if edited else []
        for names, found in [(before.reasons, before.codes), *cuts, (after.reasons, after.codes)]:
            fresh = (codes[places] == 0) & (found > 0)
            codes[places[fresh]] = len(reasons) + found[fresh]
            reasons += names
    return reasons
