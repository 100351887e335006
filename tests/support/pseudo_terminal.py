"""A terminal without a window: what a program draws, kept by pyte as a screen, and above all where its cursor is."""

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Self

import pyte

from tests.support.server_process import REPOSITORY
from tests.support.waiting import DEADLINE_S


class PseudoTerminal:
    """Runs `command` on a pty of its own; its own pid is killed at the end if it still runs."""

    def __init__(self, command: Sequence[str], columns: int, rows: int, environment: Mapping[str, str]) -> None:
        self.written = b""
        """All that the program has written to its terminal, as far as it was read."""
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self._terminal, program_side = pty.openpty()
        self.resize(columns, rows)
        self._process = subprocess.Popen(
            command,
            cwd=REPOSITORY,
            env={**environment, "TERM": "xterm-256color"},
            stdin=program_side,
            stdout=program_side,
            stderr=program_side,
            start_new_session=True,
        )
        os.close(program_side)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        os.close(self._terminal)

    def type(self, text: str) -> None:
        os.write(self._terminal, text.encode())

    def resize(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self._terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self._screen.resize(rows, columns)
        if hasattr(self, "_process"):
            self._process.send_signal(signal.SIGWINCH)

    @property
    def cursor(self) -> tuple[int, int]:
        """Column and row of the terminal's own cursor, from 0."""
        return self._screen.cursor.x, self._screen.cursor.y

    @property
    def display(self) -> str:
        """What is on the screen, row by row. (pyte's own stumbles over a wide character of which half was drawn over.)"""
        rows = (self._screen.buffer[row] for row in range(self._screen.lines))
        return "\n".join("".join(row[column].data for column in range(self._screen.columns)) for row in rows)

    def place_after(self, text: str) -> tuple[int, int] | None:
        """Column and row right behind `text`, where it was drawn last."""
        for row in reversed(range(self._screen.lines)):
            cells = [self._screen.buffer[row][column].data for column in range(self._screen.columns)]
            line = "".join(cells)  # the second cell of a wide character is empty
            found = line.rfind(text)
            if found >= 0:
                columns = [column for column, cell in enumerate(cells) for _ in cell]
                end = columns[found + len(text) - 1]
                return end + (2 if end + 1 < len(cells) and not cells[end + 1] else 1), row
        return None

    def wait_for(self, condition: Callable[[], bool]) -> None:
        """Read what is drawn until `condition` holds."""
        deadline = time.monotonic() + DEADLINE_S
        while not condition():
            ready, _, _ = select.select([self._terminal], [], [], max(0.0, deadline - time.monotonic()))
            assert ready, f"cursor {self.cursor}\n{self.display}"
            data = os.read(self._terminal, 65536)
            self.written += data
            self._stream.feed(data)
