"""The message log: entries in order, wrapped, scrolled, selected with the mouse. Runs on the UI thread.

On Textual's line API, since it is the only shape that stays fast: what was said is measured once, and drawn only while
it is on the screen. It shows what it is given, in the order given; what an entry says and whether it is settled, the
timeline decides.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, tzinfo

from textual.geometry import Offset
from textual.message import Message
from textual.reactive import var

from tui_client import strings
from tui_client.entry import Entry
from tui_client.widgets.homeward import HomewardView
from tui_client.widgets.local_time import LocalTime

PENDING_MARK = "…"
"""In place of the time of what is not settled."""

WINDOW = 5_000
"""Entries kept while following the newest: 18 MiB, and a resize within 60 ms, measured."""


class MessageLog(HomewardView):
    """A column of entries that follows the newest, unless its reader has scrolled up."""

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
        """The reader nears the oldest entry and wants older ones; `prepend` is where they go."""

        log: "MessageLog"

        @property
        def control(self) -> "MessageLog":
            return self.log

    @dataclass
    class BottomReached(Message):
        """The reader is at the newest entry of a log that doesn't follow; `append_newer` is where newer ones go."""

        log: "MessageLog"

        @property
        def control(self) -> "MessageLog":
            return self.log

    @dataclass
    class LinkChosen(Message):
        """The reader wants to open `url`, which is readable; `links.encoded` has it for other programs."""

        log: "MessageLog"
        url: str

        @property
        def control(self) -> "MessageLog":
            return self.log

    @dataclass
    class FailedChosen(Message):
        """The reader wants to do something about an own message that can't be sent."""

        log: "MessageLog"

        @property
        def control(self) -> "MessageLog":
            return self.log

    def __init__(
        self,
        *,
        placeholder: str = "",
        failed_mark: str = strings.FAILED_MARK,
        pending_mark: str = PENDING_MARK,
        timezone: tzinfo | None = None,
        today: Callable[[], date] | None = None,
        window: int = WINDOW,
        follow: bool = True,
        id: str | None = None,  # noqa: A002 -- Textual's name for it
        classes: str | None = None,
    ) -> None:
        """Make an empty log that keeps about `window` entries; while somebody reads further up, all that they have loaded.

        `placeholder` is shown while there is nothing; the marks, at most 5 columns, in place of the time of what failed and of
        what is on its way. Times and days are those of `timezone`, by default the computer's own, and `today` is the day there.
        Without `follow` it is a piece of the past, which new entries don't move.
        """
        local_time = LocalTime(timezone, today)
        super().__init__(local_time, placeholder, failed_mark, pending_mark, follow=follow, id=id, classes=classes)
        self._window = window
        self.holds_until = 0
        """The newest event that is here; in a piece of the past, everything up to it is."""
        self._another_log_ends = 0
        """Below this number are entries of a log that is no more: nothing of today's belongs above them."""
        self._first_below = 0
        """The number of the first entry that is counted in `unread_below`."""
        self._first_unread: int | None = None
        """The number of the entry under the divider that says where reading stopped."""
        self._is_left = False
        """Whether the next message of others goes under that divider."""

    # --- what is shown ------------------------------------------------------------------------------------------------

    @property
    def entries(self) -> Sequence[Entry]:
        """Everything held, oldest first, one's own pending entries last."""
        return [*self._transcript.settled, *self._transcript.pending]

    def begin_at(self, seq: int) -> None:
        """What comes now is everything from event `seq` on; 0 for another log, whose past doesn't belong above what is here."""
        self.holds_from = seq
        if not seq:
            self._another_log_ends = self._transcript.end

    def extend(self, entries: Sequence[Entry]) -> None:
        """Append settled entries, in order."""
        if not entries:
            return
        first_of_others = next((i for i, entry in enumerate(entries) if _is_news(entry)), None)
        number = self._transcript.end
        if first_of_others is not None and self._stops_reading:
            self.clear_unread_mark()
            self._first_unread = number + first_of_others
            self._transcript.extend(entries, first_of_others)
        else:
            self._transcript.extend(entries)
        self.holds_until = _newest_seq(entries, self.holds_until)
        self.place_view(shift=-self._trim())
        if first_of_others is not None and self._is_away:
            if not self.unread_below:
                self._first_below = number + first_of_others
            self.unread_below += sum(map(_is_news, entries))

    def mark_lost(self, after_seq: int) -> None:
        """Show that what was said behind event `after_seq` stands in the room's log no more."""
        self._transcript.mark_lost(after_seq)
        self.refresh()

    def set_pending(self, entries: Sequence[Entry]) -> None:
        """Show these entries, and no others, as pending below everything that is settled."""
        if list(entries) != self._transcript.pending:
            self.renumber_selection(self._transcript.set_pending(entries))
            self.place_view()

    def prepend(self, entries: Sequence[Entry], first: int, before: int) -> None:
        """Put an older page, which has everything from event `first` up to `before`, above, without moving what the reader sees.

        What is here already is left out, and so is a page that would leave a hole below it, or of which nothing is missing: another
        pane asked for that one.
        """
        if first < self.holds_from <= before:
            self._put_above(entries, first)
        self.go_on_home()

    def _put_above(self, entries: Sequence[Entry], first: int) -> None:
        height = self._transcript.height
        self._transcript.prepend([entry for entry in entries if entry.seq < self.holds_from])
        self.holds_from = first
        shift = self._transcript.height - height
        if not self._follows and (surplus := self._surplus()):
            self._transcript.trim_end(surplus)
            self.holds_until = _newest_seq(self._transcript.settled, self.holds_until)
        self.place_view(shift)

    def append_newer(self, entries: Sequence[Entry], *, after: int | None = None, last: int | None = None) -> None:
        """Put a newer page below a piece of the past, without moving what the reader sees.

        It has everything behind event `after` up to `last`; without these, everything behind what is here. As in `prepend`,
        what is here already is left out, and so is a page that would leave a hole.
        """
        if after is not None and after > self.holds_until:
            return
        newer = [entry for entry in entries if entry.seq > self.holds_until]
        self._transcript.extend(newer)
        self.holds_until = max(last or 0, _newest_seq(newer, self.holds_until))
        self.place_view(shift=-self._trim())

    def leave_out(self, is_unwanted: Callable[[Entry], bool]) -> None:
        """Show no more of what was said and is unwanted, and all the rest, with the newest in view."""
        settled, pending = self._transcript.settled, list(self._transcript.pending)
        kept = [entry for entry in settled if not is_unwanted(entry)]
        if len(kept) == len(settled):
            return
        of_another_log = settled[: max(0, self._another_log_ends - self._transcript.end + len(settled))]
        self._another_log_ends = self._transcript.end + sum(not is_unwanted(entry) for entry in of_another_log)
        holds_until = self.holds_until
        self.clear()
        self.holds_until = holds_until
        self._transcript.extend(kept)
        self._transcript.set_pending(pending)
        self.place_view()

    def clear(self) -> None:
        """Show nothing."""
        self._transcript.clear()
        self.follow_anew()
        self.mark_current(None)
        self.holds_until = self.unread_below = 0
        self._first_unread = None
        self.place_view()

    def _surplus(self) -> int:
        """How many entries are too many; the head of a list is dear to delete, so that is done a tenth of the window at a time."""
        surplus = len(self._transcript.settled) - self._window
        return surplus if surplus > self._window // 10 else 0

    def _trim(self) -> int:
        """Forget the oldest entries beyond the window, and say how many rows went with them.

        Nothing that somebody has loaded to read goes before they are back at the newest.
        """
        surplus = 0 if self._is_away else self._surplus()
        if not surplus:
            return 0
        height = self._transcript.height
        self._transcript.trim(surplus)
        if not self._transcript.holds(self._another_log_ends - 1):
            self.holds_from = next((entry.seq for entry in self._transcript.settled if entry.seq), self.holds_from)
        return height - self._transcript.height

    # --- what was read ------------------------------------------------------------------------------------------------

    @property
    def _is_away(self) -> bool:
        """Whether the reader is further up."""
        return self._follows and not self.is_following

    @property
    def _stops_reading(self) -> bool:
        """Whether the next message of others goes under the divider: the reader is not there, or further up, looking for no divider."""
        has_divider = self._first_unread is not None and self._transcript.holds(self._first_unread)
        return self._is_left or (self._is_away and not has_divider)

    def mark_unread(self) -> None:
        """The reader leaves, having seen all that is in view: a divider will stand above what others say from now on.

        A divider that is there already goes only when that comes; and what the reader hasn't seen yet stays below it.
        """
        if not self.unread_below:
            self._is_left = True
        else:
            self._part_reading_below()

    def _part_reading_below(self) -> None:
        """Put the divider above what came in while the reader was further up, if it isn't there."""
        if self._first_unread == self._first_below or not self._transcript.holds(self._first_below):
            return
        self.clear_unread_mark()
        self._first_unread = self._first_below
        with self.keeping_place():
            self._transcript.part_reading(self._first_below, is_unread=True)

    def read_on(self) -> None:
        """The reader is back: what comes now is seen. A divider that is there already stays."""
        self._is_left = False

    def clear_unread_mark(self) -> None:
        """Take the divider away, and expect none."""
        self._is_left = False
        number, self._first_unread = self._first_unread, None
        if number is not None and self._transcript.holds(number):
            with self.keeping_place():
                self._transcript.part_reading(number, is_unread=False)

    def watch_unread_below(self, count: int) -> None:
        if self.is_mounted:
            self.post_message(self.UnreadBelow(self, count))

    def reach_top(self) -> None:
        self.post_message(self.TopReached(self))

    def reach_bottom(self) -> None:
        if not self._follows:
            self.post_message(self.BottomReached(self))
            return
        has_missed, self.unread_below = self.unread_below > 0, 0
        self.call_later(self._come_back, has_missed=has_missed)

    def _come_back(self, *, has_missed: bool) -> None:
        """Not while the view is being moved: what has been read further up goes now that nobody is there."""
        if has_missed:
            self._part_reading_below()
        self.place_view(shift=-self._trim())

    # --- what is taken out of it --------------------------------------------------------------------------------------

    def last_message(self) -> str | None:
        """What was said last, by whomever, or in the entry that is marked; without label and time."""
        if self._current is not None and self._transcript.holds(self._current):
            return self._transcript.shown(self._current).text
        return next((entry.text for entry in self._newest_first() if entry.is_spoken), None)

    def _newest_first(self) -> Iterator[Entry]:
        yield from reversed(self._transcript.pending)
        yield from reversed(self._transcript.settled)

    def click_at(self, offset: Offset) -> None:
        row = self.scroll_offset.y + offset.y
        if (url := self._transcript.link_at(row, offset.x)) is not None:
            self.post_message(self.LinkChosen(self, url))
        elif self._transcript.is_failed(row):
            self.post_message(self.FailedChosen(self))
        else:
            self.open_run(row)


def _is_news(entry: Entry) -> bool:
    """Whether somebody else said it."""
    return entry.is_spoken and not entry.mine


def _newest_seq(entries: Sequence[Entry], otherwise: int) -> int:
    return next((entry.seq for entry in reversed(entries) if entry.seq), otherwise)
