"""How a transcript comes onto the screen, and how its reader looks at it: unfolded, searched, selected. Runs on the UI thread.

What is in it, and whether it has been read, is up to who inherits this.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.cache import LRUCache
from textual.geometry import Offset, clamp
from textual.selection import Selection
from textual.strip import Strip

from tui_client.entry import Entry
from tui_client.widgets.following import FollowingView
from tui_client.widgets.local_time import LocalTime
from tui_client.widgets.measuring import Measure
from tui_client.widgets.painter import Painter
from tui_client.widgets.painting import COMPONENTS, PLACEHOLDER
from tui_client.widgets.setting import Setting
from tui_client.widgets.transcript import Transcript
from tui_client.wrapping import cut, wrap

PAINTED_ENTRIES = 256
"""Entries whose rows are kept drawn: more than any terminal shows. A row takes some 3 KB, most of it what Textual remembers of a strip."""

_rows_of = lru_cache(maxsize=8)(wrap)
"""Of a placeholder, which is asked for with every line."""


class DrawnView(FollowingView):
    """Draws a transcript, of which each entry is drawn once and kept as long as it looks the same."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {*COMPONENTS}

    def __init__(
        self,
        local_time: LocalTime,
        placeholder: str,
        failed_mark: str,
        pending_mark: str,
        *,
        follow: bool,
        id: str | None = None,  # noqa: A002 -- Textual's name for it
        classes: str | None = None,
    ) -> None:
        super().__init__(follow=follow, id=id, classes=classes)
        self._local_time = local_time
        self._placeholder = placeholder
        self._failed_mark = failed_mark
        self._pending_mark = pending_mark
        self._find: Callable[[str], Iterable[tuple[int, int]]] | None = None
        self._is_unfolded = False
        self._current: int | None = None
        """The number of the entry that is marked, if one is."""
        self._styles: dict[tuple[str, ...], Style] = {}
        self._painted: LRUCache[int, tuple[Entry, Setting, list[Strip]]] = LRUCache(PAINTED_ENTRIES)
        self._transcript = Transcript(self._make_painter())

    @property
    def height_held(self) -> int:
        return self._transcript.height

    def lay_out(self, top: int) -> int:
        anchor = self._transcript.anchor(top)
        self._painted.clear()
        self._transcript.paint_by(self._make_painter())
        return self._transcript.row_of(anchor) if anchor else 0

    # --- drawing ------------------------------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        columns = self.scrollable_content_region.width
        place = self._transcript.place_of(self.scroll_offset.y + y)
        if place is not None:
            strip = self._strips(place.entry)[place.row]
        elif self._transcript.height == 0:
            strip = self._placeholder_line(y)
        else:
            strip = Strip.blank(columns, self._style_of())
        # A frame may be drawn between a change of size and the event that tells of it.
        return strip.adjust_cell_length(columns, self._style_of())

    def _strips(self, number: int) -> list[Strip]:
        """The drawn rows of an entry."""
        is_current = number == self._current
        selection = self.text_selection
        if selection is not None and selection.get_span(number) is not None:
            # Only the background: the names keep their colours.
            # Without colours there is nothing but reversing to show it by.
            background = self.screen.get_component_rich_style("screen--selection").bgcolor
            style = Style(bgcolor=background, reverse=self.app.no_color or None)
            return self._transcript.paint(number, is_current=is_current, selection=selection, selection_style=style)
        entry, setting = self._transcript.shown(number), self._transcript.setting(number)
        painted = self._painted.get(number)
        if painted is None or painted[0] is not entry or painted[1] is not setting:
            painted = (entry, setting, self._transcript.paint(number, is_current=is_current))
            self._painted[number] = painted
        return painted[2]

    def _placeholder_line(self, y: int) -> Strip:
        """A line of the placeholder, which stands in the middle of the widget."""
        columns, rows = self.scrollable_content_region.size
        spans = _rows_of(self._placeholder, max(1, columns))
        index = y - (rows - len(spans)) // 2
        if not 0 <= index < len(spans):
            return Strip.blank(columns, self._style_of())
        line = cut(self._placeholder[spans[index].start : spans[index].end].strip(), columns)
        left = (columns - cell_len(line)) // 2
        return Strip([Segment(" " * left, self._style_of()), Segment(line, self._style_of(PLACEHOLDER))])

    def _make_painter(self) -> Painter:
        return Painter(
            Measure(self._columns), self._style_of, self._local_time, self._failed_mark, self._pending_mark, self._find
        )

    def _style_of(self, *components: str) -> Style:
        """The style of component classes laid over the widget's own; Textual takes longer to find it than to draw."""
        style = self._styles.get(components)
        if style is None:
            style = self._styles[components] = self.get_visual_style(*components).rich_style
        return style

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._styles.clear()
        self._painted.clear()

    # --- how it is shown ----------------------------------------------------------------------------------------------

    @property
    def unfolded(self) -> bool:
        """Whether comings and goings are shown one by one, each with its time."""
        return self._is_unfolded

    @unfolded.setter
    def unfolded(self, is_unfolded: bool) -> None:
        self._is_unfolded = is_unfolded
        with self.keeping_place():
            self._transcript.unfold(is_unfolded=is_unfolded)

    def set_highlight(self, find: Callable[[str], Iterable[tuple[int, int]]] | None) -> None:
        """Mark what `find` finds in each label and each text, by its characters; or nothing any more."""
        self._find = find
        self._transcript.paint_by(self._make_painter())
        self._painted.clear()
        self.refresh()

    def scroll_to_seq(self, seq: int) -> bool:
        """Mark event `seq` of the room's log, bring it into the middle, and say whether it is here."""
        number = self._transcript.number_of(seq)
        self.mark_current(number)
        self._scroll_to_current()
        return number is not None

    def _scroll_to_current(self) -> None:
        if self._current is not None and self._columns:
            self.show_in_middle(self._transcript.rows_of(self._current))

    def on_resize(self) -> None:
        is_first = not self._columns
        super().on_resize()
        if is_first:
            self._scroll_to_current()

    def mark_current(self, number: int | None) -> None:
        """Mark an entry, and no other."""
        for changed in (self._current, number):
            if changed is not None:
                self._painted.discard(changed)
        self._current = number
        self.refresh()

    def open_run(self, row: int) -> None:
        """Show the comings and goings told in a view row one by one, or folded again."""
        if not self._is_unfolded and (number := self._transcript.run_at(row)) is not None:
            with self.keeping_place():
                self._transcript.open_run(number)

    @contextmanager
    def keeping_place(self) -> Iterator[None]:
        """While rows come and go anywhere: what stands in the first row of the view stays there."""
        top = self.scroll_offset.y
        anchor = self._transcript.anchor(top) if self._columns else None
        yield
        self.place_view(shift=self._transcript.row_of(anchor) - top if anchor else 0)

    # --- selecting ----------------------------------------------------------------------------------------------------

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The selected labels and words, without times and frame, and what to put behind them."""
        text = self._transcript.selected_text(selection)
        return None if text is None else (text, "\n")

    def cluster_at(self, offset: Offset) -> tuple[Offset, Offset] | None:
        return self._transcript.cluster_at(self._view_row(offset), offset.x)

    def entry_at(self, offset: Offset) -> tuple[Offset, Offset] | None:
        return self._transcript.words_at(self._view_row(offset))

    def _view_row(self, offset: Offset) -> int:
        """The row of the transcript at an offset in the content, or the one nearest to it."""
        visible_row = clamp(offset.y, 0, max(0, self.scrollable_content_region.height - 1))
        return min(self.scroll_offset.y + visible_row, self._transcript.height - 1)
