"""All that a message log shows, as one column of rows: settled entries above, one's own pending ones below. No widget.

A view row counts from 0 at the top of the oldest settled entry, as scrolling does. Entries go by the numbers of `rows`.
"""

from collections.abc import Iterator, Sequence

from rich.style import Style
from textual.geometry import Offset
from textual.selection import Selection
from textual.strip import Strip

from tui_client.entry import Entry
from tui_client.widgets.painting import Painter, body
from tui_client.widgets.rows import Place, Rows
from tui_client.widgets.wrapping import Span

FIRST_PENDING = 1 << 40
"""Where the numbers of pending entries begin: behind every settled one, however long the program runs."""


class Transcript:
    """Entries laid out by a painter, which is changed with the width."""

    def __init__(self, painter: Painter) -> None:
        self._painter = painter
        self._settled = Rows(self._count_rows)
        self._pending = Rows(self._count_rows, FIRST_PENDING)

    def _count_rows(self, entry: Entry) -> int:
        return self._painter.count_rows(entry)

    # --- what is held -------------------------------------------------------------------------------------------------

    @property
    def height(self) -> int:
        return self._settled.height + self._pending.height

    @property
    def settled(self) -> Sequence[Entry]:
        return self._settled.entries

    @property
    def pending(self) -> Sequence[Entry]:
        return self._pending.entries

    def extend(self, entries: Sequence[Entry]) -> None:
        self._settled.append(entries)

    def prepend(self, entries: Sequence[Entry]) -> None:
        self._settled.prepend(entries)

    def set_pending(self, entries: Sequence[Entry]) -> None:
        self._pending.clear()
        self._pending.append(entries)

    def trim(self, count: int) -> None:
        """Forget the oldest `count` settled entries."""
        self._settled.trim(count)

    def clear(self) -> None:
        self._settled.clear()
        self._pending.clear()

    def rewrap(self, painter: Painter, top_view_row: int) -> int:
        """Lay everything out by another painter, and say in which view row the beginning of `top_view_row` is now."""
        place = self.place_of(top_view_row)
        character = 0
        if place is not None:
            character = self._painter.spans(self.entry(place.entry))[place.row].start
        self._painter = painter
        self._settled.recount()
        self._pending.recount()
        if place is None:
            return 0
        return self._view_row_of(place.entry) + painter.row_of(self.entry(place.entry), character)

    # --- what stands where --------------------------------------------------------------------------------------------

    def entry(self, number: int) -> Entry:
        return self._part(number).entry(number)

    def place_of(self, view_row: int) -> Place | None:
        """What stands in `view_row`, or nothing if that lies outside."""
        if not 0 <= view_row < self.height:
            return None
        below_settled = view_row - self._settled.height
        if below_settled < 0:
            return self._settled.place_of(self._settled.top + view_row)
        return self._pending.place_of(self._pending.top + below_settled)

    def paint(
        self, number: int, selection: Selection | None = None, selected_style: Style | None = None
    ) -> list[Strip]:
        """The rows of an entry, what is selected of it in its style."""
        entry = self.entry(number)
        return self._painter.paint(entry, _selected(entry, number, selection), selected_style)

    def cluster_at(self, view_row: int, column: int) -> tuple[Offset, Offset] | None:
        """Where the grapheme cluster in a row under a column begins and ends, as (character, entry)."""
        place = self.place_of(view_row)
        if place is None:
            return None
        span = self._painter.character_span(self.entry(place.entry), place.row, column)
        return Offset(span.start, place.entry), Offset(span.end, place.entry)

    def words_at(self, view_row: int) -> tuple[Offset, Offset] | None:
        """Where the text of the entry in a row, without its label, begins and ends, as (character, entry)."""
        place = self.place_of(view_row)
        if place is None:
            return None
        entry = self.entry(place.entry)
        return Offset(len(entry.label), place.entry), Offset(len(body(entry)), place.entry)

    def selected_text(self, selection: Selection) -> str | None:
        """Labels and words that are selected, each entry on a line of its own; nothing if all of them are gone."""
        first = selection.start.y if selection.start else self._settled.first
        last = selection.end.y if selection.end else self._pending.end
        parts = []
        for number, entry in self._between(first, last):
            if (span := _selected(entry, number, selection)) is not None:
                parts.append(body(entry)[span.start : span.end])
        return "\n".join(parts) if parts else None

    def _between(self, first: int, last: int) -> Iterator[tuple[int, Entry]]:
        """The entries numbered `first` to `last`, both included, that are still here."""
        for part in (self._settled, self._pending):
            for number in range(max(first, part.first), min(last + 1, part.end)):
                yield number, part.entry(number)

    def _view_row_of(self, number: int) -> int:
        if number >= FIRST_PENDING:
            return self._settled.height + self._pending.top_of(number) - self._pending.top
        return self._settled.top_of(number) - self._settled.top

    def _part(self, number: int) -> Rows:
        return self._pending if number >= FIRST_PENDING else self._settled


def _selected(entry: Entry, number: int, selection: Selection | None) -> Span | None:
    """The selected characters of an entry's body, if any."""
    columns = None if selection is None else selection.get_span(number)
    if columns is None:
        return None
    start, end = columns
    length = len(body(entry))
    return Span(min(start, length), length if end == -1 else min(end, length))  # -1: up to the end
