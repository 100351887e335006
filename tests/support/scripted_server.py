"""A server that says what a test tells it to, over a real socket, and shares no thread with it.

Connections wait in the listening socket's queue until the test takes them, so a test reads from top to bottom.
"""

import contextlib
import json
import socket
import struct
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self

from tests.support.json_client import Frame
from tests.support.waiting import DEADLINE_S

_NO_LINGER = struct.pack("ii", 1, 0)

WELCOME: Mapping[str, object] = {
    "t": "welcome",
    "v": 1,
    "server": "test",
    "uid": "a" * 16,
    "nick": "영희",
    "epoch": "e1",
    "seq": 1,
    "replay_from": 1,
    "members": [{"uid": "a" * 16, "nick": "영희"}],
    "limits": {"text_chars": 2000, "text_lines": 20, "line_bytes": 16384},
    "ping_s": 20,
    "grace_s": 30,
}


class Peer:
    """The server's end of one connection."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self._socket.settimeout(DEADLINE_S)
        self._rest = b""

    def send(self, **fields: object) -> None:
        """One frame; the field `t` names it."""
        self.send_bytes(json.dumps(fields, ensure_ascii=False).encode() + b"\n")

    def send_bytes(self, data: bytes) -> None:
        self._socket.sendall(data)

    def send_until_full(self, data: bytes) -> int:
        """Send `data` again and again until nothing is taken any more; how often it left as a whole."""
        self._socket.setblocking(False)
        sent = 0
        with contextlib.suppress(BlockingIOError):
            while self._socket.send(data) == len(data):
                sent += 1
        self._socket.settimeout(DEADLINE_S)
        return sent

    def welcome(self, **fields: object) -> None:
        self.send(**{**WELCOME, **fields})

    def receive(self) -> Frame:
        """The next frame of the client."""
        while b"\n" not in self._rest:
            data = self._socket.recv(65536)
            assert data, f"the client hung up after {self._rest!r}"
            self._rest += data
        line, _, self._rest = self._rest.partition(b"\n")
        return Frame(json.loads(line))

    def receive_kind(self, kind: str) -> Frame:
        """The next frame, which is of this kind; pings come whenever they are due."""
        frame = self.receive()
        while frame.kind == "ping" != kind:
            frame = self.receive()
        assert frame.kind == kind, frame
        return frame

    def greet(self, **fields: object) -> Frame:
        """Take the `hello` and answer with a `welcome`."""
        hello = self.receive_kind("hello")
        self.welcome(**fields)
        return hello

    def wait_until_closed(self) -> None:
        """The client's end is closed; what it still said is skipped."""
        with contextlib.suppress(ConnectionError):
            while self._socket.recv(65536):
                pass

    def received_until_closed(self) -> Sequence[Frame]:
        """All that the client still says."""
        data = self._rest
        with contextlib.suppress(ConnectionError):
            while more := self._socket.recv(65536):
                data += more
        return [Frame(json.loads(line)) for line in data.split(b"\n") if line]

    def close(self) -> None:
        self._socket.close()

    def reset(self) -> None:
        """Break the connection off: the client's end gets a RST."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        self._socket.close()


class ScriptedServer:
    """Listens on a free port of 127.0.0.1 (or `port`) until it is closed, and closes what it has accepted."""

    def __init__(self, port: int = 0, backlog: int = 16) -> None:
        self._listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listening.bind(("127.0.0.1", port))
        self._listening.listen(backlog)
        self._listening.settimeout(DEADLINE_S)
        self.port = int(self._listening.getsockname()[1])
        self._peers: list[Peer] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def accept(self) -> Peer:
        """The next connection, waited for."""
        connection, _ = self._listening.accept()
        peer = Peer(connection)
        self._peers.append(peer)
        return peer

    def has_waiting(self, timeout_s: float) -> bool:
        """Whether somebody connects within `timeout_s`; then it is accepted, too."""
        self._listening.settimeout(timeout_s)
        try:
            self.accept()
        except TimeoutError:
            return False
        finally:
            self._listening.settimeout(DEADLINE_S)
        return True

    def close(self) -> None:
        """Stop listening, and close every connection."""
        self._listening.close()
        for peer in self._peers:
            peer.close()


def unused_port() -> int:
    """A port on which nobody listens."""
    with ScriptedServer() as server:
        return server.port
