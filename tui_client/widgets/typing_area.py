"""A text area in which Hangul is typed and large texts are pasted without loss. Knows nothing of messages. UI thread.

Every key goes through here first, since what a terminal makes of a Korean input method needs help: a key that ends typing may
overtake the last syllable, some systems send Hangul as loose jamo, and keys that arrive together must keep their order.
"""

import re
import unicodedata
from collections.abc import Callable
from typing import ClassVar, Final

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.timer import Timer
from textual.widgets import TextArea
from textual.widgets.text_area import Location, Selection

from server.protocol.text import clean_text
from tui_client.carets import first_cluster, last_cluster
from tui_client.korean import hangul
from tui_client.widgets.key_order import act, consume
from tui_client.widgets.pasted import Pasted

_is_joiner = re.compile("[\u200d\U000e0020-\U000e007f]").fullmatch
"""What stands between the parts of an emoji, or after its flag, and is nothing by itself: a joiner, and the tags of three flags."""

LATE_SYLLABLE_S: Final = 0.025
"""How long after Enter a syllable may still belong before it: the two take different ways through the input method."""

MAX_LAID_OUT_CHARS, MAX_LAID_OUT_LINES = 10_000, 1_000
"""Five times what may be sent, to be cut down by hand: here a key takes 20 ms. At a million characters it would take seconds."""

_FOR_THE_APP: Final = frozenset({"ctrl+f", "ctrl+y", "f6"})
"""Keys that have a use of their own in the chat: TextArea's are not needed."""


class TypingArea(TextArea, inherit_bindings=False):
    """Text in NFC. What is pasted is cleaned, and stands as a short label where it is too large; `whole_text` has it all."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *(binding for binding in Binding.make_bindings(TextArea.BINDINGS) if binding.key not in _FOR_THE_APP),
        Binding("ctrl+j,shift+enter", "newline", show=False),
        Binding("ctrl+l", "clear_text", show=False),
        Binding("ctrl+t", "convert", show=False),
        Binding("ctrl+shift+z", "redo", show=False),
    ]

    def __init__(self, *, placeholder: str = "", id: str | None = None) -> None:  # noqa: A002 -- Textual's name for it
        self._pasted = Pasted()
        # As content, since a plain string would be read as markup.
        super().__init__(id=id, placeholder=Content(placeholder), highlight_cursor_line=False, compact=True)
        self.cursor_blink = False  # a caret that stands still is found by the eye, and the idle screen sleeps
        self.match_cursor_bracket = False
        self._end_timer: Timer | None = None
        """Runs while a key that ends typing waits for a syllable that it has overtaken."""
        self._then: Callable[[], None] | None = None
        """What that key does."""
        self._late = ""
        """What has come since that key and may belong before it."""

    @property
    def whole_text(self) -> str:
        """What was typed and pasted, in NFC, in full."""
        return unicodedata.normalize("NFC", self._pasted.expand(self.text))

    def show_text(self, text: str) -> None:
        """Replace all that stands here, with the caret at its end."""
        self.load_text(text if _can_be_laid_out(text) else self._pasted.shorten(text))
        self.move_cursor(self.document.end)

    # --- typing -------------------------------------------------------------------------------------------------------

    async def on_key(self, event: events.Key) -> None:
        if self._then is not None:
            if self._keep_late(event):
                consume(event)
                return
            self.split_at_end()
        if self._join_jamo(event) or self._keep_joiner(event) or await act(self, event):
            consume(event)

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

    def _keep_joiner(self, event: events.Key) -> bool:
        """Insert what joins an emoji: Textual takes it for no character at all, and a family from an emoji picker would fall apart."""
        if event.character is None or _is_joiner(event.character) is None:
            return False
        self._replace_selection(event.character)
        return True

    def action_newline(self) -> None:
        self._replace_selection("\n")

    def action_clear_text(self) -> None:
        """Begin anew; undo brings back what stood here."""
        self.replace("", self.document.start, self.document.end, maintain_selection_offset=False)

    def action_convert(self) -> None:
        """What was typed in the wrong mode (한/영) becomes what was meant: the selection, or else everything."""
        selection = self.selection
        start, end = sorted(selection) if not selection.is_empty else (self.document.start, self.document.end)
        typed = unicodedata.normalize("NFC", self.get_text_range(start, end))
        converted = self._pasted.change_around(typed, hangul.convert)
        if converted == typed:
            return
        done = self.replace(converted, start, end, maintain_selection_offset=False)
        if not selection.is_empty:
            self.selection = Selection(start, done.end_location)

    def _replace_selection(self, text: str) -> None:
        start, end = self.selection
        self.replace(text, start, end, maintain_selection_offset=False)

    # --- a key that ends typing ---------------------------------------------------------------------------------------

    # Such a key is a mark in the stream of keys; what stands before it is meant. Only a syllable that the input method had in
    # hand when it was pressed can come late: it is Hangul, and within 25 ms nobody composes a new one, since that takes two
    # strokes at least. So Hangul that comes right after the mark, and is followed by nothing, belongs before it. If anything
    # else follows that fast, a machine is typing (a script, a paste without brackets), its order is right, and all that came
    # after the mark belongs after it. Either way no key is lost.

    def end_typing(self, then: Callable[[], None]) -> None:
        """Do `then` once a syllable that this key may have overtaken is there."""
        self.hurry()
        self._then = then
        self._end_timer = self.set_timer(LATE_SYLLABLE_S, self.hurry)

    def hurry(self) -> None:
        """Don't wait any longer: the time is over, or something else happens. What came late belongs to what was typed."""
        then, late = self._stop_waiting()
        if late:
            self._replace_selection(late)
        if then is not None:
            then()

    def _keep_late(self, event: events.Key) -> bool:
        """Keep a key that may be a late syllable; say whether it was one."""
        if event.character is None or not _is_hangul(event.character):
            return False
        self._late += event.character
        return True

    def split_at_end(self) -> None:
        """More has come than a late syllable: typing ended at the mark, if one is set."""
        then, late = self._stop_waiting()
        if then is not None:
            then()
        self.insert(late)

    def _stop_waiting(self) -> tuple[Callable[[], None] | None, str]:
        if self._end_timer is not None:
            self._end_timer.stop()
            self._end_timer = None
        then, self._then = self._then, None
        late, self._late = self._late, ""
        return then, late

    def on_blur(self) -> None:
        self.hurry()

    # --- pasting ------------------------------------------------------------------------------------------------------

    def on_paste(self, event: events.Paste) -> None:
        self.split_at_end()
        event.text = self._fitting(event.text)

    def action_paste(self) -> None:
        self._replace_selection(self._fitting(self.app.clipboard))

    def _fitting(self, text: str) -> str:
        """A pasted text as it goes in: clean, or the caret would stand elsewhere than it seems to; terminals end lines with CR."""
        text = clean_text(text.replace("\r\n", "\n").replace("\r", "\n"))
        return text if _can_be_laid_out(self.text + text) else self._pasted.shorten(text)

    # The caret is never inside a label: it is passed and deleted as one.

    def validate_selection(self, selection: Selection) -> Selection:
        if not self._pasted:
            return selection
        old = self.selection
        return Selection(self._beside_label(selection.start, old.start), self._beside_label(selection.end, old.end))

    def _beside_label(self, location: Location, came_from: Location) -> Location:
        """`location`, or the edge of the label around it that is away from where the caret was."""
        row, column = location
        if (label := self._pasted.label_around(self.document.get_line(row), column)) is None:
            return location
        start, end = label
        return (row, start if came_from > location else end)

    # Left, Right and what deletes there pass a whole character, as it is drawn, and not its pieces. Only these: while one is typed
    # in pieces, the caret stands between them.

    def get_cursor_left_location(self) -> Location:
        row, column = self.cursor_location
        whole = last_cluster(self.document.get_line(row), column)
        target = (row, column - len(whole)) if whole else super().get_cursor_left_location()
        return self._beside_label(target, self.cursor_location)

    def get_cursor_right_location(self) -> Location:
        row, column = self.cursor_location
        whole = first_cluster(self.document.get_line(row), column)
        target = (row, column + len(whole)) if whole else super().get_cursor_right_location()
        return self._beside_label(target, self.cursor_location)

    def get_cursor_word_left_location(self) -> Location:
        return self._beside_label(super().get_cursor_word_left_location(), self.cursor_location)

    def get_cursor_word_right_location(self) -> Location:
        return self._beside_label(super().get_cursor_word_right_location(), self.cursor_location)

    # --- its caret ----------------------------------------------------------------------------------------------------

    def on_resize(self) -> None:
        # Textual wraps the text anew but remembers the caret's old place until it is moved.
        self.scroll_cursor_visible()


def _can_be_laid_out(text: str) -> bool:
    return len(text) <= MAX_LAID_OUT_CHARS and text.count("\n") < MAX_LAID_OUT_LINES


def _is_hangul(text: str) -> bool:
    """Whether `text` is what a Korean input method commits: syllables, or jamo that stand alone, composed or loose."""
    return all("가" <= char <= "힣" or "ㄱ" <= char <= "ㆎ" or "ᄀ" <= char <= "ᇿ" for char in text)
