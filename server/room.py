"""The rules of the room: what each request does to it. No sockets, no threads, no locks, no clock of its own.

Run by the sequencer's thread alone, which therefore owns the roster. A round of requests, in the order of their arrival, becomes events,
numbered on from the log's head, and answers that only the one who asked gets. Nothing of it is sent before the events are
committed; that is the sequencer's part. A round that could not be committed is rolled back, and may then be played again.

The seat of a client that can come back outlives its connection for the grace. Who finds it again in time has neither left nor joined.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Generic, assert_never

from server.config import Sending
from server.log.seating import ClientOf, KeptSeat
from server.log.store import Key, Known
from server.moderating import Moderation
from server.protocol import phrases
from server.protocol.errors import Code, Refusal
from server.protocol.events import (
    Announce,
    Ban,
    Done,
    Joined,
    Kick,
    Left,
    ListSanctions,
    Mute,
    OperatorCommand,
    Presence,
    Register,
    Rename,
    Renamed,
    Say,
    Unban,
    Unmute,
    Unregister,
    Whisper,
)
from server.registry import Registry
from server.roster import Holder, Roster, Seat
from server.rounds import (
    LOST,
    QUIT,
    STORAGE_RETRY_S,
    Admission,
    Ask,
    Enter,
    Leave,
    Promote,
    Replaced,
    Request,
    Round,
    about_command,
)
from server.sanctions import Sanctions
from server.speaking import Speech, keys_of


@dataclass(frozen=True, slots=True)
class Rules:
    """What a room grants its members."""

    grace_s: float = 0.0
    """How long the seat of a client that was cut off is kept."""
    max_away: int = 500
    """How many such seats there may be: whoever comes and goes all day under ever new names must not fill the room."""
    sending: Sending | None = None
    """How much each may say."""


NO_RULES: Final = Rules()


class Room(Generic[Holder]):
    """The roster and the rules.

    `find` looks up keys that are in the log already; `now_ms` is the time, in ms since the epoch, UTC; `now_s` that on a clock that
    never goes back. `seated` had seats when the log ended, and may come back to them; `lapsed` can't.
    """

    def __init__(
        self,
        find: Callable[[Collection[Key]], Mapping[Key, Known]],
        now_ms: Callable[[], int],
        now_s: Callable[[], float] = lambda: 0.0,
        rules: Rules = NO_RULES,
        *,
        seated: Sequence[KeptSeat] = (),
        lapsed: Sequence[KeptSeat] = (),
        registry: Registry | None = None,
        sanctions: Sanctions | None = None,
    ) -> None:
        self.roster: Roster[Holder] = Roster()
        self.roster.restore(lapsed, now_s(), LOST)
        self.roster.restore(seated, now_s() + rules.grace_s, LOST)
        self.registry = registry or Registry()
        self.moderation = Moderation(self.roster, sanctions or Sanctions())
        self.members = self.roster.members()
        """Everybody, after the last round that was committed; a value, so that any thread may read it."""
        self.speech = Speech(self.roster, self.moderation, rules.sending, now_s)
        self.standing = self.moderation.standing
        """The sanctions that stand; likewise."""
        self._find = find
        self._now_ms = now_ms
        self._now_s = now_s
        self._rules = rules
        self._presences = 0
        """How many have been told."""

    def due_in_s(self) -> float | None:
        """In how many seconds a round is due though nobody asks for anything: a grace ends then."""
        expires_at = self.roster.next_expiry()
        return None if expires_at is None else expires_at - self._now_s()

    def play(self, requests: Sequence[Request[Holder]], head: int, *, is_full: bool = False) -> Round[Holder]:
        """Carry `requests` out, the first event being number `head` + 1, then end the graces that are over. Commits nothing.

        With `is_full` there are no events: what would need one is refused or put off, everything else goes on.
        """
        self.roster.begin()
        self.registry.begin()
        played: Round[Holder] = Round(head, self._now_ms(), self._known(requests), self._presences, is_full)
        self.moderation.begin(played.at_ms)
        self._look_after_names(played)
        for request in requests:
            match request:
                case Ask():
                    self._ask(request, played)
                case Enter():
                    self._enter(request, played)
                case Leave():
                    self._leave(request, played)
                case _:
                    assert_never(request)
        for seat in self.roster.expired(self._now_s()):
            self._give_up(seat, seat.parting, played)
        return played

    def roll_back(self, played: Round[Holder]) -> None:
        """`played`, which `play` gave last, could not be committed: let everything be as it was before."""
        self.roster.undo()
        self.registry.undo()
        self.moderation.undo()
        self._presences = played.presences_before

    def committed(self, played: Round[Holder]) -> None:
        """What `play` gave is in the log, if anything was to be: now others may see who is here."""
        self.standing = self.moderation.standing
        if played.members_changed:
            self.members = self.roster.members()
        # How to undo it is of no use any more, and a room may stay silent for days behind a round in which thousands left.
        self.roster.begin()
        self.registry.begin()

    def _known(self, requests: Sequence[Request[Holder]]) -> dict[Key, Known]:
        keys = keys_of(requests)
        return dict(self._find(keys)) if keys else {}

    # --- coming in ----------------------------------------------------------------------------------------------------

    def _enter(self, request: Enter[Holder], played: Round[Holder]) -> None:
        seat = self.roster.find(request.nick)
        try:
            self.moderation.check_entrance(request, played.at_ms)
            if seat is not None and self._is_over(seat, request.uid):
                played.check_space(phrases.STORAGE_FULL_OUTSIDE)
                self._give_up(seat, seat.parting, played)
                seat = None
            if seat is not None and seat.uid == request.uid:
                self._take_over(seat, request, played)
            else:
                seat = self._join(request, played)
            self._note_seen(seat, played)
        except Refusal as refusal:
            played.verdicts.append((request.verdict, _untraced(refusal)))
        else:
            members = self.roster.members()
            if not request.is_plain:
                members.prepare()
            played.verdicts.append((request.verdict, Admission(seat, played.head, members, self._presences)))

    def _is_over(self, seat: Seat[Holder], uid: str) -> bool:
        """Whether a seat that is only kept is nobody's any more; nor that of `uid`, who was shown out, which is yet to be written."""
        if seat.uid == uid:
            return seat.away and seat.parting == Code.KICKED
        return seat.has_expired(self._now_s())

    def _join(self, request: Enter[Holder], played: Round[Holder]) -> Seat[Holder]:
        self.registry.check(request.nick, request.installation)
        if self.roster.find(request.nick) is None:
            played.check_space(phrases.STORAGE_FULL_OUTSIDE)
        is_theirs = self.registry.is_written_by(request.nick, request.installation)
        seat = self.roster.take(
            *(request.nick, request.uid, request.holder),
            is_plain=request.is_plain,
            is_theirs=is_theirs,
            address=request.address,
            device=request.installation,
        )
        joined = Joined(*played.next(), seat.uid, seat.nick)
        played.events.append(joined)
        played.members_changed = True
        self._tell_not_away(seat, played)
        if seat.device != seat.uid:
            played.names.append(ClientOf(seat.uid, seat.device))
        if seat.is_plain:
            played.plain_seqs.add(joined.seq)
        return seat

    def _take_over(self, seat: Seat[Holder], request: Enter[Holder], played: Round[Holder]) -> None:
        if seat.holder is not None:
            played.answers.append((seat.holder, Replaced()))
        was_away, was_of = seat.away, seat.device
        self.roster.hand_over(
            seat, request.holder, request.address, is_private=request.is_private, device=request.device
        )
        if seat.device != was_of and not played.is_full:
            played.names.append(ClientOf(seat.uid, seat.device))
        if was_away:
            self._tell_presence(seat, played)

    def _tell_presence(self, seat: Seat[Holder], played: Round[Holder]) -> None:
        played.presences.append(Presence(seat.uid, seat.nick, online=not seat.away))
        played.members_changed = True
        self._presences += 1

    def _tell_not_away(self, seat: Seat[Holder], played: Round[Holder]) -> None:
        """Whoever lags hears only behind the event by which somebody is called so that they were away under that nickname before."""
        if self.moderation.left_while_away(seat):
            self._tell_presence(seat, played)

    # --- being here ---------------------------------------------------------------------------------------------------

    def _ask(self, request: Ask[Holder], played: Round[Holder]) -> None:
        if not self._sits(request):
            return  # taken over meanwhile; what it sent is pending there and comes again under its cid
        try:
            match request.command:
                case Say() | Whisper():
                    self.speech.speak(request.seat, request.command, request.holder, played)
                case Rename():
                    self._rename(request.seat, request.command, played)
                case Register() | Unregister():
                    self._change_name(request.seat, request.command, request.holder, played)
                case Promote(question):
                    self.moderation.promote(request.seat, question, request.holder, played)
                case Kick() | Ban() | Unban() | Mute() | Unmute() | Announce() | ListSanctions():
                    self._moderate(request.seat, request.command, request.holder, played)
                case _:
                    assert_never(request.command)
        except Refusal as refusal:
            played.answers.append((request.holder, about_command(_untraced(refusal), request.command)))

    def _moderate(self, seat: Seat[Holder], command: OperatorCommand, holder: Holder, played: Round[Holder]) -> None:
        self.speech.spend(seat, command.text if isinstance(command, Announce) else "")
        for leaving in self.moderation.carry_out(seat, command, holder, played):
            self._give_up(leaving, Code.KICKED if isinstance(command, Kick) else Code.BANNED, played)

    def _rename(self, seat: Seat[Holder], command: Rename, played: Round[Holder]) -> None:
        played.check_space()
        self.moderation.check_voice(seat, played.at_ms)
        self.moderation.check_name(command.nick, played.at_ms)
        self.speech.spend(seat, command.nick)
        was = seat.nick
        self.registry.check(command.nick, seat.device)
        self.roster.rename(seat, command.nick, is_theirs=self.registry.is_written_by(command.nick, seat.device))
        self.moderation.note_gone(was, seat)
        played.events.append(Renamed(*played.next(), seat.uid, seat.nick, was))
        played.members_changed = True
        self._tell_not_away(seat, played)

    def _change_name(
        self, seat: Seat[Holder], command: Register | Unregister, holder: Holder, played: Round[Holder]
    ) -> None:
        """Keep the nickname of `seat` for its installation, or give one of its own up."""
        played.check_space()
        self.speech.spend(seat, seat.nick)
        if isinstance(command, Register):
            changes, told = self.registry.register(seat.nick, seat.device, played.at_ms)
        else:
            changes, told = self.registry.release(command.nick or seat.nick, seat.device)
        played.names.extend(changes)
        played.answers.append((holder, Done(command.id, told)))

    def _look_after_names(self, played: Round[Holder]) -> None:
        """What was registered by nobody who was seen for long is free."""
        if not played.is_full and self.registry.is_due(played.at_ms):
            played.names.extend(self.registry.lapse({one.device for one in self.roster.seats}, played.at_ms))

    def _note_seen(self, seat: Seat[Holder], played: Round[Holder]) -> None:
        if not played.is_full:
            played.names.extend(self.registry.note_seen([seat.device], played.at_ms))

    # --- going --------------------------------------------------------------------------------------------------------

    def _leave(self, request: Leave[Holder], played: Round[Holder]) -> None:
        seat = request.seat
        if not self._sits(request):
            return
        may_come_back = request.reason != QUIT and not seat.is_plain and self._rules.grace_s > 0
        if may_come_back and self.roster.away_count < self._rules.max_away:
            self._keep(seat, self._rules.grace_s, LOST, played)
        else:
            self._give_up(seat, request.reason, played)

    def _keep(self, seat: Seat[Holder], grace_s: float, parting: str, played: Round[Holder]) -> None:
        """Keep a seat that nobody holds any more."""
        was_away = seat.away
        self.roster.lose(seat, self._now_s() + grace_s, parting)
        if not was_away:
            self._tell_presence(seat, played)

    def _give_up(self, seat: Seat[Holder], reason: str, played: Round[Holder]) -> None:
        """Free the seat; if that can't be written now, a little later."""
        if played.is_full:
            self._keep(seat, STORAGE_RETRY_S, reason, played)
            return
        self.roster.leave(seat)
        self.moderation.note_gone(seat.nick, seat)
        played.events.append(Left(*played.next(), seat.uid, seat.nick, reason))
        played.members_changed = True

    def _sits(self, request: Ask[Holder] | Leave[Holder]) -> bool:
        """Whether the connection that asks still holds its seat."""
        return request.seat.holder is request.holder


def _untraced(refusal: Refusal) -> Refusal:
    """Where it came from holds the round, and the round holds it: such a circle would stay until somebody looks for garbage."""
    return refusal.with_traceback(None)
