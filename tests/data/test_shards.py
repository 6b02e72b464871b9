from pathlib import Path

import pyarrow.parquet as parquet

from assay.data.document import Document
from assay.data.shards import ROWS_PER_GROUP, read_texts, write_documents


def documents(number: int) -> list[Document]:
    return [Document(f"{each:06d}", f"文 {each}", "s", "p", str(each)) for each in range(number)]


def test_rows_come_back_in_order_in_small_groups(tmp_path: Path) -> None:
    write_documents(tmp_path / "train.parquet", (documents(2500)[start : start + ROWS_PER_GROUP] for start in (0, 1000, 2000)))
    assert list(read_texts(tmp_path, "train")) == [(each.id, each.text) for each in documents(2500)]
    facts = parquet.ParquetFile(tmp_path / "train.parquet").metadata
    assert max(facts.row_group(group).num_rows for group in range(facts.num_row_groups)) <= ROWS_PER_GROUP
    assert facts.row_group(0).column(0).compression == "ZSTD"
    assert facts.metadata is None  # nothing of the writer's machine


def test_sizes_are_in_bytes_of_utf_8(tmp_path: Path) -> None:
    write_documents(tmp_path / "val.parquet", [documents(1)])
    assert parquet.read_table(tmp_path / "val.parquet").to_pylist()[0]["bytes"] == 5
