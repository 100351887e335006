"""Between a client and its server: while it is shut, nobody gets through, and whoever was through is cut off."""

import contextlib
import socket
import threading
import time
from types import TracebackType
from typing import Self

_HOST = "127.0.0.1"


class Gate:
    """Open at first. It has a port from the start, and leads to `leads_to`, which is a server's."""

    def __init__(self) -> None:
        self.leads_to = 0
        self.passed_at_s = 0.0
        """When somebody got through last, on the monotonic clock."""
        self._listening = _bound(0)
        self.port = int(self._listening.getsockname()[1])
        self._sockets: list[socket.socket] = []
        self._listen()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def shut(self) -> None:
        """Until `open`, connecting is refused at once."""
        self._close()
        self._listening = _bound(self.port)  # which nobody else can take meanwhile

    def open(self) -> None:
        self._listen()

    def _listen(self) -> None:
        self._listening.listen()
        threading.Thread(target=self._accept, args=(self._listening,), name="gate", daemon=True).start()

    def _close(self) -> None:
        for one in (self._listening, *self._sockets):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        self._sockets.clear()

    def _accept(self, listening: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = listening.accept()
                self.passed_at_s = time.monotonic()
                server = socket.create_connection((_HOST, self.leads_to))
                self._sockets += (client, server)
                for source, target in ((client, server), (server, client)):
                    source.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    threading.Thread(target=_pass_on, args=(source, target), daemon=True).start()


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(1 << 16):
            target.sendall(data)
        target.shutdown(socket.SHUT_RDWR)


def _bound(port: int) -> socket.socket:
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind((_HOST, port))
    return bound
