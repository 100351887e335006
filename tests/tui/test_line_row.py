"""The row in which a person types, as it is drawn on a terminal that others write to as well."""

import io
import os
import signal
from collections.abc import Iterator

import pytest

from tui_client.line.keyboard import Keyboard
from tui_client.line.output import Paper
from tui_client.line.row import RowDesk

ERASE_ROW = "\r\x1b[K"


class Drawn:
    """A desk, and what it has drawn since one last asked."""

    def __init__(self, descriptor: int) -> None:
        self._out = io.StringIO()
        self.paper = Paper(self._out, None, together=True)
        self.desk = RowDesk(self.paper, Keyboard(descriptor, self.write), lambda: 80)
        self.desk.begin()
        self.desk.ask("> ")

    def write(self, text: str) -> None:
        self._out.write(text)

    def take(self) -> str:
        self.paper.flush()
        drawn = self._out.getvalue()
        self._out.seek(0)
        self._out.truncate()
        return drawn


@pytest.fixture
def row() -> Iterator[Drawn]:
    """With something half typed in it; its keyboard is no terminal, which does no harm."""
    descriptor = os.open(os.devnull, os.O_RDONLY)
    drawn = Drawn(descriptor)
    assert list(drawn.desk.read("쓰다가".encode())) == []
    assert drawn.take() == f"{ERASE_ROW}> 쓰다가"
    yield drawn
    os.close(descriptor)


def test_a_row_that_is_drawn_already_is_not_drawn_again(row: Drawn) -> None:
    assert row.take() == ""


@pytest.mark.parametrize("number", [signal.SIGCONT, signal.SIGWINCH], ids=str)
def test_a_row_that_others_may_have_written_over_is_drawn_again(row: Drawn, number: signal.Signals) -> None:
    assert row.desk.take_signal(number)
    assert row.take() == f"{ERASE_ROW}> 쓰다가"


def test_the_last_words_stand_where_the_row_was(row: Drawn) -> None:
    row.paper.end_with("끝냅니다.")
    assert row.take() == f"{ERASE_ROW}[알림] 끝냅니다.\n"
