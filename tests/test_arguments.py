"""`--help` of both commands: Hangul takes two columns, and nothing is broken in the middle of a word."""

import argparse
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from server.arguments import KoreanParser, as_started, wrap_words
from server.options import make_parser as server_parser
from server.protocol.text import column_width
from tui_client.__main__ import _parser as client_parser

PARSERS = (server_parser, client_parser)


def help_rows(parser: KoreanParser) -> list[str]:
    """What is said of the options, in whatever group."""
    rows = parser.format_help().partition("옵션:\n")[2].splitlines()
    return [row for row in rows if row.startswith(" ")]


@pytest.mark.parametrize("make_parser", PARSERS)
@pytest.mark.parametrize("columns", [40, 60, 80, 120])
def test_what_an_option_does_stands_in_one_column(
    make_parser: Callable[[], KoreanParser], columns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    for row in help_rows(make_parser()):
        option, does = re.fullmatch(r"(  \S.*?  +|  \S.*| {24})(\S.*)?", row).groups()  # type: ignore[union-attr]
        assert not does or column_width(option) == 24, row


@pytest.mark.parametrize("make_parser", PARSERS)
@pytest.mark.parametrize("columns", [60, 80, 120])
def test_no_line_is_wider_than_the_terminal_and_every_word_is_whole(
    make_parser: Callable[[], KoreanParser], columns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    shown = make_parser().format_help()
    monkeypatch.setenv("COLUMNS", "10000")
    assert shown.split() == make_parser().format_help().split()
    assert max(map(column_width, shown.splitlines())) < columns


@pytest.mark.parametrize("make_parser", PARSERS)
def test_usage_goes_on_below_itself_and_keeps_options_whole(
    make_parser: Callable[[], KoreanParser], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    parser = make_parser()
    first, *others = parser.format_help().partition("\n\n")[0].splitlines()
    begin = f"사용법: {parser.prog} "
    assert first.startswith(begin)
    assert others
    for row in others:
        assert row.startswith(" " * column_width(begin) + "[")
        assert row.count("[") == row.count("]")


def test_a_long_option_has_a_line_of_its_own() -> None:
    parser = KoreanParser("이름", "설명", "1")
    parser.options.add_argument("--아주아주아주긴옵션", metavar="값", help="하나 둘")
    parser.options.add_argument("--hidden", help=argparse.SUPPRESS)
    assert help_rows(parser)[-2:] == ["  --아주아주아주긴옵션 값", " " * 24 + "하나 둘"]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("한글 두 칸", ["한글 두", "칸"]),
        ("set -g 아주긴낱말 끝", ["set -g", "아주긴낱말", "끝"]),
        ("", [""]),
    ],
)
def test_words_are_wrapped_by_columns_and_never_broken(text: str, lines: list[str]) -> None:
    assert wrap_words(text, 8) == lines


# --- what to type -----------------------------------------------------------------------------------------------------


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """A program where README has it installed, in a folder with a blank in its name."""
    program = tmp_path / "my room" / "chat-server"
    program.parent.mkdir()
    program.touch(0o755)
    return program


def test_a_program_that_no_shell_would_find_is_named_as_it_was_started(installed: Path) -> None:
    assert as_started("chat-server", ".venv/bin/chat-server", "") == ".venv/bin/chat-server"
    assert as_started("chat-server", str(installed), "/nowhere") == f"'{installed}'"


def test_one_that_a_shell_finds_by_its_name_is_called_by_it(installed: Path) -> None:
    assert as_started("chat-server", str(installed), str(installed.parent)) == "chat-server"


def test_one_that_was_started_as_a_module_has_no_better_name() -> None:
    assert as_started("chat-server", "/somewhere/server/__main__.py") == "chat-server"


def test_a_host_is_the_same_however_it_is_written() -> None:
    """By its name is found what waits for it, what is known of it, and who we are there."""
    options = client_parser().read(["--host", "Chat.Example.COM"])
    assert options.host == "chat.example.com"
    assert client_parser().read(["--forget", "Chat.Example.COM:1"]).forget == "chat.example.com:1"


@pytest.mark.parametrize("host", ["127.0.0.1:12399", "http://chat.example.com", "::1"])
def test_a_port_has_an_option_of_its_own(host: str, capsys: pytest.CaptureFixture[str]) -> None:
    """As a name it would be looked for in vain, again and again."""
    with pytest.raises(SystemExit):
        client_parser().read(["--host", host])
    assert "포트는 --port로" in capsys.readouterr().err
