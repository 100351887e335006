"""Somebody between client and server who can hold back what either of them says."""

import contextlib
import socket
import threading
from types import TracebackType
from typing import Self

from tests.support.waiting import DEADLINE_S


class Relay:
    """Passes on what comes at `port` to a server, and back; each direction only as long as it is open."""

    def __init__(self, server_port: int) -> None:
        self.to_server_is_open = self.to_client_is_open = True
        self._server_port = server_port
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        self._sockets: list[socket.socket] = []
        threading.Thread(target=self._accept, name="relay", daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for one in (self._listening, *self._sockets):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                server = socket.create_connection(("127.0.0.1", self._server_port), DEADLINE_S)
                self._sockets += (client, server)
                for source, target, is_up in ((client, server, True), (server, client, False)):
                    source.settimeout(None)
                    threading.Thread(target=self._pass_on, args=(source, target, is_up), daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket, is_up: bool) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if self.to_server_is_open if is_up else self.to_client_is_open:
                    target.sendall(data)
            target.shutdown(socket.SHUT_RDWR)
