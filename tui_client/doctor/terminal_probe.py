"""Asks the terminal about itself: raw mode, questions, answers with timeouts, and everything left as it was. POSIX only.

Answers that come too late would be typed into the shell afterwards: so they are waited for a little, and what has come by then is
thrown away with the terminal's input queue.
"""

import os
import select
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final, NoReturn

from msgspec.structs import replace

from tui_client.doctor.terminal_answers import (
    ATTRIBUTES,
    CLIPBOARD_CAPABILITY,
    CURSOR,
    FOCUS,
    KITTY_FLAGS,
    MOUSE,
    PASTE,
    SYNCHRONIZED,
    VERSION,
    Answers,
    mode_question,
    read_answers,
)
from tui_client.line.keyboard import key_by_key

if sys.platform != "win32":
    import termios

_FIRST_ANSWER_S: Final = 1.0
"""Through ssh around the world it takes a third of that."""

_WIDTHS_S: Final = 0.8
_LATE_S: Final = 0.5
_QUIET_S: Final = 0.2

_ERASE_ROW: Final = "\r\x1b[K"


class NoAnswers(Exception):
    """The terminal can't be asked: it has gone, or is none."""


def probe(descriptor: int, write: Callable[[str], None], samples: Sequence[str], environ: Mapping[str, str]) -> Answers:
    """What the terminal at `descriptor` answers; `columns` has how wide it draws each of `samples`, if it tells.

    Takes at most 2.5 s, with a terminal that says nothing. Raises NoAnswers.
    """
    try:
        with _silent(descriptor):
            features = _ask(descriptor, write, _questions(environ), _tells_attributes, _FIRST_ANSWER_S)
            widths = _ask(descriptor, write, _width_questions(samples), _tells_columns(len(samples)), _WIDTHS_S)
            if not (_tells_attributes(features) and _tells_columns(len(samples))(widths)):
                _swallow_late_answers(descriptor)
    except (OSError, termios.error):
        raise NoAnswers from None
    columns = read_answers(widths).columns
    return replace(read_answers(features), columns=columns if len(columns) == len(samples) else ())


def _questions(environ: Mapping[str, str]) -> str:
    """Not everything may be asked everywhere: some print a question that they don't know."""
    asked = KITTY_FLAGS
    if environ.get("TERM_PROGRAM") != "Apple_Terminal":  # it prints the `p` of DECRQM
        asked += VERSION + "".join(map(mode_question, (FOCUS, PASTE, MOUSE, SYNCHRONIZED)))
        if environ.get("TERM") != "linux" and "STY" not in environ:  # they print what DCS carries, or hand it on
            asked += CLIPBOARD_CAPABILITY
    return asked + ATTRIBUTES + _ERASE_ROW


def _width_questions(samples: Sequence[str]) -> str:
    return "".join(f"{_ERASE_ROW}{sample}{CURSOR}" for sample in samples) + _ERASE_ROW


def _tells_attributes(data: bytes) -> bool:
    return read_answers(data).attributes is not None


def _tells_columns(count: int) -> Callable[[bytes], bool]:
    return lambda data: len(read_answers(data).columns) >= count


def _ask(
    descriptor: int, write: Callable[[str], None], questions: str, is_all: Callable[[bytes], bool], timeout_s: float
) -> bytes:
    """What comes until it `is_all` that was asked for, or the time is over. Raises OSError."""
    write(questions)
    deadline_s = time.monotonic() + timeout_s
    data = b""
    while not is_all(data) and (left_s := deadline_s - time.monotonic()) > 0:
        data += _read(descriptor, left_s)
    return data


def _swallow_late_answers(descriptor: int) -> None:
    deadline_s = time.monotonic() + _LATE_S
    while time.monotonic() < deadline_s and _read(descriptor, _QUIET_S):
        pass


def _read(descriptor: int, timeout_s: float) -> bytes:
    """What comes within `timeout_s`. Raises OSError when the terminal has gone."""
    ready, _, _ = select.select([descriptor], [], [], timeout_s)
    if not ready:
        return b""
    data = os.read(descriptor, 4096)
    if not data:
        raise OSError
    return data


@contextmanager
def _silent(descriptor: int) -> Iterator[None]:
    """Keys are not shown, and come at once; whatever happens within, the terminal is afterwards what it was."""
    found = termios.tcgetattr(descriptor)
    handlers = {
        signal.SIGTSTP: signal.signal(signal.SIGTSTP, signal.SIG_IGN),
        signal.SIGTERM: signal.signal(signal.SIGTERM, _leave),
    }
    try:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, key_by_key(descriptor))
        yield
    finally:
        termios.tcsetattr(descriptor, termios.TCSAFLUSH, found)
        for number, handler in handlers.items():
            signal.signal(number, handler)


def _leave(number: int, _frame: object) -> NoReturn:
    raise SystemExit(128 + number)
