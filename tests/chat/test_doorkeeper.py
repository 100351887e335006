"""In a busy room those who have something to say come in one after the other, between the rounds; nobody is kept out for good."""

import os
import select
import socket
import ssl
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from server.certificate import read_certificate
from server.channel import Wakeup
from server.config import BUSY_ROUND, Config
from server.doorkeeper import AT_LEAST, STAY_S, Doorkeeper
from server.processors import all_processors, stay_on
from server.tls import RECORD_BYTES, load_tls
from tests.support.certificates import NOW, issue
from tests.support.in_process import in_process
from tests.support.json_client import JsonClient
from tests.support.plain_client import PlainClient
from tests.support.room import Member
from tests.support.seams import GatedStore
from tests.support.tasks import Task
from tests.support.tls import TlsEnd, TlsSocket, trusting
from tests.support.waiting import DEADLINE_S, until
from tests.support.wires import Wire, local_wire, tcp_wire

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="epoll is Linux's"),
    pytest.mark.usefixtures("_same_processors"),
]

TALKERS = 24


@pytest.fixture
def _same_processors() -> Iterator[None]:
    """The rounds are run on the test's own thread here."""
    before = all_processors()
    yield
    stay_on(before)


class Room:
    """A doorkeeper, and clients that wait for their peers to say something."""

    def __init__(self, wires: ExitStack, kept_out_s: float, stay_s: float) -> None:
        self.stopping = Wakeup()
        self.doorkeeper = Doorkeeper(self.stopping, kept_out_s, stay_s)
        self.doorkeeper.start()
        self._wires = wires

    def wire(self) -> Wire:
        return self._wires.enter_context(tcp_wire())

    def wait(self, wire: Wire, timeout_s: float | None = None) -> frozenset[int]:
        """Nobody finds out at the end of their time that they should have been told before."""
        if timeout_s is None:
            return self.waiting(wire).result(DEADLINE_S)
        return self.doorkeeper.wait_readable(wire.channel, time.monotonic() + timeout_s, self.stopping)

    def waiting(self, wire: Wire) -> "Future[frozenset[int]]":
        """Waits on a thread of its own, as clients do, and for ever."""
        came: Future[frozenset[int]] = Future()
        Task(lambda: came.set_result(self.doorkeeper.wait_readable(wire.channel, None, self.stopping)))
        return came

    def be(self, requests: int, members: int = 0) -> None:
        """Run a round of so many requests."""
        with self.doorkeeper.round(requests, members):
            pass

    def stop(self) -> None:
        self.stopping.set()
        self.doorkeeper.stop()
        self.stopping.close()


@contextmanager
def a_room(kept_out_s: float = 10 * DEADLINE_S, stay_s: float = STAY_S) -> Iterator[Room]:
    with ExitStack() as wires:
        one = Room(wires, kept_out_s, stay_s)
        try:
            yield one
        finally:
            one.stop()


@pytest.fixture
def room() -> Iterator[Room]:
    with a_room() as one:
        yield one


@pytest.fixture
def busy(room: Room) -> Room:
    room.be(BUSY_ROUND)
    return room


def say(*wires: Wire) -> None:
    for wire in wires:
        wire.peer.sendall(b"\n")


def come(waiting: "Future[frozenset[int]]", wire: Wire) -> bool:
    return waiting.result(DEADLINE_S) == {wire.channel.fileno()}


@pytest.mark.parametrize("requests", [1, BUSY_ROUND])
def test_whoever_has_something_to_say_is_let_in(room: Room, requests: int) -> None:
    room.be(requests)
    wire = room.wire()
    waiting = room.waiting(wire)
    say(wire)
    assert come(waiting, wire)


def test_what_was_said_before_counts_too(busy: Room) -> None:
    wire = busy.wire()
    say(wire)
    assert busy.wait(wire) == {wire.channel.fileno()}


def test_who_says_nothing_waits_no_longer_than_they_wanted_to(busy: Room) -> None:
    wire = busy.wire()
    assert busy.wait(wire, 0.01) == frozenset()
    assert busy.wait(wire, 0.01) == frozenset()
    say(wire)
    assert busy.wait(wire) == {wire.channel.fileno()}


def test_nobody_is_let_in_during_a_round(busy: Room) -> None:
    wire = busy.wire()
    waiting = busy.waiting(wire)
    with busy.doorkeeper.round(BUSY_ROUND, 0):
        say(wire)
        until(lambda: busy.doorkeeper.somebody_comes)
        assert not waiting.done()
    assert come(waiting, wire)


def test_a_round_that_takes_long_keeps_nobody_out() -> None:
    with a_room(kept_out_s=0.05) as room:
        room.be(BUSY_ROUND)
        wire = room.wire()
        waiting = room.waiting(wire)
        with room.doorkeeper.round(BUSY_ROUND, 0):
            began_at = time.monotonic()
            say(wire)
            assert come(waiting, wire)
            assert time.monotonic() >= began_at + 0.05


def test_some_come_in_though_the_next_round_follows_at_once(busy: Room) -> None:
    """When somebody floods there is no pause for the others: only one was let in for each round."""
    wires = [busy.wire() for _ in range(TALKERS)]
    waiting = [busy.waiting(wire) for wire in wires]
    with busy.doorkeeper.round(BUSY_ROUND, 0):
        say(*wires)
        until(lambda: len(busy.doorkeeper._outside) == TALKERS)
    with busy.doorkeeper.round(BUSY_ROUND, 0):
        until(lambda: sum(each.done() for each in waiting) >= AT_LEAST and not busy.doorkeeper._may_pass)
        assert len(busy.doorkeeper._outside) == TALKERS - AT_LEAST


def test_who_was_kept_out_until_they_had_no_more_time_has_come_in_time(busy: Room) -> None:
    """Or somebody would be gone who has answered: `wait_readable` says that nothing came only if nothing has."""
    wire = busy.wire()
    assert busy.wait(wire, 0) == frozenset()
    with busy.doorkeeper.round(BUSY_ROUND, 0):
        say(wire)
        until(lambda: busy.doorkeeper.somebody_comes)
        assert busy.wait(wire, 0) == {wire.channel.fileno()}


def test_who_stays_inside_is_soon_not_waited_for(busy: Room) -> None:
    stays = busy.wire()
    say(stays)
    busy.wait(stays)
    until(lambda: not busy.doorkeeper.somebody_comes)


def test_who_leaves_lets_the_next_one_in_at_once() -> None:
    with a_room(stay_s=10 * DEADLINE_S) as busy:
        busy.be(BUSY_ROUND)
        leaves, comes = busy.wire(), busy.wire()
        for wire in (leaves, comes):
            busy.wait(wire, 0)  # now they are known here
        with busy.doorkeeper.round(BUSY_ROUND, 0):
            say(leaves)
            until(lambda: len(busy.doorkeeper._outside) == 1)
            say(comes)
            until(lambda: len(busy.doorkeeper._outside) == 2)
        assert busy.doorkeeper._inside is busy.doorkeeper._callers[leaves.channel.fileno()]
        busy.doorkeeper.forget(leaves.channel)
        assert busy.doorkeeper._inside is busy.doorkeeper._callers[comes.channel.fileno()]


def test_what_stands_behind_urgent_data_is_heard(busy: Room) -> None:
    """A telnet sends such with Ctrl-C. Reading stops there; what follows may be there by then, and of that no more is told."""
    wire = busy.wire()
    assert busy.wait(wire, 0) == frozenset()
    with busy.doorkeeper.round(BUSY_ROUND, 0):
        wire.peer.sendall(b"before")
        wire.peer.send(b"!", socket.MSG_OOB)
        wire.peer.sendall(b"behind")
        until(lambda: busy.doorkeeper.somebody_comes)
    assert busy.wait(wire) == {wire.channel.fileno()}
    assert receive(busy, wire) == b"before"
    assert busy.wait(wire) == {wire.channel.fileno()}
    assert receive(busy, wire) == b"behind"


def test_whoever_looks_themselves_is_not_waited_for() -> None:
    """They come in when they like, so nobody would come who was called."""
    with a_room(stay_s=10 * DEADLINE_S) as busy:
        busy.be(BUSY_ROUND)
        looks_itself, comes = busy.wire(), busy.wire()
        looks_itself.peer.send(b"!", socket.MSG_OOB)
        say(looks_itself)
        for _ in range(2):
            busy.wait(looks_itself)
            receive(busy, looks_itself)
            say(looks_itself)
        say(comes)
        assert busy.wait(comes) == {comes.channel.fileno()}


def test_who_is_cut_off_by_the_server_is_woken(busy: Room) -> None:
    wire = busy.wire()
    waiting = busy.waiting(wire)
    until(lambda: bool(busy.doorkeeper._callers))
    wire.channel.abort()
    assert come(waiting, wire)
    assert receive(busy, wire) == b""


def test_whoever_can_not_be_watched_is_heard(busy: Room) -> None:
    """The system may have no room for one more."""
    wire = busy.wire()
    busy.doorkeeper._epoll.register(wire.channel, select.EPOLLET)  # as good: now it refuses, too
    waiting = busy.waiting(wire)
    say(wire)
    assert come(waiting, wire)


def test_who_stays_inside_keeps_nobody_out(busy: Room) -> None:
    stays, comes = busy.wire(), busy.wire()
    say(stays)
    busy.wait(stays)  # and does not come back
    say(comes)
    assert busy.wait(comes) == {comes.channel.fileno()}


def test_they_come_in_one_after_the_other() -> None:
    """Whoever is back opens for the next one, and nobody else does: here all may stay for as long as they like."""
    with a_room(stay_s=10 * DEADLINE_S) as room:
        room.be(BUSY_ROUND)
        wires = [room.wire() for _ in range(TALKERS)]
        waiting = [room.waiting(wire) for wire in wires]
        until(lambda: len(room.doorkeeper._callers) == TALKERS)
        with room.doorkeeper.round(BUSY_ROUND, 0):
            for number, wire in enumerate(wires):
                say(wire)
                until(lambda number=number: len(room.doorkeeper._outside) == number + 1)  # type: ignore[misc]
        for number, (wire, each) in enumerate(zip(wires, waiting, strict=True)):
            assert come(each, wire)
            assert not any(later.done() for later in waiting[number + 1 :])
            room.waiting(wire)
        until(lambda: not room.doorkeeper.somebody_comes)


def test_who_does_not_come_may_be_called_twice(busy: Room) -> None:
    wire = busy.wire()
    busy.wait(wire, 0)
    for _ in range(2):
        awaited_until = busy.doorkeeper._awaited_until
        say(wire)
        until(lambda before=awaited_until: busy.doorkeeper._awaited_until > before)  # type: ignore[misc]
    assert busy.doorkeeper._is_watching
    assert busy.wait(wire) == {wire.channel.fileno()}


def test_who_says_more_while_they_wait_is_still_one(busy: Room) -> None:
    says_more, comes = busy.wire(), busy.wire()
    for wire in (says_more, comes):
        busy.wait(wire, 0)
    with busy.doorkeeper.round(BUSY_ROUND, 0):
        for wire in (says_more, says_more, comes):
            say(wire)
            caller = busy.doorkeeper._callers[wire.channel.fileno()]
            until(lambda caller=caller: caller in busy.doorkeeper._outside)  # type: ignore[misc]
        assert len(busy.doorkeeper._outside) == 2


def test_the_end_that_came_with_the_last_words_is_noticed(busy: Room) -> None:
    """It is told once, and whoever took less than they asked for does not look for more."""
    wire = busy.wire()
    say(wire)
    wire.peer.close()
    assert wire.channel.receive(None, busy.stopping, busy.doorkeeper.wait_readable) == b"\n"
    assert busy.wait(wire) == {wire.channel.fileno()}
    assert wire.channel.receive(None, busy.stopping, busy.doorkeeper.wait_readable) == b""


def test_who_waited_in_a_busy_room_is_heard_in_a_quiet_one(busy: Room) -> None:
    wire = busy.wire()
    waiting = busy.waiting(wire)
    until(lambda: bool(busy.doorkeeper._callers))
    busy.be(1)
    say(wire)
    assert come(waiting, wire)
    wire.channel.receive(None, busy.stopping)
    waiting = busy.waiting(wire)
    until(lambda: not busy.doorkeeper._callers)
    say(wire)
    assert come(waiting, wire)
    busy.be(BUSY_ROUND)
    say(wire)
    assert busy.wait(wire) == {wire.channel.fileno()}
    assert not busy.doorkeeper._callers[wire.channel.fileno()].looks_itself


def test_the_next_one_with_the_same_descriptor_is_somebody_else(busy: Room) -> None:
    with local_wire() as gone:
        descriptor = gone.channel.fileno()
        say(gone)
        busy.wait(gone)
        busy.doorkeeper.forget(gone.channel)
    with local_wire() as next_one:
        assert next_one.channel.fileno() == descriptor
        say(next_one)
        assert busy.wait(next_one) == {descriptor}


def test_who_left_while_waited_for_keeps_nobody_out(busy: Room) -> None:
    leaves, comes = busy.wire(), busy.wire()
    busy.waiting(leaves)
    waiting = busy.waiting(comes)
    with busy.doorkeeper.round(BUSY_ROUND, 0):
        say(leaves, comes)
        until(lambda: len(busy.doorkeeper._outside) == 2)
        busy.doorkeeper.forget(leaves.channel)
        assert len(busy.doorkeeper._outside) == 1
    assert come(waiting, comes)


def test_all_are_woken_when_the_server_stops(busy: Room) -> None:
    heard: list[bytes] = []
    wires = [busy.wire() for _ in range(3)]
    waiting = [Task(lambda wire=wire: heard.append(receive(busy, wire))) for wire in wires]  # type: ignore[misc]
    until(lambda: len(busy.doorkeeper._callers) == len(wires))
    busy.stopping.set()
    for each in waiting:
        assert each.finish() is None
    assert heard == [b""] * len(wires)


def receive(room: Room, wire: Wire) -> bytes:
    return wire.channel.receive(None, room.stopping, room.doorkeeper.wait_readable)


# --- where everybody runs ---------------------------------------------------------------------------------------------


def test_who_comes_into_a_busy_room_runs_where_its_rounds_do(room: Room) -> None:
    everywhere = all_processors()
    wire = room.wire()
    came: list[frozenset[int]] = []

    def come_in() -> None:
        room.wait(wire)
        came.append(all_processors())

    for requests in (BUSY_ROUND, 1):
        room.be(requests)
        client = Task(come_in)
        say(wire)
        assert client.finish() is None
    in_a_busy_room, in_a_quiet_one = came
    assert len(in_a_busy_room) == 1
    assert in_a_quiet_one == everywhere


def test_whoever_was_silent_through_a_quiet_time_is_where_the_next_rounds_are_run(room: Room) -> None:
    room.be(BUSY_ROUND)
    silent = room.wire()
    room.wait(silent, 0)
    where = all_processors()
    room.be(1)
    for elsewhere in all_processors() - where:
        stay_on({elsewhere})
        room.be(BUSY_ROUND)
        assert all_processors() == where
        room.be(1)


def test_so_is_who_lets_them_in(room: Room) -> None:
    everywhere, wire = all_processors(), room.wire()
    doorkeeper = room.doorkeeper._thread.native_id or 0
    room.be(BUSY_ROUND)
    room.wait(wire, 0)
    say(wire)
    until(lambda: os.sched_getaffinity(doorkeeper) == room.doorkeeper._workload.processors)
    room.be(1)
    say(wire)
    until(lambda: os.sched_getaffinity(doorkeeper) == everywhere)


# --- in the whole server ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return issue(tmp_path_factory.mktemp("certificate"))


@pytest.mark.parametrize("tls", [None, trusting()], ids=["open", "TLS"])
def test_everybody_hears_everything_in_a_room_that_is_busy_and_quiet_by_turns(
    certificate: tuple[Path, Path], tls: ssl.SSLContext | None
) -> None:
    everywhere = all_processors()
    cert, key = certificate
    with in_process(config=Config(cert=cert, key=key)) as chat, ExitStack() as clients:
        askers = [clients.enter_context(JsonClient(chat.port, tls=tls)).enter(f"물음{number}") for number in range(3)]
        others = [clients.enter_context(PlainClient(chat.port, tls=tls)).enter(f"말{number}") for number in range(3)]
        talkers: list[Member] = [*askers, *others]
        for turn in range(4):
            for _ in range(2):  # the first makes the room busy, and with the second they come back into a busy one
                talk(talkers, BUSY_ROUND)
            until(lambda: bool(chat.server._services.doorkeeper._callers), what="never busy")
            for asker in askers:
                asker.ping(turn)
            talk(talkers, 1)
        assert len({tuple(talker.public) for talker in talkers}) == 1
        clients.close()
        chat.wait_until_alone()
        assert not chat.server._services.doorkeeper._callers
        rounds = chat.server._services.sequencer._thread.native_id or 0
        until(lambda: os.sched_getaffinity(rounds) == everywhere)


def talk(talkers: Sequence[Member], lines: int) -> None:
    """Each says so much in one piece, which takes more than one record of TLS and one read, and hears what all say."""
    before = len(talkers[0].public)
    for talker in talkers:
        cids = range(before, before + lines)
        texts = [f"{cid}{'가' * 60}" for cid in cids]
        if isinstance(talker, JsonClient):
            texts = [f'{{"t":"say","cid":"{cid}","text":"{text}"}}' for cid, text in zip(cids, texts, strict=True)]
        talker.send_bytes("".join(f"{text}\n" for text in texts).encode())
    for talker in talkers:
        until(lambda talker=talker: len(talker.public) == before + lines * len(talkers))  # type: ignore[misc]


def secured(room: Room, wire: Wire, certificate: tuple[Path, Path]) -> TlsEnd:
    """The peer's end, once both have shaken hands."""
    tls = load_tls(read_certificate(*certificate, NOW))
    securing = Task(lambda: wire.channel.secure(tls.session(), time.monotonic() + DEADLINE_S, room.stopping))
    end = TlsSocket(wire.peer, trusting()).end
    assert securing.finish() is None
    return end


def test_a_record_of_tls_that_comes_in_pieces_is_heard(busy: Room, certificate: tuple[Path, Path]) -> None:
    wire = busy.wire()
    end = secured(busy, wire, certificate)
    heard: list[bytes] = []
    listening = Task(lambda: heard.extend(receive(busy, wire) for _ in range(2)))
    records = end.seal(b"one") + end.seal(b"two")
    for byte in records[:-1]:
        wire.peer.send(bytes([byte]))
        until(lambda: not busy.doorkeeper.somebody_comes)
    until(lambda: heard == [b"one"])
    wire.peer.send(records[-1:])
    assert listening.finish() is None
    assert heard == [b"one", b"two"]


def test_what_is_left_unread_of_tls_is_read_though_nothing_more_comes(
    busy: Room, certificate: tuple[Path, Path]
) -> None:
    """Little was read of it, compared to what a channel without TLS would take at once: that is no sign of an end."""
    wire = busy.wire()
    end = secured(busy, wire, certificate)
    sizes = [448 << doubled for doubled in range(6)]  # each as much as is asked for, so that next time it is more
    heard, last = bytearray(), 2 * RECORD_BYTES

    def listen() -> None:
        while len(heard) < sum(sizes) + last:
            heard.extend(receive(busy, wire))

    listening = Task(listen)
    for number, size in enumerate(sizes, 1):
        wire.peer.sendall(end.seal(bytes(size)))
        until(lambda number=number: len(heard) == sum(sizes[:number]))  # type: ignore[misc]
    with busy.doorkeeper.round(BUSY_ROUND, 0):
        wire.peer.sendall(b"".join(end.seal(bytes(RECORD_BYTES)) for _ in range(2)))
        until(lambda: busy.doorkeeper.somebody_comes)
    assert listening.finish() is None


def test_whoever_waits_for_a_round_is_not_waited_for() -> None:
    """They come in, or leave, and it would be the round that waits for them."""
    store = GatedStore()
    with in_process(store=store) as chat:
        doorkeeper = chat.server._services.doorkeeper
        with doorkeeper.round(BUSY_ROUND, 0):
            newcomer = chat.json_stranger()
        newcomer.send_bytes(b'{"t":')
        until(lambda: bool(doorkeeper._callers))
        newcomer.send_bytes(b'"hello","v":1,"nick":"\xea\xb0\x80","client":"%032x"}\n' % 1)
        until(store.reached.is_set)
        assert not doorkeeper._callers
        store.gate.set()
        newcomer.until(lambda frame: frame.kind == "joined")
        with doorkeeper.round(BUSY_ROUND, 0):
            newcomer.send_bytes(b"\n")
        until(lambda: bool(doorkeeper._callers))
        store.gate.clear()
        store.reached.clear()
        chat.json_stranger().ask_in("철수")
        until(store.reached.is_set)
        newcomer.close()
        until(lambda: not doorkeeper._callers, DEADLINE_S / 3)  # well before the store gives up
        store.gate.set()


def test_nor_is_whoever_asks_who_is_here() -> None:
    store = GatedStore()
    store.gate.set()
    with in_process(store=store) as chat:
        doorkeeper = chat.server._services.doorkeeper
        asker = chat.plain("영희")
        with doorkeeper.round(BUSY_ROUND, 0):
            asker.send_line("")
        until(lambda: bool(doorkeeper._callers))
        store.gate.clear()
        store.reached.clear()
        chat.json_stranger().ask_in("철수")
        until(store.reached.is_set)
        asker.send_line("/목록")
        until(lambda: not doorkeeper._callers, DEADLINE_S / 3)  # well before the store gives up
        store.gate.set()
        asker.wait_for_line(lambda line: "철수" in line)


def test_who_goes_before_they_came_in_is_forgotten() -> None:
    with in_process() as chat:
        doorkeeper = chat.server._services.doorkeeper
        with doorkeeper.round(BUSY_ROUND, 0), chat.json_stranger() as stranger:
            stranger.send_bytes(b'{"t":')
            until(lambda: bool(doorkeeper._callers))
        chat.wait_until_alone()
        assert not doorkeeper._callers
