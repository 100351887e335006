"""What the server's own log is told of those who did not get as far as the room: one line each, and so many a minute.

Whoever knocks at the port all day must not fill a disk with it; what was left out is counted. Any thread may call; nothing is logged
under the lock.
"""

import logging
from threading import Lock
from typing import Final

from server.rate import FULL, Rate

logger = logging.getLogger(__name__)

LINES: Final = Rate(20, 1 / 6)
"""Twenty at once, and ten a minute: about a MiB a day at most."""


class DoorLog:
    """The lines. `reason` is ours, in no part what a peer has sent."""

    def __init__(self, lines: Rate = LINES) -> None:
        self._lines = lines
        self._lock = Lock()
        self._full_at = FULL
        self._left_out = 0

    def note(self, address: str, reason: str, now_s: float) -> None:
        """Somebody at `address` was turned back; `now_s` on a clock that never goes back."""
        with self._lock:
            if self._lines.wait_s(self._full_at, 1, now_s):
                self._left_out += 1
                return
            self._full_at = self._lines.taken(self._full_at, 1, now_s)
            left_out, self._left_out = self._left_out, 0
        more = f" ({left_out:,} lines like this were left out before)" if left_out else ""
        logger.warning("%s is turned back: %s%s", address, reason, more)
