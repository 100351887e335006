"""Which rows of a long column each entry takes. Pure bookkeeping: no drawing, no widget.

Rows and entries carry absolute numbers, and neither trimming the head nor putting older entries before it changes them:
both are cheap, and what remembers an entry (a selection, a painted row) remembers it for good.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple

from tui_client.entry import Entry
from tui_client.widgets.setting import Setting


class Place(NamedTuple):
    """A row of an entry: the entry's absolute number, and which of its rows, from 0."""

    entry: int
    row: int


class Rows:
    """Entries in order, how each is set, and the rows they take: `count_rows` says how many, by an entry's number."""

    def __init__(self, count_rows: Callable[[int], int], first: int = 0) -> None:
        self._count_rows = count_rows
        self._entries: list[Entry] = []
        self._settings: list[Setting] = []
        self._ends: list[int] = []
        """For each entry the absolute row just below it; bisect finds an entry by its row, and none that takes no row."""
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

    def setting(self, number: int) -> Setting:
        return self._settings[number - self._first]

    def put(self, number: int, entry: Entry) -> None:
        """Have another entry in place of one that takes as many rows."""
        self._entries[number - self._first] = entry

    def top_of(self, number: int) -> int:
        """The absolute row where entry `number` begins; for the number just after the last, the row below all."""
        index = number - self._first
        return self._ends[index - 1] if index else self._top

    def place_of(self, row: int) -> Place:
        """What stands in an absolute row between `top` and `bottom`."""
        index = bisect_right(self._ends, row)
        return Place(self._first + index, row - (self._ends[index - 1] if index else self._top))

    def append(self, entries: Sequence[Entry], settings: Sequence[Setting]) -> None:
        begin = self.end
        self._entries.extend(entries)
        self._settings.extend(settings)
        self.count_from(begin)

    def prepend(self, entries: Sequence[Entry], settings: Sequence[Setting], recounted: int = 0) -> None:
        """Put `entries` before the first one; the numbers of what is there already stay, and all rows but those of the first
        `recounted` entries of it, which are counted anew.
        """
        count = len(entries)
        bottom = self._ends[recounted - 1] if recounted else self._top
        self._first -= count
        self._entries[:0] = entries
        self._settings[:0] = settings
        self._ends[:0] = [bottom] * count
        self._count_up(count + recounted, bottom)

    def trim(self, count: int) -> None:
        """Forget the first `count` entries."""
        if count > 0:
            self._top = self._ends[count - 1]
            del self._ends[:count], self._entries[:count], self._settings[:count]
            self._first += count

    def trim_end(self, count: int) -> None:
        """Forget the last `count` entries."""
        if count > 0:
            del self._ends[-count:], self._entries[-count:], self._settings[-count:]

    def clear(self) -> None:
        """Forget everything; numbers go on from where they were, so that no old place comes to mean a new entry."""
        self._top = self.bottom
        self._first += len(self._entries)
        self._ends.clear()
        self._entries.clear()
        self._settings.clear()

    def set(self, number: int, setting: Setting) -> None:
        """Set an entry differently; its rows are to be counted anew then."""
        self._settings[number - self._first] = setting

    def recount(self) -> None:
        """Count all rows anew, because the width has changed: entries keep their numbers, rows don't."""
        self.count_from(self._first)

    def recount_first(self, count: int) -> None:
        """Count the rows of the first `count` entries anew: what lies below them stays where it is."""
        if count:
            self._count_up(count, self._ends[count - 1])

    def _count_up(self, count: int, bottom: int) -> None:
        """Count the rows of the first `count` entries, the last of which ends at the absolute row `bottom`."""
        for index in reversed(range(count)):
            self._ends[index] = bottom
            bottom -= self._count_rows(self._first + index)
        self._top = bottom

    def recount_some(self, numbers: Iterable[int]) -> None:
        """Count the rows of a few entries anew, wherever they are."""
        counts = [end - top for top, end in pairwise((self._top, *self._ends))]
        for number in numbers:
            counts[number - self._first] = self._count_rows(number)
        self._ends = list(accumulate(counts, initial=self._top))[1:]

    def count_from(self, number: int) -> None:
        """Count the rows of entry `number` and of all below it anew."""
        row = self.top_of(number)
        del self._ends[number - self._first :]
        for later in range(number, self.end):
            row += self._count_rows(later)
            self._ends.append(row)
