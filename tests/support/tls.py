"""The client's end of TLS, in the tests' own hand: record by record where they want to cut one, or like any other socket.

`ssl.SSLSocket` must not be used by two threads at once, and most of our clients read in a thread of their own.
"""

import socket
import ssl
from contextlib import suppress
from threading import Lock

from tests.support.waiting import DEADLINE_S


def trusting() -> ssl.SSLContext:
    """A client that takes any certificate: for all that is not about certificates."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


class TlsEnd:
    """One side's TLS without a socket: what is to be sent is handed out, what was received is handed in."""

    def __init__(self, context: ssl.SSLContext, *, is_server: bool = False) -> None:
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_side=is_server)
        self.was_told_goodbye = False

    @property
    def version(self) -> str | None:
        return self._tls.version()

    def shake_hands(self, received: bytes) -> tuple[bool, bytes]:
        """Whether this side is done, and what it has to send. Raises ssl.SSLError."""
        self._incoming.write(received)
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            return False, self._outgoing.read()
        return True, self._outgoing.read()

    def seal(self, data: bytes) -> bytes:
        self._tls.write(data)
        return self._outgoing.read()

    def goodbye(self) -> bytes:
        with suppress(ssl.SSLError):  # the other side's is still to come, or something before it
            self._tls.unwrap()
        return self._outgoing.read()

    def open(self, received: bytes) -> bytes:
        """What is complete by now. Raises BlockingIOError when nothing is, ssl.SSLError; nothing: the other side said goodbye."""
        self._incoming.write(received)
        data = b""
        try:
            while piece := self._tls.read(65536):
                data += piece
            self.was_told_goodbye = True
        except ssl.SSLZeroReturnError:  # the same, when we have said ours
            self.was_told_goodbye = True
        except ssl.SSLWantReadError:
            pass
        if not data and not self.was_told_goodbye:
            raise BlockingIOError
        return data


class TlsSocket:
    """A connected socket with TLS around it. One thread may send while another receives."""

    def __init__(self, connection: socket.socket, context: ssl.SSLContext, timeout_s: float = DEADLINE_S) -> None:
        self._socket = connection
        self.end = TlsEnd(context)
        self._lock = Lock()
        connection.settimeout(timeout_s)
        is_done, out = self.end.shake_hands(b"")
        while True:
            connection.sendall(out)
            if is_done:
                return
            received = connection.recv(65536)
            if not received:
                raise ConnectionError("closed in the middle of the handshake")
            is_done, out = self.end.shake_hands(received)

    @property
    def version(self) -> str | None:
        return self.end.version

    def sendall(self, data: bytes) -> None:
        with self._lock:
            sealed = self.end.seal(data)
            self._socket.sendall(sealed)

    def recv(self, size: int) -> bytes:
        """What one `recv` brings; nothing after the other side's goodbye. Raises BlockingIOError if it is no whole record,
        ConnectionResetError if the other side left without a goodbye.
        """
        received = self._socket.recv(size)
        if not received and self.end.was_told_goodbye:
            return b""
        if not received:
            raise ConnectionResetError("cut off: no goodbye of TLS")
        with self._lock:
            return self.end.open(received)

    def read_to_the_end(self) -> bytes:
        """Everything until the other side says goodbye."""
        data = b""
        while True:
            with suppress(BlockingIOError):
                piece = self.recv(65536)
                if not piece:
                    return data
                data += piece

    def fileno(self) -> int:
        return self._socket.fileno()

    def setsockopt(self, level: int, name: int, value: int | bytes) -> None:
        self._socket.setsockopt(level, name, value)

    def shutdown(self, how: int) -> None:
        with self._lock:
            self._socket.sendall(self.end.goodbye())
        self._socket.shutdown(how)

    def close(self) -> None:
        self._socket.close()
