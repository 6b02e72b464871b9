import json
import locale
import os
import re
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any

import pyarrow.parquet as parquet
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from assay.data import pool, sources
from assay.data.card import meaning
from assay.data.clean import clean
from assay.data.cleaning.decoding import decode, read_marked
from assay.data.cleaning.drop import Drop
from assay.data.formats import split_lines
from assay.data.near.settings import NearDedupSettings
from assay.data.places import snapshot_folder
from assay.data.schema import SourceSchema
from assay.errors import DataError

Corpus = Callable[..., SimpleNamespace]


def cleaned(made: SimpleNamespace, name: str = "out") -> tuple[Path, dict[str, Any]]:
    target = made.root / name
    return target, clean(made.config, target, made.root, made.say)


def rows(folder: Path) -> dict[str, list[dict[str, Any]]]:
    return {split: parquet.read_table(folder / f"{split}.parquet").to_pylist() for split in ("train", "val", "test")}


def test_documents_are_split_sorted_by_id_and_all_columns_filled(corpus: Corpus, lines: bytes) -> None:
    folder, manifest = cleaned(corpus({"a.txt": lines}, source={"format": "lines"}))
    splits = rows(folder)
    assert {split: len(found) for split, found in splits.items()} == manifest["documents"]
    assert sum(manifest["documents"].values()) == 40
    for found in splits.values():
        assert found
        assert [row["id"] for row in found] == sorted(row["id"] for row in found)
        assert all(row["source"] == "folder:mine" and row["path"] == "a.txt" and row["bytes"] == len(row["text"]) for row in found)
    assert {row["record"] for found in splits.values() for row in found} == {str(number) for number in range(1, 41)}


def test_every_document_is_kept_or_dropped_and_the_card_says_why(corpus: Corpus, lines: bytes) -> None:
    files = {"a.txt": lines + b"\nx\ndocument number 1 says hello\n", "b.txt": b"\0", "c.txt": b"caf\xe9 \n"}
    folder, _ = cleaned(corpus(files, source={"format": "lines"}, cleaning={"min_characters": 5}))
    card = json.loads((folder / "card.json").read_bytes())
    assert card["dropped_by_reason"] == {"duplicate": 1, "empty": 1, "nul_bytes": 1, "too_short": 1, "undecodable": 1}
    assert card["documents"] == {"read": 45, "kept": 40, "dropped": 5}
    drops = [json.loads(line) for line in (folder / "drops.jsonl").read_bytes().splitlines()]
    assert [(drop["reason"], drop["path"], drop["record"]) for drop in drops if drop["reason"] in ("nul_bytes", "empty")] == [
        ("empty", "a.txt", "41"),
        ("nul_bytes", "b.txt", ""),
    ]
    assert "| too_short | 1 |" in (folder / "CARD.md").read_text()


def test_of_equal_documents_the_smallest_id_stays(corpus: Corpus, lines: bytes) -> None:
    folder, _ = cleaned(corpus({"a.txt": lines, "b.txt": lines}, source={"format": "lines"}))
    kept = [row["id"] for found in rows(folder).values() for row in found]
    dropped = [json.loads(line)["id"] for line in (folder / "drops.jsonl").read_bytes().splitlines()]
    assert len(kept) == 40
    assert len(dropped) == 20  # shown of each reason; the card counts all 40
    assert json.loads((folder / "card.json").read_bytes())["dropped_by_reason"] == {"duplicate": 40}


@pytest.mark.fault("D13", inject="documents that occur twice, of which one could be trained on and the other scored")
def test_without_dedup_equal_documents_share_a_split(corpus: Corpus, lines: bytes) -> None:
    folder, _ = cleaned(corpus({"a.txt": lines, "b.txt": lines}, source={"format": "lines"}, cleaning={"exact_dedup": False}))
    texts = {split: {row["text"] for row in found} for split, found in rows(folder).items()}
    assert sum(map(len, texts.values())) == 40
    assert not texts["train"] & texts["val"] | texts["train"] & texts["test"] | texts["val"] & texts["test"]


def test_bytes_do_not_depend_on_workers_file_order_locale_or_time_zone(
    corpus: Corpus, lines: bytes, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(pool, "POOL_FROM_BYTES", 1)
    files = {"b.txt": lines[600:], "a.txt": lines[:600], "ä.txt": "größer und schöner\n中文的一行文字\n".encode()}
    one = corpus(files, source={"format": "lines"})
    folder, manifest = cleaned(one)
    two = corpus(
        dict(reversed(files.items())), source={"format": "lines"}, data={"workers": 2, "context_tokens": 64}, root=tmp_path / "elsewhere"
    )
    monkeypatch.setenv("TZ", "Asia/Shanghai")
    monkeypatch.setenv("LC_ALL", "tr_TR.UTF-8")
    time.tzset()
    monkeypatch.setattr(locale, "getpreferredencoding", lambda do_setlocale=True: "ascii")
    scan = os.scandir  # a file system may list a folder in any order
    monkeypatch.setattr(os, "listdir", lambda path=".": sorted((entry.name for entry in scan(path)), reverse=True))
    other, manifest_two = cleaned(two)
    assert manifest_two == manifest
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {path.name: path.read_bytes() for path in other.iterdir()}


def test_units_of_one_large_file_give_the_documents_of_the_whole(corpus: Corpus, lines: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    made = corpus({"a.txt": lines}, source={"format": "lines"})
    _, whole = cleaned(made)
    monkeypatch.setattr(sources, "UNIT_BYTES", 50)
    _, in_units = cleaned(made, "again")
    assert in_units["content_sha256"] == whole["content_sha256"]


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", "0 different documents"),
        (b"one document\n", "1 different documents"),
        (b"the same document\n" * 50, "1 different documents"),
        (b"one document\nanother one\n", "2 different documents"),
    ],
)
def test_too_few_documents_are_refused_with_the_counts(corpus: Corpus, content: bytes, found: str) -> None:
    made = corpus({"a.txt": content or b"\n"}, source={"format": "lines"})
    with pytest.raises(DataError, match=found) as refused:
        cleaned(made)
    assert "Read " in str(refused.value)
    assert "dropped: " in str(refused.value)
    assert not (made.root / "out").exists()


def test_one_file_of_prose_still_splits(corpus: Corpus) -> None:
    text = "\n\n".join(f"Paragraph {number} tells of {number * number} things and more." for number in range(400))
    folder, manifest = cleaned(
        corpus({"book.txt": text.encode()}, data={"validation_fraction": 0.05, "test_fraction": 0.05}, cleaning={"passage_bytes": 1024})
    )
    assert manifest["documents"]["train"] > 15
    assert min(manifest["documents"].values()) >= 1
    read = "".join(row["text"] for found in rows(folder).values() for row in found)
    assert sum(f"Paragraph {number} " in read for number in range(400)) == 400


def test_two_sources_that_read_the_same_record_are_refused(corpus: Corpus, lines: bytes) -> None:
    made = corpus({"a.txt": lines}, source={"format": "lines"})
    source = made.config.data.sources[0]
    made.config.data.sources.append(type(source)(folder="mine", format="lines", members=["a*"]))
    from assay.data.collect import collect

    collect(made.config.data, made.root, made.say)
    with pytest.raises(DataError, match=r"a\.txt, record \d+ is read twice"):
        cleaned(made)


def test_a_failed_run_leaves_the_old_output_as_it_was(corpus: Corpus, lines: bytes) -> None:
    made = corpus({"a.txt": lines}, source={"format": "lines"})
    folder, manifest = cleaned(made)
    copy = snapshot_folder(made.config.data, made.root) / "files/00-mine/a.txt"
    copy.write_bytes(b"altered")
    with pytest.raises(DataError, match="altered"):
        cleaned(made)
    assert json.loads((folder / "manifest.json").read_bytes()) == manifest
    assert [path.name for path in made.root.iterdir() if path.name.startswith(".")] == []
    shutil.rmtree(folder)


PIECES = (
    *(
        b"a plain line of text",
        b"another plain line",
        "größer und schöner".encode(),
        "中文的一行文字".encode(),
        b"caf\xe9",
        b"\xff\xfe",
        b"\0",
        b"x",
        b"",
    ),
    *(
        b" ",
        b"\r",
        b"\n",
        b"\n\n",
        b'{"text": "of json"}',
        b'{"text": 3}',
        b'{"text": "\\ud800"}',
        b"[",
        "\ufeff".encode(),
        "\u0301".encode() * 1200,
    ),
    *(b"<div>" * 300, b"<p>of a page</p>", b"From a@b Mon Jan  1\nSubject: x\n\nbody\n"),
)
NAMES = ("a.txt", "b.jsonl", "c.html", "d.md", "e.mbox", "f.png", "g.eml", "deep/h.txt", "i.txt")
MIXES = some.dictionaries(
    some.sampled_from(NAMES), some.lists(some.sampled_from(PIECES), max_size=8).map(b"\n".join), min_size=2, max_size=6
)
RECIPES = some.fixed_dictionaries(
    {
        "min_characters": some.sampled_from([1, 12]),
        "exact_dedup": some.booleans(),
        "encodings": some.sampled_from([["utf-8"], ["utf-8", "cp1252"]]),
    },
    optional={"passage_bytes": some.just(64), "near_dedup": some.just(NearDedupSettings())},
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(mixes=some.tuples(MIXES, MIXES), recipe=RECIPES)
def test_of_any_mix_of_documents_what_was_read_is_what_was_kept_and_dropped(
    corpus: Corpus, mixes: tuple[dict[str, bytes], dict[str, bytes]], recipe: dict[str, Any]
) -> None:
    files = {f"{place}/{name}": content for place, mix in zip("pq", mixes, strict=True) for name, content in mix.items()}
    files |= {"p/z.txt": b"a line that is only here\n", "q/lines.txt": b"one line of the lines\nand a second one\n\nand a third\n"}
    sources = [SourceSchema(folder="mine", members=["p/*"], bad_records=1.0), SourceSchema(folder="mine", members=["q/*"], format="lines")]
    with TemporaryDirectory() as name:
        made = corpus(files, data={"sources": sources}, cleaning=recipe, root=Path(name))
        try:
            folder, manifest = cleaned(made)
        except DataError as error:  # too few, of which the message holds the counts
            read, kept, *dropped = map(
                int, re.findall(r"\b(\d+)(?= documents, kept| \(\d+ bytes| [a-z_]+[,.\n])", str(error).split("Read ")[1])
            )
            assert read == kept + sum(dropped)
            assert not (made.root / "out").exists()
            return
        card = json.loads((folder / "card.json").read_bytes())
        rows_of = [row for found in rows(folder).values() for row in found]
    for source, prefix in zip(card["sources"], "pq", strict=True):
        counts = source["documents"]
        assert counts["read"] == counts["kept"] + counts["dropped"]
        assert counts["dropped"] == sum(source["dropped_by_reason"].values())
        assert counts["kept"] == sum(row["path"].startswith(prefix) for row in rows_of)
    of_lines = [content for name, content in files.items() if name.startswith("q/")]
    read_lines = [decode(content, recipe["encodings"]) for content in of_lines]
    read_lines = [
        read_marked(content, "utf-8") if text == Drop("undecodable") else text for content, text in zip(of_lines, read_lines, strict=True)
    ]
    assert card["sources"][1]["documents"]["read"] == sum(1 if isinstance(text, Drop) else len(split_lines(text[0])) for text in read_lines)
    total = {key: sum(source["documents"][key] for source in card["sources"]) for key in ("read", "kept", "dropped")}
    assert card["documents"] == total
    assert sum(manifest["documents"].values()) == total["kept"]
    assert all(meaning(reason) for reason in card["dropped_by_reason"])


def test_two_records_of_one_name_are_refused(corpus: Corpus) -> None:
    rows = b"".join(b'{"id": %d, "text": "document number %d"}\n' % (number % 30, number) for number in range(31))
    made = corpus({"a.jsonl": rows}, source={"id_field": "id"})
    with pytest.raises(DataError, match=r"two records are named '0' by id_field.*\n.*Name another field"):
        clean(made.config, made.root / "out", made.root, made.say)


def test_a_card_counts_no_files_where_documents_cite_none(corpus: Corpus) -> None:
    rows = [b'{"id": %d, "text": "document number %d"}\n' % (number, number) for number in range(40)]
    made = corpus({"a.jsonl": b"".join(rows[:9]), "b.jsonl": b"".join(rows[9:])}, source={"id_field": "id"})
    clean(made.config, made.root / "out", made.root, made.say)
    (source,) = json.loads((made.root / "out/card.json").read_bytes())["sources"]
    assert (source["records_named_by"], source["files_with_text"]) == ("id", None)
    assert "documents kept, records named by `id`, whatever file they are in" in (made.root / "out/CARD.md").read_text()
