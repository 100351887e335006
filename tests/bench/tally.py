"""Whether everything that was said has been shown: the speakers number what they say, and the client looks at the numbers.

Besides, what a client shows in the end, and how long its screen stood still on the way.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from tests.bench.heartbeat import Block

TALLY = "tally.json"
"""The file in which a client leaves its tally."""

BEATING = "beating"
"""What asks a client to note how long its screen stood still; that costs a little."""

_numbered = re.compile(r" #(\d+)$").search


@dataclass(slots=True)
class Tally:
    """The number of each speaker's last message, and how often one was not the next; then what was on the screen at last."""

    last: dict[str, int] = field(default_factory=dict)
    jumps: int = 0
    members: Sequence[str] = ()
    rows: Sequence[str] = ()
    """What the log of the room shows, a row for many comings that are folded."""
    blocks: Sequence[Block] = ()

    def take(self, shown: Iterable[tuple[str, str]]) -> None:
        """Look at messages: who said each, and its text."""
        for speaker, text in shown:
            if number := _numbered(text):
                self.jumps += int(number[1]) != self.last.get(speaker, 0) + 1
                self.last[speaker] = int(number[1])

    def missing(self, spoken: Mapping[str, int]) -> int:
        """How much of what was `spoken` was not shown once, in the order in which each speaker said it."""
        return self.jumps + sum(number - self.last.get(nick, 0) for nick, number in spoken.items())
