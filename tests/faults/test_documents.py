"""Documents and archives that are broken or hostile, and corpora that are too small, as the data commands meet them."""

import gzip
import io
import json
import os
import shlex
import shutil
import subprocess
import sys
import tarfile
import unicodedata
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as parquet
import pytest

from faults.corpora import PROSE, adds_up, card_of, corpus

Run = Callable[..., Any]
Project = Callable[..., Path]


def texts_of(project: Path, name: str = "hostile") -> list[str]:
    splits = (parquet.read_table(project / f"data/clean/{name}/{split}.parquet") for split in ("train", "val", "test"))
    return [text for split in splits for text in split.column("text").to_pylist()]


def refused(done: Any, project: Path, name: str = "hostile") -> str:
    """One message, exit 3, and nothing under the final name or beside it."""
    assert done.returncode == 3, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.count("error: ") == 1
    assert not list(project.glob(f"data/*/{name}*/manifest.json"))
    assert not list(project.glob("data/clean/*"))
    return str(done.stderr)


# --- D6: documents ---

STRANGE = {
    "empty": b"",
    "white space": b" \t\r\n \n",
    "one character": b"x",
    "NUL bytes": b"text with \0 in it",
    "invalid UTF-8": b"caf\xe9 \xff\xfe",
    "byte order mark": "\ufeffmarked text".encode(),
    "UTF-16": "wide text in sixteen bits".encode("utf-16"),
    "UTF-16 without its mark": "wide text".encode("utf-16-le"),
    "CRLF": b"first line\r\nsecond line\r\n",
    "CR": b"first of old\rsecond of old\r",
    "only emoji": "😀😃😄\u200d👩\u200d👩\u200d👧".encode(),
    "right to left": "\u202eשלום עולם العربية\u202c".encode(),
    "combining marks": ("e" + "\u0301" * 10_000).encode(),
    "decomposed": "e\u0301tude a\u0308rger".encode(),
    "zero-width": "zero\u200bwidth\u200djoiners\ufeff\u2060".encode(),
    "unassigned": "\U000e0fff\ufffe\uffff noncharacters".encode(),
    "special token": b"a text about <|endoftext|> and <s>",
    "escapes": b"\x1b[31mred\x1b[0m \x07 bell \x08",
    "separators": "one\u2028two\u2029three\x85four".encode(),
}
SURROGATES = b'{"text": "half \\ud83d of a pair"}\n{"text": "\\ude00 the other half"}\n{"text": "\\ud83d\\ude00 a whole pair"}\n'


@pytest.mark.fault(
    "D6",
    inject="documents of nothing, white space, one character, NUL bytes, half surrogate pairs, invalid UTF-8, UTF-16, CR and CRLF, emoji, "
    "right-to-left, 10,000 combining marks, joiners, escapes",
)
def test_each_strange_document_is_kept_or_dropped_with_a_counted_reason(project: Project, run: Run) -> None:
    folder = project()
    text = corpus(folder)
    for name, content in STRANGE.items():
        (text / f"{name}.txt").write_bytes(content)
    (text / "surrogates.jsonl").write_bytes(SURROGATES)
    assert run(folder, "src/collect.py", "hostile").returncode == 0
    done = run(folder, "src/clean.py", "data=hostile", "cleaning.min_characters=1", "cleaning.encodings=[utf-8]")
    assert (done.returncode, done.stderr) == (0, "")
    card = card_of(folder)
    assert adds_up(card)
    assert card["documents"]["read"] == len(STRANGE) + 3
    assert card["dropped_by_reason"] == {"combining_marks": 1, "empty": 2, "lone_surrogate": 2, "nul_bytes": 2, "undecodable": 1}
    kept = texts_of(folder)
    assert len(kept) == card["documents"]["kept"]
    assert all(unicodedata.is_normalized("NFC", each) and each.encode().decode() == each and "\r" not in each for each in kept)
    assert {"x", "marked text", "wide text in sixteen bits", "first line\nsecond line", "étude ärger", "😀 a whole pair"} <= set(kept)


WAITER = """
import json, os, subprocess, sys
child = subprocess.Popen([sys.executable, *sys.argv[2:]])
_, status, usage = os.wait4(child.pid, 0)
found = [os.waitstatus_to_exitcode(status), usage.ru_utime + usage.ru_stime, usage.ru_maxrss // 1024]
open(sys.argv[1], "w").write(json.dumps(found))
"""
"""A small process to start the command: Linux counts the memory of whoever starts a process as that process's."""


def peak(project: Path, *words: str) -> tuple[int, float, int, str]:
    """(exit code, CPU seconds, largest resident memory in MB, what it said) of a command with a start of its own."""
    measured = project / "measured.json"
    waiter = [sys.executable, "-c", WAITER, str(measured), *words]
    said = subprocess.run(waiter, cwd=project, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=True).stdout
    code, cpu_seconds, peak_mb = json.loads(measured.read_bytes())
    measured.unlink()
    return code, cpu_seconds, peak_mb, said


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.fault("D6", inject="a document of 200 MB, one line of 50 MB")
def test_a_document_of_200_mb_and_a_line_of_50_are_read_or_dropped_within_memory(project: Project, run: Run) -> None:
    folder = project()
    text = corpus(folder)
    with (text / "large.txt").open("wb") as stream:
        for number in range(2_000):
            stream.write(b"%06d " % number + b"The same words stand here again and again. " * 2_325 + b"\n\n")
    assert (text / "large.txt").stat().st_size > 199_000_000
    (text / "line.jsonl").write_bytes(b'{"text": "' + b"one line " * 5_555_556 + b'"}\n')
    assert run(folder, "src/collect.py", "hostile").returncode == 0
    code, cpu_seconds, peak_mb, said = peak(
        folder, "src/clean.py", "data=hostile", "cleaning.passage_bytes=1000000", "cleaning.held_out.at_most=1"
    )
    shutil.rmtree(text)
    assert code == 0, said
    card = card_of(folder)
    assert adds_up(card)
    assert card["dropped_by_reason"] == {"too_long": 1}
    assert card["kept_bytes"] > 199_000_000
    assert peak_mb < 1800
    assert cpu_seconds < 30


# --- D8: archives ---


def tar(name: str, kind: bytes = tarfile.REGTYPE, content: bytes = b"", mode: str = "w:") -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode=mode) as archive:  # type: ignore[call-overload]
        entry = tarfile.TarInfo(name)
        entry.type, entry.linkname, entry.size = kind, "/etc/passwd", len(content)
        archive.addfile(entry, io.BytesIO(content))
    return stream.getvalue()


def zipped(name: str, content: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return stream.getvalue()


ZEROS = 120 * 2**20
ARCHIVES: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "gzip 1000 : 1": ("a.txt.gz", lambda: gzip.compress(bytes(ZEROS), 1), "as an archive bomb does"),
    "zip 1000 : 1": ("a.zip", lambda: zipped("a.txt", bytes(ZEROS)), "as an archive bomb does"),
    "tar.gz 1000 : 1": ("a.tar.gz", lambda: tar("a.txt", content=bytes(ZEROS), mode="w:gz"), "as an archive bomb does"),
    "gzip in gzip": ("a.txt.gz", lambda: gzip.compress(gzip.compress(b"text")), "holds another compressed file"),
    "truncated": ("a.txt.gz", lambda: gzip.compress(os.urandom(1000).hex().encode())[:-20], "is damaged or is no gzip file"),
    "wrong extension": ("a.zip", lambda: b"plain text", "is damaged or is no zip file"),
    "zip with ../x": ("a.zip", lambda: zipped("../x.txt", b"outside"), "the name leaves the archive"),
    "tar with a link": ("a.tar", lambda: tar("a.txt", tarfile.SYMTYPE), "is a link or a device"),
    "tar with a hard link": ("a.tar", lambda: tar("a.txt", tarfile.LNKTYPE), "is a link or a device"),
}


def files_beside_the_cache(project: Path) -> set[Path]:
    return {path for path in project.parent.rglob("*") if not {"cache", "__pycache__"} & set(path.parts)}


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.fault(
    "D8", inject="archives of 1000 : 1, gzip in gzip, a cut gzip, a wrong extension, a zip with ../x, a tar with links; memory measured"
)
def test_each_hostile_archive_is_refused_by_name_and_writes_nothing(project: Project, run: Run) -> None:
    folder = project()
    text = corpus(folder)
    for name, (file, make, said) in ARCHIVES.items():
        (text / file).write_bytes(make())
        done = run(folder, "src/collect.py", "hostile")
        assert done.returncode == 0, done.stderr
        outside = files_beside_the_cache(folder)
        if "1000" in name:
            code, _, peak_mb, output = peak(folder, "src/clean.py", "data=hostile")
            assert (code, "Traceback" in output) == (3, False), output
            assert peak_mb < 420, name
        else:
            output = refused(run(folder, "src/clean.py", "data=hostile"), folder)
        assert said in output, (name, output)
        assert file in output
        assert files_beside_the_cache(folder) == outside
        assert not list(folder.glob("data/cache/**/part-*"))
        (text / file).unlink()


# --- D10: JSONL ---

BAD_LINES = {
    "no JSON": b'{"text": "broken',
    "missing field": b'{"txt": "nothing to read"}',
    "number as text": b'{"text": 3}',
    "huge integer": b'{"text": "a", "n": ' + b"9" * 5000 + b"}",
    "key twice": b'{"text": "a", "text": "b"}',
    "no record": b'["text"]',
    "deep": b"[" * 100_000,
    "null": b'{"text": null}',
}


@pytest.mark.fault(
    "D10",
    inject="jsonl with lines that are broken, without the field, of numbers, of a 5,000-digit integer, a key twice, nested 100,000 deep; ids "
    "twice; ended by CR alone",
)
def test_bad_lines_stop_the_strict_reader_and_are_counted_up_to_a_share_by_the_lenient(project: Project, run: Run) -> None:
    folder = project()
    good = [json.dumps({"id": "the same", "text": line}).encode() for line in PROSE]
    lines = [*good[:20], *BAD_LINES.values(), *good[20:]]
    text = corpus(folder)
    (text / "a.jsonl").write_bytes(b"\r".join(lines) + b"\r")
    assert run(folder, "src/collect.py", "hostile").returncode == 0
    said = refused(run(folder, "src/clean.py", "data=hostile"), folder)
    assert "a.jsonl:21: not JSON" in said
    words = ["src/clean.py", "data=hostile", "data.sources.0.bad_records=0.16"]
    said = refused(run(folder, *words), folder)
    assert "8 of 48 records are bad, more than `bad_records: 0.16` allows" in said
    assert "a.jsonl:21" in said
    done = run(folder, *words[:2], "data.sources.0.bad_records=0.17")
    assert (done.returncode, done.stderr) == (0, "")
    card = card_of(folder)
    assert adds_up(card)
    assert card["documents"] == {"read": 48, "kept": 40, "dropped": 8}
    assert card["dropped_by_reason"] == {"bad_record": 8}


# --- D11: too little text ---

TOO_LITTLE = {
    "nothing kept": (
        b"".join(line.encode() for line in PROSE),
        ["cleaning.min_characters=100000"],
        "kept 0 (0 bytes); dropped: 40 too_short",
    ),
    "one document": (b"the only line\n", [], "Read 1 documents, kept 1 (13 bytes); dropped: none"),
    "all identical": (b"one and the same line\n" * 50, [], "kept 1 (21 bytes); dropped: 49 duplicate"),
    "only empty lines": (b"\n" * 50, [], "kept 0 (0 bytes); dropped: 50 empty"),
}


@pytest.mark.fault("D11", inject="a corpus of which nothing is kept, of one document, of one document many times, of empty lines")
def test_too_little_text_is_refused_with_the_counts_by_reason(project: Project, run: Run) -> None:
    folder = project()
    text = corpus(folder, format="lines")
    for content, words, said in TOO_LITTLE.values():
        (text / "a.txt").write_bytes(content)
        assert run(folder, "src/collect.py", "hostile").returncode == 0
        assert said in refused(run(folder, "src/clean.py", "data=hostile", *words), folder)


@pytest.mark.slow
@pytest.mark.fault("D11", inject="a training on a corpus smaller than one sequence")
def test_a_corpus_smaller_than_a_sequence_is_refused_before_the_first_step(project: Project, run: Run) -> None:
    folder = project()
    (corpus(folder, format="lines") / "a.txt").write_text("the first line\nthe second line\nthe third line\nthe fourth line\n")
    done = run(folder, "src/train.py", "data=hostile", "tokenizer=byte", "model=gpt_nano", "trainer=smoke")
    assert done.returncode == 3, done.stderr
    assert "tokens" in done.stderr
    assert "data.context_tokens=" in done.stderr
    assert "Traceback" not in done.stderr


# --- D13: validation text in the training text ---


@pytest.mark.fault(
    "D13", inject="documents that come again with a few words around them, so that no two are equal and many fall into two splits"
)
def test_validation_documents_known_from_training_are_counted_and_refused_above_a_limit(project: Project, run: Run) -> None:
    folder = project()
    texts = [" ".join(f"w{(number * 7919 + place * 104729) % 100_003}" for place in range(100)) for number in range(40)]
    (corpus(folder, format="lines") / "a.txt").write_text("".join(f"{text}\nQuoted: {text}\n" for text in texts))
    assert run(folder, "src/collect.py", "hostile").returncode == 0
    said = refused(run(folder, "src/clean.py", "data=hostile"), folder)
    assert "validation and test documents are known from training documents, which hold at least 80% of their n-grams" in said
    repair, _, allowed = said.partition("split: ")[2].strip().partition(", or allow it: ")
    card = cleaned_with(folder, run, allowed)
    counts = card["held_out"]["splits"].values()
    known, looked_for = (sum(each[name] for each in counts) for name in ("known", "looked_for"))
    assert f"{known} of {looked_for} validation" in said
    assert known > 0.1 * looked_for
    card = cleaned_with(folder, run, *shlex.split(repair))
    assert card["dropped_by_reason"] == {"near_duplicate": 40}
    assert sum(each["ngrams_in_training"] for each in card["held_out"]["splits"].values()) == 0


def cleaned_with(folder: Path, run: Run, *words: str) -> dict[str, Any]:
    done = run(folder, "src/clean.py", "data=hostile", *words)
    assert done.returncode == 0, done.stderr
    return card_of(folder)


# --- D14: tokenizers ---


@pytest.mark.fault("D14", inject="a vocabulary below the 256 bytes")
@pytest.mark.parametrize("kind", ["bpe", "char", "word", "unigram"])
def test_a_vocabulary_that_cannot_spell_every_byte_is_refused_as_config(kind: str, project: Project, run: Run) -> None:
    folder = project()
    done = run(folder, "src/learn_tokenizer.py", f"tokenizer={kind}", "tokenizer.vocab_size=255")
    assert done.returncode == 2
    assert "tokenizer.vocab_size" in done.stderr
    assert "at least 25" in done.stderr
    assert not (folder / "data").exists()
