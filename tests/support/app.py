"""chat-tui as its users run it: the program, the terminals it is tried on, and the servers it leaves behind."""

import contextlib
import sys
from pathlib import Path
from typing import Protocol

from tests.support.room import Room
from tests.support.tmux import Tmux
from tui_client import strings

CLIENT = [sys.executable, "-m", "tui_client"]
SMALL, LARGE = (80, 24), (160, 45)
"""The sizes of terminals that are tried, in columns and rows."""

SOON_S = 3.0
"""What "at once" may take on a busy machine; the exit itself is measured in milliseconds elsewhere."""


class StartApp(Protocol):
    """Starts chat-tui with these options on a terminal of this size, in the home folder of that name."""

    def __call__(self, *options: str, size: tuple[int, int] = SMALL, home: str | None = None) -> Tmux: ...


def entered(start_app: StartApp, room: Room, nick: str, size: tuple[int, int] = SMALL) -> Tmux:
    """An app that is in the room."""
    app = start_app("--nick", nick, "--port", str(room.server.port), size=size)
    app.wait_for(strings.STATE_ONLINE)
    return app


def servers_below(home: Path) -> list[int]:
    """The pids of chat-servers whose home folder lies below `home`."""
    found = []
    for process in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if process.name.isdigit() and f"={home}/".encode() in (process / "environ").read_bytes():
                arguments = (process / "cmdline").read_bytes().split(b"\0")
                found += [int(process.name)] * (b"server" in arguments or b"server.__main__" in arguments)
    return found
