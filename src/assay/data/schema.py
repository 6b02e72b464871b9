"""Schema of conf/data/*.yaml: where text comes from, and how it is cut into windows."""

from dataclasses import dataclass
from typing import Literal

from assay.config.fields import FOLDER, setting

Format = Literal[
    "auto",
    "txt",
    "lines",
    "jsonl",
    "json",
    "csv",
    "tsv",
    "parquet",
    "arrow",
    "dataset",
    "python",
    "html",
    "warc",
    "mbox",
    "mail",
    "wiki",
    "po",
]


@dataclass(frozen=True, kw_only=True)
class SourceSchema:
    """One place text comes from. Exactly one of package, npm, url, folder, stdlib is given."""

    package: str | None = setting(
        None, pattern=r"[A-Za-z0-9._-]+==[A-Za-z0-9.+!_-]+", help="PyPI package NAME==VERSION whose file is read, never imported"
    )
    npm: str | None = setting(
        None, pattern=r"(@[a-z0-9._-]+/)?[a-z0-9._-]+@[A-Za-z0-9.+_-]+", help="npm package NAME@VERSION whose tarball is read"
    )
    url: str | None = setting(None, pattern=r"https?://\S+", help="file to download")
    folder: str | None = setting(
        None, pattern=r".+", path=FOLDER, help="folder or file of your own; in a file relative to the project, or ~/..."
    )
    stdlib: bool = setting(False, help="the running Python's standard library, without its tests")
    sha256: str | None = setting(None, pattern=r"[0-9a-f]{64}", help="of the downloaded file; required for package, npm and url")
    members: list[str] = setting(make=lambda: ["*"], help="shell patterns of the files to read, inside the archive or folder")
    format: Format = setting(
        "auto", help="auto: by file name, .gz, .zst, .bz2 allowed; dataset: a folder saved by Hugging Face's `datasets`"
    )
    text_fields: list[str] = setting(
        make=lambda: ["text"],
        help="fields of a record that hold text, a.1.b one of a field; html has title, text; warc url, title, text; mail subject, text; wiki title, text; "
        "po source, translation, context",
    )
    id_field: str | None = setting(
        None,
        pattern=r".+",
        help="field of a record that names it in the whole source: ids then do not depend on the files that the source is cut into, "
        "and documents cite no file; the same name twice is an error",
    )
    bad_records: float = setting(
        0.0,
        at_least=0,
        at_most=1,
        help="share of the records of a jsonl, json, csv, tsv, po, parquet or arrow file (of 4 MB of a larger jsonl) that may be bad and are "
        "dropped; 0: the first one stops",
    )
    document: Literal["row", "field"] = setting("row", help="row: a record's fields are joined into one document; field: each is one")
    boilerplate: Literal["none", "gutenberg"] = setting("none", help="frame of the source to cut away")
    label: str | None = setting(
        None,
        pattern=r"file|field:.+",
        help="what the documents are labelled with: file, the name of the file they are in; field:NAME of a record",
    )
    licence: str | None = setting(None, pattern=r".+", help="where it differs from the corpus's")
    name: str | None = setting(
        None, pattern=r"[a-z0-9][a-z0-9_]{0,31}", help="in metrics, as val/NAME/loss, and on the card; default: from where it comes"
    )
    weight: float | None = setting(
        None,
        above=0,
        at_most=1_000_000,
        help="share of the training windows, as a ratio to the other sources' weights; cleaning keeps it all",
    )


@dataclass(frozen=True, kw_only=True)
class DataSchema:
    """A corpus, its split and its windows."""

    _target_: str = "assay.data.datamodule.TokenWindows"
    name: str | None = setting(None, pattern=r"[a-z0-9][a-z0-9_]{0,63}", help="default: the file's name in conf/data/")
    language: Literal["en", "zh", "code", "other"] = setting(help="main language")
    licence: str = setting(pattern=r"\S.*", help="licence of the text, in words or as an SPDX id")
    sources: list[SourceSchema] = setting(
        help="where the text comes from; read are txt, md, jsonl, json, csv, tsv, parquet, arrow, html, warc, mbox, eml, po, py, packed "
        "(gz, zst, bz2) or not, and by `format` lines and wiki"
    )
    temperature: float | None = setting(
        None,
        above=0,
        at_most=1_000_000,
        help="a source of n tokens is read in proportion to n^(1/temperature), in place of the weights; 1: as much as there is of each",
    )
    validation_fraction: float = setting(0.05, above=0, below=0.5, help="share of documents, by hash")
    test_fraction: float = setting(0.05, above=0, below=0.5, help="share of documents, by hash")
    context_tokens: int = setting(256, at_least=2, at_most=1_048_576, help="tokens a training sequence holds")
    workers: int = setting(0, at_least=0, at_most=256, help="processes that clean and encode; 0: one per core. Never changes a byte")


@dataclass(frozen=True, kw_only=True)
class OutsideSchema:
    """A corpus outside of the repository, cleaned as it is, for use alone."""

    path: str | None = setting(None, pattern=r".+", path=FOLDER, help="folder or file to clean, instead of the corpus's own sources")
