from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as arrow
import pyarrow.parquet as parquet

from assay.data.document import text_hash
from assay.data.shards import COLUMNS, ROWS_PER_GROUP, read_names, read_span, read_texts, spans, write_documents


def table(first: int, last: int) -> Any:
    numbers = range(first, last)
    names = {name: [name] * len(numbers) for name in COLUMNS}
    own = {"id": [f"{each:06d}" for each in numbers], "text": [f"文 {each}" for each in numbers], "bytes": list(numbers)}
    own["text_hash"] = [text_hash(text) for text in own["text"]]
    return arrow.table({**names, **own})


def test_rows_come_back_in_order_in_small_groups(tmp_path: Path) -> None:
    write_documents(tmp_path / "train.parquet", [table(0, 2000), table(2000, 2500)])
    assert list(read_texts(tmp_path, "train")) == [(f"{each:06d}", f"文 {each}") for each in range(2500)]
    facts = parquet.ParquetFile(tmp_path / "train.parquet").metadata
    assert [facts.row_group(group).num_rows for group in range(facts.num_row_groups)] == [ROWS_PER_GROUP, ROWS_PER_GROUP, 500]
    assert facts.row_group(0).column(0).compression == "ZSTD"
    assert facts.metadata is None  # nothing of the writer's machine


def test_the_bytes_are_those_of_the_rows_however_they_come(tmp_path: Path) -> None:
    write_documents(tmp_path / "one.parquet", [table(0, 2000), table(2000, 2500)])
    write_documents(tmp_path / "two.parquet", [table(0, 1000), table(1000, 2500)])
    assert (tmp_path / "one.parquet").read_bytes() == (tmp_path / "two.parquet").read_bytes()


def test_spans_hold_each_document_once_in_order(tmp_path: Path) -> None:
    write_documents(tmp_path / "val.parquet", [table(0, 4500)])
    found = list(spans(tmp_path, "val", 1))
    assert [(span.first, span.last) for span in found] == [(number, number + 1) for number in range(5)]
    group_bytes = found[0].text_bytes
    larger = list(spans(tmp_path, "val", group_bytes * 3 // 2))
    assert [(span.first, span.last) for span in larger] == [(0, 2), (2, 4), (4, 5)]
    for cut in (found, larger):
        assert [(span.start, span.end) for span in cut] == [(1000 * span.first, min(4500, 1000 * span.last)) for span in cut]
        everything = [np.ones(span.end - span.start, dtype=np.bool_) for span in cut]
        read = [text for unit in zip(cut, everything, strict=True) for batch in read_span(*unit) for text in batch.texts()]
        assert read == [text for _, text in read_texts(tmp_path, "val")]


def test_of_a_span_only_the_wanted_texts_are_given(tmp_path: Path) -> None:
    write_documents(tmp_path / "val.parquet", [table(0, 4500)])
    *_, span = spans(tmp_path, "val", 30_000)
    wanted = np.isin(np.arange(span.start, span.end), [3001, 3999, 4499])
    assert [list(batch.texts()) for batch in read_span(span, wanted)] == [["文 3001", "文 3999"], ["文 4499"]]


def test_ids_sizes_and_hashes_are_read_without_the_texts(tmp_path: Path) -> None:
    write_documents(tmp_path / "val.parquet", [table(0, 2500)])
    found = list(read_names(tmp_path, "val"))
    assert [name for names in found for name in names.ids] == [f"{each:06d}" for each in range(2500)]
    assert np.concatenate([names.sizes for names in found]).tolist() == list(range(2500))
    hashes = [f"{high:016x}{low:016x}" for names in found for high, low in names.hashes.tolist()]
    assert hashes == [text_hash(f"文 {each}") for each in range(2500)]


def test_no_document_is_no_span(tmp_path: Path) -> None:
    write_documents(tmp_path / "val.parquet", [])
    assert list(spans(tmp_path, "val", 1)) == []
