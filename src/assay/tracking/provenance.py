"""Where a run's code and data come from: git, DVC's lock files, the machine, and an archive of the source as it was."""

import gzip
import io
import os
import platform
import re
import subprocess
import sysconfig
import tarfile
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import yaml

from assay.files import ROOT

ARCHIVED = ("src", "conf", "dvc.yaml", "dvc.lock", "data.dvc", "pyproject.toml", "requirements.lock")


def git_facts() -> dict[str, str]:
    """Commit, and the uncommitted difference against it; empty where the project is not the top of a git checkout of its own.

    In a folder of another repository git answers for that one, whose commit says nothing of this code, and whose files are not ours to copy.
    """
    commit = _git("rev-parse", "HEAD").decode().strip() if _has_own_repository() else ""
    return {"commit": commit, "diff": _git("diff", "--no-color", "--no-ext-diff", "HEAD").decode(errors="replace")} if commit else {}


def _has_own_repository() -> bool:
    """Also for a linked worktree and a submodule."""
    top = os.fsdecode(_git("rev-parse", "--show-toplevel").removesuffix(b"\n"))
    return bool(top) and Path(top).is_dir() and Path(top).samefile(ROOT)


def _git(*arguments: str) -> bytes:
    """Variables such as GIT_DIR, which are set within a hook of another repository, are not passed on."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    try:
        done = subprocess.run(["git", "-C", str(ROOT), *arguments], env=environment, capture_output=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return b""
    return done.stdout if done.returncode == 0 else b""


def dvc_hashes() -> dict[str, str]:
    """DVC's hash of the raw snapshot and of each stage output, as its lock files record them."""
    found: dict[str, str] = {}
    snapshot = _yaml(ROOT / "data.dvc")
    for out in snapshot.get("outs", []):
        found[str(out.get("path"))] = str(out.get("md5"))
    for stage in _yaml(ROOT / "dvc.lock").get("stages", {}).values():
        for out in stage.get("outs", []):
            found[str(out.get("path"))] = str(out.get("md5"))
    return found


def _yaml(path: Path) -> dict[str, Any]:
    try:
        return yaml.CSafeLoader(path.read_text()).get_single_data() or {}  # yaml.safe_load, in C
    except (OSError, yaml.YAMLError):
        return {}


def machine_facts() -> dict[str, str]:
    model = next(
        (line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")), platform.processor()
    )
    return {"cpu": model, "cores": str(os.cpu_count()), "platform": platform.platform(), "python": platform.python_version()}


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text().splitlines()
    except OSError:
        return []


def installed_packages() -> str:
    """One `name==version` a line, sorted. Of each package's description two lines are read: to parse them all takes 0.3 s."""
    found = (each.read_text("METADATA") or "" for each in distributions(path=[sysconfig.get_path("purelib")]))
    heads = (dict(re.findall(r"^(Name|Version): *(\S+)", text.partition("\n\n")[0], re.MULTILINE)) for text in found)
    names = {f"{head['Name']}=={head['Version']}" for head in heads if len(head) == 2}
    return "\n".join(sorted(names, key=str.lower)) + "\n"


def source_archive() -> bytes:
    """The source as it is on disk, committed or not, as a .tar.gz whose bytes depend on the files alone."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for path in sorted(_archived_files(), key=lambda found: found.relative_to(ROOT).as_posix()):
            entry = tarfile.TarInfo(path.relative_to(ROOT).as_posix())
            data = path.read_bytes()
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return gzip.compress(raw.getvalue(), mtime=0)


def _archived_files() -> list[Path]:
    """Below src/ and conf/ each file but compiled and hidden ones: modules also read templates that lie beside them."""
    found: list[Path] = []
    for name in ARCHIVED:
        path = ROOT / name
        if path.is_file():
            found.append(path)
        elif path.is_dir():
            found += [each for each in path.rglob("*") if each.is_file() and not _is_left_out(each.relative_to(path))]
    return found


def _is_left_out(path: Path) -> bool:
    return any(part == "__pycache__" or part.startswith(".") for part in path.parts)
