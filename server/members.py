"""Everybody in a room, as a newcomer is told. What is told are values: whoever keeps one has the room as it was, on any thread.

Each newcomer is told of all others, of ten thousand in half a MB, and nearly always of the same as the one before. So the members sit in
rows, in the order in which they came. Whoever comes, goes or is shown otherwise makes one row anew; all others are as they were, and
so is what they are in JSON: the very bytes that others were sent.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

from server.protocol import jsonlines
from server.protocol.events import Member

ROW: Final = 256
"""Places in a row: fewer would be more pieces to send, more would be more to make anew. So many are encoded in 30 µs."""


class Row:
    """Some places, and what those who sit there are in JSON, once that was asked for."""

    __slots__ = "_encoded", "places"

    def __init__(self, places: Sequence[Member | None]) -> None:
        self.places = tuple(places)
        self._encoded = b""

    @property
    def members(self) -> list[Member]:
        """Who sits there."""
        return [member for member in self.places if member is not None]

    def changed(self, place: int, member: Member | None) -> "Row":
        """The same with `member`, or nobody, at `place`, which is there or the next."""
        return Row((*self.places[:place], member, *self.places[place + 1 :]))

    @property
    def encoded(self) -> bytes:
        """Each with a comma behind. Two threads that ask at once make the same."""
        if not self._encoded:
            self._encoded = jsonlines.encode_members(self.members)
        return self._encoded


@dataclass(frozen=True, slots=True, eq=False)
class Members:
    """The members: so many, in these rows."""

    _rows: tuple[Row, ...]
    _count: int

    @property
    def everybody(self) -> tuple[Member, ...]:
        """All of them, in the order in which they came."""
        return tuple(chain.from_iterable(row.members for row in self._rows))

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Member]:
        return iter(self.everybody)

    def prepare(self) -> None:
        """Encode what is not yet.

        To be done where memory is had again and again: a thread that stays for days leaves a hole of what it needed only once.
        """
        for row in self._rows:
            _ = row.encoded

    def encoded(self) -> Sequence[bytes]:
        """One or more pieces of JSON that together are the inside of an array: one if there are few, however many rows they sit in."""
        pieces = [row.encoded for row in self._rows if row.encoded]
        if pieces:
            pieces[-1] = pieces[-1][:-1]  # nobody comes behind that comma
        return [b"".join(pieces)] if self._count <= ROW else pieces


class Rows:
    """The rows of one room, as they change. Where somebody has left nobody sits until `fill`.

    There are few: to undo, all are kept as they were, since each change noted would keep a row of its own.
    """

    def __init__(self, places: int = ROW) -> None:
        """With so many places in each."""
        self._places = places
        self._rows: list[Row] = []
        self._marked: tuple[Row, ...] = ()

    def members(self, count: int) -> Members:
        """All of them, who are so many."""
        return Members(tuple(self._rows), count)

    def add(self, member: Member) -> int:
        """Behind all others sits `member` now; at which place."""
        if not self._rows or len(self._rows[-1].places) == self._places:
            self._rows.append(Row(()))
        place = (len(self._rows) - 1) * self._places + len(self._rows[-1].places)
        self.show(place, member)
        return place

    def show(self, place: int, member: Member | None) -> None:
        """At `place` sits `member` now, or nobody."""
        number, place_in_row = divmod(place, self._places)
        self._rows[number] = self._rows[number].changed(place_in_row, member)

    def are_worth_filling(self, count: int) -> bool:
        """Whether so many sit in twice as many rows as they need, and some more."""
        return len(self._rows) > 2 * count // self._places + 4

    def fill(self, members: Sequence[Member]) -> None:
        """Let these, all that there are, have the first places. That can't be undone."""
        starts = range(0, len(members), self._places)
        self._rows = [Row(members[start : start + self._places]) for start in starts]
        self.begin()

    # --- undoing ------------------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """What is done from now on may be undone."""
        self._marked = tuple(self._rows)

    def undo(self) -> None:
        """Let everything be as it was at the last `begin`."""
        self._rows = list(self._marked)
