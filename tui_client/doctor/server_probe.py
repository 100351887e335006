"""Asks a server who it is, without entering its room: nobody there sees anything. Blocks, with timeouts; for the main thread.

`hello` without a nickname is refused, but only by a server of our protocol's version; and any other frame before `hello` is answered,
which tells how long the way there and back takes.
"""

import socket
import threading
import time
from dataclasses import dataclass
from typing import Final

from server.protocol import jsonlines
from server.protocol.errors import Refusal
from server.protocol.events import PROTOCOL_VERSION, Closing, Hello, JsonCommand, Ping
from server.protocol.framing import LineBuffer, Overlong, UnterminatedLine
from server.protocol.text import excerpt
from tui_client import strings
from tui_client.conversation import MAX_SENTENCE
from tui_client.wire import Address, Lookup, Unreachable

_PATIENCE_S: Final = 3.0
_TRIPS: Final = 3
_MAX_LINE_BYTES: Final = 16 * 1024
_NOBODY: Final = "0" * 32


@dataclass(frozen=True, slots=True)
class Alive:
    """A server of ours; `round_trip_s` is the shortest of a few."""

    version: int
    round_trip_s: float


@dataclass(frozen=True, slots=True)
class Silent:
    """Nothing listens there, or it can't be reached, for the reason in `text`."""

    text: str


@dataclass(frozen=True, slots=True)
class Foreign:
    """Something else listens there."""


@dataclass(frozen=True, slots=True)
class Unwilling:
    """A server of ours that lets nobody like us in, for the reason in `text`: another version, no seat."""

    text: str


ServerState = Alive | Silent | Foreign | Unwilling


class _NotOurs(Exception):
    """What came is nothing that a server of ours says."""


class _Closed(Exception):
    """The server turns everybody away, for the reason in `text`."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = excerpt(text, MAX_SENTENCE)


def ask_server(address: Address, patience_s: float = _PATIENCE_S) -> ServerState:
    """Who listens at `address`."""
    try:
        numeric = _resolve(address, patience_s)
        with socket.create_connection(numeric, patience_s) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return _Inquiry(connection, patience_s).result()
    except Unreachable as error:
        return Silent(error.text)
    except OSError as error:
        return Silent(strings.cannot_connect(str(address), error.errno or 0))


def _resolve(address: Address, patience_s: float) -> tuple[str, int]:
    """Raises Unreachable."""
    is_done = threading.Event()
    lookup = Lookup(address, is_done.set)
    is_done.wait(patience_s)
    return lookup.addresses[0]


class _Inquiry:
    """One connection, asked one thing after the other."""

    def __init__(self, connection: socket.socket, patience_s: float) -> None:
        self._connection = connection
        self._deadline_s = time.monotonic() + patience_s
        self._lines = LineBuffer(_MAX_LINE_BYTES)
        self._received: list[bytes | Overlong] = []

    def result(self) -> ServerState:
        try:
            round_trip_s = min(self._round_trip_s(number) for number in range(1, _TRIPS + 1))
            self._ask(Hello(PROTOCOL_VERSION, "", _NOBODY))
        except _Closed as closed:
            return Unwilling(closed.text)
        except (_NotOurs, UnterminatedLine, OSError):
            return Foreign()
        return Alive(PROTOCOL_VERSION, round_trip_s)

    def _round_trip_s(self, number: int) -> float:
        asked_at_s = time.monotonic()
        self._ask(Ping(number))
        return time.monotonic() - asked_at_s

    def _ask(self, command: JsonCommand) -> None:
        """Say it and wait for an answer, whichever. Raises _Closed, _NotOurs, UnterminatedLine, OSError."""
        self._connection.sendall(jsonlines.encode(command))
        while not self._received:
            self._connection.settimeout(max(0.001, self._deadline_s - time.monotonic()))
            data = self._connection.recv(_MAX_LINE_BYTES)
            if not data:
                raise _NotOurs
            # A server may have asked for a nickname in a sentence before it saw that we speak JSON.
            lines = self._lines.feed(data)
            self._received += [line for line in lines if isinstance(line, Overlong) or line.startswith(b"{")]
        line = self._received.pop(0)
        if isinstance(line, Overlong):
            raise _NotOurs
        try:
            answer = jsonlines.decode_frame(line)
        except Refusal:
            raise _NotOurs from None
        if isinstance(answer, Closing):
            raise _Closed(answer.text)
