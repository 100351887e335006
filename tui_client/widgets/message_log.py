"""The message log: entries in order, wrapped, scrolled, selected with the mouse. Runs on the UI thread.

On Textual's line API, since it is the only shape that stays fast: what was said is measured once, and drawn only while
it is on the screen. It shows what it is given, in the order given; what an entry says and whether it is settled, the
timeline decides.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.cache import LRUCache
from textual.geometry import Offset, Size, clamp
from textual.message import Message
from textual.reactive import var
from textual.selection import Selection
from textual.strip import Strip

from tui_client.entry import Entry, Kind
from tui_client.widgets.dragging import DragSelection
from tui_client.widgets.painting import COMPONENTS, Painter
from tui_client.widgets.transcript import Transcript
from tui_client.widgets.wrapping import cut, wrap

WINDOW = 5_000
"""Entries kept while following the newest: 18 MiB, and a resize within 60 ms, measured."""

READING_WINDOWS = 4
"""So many windows are kept while somebody reads further up: nothing goes from under their eyes, and older pages fit."""

PAINTED_ENTRIES = 512
"""Entries whose rows are kept drawn: some screenfuls in both directions."""

PLACEHOLDER = "message-log--placeholder"

_SPOKEN = frozenset({Kind.SAID, Kind.WHISPER_RECEIVED, Kind.WHISPER_SENT})

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NO_TIME = "--:--"


class MessageLog(DragSelection, can_focus=True, inherit_bindings=False):
    """A column of entries that follows the newest, unless its reader has scrolled up."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {*COMPONENTS, PLACEHOLDER}

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "scroll_up", show=False),
        Binding("down", "scroll_down", show=False),
        Binding("pageup", "page_up", show=False),
        Binding("pagedown", "page_down", show=False),
        Binding("home", "scroll_home", show=False),
        Binding("end", "scroll_end", show=False),
    ]

    unread_below: var[int] = var(0)
    """How many messages of others have come in below what the reader sees. Read only."""

    @dataclass
    class UnreadBelow(Message):
        """`count` messages of others wait below what the reader sees."""

        log: "MessageLog"
        count: int

        @property
        def control(self) -> "MessageLog":
            return self.log

    @dataclass
    class TopReached(Message):
        """The reader is at the oldest entry and wants older ones; `prepend` is where they go."""

        log: "MessageLog"

        @property
        def control(self) -> "MessageLog":
            return self.log

    def __init__(
        self,
        *,
        placeholder: str = "",
        failed_mark: str = "!",
        timezone: tzinfo | None = None,
        window: int = WINDOW,
        id: str | None = None,  # noqa: A002 -- Textual's name for it
        classes: str | None = None,
    ) -> None:
        """Make an empty log that keeps about `window` entries.

        `placeholder` is shown while there is nothing; `failed_mark`, at most 5 columns, in place of the time of what
        failed. Times are those of `timezone`, by default the computer's own.
        """
        super().__init__(id=id, classes=classes)
        self._placeholder = placeholder
        self._failed_mark = failed_mark
        self._timezone = timezone
        self._window = window
        self._styles: dict[tuple[str, ...], Style] = {}
        self._painted: LRUCache[int, list[Strip]] = LRUCache(PAINTED_ENTRIES)
        self._columns = 0
        self._transcript = Transcript(self._make_painter())
        self.holds_from = 0
        """Everything from this event of the room's log on is here, as far as it belongs here."""
        self._following = True
        self._placing = False
        """True while this widget itself moves the view, which is no wish of the reader's."""

    # --- what is shown ------------------------------------------------------------------------------------------------

    @property
    def entries(self) -> Sequence[Entry]:
        """Everything held, oldest first, one's own pending entries last."""
        return [*self._transcript.settled, *self._transcript.pending]

    @property
    def is_following(self) -> bool:
        """Whether the newest entry is in view and stays there."""
        return self._following

    def extend(self, entries: Sequence[Entry]) -> None:
        """Append settled entries, in order."""
        if not entries:
            return
        self._transcript.extend(entries)
        self._place_view(shift=-self._trim())
        if not self._following:
            self.unread_below += sum(entry.kind in _SPOKEN and not entry.mine for entry in entries)

    def set_pending(self, entries: Sequence[Entry]) -> None:
        """Show these entries, and no others, as pending below everything that is settled."""
        if list(entries) != self._transcript.pending:
            self._transcript.set_pending(entries)
            self._place_view()

    def prepend(self, entries: Sequence[Entry], first: int, before: int) -> None:
        """Put an older page, which has everything from event `first` up to `before`, above, without moving what the reader sees.

        What is here already is left out, and so is a page that would leave a hole below it: another pane asked for that one.
        """
        if before < self.holds_from:
            return
        height = self._transcript.height
        self._transcript.prepend([entry for entry in entries if entry.seq < self.holds_from])
        self.holds_from = first
        self._place_view(shift=self._transcript.height - height)

    def clear(self) -> None:
        """Show nothing."""
        self._transcript.clear()
        self._following = True
        self.unread_below = 0
        self._place_view()

    def _trim(self) -> int:
        """Forget the oldest entries beyond the window, and say how many rows went with them."""
        surplus = len(self._transcript.settled) - self._window * (1 if self._following else READING_WINDOWS)
        # The head of a list is dear to delete, so that is done a tenth of the window at a time.
        if surplus <= self._window // 10:
            return 0
        height = self._transcript.height
        self._transcript.trim(surplus)
        self.holds_from = next((entry.seq for entry in self._transcript.settled if entry.seq), self.holds_from)
        return height - self._transcript.height

    # --- the view -----------------------------------------------------------------------------------------------------

    def _place_view(self, shift: int = 0) -> None:
        """Follow the newest entry, or keep in view what now lies `shift` rows further down."""
        self.set_class(not (self._transcript.settled or self._transcript.pending), "-empty")
        if not self._columns:
            return  # there is no view before the first layout, which ends up here again
        top = self.scroll_offset.y + shift
        self._placing = True
        try:
            self.virtual_size = Size(self._columns, self._transcript.height)
            self.scroll_to(y=self.max_scroll_y if self._following else top, animate=False, force=True)
        finally:
            self._placing = False
        self.refresh()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        if self._placing:
            return
        self._following = round(new_value) >= self.max_scroll_y
        if self._following:
            self.unread_below = 0
        elif new_value < old_value and round(new_value) == 0:
            self._ask_for_older()

    def watch_unread_below(self, count: int) -> None:
        if self.is_mounted:
            self.post_message(self.UnreadBelow(self, count))

    def _ask_for_older(self) -> None:
        if len(self._transcript.settled) < self._window * READING_WINDOWS:
            self.post_message(self.TopReached(self))

    def on_resize(self) -> None:
        columns = self.scrollable_content_region.width
        if columns == self._columns:
            self._place_view()
            return
        self._columns = columns
        self._painted.clear()
        top = self.scroll_offset.y
        self._place_view(shift=self._transcript.rewrap(self._make_painter(), top) - top)

    # --- moving -------------------------------------------------------------------------------------------------------

    def action_scroll_up(self) -> None:
        self._move(-1)

    def action_scroll_down(self) -> None:
        self._move(1)

    def action_page_up(self) -> None:
        self._move(-self._page_rows)

    def action_page_down(self) -> None:
        self._move(self._page_rows)

    def action_scroll_home(self) -> None:
        self._move(-self._transcript.height)

    def action_scroll_end(self) -> None:
        self._move(self._transcript.height)

    @property
    def _page_rows(self) -> int:
        """One row less than a screenful, so that the eye finds its place again."""
        return max(1, self.scrollable_content_region.height - 1)

    def _move(self, rows: int) -> None:
        """Scroll at once: an animation would run after a place that new entries move away."""
        if rows < 0 and self.scroll_offset.y == 0:
            self._ask_for_older()
        self.scroll_to(y=self.scroll_offset.y + rows, animate=False)

    def on_mouse_scroll_up(self) -> None:
        if self.scroll_offset.y == 0:
            self._ask_for_older()

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
        selection = self.text_selection
        if selection is not None and selection.get_span(number) is not None:
            # Only the background: the names keep their colours.
            style = Style(bgcolor=self.screen.get_component_rich_style("screen--selection").bgcolor)
            return self._transcript.paint(number, selection, style)
        strips = self._painted.get(number)
        if strips is None:
            strips = self._painted[number] = self._transcript.paint(number)
        return strips

    def _placeholder_line(self, y: int) -> Strip:
        """A line of the placeholder, which stands in the middle of the widget."""
        columns, rows = self.scrollable_content_region.size
        spans = wrap(self._placeholder, max(1, columns))
        index = y - (rows - len(spans)) // 2
        if not 0 <= index < len(spans):
            return Strip.blank(columns, self._style_of())
        line = cut(self._placeholder[spans[index].start : spans[index].end].strip(), columns)
        left = (columns - cell_len(line)) // 2
        return Strip([Segment(" " * left, self._style_of()), Segment(line, self._style_of(PLACEHOLDER))])

    def _make_painter(self) -> Painter:
        return Painter(self._columns, self._style_of, self._clock_text, self._failed_mark)

    def _style_of(self, *components: str) -> Style:
        """The style of component classes laid over the widget's own; Textual takes longer to find it than to draw."""
        style = self._styles.get(components)
        if style is None:
            style = self._styles[components] = self.get_visual_style(*components).rich_style
        return style

    def _clock_text(self, at_ms: int) -> str:
        try:
            return (_EPOCH + timedelta(milliseconds=at_ms)).astimezone(self._timezone).strftime("%H:%M")
        except (OverflowError, ValueError, OSError):  # a time that another program made up
            return _NO_TIME

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._styles.clear()
        self._painted.clear()

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
