"""`chat-tui --doctor`: looks at the terminal, the server and our files, and says in Korean what to change. No Textual here.

Collects the facts; what they mean is for `terminal_checks` and `server_checks`. Nothing is changed and nobody sees it.
"""

import locale
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from shutil import which
from typing import Final, TextIO

from server.arguments import pad_to, say, wrap_words
from server.protocol.text import column_width
from tui_client import strings
from tui_client.doctor.checks import Check, Level
from tui_client.doctor.server_checks import file_checks, server_checks
from tui_client.doctor.terminal_answers import Answers
from tui_client.doctor.terminal_checks import SAMPLES, TerminalFacts, TmuxOptions, encoding_check, terminal_checks
from tui_client.doctor.terminal_probe import NoAnswers, probe
from tui_client.known_servers import KnownServers
from tui_client.trust import NO_OPTIONS, TlsOptions, Trust
from tui_client.wire import Address

HEALTHY, ILL = 0, 1
"""Exit codes: nothing is wrong enough to be mended first, or something is."""

_TITLE_COLUMNS: Final = 18
_SHORT_INDENT, _MIN_COLUMNS = 8, 24
"""Advice is moved in so far; and so are findings where there is less room than this beside the titles."""

_ADVICE_SIGN: Final = "→ "
_TMUX_FORMAT: Final = "#{version}|#{focus-events}|#{set-clipboard}|#{allow-passthrough}|#{mouse}|#{escape-time}"
_TMUX_PATIENCE_S: Final = 1.0


def examine(
    address: Address,
    state_folder: Path,
    settings_folder: Path,
    environ: Mapping[str, str],
    *,
    is_default: bool,
    tls: TlsOptions = NO_OPTIONS,
) -> int:
    """Look at everything, say it on standard output, and return the exit code.

    `is_default`: the user gave no address, so that a server would be started if there is none.
    """
    found: list[Check] = []
    if _is_terminal(sys.stdin) and _is_terminal(sys.stdout):
        found += _report(strings.DOCTOR_TERMINAL_PART, terminal_checks(_terminal_facts(environ)))
    else:
        say(strings.DOCTOR_NO_TERMINAL)
        found += _report(strings.DOCTOR_TERMINAL_PART, [encoding_check(locale.getencoding())])
    trust = Trust(address.host, address.port, tls, _OnlyLooking(state_folder))
    checks = [*server_checks(address, trust, is_default=is_default)]
    checks += file_checks(state_folder, settings_folder, is_default=is_default)
    found += _report(strings.DOCTOR_AROUND_PART, checks)
    problems, cautions = (sum(check.level is level for check in found) for level in (Level.PROBLEM, Level.CAUTION))
    say("", strings.doctor_summary(problems, cautions))
    return ILL if problems else HEALTHY


class _OnlyLooking(KnownServers):
    """What is known already; what is learnt here is forgotten."""

    def remember(self, server: str, what: str) -> None: ...


def _report(part: str, checks: Iterable[Check]) -> Iterator[Check]:
    """Say each of `checks` as it comes, and give it on."""
    say("", f"[{part}]")
    columns, _ = _size()
    for check in checks:
        say(*check_lines(check, columns or None))
        yield check


def check_lines(check: Check, columns: int | None = None) -> Sequence[str]:
    """A check as a person reads it: what is so, the advice under it, and on a line of its own what is to be copied.

    Without so many `columns` to fit it into, as in a file, each is one line.
    """
    sign = dict(zip(Level, strings.DOCTOR_LEVELS, strict=True))[check.level]
    head = f"{sign}  {pad_to(check.title, _TITLE_COLUMNS)}"
    if columns is not None and columns - column_width(head) < _MIN_COLUMNS:
        lines = [head.rstrip(), *_hanging(" " * _SHORT_INDENT, check.finding, columns)]
    else:
        lines = _hanging(head, check.finding, columns)
    if check.advice:
        lines += _hanging(" " * _SHORT_INDENT + _ADVICE_SIGN, check.advice, columns)
    if check.command:
        lines.append(" " * (_SHORT_INDENT + len(_ADVICE_SIGN)) + check.command)
    return lines


def _hanging(begin: str, text: str, columns: int | None) -> list[str]:
    """`text` behind `begin`, going on below itself."""
    indent = column_width(begin)
    first, *others = [text] if columns is None else wrap_words(text, columns - indent)
    return [begin + first, *(" " * indent + line for line in others)]


def _is_terminal(stream: TextIO | None) -> bool:
    return stream is not None and stream.isatty()


# --- facts ------------------------------------------------------------------------------------------------------------


def _terminal_facts(environ: Mapping[str, str]) -> TerminalFacts:
    columns, rows = _size()
    return TerminalFacts(
        environ=environ,
        answers=_answers(environ),
        columns=columns,
        rows=rows,
        encoding=locale.getencoding(),
        is_windows=sys.platform == "win32",
        terminfo_colours=_terminfo_colours(environ.get("TERM", "")),
        tmux=_tmux_options(environ),
    )


def _size() -> tuple[int, int]:
    """Columns and rows of the terminal that is written to; 0 where there is none."""
    if sys.stdout is None:  # as Python has it when the descriptor is closed
        return 0, 0
    try:
        columns, rows = os.get_terminal_size(sys.stdout.fileno())
    except OSError:
        return 0, 0
    return columns, rows


def _answers(environ: Mapping[str, str]) -> Answers:
    """Nothing where it can't be asked, and where a question would be printed."""
    if sys.platform == "win32" or environ.get("TERM", "") in ("", "dumb", "unknown"):
        return Answers()

    def write(text: str) -> None:
        sys.stdout.write(text)
        sys.stdout.flush()

    try:
        return probe(sys.stdin.fileno(), write, SAMPLES, environ)
    except NoAnswers:
        return Answers()


def _terminfo_colours(term: str) -> int:
    """How many colours the system's description of the terminal has; 0 if there is none."""
    try:
        import curses
    except ImportError:
        return 0
    try:
        curses.setupterm(term, sys.stdout.fileno())
        return max(0, curses.tigetnum("colors"))
    except curses.error:
        return 0


def _tmux_options(environ: Mapping[str, str]) -> TmuxOptions | None:
    """What the tmux around us is set to; None outside of it, or when it doesn't answer."""
    program = which("tmux")
    if "TMUX" not in environ or program is None:
        return None
    try:
        answer = subprocess.run(  # noqa: S603 - tmux itself, with words of ours
            [program, "display-message", "-p", _TMUX_FORMAT],
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=_TMUX_PATIENCE_S,
            check=True,
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    fields = answer.strip().split("|")
    return TmuxOptions(*fields) if len(fields) == _TMUX_FORMAT.count("|") + 1 else None
