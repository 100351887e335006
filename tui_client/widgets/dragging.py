"""Selecting with the mouse inside one scrolling widget. Runs on the UI thread.

Textual's own text selection runs on into the neighbouring widgets, takes the margin left of a row for the end of that
row, and counts the parts of an emoji one by one; this one stays in its pane and takes whole grapheme clusters. What is
selected is kept where Textual keeps it, in `Screen.selections`, so copying works as everywhere.
"""

from collections.abc import Mapping

from textual import events
from textual.geometry import Offset
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.timer import Timer

SCROLLS_PER_S = 20
"""Rows a second that are scrolled while the mouse is held above or below the widget."""


class DragSelection(ScrollView):
    """A scrolling widget whose text can be selected by dragging, and an entry by a double click."""

    ALLOW_SELECT = False
    """Textual's own selection; `Screen.selections` works regardless."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 -- Textual's name
        super().__init__(id=id, classes=classes)
        self._drag_start: tuple[Offset, Offset] | None = None
        self._drag_from = self._drag_pointer = Offset(0, 0)
        self._drag_timer: Timer | None = None

    def cluster_at(self, offset: Offset) -> tuple[Offset, Offset] | None:
        """Where the character at an offset in the content begins and ends, as (character, entry).

        An offset outside counts as the nearest one inside; there is no answer only if there is no text at all.
        """
        raise NotImplementedError

    def entry_at(self, offset: Offset) -> tuple[Offset, Offset] | None:
        """Where the whole entry at an offset begins and ends, as `cluster_at` does."""
        raise NotImplementedError

    def click_at(self, offset: Offset) -> None:
        """Somebody has clicked on an offset in the content, and dragged nothing."""

    def renumber_selection(self, numbers: Mapping[int, int]) -> None:
        """Entries have other numbers now: what is selected, or being selected, stays the same text."""

        def moved(place: Offset) -> Offset:
            return Offset(place.x, numbers.get(place.y, place.y))

        if self._drag_start is not None:
            self._drag_start = (moved(self._drag_start[0]), moved(self._drag_start[1]))
        selection = self.text_selection if numbers and self.is_attached else None
        if selection is not None and selection.start is not None and selection.end is not None:
            self._select(moved(selection.start), moved(selection.end))

    def post_message(self, message: Message) -> bool:
        """Take the mouse, and leave it, as soon as the button is told of.

        By the time the event is handled, the next one may be with another widget: on a slow line a whole drag comes in one read.
        """
        if isinstance(message, events.MouseDown) and message.button == 1:
            self.capture_mouse()
        elif isinstance(message, events.MouseUp):
            self.release_mouse()
        return super().post_message(message)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        if event.button == 1:
            self._drag_from = self._drag_pointer = event.get_content_offset_capture(self)
            self._drag_start = self.cluster_at(self._drag_from)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self._drag_start is None:
            return
        self._drag_pointer = event.get_content_offset_capture(self)
        self._select_to_pointer()
        outside = not 0 <= self._drag_pointer.y < self.scrollable_content_region.height
        if outside and self._drag_timer is None:
            self._drag_timer = self.set_interval(1 / SCROLLS_PER_S, self._scroll_on)
        elif not outside:
            self._stop_scrolling()

    def on_mouse_up(self) -> None:
        self._drag_start = None
        self._stop_scrolling()

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset_capture(self)
        if event.chain == 2 and (whole := self.entry_at(offset)) is not None:
            self._select(*whole)
        elif event.chain == 1 and event.button == 1 and self._drag_pointer == self._drag_from:
            self.click_at(offset)

    def _select_to_pointer(self) -> None:
        end = self.cluster_at(self._drag_pointer)
        if self._drag_start is not None and end is not None:
            self._select(*self._drag_start, *end)

    def _select(self, *places: Offset) -> None:
        """Select from the first to the last of `places`, and nothing in any other widget."""
        ordered = sorted(places, key=lambda place: place.transpose)
        is_anything = ordered[0] != ordered[-1]
        self.screen.selections = {self: Selection(ordered[0], ordered[-1])} if is_anything else {}

    def _scroll_on(self) -> None:
        self.scroll_to(y=self.scroll_offset.y + (-1 if self._drag_pointer.y < 0 else 1), animate=False)
        self._select_to_pointer()

    def _stop_scrolling(self) -> None:
        if self._drag_timer is not None:
            self._drag_timer.stop()
            self._drag_timer = None
