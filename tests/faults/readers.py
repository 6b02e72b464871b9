"""Mutated files of every format through the reading path: no error but a message, and what was read is what was kept and dropped.

python tests/faults/readers.py COUNT [FIRST]      input N is the same in every run; one that failed is repeated by COUNT 1 and FIRST N
"""

import bz2
import gzip
import io
import json
import random
import resource
import signal
import sys
import tempfile
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

if __package__ in (None, ""):  # as a script
    sys.path[:0] = [str(Path(__file__).resolve().parents[1]), str(Path(__file__).resolve().parents[2] / "src")]

import pyarrow as arrow
import pyarrow.parquet as parquet

from assay.data.archive import read_file
from assay.data.cleaning.schema import CleaningSchema
from assay.data.schema import SourceSchema
from assay.data.sources import Unit
from assay.data.unit import clean_unit
from assay.errors import DataError

LIMIT_SECONDS = 20
"""CPU seconds of one input."""
LIMIT_BYTES = 2**30
"""By which memory may grow over all inputs."""
TEXT = "The keeper\u2019s lamp is lit; die F\u00e4hre f\u00e4hrt um f\u00fcnf.\n\u706f\u5854\u5728\u6d77\u89d2\u3002 Second line, \U0001f600.\n"
ENCODINGS: tuple[Any, ...] = (["utf-8"], ["auto"], ["utf-8", "gb18030", "cp1252"], ["utf-8", "gb18030", "big5"])


def _table() -> Any:
    return arrow.table({"text": [TEXT, None, "b"], "n": [1, 2, 3], "more": [{"text": "x"}, {"text": "y"}, None]})


def _parquet() -> bytes:
    sink = io.BytesIO()
    parquet.write_table(_table(), sink)
    return sink.getvalue()


def _arrow(writer: Callable[..., Any]) -> bytes:
    sink = io.BytesIO()
    with writer(sink, _table().schema) as out:
        out.write_table(_table())
    return sink.getvalue()


def _warc() -> bytes:
    page = f"<html><head><title>t</title></head><body><p>{TEXT}</p></body></html>".encode()
    answers = [
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + page,
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(page, mtime=0),
        b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    ]
    head = "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: http://x/\r\nContent-Type: application/http\r\nContent-Length: {}\r\n\r\n"
    return b"".join(head.format(len(answer)).encode() + answer + b"\r\n\r\n" for answer in answers)


MAIL = (
    b"From: a@b\nSubject: =?utf-8?B?w7xiZXI=?=\nMIME-Version: 1.0\nContent-Type: multipart/alternative; boundary=x\n\n"
    b"--x\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\nF=C3=A4hre\n"
    b"--x\nContent-Type: text/html; charset=iso-8859-1\nContent-Transfer-Encoding: base64\n\nPHA+RuRocmU8L3A+\n--x--\n"
)
WIKI = (
    "<mediawiki><siteinfo><namespaces><namespace key='6'>Datei</namespace></namespaces></siteinfo>"
    "<page><title>T</title><ns>0</ns><id>1</id><revision><id>2</id><model>wikitext</model><text>'''A''' {{box|a={{b}}}} [[c|d]] "
    "&lt;ref&gt;e&lt;/ref&gt; {| class=x\n| f\n|}\n* g</text></revision></page>"
    "<page><title>U</title><ns>0</ns><id>3</id><revision><id>4</id><text>#REDIRECT [[T]]</text></revision></page></mediawiki>"
)
HTML = f"<!doctype html><html><head><meta charset=utf-8><title>t</title></head><body><nav>n</nav><p>{TEXT}</p><ul><li>a</ul><pre>b</pre></body></html>"
XHTML = f'<?xml version="1.0" encoding="utf-8"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title/></head><body><p>{TEXT}</p></body></html>'
PO = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n#, fuzzy\nmsgid "a"\nmsgstr "b"\n\nmsgctxt "c"\nmsgid "d\\n"\nmsgstr "\u00e9"\n'
SEEDS: dict[str, tuple[str, bytes, dict[str, Any]]] = {
    "txt": ("a.txt", TEXT.encode() * 3, {}),
    "utf-16": ("a.txt", TEXT.encode("utf-16"), {}),
    "gb18030": ("a.txt", TEXT.encode("gb18030") * 3, {}),
    "lines": ("a.txt", TEXT.encode() * 3, {"format": "lines"}),
    "jsonl": ("a.jsonl", b"".join(json.dumps({"text": line, "n": [1, {"k": 2.5}]}).encode() + b"\n" for line in TEXT.split("\n")), {}),
    "jsonl by field": (
        "a.jsonl",
        b'{"id": 1, "a": {"b": ["x", "y"]}}\n{"id": "2", "a": {"b": "z"}}\n',
        {"text_fields": ["a.b"], "id_field": "id"},
    ),
    "json": ("a.json", json.dumps([{"text": TEXT}, {"text": "b"}], ensure_ascii=False).encode(), {}),
    "csv": ("a.csv", f'n,text\n1,"{TEXT}"\n2,"a ""b"""\n3,c\n'.encode(), {}),
    "tsv": ("a.tsv", b'n\ttext\n1\t"go\n2\tstop"\n3\tc\n', {}),
    "parquet": ("a.parquet", _parquet(), {}),
    "parquet by field": ("a.parquet", _parquet(), {"text_fields": ["more.text"]}),
    "arrow stream": ("a.arrow", _arrow(arrow.ipc.new_stream), {}),
    "arrow file": ("a.arrow", _arrow(arrow.ipc.new_file), {}),
    "python": ("a.py", f"# -*- coding: utf-8 -*-\ns = '''{TEXT}'''\n".encode(), {}),
    "html": ("a.html", HTML.encode(), {"text_fields": ["title", "text"]}),
    "xhtml": ("a.xhtml", XHTML.encode(), {}),
    "warc": ("a.warc", _warc(), {"text_fields": ["url", "title", "text"]}),
    "mail": ("a.eml", MAIL, {"text_fields": ["subject", "text"]}),
    "mbox": ("a.mbox", (b"From a@b Mon Jan  1 00:00:00 2024\n" + MAIL + b"\n") * 2, {}),
    "wiki": ("a.xml", WIKI.encode(), {"format": "wiki"}),
    "po": ("a.po", PO.encode(), {"text_fields": ["source", "translation"]}),
    "gzip": ("a.txt.gz", gzip.compress(TEXT.encode(), mtime=0), {}),
    "bzip2": ("a.jsonl.bz2", bz2.compress(b'{"text": "a"}\n'), {}),
    "zstd": ("a.txt.zst", arrow.compress(TEXT.encode(), codec="zstd", asbytes=True), {}),
}


def _zip() -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("a.txt", "b.jsonl", "__MACOSX/._a.txt"):
            archive.writestr(zipfile.ZipInfo(name), b'{"text": "a"}\n')
    return sink.getvalue()


SEEDS["zip"] = ("a.zip", _zip(), {})


@dataclass
class Report:
    inputs: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)


def mutated(content: bytes, chosen: random.Random) -> bytes:
    """One to four changes: flipped bytes, cuts, insertions, repeats, nesting, parts put elsewhere."""
    for _ in range(chosen.randint(1, 4)):
        start = chosen.randint(0, len(content))
        end = min(len(content), start + chosen.choice((1, 2, 4, 16, 64)))
        part = content[start:end]
        kind = chosen.randrange(7)
        if kind == 0:
            content = content[:start] + bytes(byte ^ 1 << chosen.randrange(8) for byte in part) + content[end:]
        elif kind == 1:
            content = content[:start] + content[end:]
        elif kind == 2:
            content = content[:start]
        elif kind == 3:
            content = content[:start] + chosen.choice(WRONG) + content[start:]
        elif kind == 4:
            content = content[:end] + part * chosen.choice((1, 3, 200)) + content[end:]
        elif kind == 5:
            opening, closing = chosen.choice(NESTING)
            depth = chosen.choice((1, 20, 1500))
            content = content[:start] + opening * depth + content[start:end] + closing * depth + content[end:]
        else:
            place = chosen.randint(0, len(content))
            content = content[:place] + part + content[place:]
    return content


WRONG = (
    b"\0",
    b"\xff",
    b"\x92",
    b"\xe2\x80",
    b"\xed\xa0\x80",
    b"\xfe\xff",
    b"\xef\xbb\xbf",
    b'"',
    b"\r",
    b"\n\n",
    b"\\",
    b"9" * 400,
    b"\\ud800",
    b"\x1b[31m",
)
NESTING = (
    (b"[", b"]"),
    (b'{"a":', b"}"),
    (b"<div>", b"</div>"),
    (b"{{", b"}}"),
    (b"[[", b"]]"),
    (b'"', b'"'),
    (b"<!--", b"-->"),
    (b"<a>", b""),
)


def read_one(number: int, folder: Path, report: Report) -> None:
    chosen = random.Random(f"readers {number}")
    kind = chosen.choice(sorted(SEEDS))
    name, seed, declared = SEEDS[kind]
    path = folder / name
    path.write_bytes(mutated(seed, chosen))
    source = SourceSchema(folder="f", bad_records=chosen.choice((0.0, 0.0, 0.5, 1.0)), **declared)
    cleaning = CleaningSchema(encodings=chosen.choice(ENCODINGS), passage_bytes=chosen.choice((None, 64)))
    report.inputs += 1
    try:
        with limited():
            for member, content in read_file(path, name, "folder:f"):
                outcome = clean_unit(Unit(0, member, content), source, cleaning)
                dropped = sum(outcome.dropped.values())
                report.counts.update({"read": outcome.read_documents, "kept": len(outcome.kept), "dropped": dropped})
                if outcome.read_documents != len(outcome.kept) + dropped:
                    raise AssertionError(f"{outcome.read_documents} read, {len(outcome.kept)} kept, {dict(outcome.dropped)}")
                for document in outcome.kept:
                    document.text.encode()
    except DataError as error:
        report.counts["refused"] += 1
        if not str(error).startswith("folder:f"):
            report.failures.append(f"{number} {kind}: the message names no file: {error}")
    except Exception as error:
        report.failures.append(f"{number} {kind}: {type(error).__name__}: {str(error)[:200]}")


@contextmanager
def limited() -> Iterator[None]:
    def stop(number: int, frame: FrameType | None) -> None:
        raise TimeoutError(f"more than {LIMIT_SECONDS} s")

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, LIMIT_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def fuzz(count: int, first: int = 0, say: Callable[[str], object] = print) -> Report:
    report, before = Report(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with tempfile.TemporaryDirectory() as folder:
        for number in range(first, first + count):
            read_one(number, Path(folder), report)
            if report.inputs % 5000 == 0:
                say(f"{report.inputs:,} inputs, {len(report.failures)} failures")
    grown_bytes = 1024 * (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
    if grown_bytes > LIMIT_BYTES:
        report.failures.append(f"memory grew by {grown_bytes:,} bytes")
    return report


def main(words: list[str]) -> int:
    report = fuzz(*map(int, words))
    print("\n".join(report.failures))
    print(
        f"{report.inputs:,} inputs: {', '.join(f'{count:,} {name}' for name, count in report.counts.items())}; {len(report.failures)} failures"
    )
    return bool(report.failures)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
