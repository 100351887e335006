"""A client's bytes → its lines, waiting as long as is allowed; used by the client's own thread alone."""

import time
from typing import Final

from server.channel import Channel, Wait, Wakeup, wait_readable
from server.protocol import phrases
from server.protocol.errors import Code
from server.protocol.framing import (
    MAX_JSON_LINE,
    MAX_PLAIN_LINE,
    Dialect,
    LineBuffer,
    Overlong,
    TelnetFilter,
    UnterminatedLine,
    is_json,
)
from server.rate import FULL, Queue, Rate

PIECE_BYTES: Final = 4 * 1024
"""What is cut into lines at a time if there is a limit to what is looked at: the longest plain line."""

NAP_S: Final = 0.5
"""For whoever has sent too much nothing is done until so much may be done at once: to wake up for every line costs more than the line."""

NO_QUEUE: Final = Queue(Rate(1e9, 1e9))


class Gone(Exception):
    """The connection ends. `reason` is what the log keeps of it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Goodbye(Gone):
    """The server ends the connection, and says why."""

    def __init__(self, code: Code, text: str, retry_ms: int | None = None, until_ms: int | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.text = text
        self.retry_ms = retry_ms
        """How long it is no use to come back, if that is known."""
        self.until_ms = until_ms
        """When it will not be so any more, in ms since the epoch, if that is known."""


class LineReader:
    """The client's lines, as they come in."""

    def __init__(
        self,
        channel: Channel,
        stopping: Wakeup,
        rate: Rate | None = None,
        queue: Queue = NO_QUEUE,
        wait: Wait = wait_readable,
    ) -> None:
        """`rate` is how much is looked at, a line counting 1 and a KiB, too; None: whatever comes. Who sends more waits in `queue`.

        `wait` is how is waited for what comes.
        """
        self._channel = channel
        self._stopping = stopping
        self._rate = rate
        self._queue = queue
        self._wait = wait
        self._full_at = FULL
        self._unread = b""
        """What has come and was not looked at yet."""
        self._telnet: TelnetFilter | None = None
        self._has_received = False
        self.heard_at = time.monotonic()
        """When bytes were last received, on the monotonic clock, whether they end a line or not."""
        self._buffer = LineBuffer(MAX_JSON_LINE)
        self._lines: list[bytes | Overlong] = []  # a deque, though empty, takes 760 bytes

    def first_byte(self, deadline: float) -> bytes:
        """What the client begins with. Raises TimeoutError, Gone."""
        while True:
            first = self._lines[0] if self._lines else self._buffer.unfinished
            if self._lines or first:
                return b"" if isinstance(first, Overlong) else first[:1]
            self._receive(deadline)

    def speak(self, dialect: Dialect) -> None:
        """From now on only lines of `dialect` are expected."""
        if dialect is Dialect.JSON:
            self._telnet = None
        else:
            self._buffer.max_line_bytes = MAX_PLAIN_LINE

    @property
    def speaks_telnet(self) -> bool:
        """Whether a telnet is at the other end, and not netcat."""
        return self._telnet is not None and self._telnet.has_heard

    def next_line(self, deadline: float) -> bytes | Overlong:
        """One line. Raises TimeoutError, Gone."""
        while not self._lines:
            self._receive(deadline)
        self._wait_turn(deadline)
        self._spend(1)
        return self._lines.pop(0)

    def next_lines(self, deadline: float | None) -> list[bytes | Overlong]:
        """All lines that there are, at least one, as far as they are looked at now. Raises TimeoutError, Gone."""
        while not self._lines:
            self._receive(deadline)
        if self._rate is None:
            lines, self._lines = self._lines, []
            return lines
        self._wait_turn(deadline)
        count = self._count_affordable(self._rate)
        self._spend(count)
        lines, self._lines = self._lines[:count], self._lines[count:]
        return lines

    def _count_affordable(self, rate: Rate) -> int:
        return min(len(self._lines), max(1, int(rate.left(self._full_at, time.monotonic()))))

    def _spend(self, amount: float) -> None:
        if self._rate is not None:
            self._full_at = self._rate.taken(self._full_at, amount, time.monotonic())

    def _wait_turn(self, deadline: float | None) -> None:
        """Whoever sends more than is looked at waits, and with them what they sent, in the network. Raises TimeoutError, Gone."""
        now_s = time.monotonic()
        if self._rate is None or not self._rate.wait_s(self._full_at, 1, now_s):
            return
        worth_waking = max(1.0, min(self._rate.burst, NAP_S * self._rate.per_s))
        own_s = self._rate.wait_s(self._full_at, worth_waking, now_s)
        until_s = now_s + max(own_s, self._queue.turn_in_s(worth_waking, now_s))
        if deadline is not None:
            until_s = min(until_s, deadline)
        if self._channel.breaks_before(until_s, self._stopping):
            raise Gone("lost")
        if until_s == deadline:
            raise TimeoutError

    def _receive(self, deadline: float | None) -> None:
        self._wait_turn(deadline)
        data = self._next_piece(deadline)
        self._spend(len(data) / 1024)
        try:
            if not self._has_received:
                self._has_received = True
                self._telnet = None if is_json(data[:1]) else TelnetFilter()
            if self._telnet is not None:
                data = self._telnet.feed(data)
            self._lines.extend(self._buffer.feed(data))
        except UnterminatedLine:
            raise Goodbye(Code.TOO_LONG, phrases.line_too_long(self._buffer.max_line_bytes)) from None

    def _next_piece(self, deadline: float | None) -> bytes:
        """What has come; not all of it at once if it is to be looked at slowly: thousands of short lines would be objects meanwhile."""
        if not self._unread:
            self._unread = (
                b"" if self._stopping.is_set() else self._channel.receive(deadline, self._stopping, self._wait)
            )
            if not self._unread:
                raise Gone("lost")
            self.heard_at = time.monotonic()
        size_bytes = len(self._unread) if self._rate is None else PIECE_BYTES
        piece, self._unread = self._unread[:size_bytes], self._unread[size_bytes:]
        return piece
