"""A socket that sends whatever bytes a test wants and keeps the lines that come back."""

import contextlib
import select
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

from tests.support.lines import ReceivedLines
from tests.support.tls import TlsSocket
from tests.support.waiting import DEADLINE_S

_NO_LINGER = struct.pack("ii", 1, 0)


class LineClient:
    """One connection. A thread reads it, unless `reading` is false: then nothing is ever received.

    `receive_buffer` is the socket's SO_RCVBUF in bytes, set before connecting so that it bounds the TCP window. With `tls` all of it
    is TLS, and the handshake is over when the client is there. `source` is the address that it comes from: all of 127.0.0.0/8 is ours.
    """

    def __init__(
        self,
        port: int,
        *,
        reading: bool = True,
        receive_buffer: int | None = None,
        on_line: Callable[[str], None] = lambda _line: None,
        tls: ssl.SSLContext | None = None,
        host: str = "127.0.0.1",
        source: str = "",
    ) -> None:
        self.received = ReceivedLines(on_line)
        connection = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        if receive_buffer is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        connection.settimeout(DEADLINE_S)
        if source:
            connection.bind((source, 0))
        connection.connect((host, port))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket = connection if tls is None else TlsSocket(connection, tls)
        self._wake_reader, self._reader_wakes = socket.socketpair()
        self._reader = threading.Thread(target=self._read, name="test-reader", daemon=True)
        self._reader_started = False
        if reading:
            self.start_reading()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def lines(self) -> list[str]:
        return self.received.lines

    def start_reading(self) -> None:
        self._reader_started = True
        self._reader.start()

    def send_bytes(self, data: bytes) -> None:
        self._socket.sendall(data)

    def send_bytes_if_open(self, data: bytes) -> None:
        """For what the server is expected to refuse: it may close before the last byte has left."""
        with contextlib.suppress(ConnectionError):
            self._socket.sendall(data)

    def send_line(self, text: str) -> None:
        self.send_bytes(text.encode() + b"\n")

    def send_byte_by_byte(self, data: bytes) -> None:
        for value in data:
            self.send_bytes(bytes([value]))

    def wait_for_line(
        self, wanted: str | Callable[[str], bool], timeout_s: float = DEADLINE_S, *, after: int = 0
    ) -> str:
        return self.received.wait_for(wanted, timeout_s, after=after)

    def wait_until_closed(self, timeout_s: float = DEADLINE_S) -> None:
        self.received.wait_until_ended(timeout_s)

    def finish_sending(self) -> None:
        """Close the sending half, as a netcat does at the end of its input."""
        self._socket.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """Close in the orderly way."""
        self._stop_reading()
        self._socket.close()

    def shut_down(self) -> None:
        """End both directions: whoever waits in a call on it, on any thread, returns."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def reset(self) -> None:
        """Break the connection off: the server's end gets a RST."""
        self._stop_reading()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        self._socket.close()

    def _stop_reading(self) -> None:
        # A thread inside poll holds the socket open in the kernel, so it ends first; otherwise close would say nothing.
        if self._reader_started and self._reader.is_alive():
            self._wake_reader.send(b"!")
            self._reader.join()
        self._wake_reader.close()
        self._reader_wakes.close()

    def _read(self) -> None:
        ready = select.poll()
        ready.register(self._socket, select.POLLIN)
        ready.register(self._reader_wakes, select.POLLIN)
        wake = self._reader_wakes.fileno()
        with contextlib.suppress(ConnectionError):
            while wake not in {fd for fd, _ in ready.poll()}:
                try:
                    data = self._socket.recv(65536)
                except BlockingIOError:  # TLS: not a whole record yet
                    continue
                if not data:
                    break
                self.received.feed(data)
        self.received.end()
