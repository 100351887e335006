"""A column of rows that follows its newest one, unless its reader has scrolled away. Runs on the UI thread.

Owns where the view is and how it is moved. What the rows are, and what happens at their ends, is up to who inherits this.
"""

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.reactive import var

from tui_client.widgets.dragging import DragSelection


class FollowingView(DragSelection, can_focus=True, inherit_bindings=False):
    """A view on `height_held` rows, which stays at their end once it is there."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "scroll_up", show=False),
        Binding("down", "scroll_down", show=False),
        Binding("pageup", "page_up", show=False),
        Binding("pagedown", "page_down", show=False),
        Binding("home", "scroll_home", show=False),
        Binding("end", "scroll_end", show=False),
    ]

    is_following: var[bool] = var(False, init=False)
    """Whether the newest row is in view and stays there. Read only."""

    def __init__(self, *, follow: bool, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        """With `follow` the view begins at the end of the rows; without, it never stays there by itself."""
        super().__init__(id=id, classes=classes)
        self._follows = follow
        self.set_reactive(FollowingView.is_following, follow)
        self._columns = 0
        """How wide the rows are laid out; 0 before the first layout."""
        self._placing = False
        """True while this widget itself moves the view, which is no wish of the reader's."""

    # --- for who inherits this ----------------------------------------------------------------------------------------

    @property
    def height_held(self) -> int:
        """How many rows there are."""
        raise NotImplementedError

    def lay_out(self, top: int) -> int:
        """Lay the rows out in the columns that there are now, and say where what was in row `top` is."""
        raise NotImplementedError

    def leave_place(self) -> None:
        """The reader moves the view, or would if there was more."""

    def reach_top(self) -> None:
        """The reader wants to go on above the first row, or is so near to it that the next page would end there."""

    def reach_bottom(self) -> None:
        """The reader wants to go on below the last row, or has come there."""

    # --- the view -----------------------------------------------------------------------------------------------------

    def follow_anew(self) -> None:
        """Follow the newest row again, if that is what this view does."""
        self.is_following = self._follows

    def place_view(self, shift: int = 0) -> None:
        """Show the newest row, or keep in view what now lies `shift` rows further down."""
        if not self._columns:
            return  # there is no view before the first layout, which ends up here again
        top = self.scroll_offset.y + shift
        self._placing = True
        try:
            self.virtual_size = Size(self._columns, self.height_held)
            self.scroll_to(y=self.max_scroll_y if self.is_following else top, animate=False, force=True)
        finally:
            self._placing = False
        self.refresh()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        if self._placing:
            return
        self.leave_place()
        is_at_bottom = round(new_value) >= self.max_scroll_y
        self.is_following = self._follows and is_at_bottom
        if is_at_bottom and (self._follows or new_value > old_value):
            self.reach_bottom()
        elif new_value < old_value and round(new_value) < self._page_rows:
            self.reach_top()

    def on_resize(self) -> None:
        columns = self.scrollable_content_region.width
        shift = 0
        if columns != self._columns:
            self._columns = columns
            top = self.scroll_offset.y
            shift = self.lay_out(top) - top
        self.place_view(shift)

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
        self._move(-self.height_held)

    def action_scroll_end(self) -> None:
        self._move(self.height_held)

    @property
    def _page_rows(self) -> int:
        """One row less than a screenful, so that the eye finds its place again."""
        return max(1, self.scrollable_content_region.height - 1)

    def _move(self, rows: int) -> None:
        """Scroll at once: an animation would run after a place that new entries move away."""
        self._go_on_beyond(rows)
        self.scroll_to(y=self.scroll_offset.y + rows, animate=False)

    def on_mouse_scroll_up(self) -> None:
        self._go_on_beyond(-1)

    def on_mouse_scroll_down(self) -> None:
        self._go_on_beyond(1)

    def _go_on_beyond(self, rows: int) -> None:
        """Somebody who is at an end already may move towards it."""
        self.leave_place()
        if rows < 0 and self.scroll_offset.y == 0:
            self.reach_top()
        elif rows > 0 and self.scroll_offset.y >= self.max_scroll_y:
            self.reach_bottom()

    def show_in_middle(self, rows: range) -> None:
        """Bring `rows` into the middle of the view, or their beginning, if there are more."""
        room = self.scrollable_content_region.height
        self.scroll_to(y=rows.start - max(0, room - len(rows)) // 2, animate=False, force=True)
