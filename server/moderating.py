"""What operators do, and what comes of it for those it is done to. Run by the sequencer's thread, as a part of the room's rules.

Nobody does it to themselves by mistake. Whoever has just left can still be banned or muted: that is what those do who have it coming.
What one round did can be undone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final, Generic, assert_never

from server.log.sanctions import Kind, Lifted, Sanction, SanctionChange
from server.protocol import phrases
from server.protocol.errors import Code, Refusal
from server.protocol.events import (
    Action,
    Announce,
    Announced,
    Ban,
    Done,
    Kick,
    ListSanctions,
    MemberAddress,
    Moderated,
    Mute,
    OperatorCommand,
    SanctionEntry,
    SanctionList,
    Unban,
    Unmute,
)
from server.protocol.nickname import nickname_key
from server.protocol.text import excerpt
from server.roster import Holder, Roster, Seat
from server.rounds import Deed, Dismissed, Round
from server.sanctions import Sanctions, Standing, is_address, is_within, read_network, shown

MOST_REMEMBERED: Final = 100
"""Of those who have left."""


@dataclass(frozen=True, slots=True)
class _Person:
    """Somebody who is here, or was until just now."""

    nick: str
    uid: str
    address: str


class Moderation(Generic[Holder]):
    """The part of a room that operators see to. `roster` is the room's."""

    def __init__(self, roster: Roster[Holder], sanctions: Sanctions) -> None:
        self.sanctions = sanctions
        self._roster = roster
        self._gone: dict[str, _Person] = {}
        """Those who have left lately, by `nickname_key`, the last one last; replaced, never changed."""
        self._marked = self._gone

    @property
    def standing(self) -> Standing:
        """Who may not come in, and who may not speak."""
        return self.sanctions.standing

    # --- what is not allowed ------------------------------------------------------------------------------------------

    def check_entrance(self, uid: str, nick: str, address: str, now_ms: int) -> None:
        """Raises Refusal BANNED."""
        ban = self.standing.ban_of(uid, nick, now_ms) or self.standing.ban_of_address(address, now_ms)
        if ban is not None:
            raise banned(ban, now_ms)

    def check_name(self, nick: str, now_ms: int) -> None:
        """Raises Refusal NICK_RESERVED if nobody who is called `nick` may come in."""
        if self.standing.ban_of("", nick, now_ms) is not None:
            raise Refusal(Code.NICK_RESERVED, phrases.nick_banned(nick))

    def check_voice(self, seat: Seat[Holder], now_ms: int) -> None:
        """Raises Refusal MUTED."""
        mute = self.standing.mute_of(seat.uid, seat.nick, now_ms)
        if mute is not None:
            raise Refusal(Code.MUTED, phrases.muted(_seconds_left(mute, now_ms)), until_ms=mute.until_ms)

    # --- what operators do --------------------------------------------------------------------------------------------

    def carry_out(
        self, seat: Seat[Holder], command: OperatorCommand, holder: Holder, played: Round[Holder]
    ) -> Sequence[Seat[Holder]]:
        """Do what the one in `seat` wants; those who have to go for it. Raises Refusal."""
        if not seat.is_operator:
            raise Refusal(Code.NOT_OPERATOR, phrases.NOT_OPERATOR)
        if isinstance(command, ListSanctions):
            played.answers.append((holder, self._list(command)))
            return ()
        played.check_space()
        match command:
            case Announce():
                played.events.append(Announced(*played.next(), seat.uid, seat.nick, command.text))
                played.deeds.append(Deed(seat.uid, seat.nick, "announce", "", None))
                told, leaving = "", []
            case Kick():
                told, leaving = "", self._kick(seat, command, played)
            case Ban():
                told, leaving = self._ban(seat, command, played)
            case Mute():
                told, leaving = self._mute(seat, command, played), []
            case Unban():
                told, leaving = self._lift(seat, Kind.BAN, Action.UNBAN, command.target, played), []
            case Unmute():
                told, leaving = self._lift(seat, Kind.MUTE, Action.UNMUTE, command.nick, played), []
            case _:
                assert_never(command)
        played.answers.append((holder, Done(command.id, told)))
        return leaving

    def _kick(self, by: Seat[Holder], command: Kick, played: Round[Holder]) -> list[Seat[Holder]]:
        seat = self._roster.find(command.nick)
        if seat is None:
            raise Refusal(Code.NO_SUCH_NICK, phrases.no_such_nick(excerpt(command.nick)))
        _check_other(by, seat.uid)
        _tell(by, Action.KICK, seat.nick, played)
        return _show_out([seat], Dismissed(Code.KICKED, phrases.KICKED), played)

    def _ban(self, by: Seat[Holder], command: Ban, played: Round[Holder]) -> tuple[str, list[Seat[Holder]]]:
        until_ms = _end_of(command.for_s, played)
        if is_address(command.target):
            network = read_network(command.target)
            if is_within(by.address, network):
                raise Refusal(Code.BAD_TARGET, phrases.NOT_ONES_ADDRESS)
            ban = Sanction(Kind.BAN, shown(network), str(network), "", by.nick, played.at_ms, until_ms)
            seats = [seat for seat in self._roster.seats if is_within(seat.address, network)]
            told = ""
        else:
            person = self._find_other(by, command.target)
            ban = _against(Kind.BAN, person, by, until_ms, played)
            seats = [one for one in self._roster.seats if one.uid == ban.uid or nickname_key(one.nick) == ban.key]
            told = _hint(person)
        self._impose(by, Action.BAN, ban, played)
        goodbye = banned(ban, played.at_ms)
        return told, _show_out(seats, Dismissed(goodbye.code, goodbye.text, goodbye.until_ms), played)

    def _mute(self, by: Seat[Holder], command: Mute, played: Round[Holder]) -> str:
        person = self._find_other(by, command.nick)
        self._impose(by, Action.MUTE, _against(Kind.MUTE, person, by, _end_of(command.for_s, played), played), played)
        return ""

    def _impose(self, by: Seat[Holder], action: Action, sanction: Sanction, played: Round[Holder]) -> None:
        self.sanctions.impose(sanction)
        _tell(by, action, sanction.target, played, until_ms=sanction.until_ms, change=sanction)

    def _lift(self, by: Seat[Holder], kind: Kind, action: Action, target: str, played: Round[Holder]) -> str:
        lifted = self.sanctions.lift(kind, target, played.at_ms)
        _tell(by, action, lifted.target, played, change=Lifted(kind, lifted.key))
        return ""

    def _list(self, command: ListSanctions) -> SanctionList:
        standing = self.standing.by_key.values()
        return SanctionList(
            command.id,
            tuple(SanctionEntry(one.kind, one.target, one.by, one.at_ms, one.until_ms) for one in standing),
            tuple(MemberAddress(one.uid, one.nick, one.address) for one in self._roster.seats),
        )

    # --- whom it is done to -------------------------------------------------------------------------------------------

    def _find_other(self, by: Seat[Holder], nick: str) -> _Person:
        """Who is called `nick`, or was until lately. Raises Refusal NO_SUCH_NICK; BAD_TARGET if it is the one who asks."""
        seat = self._roster.find(nick)
        person = self._gone.get(nickname_key(nick)) if seat is None else _Person(seat.nick, seat.uid, seat.address)
        if person is None:
            raise Refusal(Code.NO_SUCH_NICK, phrases.no_such_nick(excerpt(nick)))
        _check_other(by, person.uid)
        return person

    def note_gone(self, seat: Seat[Holder]) -> None:
        """The one in `seat` has left."""
        gone = {key: one for key, one in self._gone.items() if key != nickname_key(seat.nick)}
        gone[nickname_key(seat.nick)] = _Person(seat.nick, seat.uid, seat.address)
        if len(gone) > MOST_REMEMBERED:
            del gone[next(iter(gone))]
        self._gone = gone

    # --- the rounds ---------------------------------------------------------------------------------------------------

    def begin(self, now_ms: int) -> None:
        """What is done from now on may be undone, but for what is over now."""
        self.sanctions.end_those_over(now_ms)
        self.sanctions.begin()
        self._marked = self._gone

    def undo(self) -> None:
        """Let everything be as it was at the last `begin`."""
        self.sanctions.undo()
        self._gone = self._marked


def banned(ban: Sanction, now_ms: int) -> Refusal:
    """What those are told whom `ban` keeps out."""
    return Refusal(Code.BANNED, phrases.banned(_seconds_left(ban, now_ms)), until_ms=ban.until_ms)


def _seconds_left(sanction: Sanction, now_ms: int) -> int | None:
    return None if sanction.until_ms is None else -((now_ms - sanction.until_ms) // 1000)


def _end_of(for_s: int | None, played: Round[Holder]) -> int | None:
    return None if for_s is None else played.at_ms + for_s * 1000


def _check_other(by: Seat[Holder], uid: str) -> None:
    """Raises Refusal BAD_TARGET."""
    if by.uid == uid:
        raise Refusal(Code.BAD_TARGET, phrases.NOT_ONESELF)


def _against(kind: Kind, person: _Person, by: Seat[Holder], until_ms: int | None, played: Round[Holder]) -> Sanction:
    return Sanction(kind, person.nick, nickname_key(person.nick), person.uid, by.nick, played.at_ms, until_ms)


def _tell(
    by: Seat[Holder],
    action: Action,
    target: str,
    played: Round[Holder],
    *,
    until_ms: int | None = None,
    change: SanctionChange | None = None,
) -> None:
    """Let everybody know, but for addresses: from where somebody comes is no business of theirs. What changes stands with the event."""
    told = "" if is_address(target) else target
    event = Moderated(*played.next(), by.uid, by.nick, action, told, until_ms)
    played.events.append(event)
    played.deeds.append(Deed(by.uid, by.nick, action, target, until_ms))
    if change is not None:
        played.sanctions[event.seq] = change


def _show_out(seats: list[Seat[Holder]], goodbye: Dismissed, played: Round[Holder]) -> list[Seat[Holder]]:
    played.answers.extend((seat.holder, goodbye) for seat in seats if seat.holder is not None)
    return seats


def _hint(person: _Person) -> str:
    """How to keep somebody out who comes back as somebody else; nothing if that would keep out all who are on this machine."""
    if not person.address or ip_address(person.address).is_loopback:
        return ""
    return phrases.ban_address_too(person.nick, person.address)
