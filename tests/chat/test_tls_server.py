"""TLS on the server's one port: the same room inside it, and who has to use it."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from itertools import count

import pytest

from server.channel import Channel
from server.config import Config
from server.connection import handle_client
from server.peer import Peer
from server.protocol import phrases
from server.reception import Place
from tests.support.certificates import issue
from tests.support.in_process import SHORT, InProcess, in_process
from tests.support.json_client import JsonClient
from tests.support.line_client import LineClient
from tests.support.lines import ReceivedLines
from tests.support.plain_client import PlainClient
from tests.support.room import Member, barrier
from tests.support.tasks import Task
from tests.support.tls import TlsEnd, TlsSocket, trusting
from tests.support.waiting import DEADLINE_S, until

NOTICE = phrases.NOTICE
ELSEWHERE = Peer.of("192.0.2.7")


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    cert, key = issue(tmp_path_factory.mktemp("certificate"))
    return Config(cert=cert, key=key)


@pytest.fixture
def room(config: Config) -> Iterator[InProcess]:
    with in_process(config=config) as one:
        yield one


@pytest.fixture
def hasty(config: Config) -> Iterator[InProcess]:
    with in_process(config=config, timeouts=SHORT) as one:
        yield one


@pytest.fixture
def clients() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def stranger(clients: ExitStack, room: InProcess) -> LineClient:
    return clients.enter_context(LineClient(room.port, tls=trusting()))


# --- the same inside --------------------------------------------------------------------------------------------------


def test_both_dialects_with_and_without_tls_chat_in_one_room(room: InProcess, clients: ExitStack) -> None:
    members: list[Member] = [
        clients.enter_context(PlainClient(room.port, tls=trusting())).enter("영희"),
        clients.enter_context(JsonClient(room.port, tls=trusting())).enter("철수"),
        room.plain("민수"),
        room.json("지우"),
    ]
    for speaker in members:
        barrier(speaker, *members, text="다들 안녕")
    members[1].whisper("영희", "비밀")
    until(lambda: members[0].private == ["[귓속말] 철수> 비밀"])
    members[0].leave()
    until(lambda: all(member.departures == ["영희"] for member in members[1:]))


def test_whoever_says_nothing_is_asked_inside_too(hasty: InProcess, clients: ExitStack) -> None:
    client = stranger(clients, hasty)
    client.wait_for_line(phrases.ASK_NICKNAME)
    client.send_line("영희")
    client.wait_for_line("영희님이 입장하셨습니다.")


def test_telnet_negotiates_inside_too(room: InProcess, clients: ExitStack) -> None:
    client = stranger(clients, room)
    client.send_bytes(b"\xff\xfd\x03\xff\xfb\x18" + "영희\r\n".encode())
    client.wait_for_line("영희님이 입장하셨습니다.")


@pytest.mark.parametrize("data", [b"POST /say HTTP/1.1\r\n\r\n@\r\n", b"SSH-2.0-x\r\n", b"\x16\x03\x01\x00\xf0\x01\n"])
def test_who_looks_for_something_else_is_refused_inside_too(room: InProcess, clients: ExitStack, data: bytes) -> None:
    witness, client = room.plain("영희"), stranger(clients, room)
    client.send_bytes(data)
    client.wait_until_closed()
    assert client.lines == [NOTICE + phrases.WRONG_PROTOCOL]
    assert witness.lines == ["영희님이 입장하셨습니다."]


def test_that_there_is_no_seat_is_said_inside(config: Config, clients: ExitStack) -> None:
    with in_process(config=replace(config, max_clients=1)) as room:
        room.plain("영희")
        client = clients.enter_context(JsonClient(room.port, tls=trusting()))
        client.send(t="hello", v=1, nick="철수", client=client.secret)
        assert client.until(lambda frame: frame.kind == "closing").text("code") == "server_full"


def test_a_stop_is_told_and_ends_in_order(room: InProcess, clients: ExitStack) -> None:
    member = clients.enter_context(JsonClient(room.port, tls=trusting())).enter("영희")
    room.stop()
    assert member.until(lambda frame: frame.kind == "closing").text("code") == "shutdown"


def test_a_stop_waits_for_no_handshake(room: InProcess) -> None:
    with socket.create_connection(("127.0.0.1", room.port), DEADLINE_S) as one:
        one.sendall(b"\x16\x03\x01")
        until(lambda: [channel._is_direct for channel in room.channels] == [False], what="it is shaking hands")
        assert Task(room.stop).finish(room.server._services.config.timeouts.tls_handshake_s - 2) is None
        assert one.recv(100) == b""


def test_a_netcat_that_ends_at_once_gets_its_answers(room: InProcess) -> None:
    """`printf … | ncat --ssl`."""
    with socket.create_connection(("127.0.0.1", room.port), DEADLINE_S) as raw:
        client = TlsSocket(raw, trusting())
        client.sendall("영희\n안녕\n/목록\n".encode())
        client.shutdown(socket.SHUT_WR)
        told = client.read_to_the_end().decode().splitlines()
    assert sorted(told) == sorted(["영희님이 입장하셨습니다.", "영희> 안녕", "[알림] 지금 1명이 있습니다: 영희"])


# --- handshakes that come to nothing ----------------------------------------------------------------------------------


@pytest.mark.parametrize("sent", [1, 5, 100])
def test_a_stalled_handshake_ends_and_holds_nobody_up(hasty: InProcess, sent: int) -> None:
    witness = hasty.plain("영희")
    _, hello = TlsEnd(trusting()).shake_hands(b"")
    with socket.create_connection(("127.0.0.1", hasty.port), DEADLINE_S) as stalled:
        stalled.sendall(hello[:sent])
        until(lambda: len(hasty.channels) == 2)
        barrier(witness, witness)
        assert stalled.recv(100) == b"", "not a word in the clear"
        until(lambda: len(hasty.channels) == 1)


def test_its_time_is_over_however_busy_it_is(hasty: InProcess) -> None:
    _, hello = TlsEnd(trusting()).shake_hands(b"")
    with socket.create_connection(("127.0.0.1", hasty.port), DEADLINE_S) as dripping:
        dripping.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        rest = iter(hello)

        def is_over() -> bool:
            try:
                dripping.sendall(bytes([next(rest)]))
            except OSError:
                return True
            return not hasty.channels

        dripping.sendall(bytes([next(rest)]))
        until(lambda: len(hasty.channels) == 1)
        until(is_over, SHORT.tls_handshake_s + SHORT.farewell_s + 2)


def test_tls_to_a_server_without_it_is_told_so_and_closed() -> None:
    with in_process() as room, LineClient(room.port) as client:
        with pytest.raises(ssl.SSLError), socket.create_connection(("127.0.0.1", room.port), DEADLINE_S) as raw:
            trusting().wrap_socket(raw)
        client.send_bytes(TlsEnd(trusting()).shake_hands(b"")[1])
        client.wait_until_closed()
        assert client.lines == [NOTICE + phrases.NO_TLS]


def turned_back(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What the log says of who did not come in, without the address."""
    return [one.message.partition(": ")[2] for one in caplog.records if one.name == "server.door_log"]


def test_whoever_runs_the_server_learns_why_a_handshake_failed(
    room: InProcess, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(ssl.SSLError), socket.create_connection(("127.0.0.1", room.port), DEADLINE_S) as raw:
        ssl.create_default_context().wrap_socket(raw, server_hostname="127.0.0.1")
    until(lambda: turned_back(caplog) == ["its TLS handshake failed: TLSV1_ALERT_UNKNOWN_CA"])
    with socket.create_connection(("127.0.0.1", room.port), DEADLINE_S) as raw:
        raw.sendall(b"\x16 secret")
    until(lambda: len(turned_back(caplog)) == 2)
    assert "secret" not in caplog.text


def test_and_who_began_one_and_went_or_took_too_long(hasty: InProcess, caplog: pytest.LogCaptureFixture) -> None:
    _, hello = TlsEnd(trusting()).shake_hands(b"")
    with socket.create_connection(("127.0.0.1", hasty.port), DEADLINE_S) as raw:
        raw.sendall(hello[:20])
    until(lambda: turned_back(caplog) == ["it left TLS's handshake"])
    with socket.create_connection(("127.0.0.1", hasty.port), DEADLINE_S) as raw:
        raw.sendall(hello[:20])
        until(lambda: turned_back(caplog)[1:] == ["its TLS handshake took too long"])


# --- who has to -------------------------------------------------------------------------------------------------------


class Visitor:
    """Somebody whose address is another machine's, at a server that runs."""

    def __init__(self, room: InProcess, config: Config) -> None:
        ours, self.socket = socket.socketpair()
        self.socket.settimeout(DEADLINE_S)
        self._channel = Channel(ours)
        services = replace(room.server._services, config=config)
        self._task = Task(lambda: handle_client(Place(self._channel, ELSEWHERE, 0.0), services))

    def read_to_the_end(self) -> list[str]:
        assert self._task.finish() is None
        closing = Task(lambda: self._channel.close(DEADLINE_S))
        received = ReceivedLines()
        while data := self.socket.recv(65536):
            received.feed(data)
        self.socket.close()
        assert closing.finish() is None
        return received.lines


def test_others_are_refused_in_their_dialect_when_they_do_without(hasty: InProcess, config: Config) -> None:
    config = replace(config, timeouts=SHORT)
    plain, json = Visitor(hasty, config), Visitor(hasty, config)
    plain.socket.sendall("영희\n".encode())
    json.socket.sendall(b'{"t":"hello",')
    assert plain.read_to_the_end() == [NOTICE + phrases.TLS_REQUIRED]
    [told] = json.read_to_the_end()
    assert '"code":"tls_required"' in told


def test_that_others_did_without_is_in_the_log_with_where_they_came_from(
    hasty: InProcess, config: Config, caplog: pytest.LogCaptureFixture
) -> None:
    visitor = Visitor(hasty, replace(config, timeouts=SHORT))
    visitor.socket.sendall("비밀이름\n".encode())
    visitor.read_to_the_end()
    assert [one.message for one in caplog.records if one.name == "server.door_log"] == [
        f"{ELSEWHERE.address} is turned back: it did without TLS"
    ]


def test_others_who_say_nothing_are_not_prompted_in_the_clear(hasty: InProcess, config: Config) -> None:
    """What a slow TLS client would see of it is nonsense."""
    assert Visitor(hasty, replace(config, timeouts=SHORT)).read_to_the_end() == [NOTICE + phrases.TLS_REQUIRED]


def test_others_come_in_with_tls_though_they_begin_late(hasty: InProcess, config: Config) -> None:
    visitor = Visitor(hasty, replace(config, timeouts=replace(SHORT, tls_handshake_s=DEADLINE_S)))
    visitor.socket.settimeout(2 * SHORT.prompt_s)
    with pytest.raises(TimeoutError):
        visitor.socket.recv(1)
    client = TlsSocket(visitor.socket, trusting())
    client.sendall("영희\n".encode())
    assert client.recv(100) == "영희님이 입장하셨습니다.\n".encode()
    client.shutdown(socket.SHUT_WR)
    client.close()


def test_others_may_do_without_where_that_is_allowed(hasty: InProcess, config: Config) -> None:
    visitor = Visitor(hasty, replace(config, timeouts=SHORT, allow_plaintext=True))
    assert visitor.socket.recv(100) == f"{phrases.ASK_NICKNAME}\n".encode()
    visitor.socket.sendall("영희\n/종료\n".encode())
    assert visitor.read_to_the_end() == ["영희님이 입장하셨습니다."]


def test_a_stop_is_what_others_are_told_of_a_stop(room: InProcess, config: Config) -> None:
    visitor = Visitor(room, config)
    room.server._services.stopping.set()
    assert visitor.read_to_the_end() == [NOTICE + phrases.SHUTDOWN]


# --- who reads slowly -------------------------------------------------------------------------------------------------


def test_a_slow_reader_is_followed_by_its_cursor(room: InProcess, clients: ExitStack) -> None:
    slow = clients.enter_context(JsonClient(room.port, tls=trusting(), reading=False, receive_buffer=4096))
    slow.send(t="hello", v=1, nick="느림보", client=slow.secret)
    speaker = room.plain("영희")
    texts = (f"{number:04} " + "가" * 600 for number in count())
    said = []
    while not any(channel.backlog_bytes for channel in room.channels):
        said.append(next(texts))
        barrier(speaker, speaker, text=said[-1])
    said.extend(next(texts) for _ in range(200))
    for text in said[-200:]:
        speaker.speak(text)
    barrier(speaker, speaker)
    slow.start_reading()
    slow.hear("영희> 여기까지")
    assert [line for line in slow.public if line != "영희> 여기까지"] == [f"영희> {text}" for text in said]
