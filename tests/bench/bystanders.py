"""People who chat on while others attack: whether each hears all that is said, in order, and how soon.

So many speak in turn that none meets the limits; one hears. All of them are JSON clients from addresses of their own, over TLS if need be.
"""

import json
import secrets
import selectors
import socket
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from types import TracebackType
from typing import Final, Self

from tests.support.tls import TlsSocket, trusting
from tests.support.waiting import DEADLINE_S, until

SPEAKERS: Final = 24
RATE: Final = 60.0
"""Messages a second, of all together: each says 2.5, and may say 3."""

_PING_S: Final = 10.0

_TRUSTING: Final = trusting()

Connection = socket.socket | TlsSocket


@dataclass(frozen=True, slots=True)
class Chatting:
    """What came of a while of it."""

    said: int
    latencies_ms: list[float]
    """Of those that were heard, in this order."""
    is_in_order: bool
    """Whether each of them was heard once, and after all that the same one had said before."""

    @property
    def missing(self) -> int:
        return self.said - len(self.latencies_ms)


PASSWORD: Final = "열려라 참깨 열려라"
"""Of the room, where there is one; a server without one doesn't look at it."""


def hello(nick: str) -> bytes:
    """The first words of a JSON client."""
    frame = {"t": "hello", "v": 1, "nick": nick, "client": secrets.token_hex(16), "password": PASSWORD}
    return json.dumps(frame).encode() + b"\n"


def connect(port: int, address: str, *, is_sealed: bool = False, timeout_s: float = DEADLINE_S) -> Connection:
    """A connection from `address`, which is one of this machine's own. Raises OSError."""
    connection = socket.create_connection(("127.0.0.1", port), timeout_s, (address, 0))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if not is_sealed:
        return connection
    try:
        return TlsSocket(connection, _TRUSTING, timeout_s)
    except OSError:
        connection.close()
        raise


def receive(connection: Connection) -> bytes:
    """What comes next; nothing at the end. Raises OSError."""
    while True:
        with suppress(BlockingIOError):  # half a record
            return connection.recv(1 << 18)


class Bystanders:
    """All of them, in the room. `epoch` is that of its log."""

    def __init__(self, port: int, *, is_sealed: bool = False) -> None:
        self.epoch = ""
        self._said = 0
        self._heard: list[tuple[int, float]] = []
        self._said_at_s: list[float] = []
        self._selector = selectors.DefaultSelector()
        self._wake_reader, self._wake_writer = socket.socketpair()
        self._selector.register(self._wake_reader, selectors.EVENT_READ)
        self._rest = b""
        self._is_sealed = is_sealed
        self._hearer = self._enter(port, "127.0.2.1", "듣는이")
        self._speakers = [self._enter(port, f"127.0.3.{n // 8 + 1}", f"말하는이{n}") for n in range(SPEAKERS)]
        self._reading = threading.Thread(target=self._read, name="bystanders", daemon=True)
        self._reading.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._wake_writer.close()
        self._reading.join()
        for one in (self._hearer, *self._speakers, self._wake_reader):
            one.close()
        self._selector.close()

    def chat(self, seconds: float) -> Chatting:
        """Talk for so long, and wait until all of it was heard, or too long."""
        first = self._said
        began_s = pinged_s = time.monotonic()
        while (now_s := time.monotonic()) < began_s + seconds:
            self._say()
            if now_s > pinged_s + _PING_S:
                pinged_s = now_s
                self._hearer.sendall(b'{"t":"ping","n":1}\n')
            next_s = began_s + (self._said - first) / RATE
            time.sleep(max(0.0, next_s - time.monotonic()))
        with suppress(AssertionError):
            until(
                lambda: len(self._heard) >= self._said
            )  # not the last alone: what two say at once is heard in either order
        heard = [one for one in self._heard if one[0] >= first]
        latencies_ms = [(at_s - self._said_at_s[number]) * 1000 for number, at_s in heard]
        return Chatting(self._said - first, latencies_ms, _is_in_order([number for number, _ in heard]))

    def _say(self) -> None:
        number, self._said = self._said, self._said + 1
        frame = f'{{"t":"say","cid":"{number}","text":"#{number}#"}}\n'.encode()
        self._said_at_s.append(time.monotonic())
        self._speakers[number % SPEAKERS].sendall(frame)

    def _enter(self, port: int, address: str, nick: str) -> Connection:
        connection = connect(port, address, is_sealed=self._is_sealed)
        connection.sendall(hello(nick))
        heard = b""
        while b'"t":"joined"' not in heard or nick.encode() not in heard.rpartition(b'"t":"joined"')[2]:
            data = receive(connection)
            assert data, f"{nick} is not let in: {heard!r}"
            heard += data
        if not self.epoch:
            self.epoch = str(json.loads(heard.split(b"\n")[0])["epoch"])
        self._selector.register(connection, selectors.EVENT_READ, connection)
        return connection

    def _read(self) -> None:
        """All that comes, on a thread of its own; the speakers' is thrown away."""
        while True:
            for key, _ in self._selector.select():
                if key.data is None:
                    return
                data = receive(key.data)
                assert data, "a bystander was thrown out"
                if key.data is self._hearer:
                    self._hear(data, time.monotonic())

    def _hear(self, data: bytes, now_s: float) -> None:
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            before, _, text = line.partition(b'"text":"#')
            if text and "말하는이".encode() in before:
                self._heard.append((int(text.partition(b"#")[0]), now_s))


def _is_in_order(numbers: Sequence[int]) -> bool:
    by_speaker = [[number for number in numbers if number % SPEAKERS == speaker] for speaker in range(SPEAKERS)]
    return all(earlier < later for spoken in by_speaker for earlier, later in pairwise(spoken))
