"""How long a program's event loop was kept from everything else: a beat that should come every few milliseconds, and how late it was.

What a screen's thread does in one go is a stutter when it takes long: no key is answered and nothing is drawn meanwhile.
"""

import asyncio
from collections.abc import Sequence
from typing import NamedTuple

EVERY_S = 0.005
_NOTICED_S = 0.005


class Block(NamedTuple):
    """The loop was busy until `until_s`, on the monotonic clock, for so long."""

    until_s: float
    seconds: float


class Heartbeat:
    """Beats in the running event loop from `start` on."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        """Those that were noticed, in order."""
        self._due_at_s = 0.0

    def start(self) -> None:
        self._beat_later(asyncio.get_running_loop())

    def _beat_later(self, loop: asyncio.AbstractEventLoop) -> None:
        self._due_at_s = loop.time() + EVERY_S
        loop.call_at(self._due_at_s, self._beat, loop)

    def _beat(self, loop: asyncio.AbstractEventLoop) -> None:
        now_s = loop.time()
        if now_s - self._due_at_s > _NOTICED_S:
            self.blocks.append(Block(now_s, now_s - self._due_at_s))
        self._beat_later(loop)


def longest_ms(blocks: Sequence[Block], from_s: float, until_s: float) -> float:
    """The longest of those that touch that time."""
    touching = (block for block in blocks if block.until_s > from_s and block.until_s - block.seconds < until_s)
    return max((block.seconds for block in touching), default=0.0) * 1000
