"""Lets DVC work in a project that is no git repository, such as a downloaded archive of the source."""

import subprocess
import sys
from pathlib import Path

from assay.errors import MachineError

SETTING = "core.no_scm"
"""DVC's own: without it, it refuses each command where there is no git repository."""
LOCAL_CONFIG = Path(".dvc/config.local")
"""DVC's settings for this machine, which no repository holds."""


def tell_dvc_about_git(root: Path) -> None:
    """Set core.no_scm where the project has no .git, and take it away again where it has one by now. Raises MachineError where DVC can't."""
    config = root / LOCAL_CONFIG
    is_set = config.is_file() and SETTING.partition(".")[2] in config.read_text(encoding="utf-8", errors="replace")
    has_git = (root / ".git").exists()  # a folder, or the file of a linked worktree or a submodule
    if has_git != is_set or not (root / ".dvc").is_dir():
        return
    words = ["--unset", SETTING] if has_git else [SETTING, "true"]
    done = subprocess.run([sys.executable, "-m", "dvc", "config", "--local", *words], cwd=root, capture_output=True, check=False)
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().partition("\n")[0]
        raise MachineError(
            f"DVC can't write {config}: {said}\n  Without a git repository it needs that setting. Or run: git init, and the same command again"
        )
    print(f"{root} is {'now a' if has_git else 'no'} git repository: DVC is told so in {LOCAL_CONFIG}", flush=True)
