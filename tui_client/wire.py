"""One TCP connection at a time, never blocking, and a way to be woken while waiting for it.

Owned by the link's thread; only `wake` may be called from others. Knows bytes, nothing of what they say.

With TLS a `tls.Session` stands between what is written and what the kernel gets, from the first byte on. It lets nothing out before
its other end is accepted. What waits to be sent is sealed already, and what came is opened at once: so what waits for the kernel, and
what `select` says, is the same as without.
"""

import contextlib
import errno
import ipaddress
import selectors
import socket
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from msgspec import Struct

from tui_client import strings

if TYPE_CHECKING:  # not needed to chat with this machine
    from tui_client.tls import Session

_RECEIVE_BYTES = 64 * 1024
_IN_PROGRESS = frozenset({0, errno.EINPROGRESS, errno.EWOULDBLOCK, errno.EAGAIN})


class Address(Struct, frozen=True):
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
    """The connection broke, or the other side closed it; `text` is the Korean sentence that says how, if there is more to say."""

    def __init__(self, text: str = "") -> None:
        super().__init__(text)
        self.text = text


class Readiness(Struct, frozen=True):
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
        self.host = ""
        """The numeric address that it is, or was last, connected to."""
        self._unsent = bytearray()
        self._session: Session | None = None
        self._early = b""
        """What came in one piece with the end of the handshake."""

    def wake(self) -> None:
        """End a `wait`, now or the next one. Callable from any thread and at any time."""
        with self._wake_lock:
            if self._is_closed:
                return
            # A full pipe wakes as well as one more byte.
            with contextlib.suppress(BlockingIOError):
                self._wake_sender.send(b"!")

    @property
    def is_connected(self) -> bool:
        return self._socket is not None

    @property
    def is_sealed(self) -> bool:
        """Whether everything goes through TLS."""
        return self._session is not None

    @property
    def unsent_bytes(self) -> int:
        """What was handed to `write` and has not left."""
        return len(self._unsent)

    def wait(self, timeout_s: float | None, *, reading: bool = False) -> Readiness:
        """Until something can be written that waits to be, or read if `reading`, or `wake`, or `timeout_s` is over."""
        if self._socket is not None:
            self._watch(self._socket, reading=reading, writing=bool(self._unsent))
        has_more = reading and bool(self._early or (self._session is not None and self._session.has_ended))
        ready = self._wait(0.0 if has_more else timeout_s)
        return Readiness(has_more or ready.readable, ready.writable)

    def connect(
        self, address: tuple[str, int], timeout_s: Callable[[], float], session: "Session | None" = None
    ) -> bool:
        """Connect to a numeric IPv4 address; false when it was given up because `timeout_s` had nothing left.

        `timeout_s` is asked before each wait, so after each `wake`. With a `session` nothing goes out in the clear, and `secure`
        comes next. Raises OSError.
        """
        self.disconnect()
        self._session, self.host = session, address[0]
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

    def secure(self, timeout_s: Callable[[], float]) -> bool:
        """Shake hands; false when it was given up because `timeout_s` had nothing left, however much comes.

        Raises BrokenWire, HandshakeFailed.
        """
        session, received = self._session, b""
        assert session is not None
        while not self._shake_hands(session, received):
            received = b""
            while not received:
                left_s = timeout_s()
                if left_s <= 0:
                    return False
                ready = self.wait(left_s, reading=True)
                self._flush()
                received = self._receive() if ready.readable else b""
        self._early = session.open(b"")
        return True

    def _shake_hands(self, session: "Session", received: bytes) -> bool:
        try:
            return session.shake_hands(received)
        finally:  # also when it failed: the server is told why
            self._unsent += session.take_outgoing()
            self._flush()

    def read(self) -> bytes:
        """What has come; nothing if it was a false alarm. Raises BrokenWire."""
        session = self._session
        if session is None:
            return self._receive()
        early, self._early = self._early, b""
        if early:
            return early
        if session.has_ended:
            raise BrokenWire(strings.TLS_DAMAGED if session.is_damaged else "")
        data = session.open(self._receive())
        self._unsent += session.take_outgoing()
        self._flush()
        return data

    def _receive(self) -> bytes:
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
        self._unsent += data if self._session is None else self._session.seal(data)
        self._flush()

    def _flush(self) -> None:
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
        if self._session is not None:
            self._session.say_goodbye()
            self._unsent += self._session.take_outgoing()
            self._flush()
        try:
            self._socket.shutdown(socket.SHUT_WR)
        except OSError:
            raise BrokenWire from None

    def disconnect(self) -> None:
        """Forget the connection and what was to be sent on it."""
        self._unsent.clear()
        self._session, self._early = None, b""
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
