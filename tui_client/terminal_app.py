"""The cures of a terminal's trouble that are behaviour of the app: keys in Hangul mode, the place of the caret, and how it is left.

Knows nothing of the chat.
"""

import asyncio
import logging
import signal
import sys
import threading

from textual import events
from textual.app import App, ReturnType
from textual.geometry import Offset
from textual.widget import Widget
from textual.widgets import Input, TextArea

from tui_client import strings
from tui_client.layout_keys import latin_key

logger = logging.getLogger(__name__)


class TerminalApp(App[ReturnType]):
    """An app in which every binding works in Hangul mode, and whose caret is where the focused widget's is."""

    async def on_event(self, event: events.Event) -> None:
        """Give keys with a modifier their Latin name: in Hangul mode, terminals report Ctrl+C as `ctrl+ㅊ`.

        Here, before anything else has looked at the key: an app's bindings are checked before any widget sees it.
        """
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

    def leave_on_signals(self) -> None:
        """Whoever ends this program from outside, or closes its window, also leaves the room, and the terminal clean."""
        if sys.platform != "win32" and threading.current_thread() is threading.main_thread():
            for number in (signal.SIGTERM, signal.SIGHUP):
                asyncio.get_running_loop().add_signal_handler(number, self.exit, None, 0)

    def _handle_exception(self, error: Exception) -> None:
        """A fault of ours: whoever mends it finds it in the log, and its victim gets a sentence. (In tests it is raised.)"""
        if self.is_headless:
            super()._handle_exception(error)
            return
        logger.error("the app failed", exc_info=error)
        self.exit(return_code=1, message=strings.CRASHED)
