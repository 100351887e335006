"""When one member may speak: how much, and what must come first. Pure: the time is handed in, in seconds on a clock that never goes back.

A bucket is kept as the moment at which it will be full again (the virtual scheduling of ITU-T I.371, "GCRA"): one number, and nothing to
do while nobody sends.

What is put off (`retry_ms`) must not be overtaken by what its sender had on the way already, or it would stand in another order than
was sent. So a message that was put off is owed: nothing else is taken until it has come again, or until its sender must have
thought better of it.
"""

import math
from dataclasses import dataclass, replace
from typing import Final

from server.config import Sending
from server.protocol import phrases
from server.protocol.errors import Code, Refusal

DEBT_S: Final = 10.0
"""How long a message is owed: longer than anything is on its way."""

_ROUNDING_S: Final = 1e-6
"""Who waited for as long as was said must not be told to wait for a rounding error."""


@dataclass(frozen=True, slots=True)
class _Debt:
    """A message that was put off, how that was said, and until when the others wait for it."""

    cid: str
    code: Code
    text: str
    retry_ms: int
    lapses_at: float


@dataclass(frozen=True, slots=True)
class Pace:
    """One member's buckets, by when they will be full again, and what it owes."""

    messages_at: float = -math.inf
    bytes_at: float = -math.inf
    debt: _Debt | None = None

    def spend(self, size_bytes: int, limits: Sending, now_s: float) -> tuple["Pace", float]:
        """What is left after a message of `size_bytes`, and for how many seconds it must wait: 0 if it may be sent now."""
        messages_at = max(self.messages_at, now_s) + 1 / limits.messages_per_s
        bytes_at = max(self.bytes_at, now_s) + size_bytes / limits.bytes_per_s
        wait_s = max(
            messages_at - now_s - limits.messages / limits.messages_per_s,
            bytes_at - now_s - limits.bytes / limits.bytes_per_s,
        )
        return replace(self, messages_at=messages_at, bytes_at=bytes_at), wait_s if wait_s > _ROUNDING_S else 0.0

    def check_turn(self, cid: str | None, now_s: float) -> None:
        """Raises Refusal if another message has to come first."""
        debt = self.debt
        if debt is not None and debt.cid != cid and now_s < debt.lapses_at:
            raise Refusal(debt.code, debt.text, cid=cid, retry_ms=debt.retry_ms)

    def owing(self, refusal: Refusal, cid: str | None, now_s: float) -> "Pace":
        """The message `cid`, whose turn it was, was put off by `refusal`."""
        if cid is None or refusal.retry_ms is None:
            return self
        return replace(self, debt=_Debt(cid, refusal.code, refusal.text, refusal.retry_ms, now_s + DEBT_S))

    def settled(self, cid: str | None) -> "Pace":
        """The message `cid` has been decided for good."""
        return self if self.debt is None or self.debt.cid != cid else replace(self, debt=None)

    def unburdened(self) -> "Pace":
        """On a new connection nothing is on its way."""
        return self if self.debt is None else replace(self, debt=None)


FRESH: Final = Pace()
"""Of a member that has not sent anything."""


def rate_limited(wait_s: float) -> Refusal:
    """The refusal of a message that came `wait_s` too early."""
    return Refusal(Code.RATE_LIMITED, phrases.RATE_LIMITED, retry_ms=math.ceil(wait_s * 1000))
