"""The terminal's own cursor stands where one types: the input method draws there what is being composed."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.pseudo_terminal import PseudoTerminal
from tests.support.room import Room
from tests.support.server_process import private_environment
from tui_client import strings

PLACEHOLDER = strings.COMPOSER_PLACEHOLDER[:9]


@pytest.fixture
def terminal(tmp_path: Path, unused_port: int) -> Iterator[PseudoTerminal]:
    """chat-tui, which nobody answers: the composer works all the same."""
    command = [sys.executable, "-m", "tui_client", "--nick", "영희", "--port", str(unused_port)]
    with PseudoTerminal(command, 80, 24, private_environment(tmp_path)) as terminal:
        terminal.wait_for(lambda: terminal.place_after(PLACEHOLDER) is not None)
        yield terminal


def stands_behind(terminal: PseudoTerminal, text: str) -> None:
    terminal.wait_for(lambda: terminal.place_after(text) == terminal.cursor)


@pytest.mark.parametrize("text", ["안녕하세요", "abc", "가나 다", "ㅋㅋㅋ", "밥🍚밥"])
def test_the_cursor_stands_right_behind_what_was_typed(terminal: PseudoTerminal, text: str) -> None:
    terminal.type(text)
    stands_behind(terminal, text)


def test_it_moves_over_whole_syllables(terminal: PseudoTerminal) -> None:
    terminal.type("가나다라")
    stands_behind(terminal, "가나다라")
    terminal.type("\x1b[D\x1b[D")
    stands_behind(terminal, "가나")


def test_it_is_right_after_a_resize(terminal: PseudoTerminal) -> None:
    terminal.type("크기가 달라도")
    stands_behind(terminal, "크기가 달라도")
    for columns, rows in ((120, 40), (60, 18), (80, 24)):
        terminal.resize(columns, rows)
        stands_behind(terminal, "크기가 달라도")


def test_it_is_right_in_the_second_line(terminal: PseudoTerminal) -> None:
    terminal.type("첫 줄\n둘째 줄")  # Ctrl+J is what a terminal sends for a line feed
    stands_behind(terminal, "둘째 줄")


def test_it_stays_in_the_composer_while_another_pane_has_the_focus(terminal: PseudoTerminal) -> None:
    terminal.type("쓰다가")
    stands_behind(terminal, "쓰다가")
    terminal.type("\t")
    stands_behind(terminal, "쓰다가")
    terminal.type("돌아옴")
    stands_behind(terminal, "쓰다가돌아옴")


def test_it_is_right_while_something_is_offered(terminal: PseudoTerminal) -> None:
    terminal.type("/귓")
    terminal.wait_for(lambda: terminal.place_after("/whisper") is not None and terminal.cursor == (5, 21))
    terminal.type("속말")
    terminal.wait_for(lambda: terminal.cursor == (9, 21))
    terminal.resize(60, 18)
    terminal.wait_for(lambda: terminal.cursor == (9, 15))


def test_it_is_right_in_whisper_mode(room: Room, tmp_path: Path) -> None:
    room.json("지수")
    command = [sys.executable, "-m", "tui_client", "--nick", "영희", "--port", str(room.server.port)]
    with PseudoTerminal(command, 80, 24, private_environment(tmp_path)) as terminal:
        terminal.wait_for(lambda: terminal.place_after(strings.STATE_ONLINE) is not None)
        terminal.type("/귓속말 지수\r")
        terminal.wait_for(lambda: terminal.place_after("지수에게 귓속말") is not None)
        terminal.type("비밀 한 줄")
        stands_behind(terminal, "비밀 한 줄")
        terminal.type("\n둘째")
        stands_behind(terminal, "둘째")
        terminal.resize(60, 18)
        stands_behind(terminal, "둘째")


def test_it_is_right_behind_a_large_paste(terminal: PseudoTerminal) -> None:
    terminal.type("\x1b[200~" + "가" * 20_000 + "\x1b[201~끝")
    stands_behind(terminal, strings.pasted(20_000, 1, 1) + "끝")
