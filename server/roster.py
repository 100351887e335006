"""Who is in the room, under which nickname. Pure state, owned by the sequencer's thread: nothing here is locked.

A seat is found by its nickname. One client, told by its secret's `uid`, may hold several seats under several nicknames: two windows
of one person. (Seats that outlive a lost connection for a while will be kept here, too.)
"""

from dataclasses import dataclass
from typing import Generic, TypeVar

from server.protocol import phrases
from server.protocol.errors import Code, Refusal
from server.protocol.events import Member
from server.protocol.nickname import nickname_key

Holder = TypeVar("Holder")
"""Whatever stands for the connection that sits there; the roster only hands it back."""


@dataclass(slots=True)
class Seat(Generic[Holder]):
    """One member's place. `nick` changes with a rename, `holder` when another connection of the same client takes over."""

    uid: str
    nick: str
    holder: Holder


class Roster(Generic[Holder]):
    """The seats, in the order in which they were taken."""

    def __init__(self) -> None:
        self._seats: dict[str, Seat[Holder]] = {}

    def members(self) -> tuple[Member, ...]:
        """Everybody, in the order in which they came."""
        return tuple(Member(seat.uid, seat.nick) for seat in self._seats.values())

    def find(self, nick: str) -> Seat[Holder] | None:
        """Who is called `nick`, compared as nicknames are."""
        return self._seats.get(nickname_key(nick))

    def take(self, nick: str, uid: str, holder: Holder) -> Seat[Holder]:
        """Seat a newcomer. Raises Refusal NICK_IN_USE."""
        key = nickname_key(nick)
        if key in self._seats:
            raise Refusal(Code.NICK_IN_USE, phrases.nick_in_use(nick))
        seat = Seat(uid, nick, holder)
        self._seats[key] = seat
        return seat

    def rename(self, seat: Seat[Holder], nick: str) -> None:
        """Call the one in `seat` `nick` from now on. Raises Refusal NICK_IN_USE, also when nothing would change."""
        if nick == seat.nick:
            raise Refusal(Code.NICK_IN_USE, phrases.NICK_UNCHANGED)
        other = self.find(nick)
        if other is not None and other is not seat:
            raise Refusal(Code.NICK_IN_USE, phrases.nick_in_use(nick))
        seat.nick = nick
        self._seats = {nickname_key(one.nick): one for one in self._seats.values()}  # keeps the order

    def leave(self, seat: Seat[Holder]) -> None:
        """Give the seat up."""
        del self._seats[nickname_key(seat.nick)]
