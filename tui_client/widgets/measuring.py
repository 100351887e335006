"""How many rows an entry takes at a certain width, and which characters stand in each. No colours, no widget."""

from bisect import bisect_right

from msgspec import Struct
from rich.cells import cell_len

from tui_client.entry import Entry
from tui_client.widgets.painting import body
from tui_client.wrapping import Span, clusters, wrap

TIME_COLUMNS = 6
"""`HH:MM` and a blank."""

MIN_COLUMNS_WITH_TIME = 30
"""Narrower than this, what was said needs the room more than the time does."""

LABEL_SHARE = 3
"""A label of up to a third of the width has the text aligned behind it; a longer one would squeeze it into a gutter."""

SHORT_INDENT = 2


class Measure(Struct, frozen=True):
    """Lays entries into rows of `columns`; each row has the time, or as much room, on its left."""

    columns: int

    def count_rows(self, entry: Entry) -> int:
        """How many rows an entry takes: one, as long as there is no width yet."""
        if not self.columns:
            return 1
        if len(entry.label) + len(entry.text) <= self._body_columns // 2 and "\n" not in entry.text:
            return 1  # no character is wider than two columns: most of a chat needs no measuring at all
        return len(self.spans(entry))

    def spans(self, entry: Entry) -> list[Span]:
        """What of the entry's `body` each of its rows shows."""
        text = body(entry)
        if "\n" not in text and cell_len(text) <= self._body_columns:
            return [Span(0, len(text))]
        return wrap(text, self._body_columns, self.indent(entry))

    def row_of(self, entry: Entry, character: int) -> int:
        """The row that shows `character` of the entry's `body`."""
        return max(0, bisect_right([span.start for span in self.spans(entry)], character) - 1)

    def character_span(self, entry: Entry, row: int, column: int) -> Span:
        """The grapheme cluster in a row under a column; before and behind the text, the empty span at its edge."""
        shown = self.spans(entry)[row]
        left = self.time_columns + (self.indent(entry) if row else 0)
        if column < left:
            return Span(shown.start, shown.start)
        for cluster in clusters(body(entry)[shown.start : shown.end]):
            left += cluster.columns
            if column < left:
                return Span(shown.start + cluster.start, shown.start + cluster.end)
        return Span(shown.end, shown.end)

    @property
    def time_columns(self) -> int:
        return TIME_COLUMNS if self.columns >= MIN_COLUMNS_WITH_TIME else 0

    @property
    def _body_columns(self) -> int:
        return max(1, self.columns - self.time_columns)

    def indent(self, entry: Entry) -> int:
        """How far all rows but the first are moved in."""
        label_columns = cell_len(entry.label)
        if label_columns * LABEL_SHARE <= self._body_columns:
            return label_columns
        return SHORT_INDENT if self._body_columns >= 4 * SHORT_INDENT else 0
