"""TLS below the link: nothing gets out before the other end is accepted, whoever writes what and when."""

import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from server.protocol.fingerprint import fingerprint_of
from tests.support.certificates import self_signed
from tests.support.scripted_server import ScriptedServer
from tests.support.tasks import Task
from tests.support.tls_servers import Recorder, ScriptedTlsServer, serving
from tests.support.waiting import DEADLINE_S, until
from tui_client.tls import Anyone, HandshakeFailed, Session, Whom, context_for, utc_now
from tui_client.trust import Pin, Verify
from tui_client.wire import Wire

SECRET = b'{"t":"hello","client":"0f3a","password":"secret"}\n'
SOON_S = 0.2
MUCH = bytes(range(256)) * 4096


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return self_signed(tmp_path_factory.mktemp("own"))


@pytest.fixture
def pin(own: tuple[Path, Path]) -> Pin:
    return Pin(fingerprint_of(ssl.PEM_cert_to_DER_cert(own[0].read_text())))


@pytest.fixture
def wire() -> Iterator[Wire]:
    made = Wire()
    yield made
    made.close()


def connected(wire: Wire, port: int, whom: Whom) -> Session:
    """A session with whoever is there; hands are not shaken yet."""
    session = Session(context_for(whom), "127.0.0.1", whom, utc_now)
    assert wire.connect(("127.0.0.1", port), lambda: DEADLINE_S, session)
    return session


def shake_hands(wire: Wire) -> None:
    assert wire.secure(lambda: DEADLINE_S)


def drain(wire: Wire) -> None:
    until(lambda: not wire.wait(0.01).writable or not wire.unsent_bytes)


def test_what_is_written_before_the_handshake_never_gets_out(wire: Wire, own: tuple[Path, Path], pin: Pin) -> None:
    with Recorder(serving(own)) as recorder:
        connected(wire, recorder.port, pin)
        wire.write(SECRET)
        assert wire.unsent_bytes == 0
        shake_hands(wire)
        wire.write(b"after it")
        until(lambda: bool(recorder.visits[0].said))
        assert recorder.visits[0].said == b"after it"


@pytest.mark.parametrize("answer", [b"", b"SSH-2.0-x\r\n"])
def test_nor_does_it_where_there_is_no_handshake(wire: Wire, pin: Pin, answer: bytes) -> None:
    with Recorder(None, answer) as recorder:
        connected(wire, recorder.port, pin)
        wire.write(SECRET)
        ends_at = time.monotonic() + SOON_S
        with suppress(HandshakeFailed):
            assert not wire.secure(lambda: ends_at - time.monotonic())
        wire.write(SECRET)
        wire.disconnect()
        recorder.wait_until_left(1)
        assert recorder.visits[0].raw[:1] == b"\x16"
        assert b"secret" not in recorder.visits[0].raw


def test_nor_to_whoever_is_not_accepted(wire: Wire, own: tuple[Path, Path]) -> None:
    with Recorder(serving(own)) as recorder:
        session = connected(wire, recorder.port, Anyone())
        shake_hands(wire)
        assert session.fingerprint
        wire.write(SECRET)
        drain(wire)
        session.accept()
        wire.write(b"after it")
        until(lambda: bool(recorder.visits[0].said))
        assert recorder.visits[0].said == b"after it"


@pytest.mark.parametrize("whom", [Pin(fingerprint_of(b"another")), Verify()])
def test_nor_to_whoever_was_refused(wire: Wire, own: tuple[Path, Path], whom: Whom) -> None:
    with Recorder(serving(own)) as recorder:
        connected(wire, recorder.port, whom)
        with pytest.raises(HandshakeFailed):
            shake_hands(wire)
        wire.write(SECRET)
        drain(wire)
        wire.disconnect()
        recorder.wait_until_left(1)
        assert recorder.application_bytes == 0


def test_a_wake_up_ends_no_handshake_but_asks_how_long_it_may_last(wire: Wire, pin: Pin) -> None:
    with Recorder(None) as recorder:
        connected(wire, recorder.port, pin)
        is_over = threading.Event()

        def shake_hands_in_vain() -> None:
            assert not wire.secure(lambda: 0.0 if is_over.is_set() else DEADLINE_S)

        shaking = Task(shake_hands_in_vain)
        wire.wake()
        assert shaking.waits()
        is_over.set()
        wire.wake()
        assert shaking.finish(1) is None


def test_a_megabyte_goes_out_whole_while_others_come_in(wire: Wire, own: tuple[Path, Path], pin: Pin) -> None:
    with ScriptedTlsServer(own) as server:
        connected(wire, server.port, pin)
        taking = Task(lambda: talk(server))
        shake_hands(wire)
        wire.write(MUCH)
        got = b""
        deadline = time.monotonic() + DEADLINE_S
        while len(got) < len(MUCH) or wire.unsent_bytes:
            assert time.monotonic() < deadline
            ready = wire.wait(1, reading=True)
            wire.write()
            got += wire.read() if ready.readable else b""
        assert got == MUCH
        assert taking.finish() is None


def talk(server: ScriptedTlsServer) -> None:
    connection = server.accept()._socket
    got = b""
    while len(got) < len(MUCH):
        got += connection.recv(65536)
    assert got == MUCH
    connection.sendall(MUCH)


def test_a_wire_without_tls_is_what_it_was(wire: Wire) -> None:
    with ScriptedServer() as server:
        assert wire.connect(("127.0.0.1", server.port), lambda: DEADLINE_S)
        peer = server.accept()
        wire.write(SECRET)
        peer.receive_kind("hello")
        assert not wire.is_sealed


def test_the_next_connection_is_as_it_is_said_and_not_as_the_last_one(
    wire: Wire, own: tuple[Path, Path], pin: Pin
) -> None:
    with ScriptedTlsServer(own) as server:
        connected(wire, server.port, pin)
        Task(server.accept)
        shake_hands(wire)
        sealed = wire.is_sealed
        wire.disconnect()
        assert (sealed, wire.is_sealed) == (True, False)
