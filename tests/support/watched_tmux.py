"""tmux with somebody in front of it: a terminal of their own, which tells it of focus and mouse, and hears what it passes on."""

import base64
import contextlib
import fcntl
import os
import re
import struct
import subprocess
import termios
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import Self

import pyte
from pyte.screens import Char

from tests.support.app import CLIENT, SMALL
from tests.support.room import Room
from tests.support.server_process import private_environment
from tests.support.tmux import Tmux
from tests.support.waiting import DEADLINE_S, until
from tui_client import strings

_OPTIONS = (("allow-passthrough", "on"), ("focus-events", "on"), ("set-clipboard", "on"), ("status", "off"))
"""What a user of tmux sets for notifications and the clipboard; without a status line, the window is as large as the terminal."""

FOCUS_IN, FOCUS_OUT = b"\x1b[I", b"\x1b[O"
_MOVING = 32
"""Added to the button that is held, in xterm's mouse reports (SGR, mode 1006)."""

_COMMAND = re.compile(rb"\x1b\](.*?)(?:\x07|\x1b\\)", re.DOTALL)


class WatchedTmux(Tmux):
    """As `Tmux`; the terminal around it is an xterm that notes down everything it is told to do."""

    def __init__(self, arguments: Sequence[str], *, columns: int, rows: int, environment: Mapping[str, str]) -> None:
        super().__init__(arguments, columns=columns, rows=rows, environment=environment)
        self._size = columns, rows
        for option in _OPTIONS:
            self._run("set-option", "-gq", *option)
        self._written = b""
        self._terminal, inner = os.openpty()
        fcntl.ioctl(inner, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self._client = subprocess.Popen(
            [self._program, "-u", "-S", os.fspath(Path(self._folder.name) / "socket"), "attach-session"],
            env={**self._environment, "TERM": "xterm-256color"},
            stdin=inner,
            stdout=inner,
            stderr=inner,
            start_new_session=True,
        )
        os.close(inner)
        self._reader = threading.Thread(target=self._read, name="test-terminal", daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        until(lambda: bool(self._run("list-clients")), what="the terminal to be attached")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        super().__exit__(kind, error, trace)
        try:
            self._client.wait(DEADLINE_S)
        finally:
            self._client.kill()
            self._reader.join()
            os.close(self._terminal)

    def resize(self, columns: int, rows: int) -> None:
        super().resize(columns, rows)
        self._size = columns, rows

    # --- what its user does -------------------------------------------------------------------------------------------

    def look_away(self) -> None:
        """Put another window in front of the terminal, and wait until the program knows."""
        self._change_focus(FOCUS_OUT)

    def look(self) -> None:
        """Come back to it."""
        self._change_focus(FOCUS_IN)

    def _change_focus(self, told: bytes) -> None:
        """The program is known to have heard of it by the frame of its lowest pane, which says where the keys go."""
        before = self._lowest_frame
        os.write(self._terminal, told)
        until(lambda: self._lowest_frame != before, what=lambda: f"another frame after {told!r}:\n{self.screen}")

    @property
    def _lowest_frame(self) -> Char:
        return [row[0] for row in self.cells if row[0].data == "╰"][-1]

    def drag(self, start: tuple[int, int], end: tuple[int, int]) -> None:
        """Hold the left button from one place to another: columns and rows, from 0."""
        before = self.cells
        self._mouse(0, start, "M")
        self._mouse(_MOVING, (start[0] + 1, start[1]), "M")
        until(lambda: self.cells != before, what=lambda: f"a selection at {start}:\n{self.screen}")
        self._mouse(_MOVING, end, "M")
        self._mouse(0, end, "m")

    def drag_at_once(self, start: tuple[int, int], end: tuple[int, int]) -> None:
        """The same, as a slow line brings it: all in one read."""
        reports = (_report(0, start, "M"), _report(_MOVING, end, "M"), _report(0, end, "m"))
        os.write(self._terminal, b"".join(reports))

    def _mouse(self, code: int, place: tuple[int, int], final: str) -> None:
        os.write(self._terminal, _report(code, place, final))

    # --- what its user sees and hears ---------------------------------------------------------------------------------

    @property
    def cells(self) -> list[list[Char]]:
        """The screen, row by row and column by column. Behind a wide character stands an empty cell."""
        drawn = pyte.Screen(*self._size)
        pyte.Stream(drawn).feed(self._run("capture-pane", "-p", "-e").rstrip("\n").replace("\n", "\r\n"))
        return [
            [row[column] for column in range(drawn.columns)]
            for row in map(drawn.buffer.__getitem__, range(drawn.lines))
        ]

    def cells_of(self, text: str) -> list[Char]:
        """The cells in which `text` is drawn, where it stands first."""
        column, row = self.place_of(text)
        return self.cells[row][column : column + _columns(self.cells[row], text)]

    def place_of(self, text: str) -> tuple[int, int]:
        """Column and row of the beginning of `text`, where it stands first."""
        places = self.places_of(text)
        assert places, f"{text!r} is not on the screen:\n{self.screen}"
        return places[0]

    def places_of(self, text: str) -> list[tuple[int, int]]:
        """The first of each row that has it, from the top."""
        found = []
        for number, row in enumerate(self.cells):
            index = "".join(cell.data for cell in row).find(text)
            if index >= 0:
                columns = [column for column, cell in enumerate(row) for _ in cell.data]
                found.append((columns[index], number))
        return found

    @property
    def title(self) -> str:
        """What the program calls its window."""
        return self._run("display-message", "-p", "#{pane_title}").strip()

    @property
    def bells(self) -> int:
        """How often the terminal has rung."""
        return _COMMAND.sub(b"", self._written).count(b"\x07")

    @property
    def notes(self) -> list[str]:
        """What the desktop was told (OSC 9)."""
        return [told.removeprefix("9;") for told in self._commands if told.startswith("9;")]

    @property
    def copied(self) -> list[str]:
        """What the terminal was asked to put on the clipboard (OSC 52)."""
        asked = [told.split(";", 2)[2] for told in self._commands if told.startswith("52;")]
        return [base64.b64decode(text).decode() for text in asked]

    @property
    def buffer(self) -> str:
        """What tmux itself would paste."""
        return self._run("show-buffer")

    @property
    def _commands(self) -> list[str]:
        return [told.decode() for told in _COMMAND.findall(self._written)]

    def wait_until(self, condition: Callable[[], bool], timeout_s: float = DEADLINE_S) -> None:
        """Let time pass until `condition` holds, which is about what the terminal was told."""
        until(
            condition,
            timeout_s,
            what=lambda: f"title {self.title!r}, bells {self.bells}, {self._commands}\n{self.screen}",
        )

    def _read(self) -> None:
        # A terminal whose program is gone says EIO.
        with contextlib.suppress(OSError):
            while data := os.read(self._terminal, 65536):
                self._written += data


def _report(code: int, place: tuple[int, int], final: str) -> bytes:
    return f"\x1b[<{code};{place[0] + 1};{place[1] + 1}{final}".encode()


def _columns(row: Sequence[Char], text: str) -> int:
    """How many cells of `row` the characters of `text` take."""
    wide = {cell.data for cell, after in pairwise(row) if cell.data and not after.data}
    return sum(2 if character in wide else 1 for character in text)


@contextlib.contextmanager
def watched(room: Room, nick: str, home: Path, size: tuple[int, int] = SMALL) -> Iterator[WatchedTmux]:
    """chat-tui as `nick`, in the room, with somebody in front of it. Its files are below `home`."""
    home.mkdir(parents=True, exist_ok=True)
    environment = private_environment(home, {"COLORTERM": "truecolor", "NO_COLOR": "", "TEXTUAL_THEME": ""})
    arguments = [*CLIENT, "--nick", nick, "--port", str(room.server.port)]
    with WatchedTmux(arguments, columns=size[0], rows=size[1], environment=environment) as app:
        app.wait_for(strings.STATE_ONLINE)
        yield app
