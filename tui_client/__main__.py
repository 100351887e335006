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
from server.arguments import KoreanParser, say, speak_utf8, whole_number
from server.core_dumps import leave_no_core
from server.protocol.address import HOST, PORT
from server.protocol.errors import Refusal
from server.protocol.fingerprint import read_fingerprint
from server.protocol.nickname import check_nickname
from server.protocol.text import excerpt
from tui_client import strings, terminal
from tui_client.known_servers import KnownServers
from tui_client.local_server import LocalServer, ensure_running
from tui_client.log_file import LogFile
from tui_client.password_source import GivenPassword, PasswordUnusable, given_password
from tui_client.profile import Profile
from tui_client.trust import TlsOptions
from tui_client.wire import Address

MAX_HOST_CHARS = 253
"""A name has no more (RFC 1035, section 2.3.4)."""

PATIENCE_S = 30
"""How long a script waits for an answer when nobody says how long: a server that is restarted is back by then."""

INTERRUPTED = 130
"""What a shell gives a program that Ctrl+C has ended."""

_CONTRADICTIONS = (("plaintext", "tls"), ("plaintext", "ca"), ("plaintext", "fingerprint"), ("ca", "fingerprint"))
"""Options that say the opposite of each other."""

MAX_PATIENCE_S = 24 * 60 * 60


def main(arguments: Sequence[str] | None = None) -> int:
    """Chat until its user leaves; the exit code."""
    speak_utf8()
    leave_no_core()
    parser = _parser()
    options = parser.read(arguments)
    given = _given_password(options, parser)
    tls = _tls_options(options, parser)
    folder = platformdirs.user_state_path("soksak", appauthor=False)
    if options.forget is not None:
        return _forget(options.forget, folder)
    is_default = options.host is None and options.port is None
    address = Address(options.host or HOST, PORT if options.port is None else options.port)
    before_connect: Callable[[Event], LocalServer] | None = None
    if is_default:
        before_connect = partial(ensure_running, address.host, address.port, folder)
    if options.doctor or options.line:
        try:
            if options.doctor:
                return _examine(address, folder, tls, is_default=is_default)
            return _chat_by_lines(options, address, folder, before_connect, tls, given)
        except KeyboardInterrupt:
            return INTERRUPTED
    if not all(map(_is_terminal, (sys.stdin, sys.stdout, sys.stderr))):  # Textual draws on stderr
        print(strings.NOT_A_TERMINAL, file=sys.stderr)
        return 2
    if (term := os.environ.get("TERM", "").casefold()) in terminal.NO_SCREEN:
        print(strings.terminal_cannot_draw(term), file=sys.stderr)
        return 2
    return _chat_on_screen(options, address, folder, before_connect, tls, given)


def _chat_on_screen(
    options: argparse.Namespace,
    address: Address,
    folder: Path,
    before_connect: Callable[[Event], LocalServer] | None,
    tls: TlsOptions,
    given: GivenPassword,
) -> int:
    gc.disable()  # until the first picture: there is no garbage yet, and looking for it takes a twentieth of the time
    profile = Profile(folder)
    _log_to(folder / "client.log")
    terminal.prepare_environment(os.environ)
    from tui_client.app import ChatApp

    terminal.apply_cures()
    settings_folder = platformdirs.user_config_path("soksak", appauthor=False)
    app = ChatApp(address, options.nick or "", profile, before_connect, settings_folder, tls=tls, given=given)
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
    tls: TlsOptions,
    given: GivenPassword,
) -> int:
    from tui_client.line.mode import chat_by_lines

    _log_to(folder / "client.log")
    nick = options.nick or ""
    return chat_by_lines(address, nick, folder, before_connect, patience_s=options.wait, tls=tls, given=given)


def _examine(address: Address, folder: Path, tls: TlsOptions, *, is_default: bool) -> int:
    from tui_client.doctor.examination import examine

    settings_folder = platformdirs.user_config_path("soksak", appauthor=False)
    return examine(address, folder, settings_folder, os.environ, is_default=is_default, tls=tls)


def _given_password(options: argparse.Namespace, parser: KoreanParser) -> GivenPassword:
    if options.password is not None:
        parser.error(strings.PASSWORD_ON_COMMAND_LINE)
    try:
        return given_password(options.password_file, os.environ)
    except PasswordUnusable as problem:
        parser.error(problem.text)


def _tls_options(options: argparse.Namespace, parser: KoreanParser) -> TlsOptions:
    for one, other in _CONTRADICTIONS:
        if getattr(options, one) and getattr(options, other):
            parser.error(strings.options_exclusive(f"--{one}", f"--{other}"))
    return TlsOptions(options.tls, options.plaintext, options.ca, options.fingerprint or "")


def _forget(server: str, folder: Path) -> int:
    known = KnownServers(folder)
    try:
        was_known = known.forget(server)
    except OSError:
        print(strings.known_servers_not_written(str(known.path)), file=sys.stderr)
        return 1
    for notice in known.take_notices():
        print(notice, file=sys.stderr)
    say(strings.forgotten(server) if was_known else strings.nothing_to_forget(server))
    return 0 if was_known else 1


def _is_terminal(stream: TextIO | None) -> bool:
    """A program that was started with a stream closed has none."""
    return stream is not None and stream.isatty()


def _log_to(path: Path) -> None:
    """Our own faults, for whoever mends them; a log line on the terminal would be drawn across the screen."""
    handler: logging.Handler = logging.NullHandler()
    with suppress(OSError):  # no folder of one's own is no reason not to chat
        handler = LogFile(path)
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
    kinds.add_argument("--forget", type=_server, metavar=strings.ARG_FORGET_NAME, help=strings.ARG_FORGET)
    add("--password-file", type=Path, metavar=strings.ARG_PASSWORD_FILE_NAME, help=strings.ARG_PASSWORD_FILE)
    add("--password", nargs="?", const="", help=argparse.SUPPRESS)  # to be told that there is no such thing
    add("--tls", action="store_true", help=strings.ARG_TLS)
    add("--plaintext", action="store_true", help=strings.ARG_PLAINTEXT)
    add("--ca", type=_ca, metavar=strings.ARG_CA_NAME, help=strings.ARG_CA)
    add("--fingerprint", type=_fingerprint, metavar=strings.ARG_FINGERPRINT_NAME, help=strings.ARG_FINGERPRINT)
    add("--wait", type=_seconds, default=PATIENCE_S, metavar=strings.ARG_WAIT_NAME, help=strings.arg_wait(PATIENCE_S))
    return parser


def _nickname(text: str) -> str:
    try:
        return check_nickname(text)
    except Refusal as refusal:
        raise argparse.ArgumentTypeError(refusal.text) from None


def _host(text: str) -> str:
    if ":" in text:  # the port, a URL, or IPv6
        raise argparse.ArgumentTypeError(strings.wrong_host(excerpt(text)))
    return _normalized(text)


def _normalized(host: str) -> str:
    """In lower case, as names of hosts mean the same: what waits for a server, and what is known of it, is found by this."""
    return excerpt(host, MAX_HOST_CHARS).lower()


def _server(text: str) -> str:
    host, _, port_text = _normalized(text).rpartition(":")
    if not host or any(map(str.isspace, host)):
        raise argparse.ArgumentTypeError(strings.wrong_server(excerpt(text)))
    return str(Address(host, _port(port_text)))


def _fingerprint(text: str) -> str:
    try:
        return read_fingerprint(text)
    except ValueError:
        raise argparse.ArgumentTypeError(strings.wrong_fingerprint(excerpt(text))) from None


def _ca(text: str) -> Path:
    from tui_client.tls import is_usable_ca

    path = Path(text)
    try:
        is_usable = is_usable_ca(path)
    except OSError:
        raise argparse.ArgumentTypeError(strings.ca_unreadable(text)) from None
    if not is_usable:
        raise argparse.ArgumentTypeError(strings.ca_unusable(text))
    return path.absolute()


def _seconds(text: str) -> int:
    return whole_number(text, 1, MAX_PATIENCE_S)


def _port(text: str) -> int:
    return whole_number(text, 1, 65535)


if __name__ == "__main__":
    sys.exit(main())
