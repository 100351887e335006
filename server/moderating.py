"""What operators do, and what comes of it for those it is done to. Run by the sequencer's thread, as a part of the room's rules.

Nobody does it to themselves by mistake. Whoever has just left can still be banned or muted, and whoever has just taken another nickname
is still found under the old one: that is what those do who have it coming. What one round did can be undone.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
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
from server.protocol.nickname import check_nickname, nickname_key
from server.protocol.text import excerpt
from server.roster import Holder, Roster, Seat
from server.rounds import Deed, Dismissed, Enter, Round
from server.sanctions import Sanctions, Standing, is_address, is_within, read_network, shown

MOST_REMEMBERED: Final = 300
"""Of those who have left, and of the nicknames that were given up."""

MOST_OF_ONE: Final = 5
"""Of these, for one installation: whoever changes nicknames all the time must not make the others forgotten."""


@dataclass(frozen=True, slots=True)
class _Person(Generic[Holder]):
    """Somebody who is here as `nick`, or was until just now; and where they sit, or sat."""

    nick: str
    seat: Seat[Holder]


class Moderation(Generic[Holder]):
    """The part of a room that operators see to. `roster` is the room's."""

    def __init__(self, roster: Roster[Holder], sanctions: Sanctions) -> None:
        self.sanctions = sanctions
        self._roster = roster
        self._gone: dict[str, _Person[Holder]] = {}
        """Who was called so lately and is no more, by `nickname_key`, the last one last; a round that changes it makes one of its own."""
        self._marked = self._gone

    @property
    def standing(self) -> Standing:
        """Who may not come in, and who may not speak."""
        return self.sanctions.standing

    # --- what is not allowed ------------------------------------------------------------------------------------------

    def check_entrance(self, who: Enter[Holder], now_ms: int) -> None:
        """Raises Refusal BANNED."""
        ban = self.standing.ban_of(who.uid, who.installation, who.nick, now_ms)
        ban = ban or self.standing.ban_of_address(who.address, now_ms)
        if ban is not None:
            raise banned(ban, now_ms)

    def check_name(self, nick: str, now_ms: int) -> None:
        """Raises Refusal NICK_RESERVED if nobody who is called `nick` may come in."""
        if self.standing.ban_of("", "", nick, now_ms) is not None:
            raise Refusal(Code.NICK_RESERVED, phrases.nick_banned(nick))

    def check_voice(self, seat: Seat[Holder], now_ms: int) -> None:
        """Raises Refusal MUTED. Mostly there are no sanctions at all, and every message is looked at."""
        if not self.sanctions.standing.by_key:
            return
        mute = self.standing.mute_of(seat.uid, seat.device, seat.nick, now_ms)
        if mute is not None:
            raise Refusal(Code.MUTED, phrases.muted(_seconds_left(mute, now_ms)), until_ms=mute.until_ms)

    # --- what operators do --------------------------------------------------------------------------------------------

    def promote(self, seat: Seat[Holder], question: int, holder: Holder, played: Round[Holder]) -> None:
        """Let the one in `seat`, who has shown the key, be an operator."""
        self._roster.promote(seat)
        played.answers.append((holder, Done(question, phrases.IS_OPERATOR)))
        played.deeds.append(Deed(seat.uid, seat.nick, "operator", seat.address, None))

    def carry_out(
        self, seat: Seat[Holder], command: OperatorCommand, holder: Holder, played: Round[Holder]
    ) -> Sequence[Seat[Holder]]:
        """Do what the one in `seat` wants; those who have to go for it. Raises Refusal."""
        if not seat.is_operator:
            raise Refusal(Code.NOT_OPERATOR, phrases.NOT_OPERATOR)
        if isinstance(command, ListSanctions):
            played.answers.append((holder, self._list(command)))
            return ()
        if not isinstance(command, Kick):
            played.check_space(phrases.STORAGE_FULL_OPERATOR)
        told = ""
        leaving: list[Seat[Holder]] = []
        match command:
            case Announce():
                played.events.append(Announced(*played.next(), seat.uid, seat.nick, command.text))
                played.deeds.append(Deed(seat.uid, seat.nick, "announce", "", None))
            case Kick():
                told, leaving = self._kick(seat, command, played)
            case Ban():
                told, leaving = self._ban(seat, command, played)
            case Mute():
                told = self._mute(seat, command, played)
            case Unban():
                told = self._lift(seat, Kind.BAN, Action.UNBAN, command.target, played)
            case Unmute():
                told = self._lift(seat, Kind.MUTE, Action.UNMUTE, command.nick, played)
            case _:
                assert_never(command)
        played.answers.append((holder, Done(command.id, told)))
        return leaving

    def _kick(self, by: Seat[Holder], command: Kick, played: Round[Holder]) -> tuple[str, list[Seat[Holder]]]:
        """Also when there is no room to write it: nobody stays for want of that. Then all see that they went, and later that they left."""
        person = self._find(command.nick)
        if person is None or not self._is_here(person.seat):
            raise _nobody(command.nick)
        _check_other(by, person)
        if played.is_full:
            played.deeds.append(Deed(by.uid, by.nick, Action.KICK, person.nick, None))
        else:
            _tell(by, Action.KICK, person.nick, played)
        told = phrases.KICKED_UNWRITTEN if played.is_full else ""
        return told, _show_out([person.seat], Dismissed(Code.KICKED, phrases.KICKED), played)

    def _ban(self, by: Seat[Holder], command: Ban, played: Round[Holder]) -> tuple[str, list[Seat[Holder]]]:
        until_ms = _end_of(command.for_s, played)
        if is_address(command.target):
            network = read_network(command.target)
            if is_within(by.address, network):
                raise Refusal(Code.BAD_TARGET, phrases.NOT_ONES_ADDRESS)
            ban = Sanction(Kind.BAN, shown(network), str(network), "", "", by.nick, played.at_ms, until_ms)
            seats = [seat for seat in self._roster.seats if is_within(seat.address, network)]
            told = ""
        else:
            person = self._find(command.target)
            ban = self._against(Kind.BAN, person, command.target, by, until_ms, played)
            seats = [seat for seat in self._roster.seats if _is_meant(seat, ban)]
            told = phrases.only_nick_banned(ban.target) if not ban.uid else self._hint(person, by, seats)
        self._impose(by, Action.BAN, ban, played)
        goodbye = banned(ban, played.at_ms)
        return told, _show_out(seats, Dismissed(goodbye.code, goodbye.text, goodbye.until_ms), played)

    def _mute(self, by: Seat[Holder], command: Mute, played: Round[Holder]) -> str:
        person, until_ms = self._find(command.nick), _end_of(command.for_s, played)
        self._impose(by, Action.MUTE, self._against(Kind.MUTE, person, command.nick, by, until_ms, played), played)
        return ""

    def _against(
        self,
        kind: Kind,
        person: _Person[Holder] | None,
        nick: str,
        by: Seat[Holder],
        until_ms: int | None,
        played: Round[Holder],
    ) -> Sanction:
        """What is to stand for `person`, or else for whoever it stands for already; a ban also for a mere `nick`. Raises Refusal."""
        if person is not None:
            _check_other(by, person, of_device=True)
            whom = person.nick, nickname_key(person.nick), person.seat.uid, person.seat.device
        elif known := self.standing.by_key.get((kind, nickname_key(nick))):
            whom = known.target, known.key, known.uid, known.device
        elif kind is Kind.BAN:
            nick = check_nickname(nick)
            whom = nick, nickname_key(nick), "", ""
        else:
            raise _nobody(nick)
        return Sanction(kind, *whom, by.nick, played.at_ms, until_ms)

    def _impose(self, by: Seat[Holder], action: Action, sanction: Sanction, played: Round[Holder]) -> None:
        """Let it stand; others for the same person, under other nicknames, are the same from now on.

        What stands for somebody else of that nickname goes on standing: else they would only have to send another in their own name.
        """
        namesake = self.standing.by_key.get((sanction.kind, sanction.key))
        if namesake is not None and namesake.is_of_another(sanction):
            sanction = replace(sanction, key=f"{sanction.key} {sanction.uid}")
        others = self.standing.all_of(sanction.kind, (sanction.uid, sanction.device), played.at_ms)
        same = [
            replace(one, by=sanction.by, at_ms=sanction.at_ms, until_ms=sanction.until_ms)
            for one in others
            if one.key != sanction.key
        ]
        for one in (sanction, *same):
            self.sanctions.impose(one)
            _tell(by, action, one.target, played, until_ms=one.until_ms, change=one)

    def _lift(self, by: Seat[Holder], kind: Kind, action: Action, target: str, played: Round[Holder]) -> str:
        person = self._find(target)
        names = () if person is None else (person.seat.uid, person.seat.device)
        for lifted in self.sanctions.lift(kind, target, played.at_ms, names=names):
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

    def _find(self, nick: str) -> _Person[Holder] | None:
        """Who is called `nick`, or was until lately."""
        seat = self._roster.find(nick)
        person = self._gone.get(nickname_key(nick)) if seat is None else _Person(seat.nick, seat)
        return _Person(person.seat.nick, person.seat) if person and self._is_here(person.seat) else person

    def _is_here(self, seat: Seat[Holder]) -> bool:
        return self._roster.find(seat.nick) is seat

    def _hint(self, person: _Person[Holder] | None, by: Seat[Holder], going: Collection[Seat[Holder]]) -> str:
        """How to keep out who comes back as somebody else; nothing if that would keep out the one who asks, or all on this machine."""
        address = "" if person is None else person.seat.address
        if person is None or address in ("", by.address) or ip_address(address).is_loopback:
            return ""
        others = sum(seat.address == address and seat not in going for seat in self._roster.seats)
        return phrases.ban_address_too(person.nick, address, others)

    def note_gone(self, nick: str, seat: Seat[Holder]) -> None:
        """The one in `seat` is not called `nick` any more, or has left."""
        if self._gone is self._marked:  # once a round, in which thousands may go
            self._gone = self._marked.copy()
        gone, key = self._gone, nickname_key(nick)
        gone.pop(key, None)
        gone[key] = _Person(nick, seat)
        theirs = [each for each, one in gone.items() if one.seat.device == seat.device]
        for oldest in theirs[:-MOST_OF_ONE]:
            del gone[oldest]
        if len(gone) > MOST_REMEMBERED:
            del gone[next(iter(gone))]

    def left_while_away(self, seat: Seat[Holder]) -> bool:
        """Whether whoever sits there now had such a seat lately, and lost it without having come back."""
        person = self._gone.get(nickname_key(seat.nick))
        return person is not None and person.seat.uid == seat.uid and person.seat.away

    # --- the rounds ---------------------------------------------------------------------------------------------------

    def begin(self, now_ms: int) -> None:
        """What is done from now on may be undone; what is over by now ends."""
        self.sanctions.begin()
        self.sanctions.end_those_over(now_ms)
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


def _nobody(nick: str) -> Refusal:
    return Refusal(Code.NO_SUCH_NICK, phrases.absent(excerpt(nick)))


def _check_other(by: Seat[Holder], person: _Person[Holder], *, of_device: bool = False) -> None:
    """Raises Refusal BAD_TARGET if it is the one who asks, or would hit them too."""
    if person.seat.uid == by.uid:
        raise Refusal(Code.BAD_TARGET, phrases.NOT_ONESELF)
    if of_device and person.seat.device == by.device:
        raise Refusal(Code.BAD_TARGET, phrases.NOT_ONES_DEVICE)


def _is_meant(seat: Seat[Holder], ban: Sanction) -> bool:
    return seat.uid == ban.uid or seat.device == ban.device or nickname_key(seat.nick) == ban.key


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
