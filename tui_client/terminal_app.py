"""The terminal around the app: keys in Hangul mode, the place of the caret, bell, title and desktop, and how it is left.

What is written to the terminal goes through the app's driver, on the UI thread, between two frames. Knows nothing of the chat.
"""

import asyncio
import base64
import logging
import os
import re
import signal
import sys
import threading
from collections.abc import Mapping, Sequence
from typing import Final

from textual import events
from textual.app import App, ReturnType
from textual.filter import LineFilter, Monochrome, NoColor
from textual.geometry import Offset
from textual.widget import Widget
from textual.widgets import Input, TextArea

from server.protocol.text import excerpt
from tui_client import strings
from tui_client.korean.layout_keys import latin_key
from tui_client.settings import Desktop

logger = logging.getLogger(__name__)

MAX_TITLE_CHARS: Final = 100
MAX_NOTE_CHARS: Final = 300
"""Bounds of what is handed to the terminal in one sequence: GNU screen and old terminals give up at 512 bytes and more."""

LEAVING_S: Final = 5.0
"""After a signal: more than twice what saying goodbye to the server may take."""

PUSH_TITLE, POP_TITLE = "\x1b[22;2t", "\x1b[23;2t"
"""The terminal keeps the title that it had (xterm's window operations); those that don't know this ignore it."""

_NO_COLOUR: Final = NoColor()


class TerminalApp(App[ReturnType]):
    """An app in which every binding works in Hangul mode, and whose caret is where the focused widget's is."""

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        super().__init__()
        self._environ = environ
        self.no_color = bool(environ.get("NO_COLOR"))  # no-color.org: when present and not empty
        self._terminal_title: str | None = None
        """What the terminal's title was set to; None as long as it is not ours."""

    async def on_event(self, event: events.Event) -> None:
        """Give keys with a modifier their Latin name: in Hangul mode, terminals report Ctrl+C as `ctrl+ㅊ`.

        Here, before anything else has looked at the key: an app's bindings are checked before any widget sees it.
        """
        if isinstance(event, events.InputEvent) and not self.screen_stack:
            return  # the app is leaving: there is nobody left to whom a key could mean anything
        if isinstance(event, events.Key):
            event.key = latin_key(event.key)
        self.prepare_typing(event)
        await super().on_event(event)

    def prepare_typing(self, event: events.Event) -> None:
        """Called before an event goes anywhere: the last moment at which the focus may be put where what is typed belongs."""

    @property
    def typing_target(self) -> Widget | None:
        """Where what is typed goes: by default the widget that has the focus."""
        return self.focused

    @property
    def cursor_position(self) -> Offset:
        """Where the terminal's cursor is put after each drawing: the input method shows there what is being composed.

        Textual has widgets write this down whenever their caret moves, which leaves it stale when the caret is moved by
        something else: a resize, a composer that grows. So it is asked for, not remembered.
        """
        match self.typing_target:
            case TextArea() as area:
                return area.cursor_screen_offset
            case Input() as field:
                # At the end of the text Textual counts the caret's own column too, and what is composed would float.
                return field.cursor_screen_offset - Offset(1 if field.cursor_at_end else 0, 0)
            case _:
                return Offset(0, 0)

    @cursor_position.setter
    def cursor_position(self, position: Offset) -> None:
        """What widgets write down is of no use."""

    # --- what is written to the terminal ------------------------------------------------------------------------------

    def write_sequence(self, sequence: str) -> None:
        """Have the terminal obey `sequence`. In tests there is none, and nothing is written."""
        if self._driver is not None:
            self._driver.write(sequence)

    def ring(self) -> None:
        """Ring the terminal's bell: a sound, a flash or a mark on its tab, as its user has set it."""
        self.write_sequence("\a")

    def notify_desktop(self, title: str, body: str, kind: Desktop) -> None:
        """Have the desktop show something, where the terminal understands `kind`."""
        if kind is not Desktop.OFF and understands_commands(self._environ):
            sequence = note_sequence(kind, excerpt(title, MAX_TITLE_CHARS), excerpt(body, MAX_NOTE_CHARS))
            self.write_sequence(through_tmux(sequence) if is_in_tmux(self._environ) else sequence)

    def set_terminal_title(self, text: str) -> None:
        """Name the terminal's window, or tmux's pane; its old name comes back when the app ends."""
        if text == self._terminal_title or not understands_commands(self._environ):
            return
        keep = PUSH_TITLE if self._terminal_title is None else ""
        self.write_sequence(f"{keep}\x1b]2;{excerpt(text, MAX_TITLE_CHARS)}\a")
        self._terminal_title = text

    async def on_unmount(self) -> None:
        if self._terminal_title is not None:
            # Emptied first, for terminals that have kept nothing: they show a title of their own then.
            self.write_sequence(f"\x1b]2;\a{POP_TITLE}")

    def get_line_filters(self) -> Sequence[LineFilter]:
        """With NO_COLOR nothing is coloured at all; Textual would draw in shades of grey, and colours those."""
        filters = [one for one in super().get_line_filters() if not isinstance(one, Monochrome)]
        return [*filters, _NO_COLOUR] if self.no_color else filters

    # --- how it is left -----------------------------------------------------------------------------------------------

    def leave_on_signals(self) -> None:
        """Whoever ends this program from outside, or closes its window, also leaves the room, and the terminal clean."""
        if sys.platform != "win32" and threading.current_thread() is threading.main_thread():
            for number in (signal.SIGTERM, signal.SIGHUP):
                asyncio.get_running_loop().add_signal_handler(number, self._leave_on_signal)

    def _leave_on_signal(self) -> None:
        """A terminal that is gone may hold up Textual's last words to it for ever; nobody is left to wait for them."""
        last_resort = threading.Timer(LEAVING_S, os._exit, (0,))
        last_resort.daemon = True
        last_resort.start()
        self.exit(None, 0)

    def _handle_exception(self, error: Exception) -> None:
        """A fault of ours: whoever mends it finds it in the log, and its victim gets a sentence. (In tests it is raised.)"""
        if self.is_headless:
            super()._handle_exception(error)
            return
        logger.error("the app failed", exc_info=error)
        self.exit(return_code=1, message=strings.CRASHED)


def understands_commands(environ: Mapping[str, str]) -> bool:
    """Whether the terminal takes operating system commands (OSC): Linux' own console would print them."""
    return environ.get("TERM", "") not in ("", "dumb", "linux")


def is_in_tmux(environ: Mapping[str, str]) -> bool:
    """Whether tmux stands between; `TERM` tells also through ssh."""
    return bool(environ.get("TMUX")) or environ.get("TERM", "").startswith("tmux")


def through_tmux(sequence: str) -> str:
    """`sequence` as tmux hands it on to the terminal around it, if its `allow-passthrough` is on."""
    return "\x1bPtmux;" + sequence.replace("\x1b", "\x1b\x1b") + "\x1b\\"


def note_sequence(kind: Desktop, title: str, body: str) -> str:
    """The command that makes the desktop show `title` and `body`, which are clean and on one line each."""
    match kind:
        case Desktop.OSC777:
            fields = (part.replace(";", "\uff1b") for part in (title, body))  # full-width: a `;` ends a field
            return f"\x1b]777;notify;{';'.join(fields)}\a"
        case Desktop.OSC99:
            encoded = [base64.b64encode(part.encode()).decode() for part in (title, body)]
            return f"\x1b]99;i=soksak:d=0:e=1;{encoded[0]}\a\x1b]99;i=soksak:d=1:p=body:e=1;{encoded[1]}\a"
        case Desktop.OSC9:
            # `9;4;…` is a progress bar to many, `9;1;…` a pause to ConEmu: what is said must not begin like that.
            return f"\x1b]9;{re.sub(r'^(?=[0-9]+;)', ' ', f'{title}: {body}' if title else body)}\a"
        case Desktop.OFF:
            return ""
