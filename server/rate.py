"""Buckets: how much may be had at once, and how fast it comes back. The time is handed in, in seconds, and never goes back.

A bucket is kept as the moment at which it will be full again (the virtual scheduling of ITU-T I.371, "GCRA"): one number, nothing to do
while nobody takes anything, and a bucket that is full is like one that never was.
"""

import math
from dataclasses import dataclass
from threading import Lock
from typing import Final

FULL: Final = -math.inf
"""A bucket from which nothing was taken."""

_ROUNDING_S: Final = 1e-6
"""Who waited for as long as was said must not be told to wait for a rounding error."""


@dataclass(frozen=True, slots=True)
class Rate:
    """`burst` at once, and then `per_s` a second."""

    burst: float
    per_s: float

    def taken(self, full_at: float, amount: float, now_s: float) -> float:
        """When the bucket, which would be full at `full_at`, is full again if `amount` is taken now, whether it is there or not."""
        return max(full_at, now_s) + amount / self.per_s

    def left(self, full_at: float, now_s: float) -> float:
        """How much is in the bucket; less than nothing if more was taken than there was."""
        return self.burst - max(0.0, full_at - now_s) * self.per_s

    def wait_s(self, full_at: float, amount: float, now_s: float) -> float:
        """For how many seconds there is less than `amount` in the bucket: 0 if there is as much now."""
        wait_s = (amount - self.left(full_at, now_s)) / self.per_s
        return wait_s if wait_s > _ROUNDING_S else 0.0


class Queue:
    """A bucket that many share: who wants more than is left gets a turn, one after the other. Any thread may call."""

    def __init__(self, rate: Rate) -> None:
        self._rate = rate
        self._full_at = FULL
        self._lock = Lock()

    def turn_in_s(self, amount: float, now_s: float) -> float:
        """In how many seconds it is the turn of whoever wants `amount`; that is taken for them already."""
        with self._lock:
            wait_s = self._rate.wait_s(self._full_at, amount, now_s)
            self._full_at = self._rate.taken(self._full_at, amount, now_s)
        return wait_s

    def give_back(self, amount: float) -> None:
        """Whoever waited for `amount` is gone: who comes next waits so much less."""
        with self._lock:
            self._full_at -= amount / self._rate.per_s
