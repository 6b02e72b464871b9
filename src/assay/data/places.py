"""Where the data of a corpus lies in the project, and under which name a document cites its source."""

import posixpath
import re
import urllib.parse
from collections import Counter
from pathlib import Path, PurePosixPath

import yaml

from assay.data.schema import DataSchema, SourceSchema
from assay.errors import ConfigError
from assay.files import ROOT

OUTSIDE = "outside_"
"""Prefix of the name of a corpus that no file of conf/data/ names."""
LOCAL_FILES = "files"
"""Folder below data/local/<corpus>/ that holds the copies of the user's own files and of the standard library."""


def corpus_name(data: DataSchema) -> str:
    if data.name is None:
        raise ConfigError("data.name is not set.\n  It is the name of the file in conf/data/ when a command composes the config.")
    return data.name


def is_download(source: SourceSchema) -> bool:
    return source.folder is None and not source.stdlib


def citation(source: SourceSchema) -> str:
    """Return the name of a source in documents and cards: the same on every machine."""
    if source.package:
        return f"pypi:{source.package}"
    if source.npm:
        return f"npm:{source.npm}"
    if source.url:
        parts = urllib.parse.urlsplit(source.url)
        host = parts.netloc.rpartition("@")[2]  # a password in an address must not reach a card
        return urllib.parse.urlunsplit((parts.scheme, host, parts.path, parts.query, ""))
    if source.folder:  # a path from the root of the file system is one of this machine, and documents are named after their source
        return f"folder:{source.name if source.name and Path(source.folder).is_absolute() else source.folder}"
    return "stdlib"


def source_names(sources: list[SourceSchema]) -> list[str]:
    """Return the names of sources in metrics, on the card and in tables: each its own name, or one from where it comes, told apart by its place."""
    given = {source.name for source in sources}
    made = [source.name or _name_from(citation(source)) for source in sources]
    often = Counter(made)
    return [
        source.name or (name if often[name] == 1 and name not in given else f"{name}_{place}")
        for place, (source, name) in enumerate(zip(sources, made, strict=True))
    ]


def _name_from(cited: str) -> str:
    """pypi:evals==3.0 -> evals; the last part of a path or an address, without its suffix."""
    last = re.split(r"[:/]", cited.rstrip("/"))[-1].lower()
    name = re.split(r"==|@|\.", last)[0]
    return re.sub(r"[^a-z0-9]+", "_", name).strip("_")[:24] or "source"


def own_files_key(data: DataSchema, source: SourceSchema) -> str:
    """Folder of a source's files below files/; its place in the list keeps two sources of one name apart."""
    position = data.sources.index(source)
    name = "stdlib" if source.stdlib else PurePosixPath(str(source.folder).rstrip("/")).name or "root"
    return f"{position:02d}-{name}"


def snapshot_folder(data: DataSchema, root: Path = ROOT) -> Path:
    """data/raw/<corpus> for pinned downloads of the pipeline, else data/local/<corpus>.

    data.dvc pins data/raw, so it must not change because somebody added a corpus of their own.
    """
    name = corpus_name(data)
    pinned = all(is_download(source) for source in data.sources) and pipeline_raw(root).get(name) == f"data/raw/{name}"
    return root / "data" / ("raw" if pinned else "local") / name


def pipeline_raw(root: Path = ROOT) -> dict[str, str]:
    """Corpus -> folder of its raw files, from the `corpora` of conf/pipeline.yaml. Raises ConfigError if the file is malformed."""
    path = root / "conf" / "pipeline.yaml"
    try:
        listed = yaml.safe_load(path.read_bytes())["corpora"]
        return {str(name): posixpath.normpath(entry["raw"]) for name, entry in listed.items()}
    except FileNotFoundError:
        return {}
    except (yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
        raise ConfigError(
            f"{path}: expected `corpora:` with lines like `name: {{raw: data/raw/name, tokenizer: bpe}}` ({error})."
        ) from None


def pipeline_lists(root: Path = ROOT) -> set[str]:
    """Every corpus and experiment that conf/pipeline.yaml names."""
    listed = yaml.safe_load((root / "conf" / "pipeline.yaml").read_bytes())
    return {str(name) for names in listed.values() for name in names or ()}


def outside_guard(name: str, root: Path = ROOT) -> Path:
    """Return the path that is in use (assay.files.in_use) while a command reads the copy of a corpus from outside."""
    return root / "data" / "cache" / "outside" / name


def clean_folder(data: DataSchema, root: Path = ROOT) -> Path:
    return root / "data" / "clean" / corpus_name(data)


def tokenizer_folder(data: DataSchema, tokenizer: str, root: Path = ROOT) -> Path:
    return root / "data" / "tokenizer" / f"{corpus_name(data)}-{tokenizer}"


def tokens_folder(data: DataSchema, tokenizer: str, root: Path = ROOT) -> Path:
    return root / "data" / "tokens" / f"{corpus_name(data)}-{tokenizer}"
