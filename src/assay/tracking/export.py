"""A finished run as a folder that stands alone: what DVC versions, and what comparison, generation and serving need."""

import json
import shutil
from pathlib import Path
from typing import Any

from assay.errors import DataError
from assay.files import ROOT, draft_folder, readable_json, write_manifest
from assay.replacing import named_in_manifest, refuse_another_run, refuse_to_lose
from assay.tracking.journal import read_journal
from assay.tracking.store import MLRUNS

FACTS = "run.json"


def refuse_place(target: str, run_id: str | None, identity: str) -> None:
    """Raise ConfigError where the export would replace anything but an earlier one of the same run; `export=src` must not cost the source."""
    folder = ROOT / target
    files = named_in_manifest(folder, FACTS)
    refuse_to_lose(folder, files, f"export={target}")
    if files:
        refuse_another_run(folder, json.loads((folder / FACTS).read_bytes()), run_id, "export=ANOTHER_FOLDER", identity)


def export_run(result: dict[str, Any], target: str) -> None:
    """Write weights, config, tokenizer, curves, sample and facts of a finished run to ROOT/target."""
    refuse_place(target, result["run_id"], result["identity"])
    run = MLRUNS / result["experiment"] / result["run_id"] / "artifacts"
    copied = {
        "weights.safetensors": run / "checkpoints" / result["checkpoint"] / "weights.safetensors",
        "config.yaml": run / "config.yaml",
        "tokenizer.json": run / "tokenizer.json",
        "sample.txt": run / "samples" / f"{result['checkpoint']}.txt",
    }
    missing = [path for path in copied.values() if not path.is_file()]
    if missing:
        raise DataError(f"{missing[0]} is gone, so the finished run can't be exported.\n  Train it again: the same command with rerun=true")
    with draft_folder(ROOT / target) as draft:
        for name, path in copied.items():
            shutil.copyfile(path, draft / name)
        (draft / FACTS).write_bytes(readable_json(result))
        (draft / "curves.json").write_bytes(readable_json(_curves(run)))
        write_manifest(draft)


def _curves(run: Path) -> dict[str, list[list[float]]]:
    """metric -> [[step, value], ...], from the journal; of a step that was made twice, after a change of its budget, the second."""
    curves: dict[str, dict[int, float]] = {}
    for entry in read_journal(run / "journal.jsonl"):
        if entry["kind"] in ("metrics", "evaluation"):
            for name, value in entry["metrics"].items():
                curves.setdefault(name, {})[entry["step"]] = value
    return {name: [[step, value] for step, value in sorted(points.items())] for name, points in curves.items()}
