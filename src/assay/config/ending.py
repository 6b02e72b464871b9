"""The end of every program: one message and its exit code. Imported first, so that this holds while libraries are still loaded."""

import errno
import os
import sys
from collections.abc import Callable
from types import TracebackType

from assay.errors import AssayError, MachineError
from assay.output import print_to_nobody, reader_left

NO_ROOM = "Make room, then type the same command again."
NO_RIGHT = "See whose it is with ls -ld, let yourself in with chmod u+rwX, then type the same command again."
HINTS = {
    errno.ENOSPC: NO_ROOM,
    errno.EDQUOT: NO_ROOM,
    errno.EFBIG: NO_ROOM,
    errno.EROFS: "Choose a place that can be written, then type the same command again.",
    errno.EACCES: NO_RIGHT,
    errno.EPERM: NO_RIGHT,
    errno.ENAMETOOLONG: "Choose a shorter name.",
    errno.EMFILE: "Allow more open files with ulimit -n 4096, then type the same command again.",
    errno.EIO: "Look at the disk, then type the same command again.",
    errno.ESTALE: "Look at the disk, then type the same command again.",
}
"""Advice for errors of the machine, by errno. Any other is a bug until it is known better, and keeps its traceback."""
INTERRUPTED, READER_LEFT = 130, 141


def in_utf8() -> None:
    """Start again in Python's UTF-8 mode where the locale has another encoding.

    Else the names of files and the words of the command line would be read as other characters: the same texts cleaned to other
    bytes, and a model given another prompt, without a word.
    """
    if sys.getfilesystemencoding() != "utf-8" and os.environ.get("PYTHONUTF8") != "1":
        os.environ["PYTHONUTF8"] = "1"
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])


def ended(start: Callable[[], int | None]) -> int:
    """Run the program; its exit code. Faults a user can act on become one message; any other error keeps its traceback."""
    try:
        code = start() or 0
        sys.stdout.flush()
        return code
    except AssayError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    except OSError as error:
        return _of_the_machine(error)
    except KeyboardInterrupt:
        _say_interrupted()
        return INTERRUPTED


def _of_the_machine(error: OSError) -> int:
    if isinstance(error, BrokenPipeError) and reader_left():
        print_to_nobody()
        return READER_LEFT
    hint = HINTS.get(error.errno or 0)
    if hint is None:
        raise error
    place = f"{error.filename}: " if error.filename else ""
    print(f"error: {place}{error.strerror}.\n  {hint}", file=sys.stderr)
    return MachineError.exit_code


def _say_interrupted() -> None:
    print("stopped: interrupted from the keyboard", file=sys.stderr)


def _told(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        _say_interrupted()
    else:
        sys.__excepthook__(kind, error, trace)


sys.excepthook = _told
