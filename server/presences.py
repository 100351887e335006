"""Who went away and came back, told to JSON clients besides the log: the newest of it, so that those who lag hear it, too, in its place.

Written by the sequencer's thread, read by whoever serves a client; the lock guards both.
"""

from collections import deque
from collections.abc import Sequence
from itertools import islice
from threading import Lock
from typing import Final

from server.protocol import jsonlines
from server.protocol.events import Presence

KEPT: Final = 4096
"""Whoever lags for longer than that may show somebody as away, or as here, who is not; the log tells who is in the room."""


class Presences:
    """The presences told so far, numbered from 1, encoded."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._lines: deque[bytes] = deque(maxlen=KEPT)
        self._count = 0

    def append(self, presences: Sequence[Presence]) -> None:
        """Tell these next."""
        lines = [jsonlines.encode(one) for one in presences]
        with self._lock:
            self._lines.extend(lines)
            self._count += len(lines)

    def after(self, number: int) -> tuple[bytes, int]:
        """What was told after the presence `number`, as one block, and the number of the last."""
        with self._lock:
            missed = min(self._count - number, len(self._lines))
            return b"".join(islice(self._lines, len(self._lines) - missed, None)) if missed else b"", self._count
