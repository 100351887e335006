"""What this client knows of the room, and what is to be drawn because of it: messages, pending ones, members.

Pure state, owned by the screen's thread. Fed with the server's frames, in the order received, and with what its user
does; knows no sockets, no widgets and no clock: times are handed in, in milliseconds since the Unix epoch, UTC.

An own message is pending until the server echoes it, recognised by `uid` and `cid`; that is the only way it becomes
part of the room. What is still pending after a reconnection is sent again under the same `cid`.
"""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Final, assert_never

from server.protocol.events import (
    Closing,
    Event,
    HistoryPage,
    Joined,
    Left,
    Member,
    Pong,
    Presence,
    ReadHistory,
    Refused,
    Renamed,
    Resume,
    Said,
    Say,
    ServerFrame,
    Welcome,
    Whisper,
    Whispered,
    visible_to,
)
from server.protocol.nickname import nickname_key
from server.protocol.text import excerpt
from tui_client import strings
from tui_client.conversation import MAX_SENTENCE
from tui_client.drawing import Drawing
from tui_client.entry import Entry, State
from tui_client.names_seen import NamesSeen
from tui_client.partners import Partner, Partners
from tui_client.roster import Roster, clean_nick

MAX_PENDING: Final = 200
"""Own messages that wait at the same time: more than anybody types while a server is away."""

_RECENT_EVENTS: Final = 512
"""How many of the newest events are recognised when a restarted server shows its last screenful again."""


class TooManyPending(Exception):
    """`MAX_PENDING` messages wait already; this one was not taken."""


@dataclass(frozen=True, slots=True)
class Page:
    """Older entries, oldest first: everything from event `first` up to but without event `before`."""

    room: Sequence[Entry]
    whispers: Sequence[Entry]
    first: int
    before: int


@dataclass(slots=True)
class Changes:
    """What a batch of frames changed on the screen.

    `room` and `whispers` are to be appended in order; an entry of one's own carries the `id` it had while pending.
    After `welcomed`, what `resend` gives is to be sent; if `retry_after_ms` is given, so long later once more.
    """

    room: list[Entry] = field(default_factory=list)
    whispers: list[Entry] = field(default_factory=list)
    pages: list[Page] = field(default_factory=list)
    answers: list[HistoryPage | Refused] = field(default_factory=list)
    """What came of questions under numbers that somebody else has taken."""
    pending_changed: bool = False
    members_changed: bool = False
    nick_changed: bool = False
    welcomed: bool = False
    begins_at: int | None = None
    """When a log begins to be shown: everything from this event on will be. Nothing older can be had if it is 0."""
    retry_after_ms: int | None = None


@dataclass(frozen=True, slots=True)
class _Pending:
    command: Say | Whisper
    entry: Entry


_Mark = tuple[int, int, str]
"""An event's `seq`, `at` and `uid`: the same three in a log that was restarted are the same event."""


class Timeline:
    """The room as one client sees it. `new_cid` gives a name that was never used before, e.g. a UUID, at each call.

    `nick` is what the next `hello` asks for, then what the server says it is. `position` is where to go on after a
    reconnection; it is replaced as a whole, so that the link's thread may read it.
    """

    def __init__(self, nick: str, new_cid: Callable[[], str]) -> None:
        self.nick = nick
        self.position: Resume | None = None
        self._new_cid = new_cid
        self.names_seen = NamesSeen()
        self._roster = Roster()
        self._partners = Partners()
        self._drawing = Drawing()
        self._pending: dict[str, _Pending] = {}
        self._epoch = ""
        self._last_seq = 0
        self._replay_until_seq = 0
        self._recent: deque[_Mark] = deque(maxlen=_RECENT_EVENTS)
        self._seen_before_restart: frozenset[_Mark] = frozenset()
        self._awaited_page: ReadHistory | None = None
        self._page_ids = count(1)

    # --- what is so ---------------------------------------------------------------------------------------------------

    @property
    def uid(self) -> str:
        """This client's public name; nothing before the first welcome."""
        return self._drawing.uid

    @property
    def is_current(self) -> bool:
        """Whether the room's past has been replayed, so that what comes now is new."""
        return bool(self._epoch) and self._last_seq >= self._replay_until_seq

    @property
    def members(self) -> Sequence[Member]:
        """Who is in the room, by nickname."""
        return self._roster.members

    def is_away(self, member: Member) -> bool:
        """Whether the connection of `member` was lost and the seat is kept for a while."""
        return self._roster.is_away(member)

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

    def nick_of(self, partner: Partner) -> str:
        """What `partner` is called now; nothing if they have left."""
        nicks = [member.nick for member in self._roster.members if member.uid == partner.uid]
        return partner.nick if partner.nick in nicks else next(iter(nicks), "")

    def find_partner(self, nick: str) -> Partner:
        """Who has the nickname now, as somebody to whisper to."""
        member = self._roster.find(nick)
        return Partner(member.nick, member.uid) if member else Partner(nick, "")

    @property
    def pending_room(self) -> Sequence[Entry]:
        """Own public messages that no echo has settled yet, in the order sent."""
        return tuple(waiting.entry for waiting in self._pending.values() if not waiting.entry.is_whisper)

    @property
    def pending_whispers(self) -> Sequence[Entry]:
        """Own whispers that no echo has settled yet, in the order sent."""
        return tuple(waiting.entry for waiting in self._pending.values() if waiting.entry.is_whisper)

    # --- what the user does -------------------------------------------------------------------------------------------

    def say(self, text: str, at_ms: int) -> Say:
        """Note `text`, cleaned and checked, as pending, and return what is to be sent. Raises TooManyPending."""
        cid = self._reserve_cid()
        command = Say(cid, text)
        self._pending[cid] = _Pending(command, self._drawing.pending_say(self.nick, text, at_ms))
        return command

    def whisper(self, to: str, text: str, at_ms: int) -> Whisper:
        """Like `say`, to one member. It is bound to who has the nickname now, so that nobody else can receive it."""
        return self.whisper_to(self.find_partner(to), text, at_ms)

    def whisper_to(self, partner: Partner, text: str, at_ms: int) -> Whisper:
        """Like `say`, to `partner` and nobody else who may have taken the nickname meanwhile."""
        cid = self._reserve_cid()
        command = Whisper(cid, partner.nick, text, partner.uid or None)
        self._pending[cid] = _Pending(command, self._drawing.pending_whisper(command.to, text, at_ms))
        return command

    def resend(self) -> Sequence[Say | Whisper]:
        """Everything pending, in the order sent, under the same names: the server takes each at most once."""
        return tuple(waiting.command for waiting in self._pending.values())

    def older(self, before: int) -> ReadHistory | None:
        """The request for the page before event `before`; None while one is on its way or when nothing is older."""
        if self._awaited_page is not None or before <= 1:
            return None
        self._awaited_page = ReadHistory(self.new_page_id(), before)
        return self._awaited_page

    def new_page_id(self) -> int:
        """A number for a question of somebody else's, whose answer comes in `Changes.answers`."""
        return next(self._page_ids)

    def draw(self, events: Iterable[Event]) -> Sequence[Entry]:
        """`events` of the past as entries."""
        return [entry for event in events if visible_to(event, self.uid) for entry in self._drawing.of_event(event)]

    def notice(self, text: str, at_ms: int) -> Entry:
        """Something this program tells its user, to be appended to either pane."""
        return self._drawing.notice(text, at_ms)

    def error(self, text: str, at_ms: int) -> Entry:
        """Like `notice`, for what failed."""
        return self._drawing.error(text, at_ms)

    def _reserve_cid(self) -> str:
        if len(self._pending) >= MAX_PENDING:
            raise TooManyPending
        return self._new_cid()

    # --- what the server says -----------------------------------------------------------------------------------------

    def receive(self, frames: Iterable[ServerFrame], now_ms: int) -> Changes:
        """Take in `frames`, in order, and say what is to be drawn."""
        changes = Changes()
        for frame in frames:
            self._receive_one(frame, now_ms, changes)
        if self._epoch:
            self.position = Resume(self._epoch, self._last_seq)
        return changes

    def _receive_one(self, frame: ServerFrame, now_ms: int, changes: Changes) -> None:
        self.names_seen.note(frame)
        match frame:
            case Said() | Whispered() | Joined() | Left() | Renamed():
                self._receive_event(frame, changes)
            case Welcome():
                self._receive_welcome(frame, now_ms, changes)
            case Refused():
                self._receive_refusal(frame, now_ms, changes)
            case Presence():
                self._roster.note_presence(frame)
                changes.members_changed = True
            case HistoryPage():
                self._receive_page(frame, changes)
            case Pong() | Closing():
                """The link's business."""
            case _:
                assert_never(frame)

    def _receive_welcome(self, welcome: Welcome, now_ms: int, changes: Changes) -> None:
        self._drawing.uid = welcome.uid
        if not self._epoch:
            self._last_seq = welcome.replay_from - 1
            changes.begins_at = welcome.replay_from
        else:
            self._continue(welcome, now_ms, changes)
        self._epoch = welcome.epoch
        self._replay_until_seq = welcome.seq
        self._awaited_page = None
        self._roster.start_from(welcome)
        self._take_nick(welcome.nick, changes)
        self._drawing.others = self._other_nicks()
        changes.members_changed = changes.welcomed = True

    def _continue(self, welcome: Welcome, now_ms: int, changes: Changes) -> None:
        """Put the cursor where the replay begins, and announce whatever makes it no plain continuation."""
        restarted, gap = welcome.epoch != self._epoch, welcome.replay_from > self._last_seq + 1
        another_log = welcome.seq < self._last_seq
        if another_log:
            changes.begins_at = 0  # its older pages don't belong above what is shown
        if restarted:
            self._seen_before_restart = frozenset(self._recent)
        if restarted or gap:
            self._last_seq = welcome.replay_from - 1
        said = [strings.NEW_LOG] * another_log + [strings.SERVER_RESTARTED] * (restarted and not another_log)
        changes.room.extend(self.notice(text, now_ms) for text in said + [strings.GAP] * gap)

    def _receive_event(self, event: Event, changes: Changes) -> None:
        if not visible_to(event, self.uid):
            return
        pending = self._settle(event, changes)
        mark = (event.seq, event.at, event.uid)
        is_new = event.seq > self._last_seq and mark not in self._seen_before_restart
        if event.seq > self._last_seq:
            self._last_seq = event.seq
            self._recent.append(mark)
            self._follow_members(event, changes)
            if isinstance(event, Whispered | Renamed):
                self._partners.follow(event, self.uid)
        if is_new or pending:
            (changes.whispers if isinstance(event, Whispered) else changes.room).extend(
                self._drawing.of_event(event, pending)
            )

    def _settle(self, event: Event, changes: Changes) -> Entry | None:
        """The pending message that `event` is the echo of, now no longer pending."""
        if not isinstance(event, Said | Whispered) or event.uid != self.uid or event.cid is None:
            return None
        waiting = self._pending.pop(event.cid, None)
        if waiting is None:
            return None
        changes.pending_changed = True
        return waiting.entry

    def _follow_members(self, event: Event, changes: Changes) -> None:
        if isinstance(event, Said | Whispered) or not self._roster.follow(event):
            return
        changes.members_changed = True
        self._drawing.others = self._other_nicks()
        # Two nicknames of one uid are two windows: the other one's new name is not this one's.
        if isinstance(event, Renamed) and event.uid == self.uid and nickname_key(event.was) == nickname_key(self.nick):
            self._take_nick(event.nick, changes)

    def _take_nick(self, nick: str, changes: Changes) -> None:
        nick = clean_nick(nick)
        changes.nick_changed |= nick != self.nick
        self.nick = self._drawing.nick = nick

    def _other_nicks(self) -> Sequence[str]:
        """Everybody else's: in a longer one of these, one's own is no mention."""
        return tuple(member.nick for member in self._roster.members if member.nick != self.nick)

    def _receive_refusal(self, refused: Refused, now_ms: int, changes: Changes) -> None:
        if refused.id is not None:
            self._receive_refused_question(refused, changes)
            return
        reason = excerpt(refused.text, MAX_SENTENCE)
        if refused.cid is None or refused.cid not in self._pending:
            changes.room.append(self.error(reason, now_ms))
            return
        if refused.retry_ms is not None:
            changes.retry_after_ms = max(refused.retry_ms, changes.retry_after_ms or 0)
            return
        failed = self._pending.pop(refused.cid).entry
        changes.pending_changed = True
        pane = changes.whispers if failed.is_whisper else changes.room
        pane.append(replace(failed, state=State.FAILED))
        pane.append(self.error(strings.not_sent(reason), now_ms))

    def _receive_refused_question(self, refused: Refused, changes: Changes) -> None:
        if self._awaited_page is not None and self._awaited_page.id == refused.id:
            self._awaited_page = None
        else:
            changes.answers.append(refused)

    def _receive_page(self, page: HistoryPage, changes: Changes) -> None:
        asked = self._awaited_page
        if asked is None or page.id != asked.id:
            changes.answers.append(page)
            return
        self._awaited_page = None
        room: list[Entry] = []
        whispers: list[Entry] = []
        for event in page.events:
            if visible_to(event, self.uid):
                pane = whispers if isinstance(event, Whispered) else room
                pane.extend(self._drawing.of_event(event, self._settle(event, changes)))
        first = page.events[0].seq if page.more and page.events else 0
        changes.pages.append(Page(room, whispers, first, asked.before))
