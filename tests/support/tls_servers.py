"""Servers that speak TLS: one that a test scripts, and one that counts what anybody says to it."""

import socket
import ssl
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.support.scripted_server import Peer, ScriptedServer
from tests.support.waiting import DEADLINE_S, until


def serving(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    """A server's side, with a certificate and its key."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    return context


class ScriptedTlsServer(ScriptedServer):
    """Shakes hands with whoever is taken."""

    def __init__(self, certificate: tuple[Path, Path], port: int = 0) -> None:
        super().__init__(port)
        self.context = serving(certificate)

    def accept(self) -> Peer:
        connection, _ = self._listening.accept()
        connection.settimeout(DEADLINE_S)
        peer = Peer(self.context.wrap_socket(connection, server_side=True))
        self._peers.append(peer)
        return peer


@dataclass
class Visit:
    """What came of one TCP connection."""

    raw: bytes = b""
    """What came without TLS, where the server speaks none."""
    was_secured: bool = False
    said: bytes = b""
    """What was said inside TLS."""
    has_ended: bool = False


@dataclass
class Recorder:
    """Takes everybody, says nothing, and writes down what they say. Without a `context` it is no TLS server, and says `greeting`."""

    context: ssl.SSLContext | None
    greeting: bytes = b""
    visits: list[Visit] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        threading.Thread(target=self._accept, name="recorder", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def wait_until_left(self, visits: int) -> None:
        """So many have come, and all have gone again."""
        until(lambda: [visit.has_ended for visit in self.visits] == [True] * visits, what=lambda: f"{self.visits}")

    @property
    def application_bytes(self) -> int:
        """How much was said to it in all, inside TLS; without TLS, but for the handshakes that it got."""
        return sum(len(visit.said) for visit in self.visits)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listening.accept()
                self.visits.append(Visit())
                threading.Thread(target=self._record, args=(connection, self.visits[-1]), daemon=True).start()

    def _record(self, connection: socket.socket, visit: Visit) -> None:
        connection.settimeout(DEADLINE_S)
        try:
            with connection, suppress(OSError):  # ssl.SSLError is one
                if self.context is None:
                    connection.sendall(self.greeting)
                    while data := connection.recv(65536):
                        visit.raw += data
                else:
                    self._record_tls(self.context.wrap_socket(connection, server_side=True), visit)
        finally:
            visit.has_ended = True

    def _record_tls(self, connection: ssl.SSLSocket, visit: Visit) -> None:
        visit.was_secured = True
        while data := connection.recv(65536):
            visit.said += data
