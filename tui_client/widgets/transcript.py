"""All that a message log shows, as one column of rows: settled entries above, one's own pending ones below. No widget.

A view row counts from 0 at the top of the oldest settled entry, as scrolling does. Entries go by the numbers of `rows`.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from msgspec.structs import replace
from rich.style import Style
from textual.geometry import Offset
from textual.selection import Selection
from textual.strip import Strip

from tui_client.entry import Entry, State
from tui_client.links import find_links, url_of
from tui_client.widgets.column import Column
from tui_client.widgets.painter import Painter
from tui_client.widgets.painting import body
from tui_client.widgets.rows import Place
from tui_client.widgets.setting import Setting
from tui_client.wrapping import Span

FIRST_PENDING = 1 << 40
"""Where the numbers of pending entries begin: behind every settled one, however long the program runs."""


class Anchor(NamedTuple):
    """What stands in a row, so that it can be found again when rows have come and gone."""

    entry: int
    character: int
    """The first one of its body in that row."""
    rows_above_text: int
    """How far above the text the row lies, among the dividers."""


class Transcript:
    """Entries laid out by a painter, which is changed with the width."""

    def __init__(self, painter: Painter) -> None:
        self._painter = painter
        self._settled = Column(painter.measure, painter.local_time)
        self._pending = Column(painter.measure, painter.local_time, FIRST_PENDING)
        self._settled_as: dict[int, int] = {}
        """The numbers of settled entries that are still among the pending ones, by their ids."""

    # --- what is held -------------------------------------------------------------------------------------------------

    @property
    def height(self) -> int:
        return self._settled.rows.height + self._pending.rows.height

    @property
    def settled(self) -> Sequence[Entry]:
        return self._settled.rows.entries

    @property
    def pending(self) -> Sequence[Entry]:
        return self._pending.rows.entries

    @property
    def end(self) -> int:
        """The number of the next settled entry."""
        return self._settled.rows.end

    def holds(self, number: int) -> bool:
        """Whether settled entry `number` is still here."""
        return self._settled.rows.first <= number < self._settled.rows.end

    def extend(self, entries: Sequence[Entry], first_unread: int | None = None) -> None:
        """Append settled entries; the one with the index `first_unread` is the first that nobody has read."""
        self._note_settled(entries, self.end)
        self._settled.extend(entries, first_unread)
        self._set_pending_below()

    def prepend(self, entries: Sequence[Entry]) -> None:
        self._settled.prepend(entries)
        self._note_settled(entries, self._settled.rows.first)

    def set_pending(self, entries: Sequence[Entry]) -> Mapping[int, int]:
        """Hold other pending entries; says which numbers, of pending ones until now, have become which."""
        before = {entry.id: number for number, entry in self._numbered_pending()}
        self._pending.replace(entries, self._settled)
        now = {entry.id: number for number, entry in self._numbered_pending()} | self._settled_as
        self._settled_as = {}
        return {number: now[name] for name, number in before.items() if name in now}

    def mark_lost(self, after_seq: int) -> None:
        """Whatever was said behind event `after_seq` stands in the room's log no more."""
        rows = self._settled.rows
        for number, entry in enumerate(rows.entries, rows.first):
            if entry.is_spoken and entry.seq > after_seq:
                rows.put(number, replace(entry, state=State.LOST))

    def trim(self, count: int) -> None:
        """Forget the oldest `count` settled entries."""
        self._settled.trim(count)

    def trim_end(self, count: int) -> None:
        """Forget the newest `count` settled entries."""
        self._settled.trim_end(count)
        self._set_pending_below()

    def clear(self) -> None:
        self._settled.clear()
        self._pending.clear()
        self._settled_as = {}

    def _numbered_pending(self) -> Iterator[tuple[int, Entry]]:
        return iter(enumerate(self.pending, self._pending.rows.first))

    def _note_settled(self, entries: Sequence[Entry], first: int) -> None:
        waiting = {entry.id for entry in self.pending}
        if waiting:
            self._settled_as |= {entry.id: number for number, entry in enumerate(entries, first) if entry.id in waiting}

    def _set_pending_below(self) -> None:
        if self.pending:
            self._pending.follow(self._settled)

    # --- how it is shown ----------------------------------------------------------------------------------------------

    def paint_by(self, painter: Painter) -> None:
        """Have everything drawn by another painter, and laid out anew if that one measures differently."""
        has_other_width = painter.measure != self._painter.measure
        self._painter = painter
        if has_other_width:
            self._settled.measure_by(painter.measure)
            self._pending.measure_by(painter.measure)

    def unfold(self, *, is_unfolded: bool) -> None:
        """Show comings and goings one by one, or folded."""
        self._settled.unfold(is_unfolded=is_unfolded)

    def open_run(self, number: int) -> None:
        """Show a run of comings and goings one by one, or folded again."""
        self._settled.open_run(number)

    def part_reading(self, number: int, *, is_unread: bool) -> None:
        """Put the divider that says where reading stopped above an entry, or take it away."""
        self._settled.part_reading(number, is_unread=is_unread)

    def setting(self, number: int) -> Setting:
        return self._part(number).rows.setting(number)

    def shown(self, number: int) -> Entry:
        """An entry in the words that are shown."""
        return self._part(number).shown(number)

    def paint(
        self,
        number: int,
        *,
        is_current: bool = False,
        selection: Selection | None = None,
        selection_style: Style | None = None,
    ) -> list[Strip]:
        """The rows of an entry, what is selected of it in the given style."""
        entry = self.shown(number)
        return self._painter.paint(
            entry,
            self.setting(number),
            is_current=is_current,
            selected=_selected(entry, number, selection),
            selection_style=selection_style,
        )

    # --- what stands where --------------------------------------------------------------------------------------------

    def place_of(self, view_row: int) -> Place | None:
        """What stands in `view_row`, or nothing if that lies outside."""
        if not 0 <= view_row < self.height:
            return None
        settled, pending = self._settled.rows, self._pending.rows
        below_settled = view_row - settled.height
        if below_settled < 0:
            return settled.place_of(settled.top + view_row)
        return pending.place_of(pending.top + below_settled)

    def anchor(self, view_row: int) -> Anchor | None:
        place = self.place_of(view_row)
        if place is None:
            return None
        row = place.row - self.setting(place.entry).dividers
        if row < 0:
            return Anchor(place.entry, 0, -row)
        return Anchor(place.entry, self._spans(place.entry)[row].start, 0)

    def row_of(self, anchor: Anchor) -> int:
        """The view row in which `anchor` is now, or in which what has become of it is."""
        number = self._part(anchor.entry).teller_of(anchor.entry)
        text = self._top_of(number) + self.setting(number).dividers
        if anchor.rows_above_text:
            return max(self._top_of(number), text - anchor.rows_above_text)
        character = anchor.character if number == anchor.entry else 0
        return text + self._painter.measure.row_of(self.shown(number), character)

    def rows_of(self, number: int) -> range:
        """The view rows of the text of an entry, or of the entry that tells of it."""
        number = self._part(number).teller_of(number)
        first = self._top_of(number) + self.setting(number).dividers
        return range(first, first + len(self._spans(number)))

    def number_of(self, seq: int) -> int | None:
        """The settled entry that is event `seq` of the room's log, if it is here."""
        entries, first = self.settled, self._settled.rows.first
        return next((first + index for index, entry in enumerate(entries) if entry.seq == seq), None)

    def cluster_at(self, view_row: int, column: int) -> tuple[Offset, Offset] | None:
        """Where the grapheme cluster in a row under a column begins and ends, as (character, entry)."""
        place = self.place_of(view_row)
        if place is None:
            return None
        row = place.row - self.setting(place.entry).dividers
        span = self._painter.measure.character_span(self.shown(place.entry), row, column) if row >= 0 else Span(0, 0)
        return Offset(span.start, place.entry), Offset(span.end, place.entry)

    def words_at(self, view_row: int) -> tuple[Offset, Offset] | None:
        """Where the text of the entry in a row, without its label, begins and ends, as (character, entry)."""
        place = self.place_of(view_row)
        if place is None or place.row < self.setting(place.entry).dividers:
            return None
        entry = self.shown(place.entry)
        return Offset(len(entry.label), place.entry), Offset(len(body(entry)), place.entry)

    def link_at(self, view_row: int, column: int) -> str | None:
        """The URL in a row under a column."""
        cluster = self.cluster_at(view_row, column)
        if cluster is None or cluster[0] == cluster[1]:
            return None
        entry = self.shown(cluster[0].y)
        text, character = body(entry)[len(entry.label) :], cluster[0].x - len(entry.label)
        return next((url_of(text[start:end]) for start, end in find_links(text) if start <= character < end), None)

    def is_failed(self, view_row: int) -> bool:
        """Whether a row belongs to an own message that can't be sent, or says why it can't."""
        place = self.place_of(view_row)
        if place is None or place.entry < FIRST_PENDING:
            return False
        entry = self.shown(place.entry)
        return entry.state is State.FAILED or not entry.is_spoken

    def run_at(self, view_row: int) -> int | None:
        """An entry of the comings and goings that are, or could be, told by what stands in a row."""
        place = self.place_of(view_row)
        if place is None or place.entry >= FIRST_PENDING or place.row < self.setting(place.entry).dividers:
            return None
        return place.entry if self._settled.is_run(place.entry) else None

    def selected_text(self, selection: Selection) -> str | None:
        """Labels and words that are selected, each entry on a line of its own; nothing if all of them are gone."""
        first = selection.start.y if selection.start else self._settled.rows.first
        last = selection.end.y if selection.end else self._pending.rows.end
        parts = []
        for number, entry in (*self._settled.numbered(first, last), *self._pending.numbered(first, last)):
            span = _selected(entry, number, selection)
            if span is not None and span.start < span.end:
                parts.append(body(entry)[span.start : span.end])
        return "\n".join(parts) if parts else None

    def _spans(self, number: int) -> list[Span]:
        return self._painter.measure.spans(self.shown(number))

    def _top_of(self, number: int) -> int:
        rows = self._part(number).rows
        above = self._settled.rows.height if number >= FIRST_PENDING else 0
        return above + rows.top_of(number) - rows.top

    def _part(self, number: int) -> Column:
        return self._pending if number >= FIRST_PENDING else self._settled


def _selected(entry: Entry, number: int, selection: Selection | None) -> Span | None:
    """The selected characters of an entry's body, if any."""
    columns = None if selection is None else selection.get_span(number)
    if columns is None:
        return None
    start, end = columns
    length = len(body(entry))
    return Span(min(start, length), length if end == -1 else min(end, length))  # -1: up to the end
