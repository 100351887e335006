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

from msgspec.structs import replace

from server.protocol.errors import Code
from server.protocol.events import (
    Announced,
    Closing,
    Done,
    Event,
    HistoryPage,
    Joined,
    Left,
    Member,
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
from tui_client.catching_up import CatchingUp
from tui_client.changes import Changes, Failure, Page
from tui_client.conversation import MAX_SENTENCE
from tui_client.drawing import Drawing
from tui_client.entry import Entry
from tui_client.ignoring import Ignoring
from tui_client.names_seen import NamesSeen
from tui_client.outbox import NOWHERE, Letter, Sink
from tui_client.partners import Partner, Partners
from tui_client.roster import Roster, clean_nick
from tui_client.sending import MAX_PENDING, Own, Sending, TooManyPending
from tui_client.until import with_end

__all__ = ["MAX_PENDING", "Changes", "Failure", "Page", "Timeline", "TooManyPending"]

_RECENT_EVENTS: Final = 5_000
"""How many of the newest events are recognised when a server's log is another one than before: all that are shown."""

STALE_AFTER_MS: Final = 24 * 60 * 60 * 1000
"""What was written so long ago is not sent without asking: the moment that it was meant for is over."""

_STALE: Final = "stale"
"""In place of a server's code."""

_EXCERPT_CHARS: Final = 40


class Timeline:
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
        self.ignoring = ignoring or Ignoring()
        self.nick = nick
        self.position: Resume | None = None
        self._new_cid = new_cid
        self.names_seen = NamesSeen()
        self._roster = Roster()
        self._partners = Partners()
        self._drawing = Drawing()
        self._sending = Sending(sink, most_on_their_way)
        self._epoch = ""
        self._last_seq = 0
        self._begins_at = 0
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

    # --- what is so ---------------------------------------------------------------------------------------------------

    @property
    def uid(self) -> str:
        """This client's public name; nothing before the first welcome."""
        return self._drawing.uid

    @property
    def is_current(self) -> bool:
        """Whether the room's past has been replayed, so that what comes now is new."""
        return bool(self._epoch) and self._catching_up is None and self._last_seq >= self._replay_until_seq

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
    def pending(self) -> Sequence[Letter]:
        """Own messages that no echo has settled yet and that are, or will be, on their way, in the order sent."""
        return self._sending.waiting

    @property
    def failed(self) -> Sequence[Letter]:
        """Own messages that can't be sent as they are, and why; kept until they are sent again or thrown away."""
        return self._sending.failed

    @property
    def pending_room(self) -> Sequence[Entry]:
        """Own public messages that are not settled, in the order sent; below those that failed, why."""
        return self._sending.shown(whispers=False)

    @property
    def pending_whispers(self) -> Sequence[Entry]:
        """The same of own whispers."""
        return self._sending.shown(whispers=True)

    # --- what the user does -------------------------------------------------------------------------------------------

    def say(self, text: str, at_ms: int) -> Say:
        """Note `text`, cleaned and checked, as pending; `next_to_send` says when it is its turn. Raises TooManyPending."""
        letter = Letter(self._new_cid(), text, at_ms)
        self._sending.add(letter, self._draw_own(letter))
        return Say(letter.cid, text)

    def whisper(self, to: str, text: str, at_ms: int) -> Whisper:
        """Like `say`, to one member. It is bound to who has the nickname now, so that nobody else can receive it."""
        return self.whisper_to(self.find_partner(to), text, at_ms)

    def whisper_to(self, partner: Partner, text: str, at_ms: int) -> Whisper:
        """Like `say`, to `partner` and nobody else who may have taken the nickname meanwhile."""
        letter = Letter(self._new_cid(), text, at_ms, partner.nick, partner.uid)
        self._sending.add(letter, self._draw_own(letter))
        return Whisper(letter.cid, letter.to, text, letter.to_uid or None)

    def take_up(self, letters: Iterable[Letter], now_ms: int) -> None:
        """What an earlier run of this client has left: it is sent before everything else, or kept as failed."""
        self._sending.take_up([self._inherit(letter, now_ms) for letter in letters], self._draw_own)

    def next_to_send(self, *, is_online: bool) -> Sequence[Say | Whisper]:
        """What is to be sent now; it is not given again before it was answered, or there is a new connection."""
        return self._sending.next() if is_online else ()

    @property
    def has_room(self) -> bool:
        """Whether another message could be sent at once."""
        return self._sending.has_room

    def go_on(self) -> None:
        """The time that the server has asked for is over."""
        self._sending.go_on()

    def send_again(self, cid: str, now_ms: int) -> bool:
        """Let a message that failed wait once more, behind all others; whether there is such a one.

        Under its own `cid`, which the server has never used, so that it can't be said twice; unless that is what was wrong with it.
        """
        if not self._sending.has_failed(cid):
            return False
        old = self._sending.letter(cid)
        fresh = self._new_cid() if old.code == Code.CID_CONFLICT else cid
        letter = Letter(fresh, old.text, now_ms, *self._find_again(old))
        self._sending.send_again(cid, letter, self._draw_own(letter))
        return True

    def throw_away(self, cid: str) -> bool:
        """Forget a message that failed; whether there was such a one."""
        if not self._sending.has_failed(cid):
            return False
        self._sending.throw_away(cid)
        return True

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

    def new_order_id(self) -> int:
        """A number for something that the server is to do: what comes of it is told."""
        order = self.new_page_id()
        self._orders.add(order)
        return order

    def draw(self, events: Iterable[Event]) -> Sequence[Entry]:
        """`events` of the past as entries."""
        return [entry for event in events if self.shows(event) for entry in self._drawing.of_event(event)]

    def notice(self, text: str, at_ms: int) -> Entry:
        """Something this program tells its user, to be appended to either pane."""
        return self._drawing.notice(text, at_ms)

    def error(self, text: str, at_ms: int) -> Entry:
        """Like `notice`, for what failed."""
        return self._drawing.error(text, at_ms)

    # --- own messages -------------------------------------------------------------------------------------------------

    def _draw_own(self, letter: Letter) -> Entry:
        if letter.to:
            return self._drawing.pending_whisper(letter.to, letter.text, letter.at)
        return self._drawing.pending_say(self.nick, letter.text, letter.at)

    def _inherit(self, letter: Letter, now_ms: int) -> Own:
        """Drawn as of now: it stands below everything else, where an older day would come once more."""
        if not letter.code and now_ms - letter.at > STALE_AFTER_MS:
            letter = replace(letter, code=_STALE, reason=strings.STALE)
        entry = self._draw_own(replace(letter, at=now_ms))
        if letter.code:
            return Own.failed(letter, entry, self._complain(letter, now_ms), is_inherited=True)
        return Own(letter, entry, is_inherited=True)

    def _complain(self, letter: Letter, now_ms: int) -> Entry:
        return self.error(strings.failed(letter.reason), now_ms)

    def _find_again(self, letter: Letter) -> tuple[str, str]:
        """Whom a whisper is to now: the same one under whatever name; who has the nickname, if nobody was known to."""
        partner = Partner(letter.to, letter.to_uid) if letter.to_uid else self.find_partner(letter.to)
        return self.nick_of(partner) or letter.to, partner.uid

    def _settle(self, event: Event, changes: Changes) -> Entry | None:
        """The own message that `event` is the echo of, now no longer pending."""
        if not isinstance(event, Said | Whispered) or event.uid != self.uid or event.cid is None:
            return None
        entry = self._sending.settle(event.cid)
        if entry is not None:
            changes.delivered.append(event.cid)
            changes.pending_changed = True
        return entry

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
        self._orders.remove(done.id)
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
        self._last_seq = event.seq
        self._recent.append(_mark(event))
        self._follow_members(event, changes)
        if self.ignoring.hides(event, self.uid):
            self._tell_of_hidden(event, now_ms, changes)
            return
        if isinstance(event, Whispered | Renamed):
            self._partners.follow(event, self.uid)
        changes.entries.extend(self._drawing.of_event(event, own))

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
        if refused.id is not None and refused.id not in self._orders:
            self._receive_refused_question(refused, now_ms, changes)
            return
        self._orders.discard(refused.id or 0)
        reason = with_end(excerpt(refused.text, MAX_SENTENCE), refused.until)
        if refused.cid is None or not self._sending.is_waiting(refused.cid):
            changes.entries.append(self.error(reason, now_ms))
            return
        changes.pending_changed = True
        if refused.retry_ms is not None:
            self._sending.delay(refused.cid)
            changes.retry_after_ms = max(refused.retry_ms, changes.retry_after_ms or 0)
            changes.delay_reason = reason
            return
        letter = replace(self._sending.letter(refused.cid), code=refused.code, reason=reason)
        entry = self._sending.fail(letter, self._complain(letter, now_ms))
        changes.failed.append(Failure(letter, entry, reason))

    def _receive_refused_question(self, refused: Refused, now_ms: int, changes: Changes) -> None:
        if self._catching_up is not None and self._catching_up.is_asked(refused.id or 0):
            self._end_catching_up(now_ms, changes)
        elif self._awaited_pages.pop(refused.id or 0, None) is None:
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
        if page.begins is not None and page.events and not asked.whispers:
            room.insert(0, self.notice(strings.FORGOTTEN, page.events[0].at))
        changes.pages.append(Page(room, whispers, first, asked.before, asked.whispers))
        shown = (event for event in page.events if isinstance(event, Whispered) and self.shows(event))
        self._partners.recall(shown, self.uid)

    # --- coming in, and coming back -----------------------------------------------------------------------------------

    def _receive_welcome(self, welcome: Welcome, now_ms: int, changes: Changes) -> None:
        self._drawing.uid = welcome.uid
        self._welcome = welcome
        self._replay_until_seq = welcome.seq
        self._awaited_pages.clear()
        self._forget_orders(now_ms, changes)
        self._catching_up = None
        self._sending.start_over()
        self._roster.start_from(welcome)
        self._take_nick(welcome.nick, changes)
        self._drawing.others = self._other_nicks()
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
            changes.entries.append(self.error(strings.ORDERS_LOST, now_ms))

    def _come_back(self, welcome: Welcome, now_ms: int, changes: Changes) -> None:
        """Go on where the replay begins, if that is a plain continuation; else read what is missing first."""
        if welcome.fresh or welcome.seq < self._last_seq:
            seen = frozenset(self._recent)
            self._catch_up(welcome.seq + 1, self._begins_at - 1, lambda event: _mark(event) in seen, changes)
        elif welcome.replay_from > self._last_seq + 1:
            self._catch_up(welcome.replay_from, self._last_seq, lambda _: False, changes)
        else:
            self._follow_epoch(welcome, now_ms, changes)

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
        if not (welcome.fresh or welcome.seq < self._last_seq):
            self._follow_epoch(welcome, now_ms, changes)
            told = "" if catching_up.has_reached_floor else strings.GAP
        elif catching_up.joined is None:
            missed = [event for event in missed if event.seq >= welcome.replay_from]
            self._last_seq = welcome.replay_from - 1
            self._begins_at = welcome.replay_from
            changes.begins_at = 0  # its older pages don't belong above what is shown
            told = strings.NEW_LOG
        else:
            is_whole = _mark(catching_up.joined) == self._recent[-1]
            self._last_seq = catching_up.joined.seq
            told = strings.SERVER_RESTARTED if is_whole else strings.ROLLED_BACK
        self._epoch = welcome.epoch
        changes.entries.extend(self.notice(text, now_ms) for text in (told,) if text)
        for event in (*missed, *catching_up.held):
            self._receive_event(event, now_ms, changes)

    def _follow_epoch(self, welcome: Welcome, now_ms: int, changes: Changes) -> None:
        if welcome.epoch != self._epoch:
            self._epoch = welcome.epoch
            changes.entries.append(self.notice(strings.SERVER_RESTARTED, now_ms))


def _mark(event: Event) -> int:
    """The same for the same event, also in a log that was copied or restored."""
    return hash((event.seq, event.at, event.uid))
