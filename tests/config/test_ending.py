"""How programs end: one message and an exit code for what a user can act on, a traceback for a bug."""

import errno
import os
import subprocess
import sys
from collections.abc import Callable

import pytest

from assay.config import ending
from assay.config.ending import ended
from assay.errors import DataError
from assay.files import ROOT


def raises(error: BaseException) -> Callable[[], int]:
    def start() -> int:
        raise error

    return start


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (DataError("altered\n  Run: make data"), 3, "error: altered\n  Run: make data\n"),
        (PermissionError(errno.EACCES, "Permission denied", "mlruns/.runs.lock"), 5, f"error: mlruns/.runs.lock: Permission denied.\n  {ending.NO_RIGHT}\n"),
        (OSError(errno.ENOSPC, "No space left on device"), 5, f"error: No space left on device.\n  {ending.NO_ROOM}\n"),
        (KeyboardInterrupt(), 130, "stopped: interrupted from the keyboard\n"),
    ],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_what_a_user_can_act_on_is_one_message(error: BaseException, code: int, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert ended(raises(error)) == code
    assert capsys.readouterr().err == said


@pytest.mark.parametrize("error", [ZeroDivisionError("a bug"), FileNotFoundError(errno.ENOENT, "No such file", "x"), BrokenPipeError()])
def test_a_bug_keeps_its_traceback(error: BaseException) -> None:
    """So does a broken pipe that is not standard output: that of a worker which died, for instance."""
    with pytest.raises(type(error)):
        ended(raises(error))


def started(code: str, pipe: str = "") -> subprocess.CompletedProcess[str]:
    command = f'"$0" -c "$1" {pipe}'
    program = f"import sys; sys.path.insert(0, {str(ROOT / 'src')!r}); {code}"
    return subprocess.run(["bash", "-c", command, sys.executable, program], capture_output=True, text=True, timeout=60, check=False)


def test_a_reader_who_leaves_ends_the_program_without_a_word() -> None:
    done = started(
        "from assay.config.ending import ended; sys.exit(ended(lambda: [print(1, flush=True) for _ in iter(int, 1)]))", "| head -1"
    )
    assert (done.stdout, done.stderr) == ("1\n", "")


def test_a_reader_who_leaves_while_facts_are_listed_sees_no_traceback() -> None:
    command = f'"$0" {ROOT / "src/clean.py"} --info | head -1'
    done = subprocess.run(["bash", "-c", command, sys.executable], capture_output=True, text=True, timeout=60, check=False)
    assert "Traceback" not in done.stderr


def test_an_interrupt_while_libraries_are_loaded_is_one_line_too() -> None:
    done = started("import assay.config.ending; raise KeyboardInterrupt")
    assert done.stderr == "stopped: interrupted from the keyboard\n"


@pytest.mark.parametrize("script", ["collect.py", "prune.py"])
def test_a_verb_without_a_config_shows_its_help_too(script: str) -> None:
    done = subprocess.run([sys.executable, ROOT / "src" / script, "--help"], capture_output=True, text=True, timeout=60, check=True)
    assert f"python src/{script}" in done.stdout
    assert done.stderr == ""


def test_a_locale_of_another_encoding_does_not_change_what_words_and_names_are() -> None:
    """Python in its own UTF-8 mode would read them right anyway; it is told not to, as under a locale of Latin-1."""
    code = f"import sys; sys.path.insert(0, {str(ROOT / 'src')!r}); from assay.config.ending import in_utf8; in_utf8(); print(ascii(sys.argv[1]))"
    locale = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = subprocess.run([sys.executable, "-c", code, "\u4f60"], env=os.environ | locale, capture_output=True, timeout=60, check=True)
    assert done.stdout == b"'\\u4f60'\n"
