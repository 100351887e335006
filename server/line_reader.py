"""A client's bytes → its lines, waiting as long as is allowed; used by the client's own thread alone."""

import time
from collections import deque

from server.channel import Channel, Wakeup
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


class Gone(Exception):
    """The connection ends. `reason` is what the log keeps of it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Goodbye(Gone):
    """The server ends the connection, and says why."""

    def __init__(self, code: Code, text: str) -> None:
        super().__init__(code)
        self.code = code
        self.text = text


class LineReader:
    """The client's lines, as they come in."""

    def __init__(self, channel: Channel, stopping: Wakeup) -> None:
        self._channel = channel
        self._stopping = stopping
        self._telnet: TelnetFilter | None = None
        self._has_received = False
        self.heard_at = time.monotonic()
        """When bytes were last received, on the monotonic clock, whether they end a line or not."""
        self._buffer = LineBuffer(MAX_JSON_LINE)
        self._lines: deque[bytes | Overlong] = deque()

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

    def next_line(self, deadline: float) -> bytes | Overlong:
        """One line. Raises TimeoutError, Gone."""
        while not self._lines:
            self._receive(deadline)
        return self._lines.popleft()

    def next_lines(self, deadline: float | None) -> list[bytes | Overlong]:
        """All lines there are, at least one. Raises TimeoutError, Gone."""
        while not self._lines:
            self._receive(deadline)
        lines = list(self._lines)
        self._lines.clear()
        return lines

    def _receive(self, deadline: float | None) -> None:
        data = b"" if self._stopping.is_set() else self._channel.receive(deadline, self._stopping)
        if not data:
            raise Gone("lost")
        self.heard_at = time.monotonic()
        try:
            if not self._has_received:
                self._has_received = True
                self._telnet = None if is_json(data[:1]) else TelnetFilter()
            if self._telnet is not None:
                data = self._telnet.feed(data)
            self._lines.extend(self._buffer.feed(data))
        except UnterminatedLine:
            raise Goodbye(Code.TOO_LONG, phrases.line_too_long(self._buffer.max_line_bytes)) from None
