"""`chat-tui --line`: the same chat as plain scrolling lines, for pipes, simple terminals and screen readers. No Textual here.

Decides from what standard input and output are which kind of chat it is, and gives signals their meaning. Main thread.
"""

import logging
import os
import secrets
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import get_terminal_size
from threading import Event
from types import FrameType
from typing import Final, TextIO

from msgspec.structs import replace

from tui_client import strings
from tui_client.known_servers import KnownServers
from tui_client.line.chat import LineChat, Setting
from tui_client.line.input import Inbox, InputReader, Signalled
from tui_client.line.keyboard import Echo, Keyboard
from tui_client.line.output import OutputGone, Paper
from tui_client.line.piped import PipedChat
from tui_client.line.row import PlainDesk, RowDesk
from tui_client.line.typed import TypedChat
from tui_client.local_server import LocalServer
from tui_client.password_source import GivenPassword
from tui_client.profile import Profile
from tui_client.trust import TlsOptions, Trust
from tui_client.wire import Address

FAILED: Final = 1
NO_NICKNAME: Final = 2
"""Exit codes: our fault, and a wrong call."""

_SIGNALS: Final = ("SIGINT", "SIGTERM", "SIGHUP")
_TERMINAL_SIGNALS: Final = ("SIGTSTP", "SIGCONT", "SIGWINCH")

logger = logging.getLogger(__name__)


def chat_by_lines(
    address: Address,
    nick: str,
    state_folder: Path,
    before_connect: Callable[[Event], LocalServer] | None,
    *,
    patience_s: float,
    tls: TlsOptions,
    given: GivenPassword,
    environ: Mapping[str, str] = os.environ,
) -> int:
    """Chat until input ends or its user leaves; the exit code. `nick` may be empty where somebody can be asked."""
    is_typed, is_shown = _is_terminal(sys.stdin), _is_terminal(sys.stdout)
    paper = Paper(sys.stdout, sys.stderr, together=is_typed and is_shown)
    if not nick and not is_typed:
        paper.tell(strings.LINE_NICK_NEEDED)
        return NO_NICKNAME
    inbox: Inbox = Inbox()
    reader = InputReader(sys.stdin.fileno(), inbox.put) if sys.stdin is not None else None
    keyboard = _keyboard(environ) if is_typed and is_shown else None
    echo = Echo(sys.stdin.fileno()) if is_typed and sys.platform != "win32" else None
    trust = Trust(address.host, address.port, tls, KnownServers(state_folder))
    chat: LineChat
    profile = Profile(state_folder)
    setting = Setting(
        *(address, nick, profile.client_secret, _new_cid, before_connect, paper, inbox),
        trust=trust,
        given=given,
        device=profile.device_secret,
    )
    if is_typed and reader is not None:
        desk = RowDesk(paper, keyboard, lambda: get_terminal_size().columns) if keyboard else PlainDesk(echo)
        chat = TypedChat(setting, reader, profile, desk, shows_past=is_shown)
    else:
        # Somebody of its own: a script must not take the seat of the one who sits before the screen under the same name.
        own_secret = secrets.token_hex(16)
        chat = PipedChat(replace(setting, secret=lambda _nick, _place: own_secret), reader, patience_s)
    with _signals(inbox, _SIGNALS + (_TERMINAL_SIGNALS if keyboard is not None else ())):
        return _run(chat, keyboard or echo)


def _run(chat: LineChat, terminal: Keyboard | Echo | None) -> int:
    try:
        return chat.run()
    except Exception:
        logger.exception("line mode failed")
        with suppress(OutputGone):
            chat.paper.end_with(strings.CRASHED)
        return FAILED
    finally:
        if terminal is not None:
            terminal.release()


def _new_cid() -> str:
    return secrets.token_hex(16)


def _is_terminal(stream: TextIO | None) -> bool:
    """A program that was started with a stream closed has none."""
    return stream is not None and stream.isatty()


def _keyboard(environ: Mapping[str, str]) -> Keyboard | None:
    """None where a row can't be erased and drawn again, or where its user wants no such tricks (`TERM=dumb`)."""
    if sys.platform == "win32" or environ.get("TERM", "") in ("", "dumb", "unknown"):
        return None

    def write(text: str) -> None:
        sys.stdout.write(text)
        sys.stdout.flush()

    return Keyboard(sys.stdin.fileno(), write)


@contextmanager
def _signals(inbox: Inbox, names: tuple[str, ...]) -> Iterator[None]:
    """Within it these signals are happenings among others; but for those that whoever started us wants ignored, as `nohup` does."""

    def note(number: int, _frame: FrameType | None) -> None:
        inbox.put(Signalled(number))

    known = [getattr(signal, name) for name in names if hasattr(signal, name)]
    wanted = [number for number in known if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, note) for number in wanted}
    try:
        yield
    finally:
        for number, handler in before.items():
            if handler is not None:  # one that is not Python's can't be put back
                signal.signal(number, handler)
