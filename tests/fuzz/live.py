"""A real server under bytes, over real sockets: whoever else is in the room is answered all the while, and sees nothing that attacks.

An input is a line, or what a connection begins with. The server is a process of its own, so its memory is its own.
"""

import contextlib
import select
import socket
import struct
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Final

from tests.fuzz.feeding import Tally, resident_kib
from tests.fuzz.mutating import Mutator
from tests.hostile.attacker import frame
from tests.hostile.harmless import assert_json_harmless
from tests.support.json_client import new_secret
from tests.support.server_process import ServerProcess

ANSWER_S: Final = 10.0
"""Within which a connection that has said all is over, and a bystander answered; both take milliseconds."""

_LINES: Final = 100
"""Inputs of one connection."""

_LOOK_EVERY: Final = 20
"""Connections after which the bystanders are asked."""

_WARM_UP: Final = 0.2
_NO_LINGER: Final = struct.pack("ii", 1, 0)
_FAREWELLS: Final = (b"bye", "종료".encode(), b"quit", b"exit")
"""What ends a connection, so that what follows is not read: mostly left out, or most inputs would be none."""


class LiveHang(Exception):
    """Nothing came within `ANSWER_S`."""


@dataclass
class _Attack:
    """One connection: what it says in all, and how many inputs that is."""

    data: bytes
    inputs: int


def attack_server(seed: int, most: int, seconds: float = float("inf")) -> Tally:
    """Attack a server of one's own until it has had `most` inputs or `seconds` are over."""
    tally = Tally("live server")
    random, mutator = Random(seed), Mutator(seed)
    began = time.monotonic()
    with ExitStack() as ends:
        home = Path(ends.enter_context(tempfile.TemporaryDirectory()))
        server = ends.enter_context(ServerProcess(home, "--grace", "0", "--max-clients", "2000"))
        bystanders = _Bystanders(server.port, ends)
        for number, attack in enumerate(_attacks(random, mutator)):
            _attack_once(tally, server.port, attack, random)
            tally.seconds = time.monotonic() - began
            is_over = tally.inputs >= most or tally.seconds >= seconds
            if is_over or number % _LOOK_EVERY == 0:
                _ask(tally, bystanders)
            if not tally.memory_before_kib and (tally.inputs >= most * _WARM_UP or tally.seconds >= seconds * _WARM_UP):
                tally.memory_before_kib = resident_kib(server.pid)
            if is_over or not server.running:
                break
        tally.memory_after_kib = resident_kib(server.pid) if server.running else 0
        _look_at_the_log(tally, server)
    return tally


def _attacks(random: Random, mutator: Mutator) -> Iterator[_Attack]:
    """At the door, in the room as a plain member, in the room as a JSON client; in turn, by chance."""
    while True:
        nick = f"손님{random.randrange(100)}"
        match random.randrange(20):
            case 0:
                yield _Attack(mutator.next(), 1)
            case 1:
                yield _Attack(frame(t="hello", v=1, nick=nick, client=new_secret()) + mutator.next(), 1)
            case number if number < 10:
                yield _many(nick.encode() + b"\n", random, mutator)
            case _:
                yield _many(frame(t="hello", v=1, nick=nick, client=new_secret()), random, mutator)


def _many(greeting: bytes, random: Random, mutator: Mutator) -> _Attack:
    inputs = [data for _ in range(_LINES) if not _says_goodbye(data := mutator.next()) or random.random() < 0.01]
    return _Attack(greeting + b"".join(data + b"\n" for data in inputs), len(inputs))


def _says_goodbye(data: bytes) -> bool:
    return any(word in data for word in _FAREWELLS)


def _attack_once(tally: Tally, port: int, attack: _Attack, random: Random) -> None:
    tally.inputs += attack.inputs
    began = time.monotonic()
    try:
        received = _converse(port, attack.data, random)
        assert_json_harmless(received)
    except LiveHang as hang:
        tally.hangs += 1
        tally.note(attack.data, hang)
    except (AssertionError, ValueError) as error:  # ValueError: no UTF-8, no JSON
        tally.exceptions += 1
        tally.note(attack.data, error)
    tally.slowest_s = max(tally.slowest_s, (time.monotonic() - began) / max(1, attack.inputs))


def _converse(port: int, data: bytes, random: Random) -> bytes:
    """Say `data` in pieces while reading; then hang up in one way or another. Raises LiveHang."""
    received = bytearray()
    deadline = time.monotonic() + ANSWER_S
    with socket.create_connection(("127.0.0.1", port), ANSWER_S) as connection, contextlib.suppress(ConnectionError):
        connection.setblocking(False)
        piece_bytes = random.choice((1, 7, 100, 1460, 65536)) if len(data) < 5000 else 65536
        poll = select.poll()
        poll.register(connection, select.POLLIN | select.POLLOUT)
        sent = 0
        while True:
            ready = poll.poll(max(0, deadline - time.monotonic()) * 1000)
            if not ready:
                raise LiveHang(f"{len(data) - sent} bytes were not taken, or the end did not come")
            [(_, what)] = ready
            if what & (select.POLLIN | select.POLLHUP | select.POLLERR):
                more = connection.recv(65536)
                if not more:
                    return bytes(received)
                received += more
            if what & select.POLLOUT:
                sent += connection.send(data[sent : sent + piece_bytes])
                if sent == len(data):
                    if random.random() < 0.05:  # break off: whatever is on its way is lost
                        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
                        break
                    connection.shutdown(socket.SHUT_WR)
                    poll.modify(connection, select.POLLIN)
    return bytes(received).rpartition(b"\n")[0]


class Bystander:
    """Somebody who chats on. What they hear is looked at and forgotten, so that an attack may last for hours."""

    def __init__(self, port: int, greeting: bytes) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), ANSWER_S)
        self._rest = b""
        self._asked = 0
        self._socket.sendall(greeting)

    def close(self) -> None:
        self._socket.close()

    def ask(self, question: str) -> None:
        """Say it and wait until it comes back. Raises AssertionError: not in time, or what came attacks."""
        self._asked += 1
        words = f"저는 잘 있어요 {self._asked}"
        self._socket.sendall(question.replace("?", words).replace("#", str(self._asked)).encode() + b"\n")
        try:
            while words.encode() not in self._hear():
                """Others are heard meanwhile."""
        except TimeoutError:
            raise AssertionError(f"no answer within {ANSWER_S} s") from None

    def _hear(self) -> bytes:
        data = self._socket.recv(1 << 20)
        assert data, "thrown out"
        lines, newline, self._rest = (self._rest + data).rpartition(b"\n")
        assert_json_harmless(lines + newline)
        return lines


class _Bystanders:
    """One in each dialect."""

    def __init__(self, port: int, ends: ExitStack) -> None:
        hello = frame(t="hello", v=1, nick="목격자", client=new_secret())
        self._plain, self._json = Bystander(port, "구경꾼\n".encode()), Bystander(port, hello)
        for one in (self._plain, self._json):
            ends.callback(one.close)

    def ask(self) -> None:
        self._plain.ask("?")
        self._json.ask('{"t":"say","cid":"#","text":"?"}')


def _ask(tally: Tally, bystanders: _Bystanders) -> None:
    try:
        bystanders.ask()
    except (AssertionError, OSError, ValueError) as error:
        tally.hangs += 1
        tally.note(b"(a bystander)", error)


def _look_at_the_log(tally: Tally, server: ServerProcess) -> None:
    """Whatever the server has noted of a fault of its own, or that it is gone."""
    faults = server.stderr.count("Traceback") + (not server.running)
    if faults:
        tally.exceptions += faults
        tally.note(b"(its log)", RuntimeError(server.stderr[-2000:]))
