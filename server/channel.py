"""A non-blocking socket behind one lock, and what the kernel did not take of what was sent.

Any thread may send; one thread, the client's own, receives. Calls on the socket are made under the lock and never block; all
waiting is done outside it, in `poll` (not `select`: descriptors above 1023). It knows bytes, nothing of lines or of the room.

Every `send` is atomic: its bytes reach the peer in one piece, or, when the connection breaks, not to their end.
"""

import select
import socket
import sys
import time
from collections import deque
from threading import Lock

POLLIN, POLLOUT = 1, 4  # what poll(2) calls them, on every system that has it

MIN_RECEIVE_BYTES = 4 * 1024
MAX_RECEIVE_BYTES = 64 * 1024


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
    return frozenset(descriptor for descriptor, _ in poll.poll(None if timeout_s is None else timeout_s * 1000))


class Channel:
    """One connected socket. Takes it over: `close` closes it."""

    def __init__(self, connection: socket.socket) -> None:
        connection.setblocking(False)
        self._socket = connection
        self._lock = Lock()
        self._unsent: deque[memoryview] = deque()
        self._backlog_bytes = 0
        self._receive_bytes = MIN_RECEIVE_BYTES
        self._closed = False
        self.progress_at = time.monotonic()
        """When the kernel last took bytes, or had nothing to take; on the monotonic clock."""

    def fileno(self) -> int:
        return self._socket.fileno()

    @property
    def backlog_bytes(self) -> int:
        """How much waits to be sent."""
        return self._backlog_bytes

    def receive(self, deadline: float | None, wakeup: Wakeup) -> bytes:
        """Some bytes, as soon as there are any; none when the peer is gone, however it went, or `wakeup` was set.

        Raises TimeoutError at `deadline` (monotonic).
        """
        while True:
            try:
                with self._lock:
                    data = self._socket.recv(self._receive_bytes)
            except (BlockingIOError, InterruptedError):
                ready = wait_ready(self, POLLIN, deadline, wakeup)
                if not ready:
                    raise TimeoutError from None
                if wakeup.fileno() in ready:
                    return b""
                continue
            except OSError:
                return b""
            if len(data) == self._receive_bytes:
                self._receive_bytes = min(2 * self._receive_bytes, MAX_RECEIVE_BYTES)
            return data

    def send(self, data: bytes) -> bool:
        """Send `data`; whether the kernel took all of it at once. The rest waits for `flush`."""
        with self._lock:
            if self._closed or not data:
                return True
            if not self._unsent:
                self.progress_at = time.monotonic()
            self._unsent.append(memoryview(data))
            self._backlog_bytes += len(data)
            if len(self._unsent) > 1:
                return False
            return self._flush_locked()

    def flush(self) -> bool:
        """Send what waits, as far as the kernel takes it now; whether nothing waits any more."""
        with self._lock:
            return self._flush_locked()

    def _flush_locked(self) -> bool:
        while self._unsent:
            piece = self._unsent[0]
            try:
                sent = self._socket.send(piece)
            except (BlockingIOError, InterruptedError):
                return False
            except OSError:
                self._break_locked()
                return True
            self._backlog_bytes -= sent
            self.progress_at = time.monotonic()
            if sent < len(piece):
                self._unsent[0] = piece[sent:]
                return False
            self._unsent.popleft()
        return True

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
            self._break_locked()

    def _break_locked(self) -> None:
        self._closed = True
        self._unsent.clear()
        self._backlog_bytes = 0
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            return  # already gone

    def close(self, timeout_s: float) -> None:
        """End the connection so that what was sent still arrives; called by the thread that receives, and its last call.

        A socket closed with unread input resets the connection, and the peer may lose our last sentence: so say that we are done,
        and read on until the peer is done too, at most `timeout_s`.
        """
        deadline = time.monotonic() + timeout_s
        self.drain(0, deadline)
        try:
            self._socket.shutdown(socket.SHUT_WR)
            while time.monotonic() < deadline and wait_ready(self, POLLIN, deadline):
                if not self._socket.recv(MAX_RECEIVE_BYTES):
                    break
        except OSError:
            pass  # the peer was quicker
        with self._lock:
            self._closed = True
            self._unsent.clear()
            self._backlog_bytes = 0
            self._socket.close()
