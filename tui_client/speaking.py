"""What one says, from typing to its echo, as somebody in the room: the lower half of the timeline.

Pure state like that, and of the same thread. Knows who one is, who else is here and what becomes of each own message; not what others say.
"""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from msgspec.structs import replace

from server.protocol.errors import Code
from server.protocol.events import Event, Member, Refused, Said, Say, Whisper, Whispered
from server.protocol.nickname import nickname_key
from server.protocol.text import excerpt
from tui_client import strings
from tui_client.changes import Changes, Failure
from tui_client.conversation import MAX_SENTENCE
from tui_client.drawing import Drawing
from tui_client.entry import Entry
from tui_client.outbox import Letter, Sink
from tui_client.partners import Partner
from tui_client.roster import Roster, clean_nick
from tui_client.sending import MAX_LOST, HeldUp, Own, Sending
from tui_client.until import with_end

STALE_AFTER_MS: Final = 24 * 60 * 60 * 1000
"""What was written so long ago is not sent without asking: the moment that it was meant for is over."""

_STALE: Final = "stale"
_LOST: Final = "lost"
"""In place of a server's code."""

_ADDRESS_CODES: Final = frozenset({Code.NO_SUCH_NICK, Code.RECIPIENT_CHANGED})


class Speaking:
    """One member of the room. The parameters are those of `Timeline`."""

    def __init__(self, nick: str, new_cid: Callable[[], str], sink: Sink, most_on_their_way: int) -> None:
        self.nick = nick
        self._new_cid = new_cid
        self._roster = Roster()
        self._drawing = Drawing(self._roster)
        self._sending = Sending(sink, most_on_their_way)
        self._stood: deque[tuple[int, Letter]] = deque(maxlen=MAX_LOST)
        """The newest own messages that stand in the log, by their numbers there."""

    # --- who is here --------------------------------------------------------------------------------------------------

    @property
    def uid(self) -> str:
        """This client's public name; nothing before the first welcome."""
        return self._drawing.uid

    @property
    def members(self) -> Sequence[Member]:
        """Who is in the room, by nickname."""
        return self._roster.members

    def is_away(self, member: Member) -> bool:
        """Whether the connection of `member` was lost and the seat is kept for a while."""
        return self._roster.is_away(member)

    def is_away_now(self, nick: str) -> bool:
        """The same of whoever has the nickname."""
        member = self._roster.find(nick)
        return member is not None and self._roster.is_away(member)

    def nick_of(self, partner: Partner) -> str:
        """What `partner` is called now; nothing if they have left."""
        nicks = [member.nick for member in self._roster.members if member.uid == partner.uid]
        return partner.nick if partner.nick in nicks else next(iter(nicks), "")

    def find_partner(self, nick: str) -> Partner:
        """Who has the nickname now, as somebody to whisper to."""
        member = self._roster.find(nick)
        return Partner(member.nick, member.uid) if member else Partner(nick, "")

    def _take_nick(self, nick: str, changes: Changes) -> None:
        nick = clean_nick(nick)
        changes.nick_changed |= nick != self.nick
        self.nick = self._drawing.nick = nick

    # --- what one says ------------------------------------------------------------------------------------------------

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

    @property
    def is_held_up(self) -> bool:
        """Whether the server has asked for patience with what is pending, and perhaps still does."""
        return self._sending.is_held_up

    @property
    def held_up(self) -> HeldUp | None:
        """Why the server takes nothing for now, if that is worth telling."""
        return self._sending.held_up

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
        letter = Letter(fresh, old.text, now_ms, *self._find_again(old), sent=old.sent and fresh == cid)
        self._sending.send_again(cid, letter, self._draw_own(letter))
        return True

    def throw_away(self, cid: str) -> bool:
        """Forget a message that failed, or waits and can't have reached the server; whether it was such a one."""
        if not self._sending.can_be_thrown_away(cid):
            return False
        self._sending.throw_away(cid)
        return True

    # --- how it is shown ----------------------------------------------------------------------------------------------

    @property
    def pending(self) -> Sequence[Letter]:
        """Own messages that no echo has settled yet and that are, or will be, on their way, in the order sent."""
        return self._sending.waiting

    @property
    def failed(self) -> Sequence[Letter]:
        """Own messages that can't be sent as they are, and why; kept until they are sent again or thrown away."""
        return self._sending.failed

    @property
    def retractable(self) -> Sequence[Letter]:
        """Those that are pending and that nobody but us has yet."""
        return [letter for letter in self._sending.waiting if self._sending.can_be_thrown_away(letter.cid)]

    @property
    def pending_room(self) -> Sequence[Entry]:
        """Own public messages that are not settled, in the order sent; below those that failed, why."""
        return self._sending.shown(whispers=False)

    @property
    def pending_whispers(self) -> Sequence[Entry]:
        """The same of own whispers."""
        return self._sending.shown(whispers=True)

    def notice(self, text: str, at_ms: int) -> Entry:
        """Something this program tells its user, to be appended to either pane."""
        return self._drawing.notice(text, at_ms)

    def error(self, text: str, at_ms: int) -> Entry:
        """Like `notice`, for what failed."""
        return self._drawing.error(text, at_ms)

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
            complaint = self._complain(strings.failed_before(letter.reason), now_ms)
            return Own.failed(letter, entry, complaint, is_inherited=True)
        return Own(letter, entry, is_inherited=True)

    def _complain(self, reason: str, now_ms: int) -> Entry:
        return self._drawing.complaint(reason, now_ms)

    def _find_again(self, letter: Letter) -> tuple[str, str]:
        """Whom a whisper is to now: the same one under whatever name; who has the nickname, if nobody was known to.

        What may stand in the log stays what it was there: under its `cid` with another recipient it would be another message.
        """
        if letter.code == _STALE:
            return letter.to, letter.to_uid
        partner = Partner(letter.to, letter.to_uid) if letter.to_uid else self.find_partner(letter.to)
        return self.nick_of(partner) or letter.to, partner.uid

    def _reason(self, letter: Letter, refused: Refused) -> str:
        """Why a message was refused for good: of whom it is to, we may know more than the server says."""
        if letter.to_uid and refused.code in _ADDRESS_CODES:
            nick = self.nick_of(Partner(letter.to, letter.to_uid))
            if nick and nick != letter.to:
                return strings.is_called_now(letter.to, nick)
            if refused.code == Code.RECIPIENT_CHANGED:
                return strings.nick_passed_on(letter.to)
        if refused.code == Code.MUTED and refused.until is not None:
            return with_end(strings.MUTED, refused.until)  # how much longer would be wrong in a moment
        return with_end(excerpt(refused.text, MAX_SENTENCE), refused.until)

    # --- what becomes of it -------------------------------------------------------------------------------------------

    def _settle(self, event: Event, changes: Changes) -> Entry | None:
        """The own message that `event` is the echo of, now no longer pending."""
        if not isinstance(event, Said | Whispered) or event.uid != self.uid or event.cid is None:
            return None
        own = self._sending.settle(event.cid)
        if own is None:
            return None
        self._stood.append((event.seq, own.letter))
        changes.delivered.append(event.cid)
        changes.pending_changed = True
        return own.entry

    def _note_arrival(self, nick: str, uid: str, changes: Changes) -> None:
        """Somebody has come in; perhaps one to whom a whisper has failed since they weren't here."""
        for letter in self._sending.failed:
            is_them = letter.to_uid == uid if letter.to_uid else nickname_key(letter.to) == nickname_key(nick)
            if letter.code == Code.NO_SUCH_NICK and is_them:
                changes.can_be_reached = nick

    def _lose(self, after_seq: int, now_ms: int, changes: Changes) -> None:
        """The log has lost everything behind event `after_seq`: whether one's own is to be said again, its writer decides."""
        lost = [letter for seq, letter in self._stood if seq > after_seq]
        self._stood = deque(((seq, letter) for seq, letter in self._stood if seq <= after_seq), MAX_LOST)
        for stood in lost:
            letter = replace(stood, code=_LOST, reason=strings.LOST, sent=False)
            entry = self._draw_own(replace(letter, at=now_ms))
            self._sending.lose(letter, entry, self._complain(strings.LOST, now_ms))
            changes.pending_changed = True

    def _refuse(self, refused: Refused, now_ms: int, changes: Changes) -> bool:
        """Put the own message off that is refused for now, or keep it as failed; false if it is none of those that wait."""
        if refused.cid is None or not self._sending.is_waiting(refused.cid):
            return False
        changes.pending_changed = True
        if refused.retry_ms is not None:
            self._sending.delay(refused.cid, refused.code)
            changes.retry_after_ms = max(refused.retry_ms, changes.retry_after_ms or 0)
            changes.delay_reason = strings.put_off_for(refused.code, excerpt(refused.text, MAX_SENTENCE))
        else:
            letter = self._sending.letter(refused.cid)
            reason = self._reason(letter, refused)
            letter = replace(letter, code=refused.code, reason=reason, sent=False)
            entry = self._sending.fail(letter, self._complain(reason, now_ms))
            changes.failed.append(Failure(letter, entry, reason))
        return True
