"""Standard output, whose reader may leave, as `head` does."""

import os
import select
import sys


def reader_left() -> bool:
    """Whether nobody reads standard output any more. Other pipes break too, such as that to a worker which died."""
    poll = select.poll()
    poll.register(sys.stdout.fileno(), 0)
    return any(event & select.POLLERR for _, event in poll.poll(0))


def print_to_nobody() -> None:
    """Discard what is still to be printed: what waits in the buffer is written when Python ends, and would fail there."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
