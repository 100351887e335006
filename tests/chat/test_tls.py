"""TLS in a channel: nothing is lost or said twice however it is cut, nothing waits for the other side, and the end is an end."""

import socket
import ssl
import time
from collections.abc import Iterator
from functools import partial
from itertools import groupby

import pytest

from server.certificate import read_certificate
from server.channel import SEALED_RECEIVE_BYTES, Channel, Wakeup
from server.tls import MAX_SILENT_BYTES, RECORD_BYTES, Session, Tls, load_tls
from tests.support.certificates import NOW, issue
from tests.support.hostile_tls import KeyChanger
from tests.support.tasks import Task
from tests.support.tls import TlsEnd, TlsSocket, trusting
from tests.support.waiting import DEADLINE_S, until
from tests.support.wires import SMALL_BUFFER, BusySocket, Wire, local_wire, tcp_wire

MUCH = 300_000
SOON_S = 0.05


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Tls:
    return load_tls(read_certificate(*issue(tmp_path_factory.mktemp("certificate")), NOW))


@pytest.fixture
def wakeup() -> Iterator[Wakeup]:
    one = Wakeup()
    yield one
    one.close()


def soon() -> float:
    return time.monotonic() + SOON_S


def later() -> float:
    return time.monotonic() + DEADLINE_S


def shake_hands(wire: Wire, tls: Tls, wakeup: Wakeup, context: ssl.SSLContext | None = None) -> TlsSocket:
    """The peer's end, when both are ready."""
    securing = Task(lambda: wire.channel.secure(tls.session(), later(), wakeup))
    peer = TlsSocket(wire.peer, context or trusting())
    assert securing.finish() is None
    return peer


@pytest.fixture
def peer(wire: Wire, tls: Tls, wakeup: Wakeup) -> TlsSocket:
    """The other end of `wire`."""
    return shake_hands(wire, tls, wakeup)


def record(peer: TlsSocket, data: bytes) -> bytes:
    """`data` as it is to be sent, for a test that sends it in its own way."""
    return peer.end.seal(data)


# --- the handshake ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_both_versions_of_today_are_spoken(wire: Wire, tls: Tls, wakeup: Wakeup, version: ssl.TLSVersion) -> None:
    context = trusting()
    context.minimum_version = context.maximum_version = version
    peer = shake_hands(wire, tls, wakeup, context)
    peer.sendall("안녕\n".encode())
    assert wire.channel.receive(later(), wakeup) == "안녕\n".encode()
    assert wire.channel.send("그래\n".encode())
    assert peer.recv(100) == "그래\n".encode()


def test_older_ones_are_refused(wire: Wire, tls: Tls, wakeup: Wakeup) -> None:
    context = trusting()
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    securing = Task(lambda: refused(wire.channel, tls, wakeup))
    with pytest.raises(ssl.SSLError, match="PROTOCOL_VERSION"):
        TlsSocket(wire.peer, context)
    assert securing.finish() is None


def refused(channel: Channel, tls: Tls, wakeup: Wakeup) -> None:
    assert not channel.secure(tls.session(), later(), wakeup)


def test_what_comes_in_one_piece_with_the_handshake_is_not_lost(wire: Wire, tls: Tls, wakeup: Wakeup) -> None:
    end = TlsEnd(trusting())
    _, hello = end.shake_hands(b"")
    wire.peer.sendall(hello)
    securing = Task(lambda: wire.channel.secure(tls.session(), later(), wakeup))
    done, finished = end.shake_hands(wire.peer.recv(65536))
    assert done
    wire.peer.sendall(finished + end.seal(b"first ") + end.seal(b"second"))
    assert securing.finish() is None
    assert wire.channel.receive(later(), wakeup) == b"first second"


def test_a_handshake_byte_by_byte_is_one_too(wire: Wire, tls: Tls, wakeup: Wakeup) -> None:
    end = TlsEnd(trusting())
    securing = Task(lambda: wire.channel.secure(tls.session(), later(), wakeup))
    done, out = end.shake_hands(b"")
    for byte in out:
        wire.peer.sendall(bytes([byte]))
    while not done:
        done, out = end.shake_hands(wire.peer.recv(1))
    wire.peer.sendall(out)
    assert securing.finish() is None


def timed_out(channel: Channel, session: Session, wakeup: Wakeup, timeout_s: float) -> None:
    with pytest.raises(TimeoutError):
        channel.secure(session, time.monotonic() + timeout_s, wakeup)


def test_a_stalled_handshake_ends_at_its_deadline(wire: Wire, tls: Tls, wakeup: Wakeup) -> None:
    _, hello = TlsEnd(trusting()).shake_hands(b"")
    wire.peer.sendall(hello[:50])
    assert Task(lambda: timed_out(wire.channel, tls.session(), wakeup, SOON_S)).finish(2) is None


def test_so_does_one_that_drips(wire: Wire, tls: Tls, wakeup: Wakeup) -> None:
    _, hello = TlsEnd(trusting()).shake_hands(b"")
    securing = Task(lambda: timed_out(wire.channel, tls.session(), wakeup, 4 * SOON_S))
    for byte in hello[:-1]:
        wire.peer.sendall(bytes([byte]))
        if not securing.waits():
            break
    assert securing.finish(2) is None


@pytest.mark.parametrize("size", [1, 4, 5, 6, 100])
def test_a_handshake_that_begins_in_pieces_is_answered_when_they_are_whole(tls: Tls, size: int) -> None:
    session, (_, hello) = tls.session(), TlsEnd(trusting()).shake_hands(b"")
    *early, last = (hello[at : at + size] for at in range(0, len(hello), size))
    for piece in early:
        assert not session.shake_hands(piece)
        assert session.take_outgoing() == b""
    assert not session.shake_hands(last)
    assert session.take_outgoing()[:1] == b"\x16"


def test_a_first_record_longer_than_any_may_be_is_not_waited_for(tls: Tls) -> None:
    session = tls.session()
    assert not session.shake_hands(b"\x16\x03\x01\xff\xff")
    assert session.has_ended


class EndlessSession(Session):
    """One in which more is always to be said before anything can be."""

    def shake_hands(self, received: bytes) -> bool:
        return False


def test_so_does_one_in_which_there_is_always_more(tls: Tls, wakeup: Wakeup) -> None:
    with tcp_wire(BusySocket) as tcp:
        flooding = Task(lambda: tcp.peer.sendall(bytes(100_000_000)))
        assert flooding.waits()
        session = EndlessSession(tls.context)
        assert Task(lambda: timed_out(tcp.channel, session, wakeup, SOON_S)).finish(2) is None
        tcp.break_off()
        assert isinstance(flooding.finish(), OSError)


def test_waiting_for_a_handshake_ends_with_the_server(wire: Wire, tls: Tls, wakeup: Wakeup) -> None:
    securing = Task(lambda: refused(wire.channel, tls, wakeup))
    assert securing.waits()
    wakeup.set()
    assert securing.finish() is None


@pytest.mark.parametrize("garbage", [b"\x16\x03\x01\x00\x05hello", b"\x16GET / HTTP/1.1\r\n\r\n", bytes(MUCH)])
def test_what_is_no_handshake_is_refused(tls: Tls, wakeup: Wakeup, garbage: bytes) -> None:
    with local_wire() as wire:
        sending = Task(lambda: wire.peer.sendall(garbage))
        assert not wire.channel.secure(tls.session(), later(), wakeup)
        wire.channel.abort()
        sending.finish()


def test_nothing_is_sent_in_the_clear_while_hands_are_shaken(wire: Wire, tls: Tls, wakeup: Wakeup) -> None:
    timed_out(wire.channel, tls.session(), wakeup, SOON_S)
    assert wire.channel.send("서버를 끕니다.".encode())
    assert wire.received() == b""


# --- receiving --------------------------------------------------------------------------------------------------------


def test_half_a_record_is_kept_for_the_other_half(wire: Wire, peer: TlsSocket, wakeup: Wakeup) -> None:
    sealed = record(peer, b"abc" * 100)
    for start in range(0, len(sealed) - 1, 50):
        wire.peer.sendall(sealed[start : min(start + 50, len(sealed) - 1)])
        with pytest.raises(TimeoutError):
            wire.channel.receive(time.monotonic() + 0.001, wakeup)
    wire.peer.sendall(sealed[-1:])
    assert wire.channel.receive(later(), wakeup) == b"abc" * 100


def test_many_records_in_one_piece_come_at_once(wire: Wire, peer: TlsSocket, wakeup: Wakeup) -> None:
    """Nothing may lie in TLS while `poll` says that there is nothing."""
    wire.peer.sendall(b"".join(record(peer, b"%03d\n" % number) for number in range(200)))
    assert wire.channel.receive(later(), wakeup) == b"".join(b"%03d\n" % number for number in range(200))


def test_a_connection_cut_in_the_middle_of_a_record_ends_with_what_was_whole(
    wire: Wire, peer: TlsSocket, wakeup: Wakeup
) -> None:
    wire.peer.sendall(record(peer, b"whole") + record(peer, b"half")[:-1])
    wire.peer.close()
    assert wire.channel.receive(later(), wakeup) == b"whole"
    assert wire.channel.receive(later(), wakeup) == b""


def test_a_forged_record_ends_it_and_what_stood_before_counts(wire: Wire, peer: TlsSocket, wakeup: Wakeup) -> None:
    whole = record(peer, b"whole")
    forged = bytearray(record(peer, b"forged"))
    forged[-1] ^= 1
    wire.peer.sendall(whole + forged + record(peer, b"after it"))
    assert wire.channel.receive(later(), wakeup) == b"whole"
    assert wire.channel.receive(later(), wakeup) == b""
    assert wire.channel.send(b"too late")


def test_the_peers_goodbye_is_the_end_of_what_it_says_and_not_of_what_it_hears(
    wire: Wire, peer: TlsSocket, wakeup: Wakeup
) -> None:
    """`printf … | ncat --ssl` says goodbye at once and waits for what it asked for."""
    wire.peer.sendall(record(peer, b"last words") + peer.end.goodbye())
    assert wire.channel.receive(later(), wakeup) == b"last words"
    assert wire.channel.receive(later(), wakeup) == b""
    assert wire.channel.send(b"answer")
    assert peer.recv(100) == b"answer"


def test_receiving_gives_up_at_its_deadline_and_at_a_wakeup(wire: Wire, peer: TlsSocket, wakeup: Wakeup) -> None:
    with pytest.raises(TimeoutError):
        wire.channel.receive(soon(), wakeup)
    receiving = Task(lambda: wire.channel.receive(None, wakeup))
    assert receiving.waits()
    wakeup.set()
    assert receiving.finish() is None


def test_whoever_only_ever_changes_keys_is_cut_off(wire: Wire, tls: Tls, wakeup: Wakeup) -> None:
    changer = KeyChanger(wire.peer)
    securing = Task(lambda: wire.channel.secure(tls.session(), later(), wakeup))
    changer.shake_hands()
    assert securing.finish() is None
    changing = Task(lambda: changer.change_keys(MAX_SILENT_BYTES // changer.RECORD_BYTES + 2))
    assert wire.channel.receive(later(), wakeup) == b""
    assert wire.channel.backlog_bytes < 2 * MAX_SILENT_BYTES
    wire.channel.abort()
    changing.finish()


def test_new_keys_are_taken_up_in_the_middle_of_a_talk(wire: Wire, tls: Tls, wakeup: Wakeup) -> None:
    changer = KeyChanger(wire.peer)
    securing = Task(lambda: wire.channel.secure(tls.session(), later(), wakeup))
    changer.shake_hands()
    assert securing.finish() is None
    for number in range(10):
        changer.change_keys(3)
        changer.send(b"%d" % number)
        assert wire.channel.receive(later(), wakeup) == b"%d" % number


def test_what_stands_behind_much_that_says_nothing_is_heard_at_once(tls: Tls, wakeup: Wakeup) -> None:
    """A doorkeeper tells once that something has come: whoever waits before all of it was read waits for good."""
    with tcp_wire() as wire:
        wire.peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        changer = KeyChanger(wire.peer)
        securing = Task(lambda: wire.channel.secure(tls.session(), later(), wakeup))
        changer.shake_hands()
        assert securing.finish() is None
        changer.change_keys(SEALED_RECEIVE_BYTES // changer.RECORD_BYTES + 1)
        changer.send(b"behind")
        assert wire.channel.receive(None, wakeup, tell_nothing) == b"behind"


def tell_nothing(_channel: Channel, _deadline: float | None, _wakeup: Wakeup) -> frozenset[int]:
    return frozenset()


# --- sending ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def narrow_peer(narrow: Wire, tls: Tls, wakeup: Wakeup) -> TlsSocket:
    """The other end of a wire whose kernel takes a few KiB."""
    return shake_hands(narrow, tls, wakeup)


def read_much(peer: TlsSocket, size: int, data: list[bytes]) -> None:
    while sum(map(len, data)) < size:
        try:
            data.append(peer.recv(65536))
        except BlockingIOError:
            continue


def test_what_the_kernel_does_not_take_waits_and_keeps_its_order(narrow: Wire, narrow_peer: TlsSocket) -> None:
    block = bytes(range(256)) * (MUCH // 256)
    assert not narrow.channel.send(block)
    assert not narrow.channel.send(b"behind")
    assert narrow.channel.backlog_bytes > len(block) // 2
    assert not narrow.channel.flush()
    got: list[bytes] = []
    reading = Task(lambda: read_much(narrow_peer, len(block) + 6, got))
    assert narrow.channel.drain(0, later())
    assert reading.finish() is None
    assert b"".join(got) == block + b"behind"


def test_a_record_that_is_half_sent_is_progress(narrow: Wire, narrow_peer: TlsSocket) -> None:
    """Whoever reads a KiB now and then is slow, and not gone."""
    assert not narrow.channel.send(bytes(RECORD_BYTES))
    stuck_at = narrow.channel.progress_at
    until(lambda: bool(narrow.peer.recv(1024)) and (narrow.channel.flush() or narrow.channel.progress_at > stuck_at))
    assert narrow.channel.backlog_bytes > 0


def test_every_send_is_one_piece_whoever_sends_and_while_others_receive(
    narrow: Wire, narrow_peer: TlsSocket, wakeup: Wakeup
) -> None:
    size, times = 20_000, 10

    def send_many(letter: bytes) -> None:
        for _ in range(times):
            narrow.channel.send(letter * size)

    def receive_all() -> None:
        got = b""
        while len(got) < MUCH:
            got += narrow.channel.receive(later(), wakeup)
        assert got == b"x" * MUCH

    def talk() -> None:
        for _ in range(MUCH // 1000):
            narrow_peer.sendall(b"x" * 1000)

    got: list[bytes] = []
    tasks = [Task(partial(send_many, letter)) for letter in (b"a", b"b", b"c", b"d")]
    tasks += [Task(receive_all), Task(talk), Task(lambda: read_much(narrow_peer, 4 * size * times, got))]
    until(lambda: narrow.channel.drain(0, soon()) and sum(map(len, got)) == 4 * size * times)
    assert [task.finish() for task in tasks] == [None] * 7
    assert {len(list(run)) % size for _, run in groupby(b"".join(got))} == {0}


def test_sending_never_waits_for_a_peer_that_reads_nothing(narrow: Wire, narrow_peer: TlsSocket) -> None:
    def send_much() -> None:
        for _ in range(100):
            narrow.channel.send(bytes(10_000))

    assert Task(send_much).finish(2) is None
    assert narrow.channel.backlog_bytes > 900_000


def test_nothing_is_sent_to_a_peer_that_is_gone(wire: Wire, peer: TlsSocket, wakeup: Wakeup) -> None:
    peer.close()
    assert wire.channel.send(bytes(MUCH))
    assert wire.channel.send(b"more")
    assert wire.channel.backlog_bytes == 0
    assert wire.channel.receive(later(), wakeup) == b""


# --- ending -----------------------------------------------------------------------------------------------------------


def test_a_close_sends_what_waits_and_says_goodbye(narrow: Wire, narrow_peer: TlsSocket) -> None:
    narrow.channel.send(bytes(MUCH) + b"goodbye")
    closing = Task(lambda: narrow.channel.close(DEADLINE_S))
    assert narrow_peer.read_to_the_end() == bytes(MUCH) + b"goodbye"
    narrow_peer.close()
    assert closing.finish() is None


def test_an_abort_after_a_last_sentence_is_no_cut(wire: Wire, peer: TlsSocket) -> None:
    wire.channel.send(b"goodbye")
    wire.channel.abort()
    wire.channel.abort()
    assert peer.read_to_the_end() == b"goodbye"


def test_an_abort_waits_for_nobody(narrow: Wire, narrow_peer: TlsSocket) -> None:
    narrow.channel.send(bytes(MUCH))
    assert Task(narrow.channel.abort).finish(2) is None
    with pytest.raises(ConnectionResetError):
        narrow_peer.read_to_the_end()


def test_the_last_sentence_arrives_though_the_peer_is_still_sending(tls: Tls, wakeup: Wakeup) -> None:
    with tcp_wire() as tcp:
        peer = shake_hands(tcp, tls, wakeup)
        peer.sendall(bytes(50_000))
        tcp.channel.send(b"goodbye")
        closing = Task(lambda: tcp.channel.close(DEADLINE_S))
        peer.sendall(bytes(50_000))
        assert peer.read_to_the_end() == b"goodbye"
        peer.close()
        assert closing.finish() is None


def test_a_close_does_not_wait_longer_than_it_was_told(tls: Tls, wakeup: Wakeup) -> None:
    with local_wire(SMALL_BUFFER) as silent, local_wire(SMALL_BUFFER) as deaf:
        shake_hands(silent, tls, wakeup)
        shake_hands(deaf, tls, wakeup)
        deaf.channel.send(bytes(MUCH))
        assert Task(lambda: silent.channel.close(SOON_S)).finish(2) is None
        assert Task(lambda: deaf.channel.close(SOON_S)).finish(2) is None
        assert deaf.channel.send(b"late")


def test_a_close_in_the_middle_of_the_handshake_is_one(wire: Wire, tls: Tls, wakeup: Wakeup) -> None:
    timed_out(wire.channel, tls.session(), wakeup, SOON_S)
    assert Task(lambda: wire.channel.close(SOON_S)).finish(2) is None
    assert wire.read_to_the_end() == b""


def test_a_session_that_was_never_good_says_nothing(tls: Tls) -> None:
    session = tls.session()
    session.say_goodbye()
    assert session.take_outgoing() == b""
    assert session.seal(b"a") == b""
