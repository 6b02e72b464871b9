"""Linguistic preprocessing of the documents that are kept: a view of them for models of words, made after all decisions.

So the same documents are kept, and fall into the same splits, whatever is done to their words.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from assay.data.batch import TextBatch
from assay.data.document import Document, Outcome, text_hash
from assay.data.language.identify import identify
from assay.data.language.names import LANGUAGES, UNKNOWN, WORD_LANGUAGES
from assay.data.linguistics import punctuation, spelling, stems, tags
from assay.data.linguistics.settings import LinguisticSettings
from assay.data.linguistics.words import Line, lines_of, text_of

SURE_PERCENT = 50
"""Confidence below which a text in Latin letters is taken to be in the declared language: a headline has few of the words that tell."""


@dataclass(frozen=True)
class View:
    """The preprocessing of the texts of a corpus of a declared language."""

    settings: LinguisticSettings
    declared: str

    def languages(self, batch: TextBatch) -> list[str]:
        """en, zh, zh-Hant, or another for which there are no rules."""
        codes, confidence = identify(batch)
        found = [LANGUAGES[code] for code in codes]
        unsure = {UNKNOWN, *(WORD_LANGUAGES["latin"] if self.declared == "en" else ())}
        named = [
            self.declared if name in unsure and percent < SURE_PERCENT else name
            for name, percent in zip(found, confidence.tolist(), strict=True)
        ]
        return ["zh" if name == "zh-Hans" else name for name in named]

    def steps(self, text: str, language: str) -> Iterator[tuple[str, str]]:
        """(step, text after it) of each that changes a text. One that would leave nothing is not done: a text of stop words keeps them."""
        rules = language.partition("-")[0]
        if rules not in ("en", "zh"):
            return
        for step, change in self._on_text(language, rules):
            after = change(text)
            if after != text and after.strip():
                text = after
                yield step, text
        divided = self.settings.segmentation or self.settings.pos_tags
        changes = list(self._on_words(rules))
        lines = lines_of(text, rules) if divided or changes else []
        if divided and (after := text_of(lines, divided)) != text:
            text = after
            yield "segmentation", text
        for step, change_words in changes:
            changed = change_words(lines)
            after = text_of(changed, divided)
            if after != text and after.strip():
                text, lines = after, changed
                yield step, text

    def _on_text(self, language: str, rules: str) -> Iterator[tuple[str, Callable[[str], str]]]:
        if self.settings.spelling and language != "zh-Hant":  # the dictionary of idioms is of simplified characters
            yield "spelling", partial(spelling.corrected, language=rules)
        if self.settings.punctuation == "normalise":
            yield "punctuation", partial(punctuation.normalised, language=rules)
        if self.settings.punctuation == "remove":
            yield "punctuation", punctuation.removed

    def _on_words(self, rules: str) -> Iterator[tuple[str, Callable[[list[Line]], list[Line]]]]:
        if self.settings.pos_tags:
            yield "pos_tags", partial(tags.tagged, language=rules)
        if self.settings.stop_words == "remove":
            yield "stop_words", partial(stems.without_stop_words, language=rules)
        if self.settings.stemming:
            yield "stemming", stems.stemmed

    def text(self, text: str, language: str) -> str:
        return [text, *(after for _, after in self.steps(text, language))][-1]

    def changed(self, document: Document, language: str, outcome: Outcome) -> str:
        """Its text after all steps; `outcome` counts each that changed it, with a sample, by step and language."""
        text = document.text
        for step, after in self.steps(text, language):
            outcome.change(document, f"{step}.{language[:2]}", text, after)
            text = after
        return text

    def table(self, table: Any) -> tuple[Any, Outcome]:
        """A pyarrow table with the columns of assay.data.shards, its texts changed, with what was changed and samples of it."""
        import pyarrow as arrow

        batch, outcome = TextBatch.from_arrow(table.column("text").combine_chunks()), Outcome()
        texts = []
        for name, text, language in zip(table.column("id").to_pylist(), batch.texts(), self.languages(batch), strict=True):
            texts.append(self.changed(Document(name, text, "", "", ""), language, outcome))
        columns = {
            "text": arrow.array(texts, arrow.string()),
            "bytes": arrow.array(np.array([len(text.encode()) for text in texts], dtype=np.int64)),
            "text_hash": arrow.array([text_hash(text) for text in texts], arrow.string()),
        }
        for name, column in columns.items():
            table = table.set_column(table.column_names.index(name), name, column)
        return table, outcome
