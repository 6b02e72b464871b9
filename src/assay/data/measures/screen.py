"""A recipe's rules on a batch: each text by the set of its language; lines that go are cut out of what stays."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from assay.data.batch import TextBatch
from assay.data.cleaning.schema import CleaningSchema, RuleSet
from assay.data.document import Document, Outcome, text_hash
from assay.data.measures.c4 import REASONS, c4_lines
from assay.data.measures.measure import Measurer
from assay.data.measures.rules import decide
from assay.data.measures.words import STOP_WORDS

BEFORE_EDITING = ("repetition", "gopher", "chinese", "code")


@dataclass(frozen=True, eq=False)
class Screened:
    """Of each text the reason to drop it, or None, and the text as it stays."""

    reasons: list[str | None]
    batch: TextBatch


class Screen:
    """Holds a measurer for each set of rules, so that what a word rule learns is kept from batch to batch. For one thread."""

    def __init__(self, cleaning: CleaningSchema) -> None:
        self._sets = [
            (each, Measurer(cleaning.words, "zh" if "zh" in each.languages else "en", STOP_WORDS[each.stop_words]))
            for each in cleaning.rules
        ]

    def __call__(self, batch: TextBatch, languages: Sequence[str]) -> Screened:
        """`languages` (N,): of each text. A text that no set is for is kept."""
        choice = np.array([self._set_of(language) for language in languages], np.int64)
        reasons: list[str | None] = [None] * len(batch)
        texts: dict[int, str] = {}
        for number, (rules, measurer) in enumerate(self._sets):
            places = np.flatnonzero(choice == number)
            if len(places):
                part = batch if len(places) == len(batch) else TextBatch.of(batch.text(place) for place in places.tolist())
                found = screen_by(part, rules, measurer)
                for at, place in enumerate(places.tolist()):
                    reasons[place] = found.reasons[at]
                if found.batch is not part:
                    texts |= {place: found.batch.text(at) for at, place in enumerate(places.tolist())}
        edited = (
            TextBatch.of(texts.get(place, "") if place in texts else batch.text(place) for place in range(len(batch))) if texts else batch
        )
        return Screened(reasons, edited)

    def _set_of(self, language: str) -> int:
        return next((number for number, (rules, _) in enumerate(self._sets) if {language, "*"} & set(rules.languages)), -1)


def screen_by(batch: TextBatch, rules: RuleSet, measurer: Measurer) -> Screened:
    """One set of rules on texts it is meant for."""
    measures = measurer(batch)
    decided = decide(measures, rules, BEFORE_EDITING)
    reasons = [decided.reasons[code - 1] if code else None for code in decided.codes.tolist()]
    if rules.c4 is not None:
        edited = c4_lines(batch, rules.c4, measurer)
        batch, measures = edited.batch, edited.measures
        for place, code in enumerate(edited.codes.tolist()):
            if code and reasons[place] is None:
                reasons[place] = f"c4.{REASONS[code - 1]}"
    after = decide(measures, rules, ("fineweb",))
    for place, code in enumerate(after.codes.tolist()):
        if code and reasons[place] is None:
            reasons[place] = after.reasons[code - 1]
    return Screened(reasons, batch)


def screen_outcome(outcome: Outcome, cleaning: CleaningSchema, language: str) -> None:
    """Hold the kept documents of a unit, all of one language, to the recipe's rules; drops and changes are counted."""
    found = Screen(cleaning)(TextBatch.of(document.text for document in outcome.kept), [language] * len(outcome.kept))
    kept: list[Document] = []
    for document, reason, text in zip(outcome.kept, found.reasons, found.batch.texts(), strict=True):
        if reason is not None:
            outcome.drop(document, reason)
        elif text == document.text:
            kept.append(document)
        else:
            outcome.changed["c4_lines"] += 1
            outcome.removed_characters["c4_lines"] += len(document.text) - len(text)
            kept.append(replace(document, text=text, text_hash=text_hash(text)))
    outcome.kept = kept
    outcome.trim()
