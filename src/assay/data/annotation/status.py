"""The state of labelling: what has been labelled, by whom, and the agreement of the people."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from assay.data.annotation.agreement import agreements
from assay.data.annotation.labels import Label, labels_file, read_labels
from assay.data.places import corpus_name
from assay.files import ROOT

if TYPE_CHECKING:
    from assay.config.schema import AnnotateCommand


def show_status(config: "AnnotateCommand", root: Path = ROOT, say: Callable[[str], None] = print) -> None:
    name = config.name or corpus_name(config.data)
    path = labels_file(name, root)
    if path.exists():
        say(f"{path.relative_to(root)}\n{describe(read_labels(path))}")
    else:
        say(
            f"nothing is labelled yet in {path.relative_to(root)}.\n  Type: python src/annotate.py data={config.data.name} export=sample.html"
        )


def describe(labels: list[Label]) -> str:
    """A line a person, and one for each two who labelled the same texts."""
    lines = []
    for annotator in sorted({label.annotator for label in labels}):
        counts = Counter(label.label for label in labels if label.annotator == annotator)
        lines.append(
            f"  {annotator}: {counts.total():,} labels ({', '.join(f'{name} {count:,}' for name, count in sorted(counts.items()))})"
        )
    return "\n".join([*lines, *(f"  {agreement}" for agreement in agreements(labels))])
