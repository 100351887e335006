"""Which rows of a long column each entry takes. Pure bookkeeping: no drawing, no widget.

Rows and entries carry absolute numbers, and neither trimming the head nor putting older entries before it changes them:
both are cheap, and what remembers an entry (a selection, a painted row) remembers it for good.
"""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import NamedTuple

from tui_client.entry import Entry


class Place(NamedTuple):
    """A row of an entry: the entry's absolute number, and which of its rows, from 0."""

    entry: int
    row: int


class Rows:
    """Entries in order and the rows they take, counted by `count_rows`."""

    def __init__(self, count_rows: Callable[[Entry], int], first: int = 0) -> None:
        self._count_rows = count_rows
        self._entries: list[Entry] = []
        self._ends: list[int] = []
        """For each entry the absolute row just below it; bisect finds an entry by its row."""
        self._top = 0
        self._first = first

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def entries(self) -> Sequence[Entry]:
        return self._entries

    @property
    def first(self) -> int:
        """The absolute number of the first entry."""
        return self._first

    @property
    def end(self) -> int:
        """The absolute number just after the last entry."""
        return self._first + len(self._entries)

    @property
    def top(self) -> int:
        """The absolute row where the first entry begins."""
        return self._top

    @property
    def bottom(self) -> int:
        """The absolute row just below the last entry."""
        return self._ends[-1] if self._ends else self._top

    @property
    def height(self) -> int:
        return self.bottom - self._top

    def entry(self, number: int) -> Entry:
        return self._entries[number - self._first]

    def top_of(self, number: int) -> int:
        """The absolute row where entry `number` begins; for the number just after the last, the row below all."""
        index = number - self._first
        return self._ends[index - 1] if index else self._top

    def place_of(self, row: int) -> Place:
        """What stands in an absolute row between `top` and `bottom`."""
        index = bisect_right(self._ends, row)
        return Place(self._first + index, row - (self._ends[index - 1] if index else self._top))

    def append(self, entries: Sequence[Entry]) -> None:
        row = self.bottom
        for entry in entries:
            row += self._count_rows(entry)
            self._ends.append(row)
        self._entries.extend(entries)

    def prepend(self, entries: Sequence[Entry]) -> None:
        """Put `entries` before the first one; the numbers of what is there already stay."""
        counts = [self._count_rows(entry) for entry in entries]
        row = self._top = self._top - sum(counts)
        ends = []
        for count in counts:
            row += count
            ends.append(row)
        self._ends[:0] = ends
        self._entries[:0] = entries
        self._first -= len(entries)

    def trim(self, count: int) -> None:
        """Forget the first `count` entries."""
        if count > 0:
            self._top = self._ends[count - 1]
            del self._ends[:count], self._entries[:count]
            self._first += count

    def clear(self) -> None:
        """Forget everything; numbers go on from where they were, so that no old place comes to mean a new entry."""
        self._top = self.bottom
        self._first += len(self._entries)
        self._ends.clear()
        self._entries.clear()

    def replace(self, entries: Sequence[Entry]) -> None:
        """Hold `entries` and nothing else."""
        self.clear()
        self.append(entries)

    def recount(self) -> None:
        """Count all rows anew, because the width has changed: entries keep their numbers, rows don't."""
        entries = self._entries
        self._entries, self._ends = [], []
        self.append(entries)
