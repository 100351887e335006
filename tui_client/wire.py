"""One TCP connection at a time, never blocking, and a way to be woken while waiting for it.

Owned by the link's thread; only `wake` may be called from others. Knows bytes, nothing of what they say.
"""

import contextlib
import errno
import ipaddress
import selectors
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass

from tui_client import strings

_RECEIVE_BYTES = 64 * 1024
_IN_PROGRESS = frozenset({0, errno.EINPROGRESS, errno.EWOULDBLOCK, errno.EAGAIN})


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server is: a name or an IPv4 address, and a port."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


class Unreachable(Exception):
    """No connection was made; `text` is the Korean sentence that says why."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


class BrokenWire(Exception):
    """The connection broke, or the other side closed it."""


@dataclass(frozen=True, slots=True)
class Readiness:
    """What can be done without waiting."""

    readable: bool
    writable: bool


class Wire:
    """At most one socket, what it has not taken yet, and a socket pair to be woken by."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._wake_receiver, self._wake_sender = socket.socketpair()
        self._wake_receiver.setblocking(False)
        self._wake_sender.setblocking(False)
        self._selector.register(self._wake_receiver, selectors.EVENT_READ)
        self._wake_lock = threading.Lock()
        self._is_closed = False
        self._socket: socket.socket | None = None
        self._unsent = bytearray()

    def wake(self) -> None:
        """End a `wait`, now or the next one. Callable from any thread and at any time."""
        with self._wake_lock:
            if self._is_closed:
                return
            # A full pipe wakes as well as one more byte.
            with contextlib.suppress(BlockingIOError):
                self._wake_sender.send(b"!")

    @property
    def unsent_bytes(self) -> int:
        """What was handed to `write` and has not left."""
        return len(self._unsent)

    def wait(self, timeout_s: float | None, *, reading: bool = False) -> Readiness:
        """Until something can be written that waits to be, or read if `reading`, or `wake`, or `timeout_s` is over."""
        if self._socket is not None:
            self._watch(self._socket, reading=reading, writing=bool(self._unsent))
        return self._wait(timeout_s)

    def connect(self, address: tuple[str, int], timeout_s: Callable[[], float]) -> bool:
        """Connect to a numeric IPv4 address; false when it was given up because `timeout_s` had nothing left.

        `timeout_s` is asked before each wait, so after each `wake`. Raises OSError.
        """
        self.disconnect()
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        error = self._socket.connect_ex(address)
        if error not in _IN_PROGRESS:
            raise OSError(error, "")
        self._watch(self._socket, reading=False, writing=True)
        while (left_s := timeout_s()) > 0:
            if self._wait(left_s).writable:
                error = self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
                if error:
                    raise OSError(error, "")
                return True
        return False

    def read(self) -> bytes:
        """What has come; nothing if it was a false alarm. Raises BrokenWire."""
        if self._socket is None:
            raise BrokenWire
        try:
            data = self._socket.recv(_RECEIVE_BYTES)
        except (BlockingIOError, InterruptedError):
            return b""
        except OSError:
            raise BrokenWire from None
        if not data:
            raise BrokenWire
        return data

    def write(self, data: bytes = b"") -> None:
        """Send what waits and `data`, as far as the kernel takes it now.

        A broken connection only shows in `read`, after all that was still received: a reason may be in it.
        """
        self._unsent += data
        if self._socket is None or not self._unsent:
            return
        try:
            sent = self._socket.send(self._unsent)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            sent = len(self._unsent)
        del self._unsent[:sent]

    def finish_writing(self) -> None:
        """Tell the other side that nothing more comes. Raises BrokenWire."""
        if self._socket is None:
            raise BrokenWire
        try:
            self._socket.shutdown(socket.SHUT_WR)
        except OSError:
            raise BrokenWire from None

    def disconnect(self) -> None:
        """Forget the connection and what was to be sent on it."""
        self._unsent.clear()
        if self._socket is None:
            return
        self._watch(self._socket, reading=False, writing=False)
        self._socket.close()
        self._socket = None

    def close(self) -> None:
        """The end; `wake` does nothing from now on."""
        self.disconnect()
        with self._wake_lock:
            self._is_closed = True
        self._selector.close()
        self._wake_receiver.close()
        self._wake_sender.close()

    def _watch(self, connection: socket.socket, *, reading: bool, writing: bool) -> None:
        events = selectors.EVENT_READ * reading | selectors.EVENT_WRITE * writing
        watched = self._selector.get_map().get(connection)
        if watched is None:
            if events:
                self._selector.register(connection, events)
        elif not events:
            self._selector.unregister(connection)
        elif watched.events != events:
            self._selector.modify(connection, events)

    def _wait(self, timeout_s: float | None) -> Readiness:
        ready = 0
        for key, events in self._selector.select(timeout_s):
            if key.fileobj is self._wake_receiver:
                with contextlib.suppress(BlockingIOError):
                    self._wake_receiver.recv(4096)
            else:
                ready |= events
        return Readiness(bool(ready & selectors.EVENT_READ), bool(ready & selectors.EVENT_WRITE))


class Lookup:
    """The numeric addresses of a name, found in a thread of its own.

    The system's lookup can't be interrupted and may take half a minute. So this thread, which owns nothing, is a daemon
    and may be left behind: leaving the program doesn't wait for a name.
    """

    def __init__(self, address: Address, on_done: Callable[[], None]) -> None:
        self._address = address
        self._on_done = on_done
        self._found: list[tuple[str, int]] | None = None
        threading.Thread(target=self._run, name="lookup", daemon=True).start()

    @property
    def is_done(self) -> bool:
        return self._found is not None

    @property
    def addresses(self) -> list[tuple[str, int]]:
        """All that was found, in the system's order. Raises Unreachable."""
        if not self._found:
            raise Unreachable(strings.cannot_resolve(self._address.host))
        return self._found

    def _run(self) -> None:
        host, port = self._address.host, self._address.port
        try:
            found = socket.getaddrinfo(host, port, socket.AF_INET, socket.SOCK_STREAM)
        except (OSError, UnicodeError):  # UnicodeError: labels that can't be part of a name, as in `a..b`
            found = []
        self._found = [(str(numeric), port) for *_, (numeric, *_rest) in found]
        self._on_done()


def is_numeric(host: str) -> bool:
    """Whether `host` is an IPv4 address, so that nothing need be looked up."""
    try:
        ipaddress.IPv4Address(host)
    except ValueError:
        return False
    return True
