"""The cleaning report: one HTML page for a person to judge a recipe by."""

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
from assay.report.page import (
    Bars,
    Block,
    Cell,
    Paragraph,
    Sample,
    Samples,
    Section,
    Table,
    Tile,
    difference,
    report_page,
    sample,
    share_bar,
    visible,
)

CLUSTERS_SHOWN, MEMBERS_SHOWN = 10, 4


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
    sections = [
        _reasons(card),
        _drops(outcome, card["corpus"]),
        _by_source(card),
        _changes(card, outcome),
        _lengths(measured, decisions),
        _topics(card["balance"]),
        _vocabulary(card["balance"]),
        _letters(card),
        _repeats(measured, decisions),
        _clusters(card, measured, decisions),
        _held_out(card, overlap),
        _contamination(layers, cleaning),
        _languages(card["balance"], layers, decisions),
        _quality_scores(card, layers, decisions),
        _recipe(cleaning),
    ]
    return report_page(f"Cleaning of {card['corpus']}", lead, _tiles(card), [section for section in sections if section is not None])


def _tiles(card: dict[str, Any]) -> list[Tile]:
    documents = card["documents"]
    return [
        Tile(f"{documents['kept'] / max(1, documents['read']):.1%}", "of the documents kept"),
        Tile(f"{documents['kept']:,}", "documents"),
        Tile(f"{card['kept_characters']:,}", "characters"),
        *(Tile(f"{facts['documents']:,}", f"documents in {name}") for name, facts in card["splits"].items()),
    ]


def _recipe(cleaning: CleaningSchema) -> Section:
    """The recipe, for repetition. The recipe's name is left out: recipes of equal fields give equal bytes."""
    plain = CleaningSchema()
    names = [name for name in vars(cleaning) if name not in ("name", "_target_") and getattr(cleaning, name) != getattr(plain, name)]
    rows = [[f"cleaning.{name}", str(getattr(cleaning, name))] for name in names]
    return Section("Recipe", [Paragraph("Fields of cleaning that differ from their defaults."), Table(["field", "value"], rows)])


def _reasons(card: dict[str, Any]) -> Section:
    read = max(1, card["documents"]["read"])
    rows: list[list[Cell]] = [["kept", card["documents"]["kept"], share_bar(card["documents"]["kept"] / read), ""]]
    dropped = sorted(card["dropped_by_reason"].items(), key=lambda item: (-item[1], item[0]))
    rows += [[reason, count, share_bar(count / read, "dropped"), meaning(reason)] for reason, count in dropped]
    return Section("What became of the documents", [Table(["", "documents", "share of what was read", "meaning"], rows)])


def _by_source(card: dict[str, Any]) -> Section:
    rows: list[list[Cell]] = []
    reasons: list[list[Cell]] = []
    for source, has in zip(card["sources"], card["balance"]["sources"], strict=True):
        documents = source["documents"]
        where = f"{source['source']}: {', '.join(source['members'])}"
        rows.append([has["name"], documents["read"], documents["kept"], has["bytes"], share_bar(has["share"]), where, source["licence"]])
        reasons += [
            [has["name"], reason, count, share_bar(count / max(1, documents["read"]), "dropped")]
            for reason, count in source["dropped_by_reason"].items()
        ]
    blocks: list[Block] = [Table(["source", "read", "kept", "bytes", "share of bytes", "from", "licence"], rows)]
    if reasons and len(rows) > 1:
        blocks.append(Table(["source", "dropped for", "documents", "share of what was read"], reasons))
    return Section("By source", blocks)


def _topics(balance: dict[str, Any]) -> Section:
    rows: list[list[Cell]] = [[", ".join(topic["words"]), topic["documents"], share_bar(topic["share"])] for topic in balance["topics"]]
    found = Table(["words that tell a topic from the others", "documents", "share"], rows) if rows else Paragraph("Too few documents.")
    return Section("Topics", [Paragraph(_sampled(balance)), found])


def _sampled(balance: dict[str, Any]) -> str:
    return (
        f"By a sample of {balance['sample']['documents']:,} documents, {balance['sample']['bytes']:,} bytes: the beginnings of longer ones."
    )


def _vocabulary(balance: dict[str, Any]) -> Section:
    chart = growth_chart(balance["vocabulary"])
    said = Paragraph(f"{_sampled(balance)} {growth_said(balance['vocabulary'])}")
    return Section("Vocabulary", [said, *([chart] if chart else [])])


def _lengths(measured: Measured, decisions: Decisions) -> Section:
    """Lengths by powers of two: those of documents span six powers of ten."""
    characters = np.maximum(measured.numbers("characters"), 1)
    powers = np.floor(np.log2(characters)).astype(np.int64)
    first, last = (int(powers.min()), int(powers.max())) if len(powers) else (0, -1)
    counts = [(f"{2**power:,} to {2 ** (power + 1) - 1:,}", *_count(powers == power, decisions.kept)) for power in range(first, last + 1)]
    return Section("Lengths", [_kept_and_dropped("characters", counts)])


def _kept_and_dropped(name: str, counts: list[tuple[str, int, int]]) -> Table:
    """A histogram: (label, kept, dropped) of each class, drawn against the largest count."""
    top = max(1, *(number for _, *both in counts for number in both)) if counts else 1
    rows: list[list[Cell]] = [[label, kept, out, Bars(((kept / top, "kept"), (out / top, "dropped")))] for label, kept, out in counts]
    return Table([name, "kept", "dropped", ""], rows)


def _count(rows: NDArray[np.bool_], kept: NDArray[np.bool_]) -> tuple[int, int]:
    return int((rows & kept).sum()), int((rows & ~kept).sum())


def _letters(card: dict[str, Any]) -> Section:
    rows: list[list[Cell]] = [[script, share_bar(share)] for script, share in card["letters"].items()]
    return Section("Letters", [Paragraph(f"Declared language: {card['language_declared']}."), Table(["script", "share"], rows)])


def _changes(card: dict[str, Any], outcome: Outcome) -> Section:
    blocks = []
    for step, count in card["changed_by_step"].items():
        removed = card["removed_characters_by_step"].get(step, 0)
        samples = [each for row in outcome.changes.get(step, []) for each in difference(row.id, row.before, row.after)]
        if count:
            size = f"{abs(removed):,} characters {'fewer' if removed >= 0 else 'more'}"
            blocks.append(Samples(f"{step}: {count:,} changed, {size}", samples))
    return Section("Changed, before and after", blocks or [Paragraph("None.")])


def _repeats(measured: Measured, decisions: Decisions) -> Section | None:
    """The texts that occurred most often."""
    if "duplicate" not in decisions.reasons:
        return None
    rows = decisions.rows_of("duplicate")
    positions, counts = np.unique(measured.numbers("split_position")[rows], return_counts=True)
    order = np.lexsort((positions, -counts))[:10]
    survivors = np.flatnonzero(decisions.kept)
    kept = measured.numbers("split_position")[survivors]
    found = [survivors[kept == positions[place]][:1] for place in order]
    listed: list[list[Cell]] = [
        [int(counts[place]) + 1, document.id, document.text[:120]]
        for place, row in zip(order, found, strict=True)
        for document in measured.documents(row)
    ]
    if not listed:
        return None
    return Section("Texts that occurred most often", [Table(["times", "id of the one kept", "it begins"], listed)])


def _clusters(card: dict[str, Any], measured: Measured, decisions: Decisions) -> Section | None:
    """The largest clusters of near-duplicates: which document stayed, and which were dropped for it."""
    if decisions.near is None:
        return None
    leaders, counts = np.unique(decisions.near.representative[~decisions.near.kept], return_counts=True)
    rank = np.empty(len(measured), dtype=np.int64)
    rank[measured.by_id] = np.arange(len(measured))  # row numbers depend on the files that held the documents; ids do not
    rank = rank[decisions.compared]
    order = np.lexsort((rank[leaders], -counts))[:CLUSTERS_SHOWN]
    blocks: list[Block] = [Paragraph(near_repeats_said(card["balance"]["near_repeats"]))]
    for place in order:
        members = np.flatnonzero((decisions.near.representative == leaders[place]) & ~decisions.near.kept)
        members = members[np.argsort(rank[members])][:MEMBERS_SHOWN]
        stays, *others = measured.documents(decisions.compared[np.concatenate([leaders[place : place + 1], members])])
        samples: list[Sample] = [sample(f"{stays.id} stays", stays.text[:EXCERPT_CHARACTERS], "after")]
        samples += [sample(each.id, each.text[:EXCERPT_CHARACTERS], "before") for each in others]
        blocks.append(Samples(f"{int(counts[place]) + 1:,} documents: {visible(stays.text[:80])}", samples))
    return Section(f"Near-duplicates: {len(leaders):,} clusters", blocks)


def _held_out(card: dict[str, Any], overlap: Overlap) -> Section:
    """The validation and test documents of which a model reads most in training."""
    rows: list[list[Cell]] = [[each.id, each.split, share_bar(each.share, "dropped"), each.excerpt] for each in overlap.examples]
    found = Table(["id", "split", "n-grams in training", "it begins"], rows) if rows else Paragraph("None.")
    return Section("Validation and test text in the training text", [Paragraph(held_out_said(card["held_out"])), found])


def _contamination(layers: Layers, cleaning: CleaningSchema) -> Section | None:
    """Which evaluation set is in how many documents, each counted for the first that it holds."""
    if cleaning.decontaminate is None or "contamination" not in layers:
        return None
    hits, corpora = layers["contamination"].T
    rows: list[list[Cell]] = []
    for number, name in enumerate(cleaning.decontaminate.against):
        mine = hits[(hits >= cleaning.decontaminate.at_least) & (corpora == number)]
        rows.append([name, len(mine), int(mine.max(initial=0))])
    size = f"n-grams of {cleaning.decontaminate.words} words, or {cleaning.decontaminate.characters} characters of Chinese."
    found = Table(["corpus", "documents that hold some of it", "most n-grams in one"], rows)
    return Section("Evaluation sets in the text", [Paragraph(size), found])


def _languages(balance: dict[str, Any], layers: Layers, decisions: Decisions) -> Section | None:
    if "language" not in layers:
        return _sampled_languages(balance)
    codes, kept = layers["language"], decisions.kept
    found = [(name, *_count(codes == number, kept)) for number, name in enumerate(LANGUAGES) if (codes == number).any()]
    rows: list[list[Cell]] = [
        [name, stay, out, share_bar((stay + out) / max(1, len(codes)))]
        for name, stay, out in sorted(found, key=lambda row: -row[1] - row[2])
    ]
    return Section("Languages, by the text", [Table(["language", "kept", "dropped", "share"], rows)])


def _sampled_languages(balance: dict[str, Any]) -> Section | None:
    told, count = balance["languages"]["documents"], balance["sample"]["documents"]
    rows: list[list[Cell]] = [[name, among, share_bar(among / count)] for name, among in told.items()]
    if not rows:
        return None
    return Section("Languages, by the text", [Paragraph(_sampled(balance)), Table(["language", "documents", "share"], rows)])


def _quality_scores(card: dict[str, Any], layers: Layers, decisions: Decisions) -> Section | None:
    """The number of documents by score, which shows what another threshold would do."""
    if "quality_classifier" not in card:
        return None
    facts = card["quality_classifier"]
    tenths = layers["quality_classifier"] // (PARTS // 10)
    counts = [(f"{tenth / 10:.1f} to {(tenth + 1) / 10:.1f}", *_count(tenths == tenth, decisions.kept)) for tenth in range(10)]
    lead = (
        f"Classifier {facts['name']}, learned from {facts['texts']['good']:,} good and {facts['texts']['other']:,} other texts of "
        f"{facts['labels']}: {accuracy(facts['held_out'])}. A document stays from {facts['at_least']} on, if nothing else drops it."
    )
    return Section("Scores of the quality classifier", [Paragraph(lead), _kept_and_dropped("score", counts)])


def _drops(outcome: Outcome, corpus: str) -> Section:
    blocks: list[Block] = [
        Samples(
            f"{reason}: {outcome.dropped[reason]:,}",
            [sample(f"{row.id} · {row.source} · {row.path} · {row.record}", row.excerpt) for row in rows],
        )
        for reason, rows in sorted(outcome.shown.items())
    ]
    named = "source.path=FOLDER" if corpus.startswith(OUTSIDE) else f"data={corpus}"
    story = Paragraph(f"The measurements of one document and the rule that dropped it: python src/clean.py {named} why=ID")
    return Section("Dropped, with samples", [*(blocks or [Paragraph("None.")]), story])
