"""A piece of the room's past, in which a hit stands. Runs on the UI thread."""

from collections.abc import Callable, Sequence
from datetime import date, tzinfo

from tui_client import strings
from tui_client.entry import Entry
from tui_client.surroundings import Newer, Older, Opened
from tui_client.widgets.message_log import MessageLog


class PastLog(MessageLog):
    """A message log to which nothing is added but what its reader scrolls to."""

    def __init__(self, timezone: tzinfo | None, today: Callable[[], date] | None, *, id: str) -> None:  # noqa: A002
        super().__init__(timezone=timezone, today=today, follow=False, id=id)
        self.border_title = strings.SEARCH_CONTEXT_TITLE

    def show(self, piece: Opened | Older | Newer, entries: Sequence[Entry]) -> None:
        """Show `piece`, drawn as `entries`: a new one with its hit in the middle, the others where they belong."""
        match piece:
            case Opened(seq, _, first, last):
                self.clear()
                self.holds_from = first
                self.append_newer(entries, last=last)
                self.scroll_to_seq(seq)
            case Older(_, first, before):
                self.prepend(entries, first, before)
            case Newer(_, after, last):
                self.append_newer(entries, after=after, last=last)
