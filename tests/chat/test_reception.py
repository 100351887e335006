"""Who gets a seat, who is told why not, who makes room; first without sockets, then over them."""

import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

import pytest

from server.addresses import Addresses
from server.config import Config, PerAddress, Timeouts
from server.line_reader import Goodbye
from server.peer import Peer
from server.protocol import phrases
from server.protocol.errors import Code
from server.rate import Rate
from server.reception import TELLING, Place, Reception
from tests.support.in_process import PATIENT, SHORT, InProcess, in_process
from tests.support.waiting import until
from tests.support.wires import Wire, local_wire

NOW = 100.0
HELLO_S = 10.0
CONFIG = Config(max_clients=2, spare_connections=2, timeouts=Timeouts(json_handshake_s=HELLO_S))
ONE_EACH = PerAddress(connections=1)


def stranger(number: int) -> Peer:
    return Peer.of(f"192.0.2.{number}")


@pytest.fixture
def wire() -> Iterator[Wire]:
    with local_wire() as one:
        yield one


class Door:
    """A reception, and everybody who comes to it with the same connection."""

    def __init__(self, wire: Wire, limits: PerAddress | None = None) -> None:
        self.reception = Reception(CONFIG, Addresses(limits), self._find_ban)
        self.banned: set[Peer] = set()
        self._wire = wire

    def _find_ban(self, peer: Peer) -> Goodbye | None:
        return Goodbye(Code.BANNED, "") if peer in self.banned else None

    def come(self, number: int, now_s: float = NOW) -> Place:
        return self.reception.admit(self._wire.channel, stranger(number), now_s)

    def code(self, number: int, now_s: float = NOW) -> str:
        """What becomes of one who comes: `seat`, why there is none, or that there is no place even to say so."""
        try:
            place = self.come(number, now_s)
        except Goodbye as goodbye:
            return f"no place: {goodbye.code}"
        return "seat" if place.turned_away is None else str(place.turned_away.code)


def test_beyond_the_seats_so_many_are_told_and_then_nobody(wire: Wire) -> None:
    door = Door(wire)
    full = [Code.SERVER_FULL] * 2 + ["no place: server_full"]
    assert [door.code(number) for number in range(5)] == ["seat", "seat", *full]


def test_a_seat_is_free_before_the_connection_is_gone_and_what_was_told_makes_room(wire: Wire) -> None:
    door = Door(wire)
    first, _second, told, _told = [door.come(number) for number in range(4)]
    door.reception.stand_up(first)
    assert door.code(4) == "seat"
    door.reception.go(told)
    assert door.code(5) == Code.SERVER_FULL


def test_who_goes_without_having_stood_up_leaves_no_seat_taken(wire: Wire) -> None:
    """There was no thread for it."""
    door = Door(wire)
    for number in range(5):
        door.reception.go(door.come(number))
    assert door.code(5) == "seat"


def test_those_who_are_about_to_go_do_not_pile_up(wire: Wire) -> None:
    door = Door(wire)
    for number in range(6):
        door.reception.stand_up(door.come(number))
    assert door.code(6) == "no place: server_full"


def test_those_who_are_told_are_so_many_a_second(wire: Wire) -> None:
    door = Door(wire)
    for number in range(2):
        door.come(number)
    told = 0
    for _ in range(1000):
        with suppress(Goodbye):
            door.reception.go(door.come(2))
            told += 1
    assert told == TELLING.burst
    assert door.code(2, NOW + 1) == Code.SERVER_FULL


def test_who_takes_long_to_come_in_makes_room_for_somebody_else(wire: Wire) -> None:
    door = Door(wire)
    member, idler = door.come(0), door.come(1)
    member.has_come_in = True
    assert door.code(2, NOW + HELLO_S - 0.1) == Code.SERVER_FULL
    assert idler.channel.send(b"still there")
    assert door.code(3, NOW + HELLO_S) == "seat"
    assert wire.read_to_the_end() == b"still there"
    assert door.code(4, NOW + HELLO_S) == Code.SERVER_FULL


def test_who_has_come_in_keeps_the_seat(wire: Wire) -> None:
    door = Door(wire)
    for number in range(2):
        door.come(number).has_come_in = True
    assert door.code(2, NOW + 1e6) == Code.SERVER_FULL


def test_one_from_each_address_is_told_that_there_are_too_many(wire: Wire) -> None:
    door = Door(wire, ONE_EACH)
    codes = [door.code(1) for _ in range(3)]
    assert codes == ["seat", Code.IP_LIMIT, "no place: ip_limit"]


def test_who_is_banned_has_no_seat_and_keeps_nobody_from_being_told(wire: Wire) -> None:
    door = Door(wire)
    door.banned.add(stranger(1))
    codes = [door.code(number) for number in (1, 1, 2, 3, 4)]
    assert codes == [Code.BANNED, "no place: banned", "seat", "seat", Code.SERVER_FULL]


def test_who_was_turned_away_does_not_count_for_its_address(wire: Wire) -> None:
    door = Door(wire, ONE_EACH)
    first, second = door.come(1), door.come(2)
    assert door.code(3) == Code.SERVER_FULL
    told = door.come(1)
    door.reception.go(told)
    for place in (first, second):
        door.reception.stand_up(place)
        door.reception.go(place)
    assert [door.code(number) for number in (3, 1)] == ["seat", "seat"]


# --- over real sockets ------------------------------------------------------------------------------------------------


@pytest.fixture
def narrow_door() -> Iterator[InProcess]:
    """Two connections at a time from each address, this machine's too; ten new ones and no more for long."""
    limits = PerAddress(connections=2, new=Rate(10, 0.001))
    with in_process(config=Config(per_address=limits, limit_loopback=True), timeouts=SHORT) as one:
        yield one


def test_too_many_from_one_address_are_told_in_their_dialect(narrow_door: InProcess) -> None:
    plain, json = narrow_door.plain("영희"), narrow_door.json("철수")
    third = narrow_door.json_stranger()
    third.send(t="hello", v=1, nick="민수", client=third.secret)
    closing = third.until(lambda frame: frame.kind == "closing")
    assert (closing.text("code"), closing.text("text")) == ("ip_limit", phrases.IP_LIMIT)
    third.wait_until_closed()
    until(lambda: len(narrow_door.channels) == 2)
    fourth = narrow_door.plain_stranger()
    fourth.send_line("민수")
    fourth.wait_until_closed()
    assert fourth.lines == [phrases.NOTICE + phrases.IP_LIMIT]
    plain.speak("우리는 남아 있습니다")
    json.hear("영희> 우리는 남아 있습니다")


def test_a_connection_that_ended_makes_room_for_another(narrow_door: InProcess) -> None:
    narrow_door.plain("영희")
    for number in range(5):
        narrow_door.plain(f"손님{number}").close()
        until(lambda: len(narrow_door.channels) == 1)
    narrow_door.plain("철수")


def test_too_many_new_ones_are_turned_away_though_they_went(narrow_door: InProcess) -> None:
    for number in range(10):
        narrow_door.plain(f"손님{number}").close()
        narrow_door.wait_until_alone()
    last = narrow_door.stranger()
    last.wait_until_closed()
    assert last.lines[-1] == phrases.NOTICE + phrases.IP_LIMIT


def test_whoever_goes_before_it_is_their_turn_delays_nobody() -> None:
    with in_process(config=Config(arrivals=Rate(1, 2))) as room:
        room.plain("영희")
        for _ in range(30):
            stranger = room.stranger()
            until(lambda: len(room.channels) == 2)
            stranger.reset()
            until(lambda: len(room.channels) == 1)
        began = time.monotonic()
        room.plain("철수")
        assert time.monotonic() - began < 5


def test_a_server_full_of_the_silent_lets_somebody_in() -> None:
    timeouts = replace(PATIENT, json_handshake_s=0.2, farewell_s=0.2)
    with in_process(config=Config(max_clients=3), timeouts=timeouts) as room:
        member = room.plain("영희")
        silent = [room.stranger() for _ in range(2)]
        for one in silent:
            one.wait_for_line(phrases.ASK_NICKNAME)
        newcomer = room.plain("철수")
        silent[0].wait_until_closed()
        newcomer.speak("안녕하세요")
        member.hear("철수> 안녕하세요")
        assert not silent[1].received.ended
