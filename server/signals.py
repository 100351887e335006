"""What the process is told from outside while it serves: to stop, to renew its certificate; and from inside, that it can't go on.

A signal may be taken by any thread, and would not wake a main thread that waits for a lock; so the interpreter writes it into a
socket (docs.python.org/3/library/signal.html#signal.set_wakeup_fd), and what waits is a poll. Main thread, but for `on_failure`.

SIGHUP means two things: from whoever renews certificates, to read them again; as the terminal goes, to stop. What comes while there is a
terminal, or after we have outlived it, is the first. Who is to outlive it (`nohup`) has SIGHUP ignored from the start.
"""

import logging
import os
import select
import signal
import socket
import sys
from enum import Enum, auto
from types import FrameType
from typing import Final

logger = logging.getLogger(__name__)

HANGUP_S: Final = 1.0
"""Within so long SIGHUP comes with the terminal's going; else, as to what runs in the background of a shell that ends, it doesn't come."""

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
        self._terminal: int | None = None
        """The terminal whose end is ours, if there is one, as long as it is watched."""
        self._ends_with_terminal = False
        if sys.platform != "win32":
            was = signal.signal(signal.SIGHUP, _leave_it_to_the_socket)
            self._terminal = None if was is signal.SIG_IGN else _open_terminal()
            self._ends_with_terminal = self._terminal is not None

    def on_failure(self) -> None:
        """Stop because the server can't go on. Any thread may call it."""
        self.has_failed = True
        self._writer.send(bytes([_FAILED]))

    def wait(self, timeout_s: float | None) -> Wish | None:
        """Wait until something is to be done, at most `timeout_s`; None if nothing is."""
        numbers = self._numbers_within(timeout_s)
        if numbers & {_FAILED, *_STOPPING}:
            return Wish.STOP
        if sys.platform == "win32" or signal.SIGHUP not in numbers:
            return None
        return Wish.STOP if self._ends_with_terminal and not _has_terminal() else Wish.RENEW

    def _numbers_within(self, timeout_s: float | None) -> set[int]:
        """Those of the signals that came; none also when something else has happened."""
        if sys.platform == "win32":
            return set(self._reader.recv(4096)) if select.select([self._reader], [], [], timeout_s)[0] else set()
        poll = select.poll()
        poll.register(self._reader, select.POLLIN)
        if self._terminal is not None:
            poll.register(self._terminal, 0)  # only that it goes
        ready = dict(poll.poll(None if timeout_s is None else timeout_s * 1000))
        if self._terminal in ready:
            return self._outlive_terminal(is_gone=not ready[self._terminal] & select.POLLNVAL)
        return set(self._reader.recv(4096)) if ready else set()

    def _outlive_terminal(self, *, is_gone: bool) -> set[int]:
        """The signals that come with its going, if any do. Some systems can't watch one; then each SIGHUP is looked at by itself."""
        assert self._terminal is not None
        os.close(self._terminal)
        self._terminal = None
        if not is_gone:
            return set()
        numbers = self._numbers_within(HANGUP_S)
        if not numbers:
            self._ends_with_terminal = False
            logger.info("the terminal is gone, and the server goes on")
        return numbers


def _leave_it_to_the_socket(_number: int, _frame: FrameType | None) -> None:
    """Without a handler of our own, the signal would end the process at once."""


def _open_terminal() -> int | None:
    """The terminal by which this process is controlled, also if none of its files is one; None if there is none."""
    try:
        return os.open("/dev/tty", os.O_RDONLY)
    except OSError:
        return None


def _has_terminal() -> bool:
    terminal = _open_terminal()
    if terminal is not None:
        os.close(terminal)
    return terminal is not None
