"""What this client knows of the room, and what is to be drawn because of it: messages, pending ones, members.

Pure state, owned by the screen's thread. Fed with the server's frames, in the order received, and with what its user
does; knows no sockets, no widgets and no clock: times are handed in, in milliseconds since the Unix epoch, UTC.

An own message is pending until the server echoes it, recognised by `uid` and `cid`; that is the only way it becomes
part of the room. What is still pending after a reconnection is sent again under the same `cid`. An event is shown only if its `seq` is
behind that of every event before it: so none is shown twice, and none in another order than the log's.
"""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from itertools import count
from typing import Final, assert_never

from server.protocol.errors import Code
from server.protocol.events import (
    Action,
    Announced,
    Closing,
    Done,
    Event,
    HistoryPage,
    Joined,
    Left,
    Moderated,
    Ping,
    Pong,
    Presence,
    ReadHistory,
    Refused,
    Renamed,
    Resume,
    Said,
    SanctionList,
    ServerFrame,
    Welcome,
    Whispered,
    visible_to,
)
from server.protocol.nickname import nickname_key
from server.protocol.text import excerpt
from tui_client import strings
from tui_client.catching_up import CatchingUp
from tui_client.changes import Changes, Failure, Page
from tui_client.conversation import MAX_SENTENCE
from tui_client.entry import Entry
from tui_client.ignoring import Ignoring
from tui_client.names_seen import NamesSeen
from tui_client.outbox import NOWHERE, Sink
from tui_client.partners import Partner, Partners
from tui_client.roster import clean_nick
from tui_client.sending import MAX_PENDING, TooManyPending
from tui_client.speaking import STALE_AFTER_MS, Speaking
from tui_client.until import with_end

__all__ = ["MAX_PENDING", "STALE_AFTER_MS", "Changes", "Failure", "Page", "Timeline", "TooManyPending"]

_RECENT_EVENTS: Final = 5_000
"""How many of the newest events are recognised when a server's log is another one than before: all that are shown."""

_EXCERPT_CHARS: Final = 40


class Timeline(Speaking):
    """The room as one client sees it. `new_cid` gives a name that was never used before, e.g. a UUID, at each call.

    `nick` is what the next `hello` asks for, then what the server says it is. `position` is where to go on after a
    reconnection; it is replaced as a whole, so that the link's thread may read it. Own messages are noted in `sink`, and
    at most `most_on_their_way` are sent without waiting for an answer.
    """

    def __init__(
        self,
        nick: str,
        new_cid: Callable[[], str],
        sink: Sink = NOWHERE,
        *,
        most_on_their_way: int = 1,
        ignoring: Ignoring | None = None,
    ) -> None:
        super().__init__(nick, new_cid, sink, most_on_their_way)
        self.ignoring = ignoring or Ignoring()
        self.position: Resume | None = None
        self.names_seen = NamesSeen()
        self._partners = Partners()
        self._epoch = ""
        self._last_seq = 0
        self._begins_at = 0
        self._oldest_at_ms = 0
        """When the oldest event was that is shown."""
        self._replay_until_seq = 0
        self._recent: deque[int] = deque(maxlen=_RECENT_EVENTS)
        """The marks of what was shown."""
        self._catching_up: CatchingUp | None = None
        self._welcome: Welcome | None = None
        self._awaited_pages: dict[int, ReadHistory] = {}
        """By number: at most one for everything, and one for whispers."""
        self._page_ids = count(1)
        self._orders: set[int] = set()
        """The numbers of what is to be done and was not answered yet."""
        self._renames: deque[int] = deque()
        """Those of them that are another nickname, the oldest first: they are answered in this order."""

    # --- what is so ---------------------------------------------------------------------------------------------------

    @property
    def is_current(self) -> bool:
        """Whether the room's past has been replayed, so that what comes now is new."""
        return bool(self._epoch) and self._catching_up is None and self._last_seq >= self._replay_until_seq

    @property
    def partners(self) -> Sequence[Partner]:
        """With whom one has whispered, the most recent first."""
        return self._partners.recent

    @property
    def to_answer(self) -> Partner | None:
        """Whom an answer to the last whisper goes to."""
        return self._partners.to_answer

    @property
    def newest_seq(self) -> int:
        """The newest event that was seen."""
        return self._last_seq

    # --- what the user does -------------------------------------------------------------------------------------------

    def older(self, before: int, *, whispers_only: bool = False) -> ReadHistory | None:
        """The request for the page before event `before`; None while one is on its way or when nothing is older."""
        is_awaited = any(asked.whispers is whispers_only for asked in self._awaited_pages.values())
        if is_awaited or before <= 1:
            return None
        request = ReadHistory(self.new_page_id(), before, whispers=whispers_only)
        self._awaited_pages[request.id] = request
        return request

    def new_page_id(self) -> int:
        """A number for a question of somebody else's, whose answer comes in `Changes.answers`."""
        return next(self._page_ids)

    def new_order_id(self, *, is_rename: bool = False) -> int:
        """A number for something that the server is to do: what comes of it is told. Another nickname comes as an event."""
        order = self.new_page_id()
        self._orders.add(order)
        if is_rename:
            self._renames.append(order)
        return order

    def draw(self, events: Iterable[Event]) -> Sequence[Entry]:
        """`events` of the past as entries."""
        return [entry for event in events if self.shows(event) for entry in self._drawing.of_event(event)]

    # --- what the server says -----------------------------------------------------------------------------------------

    def receive(self, frames: Iterable[ServerFrame], now_ms: int) -> Changes:
        """Take in `frames`, in order, and say what is to be drawn."""
        changes = Changes()
        for frame in frames:
            self._receive_one(frame, now_ms, changes)
        if self._epoch:
            self.position = Resume(self._epoch, self._last_seq)
        return changes

    def note_round_trip(self) -> None:
        """The server has answered a ping, which it does behind what it had to replay.

        The end of a replay can't be seen when it is a whisper between others.
        """
        self._replay_until_seq = min(self._replay_until_seq, self._last_seq)

    def _receive_one(self, frame: ServerFrame, now_ms: int, changes: Changes) -> None:
        self.names_seen.note(frame)
        match frame:
            case Said() | Whispered() | Joined() | Left() | Renamed() | Announced() | Moderated():
                if self._catching_up is not None:
                    self._catching_up.held.append(frame)
                else:
                    self._receive_event(frame, now_ms, changes)
            case Welcome():
                self._receive_welcome(frame, now_ms, changes)
            case Refused():
                self._receive_refusal(frame, now_ms, changes)
            case Presence():
                changes.members_changed |= self._roster.note_presence(frame)
            case HistoryPage():
                self._receive_page(frame, now_ms, changes)
            case Done():
                self._receive_done(frame, now_ms, changes)
            case SanctionList():
                changes.answers.append(frame)
            case Ping() | Pong() | Closing():
                """The link's business."""
            case _:
                assert_never(frame)

    def _receive_done(self, done: Done, now_ms: int, changes: Changes) -> None:
        if done.id not in self._orders:
            changes.answers.append(done)
            return
        self._settle_order(done.id, changes, is_done=True)
        if done.text:  # else everybody sees what was done
            changes.entries.append(self.notice(excerpt(done.text, MAX_SENTENCE), now_ms))

    def _receive_event(self, event: Event, now_ms: int, changes: Changes) -> None:
        if not visible_to(event, self.uid):
            return
        own = self._settle(event, changes)
        if event.seq <= self._last_seq:
            if own is not None:  # said in an earlier run, and only found out now
                text = strings.stood_already(excerpt(own.label + own.text, _EXCERPT_CHARS))
                changes.entries.append(self.notice(text, now_ms))
            return
        is_news, self._last_seq = self.is_current, event.seq
        self._oldest_at_ms = self._oldest_at_ms or event.at
        self._recent.append(_mark(event))
        self._follow_members(event, changes)
        if isinstance(event, Moderated) and nickname_key(event.target) == nickname_key(self.nick):
            self._follow_mute(event, event.at if is_news else now_ms, changes)
        if self.ignoring.hides(event, self.uid):
            self._tell_of_hidden(event, now_ms, changes)
            return
        if isinstance(event, Whispered | Renamed):
            self._partners.follow(event, self.uid)
        changes.entries.extend(self._drawing.of_event(event, own))

    def _follow_mute(self, event: Moderated, now_ms: int, changes: Changes) -> None:
        """What happens now says by itself how late it is, whatever one's own clock says; what happened before does not."""
        if event.action == Action.MUTE:
            changes.silenced_for_ms = _left_ms(event.until, now_ms)
        elif event.action == Action.UNMUTE:
            changes.silenced_for_ms = 0

    def _tell_of_hidden(self, event: Event, now_ms: int, changes: Changes) -> None:
        """Once for each, and not of what was said before this client came."""
        if self.is_current and self.ignoring.is_first_of(event.uid):
            changes.entries.append(self.notice(strings.ignored_spoke(clean_nick(event.nick)), now_ms))

    def shows(self, event: Event) -> bool:
        """Whether `event` is for this client's eyes, and its user wants to see it."""
        return visible_to(event, self.uid) and not self.ignoring.hides(event, self.uid)

    def _follow_members(self, event: Event, changes: Changes) -> None:
        if not isinstance(event, Joined | Left | Renamed) or not self._roster.follow(event):
            return
        changes.members_changed = True
        if isinstance(event, Joined):
            self._note_arrival(clean_nick(event.nick), event.uid, changes)
        # Two nicknames of one uid are two windows: the other one's new name is not this one's.
        if isinstance(event, Renamed) and event.uid == self.uid and nickname_key(event.was) == nickname_key(self.nick):
            self._take_nick(event.nick, changes)
            if self._renames:
                self._settle_order(self._renames[0], changes, is_done=True)

    def _settle_order(self, number: int, changes: Changes, *, is_done: bool) -> None:
        self._orders.remove(number)
        if number in self._renames:
            self._renames.remove(number)
        changes.orders[number] = is_done

    def _receive_refusal(self, refused: Refused, now_ms: int, changes: Changes) -> None:
        if refused.id is not None and refused.id not in self._orders:
            self._receive_refused_question(refused, refused.id, now_ms, changes)
            return
        number = self._meant_by(refused)
        is_rename = number is None or number in self._renames
        if number is not None:
            self._settle_order(number, changes, is_done=False)
        if refused.code == Code.MUTED:
            changes.silenced_for_ms = _left_ms(refused.until, now_ms)
        if not self._refuse(refused, now_ms, changes):
            changes.entries.append(self.error(_refused_order(refused, is_rename=is_rename), now_ms))

    def _meant_by(self, refused: Refused) -> int | None:
        """Which order; of all that is sent, only another nickname was refused without a name for it by earlier servers."""
        if refused.id is None and refused.cid is None and self._renames:
            return self._renames[0]
        return refused.id

    def _receive_refused_question(self, refused: Refused, question: int, now_ms: int, changes: Changes) -> None:
        if self._catching_up is not None and self._catching_up.is_asked(question):
            self._end_catching_up(now_ms, changes)
        elif self._awaited_pages.pop(question, None) is not None:
            changes.no_page_because = excerpt(refused.text, MAX_SENTENCE)
        else:
            changes.answers.append(refused)

    def _receive_page(self, page: HistoryPage, now_ms: int, changes: Changes) -> None:
        if self._catching_up is not None and self._catching_up.is_asked(page.id):
            if self._catching_up.take(page):
                self._end_catching_up(now_ms, changes)
            else:
                changes.to_send.append(self._catching_up.ask())
        elif (asked := self._awaited_pages.pop(page.id, None)) is not None:
            self._show_page(page, asked, changes)
        else:
            changes.answers.append(page)

    def _show_page(self, page: HistoryPage, asked: ReadHistory, changes: Changes) -> None:
        entries = [
            entry
            for event in page.events
            if self.shows(event)
            for entry in self._drawing.of_event(event, self._settle(event, changes))
        ]
        room, whispers = ([entry for entry in entries if entry.is_whisper is private] for private in (False, True))
        first = page.events[0].seq if page.more and page.events else 0
        if page.events and not asked.whispers:
            self._oldest_at_ms = page.events[0].at
        if page.begins is not None and not asked.whispers:
            room.insert(0, self.notice(strings.FORGOTTEN, self._oldest_at_ms))
        changes.pages.append(Page(room, whispers, first, asked.before, asked.whispers))
        shown = (event for event in page.events if isinstance(event, Whispered) and self.shows(event))
        self._partners.recall(shown, self.uid)

    # --- coming in, and coming back -----------------------------------------------------------------------------------

    def _receive_welcome(self, welcome: Welcome, now_ms: int, changes: Changes) -> None:
        self._drawing.uid = welcome.uid
        self._welcome = welcome
        self._replay_until_seq = welcome.seq
        self._forget_orders(now_ms, changes)
        self._catching_up = None
        self._sending.start_over()
        self._roster.start_from(welcome)
        self._take_nick(welcome.nick, changes)
        changes.members_changed = changes.welcomed = True
        if self._epoch:
            self._come_back(welcome, now_ms, changes)
        else:
            self._epoch = welcome.epoch
            self._last_seq = welcome.replay_from - 1
            self._begins_at = changes.begins_at = welcome.replay_from
            if (request := self.older(welcome.replay_from, whispers_only=True)) is not None:
                changes.to_send.append(request)  # what was whispered is no less there for what was said since

    def _forget_orders(self, now_ms: int, changes: Changes) -> None:
        """The answers went to a connection that is no more."""
        if self._orders:
            self._orders.clear()
            self._renames.clear()
            changes.entries.append(self.error(strings.ORDERS_LOST, now_ms))

    def _come_back(self, welcome: Welcome, now_ms: int, changes: Changes) -> None:
        """Go on where the replay begins, if that is a plain continuation; else read what is missing first."""
        if _may_be_another_log(welcome, self._last_seq):
            self._awaited_pages.clear()
            seen = frozenset(self._recent)
            self._catch_up(welcome.seq + 1, self._begins_at - 1, lambda event: _mark(event) in seen, changes)
        elif welcome.replay_from > self._last_seq + 1:
            self._catch_up(welcome.replay_from, self._last_seq, lambda _: False, changes)
        else:
            self._follow_epoch(welcome, now_ms, changes)
        changes.to_send.extend(self._awaited_pages.values())  # whose answers were lost with the connection

    def _catch_up(self, before: int, floor: int, is_known: Callable[[Event], bool], changes: Changes) -> None:
        """Until this has ended, `position` stays where it was: a connection that is lost meanwhile begins it anew."""
        self._catching_up = CatchingUp(before, floor, is_known, self.new_page_id)
        changes.to_send.append(self._catching_up.ask())

    def _end_catching_up(self, now_ms: int, changes: Changes) -> None:
        catching_up, welcome = self._catching_up, self._welcome
        assert catching_up is not None
        assert welcome is not None
        self._catching_up = None
        missed = catching_up.missed
        if not _may_be_another_log(welcome, self._last_seq):
            self._follow_epoch(welcome, now_ms, changes)
            told = changes.discontinuity = "" if catching_up.has_reached_floor else strings.GAP
        elif catching_up.joined is None:
            missed = [event for event in missed if event.seq >= welcome.replay_from]
            self._last_seq = welcome.replay_from - 1
            self._begins_at = welcome.replay_from
            changes.begins_at = 0  # its older pages don't belong above what is shown
            self._stood.clear()
            told = changes.discontinuity = strings.NEW_LOG
        elif _mark(catching_up.joined) == self._recent[-1]:
            self._last_seq = catching_up.joined.seq
            changes.is_restarted = True
            told = strings.SERVER_RESTARTED
        else:
            self._last_seq = changes.lost_after = catching_up.joined.seq
            self._lose(self._last_seq, now_ms, changes)
            told = changes.discontinuity = strings.ROLLED_BACK
        self._epoch = welcome.epoch
        changes.entries.extend(self.notice(text, now_ms) for text in (told,) if text)
        for event in (*missed, *catching_up.held):
            self._receive_event(event, now_ms, changes)

    def _follow_epoch(self, welcome: Welcome, now_ms: int, changes: Changes) -> None:
        if welcome.epoch != self._epoch:
            self._epoch = welcome.epoch
            changes.is_restarted = True
            changes.entries.append(self.notice(strings.SERVER_RESTARTED, now_ms))


def _may_be_another_log(welcome: Welcome, last_seq: int) -> bool:
    """Whether the server's log may not be the one of which event `last_seq` was seen."""
    return welcome.fresh or welcome.seq < last_seq


def _left_ms(until_ms: int | None, now_ms: int) -> int:
    """How long it is until then; 0 if that is not known, or over."""
    return 0 if until_ms is None else max(0, until_ms - now_ms)


def _mark(event: Event) -> int:
    """The same for the same event, also in a log that was copied or restored."""
    return hash((event.seq, event.at, event.uid))


def _refused_order(refused: Refused, *, is_rename: bool) -> str:
    """What was asked for besides messages: an operator's order, or another nickname."""
    if is_rename and refused.code == Code.STORAGE_FULL:
        return strings.NICK_WANTS_SPACE
    return with_end(excerpt(refused.text, MAX_SENTENCE), refused.until)
