"""The room without its thread: rounds are played and committed where the test stands."""

from collections.abc import Sequence

import msgspec

from server.log.seating import KeptSeat
from server.log.store import Record, Store
from server.promise import Promise
from server.protocol.events import Event
from server.registry import Registry
from server.room import NO_RULES, Room, Rules
from server.roster import Holder, Seat
from server.rounds import Admission, Ask, Enter, Leave, Promote, Request, RoomCommand, Round
from server.sanctions import Sanctions
from tests.support.samples import AT, NICKS, YOUNGHEE, record
from tests.support.seams import Memory


def entering(
    nick: str, uid: str, holder: str, *, is_plain: bool = False, address: str = "", device: str = ""
) -> Enter[str]:
    return Enter(holder, uid, nick, Promise(), is_plain, address, device=device)


def asking(seat: Seat[str], command: RoomCommand, *, holder: str | None = None) -> Ask[str]:
    """A request of whoever holds the seat now, or of `holder`."""
    return Ask(seat, holder or holder_of(seat), command)


def leaving(seat: Seat[str], reason: str = "quit", *, holder: str | None = None) -> Leave[str]:
    return Leave(seat, holder or holder_of(seat), reason)


def holder_of(seat: Seat[str]) -> str:
    assert seat.holder is not None, f"{seat.nick} is away"
    return seat.holder


def records_of(played: Round[Holder]) -> list[Record]:
    """What a round is to append, as the sequencer makes it."""
    return [
        msgspec.structs.replace(
            record(event), is_plain=event.seq in played.plain_seqs, sanction=played.sanctions.get(event.seq)
        )
        for event in played.events
    ]


class LoggedRoom:
    """A room and its log. A holder is a word; time passes when `now_s` or `now_ms` is set."""

    def __init__(
        self,
        store: Store | None = None,
        rules: Rules = NO_RULES,
        *,
        seated: Sequence[KeptSeat] = (),
        lapsed: Sequence[KeptSeat] = (),
        lapse_days: int = 90,
    ) -> None:
        self.now_s = 1000.0
        self.now_ms = AT
        self.store: Store = store or Memory()
        self.room: Room[str] = Room(
            self.store.find,
            lambda: self.now_ms,
            lambda: self.now_s,
            rules,
            seated=seated,
            lapsed=lapsed,
            registry=Registry(self.store.registered(), lapse_days),
            sanctions=Sanctions(self.store.sanctions()),
        )

    def play(self, *requests: Request[str], is_full: bool = False) -> Round[str]:
        """One round, committed."""
        played = self.room.play(requests, self.store.head, is_full=is_full)
        if played.events or played.names:
            self.store.append(records_of(played), played.names)
        self.room.committed(played)
        for verdict, outcome in played.verdicts:
            if isinstance(outcome, Admission):
                verdict.set_result(outcome)
            else:
                verdict.set_exception(outcome)
        return played

    def enter(
        self,
        nick: str | None = None,
        uid: str = YOUNGHEE,
        holder: str | None = None,
        *,
        address: str = "",
        device: str = "",
    ) -> Admission[str]:
        """Come in; raises the Refusal. Without a nickname under the usual one of `uid`, held by it."""
        nick = nick or NICKS[uid]
        request = entering(nick, uid, holder or nick, address=address, device=device)
        self.play(request)
        return request.verdict.result(0)

    def seat(self, nick: str | None = None, uid: str = YOUNGHEE, *, device: str = "") -> Seat[str]:
        return self.enter(nick, uid, device=device).seat

    def operator(self, nick: str | None = None, uid: str = YOUNGHEE, *, address: str = "") -> Seat[str]:
        """Somebody who has come in and shown the key."""
        seat = self.enter(nick, uid, address=address).seat
        self.play(asking(seat, Promote(0)))
        return seat

    def events(self, *requests: Request[str]) -> list[Event]:
        """What one round made happen."""
        return self.play(*requests).events

    def away(self) -> list[str]:
        """Whose seats are only kept."""
        return [member.nick for member in self.room.roster.members() if member.away]

    def nicks(self) -> list[str]:
        return [member.nick for member in self.room.roster.members()]
