"""Who is in the room, under which nickname. Pure state, owned by the sequencer's thread: nothing here is locked.

A seat is found by its nickname. One client, told by its secret's `uid`, may hold several seats under several nicknames: two windows
of one person. A seat outlives a lost connection for a while, its grace: nobody holds it then, and its client finds it again.

Nobody sits beside a member with a nickname that is taken for theirs, whoever came first; only those of one installation may look alike,
since nobody else is imitated then.

What one round did can be undone: `begin` before it, `undo` after it. What a newcomer, or anybody, costs here is the same however many there
are, but for the list of members, which is a value and made when it is asked for.
"""

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from functools import partial
from operator import attrgetter
from typing import Generic, TypeVar

from server.journal import Journal
from server.log.seating import KeptSeat
from server.looks import Looks
from server.members import Members, Rows
from server.pace import FRESH, Pace
from server.protocol import phrases
from server.protocol.errors import Code, Refusal
from server.protocol.events import Member
from server.protocol.nickname import nickname_key

Holder = TypeVar("Holder")
"""Whatever stands for the connection that sits there; the roster only hands it back."""


@dataclass(slots=True, eq=False)
class Seat(Generic[Holder]):
    """One member's place. Only the roster changes it."""

    uid: str
    nick: str
    holder: Holder | None
    """Nobody during the grace."""
    is_plain: bool = False
    """Whether it ends with its connection."""
    expires_at: float | None = None
    """When the grace ends, on the clock of whoever gave it."""
    parting: str = ""
    """What will be said to be the reason, should the grace end."""
    pace: Pace = FRESH
    address: str = ""
    """From where the connection comes, or came."""
    is_operator: bool = False
    """Whether whoever sits here has shown the key; it lasts as long as the seat."""
    device: str = ""
    """Of which installation the client is, the client itself if it names none. Nobody is told."""
    place: int = 0
    """The lower, the earlier it was taken."""

    def __post_init__(self) -> None:
        self.device = self.device or self.uid

    @property
    def away(self) -> bool:
        """Whether its connection was lost and the seat is only kept."""
        return self.expires_at is not None

    @property
    def member(self) -> Member:
        """As others see the one who sits there."""
        return Member(self.uid, self.nick, self.away)

    def has_expired(self, now_s: float) -> bool:
        """Whether its grace has ended."""
        return self.expires_at is not None and self.expires_at <= now_s

    def become(self, other: "Seat[Holder]") -> None:
        """Be as `other` is."""
        for name in self.__slots__:
            setattr(self, name, getattr(other, name))


class Roster(Generic[Holder]):
    """The seats, in the order in which they were taken."""

    def __init__(self) -> None:
        self._journal = Journal()
        self._seats: dict[str, Seat[Holder]] = {}
        self._away: dict[Seat[Holder], float] = {}
        """With the ends of their graces."""
        self._next_expiry: float | None = None
        self._marked_expiry: float | None = None
        self._looks: Looks[Seat[Holder]] = Looks(self._journal, attrgetter("nick"))
        self._rows = Rows()

    @property
    def seats(self) -> tuple[Seat[Holder], ...]:
        """All of them, in the order in which they were taken."""
        return tuple(sorted(self._seats.values(), key=attrgetter("place")))

    def members(self) -> Members:
        """Everybody, in the order in which they came."""
        return self._rows.members(len(self._seats))

    def find(self, nick: str) -> Seat[Holder] | None:
        """Who is called `nick`, compared as nicknames are."""
        return self._seats.get(nickname_key(nick))

    def take(
        self,
        nick: str,
        uid: str,
        holder: Holder,
        *,
        is_plain: bool = False,
        is_theirs: bool = False,
        address: str = "",
        device: str = "",
    ) -> Seat[Holder]:
        """Seat a newcomer. Raises Refusal NICK_IN_USE; if the nickname `is_theirs`, only if somebody sits there, whoever looks alike."""
        if self.find(nick) is not None:
            raise Refusal(Code.NICK_IN_USE, phrases.own_nick_in_use(nick) if is_theirs else phrases.nick_in_use(nick))
        if not is_theirs:
            self._check_looks(nick, device or uid)
        seat: Seat[Holder] = Seat(uid, nick, holder, is_plain, address=address, device=device)
        self._add(seat)
        return seat

    def _add(self, seat: Seat[Holder]) -> None:
        self._journal.put(self._seats, nickname_key(seat.nick), seat)
        self._looks.add(seat.nick, seat)
        seat.place = self._rows.add(seat.member)

    def check_rename(self, seat: Seat[Holder], nick: str, *, is_theirs: bool = False) -> None:
        """Raises Refusal NICK_IN_USE if the one in `seat` can't be called `nick`, also when nothing would change; see `take`."""
        if nick == seat.nick:
            raise Refusal(Code.NICK_IN_USE, phrases.NICK_UNCHANGED)
        other = self.find(nick)
        if other is not None and other is not seat:
            raise Refusal(Code.NICK_IN_USE, phrases.own_nick_in_use(nick) if is_theirs else phrases.nick_in_use(nick))
        if not is_theirs:
            self._check_looks(nick, seat.device)

    def rename(self, seat: Seat[Holder], nick: str, *, is_theirs: bool = False) -> None:
        """Call the one in `seat` `nick` from now on. Raises Refusal as `check_rename` does."""
        self.check_rename(seat, nick, is_theirs=is_theirs)
        self._remember(seat)
        self._looks.remove(seat.nick, seat)
        self._looks.add(nick, seat)
        self._journal.drop(self._seats, nickname_key(seat.nick))
        self._journal.put(self._seats, nickname_key(nick), seat)
        seat.nick = nick
        self._rows.show(seat.place, seat.member)

    def _check_looks(self, nick: str, device: str) -> None:
        """Raises Refusal NICK_IN_USE if a client of `device`, called `nick`, would be taken for somebody else, or they for it."""
        for other in self._looks.like(nick):
            if other.device != device:
                raise Refusal(Code.NICK_IN_USE, phrases.nick_look_alike(nick, other.nick))

    def set_pace(self, seat: Seat[Holder], pace: Pace) -> None:
        """How the one in `seat` may go on speaking."""
        if pace is not seat.pace:
            self._remember(seat)
            seat.pace = pace

    def leave(self, seat: Seat[Holder]) -> None:
        """Give the seat up: nobody holds it any more."""
        self._remember(seat)
        seat.holder = None
        self._journal.drop(self._seats, nickname_key(seat.nick))
        self._looks.remove(seat.nick, seat)
        self._rows.show(seat.place, None)
        self._keep_no_more(seat)

    # --- grace --------------------------------------------------------------------------------------------------------

    def restore(self, kept: Sequence[KeptSeat], expires_at: float, parting: str) -> None:
        """Keep the seats of those who were here when the server ended. Before the first round."""
        for one in {nickname_key(one.nick): one for one in kept}.values():
            seat: Seat[Holder] = Seat(
                one.uid, one.nick, None, expires_at=expires_at, parting=parting, device=one.device
            )
            self._add(seat)
            self._keep(seat, expires_at)

    def lose(self, seat: Seat[Holder], expires_at: float, parting: str) -> None:
        """Its connection is gone: keep the seat until then."""
        self._remember(seat)
        seat.holder, seat.expires_at, seat.parting = None, expires_at, parting
        self._keep(seat, expires_at)
        self._rows.show(seat.place, seat.member)

    def promote(self, seat: Seat[Holder]) -> None:
        """The one in `seat` is an operator from now on."""
        self._remember(seat)
        seat.is_operator = True

    def hand_over(
        self, seat: Seat[Holder], holder: Holder, address: str = "", *, is_private: bool = True, device: str = ""
    ) -> None:
        """Another connection of the same client sits there now; what the old one had on its way will not arrive."""
        self._remember(seat)
        seat.address, seat.is_operator = address, seat.is_operator and is_private
        seat.device = device or seat.device
        seat.holder, seat.expires_at, seat.pace = holder, None, seat.pace.unburdened()
        self._keep_no_more(seat)
        self._rows.show(seat.place, seat.member)

    def _keep(self, seat: Seat[Holder], expires_at: float) -> None:
        self._journal.put(self._away, seat, expires_at)
        self._next_expiry = expires_at if self._next_expiry is None else min(self._next_expiry, expires_at)

    def _keep_no_more(self, seat: Seat[Holder]) -> None:
        if seat in self._away:
            self._journal.drop(self._away, seat)
            if not self._away:
                self._next_expiry = None

    @property
    def away_count(self) -> int:
        """How many seats are only kept."""
        return len(self._away)

    def next_expiry(self) -> float | None:
        """Before when no grace ends. It may be that of somebody who has come back: each would have to look through all the others."""
        return self._next_expiry

    def expired(self, now_s: float) -> list[Seat[Holder]]:
        """The seats whose grace has ended, in the order in which they were taken; all of them have to be left or kept on now."""
        if self._next_expiry is None or self._next_expiry > now_s:
            return []
        over = [seat for seat, expires_at in self._away.items() if expires_at <= now_s]
        self._next_expiry = min((one for one in self._away.values() if one > now_s), default=None)
        return sorted(over, key=attrgetter("place"))

    # --- undoing ------------------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """What is done from now on may be undone."""
        self._journal.begin()
        self._rows.begin()
        self._marked_expiry = self._next_expiry
        if self._rows.are_worth_filling(len(self._seats)):
            self._move_up()

    def _move_up(self) -> None:
        """Everybody takes the next place that is free, so that the rows are full."""
        seats = self.seats
        for place, seat in enumerate(seats):
            seat.place = place
        self._rows.fill([seat.member for seat in seats])

    def undo(self) -> None:
        """Let everything be as it was at the last `begin`."""
        self._journal.undo()
        self._rows.undo()
        self._next_expiry = self._marked_expiry

    def _remember(self, seat: Seat[Holder]) -> None:
        self._journal.note(partial(seat.become, copy(seat)))
