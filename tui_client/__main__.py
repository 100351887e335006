"""chat-tui: arguments and errors first, Textual after, so that `--help` and a mistake are answered at once.

0: left as asked. 1: the program failed, which is our fault. 2: wrong options, or no terminal to draw on. What else `--line` and
`--doctor` end with is said where they live.
"""

import argparse
import gc
import logging
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from threading import Event
from typing import TextIO

import platformdirs

from server import __version__
from server.arguments import KoreanParser, speak_utf8, whole_number
from server.protocol.address import HOST, PORT
from server.protocol.errors import Refusal
from server.protocol.nickname import check_nickname
from server.protocol.text import excerpt
from tui_client import strings, terminal
from tui_client.local_server import LocalServer, ensure_running
from tui_client.profile import Profile
from tui_client.wire import Address

MAX_HOST_CHARS = 253
"""A name has no more (RFC 1035, section 2.3.4)."""

PATIENCE_S = 30
"""How long a script waits for an answer when nobody says how long: a server that is restarted is back by then."""

INTERRUPTED = 130
"""What a shell gives a program that Ctrl+C has ended."""

MAX_PATIENCE_S = 24 * 60 * 60


def main(arguments: Sequence[str] | None = None) -> int:
    """Chat until its user leaves; the exit code."""
    speak_utf8()
    options = _parser().read(arguments)
    folder = platformdirs.user_state_path("soksak", appauthor=False)
    is_default = options.host is None and options.port is None
    address = Address(options.host or HOST, PORT if options.port is None else options.port)
    before_connect: Callable[[Event], LocalServer] | None = None
    if is_default:
        before_connect = partial(ensure_running, address.host, address.port, folder)
    if options.doctor or options.line:
        try:
            if options.doctor:
                return _examine(address, folder, is_default=is_default)
            return _chat_by_lines(options, address, folder, before_connect)
        except KeyboardInterrupt:
            return INTERRUPTED
    if not all(map(_is_terminal, (sys.stdin, sys.stdout, sys.stderr))):  # Textual draws on stderr
        print(strings.NOT_A_TERMINAL, file=sys.stderr)
        return 2
    gc.disable()  # until the first picture: there is no garbage yet, and looking for it takes a twentieth of the time
    profile = Profile(folder)
    _log_to(folder / "client.log")
    terminal.prepare_environment(os.environ)
    from tui_client.app import ChatApp

    terminal.apply_cures()
    settings_folder = platformdirs.user_config_path("soksak", appauthor=False)
    app = ChatApp(address, options.nick or "", profile, before_connect, settings_folder)
    app.run()
    if app.left_unsent:
        with suppress(OSError):  # a terminal that was closed
            print(app.left_unsent, flush=True)
    return app.return_code or 0


def _chat_by_lines(
    options: argparse.Namespace,
    address: Address,
    folder: Path,
    before_connect: Callable[[Event], LocalServer] | None,
) -> int:
    from tui_client.line.mode import chat_by_lines

    _log_to(folder / "client.log")
    return chat_by_lines(address, options.nick or "", folder, before_connect, patience_s=options.wait)


def _examine(address: Address, folder: Path, *, is_default: bool) -> int:
    from tui_client.doctor.examination import examine

    settings_folder = platformdirs.user_config_path("soksak", appauthor=False)
    return examine(address, folder, settings_folder, os.environ, is_default=is_default)


def _is_terminal(stream: TextIO | None) -> bool:
    """A program that was started with a stream closed has none."""
    return stream is not None and stream.isatty()


def _log_to(path: Path) -> None:
    """Our own faults, for whoever mends them; a log line on the terminal would be drawn across the screen."""
    handler: logging.Handler = logging.NullHandler()
    with suppress(OSError):  # no folder of one's own is no reason not to chat
        handler = logging.FileHandler(path, encoding="utf-8")
    log_format = "%(asctime)s %(levelname)s %(name)s: %(message)s"
    logging.basicConfig(handlers=[handler], level=logging.WARNING, format=log_format)


def _parser() -> KoreanParser:
    parser = KoreanParser("chat-tui", strings.ARG_DESCRIPTION, __version__)
    add = parser.options.add_argument
    add("--nick", type=_nickname, metavar=strings.ARG_NICK_NAME, help=strings.ARG_NICK)
    add("--host", type=_host, metavar=strings.ARG_HOST_NAME, help=strings.arg_host(HOST))
    add("--port", type=_port, metavar=strings.ARG_PORT_NAME, help=strings.arg_port(PORT))
    kinds = parser.options.add_mutually_exclusive_group()
    kinds.add_argument("--line", action="store_true", help=strings.ARG_LINE)
    kinds.add_argument("--doctor", action="store_true", help=strings.ARG_DOCTOR)
    add("--wait", type=_seconds, default=PATIENCE_S, metavar=strings.ARG_WAIT_NAME, help=strings.arg_wait(PATIENCE_S))
    return parser


def _nickname(text: str) -> str:
    try:
        return check_nickname(text)
    except Refusal as refusal:
        raise argparse.ArgumentTypeError(refusal.text) from None


def _host(text: str) -> str:
    return excerpt(text, MAX_HOST_CHARS)


def _seconds(text: str) -> int:
    return whole_number(text, 1, MAX_PATIENCE_S)


def _port(text: str) -> int:
    return whole_number(text, 1, 65535)


if __name__ == "__main__":
    sys.exit(main())
