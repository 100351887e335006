"""Where a message is typed. Runs on the UI thread; what the text means, and whether it is sent, the app decides.

Every key goes through here first, since what a terminal makes of a Korean input method needs help: Enter may overtake
the last syllable, some systems send Hangul as loose jamo, and keys that arrive together must keep their order.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.actions import SkipAction
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.timer import Timer
from textual.widgets import TextArea

from tui_client.widgets.key_order import act, consume
from tui_client.widgets.recall import Recall

_ADDRESS = re.compile(r"@\S*\s*")
"""At the start of a text: who a whisper is for."""

LATE_SYLLABLE_S = 0.025
"""How long after Enter a syllable may still belong before it: the two take different ways through the input method."""


class Composer(TextArea):
    """A text area of one to five lines that sends on Enter.

    Ctrl+J, and Shift+Enter where the terminal tells it apart, make a line. Up in the first row and Down in the last walk
    through what was sent before.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+j,shift+enter", "newline", show=False),
        Binding("ctrl+l", "clear_text", show=False),
    ]

    @dataclass
    class Submitted(Message):
        """`text`, in NFC, is to be sent; the composer is empty again. `Composer.restore` takes it back."""

        composer: "Composer"
        text: str

        @property
        def control(self) -> "Composer":
            return self.composer

    def __init__(self, *, placeholder: str = "", id: str | None = None) -> None:  # noqa: A002 -- Textual's name for it
        # As content, since a plain string would be read as markup.
        super().__init__(id=id, placeholder=Content(placeholder), highlight_cursor_line=False, compact=True)
        self.cursor_blink = False  # a caret that stands still is found by the eye, and the idle screen sleeps
        self.match_cursor_bracket = False
        self._recall = Recall()
        self._enter_timer: Timer | None = None
        """Runs while an Enter waits for a syllable that it has overtaken."""
        self._late = ""
        """What has come since that Enter and may belong before it."""

    def restore(self, text: str) -> None:
        """Give back a submitted text that was not sent, before whatever has been typed since."""
        self._recall.forget(text)
        self._show("\n".join(part for part in (text, self.text) if part))

    def address(self, nick: str) -> None:
        """Make what is typed a whisper to `nick`: whatever stands here becomes its text, whomever it was meant for."""
        text = _ADDRESS.sub("", self.text, count=1) if self.text.startswith("@") else self.text
        self._show(f"@{nick} {text}")

    # --- typing -------------------------------------------------------------------------------------------------------

    async def on_key(self, event: events.Key) -> None:
        if self._enter_timer is not None and not self._keep_late(event):
            self._split_at_enter()
        if event.key == "enter":
            self._wait_for_late_syllable()
            consume(event)
        elif self._enter_timer is not None or self._join_jamo(event) or await act(self, event):
            consume(event)

    def on_paste(self, event: events.Paste) -> None:
        if self._enter_timer is not None:
            self._split_at_enter()
        event.text = unicodedata.normalize("NFC", event.text)

    def action_clear_text(self) -> None:
        """Begin anew; undo brings back what stood here."""
        self.replace("", self.document.start, self.document.end, maintain_selection_offset=False)

    def on_blur(self) -> None:
        self.hurry()

    def hurry(self) -> None:
        """Don't wait any longer for a syllable that Enter may have overtaken."""
        if self._enter_timer is not None:
            self._join_late()

    def _join_jamo(self, event: events.Key) -> bool:
        """Join a typed jamo or mark to the character before the caret, if the two are one in NFC.

        macOS and some mobile keyboards send 한 as ㅎ, ㅏ, ㄴ. Left apart, Backspace would eat a syllable piecemeal.
        """
        row, column = self.cursor_location
        if event.character is None or event.character.isascii() or not event.is_printable or column == 0:
            return False
        before = self.document.get_line(row)[column - 1]
        composed = unicodedata.normalize("NFC", before + event.character)
        if len(composed) != 1 or not self.selection.is_empty:
            return False
        self.replace(composed, (row, column - 1), (row, column), maintain_selection_offset=False)
        return True

    def action_newline(self) -> None:
        start, end = self.selection
        self.replace("\n", start, end, maintain_selection_offset=False)

    # --- sending ------------------------------------------------------------------------------------------------------

    # An Enter is a mark in the stream of keys; what stands before it is the message. Only a syllable that the input method
    # had in hand when Enter was pressed can come late: it is Hangul, and within 25 ms nobody composes a new one, since that
    # takes two strokes at least. So Hangul that comes right after Enter, and is followed by nothing, belongs before it. If
    # anything else follows that fast, a machine is typing (a script, a paste without brackets), its order is right, and all
    # that came after Enter is the beginning of the next message. Either way no key is lost.

    def _wait_for_late_syllable(self) -> None:
        self._enter_timer = self.set_timer(LATE_SYLLABLE_S, self._join_late)

    def _keep_late(self, event: events.Key) -> bool:
        """Keep a key that may be a late syllable; say whether it was one."""
        if event.character is None or not _is_hangul(event.character):
            return False
        self._late += event.character
        return True

    def _join_late(self) -> None:
        """The time is over: what came late belongs to the message."""
        late = self._end_waiting()
        if late:
            start, end = self.selection
            self.replace(late, start, end, maintain_selection_offset=False)
        self._submit()

    def _split_at_enter(self) -> None:
        """More has come than a late syllable: the message ended at Enter."""
        late = self._end_waiting()
        self._submit()
        self.insert(late)

    def _end_waiting(self) -> str:
        if self._enter_timer is not None:
            self._enter_timer.stop()
            self._enter_timer = None
        late, self._late = self._late, ""
        return late

    def _submit(self) -> None:
        text = unicodedata.normalize("NFC", self.text)
        if text.strip():
            self._recall.add(text)
            self.load_text("")
            self.post_message(self.Submitted(self, text))

    # --- moving -------------------------------------------------------------------------------------------------------

    def action_cursor_up(self, select: bool = False) -> None:  # noqa: FBT001, FBT002 -- Textual's signature
        if not select and self.navigator.is_first_wrapped_line(self.cursor_location):
            older = self._recall.older(self.text)
            if older is not None:
                self._show(older)
                return
        super().action_cursor_up(select)

    def action_cursor_down(self, select: bool = False) -> None:  # noqa: FBT001, FBT002
        if not select and self.navigator.is_last_wrapped_line(self.cursor_location):
            newer = self._recall.newer(self.text)
            if newer is not None:
                self._show(newer)
                return
        super().action_cursor_down(select)

    def action_cursor_page_up(self) -> None:
        """Five lines have no pages; the message log behind the app's binding has."""
        raise SkipAction

    def action_cursor_page_down(self) -> None:
        raise SkipAction

    def action_cursor_line_start(self, select: bool = False) -> None:  # noqa: FBT001, FBT002
        if not self.text:
            raise SkipAction
        super().action_cursor_line_start(select)

    def action_cursor_line_end(self, select: bool = False) -> None:  # noqa: FBT001, FBT002
        """With nothing left to go to the end of, the app's binding for the key has its turn."""
        if self.cursor_at_end_of_text and self.selection.is_empty:
            raise SkipAction
        super().action_cursor_line_end(select)

    def on_resize(self) -> None:
        # Textual wraps the text anew but remembers the caret's old place until it is moved.
        self.scroll_cursor_visible()

    def _show(self, text: str) -> None:
        self.load_text(text)
        self.move_cursor(self.document.end)


def _is_hangul(text: str) -> bool:
    """Whether `text` is what a Korean input method commits: syllables, or jamo that stand alone, composed or loose."""
    return all("가" <= char <= "힣" or "ㄱ" <= char <= "ㆎ" or "ᄀ" <= char <= "ᇿ" for char in text)
