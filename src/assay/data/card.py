"""The card of a corpus: what is in it, where it comes from, under which licence, and what was dropped or changed and why."""

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.data.balance.facts import balance
from assay.data.classifier.finished import accuracy
from assay.data.cleaning.schema import CleaningSchema
from assay.data.decide import Decisions, Layers
from assay.data.document import Outcome
from assay.data.letters import SCRIPTS
from assay.data.measured import Measured
from assay.data.places import citation, corpus_name
from assay.data.schema import DataSchema
from assay.data.split import SPLITS
from assay.files import readable_json

REASONS = {
    "bad_coding": "answer of a server whose compression is damaged from its beginning",
    "bad_http": "record of a web archive that is no answer of a server",
    "bad_mail": "mail whose headers or parts can't be read",
    "bad_record": "line that is no JSON or lacks its fields",
    "bad_words": "more words of the lists than cleaning.bad_words_at_most",
    "bad_warc": "damaged part of a web archive, up to the next record that can be read",
    "combining_marks": "a run of 1,000 or more combining marks",
    "contaminated": "shares n-grams with a corpus of cleaning.decontaminate.against",
    "duplicate": "equal to a document that was kept",
    "empty": "no character but white space",
    "html_crashed": "page at which the HTML library crashed or took more than 2 GiB of memory",
    "html_timeout": "page for which the HTML library took more than 10 s of CPU",
    "html_too_deep": "page whose elements nest too deep, or are too large, for cleaning.html=trafilatura",
    "html_too_large": "page of more than 16 MiB",
    "html_unreadable": "page that the HTML library refused",
    "language": "in none of cleaning.languages, by its text",
    "lone_surrogate": "half of a surrogate pair, which is no character",
    "mail_too_deep": "mail of more than 1,000 parts, or nested deeper than 32",
    "mail_too_large": "mail of more than 64 MiB",
    "near_duplicate": "nearly equal to a document that was kept, by cleaning.near_dedup",
    "no_mail": "file without the headers of a mail",
    "no_mailbox": "file without a line that begins a mail",
    "no_text": "mail or page without text",
    "no_wikitext": "page of a wiki that is a table of data or a program",
    "nul_bytes": "file with NUL bytes: binary, or UTF-16 without a byte order mark",
    "quality_classifier": "scored below cleaning.quality_classifier.at_least",
    "redirect": "page of a wiki that only names another",
    "too_long": "longer than cleaning.max_characters",
    "too_short": "shorter than cleaning.min_characters",
    "undecodable": "file that fits none of cleaning.encodings",
    "unknown_coding": "answer of a server in a compression that is not read",
    "unknown_format": "file whose suffix names no known format",
    "system_file": "file that an operating system made for itself, such as ._name, .DS_Store, Thumbs.db",
    "untranslated": "entry without a translation, or with an unsure or equal one",
}


def meaning(reason: str) -> str:
    """A rule of a recipe is named group.rule, as its threshold is in conf/cleaning/."""
    group, _, rule = reason.partition(".")
    return f"cleaning.rules, {group}: {rule.replace('_', ' ')}" if rule else REASONS.get(reason, "")


def corpus_card(
    data: DataSchema,
    cleaning: CleaningSchema,
    facts: list[dict[str, str | int]],
    outcome: Outcome,
    measured: Measured,
    decisions: Decisions,
    layers: Layers,
) -> dict[str, Any]:
    """Facts of the documents only: no time, no machine, so that equal data has an equal card."""
    kept = decisions.kept
    letters = {script: int(measured.numbers(script)[kept].sum()) for script in SCRIPTS}
    sizes = measured.numbers("bytes")
    splits = {name: kept & (decisions.splits == number) for number, name in enumerate(SPLITS)}
    return {
        "corpus": corpus_name(data),
        "language_declared": data.language,
        "licence": data.licence,
        "sources": _sources(data, facts, measured, decisions),
        "documents": {"read": outcome.read_documents, "kept": int(kept.sum()), "dropped": sum(outcome.dropped.values())},
        "read_bytes": outcome.read_bytes,
        "kept_bytes": int(sizes[kept].sum()),
        "kept_characters": int(measured.numbers("characters")[kept].sum()),
        "letters": {script: round(count / max(1, sum(letters.values())), 4) for script, count in letters.items()},
        "dropped_by_reason": dict(sorted(outcome.dropped.items())),
        "changed_by_step": dict(sorted(outcome.changed.items())),
        "removed_characters_by_step": dict(sorted(outcome.removed_characters.items())),
        "splits": {name: {"documents": int(rows.sum()), "bytes": int(sizes[rows].sum())} for name, rows in splits.items()},
        "balance": balance(data, measured, decisions, layers),
        "cleaning": {"encodings": list(cleaning.encodings), "unicode_form": cleaning.unicode_form, "passage_bytes": cleaning.passage_bytes},
    }


def _sources(data: DataSchema, facts: list[dict[str, str | int]], measured: Measured, decisions: Decisions) -> list[dict[str, Any]]:
    return [
        {
            **fact,
            "licence": source.licence or data.licence,
            "members": list(source.members),
            "records_named_by": source.id_field,
            "files_with_text": None if source.id_field else measured.count_files(decisions.kept & (measured.sources == number)),
            **_counts(citation(source), measured.outcomes[number], decisions.codes[measured.sources == number], decisions.reasons),
        }
        for number, (source, fact) in enumerate(zip(data.sources, facts, strict=True))
    ]


def _counts(source: str, reading: Outcome, codes: NDArray[np.int16], reasons: list[str]) -> dict[str, Any]:
    """Return the counts of one source. No document goes without a reason: counts that do not add up are a fault of this program, and nothing is written."""
    dropped = reading.dropped + Counter({reason: int((codes == code).sum()) for code, reason in enumerate(reasons, 1)})
    documents = {"read": reading.read_documents, "kept": int((codes == 0).sum()), "dropped": dropped.total()}
    if documents["read"] != documents["kept"] + documents["dropped"]:
        raise RuntimeError(f"{source}: documents were lost without a reason: {documents}, {dict(dropped)}")
    return {"documents": documents, "dropped_by_reason": dict(sorted(dropped.items()))}


def write_card(folder: Path, card: dict[str, Any]) -> None:
    (folder / "card.json").write_bytes(readable_json(card))
    (folder / "CARD.md").write_text(_readable(card), encoding="utf-8")


def _readable(card: dict[str, Any]) -> str:
    documents = card["documents"]
    shares = ", ".join(f"{script} {share:.1%}" for script, share in card["letters"].items())
    parts = [
        f"# Corpus {card['corpus']}\n",
        f"- licence: {card['licence']}",
        f"- language: {card['language_declared']} declared; letters measured: {shares}",
        f"- documents: {documents['kept']:,} kept of {documents['read']:,} read; {documents['dropped']:,} dropped",
        f"- text kept: {card['kept_bytes']:,} bytes, {card['kept_characters']:,} characters; files read: {card['read_bytes']:,} bytes",
        *([_classifier(card["quality_classifier"])] if "quality_classifier" in card else []),
        "\n## Splits\n",
        _table(["split", "documents", "bytes"], [[name, facts["documents"], facts["bytes"]] for name, facts in card["splits"].items()]),
        f"\n{held_out_said(card['held_out'])}",
        "\n## Sources\n",
        *(_source(source) for source in card["sources"]),
        "\n## Balance\n",
        *_balance(card["balance"]),
        "\n## Dropped\n",
        _table(["reason", "documents", "meaning"], [[key, n, meaning(key)] for key, n in card["dropped_by_reason"].items()]),
        "\nExamples of each, with their ids: drops.jsonl.",
        "\n## Changed\n",
        _table(["step", "changed", "characters removed"], _changes(card)),
    ]
    return "\n".join(parts) + "\n"


def _classifier(facts: dict[str, Any]) -> str:
    texts = facts["texts"]["good"] + facts["texts"]["other"]
    return (
        f"- quality classifier: {facts['name']}, at least {facts['at_least']}; learned from {texts:,} labelled texts "
        f"({facts['labels']}, good: {', '.join(facts['good'])}); {accuracy(facts['held_out'])}"
    )


def _source(source: dict[str, Any]) -> str:
    members = ", ".join(f"`{pattern}`" for pattern in source["members"])
    named = source["records_named_by"]
    files = f"records named by `{named}`, whatever file they are in" if named else f"{source['files_with_text']:,} files with text"
    counts = f"{source['documents']['kept']:,} of {source['documents']['read']:,} documents kept, {files}"
    return f"- {source['source']}, {members}: {counts}; licence: {source['licence']}; sha256 {source['sha256']}"


def _balance(facts: dict[str, Any]) -> list[str]:
    size, languages = facts["sample"], facts["languages"]
    among = f"of a sample of {size['documents']:,} documents, {size['bytes']:,} bytes"
    told = languages["documents"]
    rows = [[source["name"], source["documents"], source["bytes"], f"{source['share']:.1%}"] for source in facts["sources"]]
    shares = ", ".join(f"{name} {count / sum(told.values()):.1%}" for name, count in told.items()) or "not asked of source code"
    topics = [[", ".join(topic["words"]), topic["documents"], f"{topic['share']:.1%}"] for topic in facts["topics"]]
    return [
        _table(["source", "documents", "bytes", "share of bytes"], rows),
        f"\nLanguages by the text{f' ({among})' if languages['of'] == 'sample' else ''}: {shares}.",
        f"\nVocabulary ({among}): {growth_said(facts['vocabulary'])}",
        f"\nNear repeats: {near_repeats_said(facts['near_repeats'])}",
        f"\nTopics ({among}), by the words that tell each from the others:\n" if topics else "\nTopics: too few documents to tell any.",
        *([_table(["topic", "documents", "share"], topics)] if topics else []),
    ]


def growth_said(vocabulary: dict[str, Any]) -> str:
    points = vocabulary["points"]
    if not points:
        return "no word."
    read, different = points[-1]
    law = f"; {vocabulary['factor']:g} n^{vocabulary['exponent']:g} of n words (Heaps' law)" if vocabulary["exponent"] else ""
    return f"{different:,} different words among {read:,}{law}."


def held_out_said(found: dict[str, Any]) -> str:
    """Which share of the validation and test texts a model reads in training as well."""
    ngram, splits = found["ngram"], found["splits"]
    among = found["looked_for"] + found["too_short"]
    part = f" (of {among:,} documents of the {found['documents']:,})" if among < found["documents"] else ""
    lead = f"Known from training, by n-grams of {ngram['words']} words, or {ngram['characters']} characters of Chinese{part}: "
    counts = [
        f"of {split} {facts['known']:,} of {facts['looked_for']:,} documents by at least {found['share']:.0%} of theirs, {facts['with_any']:,} by any, "
        f"{facts['ngrams_in_training'] / max(1, facts['ngrams']):.1%} of the n-grams"
        for split, facts in splits.items()
    ]
    short = f"; {found['too_short']:,} are too short to be looked for" if found["too_short"] else ""
    return f"{lead}{'; '.join(counts)}{short}."


def near_repeats_said(found: dict[str, Any] | None) -> str:
    if found is None:
        return "not looked for (cleaning.near_dedup)."
    return (
        f"{found['near_repeats']:,} of {found['compared']:,} documents are nearly another ({found['rate']:.1%}, {found['bytes']:,} bytes), "
        f"in {found['clusters']:,} clusters."
    )


def _changes(card: dict[str, Any]) -> list[list[Any]]:
    removed = card["removed_characters_by_step"]
    return [[step, count, removed.get(step, "")] for step, count in card["changed_by_step"].items()]


def _table(head: list[str], rows: list[list[Any]]) -> str:
    if not rows:
        return "None."
    shown = [[f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in row] for row in rows]
    return "\n".join(f"| {' | '.join(row)} |" for row in [head, ["---"] * len(head), *shown])
