"""A finished run as a folder that stands alone: what DVC versions, and what comparison, generation and serving need."""

import shutil
from pathlib import Path
from typing import Any

from assay.files import ROOT, draft_folder, readable_json, write_manifest
from assay.tracking.journal import read_journal
from assay.tracking.store import MLRUNS


def export_run(result: dict[str, Any], target: str) -> None:
    """Write weights, config, tokenizer, curves, sample and facts of a finished run to ROOT/target."""
    run = MLRUNS / result["experiment_id"] / result["run_id"] / "artifacts"
    with draft_folder(ROOT / target) as draft:
        shutil.copyfile(run / "checkpoints" / result["checkpoint"] / "weights.safetensors", draft / "weights.safetensors")
        for name in ("config.yaml", "tokenizer.json"):
            shutil.copyfile(run / name, draft / name)
        samples = sorted((run / "samples").iterdir())
        shutil.copyfile(samples[-1], draft / "sample.txt")
        (draft / "run.json").write_bytes(readable_json(result))
        (draft / "curves.json").write_bytes(readable_json(_curves(run)))
        write_manifest(draft)


def _curves(run: Path) -> dict[str, list[list[float]]]:
    """metric -> [[step, value], ...], from the journal."""
    curves: dict[str, list[list[float]]] = {}
    for entry in read_journal(run / "journal.jsonl"):
        if entry["kind"] in ("metrics", "evaluation"):
            for name, value in entry["metrics"].items():
                curves.setdefault(name, []).append([entry["step"], value])
    return curves
