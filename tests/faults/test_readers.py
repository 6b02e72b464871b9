"""Mutated files of every format; python tests/faults/readers.py 50000 reads more of them."""

import pytest

from assay.data.formats import SUFFIXES
from faults.readers import SEEDS, fuzz


@pytest.mark.fault("D16", inject="1,500 files of every format with flipped, cut, inserted, repeated and nested bytes")
def test_mutated_files_of_every_format_end_in_a_message_or_in_counts_that_add_up() -> None:
    report = fuzz(1500, say=lambda words: None)
    assert report.failures == []
    assert report.counts["read"] == report.counts["kept"] + report.counts["dropped"]
    assert min(report.counts[name] for name in ("kept", "dropped", "refused")) > 100


def test_every_format_has_a_seed() -> None:
    names = " ".join(name for name, _, _ in SEEDS.values())
    same = {".text": ".txt", ".md": ".txt", ".ndjson": ".jsonl", ".htm": ".html", ".xht": ".xhtml", ".wet": ".warc"}
    assert all(same.get(suffix, suffix) in names for suffix in SUFFIXES)
