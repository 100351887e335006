"""Command lines in Korean: argparse with its English sentences replaced. Used by both commands; knows neither of them."""

import argparse
import io
import re
import sys
from collections.abc import Sequence
from typing import NoReturn

from server.protocol.text import column_width

_SECOND_COLUMN = re.compile(r"^(  \S.*?\S)  +(?=\S)(.*)$", re.MULTILINE)


def pad_to(text: str, columns: int) -> str:
    """`text`, filled up to `columns` terminal columns, and never without a gap behind it."""
    return text + " " * max(2, columns - column_width(text))


class _Formatter(argparse.HelpFormatter):
    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=24, width=52)

    def add_usage(self, usage, actions, groups, prefix=None):  # type: ignore[no-untyped-def]  # noqa: ARG002
        super().add_usage(usage, actions, groups, prefix="사용법: ")


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

    def format_help(self) -> str:
        """argparse counts characters, a terminal columns: put the second column straight again."""
        return _SECOND_COLUMN.sub(lambda row: pad_to(row[1], 24) + row[2], super().format_help())

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and where to look, and exit with 2."""
        print(message, f"'{self.prog} --help'로 쓸 수 있는 옵션을 볼 수 있습니다.", sep="\n", file=sys.stderr)
        sys.exit(2)


def _sentence(error: argparse.ArgumentError) -> str:
    """The sentence of our own converter if there is one; argparse's reasons come down to a missing value."""
    if error.message.startswith("not allowed with"):
        return f"{error.argument_name}: {error.message.split()[-1]} 옵션과 함께 쓸 수 없습니다."
    is_ours = any("가" <= character <= "힣" for character in error.message)
    return f"{error.argument_name}: {error.message}" if is_ours else f"{error.argument_name}: 값을 하나 함께 적으세요."


def port(text: str) -> int:
    """A TCP port; 0 for a free one."""
    return whole_number(text, 0, 65535)


def whole_number(text: str, least: int, most: int) -> int:
    """An integer from `least` to `most`, in ASCII digits. Raises ArgumentTypeError."""
    if not (text.isascii() and text.isdigit() and len(text) < 20 and least <= int(text) <= most):
        raise argparse.ArgumentTypeError(f"'{text}' 대신 {least}부터 {most}까지의 수를 적으세요.")
    return int(text)


def speak_utf8() -> None:
    """Whatever the locale says: a sentence that can't be printed must not end the program."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
