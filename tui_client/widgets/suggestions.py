"""What is offered for what is typed, floating right above the composer. Runs on the UI thread; decides nothing.

It takes no room: it lies over what is there, which stays as it is.
"""

from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.geometry import Size
from textual.screen import Screen
from textual.widget import Widget

from tui_client import strings
from tui_client.completion import Suggestion
from tui_client.widgets.completing_area import CompletingArea
from tui_client.wrapping import cut, pad

MAX_ROWS = 6
FRAME_ROWS = 2

LABEL, MATCH, NOTE, CHOSEN = "suggestions--label", "suggestions--match", "suggestions--note", "suggestions--chosen"

POINTER, NO_POINTER = "▸ ", "  "
"""The choice shows also where there are no colours."""

GAP = "  "
MARGIN = 1
MIN_NOTE_COLUMNS = 6


class Suggestions(Widget):
    """A frame with at most six rows, which scroll with the choice. A click takes a row, the wheel chooses."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {LABEL, MATCH, NOTE, CHOSEN}

    def __init__(self, area: CompletingArea, *, id: str | None = None) -> None:  # noqa: A002 -- Textual's name for it
        super().__init__(id=id)
        self._area = area
        self._top = 0
        """The first item in sight."""
        self._rows = 0
        self.display = False
        self.border_subtitle = Content(strings.SUGGESTION_KEYS)

    def on_mount(self) -> None:
        if isinstance(self.parent, Widget):
            # Its place in the layout is where the area begins, and it is lifted from there by its own height.
            self.parent.move_child(self, before=self._area)
        for source in ("offer", "chosen"):
            self.watch(self._area, source, self._follow, init=False)
        self.screen.screen_layout_refresh_signal.subscribe(self, self._refit)

    def _refit(self, _: Screen[object]) -> None:
        """The composer has grown, or the terminal has shrunk."""
        if self._items and self._rows != self._room:
            self._follow()

    @property
    def _room(self) -> int:
        """How many rows there can be now."""
        return max(0, min(len(self._items), MAX_ROWS, self._area.region.y - FRAME_ROWS))

    def _follow(self) -> None:
        """Show what is offered now, as much as there is room for above the composer, with the choice in sight."""
        self._rows = rows = self._room
        self.display = rows > 0
        if not self._items:
            self._top = 0
            return
        chosen, count = self._area.chosen, len(self._items)
        self._top = max(chosen - rows + 1, min(self._top, chosen, count - rows))
        self.styles.height = rows + FRAME_ROWS
        self.styles.offset = (0, -rows - FRAME_ROWS)
        self.border_title = Content(f"{chosen + 1}/{count}" if count > rows else "")
        self.refresh(layout=True)

    @property
    def _items(self) -> tuple[Suggestion, ...]:
        return self._area.offer.items if self._area.offer is not None else ()

    # --- drawing ------------------------------------------------------------------------------------------------------

    def get_content_width(self, container: Size, viewport: Size) -> int:  # noqa: ARG002 -- Textual's signature
        notes = max((cell_len(item.note) for item in self._items), default=0)
        return len(POINTER) + self._label_columns + (len(GAP) + notes if notes else 0) + MARGIN

    @property
    def _label_columns(self) -> int:
        return max((cell_len(item.label) for item in self._items), default=0)

    def render(self) -> Content:
        """Where not all fits, those in sight alone decide where the notes begin: one long word elsewhere must not cut them all."""
        in_sight = range(self._top, min(self._top + self.content_size.height, len(self._items)))
        label_columns = self._label_columns
        if self.get_content_width(self.content_size, self.content_size) > self.content_size.width:
            label_columns = max((cell_len(self._items[index].label) for index in in_sight), default=0)
        return Content("\n").join(self._row(index, label_columns) for index in in_sight)

    def _row(self, index: int, label_columns: int) -> Content:
        item, is_chosen = self._items[index], index == self._area.chosen
        columns = self.content_size.width
        label = pad(item.label, min(label_columns, columns - len(POINTER)))
        begin = (POINTER if is_chosen else NO_POINTER) + label
        room = columns - cell_len(begin) - len(GAP)
        # A note of one letter and an ellipsis tells less than none.
        behind = GAP + cut(item.note, room) if item.note and room >= min(cell_len(item.note), MIN_NOTE_COLUMNS) else ""
        row = Content(pad(begin + behind, columns))
        row = row.stylize(self.get_visual_style(CHOSEN if is_chosen else LABEL))
        if not is_chosen:
            row = row.stylize(self.get_visual_style(NOTE), len(begin))
        start, end = (len(POINTER) + place for place in item.matched)
        return row.stylize(self.get_visual_style(*([CHOSEN] if is_chosen else []), MATCH), start, end)

    # --- the mouse ----------------------------------------------------------------------------------------------------

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if offset is not None and self._top + offset.y < len(self._items):
            self._area.take(self._top + offset.y)
            self._area.focus()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self._area.choose(min(self._area.chosen + 1, len(self._items) - 1))

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self._area.choose(max(self._area.chosen - 1, 0))
