"""The cleaning report: one HTML page that needs nothing else, for a person to judge a recipe by."""

from html import escape
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.data.balance.chart import growth_chart
from assay.data.card import growth_said, held_out_said, meaning, near_repeats_said
from assay.data.classifier.finished import accuracy
from assay.data.classifier.settings import PARTS
from assay.data.cleaning.schema import CleaningSchema
from assay.data.decide import Decisions, Layers
from assay.data.document import EXCERPT_CHARACTERS, Outcome
from assay.data.held_out import Overlap
from assay.data.language.names import LANGUAGES
from assay.data.measured import Measured
from assay.data.places import OUTSIDE

CLUSTERS_SHOWN, MEMBERS_SHOWN = 10, 4
LONG_CHARACTERS = 60
"""A text of more needs a wide column, or it stands a word to a line beside a bar."""
STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 62rem; padding: 0 1rem; color: #1b1f24; background: #fff }
h1 { font-size: 1.6rem } h2 { font-size: 1.15rem; margin-top: 2.2rem; border-bottom: 1px solid #d8dee4 }
table { border-collapse: collapse; width: 100% } th { text-align: left; font-weight: 600 }
th, td { padding: .2rem .8rem .2rem 0; vertical-align: top } th { white-space: nowrap } td.n, th.n { text-align: right; font-variant-numeric: tabular-nums }
.bar { background: #2f6fdb; height: .8rem; min-width: 1px } .bar.out { background: #d1483f }
td.bars { width: 30%; min-width: 6rem } td.long { min-width: 12rem; overflow-wrap: anywhere }
pre { background: #f6f8fa; padding: .6rem; white-space: pre-wrap; overflow-wrap: anywhere; margin: .3rem 0; font-size: 13px }
summary { cursor: pointer } svg { max-width: 100%; height: auto }
small { color: #57606a } .old { border-left: 3px solid #d1483f } .new { border-left: 3px solid #2c8a4b }
"""


class Markup(str):
    """HTML of ours. Anything else comes from documents, which may hold markup of their own."""


def page(
    card: dict[str, Any],
    outcome: Outcome,
    measured: Measured,
    decisions: Decisions,
    layers: Layers,
    overlap: Overlap,
    cleaning: CleaningSchema,
) -> str:
    documents = card["documents"]
    lead = (
        f"{documents['kept']:,} of {documents['read']:,} documents kept, {documents['dropped']:,} dropped. "
        f"Read {card['read_bytes']:,} bytes of files; kept {card['kept_bytes']:,} bytes of text, {card['kept_characters']:,} characters."
    )
    parts = [
        f"<h1>Cleaning of {escape(card['corpus'])}</h1><p>{lead}</p>",
        _reasons(card),
        _by_source(card),
        _topics(card["balance"]),
        _vocabulary(card["balance"]),
        _lengths(measured, decisions),
        _letters(card),
        _changes(card, outcome),
        _repeats(measured, decisions),
        _clusters(card, measured, decisions),
        _held_out(card, overlap),
        _contamination(layers, cleaning),
        _languages(card["balance"], layers, decisions),
        _quality_scores(card, layers, decisions),
        _drops(outcome, card["corpus"]),
    ]
    title = f"Cleaning of {escape(card['corpus'])}"
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title><style>{STYLE}</style>'
    return f'<!doctype html><html lang="en"><head>{head}</head><body>{"".join(parts)}</body></html>\n'


def _reasons(card: dict[str, Any]) -> str:
    read = max(1, card["documents"]["read"])
    rows = [["kept", card["documents"]["kept"], "", _bar(card["documents"]["kept"] / read)]]
    dropped = sorted(card["dropped_by_reason"].items(), key=lambda item: (-item[1], item[0]))
    rows += [[reason, count, meaning(reason), _bar(count / read, "out")] for reason, count in dropped]
    return "<h2>What became of the documents</h2>" + _table(["", "documents", "meaning", "share of what was read"], rows)


def _by_source(card: dict[str, Any]) -> str:
    rows = []
    for source, has in zip(card["sources"], card["balance"]["sources"], strict=True):
        reasons = ", ".join(f"{count:,} {reason}" for reason, count in source["dropped_by_reason"].items()) or "none"
        members = ", ".join(source["members"])
        documents, share = source["documents"], Markup(f"{has['share']:.1%}{_bar(has['share'])}")
        counts = [documents["read"], documents["kept"], has["bytes"], share]
        rows.append([has["name"], f"{source['source']}: {members}", *counts, reasons, source["licence"]])
    return "<h2>By source</h2>" + _table(["source", "", "read", "kept", "bytes", "share of bytes", "dropped", "licence"], rows)


def _topics(balance: dict[str, Any]) -> str:
    rows = [[", ".join(topic["words"]), topic["documents"], f"{topic['share']:.1%}", _bar(topic["share"])] for topic in balance["topics"]]
    found = _table(["words that tell a topic from the others", "documents", "share", ""], rows) if rows else "<p>Too few documents.</p>"
    return f"<h2>Topics</h2><p>{_sampled(balance)}</p>{found}"


def _sampled(balance: dict[str, Any]) -> str:
    return (
        f"By a sample of {balance['sample']['documents']:,} documents, {balance['sample']['bytes']:,} bytes: the beginnings of longer ones."
    )


def _vocabulary(balance: dict[str, Any]) -> str:
    vocabulary = balance["vocabulary"]
    return f"<h2>Vocabulary</h2><p>{_sampled(balance)} {escape(growth_said(vocabulary))}</p>{growth_chart(vocabulary)}"


def _lengths(measured: Measured, decisions: Decisions) -> str:
    """Powers of two: lengths of documents span six of ten."""
    characters = np.maximum(measured.numbers("characters"), 1)
    powers = np.floor(np.log2(characters)).astype(np.int64)
    first, last = (int(powers.min()), int(powers.max())) if len(powers) else (0, -1)
    counts = [(power, _count(powers == power, decisions.kept)) for power in range(first, last + 1)]
    top = max((kept + out for _, (kept, out) in counts), default=1)
    rows = [
        [f"{2**power:,} to {2 ** (power + 1) - 1:,}", kept, out, Markup(_bar(kept / top) + _bar(out / top, "out"))]
        for power, (kept, out) in counts
    ]
    return "<h2>Lengths</h2>" + _table(["characters", "kept", "dropped", ""], rows)


def _count(rows: NDArray[np.bool_], kept: NDArray[np.bool_]) -> tuple[int, int]:
    return int((rows & kept).sum()), int((rows & ~kept).sum())


def _letters(card: dict[str, Any]) -> str:
    rows = [[script, f"{share:.1%}", _bar(share)] for script, share in card["letters"].items()]
    return f"<h2>Letters</h2><p>Declared language: {escape(card['language_declared'])}.</p>" + _table(["script", "share", ""], rows)


def _changes(card: dict[str, Any], outcome: Outcome) -> str:
    parts = []
    for step, count in card["changed_by_step"].items():
        removed = card["removed_characters_by_step"].get(step, 0)
        examples = "".join(
            f'<small>{row.id}</small><pre class="old">{_shown(row.before)}</pre><pre class="new">{_shown(row.after)}</pre>'
            for row in outcome.changes.get(step, [])
        )
        if count:
            size = f"{abs(removed):,} characters {'fewer' if removed >= 0 else 'more'}"
            parts.append(f"<details><summary>{escape(step)}: {count:,} changed, {size}</summary>{examples}</details>")
    return "<h2>Changed, before and after</h2>" + ("".join(parts) or "<p>None.</p>")


def _repeats(measured: Measured, decisions: Decisions) -> str:
    """The texts that occurred most often."""
    if "duplicate" not in decisions.reasons:
        return ""
    rows = decisions.rows_of("duplicate")
    positions, counts = np.unique(measured.numbers("split_position")[rows], return_counts=True)
    order = np.lexsort((positions, -counts))[:10]
    survivors = np.flatnonzero(decisions.kept)
    kept = measured.numbers("split_position")[survivors]
    found = [survivors[kept == positions[place]][:1] for place in order]
    listed = [
        [int(counts[place]) + 1, document.id, document.text[:120]]
        for place, row in zip(order, found, strict=True)
        for document in measured.documents(row)
    ]
    if not listed:
        return ""
    return "<h2>Texts that occurred most often</h2>" + _table(["times", "id of the one kept", "it begins"], listed)


def _clusters(card: dict[str, Any], measured: Measured, decisions: Decisions) -> str:
    """The largest clusters of near repeats: who stayed, and who is close enough to it."""
    if decisions.near is None:
        return ""
    leaders, counts = np.unique(decisions.near.representative[~decisions.near.kept], return_counts=True)
    rank = np.empty(len(measured), dtype=np.int64)
    rank[measured.by_id] = np.arange(len(measured))  # rows say in which files documents lay, which is not to show
    rank = rank[decisions.compared]
    order = np.lexsort((rank[leaders], -counts))[:CLUSTERS_SHOWN]
    parts = []
    for place in order:
        members = np.flatnonzero((decisions.near.representative == leaders[place]) & ~decisions.near.kept)
        members = members[np.argsort(rank[members])][:MEMBERS_SHOWN]
        stays, *others = measured.documents(decisions.compared[np.concatenate([leaders[place : place + 1], members])])
        shown = "".join(f'<small>{each.id}</small><pre class="old">{_shown(each.text[:EXCERPT_CHARACTERS])}</pre>' for each in others)
        kept = f'<small>{stays.id} stays</small><pre class="new">{_shown(stays.text[:EXCERPT_CHARACTERS])}</pre>'
        parts.append(f"<details><summary>{int(counts[place]) + 1:,} documents: {_shown(stays.text[:80])}</summary>{kept}{shown}</details>")
    said = f"<p>{escape(near_repeats_said(card['balance']['near_repeats']))}</p>"
    return f"<h2>Near repeats: {len(leaders):,} clusters</h2>{said}" + ("".join(parts) or "<p>None.</p>")


def _held_out(card: dict[str, Any], overlap: Overlap) -> str:
    """Which validation and test documents a model has read most of in training."""
    rows = [[each.id, each.split, f"{each.share:.1%}", _bar(each.share, "out"), each.excerpt] for each in overlap.examples]
    found = _table(["id", "split", "n-grams in training", "", "it begins"], rows) if rows else "<p>None.</p>"
    return f"<h2>Validation and test text in the training text</h2><p>{escape(held_out_said(card['held_out']))}</p>{found}"


def _contamination(layers: Layers, cleaning: CleaningSchema) -> str:
    """Which evaluation set is in how many documents, each counted for the first that it holds."""
    if cleaning.decontaminate is None or "contamination" not in layers:
        return ""
    hits, corpora = layers["contamination"].T
    rows = []
    for number, name in enumerate(cleaning.decontaminate.against):
        mine = hits[(hits >= cleaning.decontaminate.at_least) & (corpora == number)]
        rows.append([name, len(mine), int(mine.max(initial=0))])
    size = f"{cleaning.decontaminate.words} words, or {cleaning.decontaminate.characters} characters of Chinese"
    return f"<h2>Evaluation sets in the text</h2><p>n-grams of {size}.</p>" + _table(
        ["corpus", "documents that hold some of it", "most n-grams in one"], rows
    )


def _languages(balance: dict[str, Any], layers: Layers, decisions: Decisions) -> str:
    if "language" not in layers:
        return _sampled_languages(balance)
    codes, kept = layers["language"], decisions.kept
    found = [(name, *_count(codes == number, kept)) for number, name in enumerate(LANGUAGES) if (codes == number).any()]
    rows = [
        [name, stay, out, _bar((stay + out) / max(1, len(codes)))] for name, stay, out in sorted(found, key=lambda row: -row[1] - row[2])
    ]
    return "<h2>Languages, by the text</h2>" + _table(["language", "kept", "dropped", ""], rows)


def _quality_scores(card: dict[str, Any], layers: Layers, decisions: Decisions) -> str:
    """How many documents have which score: what a threshold beside the chosen one would do."""
    if "quality_classifier" not in card:
        return ""
    facts = card["quality_classifier"]
    tenths = layers["quality_classifier"] // (PARTS // 10)
    counts = [(tenth, *_count(tenths == tenth, decisions.kept)) for tenth in range(10)]
    top = max(1, *(number for _, *both in counts for number in both))
    rows = [
        [f"{tenth / 10:.1f} to {(tenth + 1) / 10:.1f}", kept, out, Markup(_bar(kept / top) + _bar(out / top, "out"))]
        for tenth, kept, out in counts
    ]
    lead = (
        f"Classifier {facts['name']}, learned from {facts['texts']['good']:,} good and {facts['texts']['other']:,} other texts of "
        f"{facts['labels']}: {accuracy(facts['held_out'])}. A document stays from {facts['at_least']} on, if nothing else drops it."
    )
    return f"<h2>Scores of the quality classifier</h2><p>{escape(lead)}</p>" + _table(["score", "kept", "dropped", ""], rows)


def _sampled_languages(balance: dict[str, Any]) -> str:
    told, count = balance["languages"]["documents"], balance["sample"]["documents"]
    rows = [[name, among, f"{among / count:.1%}", _bar(among / count)] for name, among in told.items()]
    return (
        f"<h2>Languages, by the text</h2><p>{_sampled(balance)}</p>{_table(['language', 'documents', 'share', ''], rows)}" if rows else ""
    )


def _drops(outcome: Outcome, corpus: str) -> str:
    parts = []
    for reason, rows in sorted(outcome.shown.items()):
        examples = "".join(
            f"<small>{row.id} · {escape(row.source)} · {escape(row.path)} · {escape(row.record)}</small><pre>{_shown(row.excerpt)}</pre>"
            for row in rows
        )
        parts.append(f"<details><summary>{escape(reason)}: {outcome.dropped[reason]:,}</summary>{examples}</details>")
    named = "source.path=FOLDER" if corpus.startswith(OUTSIDE) else f"data={corpus}"
    story = f"<p>One document's story: <code>python src/clean.py {escape(named)} why=ID</code></p>"
    return "<h2>Dropped, with samples</h2>" + ("".join(parts) or "<p>None.</p>") + story


def _shown(text: str) -> str:
    """Control characters and line ends are made visible: they are what such a step is about."""
    visible = {
        ord("\r"): "␍",
        ord("\t"): "⇥\t",
        0xFEFF: "[BOM]",
        **{code: chr(0x2400 + code) for code in range(32) if code not in (9, 10, 13)},
    }
    return escape(text.translate(visible))


def _bar(share: float, kind: str = "") -> Markup:
    return Markup(f'<div class="bar {kind}" style="width:{100 * share:.1f}%"></div>' if share > 0 else "")


def _table(head: list[str], rows: list[list[Any]]) -> str:
    """Numbers are set right; what is no Markup is escaped."""

    def cell(value: Any) -> str:
        if isinstance(value, int):
            return f'<td class="n">{value:,}</td>'
        if isinstance(value, Markup):
            return f'<td class="bars">{value}</td>'
        text = escape(str(value))
        return f'<td class="long">{text}</td>' if len(str(value)) > LONG_CHARACTERS else f"<td>{text}</td>"

    body = "".join(f"<tr>{''.join(map(cell, row))}</tr>" for row in rows)
    kinds = ["n" if rows and isinstance(rows[0][place], int) else "" for place in range(len(head))]
    names = "".join(f'<th class="{kind}">{escape(name)}</th>' for kind, name in zip(kinds, head, strict=True))
    return f"<table><tr>{names}</tr>{body}</table>"
