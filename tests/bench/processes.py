"""Programs under measurement: on a terminal of their own whose output is searched and never interpreted, and what they use.

Reading a flood as a screen would cost more than the program that draws it, so nothing here knows what a screen is.
"""

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.support.server_process import REPOSITORY, private_environment
from tui_client import strings

COLUMNS, ROWS = 120, 40

COMPOSER = strings.COMPOSER_PLACEHOLDER[1:8]
"""What is drawn when one can type; without the first letter, on which the caret stands in colours of its own."""

DEADLINE_S = 60.0
"""How long anything that must come may take; far beyond every goal, so that a slow machine yields a figure and no error."""

_CPU_CLOCK = 2
"""The clock of a process's run time in a clock id: see clock_getcpuclockid(3) and linux/posix-timers_types.h."""


class NeverCame(Exception):
    """A program did not show in time what it had to."""


class Ended(NeverCame):
    """And never will, since it has ended."""


class Terminal:
    """Runs `command` on a pty, with a home folder of its own; its own pid is killed at the end if it still runs."""

    def __init__(self, command: Sequence[str], home: Path, columns: int = COLUMNS, rows: int = ROWS) -> None:
        home.mkdir(parents=True, exist_ok=True)
        self._outside, inside = pty.openpty()
        fcntl.ioctl(self._outside, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.started_at_s = time.monotonic()
        self._process = subprocess.Popen(
            command,
            cwd=REPOSITORY,
            env=environment(home),
            stdin=inside,
            stdout=inside,
            stderr=inside,
            start_new_session=True,
        )
        os.close(inside)
        self._tail = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        os.close(self._outside)

    @property
    def pid(self) -> int:
        return self._process.pid

    def type(self, text: str) -> None:
        os.write(self._outside, text.encode())

    def wait_for(self, wanted: str, timeout_s: float = DEADLINE_S) -> float:
        """Read until `wanted` is drawn; the monotonic time at which it was here. Raises NeverCame."""
        needle, seen, deadline_s = wanted.encode(), b"", time.monotonic() + timeout_s
        while needle not in seen:
            # It may be cut in two by the edge of what is read at once, and all before that is of no use any more.
            seen = seen[-len(needle) :] + self._read(deadline_s - time.monotonic(), wanted)
        return time.monotonic()

    def echo_s(self, key: str) -> float:
        """Type `key`, which is not on the screen yet, and how long it is until it is there."""
        self.read_for(0.0)
        typed_at_s = time.monotonic()
        self.type(key)
        return self.wait_for(key) - typed_at_s

    def read_for(self, seconds: float) -> None:
        """Take what is drawn meanwhile, or the program would have to wait with its next picture."""
        deadline_s = time.monotonic() + seconds
        while select.select([self._outside], [], [], max(0.0, deadline_s - time.monotonic()))[0]:
            self._read(0.0, "anything")

    def wait_until_ended(self, timeout_s: float = DEADLINE_S) -> None:
        """Read until nobody draws any more. Raises NeverCame where that is too late, or no good end."""
        deadline_s = time.monotonic() + timeout_s
        with suppress(Ended):
            while True:
                self._read(deadline_s - time.monotonic(), "the end")
        if self._process.wait(DEADLINE_S) != 0:
            raise NeverCame(f"it failed: {self._tail!r}")

    def _read(self, timeout_s: float, wanted: str) -> bytes:
        """What has been drawn, waiting for it. Raises NeverCame."""
        if not select.select([self._outside], [], [], max(0.0, timeout_s))[0]:
            raise NeverCame(f"{wanted!r} was not drawn in time; before: {self._tail!r}")
        try:
            data = os.read(self._outside, 1 << 16)
        except OSError:  # EIO: nobody holds the other side any more
            raise Ended(f"it ended before {wanted!r} was drawn: {self._tail!r}") from None
        self._tail = data[-2000:]
        return data


def environment(home: Path) -> dict[str, str]:
    """An environment that is the same on every machine: a common terminal, and nothing of this one's user."""
    common = private_environment(home, {"TERM": "xterm-256color", "COLORTERM": "truecolor"})
    # Installed programs have their modules compiled; without that, each start would be one from source.
    personal = ("NO_COLOR", "PYTHONDONTWRITEBYTECODE")
    return {name: value for name, value in common.items() if name not in personal and not name.startswith("TEXTUAL")}


def module(name: str, *arguments: str) -> list[str]:
    """The command that runs a module of ours."""
    return [sys.executable, "-m", name, *arguments]


def cpu_s(pid: int) -> float:
    """The processor time that a running process has used, with all its threads, to the nanosecond."""
    return time.clock_gettime((~pid << 3) | _CPU_CLOCK)


def queued_s(pid: int) -> float:
    """How long a running process's first thread was ready to run and had no core: what a busy machine does to the figures."""
    _ran_ns, queued_ns, _slices = Path(f"/proc/{pid}/schedstat").read_text(encoding="ascii").split()
    return int(queued_ns) / 1e9


def resident_mib(pid: int) -> float:
    """The memory that a running process holds."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024
