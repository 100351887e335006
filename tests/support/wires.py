"""Both ends of a connection in one process: the server's `Channel`, and the socket of the peer."""

import contextlib
import select
import socket
from collections.abc import Iterator

from server.channel import Channel
from tests.support.waiting import DEADLINE_S

SMALL_BUFFER = 4608
"""The least that Linux gives a socket to send: a few KiB fill it."""


class Wire:
    """What is sent into the channel is there for the peer at once, unless the peer's side is full."""

    def __init__(self, ours: socket.socket, peer: socket.socket) -> None:
        self.channel = Channel(ours)
        self.peer = peer
        self.peer.settimeout(DEADLINE_S)
        self._arrival = select.poll()
        self._arrival.register(peer, select.POLLIN)
        self._ours = ours

    def received(self) -> bytes:
        """All that has arrived at the peer and was not read before, without waiting for more."""
        data = b""
        while self._arrival.poll(0) and (piece := self.peer.recv(65536)):
            data += piece
        return data

    def read_to_the_end(self) -> bytes:
        """Everything until the server's side is closed."""
        data = b""
        while piece := self.peer.recv(65536):
            data += piece
        return data

    def break_off(self) -> None:
        """End it for both sides, whoever is at work on it."""
        with contextlib.suppress(OSError):
            self.peer.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self.peer.close()
        self._ours.close()


@contextlib.contextmanager
def local_wire(send_buffer: int | None = None) -> Iterator[Wire]:
    """A pair of local sockets; `send_buffer` bounds what the kernel takes before the peer reads."""
    ours, peer = socket.socketpair()
    if send_buffer is not None:
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, send_buffer)
    yield from _used(Wire(ours, peer))


@contextlib.contextmanager
def tcp_wire(kind: type[socket.socket] = socket.socket) -> Iterator[Wire]:
    """A real TCP connection, for what only TCP does. Our end is a socket of the class `kind`."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        peer = socket.create_connection(listening.getsockname())
        accepted, _ = listening.accept()
    yield from _used(Wire(kind(fileno=accepted.detach()), peer))


class BusySocket(socket.socket):
    """Reads as slowly as a machine that is busy with others: there is always more to read."""

    def recv(self, _bufsize: int, flags: int = 0, /) -> bytes:
        return super().recv(1, flags)


def _used(wire: Wire) -> Iterator[Wire]:
    try:
        yield wire
    finally:
        wire.close()
