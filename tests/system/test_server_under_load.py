"""chat-server and those who ask too much of it: who come and go without a pause, answer nothing, read nothing, say everything at once."""

import json
import secrets
import signal
import socket
import time
from collections.abc import Callable
from contextlib import suppress

import pytest

from tests.support.json_client import JsonClient
from tests.support.line_client import LineClient
from tests.support.room import OpenRoom, Room
from tests.support.server_process import ServerProcess
from tests.support.tasks import Task
from tests.support.waiting import DEADLINE_S, STOPPED_S, until

SHUTDOWN = "서버를 끕니다. 잠시 뒤에 다시 접속하세요."
VISITORS = 5


# --- signals ----------------------------------------------------------------------------------------------------------


def look_in(port: int, visits: list[int]) -> None:
    """Come, give a nickname and go, over and over, for as long as there is a server."""
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port), DEADLINE_S) as visitor:
                visitor.sendall(f"{secrets.token_hex(8)}\n".encode())
        except ConnectionRefusedError:
            return
        except OSError:
            continue  # it was stopping just then
        visits.append(port)


def stopped_amid_visits(server: ServerProcess, how: signal.Signals, visits_before: int) -> int:
    """The exit code of a server that was told to stop after so many visits, and in the middle of others."""
    visits: list[int] = []
    visitors = [Task(lambda: look_in(server.port, visits)) for _ in range(VISITORS)]
    until(lambda: len(visits) >= visits_before)
    code = server.stop(how, 4)
    for visitor in visitors:
        assert visitor.finish() is None
    return code


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_is_not_lost_while_clients_come_and_go(open_room: OpenRoom, how: signal.Signals) -> None:
    """Any thread may be the one that takes it, at any moment."""
    for start in range(10):
        server = open_room("--memory", "--log-level", "error").server
        assert stopped_amid_visits(server, how, 20 * start) == 0, f"start {start}"


# --- memory -----------------------------------------------------------------------------------------------------------


def growth_mib(server: ServerProcess, is_over: Callable[[], bool]) -> float:
    """How much more memory `server` came to hold than it held before, until `is_over`."""
    before = peak = server.resident_kib

    def sampled() -> bool:
        nonlocal peak
        peak = max(peak, server.resident_kib)
        return is_over()

    until(sampled)
    return (peak - before) / 1024


def keep_sending(client: LineClient, data: bytes) -> None:
    """Send for as long as anybody takes it."""
    with suppress(OSError):
        while True:
            client.send_bytes(data)


def test_a_stranger_who_is_answered_and_reads_nothing_is_ended_and_costs_no_memory(open_room: OpenRoom) -> None:
    server = open_room("--memory").server
    with JsonClient(server.port, reading=False) as stranger:
        flooding = Task(lambda: keep_sending(stranger, b"{}\n" * 20_000))
        assert growth_mib(server, lambda: not flooding.waits()) < 32
        assert flooding.finish() is None


@pytest.fixture
def crowded(open_room: OpenRoom) -> Room:
    """A room in which a list of members is long, and a page of history is large."""
    room = open_room("--memory")
    for number in range(100):
        room.plain(f"긴닉네임을가진손님{number}")
    speaker = room.json("영희")
    for _ in range(60):
        speaker.say("😀" * 1900)
    speaker.ping(1)
    return room


@pytest.mark.parametrize(
    ("dialect", "question"),
    [("plain", b"/who\n"), ("json", b'{"t":"history","id":1,"before":999}\n'), ("json", b'{"t":"ping","n":1}\n')],
    ids=["list", "history", "ping"],
)
def test_questions_of_who_reads_no_answer_cost_no_memory(crowded: Room, dialect: str, question: bytes) -> None:
    asker = crowded.stalled("조는이") if dialect == "plain" else crowded.stalled_json("조는이")
    bystander = crowded.json("구경꾼")
    asker.send_bytes(b"\n" * 2**20)  # whoever sends much is read in larger pieces
    asking = Task(lambda: asker.send_bytes_if_open(question * 200_000))
    echoes = (bystander.say_and_wait(f"{number}번째") for number in range(100))
    assert growth_mib(crowded.server, lambda: next(echoes, None) is None) < 32
    asker.finish_sending()
    asking.finish()


# --- time -------------------------------------------------------------------------------------------------------------


class Flood:
    """Somebody who says one letter after the other, as fast as it goes, and reads what comes of it."""

    def __init__(self, port: int, nick: str) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), DEADLINE_S)
        self._socket.sendall(f"{nick}\n".encode())
        self._reading, self._sending = Task(self._read), Task(self._send)

    def _read(self) -> None:
        with suppress(OSError):
            while self._socket.recv(1 << 20):
                pass

    def _send(self) -> None:
        with suppress(OSError):
            while True:
                self._socket.sendall(b"a\n" * 32_768)

    def finish(self) -> None:
        self._sending.finish()
        self._reading.finish()
        self._socket.close()


class Bystander:
    """Somebody who looks for nothing but an own word: to understand all that a flood says takes longer than to say it."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), DEADLINE_S)
        self._heard = b""
        self.say({"t": "hello", "v": 1, "nick": "구경꾼", "client": "0" * 32})
        self.hear('"t":"welcome"')

    def say(self, frame: dict[str, object]) -> None:
        self._socket.sendall(json.dumps(frame).encode() + b"\n")

    def hear(self, words: str) -> None:
        """Read on until these were heard, which are in one line."""
        wanted = words.encode()
        while wanted not in self._heard:
            data = self._socket.recv(1 << 20)
            assert data, f"{words!r} was never heard"
            self._heard = self._heard[-len(wanted) :] + data
        self._heard = b""

    def echo_s(self, cid: str) -> float:
        """How long it takes until the room hears what is said as `cid`."""
        began = time.monotonic()
        self.say({"t": "say", "cid": cid, "text": "들리나요"})
        self.hear(f'"cid":"{cid}"')
        return time.monotonic() - began

    def close(self) -> None:
        self._socket.close()


def test_a_flood_of_single_letters_delays_neither_the_others_nor_the_end(room: Room) -> None:
    """Each letter is as much work as a whole message: what waits is counted so."""
    bystander = Bystander(room.server.port)
    floods = [Flood(room.server.port, f"수다쟁이{number}") for number in range(3)]
    for number in range(3):
        bystander.hear(f'"nick":"수다쟁이{number}","text":"a"')
    delays_s = [bystander.echo_s(f"echo-{number}") for number in range(10)]
    hearing = Task(lambda: bystander.hear('"code":"shutdown"'))
    began = time.monotonic()
    assert room.server.stop() == 0
    assert time.monotonic() - began < STOPPED_S
    hearing.finish()
    bystander.close()
    for flood in floods:
        flood.finish()
    assert max(delays_s) < STOPPED_S


def test_a_hundred_clients_in_every_state_are_told_if_they_listen_and_end_in_two_seconds(room: Room) -> None:
    speaker = room.json("영희")
    members = [room.plain(f"평문{number}") for number in range(20)]
    silent = [room.stranger() for _ in range(20)]
    for number in range(20):
        room.stranger().send_bytes(b'{"t":"hel')
        room.stalled(f"잠든이{number}")
        room.stalled_json(f"조는이{number}")
    until(lambda: len(speaker.arrivals) == 61)
    for number in range(500):
        speaker.say(f"{'긴 말 ' * 400} {number}")
    began = time.monotonic()
    assert room.server.stop() == 0
    assert time.monotonic() - began < STOPPED_S
    for told in (*members, *silent):
        told.wait_until_closed()
        assert told.lines[-1] == f"[알림] {SHUTDOWN}"
    speaker.wait_until_closed()
    assert speaker.frames[-1].fields["code"] == "shutdown"
