"""Where one types what is to be found."""

import unicodedata
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.widgets import Input
from textual.widgets.input import Selection

from server.protocol.text import clean_text
from tui_client.widgets.key_order import act, consume


class SearchField(Input):
    """One line that keeps the order of keys and holds whole syllables, whatever the system sends; a paste becomes one line.

    What stands here at first is selected: it can be used again, and what is typed takes its place.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+f", "select_all", show=False),
        Binding("ctrl+l", "clear_text", show=False),
    ]

    def __init__(self, value: str, *, placeholder: str, id: str | None = None) -> None:  # noqa: A002 -- Textual's name
        super().__init__(one_line(value), placeholder=placeholder, id=id, compact=True, select_on_focus=False)
        self.cursor_blink = False
        # At once, not when it is mounted: somebody may be typing by then.
        self.selection = Selection(0, len(self.value))

    async def on_key(self, event: events.Key) -> None:
        if self._join_jamo(event) or await act(self, event):
            consume(event)

    def on_paste(self, event: events.Paste) -> None:
        event.text = one_line(event.text)

    def set_text(self, text: str) -> None:
        """Let `text` stand here, with the caret behind it."""
        self.value = text
        self.cursor_position = len(text)

    def catch(self, event: events.Key | events.Paste) -> None:
        """Take what was typed when nothing had the focus yet, or something that takes no letters."""
        if isinstance(event, events.Key) and not event.is_printable:
            return
        text = one_line(event.text) if isinstance(event, events.Paste) else event.character or ""
        self.screen.set_focus(self)
        self.replace(text, *sorted(self.selection))
        event.stop()

    def action_clear_text(self) -> None:
        self.set_text("")

    def _join_jamo(self, event: events.Key) -> bool:
        """Join a typed jamo or mark to the character before the caret, if the two are one in NFC; macOS sends 한 as ㅎ, ㅏ, ㄴ."""
        character, caret = event.character, self.cursor_position
        if (
            character is None
            or character.isascii()
            or not event.is_printable
            or not self.selection.is_empty
            or not caret
        ):
            return False
        composed = unicodedata.normalize("NFC", self.value[caret - 1] + character)
        if len(composed) != 1:
            return False
        self.replace(composed, caret - 1, caret)
        return True


def one_line(text: str) -> str:
    """`text` as it can stand in one line: cleaned, its line ends as blanks."""
    return clean_text(text).replace("\n", " ")
