"""The page to label documents in: one HTML file that needs nothing else, works from a disk, and treats what documents hold as text."""

from dataclasses import asdict
from typing import TYPE_CHECKING

from assay.data.annotation.sample import Sampled
from assay.data.places import corpus_name
from assay.files import canonical_json, sha256_bytes
from assay.report.page import TEMPLATES, render

if TYPE_CHECKING:
    from assay.config.schema import AnnotateCommand


def page(documents: list[Sampled], config: "AnnotateCommand") -> bytes:
    corpus = corpus_name(config.data)
    task = {
        "corpus": corpus,
        "labels": config.labels,
        "annotator": config.annotator or "",
        "command": " ".join(["python src/annotate.py", f"data={corpus}", *([f"name={config.name}"] if config.name else [])]),
        "documents": [asdict(document) for document in documents],
    }
    data = canonical_json({**task, "task": sha256_bytes(canonical_json(task))[:16]})
    return render(
        "labels.html",
        title=f"Label documents of {corpus}",
        script=(TEMPLATES / "labels.js").read_text(encoding="utf-8"),
        question=config.question,
        # JSON in a script element that is not run: only "<" could end the element, so it is written as an escape.
        task_json=data.replace(b"<", b"\\u003c").decode(),
    ).encode()
