"""Command lines in Korean: argparse with its English sentences replaced. Used by both commands; knows neither of them."""

import argparse
import io
import os
import re
import shlex
import shutil
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final, NoReturn

from server.protocol.text import column_width

_HELP_COLUMN: Final = 24
"""Where it says what an option does."""

_MAX_COLUMNS, _MIN_HELP_COLUMNS = 100, 20
"""Longer lines are hard to read, however wide the terminal is; and less beside an option than this is no line."""

_USAGE: Final = "사용법: "
_PART_OF_USAGE = re.compile(r"\[[^\]]*\]|\S+")


def pad_to(text: str, columns: int) -> str:
    """`text`, filled up to `columns` terminal columns, and never without a gap behind it."""
    return text + " " * max(2, columns - column_width(text))


def wrap_words(text: str, columns: int) -> list[str]:
    """`text` in lines of at most `columns` terminal columns; a word wider than that has a line of its own, unbroken."""
    return _fill(text.split(" "), columns)


def _fill(words: Iterable[str], columns: int) -> list[str]:
    """`words` in lines, each as full as `columns` terminal columns let it be; at least one."""
    lines: list[str] = []
    for word in words:
        if lines and column_width(lines[-1]) + 1 + column_width(word) <= columns:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines or [""]


class _Formatter(argparse.HelpFormatter):
    """argparse counts characters and breaks lines anywhere in them; a terminal counts columns, and people read words."""

    def __init__(self, prog: str) -> None:
        self._columns = min(shutil.get_terminal_size().columns - 1, _MAX_COLUMNS)
        super().__init__(prog, width=10_000)  # whatever argparse makes is one line, and broken here

    def _format_usage(self, usage, actions, groups, prefix=None):  # type: ignore[no-untyped-def]  # noqa: ARG002
        line = super()._format_usage(usage, actions, groups, prefix=_USAGE).strip()
        begin = f"{_USAGE}{self._prog} "
        indent = column_width(begin)
        lines = _fill(_PART_OF_USAGE.findall(line.removeprefix(begin)), max(_MIN_HELP_COLUMNS, self._columns - indent))
        return begin + ("\n" + " " * indent).join(lines) + "\n\n"

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        del width
        return "\n".join(indent + line for line in wrap_words(text, self._columns))

    def _format_action(self, action: argparse.Action) -> str:
        option = " " * self._current_indent + self._format_action_invocation(action)
        lines = wrap_words(self._expand_help(action), max(_MIN_HELP_COLUMNS, self._columns - _HELP_COLUMN))
        if column_width(option) + 2 <= _HELP_COLUMN:
            option = pad_to(option, _HELP_COLUMN) + lines.pop(0)
        return "\n".join([option, *(" " * _HELP_COLUMN + line for line in lines)]) + "\n"


class KoreanParser(argparse.ArgumentParser):
    """An ArgumentParser that says everything in Korean; wrong options end the program with exit code 2.

    Converters (`type=`) raise `argparse.ArgumentTypeError` with a Korean sentence. Add arguments to `options`.
    """

    def __init__(self, prog: str, description: str, version: str) -> None:
        super().__init__(
            prog,
            description=description,
            add_help=False,
            allow_abbrev=False,
            exit_on_error=False,
            formatter_class=_Formatter,
        )
        self.color = False  # from Python 3.14 on, colours would be counted as if they took columns
        self.options = self.add_argument_group("옵션")
        self.options.add_argument("-h", "--help", action="help", help="이 도움말을 보여 주고 끝냅니다")
        self.options.add_argument(
            "--version", action="version", version=f"속삭 {version}", help="버전을 보여 주고 끝냅니다"
        )

    def read(self, arguments: Sequence[str] | None) -> argparse.Namespace:
        """The options, or exit code 2 and a sentence."""
        try:
            options, unknown = self.parse_known_args(arguments)
        except argparse.ArgumentError as error:
            self.error(_sentence(error))
        if unknown:
            self.error(f"모르는 옵션입니다: {' '.join(unknown)}")
        return options

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        """After `--help` and `--version`, which argparse prints without looking whether anybody reads it."""
        say()
        super().exit(status, message)

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and where to look, and exit with 2."""
        print(
            message, f"'{as_started(self.prog)} --help'로 쓸 수 있는 옵션을 볼 수 있습니다.", sep="\n", file=sys.stderr
        )
        sys.exit(2)


def _sentence(error: argparse.ArgumentError) -> str:
    """The sentence of our own converter if there is one; argparse's reasons come down to a missing value."""
    if error.message.startswith("not allowed with"):
        return f"{error.argument_name}: {error.message.split()[-1]} 옵션과 함께 쓸 수 없습니다."
    is_ours = any("가" <= character <= "힣" for character in error.message)
    return f"{error.argument_name}: {error.message}" if is_ours else f"{error.argument_name}: 값을 하나 함께 적으세요."


def as_started(name: str, started: str | None = None, path: str | None = None) -> str:
    """What to type to start the program `name` again: as it was `started` (`sys.argv[0]`), if its name alone would not be found.

    `path` is where a shell looks (`PATH`).
    """
    started = sys.argv[0] if started is None else started
    if Path(started).stem != name:  # as a module, or by something else: there is no better name
        return name
    found = shutil.which(name, path=path)
    is_found = found is not None and Path(found).absolute() == Path(started).absolute()
    return name if is_found else shlex.quote(started)


def port(text: str) -> int:
    """A TCP port; 0 for a free one."""
    return whole_number(text, 0, 65535)


def whole_number(text: str, least: int, most: int) -> int:
    """An integer from `least` to `most`, in ASCII digits. Raises ArgumentTypeError."""
    if not (text.isascii() and text.isdigit() and len(text) < 20 and least <= int(text) <= most):
        raise argparse.ArgumentTypeError(f"'{text}' 대신 {least}부터 {most}까지의 수를 적으세요.")
    return int(text)


def say(*lines: str) -> bool:
    """Say `lines` on standard output; whether it was taken. Whoever read it may have had enough (`| head`): that is no fault."""
    if sys.stdout is None:  # as Python has it when the descriptor is closed
        return False
    try:
        sys.stdout.write("".join(f"{line}\n" for line in lines))
        sys.stdout.flush()
    except OSError:
        leave_output_alone()
        return False
    return True


def leave_output_alone() -> None:
    """What could not be written is still in the buffer; written at the exit, it would fail again, and the exit code with it:
    docs.python.org/3/library/signal.html#note-on-sigpipe
    """
    with Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())


def speak_utf8() -> None:
    """Whatever the locale says: a sentence that can't be printed must not end the program."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
