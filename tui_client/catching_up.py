"""Reading backwards what was missed, page by page, until something known comes, while everything new waits. Pure.

Needed when the server's replay begins behind a gap, or when its log may not be the one that was seen before.
"""

from collections.abc import Callable
from typing import Final

from server.protocol.events import MAX_PAGE, Event, HistoryPage, ReadHistory

MAX_PAGES: Final = 25
"""As many events as the message log keeps: what is older could not be shown anyway."""


class CatchingUp:
    """Reads from event `before` down to what `is_known`, or to event `floor`, which needs not be read."""

    def __init__(self, before: int, floor: int, is_known: Callable[[Event], bool], next_id: Callable[[], int]) -> None:
        self.held: list[Event] = []
        """What has come in the meantime, in the order received."""
        self.joined: Event | None = None
        """The newest known event, once it was found."""
        self.has_reached_floor = before <= floor + 1
        """Whether everything behind `floor` was read."""
        self._missed: list[Event] = []
        self._before = before
        self._floor = floor
        self._is_known = is_known
        self._next_id = next_id
        self._asked = 0
        self._pages = 0

    @property
    def missed(self) -> list[Event]:
        """What was read, in the order of the log."""
        return self._missed[::-1]

    def ask(self) -> ReadHistory:
        """The next question."""
        self._asked = self._next_id()
        return ReadHistory(self._asked, self._before, MAX_PAGE)

    def is_asked(self, question: int) -> bool:
        """Whether `question` is the last one that was asked."""
        return bool(self._asked) and question == self._asked

    def take(self, page: HistoryPage) -> bool:
        """Take in an answer; whether there is nothing more to ask."""
        self._pages += 1
        for event in reversed(page.events):
            if self._is_known(event):
                self.joined = event
                return True
            if event.seq <= self._floor:
                self.has_reached_floor = True
                return True
            self._missed.append(event)
            self._before = event.seq
        if self._before <= self._floor + 1:
            self.has_reached_floor = True
        return self.has_reached_floor or not (page.more and page.events) or self._pages >= MAX_PAGES
