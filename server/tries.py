"""How often somebody at one address was wrong of late. Pure: the time is handed in, in seconds, and never goes back.

Of a minute only the wrong answers are kept, and of an address no more than it may have: what is held is bounded, however many guess.
"""

from dataclasses import dataclass, field
from itertools import islice
from typing import Final

MAX_ADDRESSES: Final = 65_536
"""Beyond these the ones are forgotten that were wrong longest ago; whoever has so many addresses needs no second guess from any."""


@dataclass(slots=True)
class Tries:
    """At most `most` wrong answers from one address in any `window_s`. Not locked: see `guards`."""

    most: int = 3
    window_s: float = 60.0
    _wrong_at: dict[str, tuple[float, ...]] = field(default_factory=dict)
    """By whoever is counted by themselves, mostly an address; in the order of the last one."""

    def __len__(self) -> int:
        return len(self._wrong_at)

    def count(self, key: str, now_s: float) -> int:
        """How many wrong answers from there still count."""
        return sum(at_s + self.window_s > now_s for at_s in self._wrong_at.get(key, ()))

    def wait_s(self, key: str, now_s: float) -> float:
        """For how many seconds nobody from there may answer; 0 if they may."""
        if self.count(key, now_s) < self.most:
            return 0.0
        return self._wrong_at[key][-self.most] + self.window_s - now_s

    def note_wrong(self, key: str, now_s: float) -> None:
        """Somebody from there was wrong."""
        before = self._wrong_at.pop(key, ())
        self._wrong_at[key] = (*before, now_s)[-self.most :]
        for oldest in list(
            islice(self._wrong_at, 2)
        ):  # two for each one that comes: it grows only with those of this minute
            if self._wrong_at[oldest][-1] + self.window_s <= now_s or len(self._wrong_at) > MAX_ADDRESSES:
                del self._wrong_at[oldest]
