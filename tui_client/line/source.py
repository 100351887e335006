"""The lines of a pipe or a file, numbered as an editor counts them. Sans I/O; what it holds is bounded by the pieces it is fed."""

from collections import deque
from typing import Final

from msgspec import Struct

from server.protocol import phrases, plain
from server.protocol.errors import Refusal
from server.protocol.framing import MAX_JSON_LINE, LineBuffer, Overlong
from tui_client import strings

_ENDLESS: Final = 2**62
"""Bytes: a line of any length is skipped to its end, and is never the end of the input."""


class WrongLine(Struct, frozen=True):
    """A line that can't be read; `reason` is the sentence that says why."""

    reason: str


class NumberedLines:
    """Fed with pieces of any size. `has_ended` once nothing more will be fed, or nobody wants to know it."""

    def __init__(self) -> None:
        self.has_ended = False
        self.next_number = 1
        """Of the line that `take` gives next."""
        self._buffer = LineBuffer(MAX_JSON_LINE, _ENDLESS)
        self._lines: deque[bytes | Overlong] = deque()

    def __bool__(self) -> bool:
        """Whether a whole line is there."""
        return bool(self._lines)

    def feed(self, data: bytes) -> None:
        """Take the next piece; an empty one is the end, which also ends the last line."""
        self.has_ended = self.has_ended or not data
        self._lines += self._buffer.feed(data or b"\n" * bool(self._buffer.unfinished))

    def close(self) -> None:
        """Forget what is left: nobody wants it."""
        self.has_ended = True
        self._lines.clear()

    def take(self) -> tuple[int, str | WrongLine]:
        """The next line and its number."""
        raw, number = self._lines.popleft(), self.next_number
        self.next_number += 1
        if isinstance(raw, Overlong):
            return number, WrongLine(phrases.line_too_long(MAX_JSON_LINE))
        try:
            return number, plain.decode_text(raw)
        except Refusal:
            return number, WrongLine(strings.LINE_BAD_UTF8)
