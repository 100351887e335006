"""What the process is told from outside while it serves: to stop, to renew its certificate; and from inside, that it can't go on.

A signal may be taken by any thread, and would not wake a main thread that waits for a lock; so the interpreter writes it into a
socket (docs.python.org/3/library/signal.html#signal.set_wakeup_fd), and what waits is a select. Main thread, but for `on_failure`.

SIGHUP means two things. Sent by whoever renews certificates it means to read them again; sent because the terminal is gone, to stop. They
are told apart by whether there was a terminal that is gone now; who is to outlive it (`nohup`) has SIGHUP ignored from the start.
"""

import os
import select
import signal
import socket
import sys
from enum import Enum, auto
from types import FrameType
from typing import Final

_STOPPING: Final = (signal.SIGINT, signal.SIGTERM)
_FAILED: Final = 0
"""What is written by ourselves; no signal has that number."""


class Wish(Enum):
    """What is to be done now."""

    STOP = auto()
    RENEW = auto()


class Signals:
    """From when it is made, signals are taken and no longer end the process by themselves."""

    def __init__(self) -> None:
        self.has_failed = False
        self._reader, self._writer = socket.socketpair()
        self._reader.setblocking(False)
        self._writer.setblocking(False)
        signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)
        for number in _STOPPING:
            signal.signal(number, _leave_it_to_the_socket)
        self._needs_terminal = False
        """Whether it is the end that there is no terminal any more."""
        if sys.platform != "win32":
            was = signal.signal(signal.SIGHUP, _leave_it_to_the_socket)
            self._needs_terminal = was is not signal.SIG_IGN and _has_terminal()

    def on_failure(self) -> None:
        """Stop because the server can't go on. Any thread may call it."""
        self.has_failed = True
        self._writer.send(bytes([_FAILED]))

    def wait(self, timeout_s: float | None) -> Wish | None:
        """Wait until something is to be done, at most `timeout_s`; None if nothing is."""
        ready, _, _ = select.select([self._reader], [], [], timeout_s)
        if not ready:
            return None
        return self._meaning_of(set(self._reader.recv(4096)))

    def _meaning_of(self, numbers: set[int]) -> Wish | None:
        if numbers & {_FAILED, *_STOPPING}:
            return Wish.STOP
        if sys.platform == "win32" or signal.SIGHUP not in numbers:
            return None
        return Wish.STOP if self._needs_terminal and not _has_terminal() else Wish.RENEW


def _leave_it_to_the_socket(_number: int, _frame: FrameType | None) -> None:
    """Without a handler of our own, the signal would end the process at once."""


def _has_terminal() -> bool:
    """Whether this process has a terminal by which it is controlled; also if none of its files is one."""
    try:
        os.close(os.open("/dev/tty", os.O_RDONLY))
    except OSError:
        return False
    return True
