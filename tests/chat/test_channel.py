"""A socket that never blocks: what was sent arrives in one piece, and waiting ends when it should."""

import contextlib
import fcntl
import socket
import struct
import time
from collections.abc import Iterator
from functools import partial
from itertools import groupby

import pytest

from server.channel import MAX_RECEIVE_BYTES, MIN_RECEIVE_BYTES, POLLIN, Channel, Wakeup, wait_ready
from tests.support.tasks import Task
from tests.support.waiting import DEADLINE_S, until
from tests.support.wires import BusySocket, Wire, tcp_wire

MUCH = 300_000
SOON_S = 0.05


@pytest.fixture
def tcp() -> Iterator[Wire]:
    with tcp_wire() as one:
        yield one


@pytest.fixture
def wakeup() -> Iterator[Wakeup]:
    one = Wakeup()
    yield one
    one.close()


def soon() -> float:
    return time.monotonic() + SOON_S


def later() -> float:
    return time.monotonic() + DEADLINE_S


def read_while_flushing(wire: Wire) -> bytes:
    """What the peer gets when it reads on and we go on sending."""
    data = wire.received()
    while wire.channel.backlog_bytes:
        wire.channel.flush()
        data += wire.received()
    return data


# --- sending ----------------------------------------------------------------------------------------------------------


def test_what_is_sent_arrives(wire: Wire) -> None:
    assert wire.channel.send("안녕\n".encode())
    assert wire.channel.send(b"")
    assert wire.received() == "안녕\n".encode()
    assert wire.channel.backlog_bytes == 0


def test_what_the_kernel_does_not_take_waits_and_keeps_its_order(narrow: Wire) -> None:
    block = bytes(range(256)) * (MUCH // 256)
    assert not narrow.channel.send(block)
    assert not narrow.channel.send(b"behind")
    assert 0 < narrow.channel.backlog_bytes < len(block) + 6
    assert not narrow.channel.flush()
    assert read_while_flushing(narrow) == block + b"behind"
    assert narrow.channel.flush()


def test_every_send_is_one_piece_whoever_sends(narrow: Wire) -> None:
    size, times = 20_000, 10

    def send_many(letter: bytes) -> None:
        for _ in range(times):
            narrow.channel.send(letter * size)

    tasks = [Task(partial(send_many, letter)) for letter in (b"a", b"b", b"c", b"d")]
    data = b""
    while len(data) < 4 * size * times:
        narrow.channel.flush()
        data += narrow.received()
    assert [task.finish() for task in tasks] == [None] * 4
    assert {len(list(run)) % size for _, run in groupby(data)} == {0}
    assert {letter: data.count(letter) for letter in b"abcd"} == dict.fromkeys(b"abcd", size * times)


def test_draining_waits_for_the_peer(narrow: Wire) -> None:
    narrow.channel.send(bytes(MUCH))
    draining = Task(lambda: narrow.channel.drain(0, later()))
    assert draining.waits()
    until(lambda: narrow.received() == b"" and narrow.channel.backlog_bytes == 0)
    assert draining.finish() is None


def test_draining_stops_as_soon_as_little_enough_waits(narrow: Wire) -> None:
    narrow.channel.send(bytes(MUCH))
    waiting = narrow.channel.backlog_bytes
    assert narrow.channel.drain(waiting, soon())
    assert narrow.channel.backlog_bytes == waiting


def test_draining_gives_up_at_its_deadline(narrow: Wire) -> None:
    narrow.channel.send(bytes(MUCH))
    assert not narrow.channel.drain(0, soon())


def test_progress_is_what_the_kernel_takes(narrow: Wire) -> None:
    narrow.channel.send(bytes(MUCH))
    stuck_at = narrow.channel.progress_at
    narrow.channel.send(b"more")
    narrow.channel.flush()
    assert narrow.channel.progress_at == stuck_at
    narrow.received()
    narrow.channel.flush()
    assert narrow.channel.progress_at > stuck_at


def test_an_idle_peer_is_not_a_slow_one(wire: Wire) -> None:
    wire.channel.send(b"a")
    before = time.monotonic()
    wire.channel.send(b"b")
    assert wire.channel.progress_at >= before


def test_sending_to_a_peer_that_is_gone_is_no_error(wire: Wire, wakeup: Wakeup) -> None:
    wire.peer.close()
    assert wire.channel.send(b"a")
    assert wire.channel.send(bytes(MUCH))
    assert wire.channel.backlog_bytes == 0
    assert wire.channel.receive(later(), wakeup) == b""


# --- receiving --------------------------------------------------------------------------------------------------------


def test_what_has_come_is_given_at_once(wire: Wire, wakeup: Wakeup) -> None:
    wire.peer.sendall(b"abc")
    assert wire.channel.receive(soon(), wakeup) == b"abc"


def test_receiving_waits_for_the_peer(wire: Wire, wakeup: Wakeup) -> None:
    got: list[bytes] = []
    receiving = Task(lambda: got.append(wire.channel.receive(None, wakeup)))
    assert receiving.waits()
    wire.peer.sendall(b"abc")
    assert receiving.finish() is None
    assert got == [b"abc"]


def test_a_peer_that_went_is_nothing(wire: Wire, wakeup: Wakeup) -> None:
    wire.peer.sendall(b"half")
    wire.peer.close()
    assert wire.channel.receive(later(), wakeup) == b"half"
    assert wire.channel.receive(later(), wakeup) == b""


def test_a_connection_that_was_reset_is_nothing(tcp: Wire, wakeup: Wakeup) -> None:
    tcp.peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    tcp.peer.close()
    assert tcp.channel.receive(later(), wakeup) == b""
    assert tcp.channel.send(b"a")


def test_receiving_gives_up_at_its_deadline(wire: Wire, wakeup: Wakeup) -> None:
    for deadline in (soon(), time.monotonic() - 1):
        with pytest.raises(TimeoutError):
            wire.channel.receive(deadline, wakeup)


def test_a_wakeup_ends_all_waiting_now_and_later(wire: Wire, narrow: Wire, wakeup: Wakeup) -> None:
    got: list[bytes] = []

    def receive(one: Wire) -> None:
        got.append(one.channel.receive(None, wakeup))

    tasks = [Task(partial(receive, one)) for one in (wire, narrow)]
    assert all(task.waits() for task in tasks)
    assert not wakeup.is_set()
    wakeup.set()
    wakeup.set()
    assert [task.finish() for task in tasks] == [None, None]
    assert got == [b"", b""]
    assert wakeup.is_set()
    assert wire.channel.receive(None, wakeup) == b""


def test_whoever_sends_much_is_read_in_larger_pieces(wire: Wire, wakeup: Wakeup) -> None:
    sending = Task(lambda: wire.peer.sendall(bytes(20 * MAX_RECEIVE_BYTES)))
    sizes, total = [], 0
    while total < 20 * MAX_RECEIVE_BYTES:
        sizes.append(len(wire.channel.receive(later(), wakeup)))
        total += sizes[-1]
    assert sending.finish() is None
    assert sizes[0] <= MIN_RECEIVE_BYTES
    assert MIN_RECEIVE_BYTES < max(sizes) <= MAX_RECEIVE_BYTES


def test_descriptors_beyond_those_of_select_are_waited_for(wakeup: Wakeup) -> None:
    with contextlib.ExitStack() as sockets:
        ours, peer = map(sockets.enter_context, socket.socketpair())
        try:
            high = sockets.enter_context(socket.socket(fileno=fcntl.fcntl(ours, fcntl.F_DUPFD, 1100)))
        except OSError:
            pytest.skip("this system allows too few descriptors")
        channel = Channel(high)
        assert wait_ready(channel, POLLIN, soon(), wakeup) == frozenset()
        peer.sendall(b"a")
        assert wait_ready(channel, POLLIN, later(), wakeup) == frozenset({high.fileno()})


# --- ending -----------------------------------------------------------------------------------------------------------


def test_an_abort_ends_it_for_both_sides(narrow: Wire, wakeup: Wakeup) -> None:
    narrow.channel.send(bytes(MUCH))
    receiving = Task(lambda: narrow.channel.receive(None, wakeup))
    assert receiving.waits()
    narrow.channel.abort()
    narrow.channel.abort()
    assert receiving.finish() is None
    assert narrow.channel.backlog_bytes == 0
    assert len(narrow.read_to_the_end()) < MUCH


def test_nothing_is_sent_after_an_abort(wire: Wire) -> None:
    wire.channel.abort()
    assert wire.channel.send(b"late")
    assert wire.read_to_the_end() == b""


def test_a_close_sends_what_waits(narrow: Wire) -> None:
    narrow.channel.send(bytes(MUCH) + b"goodbye")
    closing = Task(lambda: narrow.channel.close(DEADLINE_S))
    assert narrow.read_to_the_end() == bytes(MUCH) + b"goodbye"
    narrow.peer.close()
    assert closing.finish() is None


def test_nothing_is_sent_after_a_close(wire: Wire) -> None:
    wire.peer.shutdown(socket.SHUT_WR)
    wire.channel.close(DEADLINE_S)
    assert wire.channel.send(b"late")
    wire.channel.abort()
    assert wire.read_to_the_end() == b""


def test_the_last_sentence_arrives_though_the_peer_is_still_sending(tcp: Wire) -> None:
    """A socket closed with unread input resets the connection; the peer would see that instead of the sentence."""
    tcp.peer.sendall(bytes(50_000))
    tcp.channel.send(b"goodbye")
    closing = Task(lambda: tcp.channel.close(DEADLINE_S))
    tcp.peer.sendall(bytes(50_000))
    assert tcp.read_to_the_end() == b"goodbye"
    tcp.peer.sendall(bytes(50_000))
    tcp.peer.close()
    assert closing.finish() is None


def test_a_close_does_not_wait_longer_than_it_was_told_for_a_silent_peer(tcp: Wire) -> None:
    closing = Task(lambda: tcp.channel.close(SOON_S))
    assert closing.finish(2) is None
    assert tcp.read_to_the_end() == b""


def test_a_close_does_not_wait_longer_than_it_was_told_for_a_peer_that_goes_on_sending() -> None:
    with tcp_wire(BusySocket) as tcp:
        flooding = Task(lambda: tcp.peer.sendall(bytes(100_000_000)))
        assert flooding.waits()
        closing = Task(lambda: tcp.channel.close(SOON_S))
        try:
            assert closing.finish(2) is None
        finally:
            tcp.break_off()
            assert isinstance(flooding.finish(), OSError)


def test_a_close_does_not_wait_longer_than_it_was_told_for_a_peer_that_reads_nothing(narrow: Wire) -> None:
    narrow.channel.send(bytes(MUCH))
    assert Task(lambda: narrow.channel.close(SOON_S)).finish(2) is None
    assert narrow.channel.backlog_bytes == 0
