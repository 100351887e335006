"""Where a person types in line mode: a row of our own at the bottom, or the terminal's own line editing. Main thread.

Both give lines and take back what could not be done. Knows nothing of the chat.
"""

import codecs
import os
import signal
import sys
from collections.abc import Callable, Iterable
from typing import Final, Protocol

from msgspec import Struct

from server.protocol import plain
from server.protocol.errors import Refusal
from server.protocol.framing import LineBuffer, Overlong
from server.protocol.text import column_width
from tui_client import strings
from tui_client.line.editor import Closed, Entered, LineEditor
from tui_client.line.keyboard import Echo, Keyboard
from tui_client.line.output import Paper

ENDLESS: Final = 2**62
"""Bytes: a line of any length is skipped to its end, and is never the end of the input."""

MAX_KEPT_LINE: Final = 1_022 if sys.platform == "darwin" else 4_094
"""Bytes that a terminal keeps of a line it edits itself. What is typed beyond them is gone, and nobody says so."""

_SAVE_CARET, _RESTORE_CARET = "\x1b7", "\x1b8"

_CONTINUED, _RESIZED, _STOP_KEY = (getattr(signal, name, -1) for name in ("SIGCONT", "SIGWINCH", "SIGTSTP"))
"""Not all systems have them."""


class Spoilt(Struct, frozen=True):
    """A line that can't be used; `reason` is the sentence that says why."""

    reason: str


class Desk(Protocol):
    """Where one types."""

    def begin(self) -> None:
        """Be ready to type at."""

    @property
    def has_text(self) -> bool:
        """Whether something is being typed, as far as that is known."""

    def ask(self, prompt: str) -> None:
        """Show `prompt` where one types, if there is a place for it."""

    def hide(self, prompt: str) -> bool:
        """Show `prompt`, and nothing of what is typed, until `show`; whether that can be done here."""

    def show(self) -> None:
        """Show again what is typed, and what was typed before."""

    def read(self, data: bytes) -> Iterable[Entered | Spoilt | Closed]:
        """What is finished by what the terminal sent; by nothing, its end."""

    def put_back(self, text: str) -> None:
        """Give a line back that could not be done."""

    def forget(self, text: str) -> None:
        """What was entered last is not to be recalled."""

    def take_signal(self, number: int) -> bool:
        """Whether the signal was about the terminal, and nobody else need care."""

    def end(self) -> None:
        """Leave the terminal as it was."""


class PlainDesk:
    """The terminal's own line editing: simple terminals, screen readers, output that goes elsewhere. What was typed stays there."""

    def __init__(self, echo: Echo | None = None) -> None:
        self._echo = echo
        self._lines = LineBuffer(MAX_KEPT_LINE, ENDLESS)

    def begin(self) -> None: ...

    @property
    def has_text(self) -> bool:
        return False  # the terminal gives whole lines

    def ask(self, prompt: str) -> None: ...

    def hide(self, prompt: str) -> bool:  # noqa: ARG002 - one of the two kinds of desk
        return self._echo is not None and self._echo.hide()

    def show(self) -> None:
        if self._echo is not None:
            self._echo.release()

    def read(self, data: bytes) -> Iterable[Entered | Spoilt | Closed]:
        for raw in self._lines.feed(data or b"\n" * bool(self._lines.unfinished)):
            try:
                yield (
                    Spoilt(strings.LINE_CUT_BY_TERMINAL)
                    if isinstance(raw, Overlong)
                    else Entered(plain.decode_text(raw))
                )
            except Refusal as refusal:
                yield Spoilt(refusal.text)
        if not data:
            yield Closed()

    def put_back(self, text: str) -> None: ...

    def forget(self, text: str) -> None: ...

    def take_signal(self, number: int) -> bool:  # noqa: ARG002 - one of the two kinds of desk
        return False

    def end(self) -> None:
        self.show()


class RowDesk:
    """One row below all lines, drawn again whenever something comes in above it."""

    def __init__(self, paper: Paper, keyboard: Keyboard, columns: Callable[[], int]) -> None:
        self._paper = paper
        self._keyboard = keyboard
        self._columns = columns
        self._editor = LineEditor()
        self._hidden: LineEditor | None = None
        """Where what must not be seen, nor recalled, is typed meanwhile."""
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._prompt = ""

    def begin(self) -> None:
        self._keyboard.take()
        self._paper.show_row(self._row)

    def ask(self, prompt: str) -> None:
        self._prompt = prompt

    def hide(self, prompt: str) -> bool:
        self._prompt, self._hidden = prompt, LineEditor()
        return True

    def show(self) -> None:
        self._hidden = None

    def read(self, data: bytes) -> Iterable[Entered | Spoilt | Closed]:
        typed, editor = self._decoder.decode(data), None
        while editor is not self._editor_now:
            editor = self._editor_now
            for done in editor.type(typed):
                yield done
                if editor is not self._editor_now:  # whoever types ahead means what comes next
                    typed = editor.hand_over()
                    break
        if not data:
            yield Closed()

    @property
    def _editor_now(self) -> LineEditor:
        return self._hidden or self._editor

    @property
    def has_text(self) -> bool:
        return bool(self._editor.text)

    def put_back(self, text: str) -> None:
        self._editor.restore(text)

    def forget(self, text: str) -> None:
        self._editor.forget(text)

    def take_signal(self, number: int) -> bool:
        if number in (_CONTINUED, _RESIZED):
            self._paper.forget_row()
            self.begin()
        elif number == _STOP_KEY:
            self._rest()
        return number in (_CONTINUED, _RESIZED, _STOP_KEY)

    def end(self) -> None:
        self._paper.show_row(None)
        self._keyboard.release()

    def _rest(self) -> None:
        """Ctrl+Z: the shell gets the terminal as it was. The system tells with a signal when we go on."""
        self._paper.show_row(None)
        self._paper.flush()
        self._keyboard.release()
        os.kill(os.getpid(), signal.SIGSTOP)

    def _row(self) -> str:
        if self._hidden is not None:
            return self._prompt
        before, behind = self._editor.view(self._columns() - column_width(self._prompt))
        # The terminal itself remembers where the caret was: it knows best how wide it has drawn what stands before it.
        return f"{self._prompt}{before}" + (f"{_SAVE_CARET}{behind}{_RESTORE_CARET}" if behind else "")
