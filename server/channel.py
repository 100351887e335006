"""A non-blocking socket behind one lock, and what the kernel did not take of what was sent.

Any thread may send; one thread, the client's own, receives. Calls on the socket are made under the lock and never block; all
waiting is done outside it, in `poll` (not `select`: descriptors above 1023). It knows bytes, nothing of lines or of the room.

Every `send` is atomic: its bytes reach the peer in one piece, or, when the connection breaks, not to their end.

With TLS a `Seal` stands between what is sent and what the kernel gets. Bytes are sealed when they are sent, so what waits is what the
kernel did not take, as ever: no call of TLS is ever to be repeated, and none waits. What comes is opened as far as it goes, at once, so
nothing lies in TLS while `poll` says that there is nothing. Without TLS all this costs nothing.
"""

import select
import socket
import sys
import time
from collections.abc import Callable
from functools import partial
from threading import Lock
from typing import Final

from server.seal import Seal

POLLIN, POLLOUT = 1, 4  # what poll(2) calls them, on every system that has it

MIN_RECEIVE_BYTES = 448
"""Nearly every line fits, and the interpreter has such small pieces at hand. Of a larger one, which malloc gives, all but the line is given
back, and a hole of that size stays: 1 KiB for each of ten thousand."""

MAX_RECEIVE_BYTES = 64 * 1024

SEALED_RECEIVE_BYTES = 17 * 1024
"""A whole record of TLS (RFC 8446, section 5.2), and never much more: what TLS takes at once stays allocated."""


_NOTHING: Final = memoryview(b"")


class Wakeup:
    """A descriptor that becomes readable for everybody who polls it, once and for good, when `set` is called."""

    def __init__(self) -> None:
        self._reader, self._writer = socket.socketpair()
        self._is_set = False

    def set(self) -> None:
        """Wake all who wait, now and later. May be called twice."""
        self._is_set = True
        self._writer.close()

    def is_set(self) -> bool:
        """Whether `set` was called."""
        return self._is_set

    def fileno(self) -> int:
        return self._reader.fileno()

    def close(self) -> None:
        """Give the descriptors back, when nobody waits any more."""
        self._writer.close()
        self._reader.close()


def wait_ready(channel: "Channel", event: int, deadline: float | None, wakeup: Wakeup | None = None) -> frozenset[int]:
    """Wait for `event` on the channel, or for `wakeup`; the descriptors that are ready, none of them at `deadline` (monotonic)."""
    timeout_s = None if deadline is None else max(0.0, deadline - time.monotonic())
    if sys.platform == "win32":  # no poll there, and no trouble with large descriptors
        readers = [channel.fileno()] * (event == POLLIN) + ([wakeup.fileno()] if wakeup else [])
        writers = [channel.fileno()] * (event == POLLOUT)
        readable, writable, _ = select.select(readers, writers, [], timeout_s)
        return frozenset(readable + writable)
    poll = select.poll()
    poll.register(channel, event)
    if wakeup is not None:
        poll.register(wakeup, POLLIN)
    # Not inside of what is returned: while this waits, a generator half made would be 180 bytes.
    ready = poll.poll(None if timeout_s is None else timeout_s * 1000)
    return frozenset(descriptor for descriptor, _ in ready)


Wait = Callable[["Channel", float | None, Wakeup], frozenset[int]]
"""Waits for something to be read on the channel, or for the wakeup, until the deadline; as `wait_ready`."""


def wait_readable(channel: "Channel", deadline: float | None, wakeup: Wakeup) -> frozenset[int]:
    """`wait_ready` for what a client says."""
    return wait_ready(channel, POLLIN, deadline, wakeup)


class Channel:
    """One connected socket. Takes it over: `close` closes it."""

    def __init__(self, connection: socket.socket) -> None:
        connection.setblocking(False)
        self._socket = connection
        self._lock = Lock()
        self._unsent = _NOTHING
        """What the kernel did not take of what it was given last."""
        self._waiting: list[bytes] = []
        """What comes after that."""
        self._backlog_bytes = 0
        self._receive_bytes = MIN_RECEIVE_BYTES
        self._closed = False
        self._is_drained = False
        """Whether the last `recv` got all there was: another, in vain, would cost a busy room two changes of threads for each line."""
        self._receive_locked: Callable[[int], bytes] = connection.recv
        self._seal: Seal | None = None
        self._is_direct = True
        """Whether what is sent goes out as it is: open, and no TLS."""
        self._early = b""
        """What came in one piece with the end of the handshake."""
        self.progress_at = time.monotonic()
        """When the kernel last took bytes, or had nothing to take; on the monotonic clock."""

    def fileno(self) -> int:
        return self._socket.fileno()

    @property
    def backlog_bytes(self) -> int:
        """How much waits to be sent."""
        return self._backlog_bytes

    @property
    def is_sealed(self) -> bool:
        """Whether everything goes through TLS."""
        return self._seal is not None

    def peek(self, deadline: float, wakeup: Wakeup) -> bytes:
        """The first byte of what will be received next; none when the peer is gone, or `wakeup` was set. Not for TLS.

        Raises TimeoutError at `deadline` (monotonic).
        """
        while True:
            ready = wait_ready(self, POLLIN, deadline, wakeup)
            if not ready:
                raise TimeoutError
            if wakeup.fileno() in ready:
                return b""
            try:
                return self._socket.recv(1, socket.MSG_PEEK)
            except (BlockingIOError, InterruptedError):
                continue
            except OSError:
                return b""

    def receive(self, deadline: float | None, wakeup: Wakeup, wait: Wait = wait_readable) -> bytes:
        """Some bytes, as soon as there are any; none when the peer is gone, however it went, or `wakeup` was set.

        `wait` is how is waited for them. Raises TimeoutError at `deadline` (monotonic).
        """
        while True:
            data = None if self._is_drained else self._receive_now()
            # Not in the `except`: waiting there would keep the error for as long, half a KiB for each who is silent.
            if data is None:
                self._is_drained = False
                ready = wait(self, deadline, wakeup)
                if not ready:
                    raise TimeoutError
                if wakeup.fileno() in ready:
                    return b""
                continue
            self._is_drained = self._seal is None and 0 < len(data) < self._receive_bytes
            if len(data) == self._receive_bytes:
                self._receive_bytes = min(2 * self._receive_bytes, MAX_RECEIVE_BYTES)
            return data

    def _receive_now(self) -> bytes | None:
        """What has come; None if nothing has yet."""
        try:
            with self._lock:
                return self._receive_locked(self._receive_bytes)
        except (BlockingIOError, InterruptedError):
            return None
        except OSError:
            return b""

    def send(self, data: bytes) -> bool:
        """Send `data`; whether the kernel took all of it at once. The rest waits for `flush`."""
        with self._lock:
            if not self._is_direct or not data:
                data = self._sealed_locked(data)
                if not data:
                    return True
            return self._send_locked(data)

    def _send_locked(self, data: bytes) -> bool:
        if self._unsent:
            self._backlog_bytes += len(data)
            self._waiting.append(data)
            return False
        taken = self._offer_locked(data)
        self.progress_at = time.monotonic()  # until now there was nothing to take
        if taken < len(data):
            self._backlog_bytes += len(data) - taken
            self._unsent = memoryview(data)[taken:]
        return taken == len(data)

    def flush(self) -> bool:
        """Send what waits, as far as the kernel takes it now; whether nothing waits any more."""
        with self._lock:
            return self._flush_locked()

    def _flush_locked(self) -> bool:
        while self._unsent:
            taken = self._offer_locked(self._unsent)
            if not taken:
                return False
            if self._closed:
                return True
            self._backlog_bytes -= taken
            self.progress_at = time.monotonic()
            self._unsent = self._unsent[taken:]
            if self._unsent:
                return False
            self._unsent = memoryview(b"".join(self._waiting)) if self._waiting else _NOTHING
            self._waiting.clear()
        return True

    def _offer_locked(self, piece: bytes | memoryview) -> int:
        """How much of `piece` the kernel takes now. When the connection breaks, nothing waits any more: as if all had been taken."""
        try:
            return self._socket.send(piece)
        except (BlockingIOError, InterruptedError):
            return 0
        except OSError:
            self._break_locked()
            return len(piece)

    def drain(self, max_backlog_bytes: int, deadline: float) -> bool:
        """Wait until at most `max_backlog_bytes` wait to be sent; whether it came to that before `deadline` (monotonic)."""
        while self._backlog_bytes > max_backlog_bytes:
            if not wait_ready(self, POLLOUT, deadline):
                return False
            self.flush()
        return True

    def breaks_before(self, deadline: float, wakeup: Wakeup) -> bool:
        """Wait until `deadline` (monotonic), whatever there is to read; whether before it the connection broke or `wakeup` was set."""
        return bool(wait_ready(self, 0, deadline, wakeup))

    def abort(self) -> None:
        """End the connection for both sides now; who waits in `receive` gets nothing more. What waits is dropped."""
        with self._lock:
            self._say_goodbye_locked()
            self._break_locked()

    def _break_locked(self) -> None:
        self._close_locked()
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            return  # already gone

    def _close_locked(self) -> None:
        self._closed = True
        self._is_direct = False
        self._unsent = _NOTHING
        self._waiting.clear()
        self._backlog_bytes = 0

    def close(self, timeout_s: float) -> None:
        """End the connection so that what was sent still arrives; called by the thread that receives, and its last call.

        A socket closed with unread input resets the connection, and the peer may lose our last sentence: so say that we are done,
        and read on until the peer is done too, at most `timeout_s`.
        """
        deadline = time.monotonic() + timeout_s
        with self._lock:
            self._say_goodbye_locked()
        self.drain(0, deadline)
        try:
            self._socket.shutdown(socket.SHUT_WR)
            while time.monotonic() < deadline and wait_ready(self, POLLIN, deadline):
                if not self._socket.recv(MAX_RECEIVE_BYTES):
                    break
        except OSError:
            pass  # the peer was quicker
        with self._lock:
            self._close_locked()
            self._receive_locked, self._seal = self._socket.recv, None  # it is large, and held us in a circle
            self._socket.close()

    # --- TLS ----------------------------------------------------------------------------------------------------------

    def secure(self, seal: Seal, deadline: float, wakeup: Wakeup) -> bool:
        """Shake hands, and let everything go through `seal` from then on; whether it came to that.

        Not if the peer is gone, breaks the rules, or `wakeup` was set. Until then `send` sends nothing. Raises TimeoutError at
        `deadline` (monotonic), however much comes. Called by the thread that receives, before it has received anything.
        """
        with self._lock:
            self._is_direct = False
        received = b""
        while not self._shake_hands(seal, received):
            if seal.has_ended:
                return False
            if not self.drain(0, deadline) or time.monotonic() >= deadline:
                raise TimeoutError
            received = self.receive(deadline, wakeup)
            if not received:
                return False
        return True

    def _shake_hands(self, seal: Seal, received: bytes) -> bool:
        with self._lock:
            is_done = seal.shake_hands(received)
            if is_done:
                self._early, self._is_drained = seal.open(b""), False
                self._seal = seal
                self._receive_locked = partial(self._receive_sealed_locked, seal)
            self._reply_locked(seal)
            return is_done

    def _receive_sealed_locked(self, seal: Seal, _max_bytes: int) -> bytes:
        """As a socket's `recv`: raises BlockingIOError when there is nothing to be had yet, and nothing left unread.

        How much it reads in vain the seal bounds.
        """
        data, self._early = self._early, b""
        while not data and not seal.has_ended:
            received = self._socket.recv(SEALED_RECEIVE_BYTES)
            if not received:
                return b""
            data = seal.open(received)
            self._reply_locked(seal)
        return data

    def _sealed_locked(self, data: bytes) -> bytes:
        """What is to be sent for `data`, where that is not `data` itself; nothing if nothing is."""
        return b"" if self._closed or self._seal is None or not data else self._seal.seal(data)

    def _say_goodbye_locked(self) -> None:
        if self._seal is not None and not self._closed:
            self._seal.say_goodbye()
            self._reply_locked(self._seal)

    def _reply_locked(self, seal: Seal) -> None:
        """Send what `seal` itself has to say, in its place."""
        reply = seal.take_outgoing()
        if reply and not self._closed:
            self._send_locked(reply)
