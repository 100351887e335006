"""A column of rows, one of which is chosen. Runs on the UI thread.

Drawn line by line, so that a thousand rows cost no more than ten. It never has the focus: one goes on typing while one chooses.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import var
from textual.scroll_view import ScrollView
from textual.strip import Strip

MARK = "choice-list--mark"
CHOSEN = "choice-list--chosen"

CHOSEN_MARK = "▌"


class ChoiceList(ScrollView, can_focus=False, inherit_bindings=False):
    """Subclasses say how many rows there are, and draw one."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {MARK, CHOSEN}

    chosen: var[int] = var(0, always_update=True)
    """The number of the row that is chosen, from 0."""

    @dataclass
    class Moved(Message):
        """Another row is chosen."""

        choices: "ChoiceList"

        @property
        def control(self) -> "ChoiceList":
            return self.choices

    @dataclass
    class Opened(Message):
        """The chosen row was clicked twice."""

        choices: "ChoiceList"

        @property
        def control(self) -> "ChoiceList":
            return self.choices

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 -- Textual's name for it
        super().__init__(id=id)
        self._styles: dict[tuple[str, ...], Style] = {}

    @property
    def count(self) -> int:
        """How many rows can be chosen from."""
        raise NotImplementedError

    def segments(self, number: int, columns: int) -> Iterator[Segment]:
        """Row `number`, behind its mark, at most `columns` wide."""
        raise NotImplementedError

    def footer(self, columns: int) -> str:
        """What stands below the last row, or nothing."""
        del columns
        return ""

    def recount(self) -> None:
        """The rows have changed."""
        columns = self.scrollable_content_region.width
        self.virtual_size = Size(columns, self.count + bool(self.footer(columns)))
        self.refresh()

    # --- choosing -----------------------------------------------------------------------------------------------------

    def move(self, rows: int) -> None:
        """Choose the row so many further down."""
        self.chosen += rows

    def validate_chosen(self, number: int) -> int:
        return max(0, min(number, self.count - 1))

    def watch_chosen(self, old: int, new: int) -> None:
        self._show_chosen()
        self.refresh()
        if old != new:
            self.post_message(self.Moved(self))

    def on_resize(self) -> None:
        """There is room now, which there is not yet when the first row is chosen."""
        self.recount()
        self._show_chosen()

    def _show_chosen(self) -> None:
        # With the footer below the last row, which may say that there is more.
        is_last = self.chosen == self.count - 1
        self.scroll_to_region(Region(0, self.chosen, 1, 1 + is_last), animate=False, force=True)

    def on_click(self, event: events.Click) -> None:
        """A click chooses, a second one opens."""
        offset = event.get_content_offset(self)
        if offset is None or self.scroll_offset.y + offset.y >= self.count:
            return
        self.chosen = self.scroll_offset.y + offset.y
        if event.chain == 2:
            self.post_message(self.Opened(self))

    # --- drawing ------------------------------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        columns, number = self.scrollable_content_region.width, self.scroll_offset.y + y
        if number < self.count:
            mark = CHOSEN_MARK if number == self.chosen else " "
            segments = [Segment(mark, self.row_style(number, MARK)), *self.segments(number, columns - 1)]
            return Strip(segments).adjust_cell_length(columns, self.row_style(number))
        footer = self.footer(columns) if number == self.count else ""
        return Strip([Segment(footer, self.style_of(MARK))]).adjust_cell_length(columns, self.rich_style)

    def row_style(self, number: int, *components: str) -> Style:
        """The style of `components` in a row; the chosen one lies on a bar."""
        return self.style_of(*([CHOSEN] if number == self.chosen else []), *components)

    def style_of(self, *components: str) -> Style:
        """The style of component classes laid over each other; Textual takes longer to find it than to draw."""
        style = self._styles.get(components)
        if style is None:
            style = self._styles[components] = self.get_visual_style(*components).rich_style
        return style

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._styles.clear()
