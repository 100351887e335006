"""A real terminal around a real program: keys in, the screen out. tmux draws it; nothing of ours is imported."""

import contextlib
import os
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.support.server_process import REPOSITORY
from tests.support.tools import need
from tests.support.waiting import DEADLINE_S, until

BEFORE = "여기서부터"
AFTER = "여기까지"

# What the shell around the program notes down: its exit code, and how the terminal line was set before and after.
_WRAPPER = f"""
notes=$1; cd "$2" || exit; shift 2
printf '{BEFORE}\\n'; stty -g >"$notes/before"
"$@"
printf '%s' $? >"$notes/code"; stty -g >"$notes/after"; mv "$notes/code" "$notes/status"
printf '{AFTER}\\n'; exec cat
"""


class Tmux:
    """One program in one pane of a tmux server of its own, which ends with the test.

    `columns` × `rows` is the size of the terminal; `environment` replaces this process's.
    """

    def __init__(self, arguments: Sequence[str], *, columns: int, rows: int, environment: Mapping[str, str]) -> None:
        # Not below pytest's folders: the path of a Unix socket must be short.
        self._folder = tempfile.TemporaryDirectory(prefix="tmux-", ignore_cleanup_errors=True)
        self._program = need("tmux")
        self._environment = {
            name: value
            for name, value in environment.items()
            if name not in ("TMUX", "TMUX_PANE", "PYTEST_CURRENT_TEST")
        }
        size = ["-x", str(columns), "-y", str(rows)]
        wrapped = ["sh", "-c", _WRAPPER, "wrapper", self._folder.name, str(REPOSITORY), *arguments]
        self._run("-f", "/dev/null", "new-session", "-d", *size, *wrapped)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(subprocess.CalledProcessError):
            self._run("kill-server")
        self._folder.cleanup()

    def type(self, text: str) -> None:
        """Type `text` as it stands."""
        self._run("send-keys", "-l", text)

    def press(self, *keys: str) -> None:
        """Press keys by their tmux names: `Enter`, `C-q`, `BSpace`."""
        self._run("send-keys", *keys)

    def enter(self, text: str) -> None:
        """Type `text`, see it on the screen, and press Enter."""
        self.type(text)
        self.wait_for(text)
        self.press("Enter")

    def resize(self, columns: int, rows: int) -> None:
        self._run("resize-window", "-x", str(columns), "-y", str(rows))

    def hang_up(self) -> None:
        """Close the terminal while the program runs, as closing its window does, and wait until the program is gone."""
        pid = self.program_pid
        self._run("kill-server")
        until(lambda: not Path(f"/proc/{pid}").exists(), what=f"the end of process {pid}")

    @property
    def program_pid(self) -> int:
        shell = self._run("display-message", "-p", "#{pane_pid}").strip()
        return int(Path(f"/proc/{shell}/task/{shell}/children").read_text(encoding="ascii").split()[0])

    @property
    def screen(self) -> str:
        """What is on the screen, row by row."""
        return self._run("capture-pane", "-p")

    def wait_for(self, wanted: str | Callable[[str], bool], timeout_s: float = DEADLINE_S) -> str:
        """The screen, as soon as it shows `wanted`, or `wanted` holds for it."""
        holds = (lambda screen: wanted in screen) if isinstance(wanted, str) else wanted
        until(lambda: holds(self.screen), timeout_s, what=lambda: f"{wanted!r} on the screen:\n{self.screen}")
        return self.screen

    def wait_for_exit(self, timeout_s: float = DEADLINE_S) -> int:
        """The exit code of the program, once it has ended."""
        status = Path(self._folder.name) / "status"
        until(status.exists, timeout_s, what=lambda: f"the end of the program; the screen:\n{self.screen}")
        self.wait_for(AFTER)
        return int(status.read_text(encoding="ascii"))

    def assert_clean(self) -> None:
        """The program has left the terminal as it found it."""
        notes = Path(self._folder.name)
        assert (notes / "after").read_text(encoding="ascii") == (notes / "before").read_text(encoding="ascii")
        flags = "#{alternate_on} #{mouse_any_flag} #{keypad_flag} #{keypad_cursor_flag} #{cursor_flag}"
        assert self._run("display-message", "-p", flags).split() == ["0", "0", "0", "0", "1"]
        assert self.screen.split() == [BEFORE, AFTER]

    def _run(self, *arguments: str) -> str:
        return subprocess.run(
            [self._program, "-u", "-S", os.fspath(Path(self._folder.name) / "socket"), *arguments],
            env=self._environment,
            capture_output=True,
            encoding="utf-8",
            timeout=DEADLINE_S,
            check=True,
        ).stdout
