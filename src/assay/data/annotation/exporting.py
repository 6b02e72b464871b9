"""A sample goes to a person."""

import os
from collections.abc import Callable
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

import numpy as np

from assay.data.annotation.forms import form_of
from assay.data.annotation.labels import labels_file, read_labels
from assay.data.annotation.sample import draw, rows_of, sampled
from assay.data.clean import measured_corpus
from assay.data.decide import decide
from assay.data.places import corpus_name
from assay.data.snapshot import bring_up_to_date
from assay.errors import ConfigError, DataError, MachineError
from assay.files import ROOT, project_path, write_atomic

if TYPE_CHECKING:
    from assay.config.schema import AnnotateCommand


def export_sample(config: "AnnotateCommand", root: Path = ROOT, say: Callable[[str], None] = print) -> None:
    """Write config.export, in the form that its suffix names. What is labelled already under config.name is left out.

    Raises ConfigError where the file is there: it may hold somebody's labels. Raises DataError where nothing is left to label.
    """
    path, name = project_path(str(config.export), root), config.name or corpus_name(config.data)
    _refuse_place(path)
    stored = labels_file(name, root)
    before = {label.id for label in read_labels(stored)} if stored.exists() else set()
    bring_up_to_date(config.data, root, say)
    measured, layers = measured_corpus(config, root, say)
    kept = decide(measured, config.data, config.cleaning, layers).kept
    candidates = measured.by_id[kept[measured.by_id]].astype(np.int64)
    labelled = sorted(rows_of(measured, before).values())
    candidates = candidates[~np.isin(candidates, np.array(labelled, dtype=np.int64))]
    if not len(candidates):
        raise DataError(f"corpus {config.data.name}: no document is left to label; {len(labelled):,} are labelled in {stored}.")
    rows = draw(measured, candidates, config.documents, config.balance, config.seed)
    documents = sampled(measured, rows)
    write_atomic(path, form_of(path)(documents, config))
    fewer = f"; {config.documents:,} were asked for" if len(documents) < config.documents else ""
    again = f"; {len(labelled):,} labelled before are left out" if labelled else ""
    say(f"{len(documents):,} of {len(candidates):,} documents to label: {path}{fewer}{again}")
    todo = "open it in a browser, label, save; then" if path.suffix == ".html" else f"fill in `label` with {', '.join(config.labels)}; then"
    named = f" name={config.name}" if config.name else ""
    saved = "FILE" if path.suffix == ".html" else path
    say(f"  {todo}: python src/annotate.py data={config.data.name}{named} {quote(f'import_labels={saved}')}")


def _refuse_place(path: Path) -> None:
    """Before a corpus is read for minutes."""
    if path.exists():
        raise ConfigError(f"export={path}: the file is there, and may hold labels.\n  Name another file, or remove that one.")
    if not path.parent.is_dir():
        raise ConfigError(f"export={path}: there is no folder {path.parent}.\n  Make it, or name another.")
    if not os.access(path.parent, os.W_OK):
        raise MachineError(f"export={path}: nothing may be written to {path.parent}.\n  Name another folder.")
