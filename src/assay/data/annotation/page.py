"""The page to label in: one HTML file that needs nothing else, works from a disk, and treats what documents hold as text."""

import base64
import hashlib
from dataclasses import asdict
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from assay.data.annotation.sample import Sampled
from assay.data.places import corpus_name
from assay.files import canonical_json, sha256_bytes

if TYPE_CHECKING:
    from assay.config.schema import AnnotateCommand

FOLDER = Path(__file__).parent


def page(documents: list[Sampled], config: "AnnotateCommand") -> bytes:
    """The script and the style are named by their hashes, so that nothing else on the page is run, whatever a document brings."""
    script, style = (FOLDER.joinpath(f"page.{suffix}").read_text(encoding="utf-8") for suffix in ("js", "css"))
    corpus = corpus_name(config.data)
    task = {
        "corpus": corpus,
        "labels": config.labels,
        "annotator": config.annotator or "",
        "command": " ".join(["python src/annotate.py", f"data={corpus}", *([f"name={config.name}"] if config.name else [])]),
        "documents": [asdict(document) for document in documents],
    }
    data = canonical_json({**task, "task": sha256_bytes(canonical_json(task))[:16]})
    title = f"Label documents of {escape(corpus)}"
    policy = f"default-src 'none'; script-src '{_source(script)}'; style-src '{_source(style)}'; base-uri 'none'; form-action 'none'"
    body = FOLDER.joinpath("page.html").read_text(encoding="utf-8").replace("{title}", title).replace("{question}", escape(config.question))
    return b"".join(
        [
            b'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">\n',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n<title>{title}</title><style>{style}</style></head>\n'.encode(),
            body.encode(),
            # JSON in a script element that is not run: only "<" could end it.
            b'<script type="application/json" id="task">' + data.replace(b"<", b"\\u003c") + b"</script>\n",
            f"<script>{script}</script>\n</body></html>\n".encode(),
        ]
    )


def _source(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
