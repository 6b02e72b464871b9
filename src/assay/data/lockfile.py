"""Looks at dvc.lock before the pipeline runs: DVC takes one that lost stages for a pipeline that never ran, and writes the rest anew."""

import re
import subprocess
from pathlib import Path
from typing import Any

import yaml

from assay.data.places import pipeline_lists
from assay.errors import DataError

LOCK = "dvc.lock"
HASH = re.compile(r"[0-9a-f]{32}(\.dir)?")
WHOLE = {"cmd": str, "deps": list, "outs": list}
"""Fields that DVC writes about a stage of this pipeline."""


def check_lockfile(root: Path) -> None:
    """Raise DataError where dvc.lock is damaged, or has lost a stage that the last commit has and dvc.yaml still asks for.

    A project without a commit, or without git, is only looked at for damage.
    """
    path = root / LOCK
    committed = _committed(root)
    repair = f"git checkout {LOCK}" if committed else f"rm {LOCK}; dvc repro"
    found = _stages(path, repair) if path.exists() else {}
    cut = [name for name, stage in found.items() if not _is_whole(stage)]
    if cut:
        raise DataError(f"{path} is damaged: {', '.join(cut)} has not all of {', '.join(WHOLE)}.\n  Run: {repair}")
    lost = sorted(committed - set(found))
    if lost:
        raise DataError(
            f"{path} has lost {len(lost)} stages that the last commit has: {', '.join(lost)}. What they made could no longer be pulled or "
            f"checked.\n  Run: {repair}   (or commit it, if that is meant)"
        )


def _stages(path: Path, repair: str) -> dict[str, Any]:
    content = path.read_text(encoding="utf-8", errors="replace")
    if any(line.startswith(("<<<<<<<", "=======", ">>>>>>>")) for line in content.splitlines()):
        raise DataError(f"{path} holds the marks of a merge that was not finished.\n  Run: {repair}   and then dvc repro")
    try:
        stages = yaml.safe_load(content)["stages"]
        return {str(name): stage for name, stage in stages.items()}
    except (yaml.YAMLError, KeyError, TypeError, AttributeError):
        raise DataError(f"{path} is damaged: it is empty, or was cut.\n  Run: {repair}") from None


def _is_whole(stage: Any) -> bool:
    if not isinstance(stage, dict) or not all(isinstance(stage.get(name), kind) for name, kind in WHOLE.items()):
        return False
    entries = [*stage["deps"], *stage["outs"]]
    return all(isinstance(entry, dict) and "path" in entry and HASH.fullmatch(str(entry.get("md5"))) for entry in entries)


def _committed(root: Path) -> set[str]:
    """Stages of the last commit's dvc.lock that dvc.yaml and conf/pipeline.yaml still name."""
    try:
        done = subprocess.run(["git", "show", f"HEAD:./{LOCK}"], cwd=root, capture_output=True, check=True)
        stages = yaml.safe_load(done.stdout)["stages"]
        asked = set(yaml.safe_load((root / "dvc.yaml").read_bytes())["stages"])
        listed = pipeline_lists(root)
    except (OSError, subprocess.CalledProcessError, yaml.YAMLError, KeyError, TypeError, AttributeError):
        return set()  # nothing to hold it against, or DVC will say what is wrong
    return {name for name in map(str, stages) if name.partition("@")[0] in asked and name.partition("@")[2] in {*listed, ""}}
