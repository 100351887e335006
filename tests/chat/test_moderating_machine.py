"""Whatever members and operators do in whatever order: who is banned does not sit, and nobody sits beside somebody as them."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.protocol.events import (
    Ban,
    Kick,
    Mute,
    OperatorCommand,
    Register,
    Rename,
    Said,
    Say,
    Unban,
    Unmute,
    Unregister,
)
from server.protocol.nickname import guises, nickname_key
from server.protocol.skeleton import skeleton
from server.room import Rules
from server.roster import Seat
from server.rounds import RoomCommand
from tests.support.rounds import LoggedRoom, asking, entering, leaving
from tests.support.seams import Memory

NICKS = ("mini", "M1N1", "min1", "MINI", "l1l", "lil", "영희1", "영희l", "철수")
ADDRESSES = ("192.0.2.1", "192.0.2.2", "198.51.100.3")
CLIENTS = tuple((f"{number:016}", device) for number, device in enumerate(("a" * 16, "a" * 16, "b" * 16, "", "")))
"""Each with the installation it is of; empty: it names none."""

_nicks = st.sampled_from(NICKS)
_targets = st.sampled_from((*NICKS, *ADDRESSES, "192.0.2.0/24"))
_spans = st.sampled_from((None, 5, 60))
_commands = st.one_of(
    st.builds(Rename, _nicks),
    st.builds(Say, st.none(), st.just("가")),
    st.builds(Register, st.just(1)),
    st.builds(Unregister, st.just(1), st.none() | _nicks),
    st.builds(Kick, st.just(1), _nicks),
    st.builds(Ban, st.just(1), _targets, _spans),
    st.builds(Unban, st.just(1), _targets),
    st.builds(Mute, st.just(1), _nicks, _spans),
    st.builds(Unmute, st.just(1), _nicks),
)
_comings = st.tuples(st.sampled_from(CLIENTS), _nicks, st.sampled_from(ADDRESSES))
_doings = st.tuples(st.integers(0, 9), _commands | st.sampled_from(("quit", "lost")))
Step = tuple[tuple[str, str], str, str] | tuple[int, RoomCommand | str] | int
_steps: st.SearchStrategy[Step] = st.one_of(_comings, _doings, _doings, st.integers(0, 40))


class Watched:
    """A room, and what must be so after each step."""

    def __init__(self) -> None:
        self.room = LoggedRoom(Memory(), Rules(grace_s=30))
        self.operator = self.room.operator("강", "9" * 16, address="203.0.113.1")
        self.once_theirs: set[tuple[str, str]] = set()
        """Nicknames that were registered, each with for whom: who sits there may stay though it was given up."""

    @property
    def seats(self) -> tuple[Seat[str], ...]:
        return self.room.room.roster.seats

    def do(self, step: Step, number: int) -> None:
        match step:
            case int():
                self.room.now_s += step
                self.room.now_ms += step * 1000
                self.room.play()
            case (str(uid), str(device)), str(nick), str(address):
                self.room.play(entering(nick, uid, f"연결 {number}", address=address, device=device))
            case int(which), doing:
                self._ask(which, doing)
        self._check()

    def _ask(self, which: int, doing: RoomCommand | str) -> None:
        here = [seat for seat in self.seats if seat.holder is not None and seat is not self.operator]
        if isinstance(doing, OperatorCommand):
            here = [self.operator]
        if not here:
            return
        seat = here[which % len(here)]
        mute = self.room.room.standing.mute_of(seat.uid, seat.device, seat.nick, self.room.now_ms)
        played = self.room.play(leaving(seat, doing) if isinstance(doing, str) else asking(seat, doing))
        assert mute is None or not any(isinstance(event, Said) for event in played.events)

    def _check(self) -> None:
        standing, now_ms = self.room.room.standing, self.room.now_ms
        names = {nickname_key(one.nick): one for one in self.room.store.registered()}
        self.once_theirs |= {(one.nick, one.device) for one in names.values()}
        for seat in self.seats:
            assert standing.ban_of(seat.uid, seat.device, seat.nick, now_ms) is None
            assert standing.ban_of_address(seat.address, now_ms) is None
            assert names.get(nickname_key(seat.nick)) is None or names[nickname_key(seat.nick)].device == seat.device
            for other in self.seats:
                self._check_looks(seat, other)

    def _check_looks(self, seat: Seat[str], other: Seat[str]) -> None:
        if seat.device != other.device and skeleton(seat.nick) in guises(other.nick):
            assert not self.once_theirs.isdisjoint({(seat.nick, seat.device), (other.nick, other.device)})


@settings(max_examples=250, deadline=None)
@given(st.lists(_steps, min_size=20, max_size=60))
def test_nobody_sits_where_they_may_not(steps: Sequence[Step]) -> None:
    watched = Watched()
    for number, step in enumerate(steps):
        watched.do(step, number)


def test_what_it_looks_for_it_would_find() -> None:
    """The same checks in a room whose rules were passed by."""
    watched = Watched()
    watched.do((CLIENTS[0], "mini", ADDRESSES[0]), 0)
    watched.room.room.roster.take("M1N1", CLIENTS[2][0], "x", is_theirs=True)
    with pytest.raises(AssertionError):
        watched.do(1, 1)
