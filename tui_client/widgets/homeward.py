"""The way to the first message ever, of which only the newest part is here: page by page, as older ones come. UI thread.

Owns how far up a log goes by itself. Who brings the pages, and what is in them, is up to others.
"""

from dataclasses import dataclass

from textual.message import Message
from textual.reactive import var

from tui_client.widgets.drawn_view import DrawnView

HOME_EVENTS = 10_000
"""Of the room's log, how many Home goes up at once: 36 MiB, within some seconds. Pressed again it goes on."""


class HomewardView(DrawnView):
    """A piece of the room's log that ends above at event `holds_from`; Home leads on from there, until something else is done."""

    is_going_home: var[bool] = var(False, init=False)
    """Whether the view is on its way up, and older entries are to be brought. Read only."""

    holds_from: int = 0
    """Everything from this event of the room's log on is here, as far as it belongs here. There is nothing older below 2."""

    _home_until = 0
    """How far up the view goes by itself: to this event."""

    @dataclass
    class Moved(Message):
        """The view follows the newest entry from now on, or goes to the first one, or does so no longer."""

        log: "HomewardView"

        @property
        def control(self) -> "HomewardView":
            return self.log

    def action_scroll_home(self) -> None:
        """To the first row, and on from there as older pages come."""
        super().action_scroll_home()
        self._home_until = max(1, self.holds_from - HOME_EVENTS)
        self.is_going_home = self.holds_from > self._home_until

    def go_on_home(self) -> None:
        """A page has come, perhaps for another pane: show the beginning of what is here, and ask for more, if that is the way."""
        if not self.is_going_home:
            return
        self.is_following = self._follows and not self.max_scroll_y
        self.place_view(shift=-self.scroll_offset.y)
        self.is_going_home = self.holds_from > self._home_until
        if self.is_going_home:
            self.reach_top()

    def stay(self) -> None:
        """Go no further up."""
        self.is_going_home = False

    def leave_place(self) -> None:
        self.stay()

    def watch_is_going_home(self) -> None:
        self.post_message(self.Moved(self))

    def watch_is_following(self) -> None:
        self.post_message(self.Moved(self))
