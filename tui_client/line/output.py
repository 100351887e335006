"""Where line mode writes: chat lines, notices, and below them the row in which one types. Main thread.

With one terminal for everything, all goes there in order. Otherwise standard output has the chat and nothing else, and notices go
to standard error.
"""

import os
from collections.abc import Callable, Iterable
from typing import Final, TextIO

from server.protocol import phrases

_ERASE_ROW: Final = "\r\x1b[K"


class OutputGone(Exception):
    """Whoever read our output has gone, or the terminal has."""


class Paper:
    """Collects lines until `flush`, so that many are one write; a notice for standard error is written at once."""

    def __init__(self, out: TextIO | None, err: TextIO | None, *, together: bool) -> None:
        self._out = out
        self._err = out if together else err
        self._is_shared = together
        self._lines: list[str] = []
        self._row: Callable[[], str] | None = None
        self._drawn_row = ""

    def show_row(self, row: Callable[[], str] | None) -> None:
        """Draw what `row` gives below all lines from now on; only for terminals that can erase a row."""
        self._row = row

    def forget_row(self) -> None:
        """What is drawn can't be relied on: draw it again."""
        self._drawn_row = ""

    def say(self, lines: Iterable[str]) -> None:
        """Lines of the chat."""
        self._lines += lines

    def answer(self, text: str) -> None:
        """What was asked for by a command: it belongs to the chat, marked as only for oneself."""
        self.say(f"{phrases.NOTICE}{line}" for line in text.split("\n"))

    def tell(self, text: str) -> None:
        """A notice: nobody else sees it."""
        if self._is_shared:
            self.answer(text)
            return
        self.flush()
        self._write(self._err, "".join(f"{phrases.NOTICE}{line}\n" for line in text.split("\n")))

    def end_with(self, text: str) -> None:
        """Tell `text` as the last thing, where the row was. Raises OutputGone."""
        self._row = None
        self.tell(text)
        self.flush()

    def flush(self) -> None:
        """Write what was collected, and the row if it has changed. Raises OutputGone."""
        text = "".join(f"{line}\n" for line in self._lines)
        self._lines.clear()
        row = self._row() if self._row is not None else ""
        if row != self._drawn_row or (text and self._row):
            text = f"{_ERASE_ROW}{text}{row}"
            self._drawn_row = row
        if text:
            self._write(self._out, text)

    def _write(self, stream: TextIO | None, text: str) -> None:
        if stream is None:
            return
        try:
            stream.write(text)
            stream.flush()
        except (OSError, ValueError):  # ValueError: closed
            _abandon(stream)
            if stream is not self._out:
                self._err = None  # nobody reads our complaints; that is no reason to stop
                return
            self._out = None
            raise OutputGone from None


def _abandon(stream: TextIO) -> None:
    """Let the interpreter, which flushes at its end once more, write what is left to nobody."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, stream.fileno())
    except (OSError, ValueError):
        """No descriptor, so nothing to be flushed into."""
    finally:
        os.close(nowhere)
