"""The terminal around the app: keys in Hangul mode, the place of the caret, bell, title and desktop, and how it is left.

What is written to the terminal goes through the app's driver, on the UI thread, between two frames. Knows nothing of the chat.
"""

import base64
import logging
import os
import re
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import Final

from textual import events
from textual.app import App, ReturnType
from textual.driver import Driver
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
        self._wanted_title = ""
        self._unread = ExitStack()
        """Holds what keeps the app from drawing, while the terminal doesn't read."""
        self._is_unread = False
        self._has_missed_pictures = False

    def get_driver_class(self) -> type[Driver]:
        """Ours, where Textual would take its own for terminals."""
        chosen = super().get_driver_class()
        if sys.platform == "win32":
            return chosen
        from textual.drivers.linux_driver import LinuxDriver

        from tui_client.terminal_driver import TerminalDriver

        return TerminalDriver if chosen is LinuxDriver else chosen

    async def on_event(self, event: events.Event) -> None:
        """Give keys with a modifier their Latin name: in Hangul mode, terminals report Ctrl+C as `ctrl+ㅊ`.

        Here, before anything else has looked at the key: an app's bindings are checked before any widget sees it.
        """
        if isinstance(event, events.InputEvent) and not self.screen_stack:
            return  # the app is leaving: there is nobody left to whom a key could mean anything
        if isinstance(event, events.Key):
            event.key = latin_key(event.key)
        await self.prepare_typing(event)
        await super().on_event(event)

    async def prepare_typing(self, event: events.Event) -> None:
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
        self._wanted_title = text
        if not self._is_unread:
            self._write_title()

    def _write_title(self) -> None:
        text = self._wanted_title
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

    # --- while it doesn't read ----------------------------------------------------------------------------------------

    def on_terminal_driver_fell_behind(self) -> None:
        """Draw nothing more: the chat goes on, and only the newest picture will be of use to whoever looks again."""
        if not self._is_unread:
            self._is_unread = True
            self._unread.enter_context(self.batch_update())

    def on_terminal_driver_caught_up(self) -> None:
        """Draw what has changed in the meantime, and go on drawing."""
        self._is_unread = False
        self._unread.close()
        for screen in self.screen_stack:
            # They have looked for what has changed while nothing was to be drawn, and don't look again by themselves.
            screen.refresh() if self._has_missed_pictures else screen.check_idle()
        self._has_missed_pictures = False
        if self._wanted_title:
            self._write_title()

    def post_display_hook(self) -> None:
        """Called after a picture, also after one that Textual drops because nothing is to be drawn: the next is a whole one."""
        self._has_missed_pictures = self._is_unread

    # --- how it is left -----------------------------------------------------------------------------------------------

    def leave_on_signals(self) -> None:
        """Whoever ends this program from outside, or closes its window, also leaves the room, and the terminal clean."""
        if sys.platform != "win32" and not self.is_headless:
            from tui_client.terminal_driver import leave_on_signals

            leave_on_signals(self)

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
