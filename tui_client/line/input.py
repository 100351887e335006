"""What happens to a client in line mode, as one queue: bytes from standard input, signals, and news from the link.

The reading thread owns standard input. It reads one piece and waits until more is wanted, so that a pipe of any length costs one
piece of memory and its writer waits. A read can't be interrupted: the thread is a daemon and may be left behind in it.
"""

import os
import select
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Final

from msgspec import Struct

_PIECE_BYTES: Final = 64 * 1024
"""What a pipe holds on Linux."""


class Woken(Struct, frozen=True):
    """The link has something to tell."""


class Read(Struct, frozen=True):
    """Bytes that came in; none of them: nothing more comes."""

    data: bytes


class Signalled(Struct, frozen=True):
    """The system, or whoever pressed Ctrl+C, wants something."""

    number: int


Happening = Woken | Read | Signalled
Inbox = SimpleQueue[Happening]
"""May be put into from any thread and from a signal handler."""


class InputReader:
    """Reads `descriptor` piece by piece, each when `want_more` was called for it."""

    def __init__(self, descriptor: int, put: Callable[[Read], None]) -> None:
        self._descriptor = descriptor
        self._put = put
        self._wanted = threading.Semaphore(0)
        self._thread = threading.Thread(target=self._run, name="input", daemon=True)

    def want_more(self) -> None:
        """Let one more piece be read."""
        if self._thread.ident is None:
            self._thread.start()
        self._wanted.release()

    def _run(self) -> None:
        data = b"-"
        while data:
            self._wanted.acquire()
            data = _read(self._descriptor)
            self._put(Read(data))


def _read(descriptor: int) -> bytes:
    """The next piece; nothing at the end, and when the terminal is gone."""
    while True:
        try:
            return os.read(descriptor, _PIECE_BYTES)
        except BlockingIOError:  # somebody who shares the terminal has made it non-blocking
            select.select([descriptor], [], [])
        except OSError:
            return b""
