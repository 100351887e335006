"""The conversation around one event of the room's past, read on in both directions.

Pure state, owned by the screen's thread: no widgets, no sockets, no clock. It does not keep what was read; whoever does says where
to go on. Whatever frame a method returns is to be sent. One question is on its way at a time, and of those that come up meanwhile
only the newest is ever asked.

The wire pages backwards only: what is newer than event s is asked for as "at most N before s + 1 + N", which is all of the N events
behind s, and whatever of the answer is not newer is known already. A page may hold less than it could, since its bytes are bounded
too; then the rest is asked for once more.
"""

from collections.abc import Callable, Sequence
from typing import Final

from msgspec import Struct

from server.protocol.events import MAX_PAGE, Event, HistoryPage, ReadHistory, Refused

AROUND: Final = 40
"""Events before and after a hit that are asked for at first; scrolling brings more."""


class Opened(Struct, frozen=True):
    """The conversation around event `seq`, to be shown instead of any other: everything from event `first` to `last`."""

    seq: int
    events: Sequence[Event]
    first: int
    last: int


class Older(Struct, frozen=True):
    """What comes before: everything from event `first` up to but without event `before`. Nothing is older if `first` is 0."""

    events: Sequence[Event]
    first: int
    before: int


class Newer(Struct, frozen=True):
    """What comes after: everything behind event `after` up to `last`; perhaps nothing that one may see."""

    events: Sequence[Event]
    after: int
    last: int


Piece = Opened | Older | Newer


class _Asked(Struct, frozen=True):
    """A question and what has come for it so far: all from event `floor` up to but without `before` is wanted."""

    frame: ReadHistory
    aim: type[Piece]
    floor: int
    before: int
    events: Sequence[Event] = ()


class Surroundings:
    """What is read around one event at a time. `newest_seq` says which event of the log is its newest now."""

    def __init__(self, next_id: Callable[[], int], newest_seq: Callable[[], int]) -> None:
        self._next_id = next_id
        self._newest_seq = newest_seq
        self._asked: _Asked | None = None
        self._wanted = 0
        self._is_online = True
        self.seq = 0
        """Around which event the conversation is open; 0 if none is."""

    def open(self, seq: int) -> ReadHistory | None:
        """Read what was said around event `seq`."""
        self._wanted = seq
        return self._next()

    def close(self) -> None:
        """Nothing is to be read any more."""
        self._wanted = self.seq = 0
        self._asked = None

    def older(self, before: int) -> ReadHistory | None:
        """Read on above event `before`; None while something is on its way, or when nothing is older."""
        return self._send(Older, floor=0, before=before) if self._is_idle and before > 1 else None

    def newer(self, after: int) -> ReadHistory | None:
        """Read on behind event `after`; None while something is on its way, or when nothing is newer yet."""
        if not self._is_idle or after >= self._newest_seq():
            return None
        return self._send(Newer, floor=after + 1, before=after + 1 + MAX_PAGE)

    def take(self, page: HistoryPage) -> tuple[Piece | None, ReadHistory | None]:
        """Take in an answer: what it adds to the screen, and what is to be asked next."""
        asked = self._asked
        if asked is None or page.id != asked.frame.id:
            return None, None
        self._asked = None
        if self._wanted != (asked.floor if asked.aim is Opened else self.seq):
            return None, self._next()
        events = (*page.events, *asked.events)
        if asked.aim is not Older and page.more and page.events and page.events[0].seq > asked.floor:
            return None, self._continue(asked, events)
        piece = self._finish(asked, events, events[0].seq if events and page.more else 0)
        if isinstance(piece, Newer) and not piece.events:
            return piece, self.newer(piece.last)  # a stretch of other people's whispers
        return piece, None

    def take_refusal(self, refused: Refused) -> ReadHistory | None:
        """A question is refused, perhaps one of ours: whoever wants an answer scrolls once more."""
        if self._asked is None or refused.id != self._asked.frame.id:
            return None
        asked, self._asked = self._asked, None
        if asked.aim is Opened and asked.floor == self._wanted:
            self._wanted = self.seq
        return self._next()

    def set_online(self, *, online: bool) -> ReadHistory | None:
        """The connection is there, or lost, and with it what was on its way."""
        if online != self._is_online:
            self._is_online, self._asked = online, None
        return self._next()

    @property
    def _is_idle(self) -> bool:
        return self._is_online and self._asked is None and bool(self.seq) and self._wanted == self.seq

    def _next(self) -> ReadHistory | None:
        if self._asked is not None or not self._is_online or self._wanted == self.seq:
            return None
        return self._send(Opened, floor=self._wanted, before=self._wanted + 1 + AROUND)

    def _send(self, aim: type[Piece], *, floor: int, before: int) -> ReadHistory:
        limit = 2 * AROUND + 1 if aim is Opened else MAX_PAGE
        self._asked = _Asked(ReadHistory(self._next_id(), before, limit), aim, floor, before)
        return self._asked.frame

    def _continue(self, asked: _Asked, events: Sequence[Event]) -> ReadHistory:
        """Ask for the rest of a page that was cut short."""
        frame = ReadHistory(self._next_id(), events[0].seq, asked.frame.limit)
        self._asked = _Asked(frame, asked.aim, asked.floor, asked.before, events)
        return frame

    def _finish(self, asked: _Asked, events: Sequence[Event], first: int) -> Piece:
        if asked.aim is Older:
            return Older(events, first, asked.before)
        # What has come may be ahead of what this client has been told, and what was asked for ahead of both.
        last = max(events[-1].seq if events else 0, min(asked.before - 1, self._newest_seq()))
        if asked.aim is Newer:
            return Newer(tuple(event for event in events if event.seq >= asked.floor), asked.floor - 1, last)
        self.seq = self._wanted
        return Opened(self.seq, events, first, last)
