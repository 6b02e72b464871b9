"""The child process that runs the HTML libraries: `python -m assay.data.html.child FD`, started by process.py.

A page lies at the start of the shared memory FD; its request comes from standard input, its answer goes to standard output,
and its title and text take the page's place in the memory. Imports nothing of the project's that costs time: it starts in 20 ms.
"""

import mmap
import os
import resource
import signal
import struct
import sys
from collections.abc import Callable
from contextlib import suppress

from assay.data.html.extraction import ParserLimitError, all_text, html_of_xhtml, resiliparse_text, trafilatura_text

MEMORY_BYTES = 16 * 2**20
"""The largest page, and the largest title and text together."""
ADDRESS_SPACE_BYTES = 2 * 2**30
REQUEST = struct.Struct("<BBId")
"""Number of the extractor, 1 for XHTML, bytes of the page, CPU seconds it may take."""
ANSWER = struct.Struct("<BII")
"""Status, bytes of the title, bytes of the text."""
READ, NOT_UTF8, TOO_DEEP, TOO_LARGE, FAILED = range(5)
EXTRACTORS: dict[str, Callable[[str], tuple[str, str]]] = {
    "resiliparse": resiliparse_text,
    "trafilatura": trafilatura_text,
    "all_text": all_text,
}


def main(memory: mmap.mmap) -> None:
    """Answer requests until standard input ends, as it does when the parent process ends in whatever way."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent
    signal.signal(signal.SIGPROF, signal.SIG_DFL)  # kills the process, also within native code
    with suppress(ValueError, OSError):  # not every system can limit it
        resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE_BYTES, ADDRESS_SPACE_BYTES))
    extractors, page = list(EXTRACTORS.values()), memoryview(memory)
    while request := os.read(0, REQUEST.size):
        number, is_xhtml, size, cpu_seconds = REQUEST.unpack(request)
        signal.setitimer(signal.ITIMER_PROF, cpu_seconds)
        status, title, text = _answer(extractors[number], page[:size], bool(is_xhtml))
        memory[: len(title)] = title
        memory[len(title) : len(title) + len(text)] = text
        os.write(1, ANSWER.pack(status, len(title), len(text)))


def _answer(extract: Callable[[str], tuple[str, str]], page: memoryview, is_xhtml: bool) -> tuple[int, bytes, bytes]:
    try:
        characters = str(page, "utf-8")
    except UnicodeDecodeError:
        return NOT_UTF8, b"", b""
    try:
        title, text = (part.encode() for part in extract(html_of_xhtml(characters) if is_xhtml else characters))
    except ParserLimitError:
        return TOO_DEEP, b"", b""
    except MemoryError:
        raise  # ends this process: what is left of its memory may depend on the pages before
    except Exception:  # of a library, on a page that it can't read
        return FAILED, b"", b""
    return (READ, title, text) if len(title) + len(text) <= MEMORY_BYTES else (TOO_LARGE, b"", b"")


if __name__ == "__main__":
    main(mmap.mmap(int(sys.argv[1]), MEMORY_BYTES))
