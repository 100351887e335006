"""Who is in the room, under which nickname. Pure state, owned by the sequencer's thread: nothing here is locked.

A seat is found by its nickname. One client, told by its secret's `uid`, may hold several seats under several nicknames: two windows
of one person. A seat outlives a lost connection for a while, its grace: nobody holds it then, and its client finds it again.

Nobody sits beside a member with a nickname that is taken for theirs, whoever came first; only those of one installation may look alike,
since nobody else is imitated then.

What one round did can be undone: `begin` before it, `undo` after it. The dicts are therefore replaced, never changed: whoever keeps one
has the room as it was, and in its order.
"""

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from typing import Generic, TypeVar

from server.log.seating import KeptSeat
from server.looks import Looks
from server.pace import FRESH, Pace
from server.protocol import phrases
from server.protocol.errors import Code, Refusal
from server.protocol.events import Member
from server.protocol.nickname import nickname_key

Holder = TypeVar("Holder")
"""Whatever stands for the connection that sits there; the roster only hands it back."""

_Value = TypeVar("_Value")


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


class Roster(Generic[Holder]):
    """The seats, in the order in which they were taken."""

    def __init__(self) -> None:
        self._seats: dict[str, Seat[Holder]] = {}
        self._away: dict[str, Seat[Holder]] = {}
        self._members: dict[str, Member] = {}
        """As others see the seats, in their order. Each newcomer is told all of them: nothing but what has changed is made anew."""
        self._looks: Looks[Seat[Holder]] = Looks()
        self._marked = self._seats, self._away, self._members, self._looks
        self._changed: list[tuple[Seat[Holder], Seat[Holder]]] = []
        """Seats, each with a copy of what it was before a change."""

    @property
    def seats(self) -> tuple[Seat[Holder], ...]:
        """All of them, in the order in which they were taken."""
        return tuple(self._seats.values())

    def members(self) -> tuple[Member, ...]:
        """Everybody, in the order in which they came."""
        return tuple(self._members.values())

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
        key = nickname_key(nick)
        self._seats, self._members = {**self._seats, key: seat}, {**self._members, key: seat.member}
        self._looks = self._looks.changed(come=[(nick, seat)])
        return seat

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
        self._looks = self._looks.changed(gone=[(seat.nick, seat)], come=[(nick, seat)])
        was, key = nickname_key(seat.nick), nickname_key(nick)
        seat.nick = nick
        self._seats = {key if one == was else one: sitting for one, sitting in self._seats.items()}  # keeps the order
        self._members = {key if one == was else one: member for one, member in self._members.items()}
        self._members[key] = seat.member

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
        key = nickname_key(seat.nick)
        self._seats, self._members = _without(self._seats, key), _without(self._members, key)
        self._away = _without(self._away, key)
        self._looks = self._looks.changed(gone=[(seat.nick, seat)])

    # --- grace --------------------------------------------------------------------------------------------------------

    def restore(self, kept: Sequence[KeptSeat], expires_at: float, parting: str) -> None:
        """Keep the seats of those who were here when the server ended. Before the first round."""
        seats = {nickname_key(one.nick): Seat[Holder](one.uid, one.nick, None, device=one.device) for one in kept}
        for seat in seats.values():
            seat.expires_at, seat.parting = expires_at, parting
        self._seats, self._away = {**self._seats, **seats}, {**self._away, **seats}
        self._members = {**self._members, **{key: seat.member for key, seat in seats.items()}}
        self._looks = self._looks.changed(come=[(seat.nick, seat) for seat in seats.values()])

    def lose(self, seat: Seat[Holder], expires_at: float, parting: str) -> None:
        """Its connection is gone: keep the seat until then."""
        self._remember(seat)
        seat.holder, seat.expires_at, seat.parting = None, expires_at, parting
        key = nickname_key(seat.nick)
        self._away, self._members = {**self._away, key: seat}, {**self._members, key: seat.member}

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
        key = nickname_key(seat.nick)
        self._away, self._members = _without(self._away, key), {**self._members, key: seat.member}

    @property
    def away_count(self) -> int:
        """How many seats are only kept."""
        return len(self._away)

    def next_expiry(self) -> float | None:
        """When the first grace ends."""
        return min((seat.expires_at for seat in self._away.values() if seat.expires_at is not None), default=None)

    def expired(self, now_s: float) -> list[Seat[Holder]]:
        """The seats whose grace has ended."""
        return [seat for seat in self._away.values() if seat.expires_at is not None and seat.expires_at <= now_s]

    # --- undoing ------------------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """What is done from now on may be undone."""
        self._marked = self._seats, self._away, self._members, self._looks
        self._changed = []

    def undo(self) -> None:
        """Let everything be as it was at the last `begin`."""
        self._seats, self._away, self._members, self._looks = self._marked
        for seat, was in reversed(self._changed):
            seat.nick, seat.holder, seat.pace = was.nick, was.holder, was.pace
            seat.address, seat.is_operator, seat.device = was.address, was.is_operator, was.device
            seat.expires_at, seat.parting = was.expires_at, was.parting
        self._changed = []

    def _remember(self, seat: Seat[Holder]) -> None:
        self._changed.append((seat, copy(seat)))


def _without(seats: dict[str, _Value], key: str) -> dict[str, _Value]:
    rest = seats.copy()
    rest.pop(key, None)
    return rest
