"""Asks a server who it is, without entering its room: nobody there sees anything. Blocks, with timeouts; for the main thread.

`hello` without a nickname is refused, but only by a server of our protocol's version; and any other frame before `hello` is answered,
which tells how long the way there and back takes.
"""

import time
from typing import Final

from msgspec import Struct

from server.protocol import jsonlines
from server.protocol.errors import Refusal
from server.protocol.events import PROTOCOL_VERSION, Closing, Hello, JsonCommand, Ping
from server.protocol.framing import LineBuffer, Overlong, UnterminatedLine
from server.protocol.text import excerpt
from tui_client import strings
from tui_client.conversation import MAX_SENTENCE, Timing
from tui_client.dialing import Changed, Dialer, Secured, Untrusted
from tui_client.trust import Trust
from tui_client.wire import Address, BrokenWire, Unreachable, Wire

_PATIENCE_S: Final = 3.0
_TRIPS: Final = 3
_MAX_LINE_BYTES: Final = 16 * 1024
_NOBODY: Final = "0" * 32


class Alive(Struct, frozen=True):
    """A server of ours; `round_trip_s` is the shortest of a few. `secured` says how, if it is; else `is_exposed` if others read along."""

    version: int
    round_trip_s: float
    secured: Secured | None = None
    is_exposed: bool = False


class Silent(Struct, frozen=True):
    """Nothing listens there, or it can't be reached, for the reason in `text`."""

    text: str


class Foreign(Struct, frozen=True):
    """Something else listens there."""


class Unwilling(Struct, frozen=True):
    """A server of ours that lets nobody like us in, for the reason in `text`: another version, no seat."""

    text: str


class Stranger(Struct, frozen=True):
    """It speaks TLS, but whether it is the right one is for its user to say; nothing was said to it."""

    fingerprint: str


class Doubtful(Struct, frozen=True):
    """It is not whom it should be, for the reason in `text`; nothing was said to it."""

    text: str


ServerState = Alive | Silent | Foreign | Unwilling | Stranger | Doubtful


class _NotIntroduced(Exception):
    """Its user would have to be asked about the certificate with this fingerprint."""

    def __init__(self, fingerprint: str) -> None:
        super().__init__(fingerprint)
        self.fingerprint = fingerprint


class _NotOurs(Exception):
    """What came is nothing that a server of ours says."""


class _Closed(Exception):
    """The server turns everybody away, for the reason in `text`."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = excerpt(text, MAX_SENTENCE)


def ask_server(address: Address, trust: Trust | None = None, patience_s: float = _PATIENCE_S) -> ServerState:
    """Who listens at `address`."""
    trust = trust or Trust(address.host, address.port)
    timing = Timing(connect_s=patience_s, tls_s=patience_s)
    wire = Wire()
    dialer = Dialer(address, trust, wire, timing, clock=time.monotonic, left_s=_left_s, ask=_refuse_to_answer)
    try:
        secured = dialer.connect()
        return _Inquiry(wire, patience_s, secured, is_exposed=trust.is_exposed).result()
    except Unreachable as error:
        return Silent(error.text)
    except Untrusted as error:
        return Doubtful(error.text)
    except Changed as error:
        return Doubtful(strings.changed(str(address), is_remembered=error.is_remembered))
    except _NotIntroduced as stranger:
        return Stranger(stranger.fingerprint)
    finally:
        wire.close()


def _left_s(deadline_s: float) -> float:
    return deadline_s - time.monotonic()


def _refuse_to_answer(fingerprint: str) -> bool:
    raise _NotIntroduced(fingerprint)


class _Inquiry:
    """One connection, asked one thing after the other."""

    def __init__(self, wire: Wire, patience_s: float, secured: Secured | None, *, is_exposed: bool) -> None:
        self._wire = wire
        self._deadline_s = time.monotonic() + patience_s
        self._secured = secured
        self._is_exposed = is_exposed
        self._lines = LineBuffer(_MAX_LINE_BYTES)
        self._received: list[bytes | Overlong] = []

    def result(self) -> ServerState:
        try:
            round_trip_s = min(self._round_trip_s(number) for number in range(1, _TRIPS + 1))
            self._ask(Hello(PROTOCOL_VERSION, "", _NOBODY))
        except _Closed as closed:
            return Unwilling(closed.text)
        except (_NotOurs, UnterminatedLine, BrokenWire):
            return Foreign()
        return Alive(PROTOCOL_VERSION, round_trip_s, self._secured, self._is_exposed)

    def _round_trip_s(self, number: int) -> float:
        asked_at_s = time.monotonic()
        self._ask(Ping(number))
        return time.monotonic() - asked_at_s

    def _ask(self, command: JsonCommand) -> None:
        """Say it and wait for an answer, whichever. Raises _Closed, _NotOurs, UnterminatedLine, BrokenWire."""
        self._wire.write(jsonlines.encode(command))
        while not self._received:
            data = self._receive()
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

    def _receive(self) -> bytes:
        """Raises _NotOurs when nothing comes in time, BrokenWire."""
        left_s = _left_s(self._deadline_s)
        if left_s <= 0:
            raise _NotOurs
        ready = self._wire.wait(left_s, reading=True)
        self._wire.write()
        return self._wire.read() if ready.readable else b""
