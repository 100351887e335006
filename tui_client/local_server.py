"""A chat-server of one's own, in the background, when nobody listens at the default address.

Called on the link's thread, before its first connection. The server is a process of its own that outlives this one and
ends itself some time after its last client has left. What it prints goes to a log file beside its database.
"""

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from threading import Event
from typing import Final

from msgspec import Struct

import server
from server.protocol.text import clean_text
from tui_client import strings

DATABASE_NAME: Final = "soksak.db"
LOG_NAME: Final = "server.log"
MAX_LOG_BYTES: Final = 1024 * 1024
"""A log that has grown longer is put aside at the next start, in place of the one put aside before."""

IDLE_EXIT_S: Final = 600

_READY_WITHIN_S: Final = 5.0
"""Opening a database after a power failure takes longest; anything beyond that is a fault worth telling."""

_RIVAL_WITHIN_S: Final = 1.5
"""How long to look for the rival that must have been quicker when our own server has ended at once."""

_PROBE_TIMEOUT_S: Final = 0.5
_PAUSE_S: Final = 0.03
_MAX_LAST_WORDS: Final = 300

if sys.platform == "win32":
    _DETACHED = subprocess.DETACHED_PROCESS | subprocess.CREATE_NEW_PROCESS_GROUP
else:
    _DETACHED = 0
"""What `start_new_session`, which does nothing on Windows, is called there."""


class AlreadyRunning(Struct, frozen=True):
    """Somebody listens there."""


class Started(Struct, frozen=True):
    """A server was started; what it prints is in `log`."""

    log: Path


class Failed(Struct, frozen=True):
    """There is no server, and `text` says why."""

    text: str


LocalServer = AlreadyRunning | Started | Failed


def server_command(host: str, port: int, state_dir: Path) -> Sequence[str]:
    """`-P`: a folder called `server` wherever the user happens to be must not be taken for ours."""
    options = ("--host", host, "--port", str(port), "--db", str(state_dir / DATABASE_NAME))
    return (sys.executable, "-P", "-m", "server", *options, "--exit-when-idle", str(IDLE_EXIT_S))


def ensure_running(
    host: str,
    port: int,
    state_dir: Path,
    stop: Event,
    command: Callable[[str, int, Path], Sequence[str]] = server_command,
) -> LocalServer:
    """See to it that a server listens at the numeric address, or say why not; returns soon once `stop` is set.

    Two clients that start at the same moment may both start one: the loser finds the port or the database taken and
    ends, and both clients find the winner.
    """
    if _answers(host, port):
        return AlreadyRunning()
    log = state_dir / LOG_NAME
    try:
        _prepare_folder(state_dir)
        process = _start(command(host, port, state_dir), state_dir, log)
    except PermissionError as error:
        return Failed(strings.server_not_started(strings.folder_not_writable(str(error.filename or state_dir))))
    except OSError as error:
        return Failed(strings.server_not_started(strings.system_error(error.errno or 0)))
    return _wait_until_ready(host, port, process, log, stop)


def _answers(host: str, port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((host, port), _PROBE_TIMEOUT_S):
        return True
    return False


def _prepare_folder(state_dir: Path) -> None:
    """Private: the database holds whispers."""
    state_dir.parent.mkdir(parents=True, exist_ok=True)
    state_dir.mkdir(mode=0o700, exist_ok=True)
    log = state_dir / LOG_NAME
    # The log is missing at the first start; when two clients start at once, both may want to put it aside.
    with contextlib.suppress(FileNotFoundError):
        if log.stat().st_size > MAX_LOG_BYTES:
            log.replace(state_dir / f"{LOG_NAME}.1")


def _start(command: Sequence[str], state_dir: Path, log: Path) -> subprocess.Popen[bytes]:
    """A process that neither Ctrl+C in this terminal nor the end of this program ends."""
    with os.fdopen(os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "ab") as output:
        return subprocess.Popen(  # noqa: S603 - our own interpreter and options
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=state_dir,
            env=_environment(),
            start_new_session=True,
            umask=0o077,
            creationflags=_DETACHED,
        )


def _environment() -> Mapping[str, str]:
    """This process' own, with our packages where `-P` no longer looks: in the folder the program was started in."""
    environment = dict(os.environ, PYTHONUTF8="1")
    root = Path(server.__file__).resolve().parent.parent
    if root.name not in ("site-packages", "dist-packages"):
        inherited = environment.get("PYTHONPATH")
        environment["PYTHONPATH"] = os.pathsep.join((str(root), inherited) if inherited else (str(root),))
    return environment


def _wait_until_ready(host: str, port: int, process: subprocess.Popen[bytes], log: Path, stop: Event) -> LocalServer:
    deadline = time.monotonic() + _READY_WITHIN_S
    has_ended = False
    while not stop.wait(_PAUSE_S) and time.monotonic() < deadline:
        if not has_ended and process.poll() is not None:
            has_ended = True
            deadline = time.monotonic() + _RIVAL_WITHIN_S
        if _answers(host, port):
            return AlreadyRunning() if has_ended else Started(log)
    if stop.is_set():
        return Started(log)
    return Failed(strings.server_ended(_last_words(log), str(log)) if has_ended else strings.server_not_ready(str(log)))


def _last_words(log: Path) -> str:
    """The last line in `log`: the sentence with which the server ended."""
    with contextlib.suppress(OSError), log.open(encoding="utf-8", errors="replace") as lines:
        for line in deque(lines, maxlen=1):
            return clean_text(line.rstrip("\n"))[:_MAX_LAST_WORDS]
    return ""
