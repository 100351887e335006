"""Where a message is typed, completed and sent from. Runs on the UI thread; what the text means, the app decides.

In whisper mode, which shows, everything typed is for `partner` alone. A text never loses whom it was meant for: it is submitted
with the partner of the moment at which Enter was pressed, comes back with them, and is recalled as a whisper.
"""

import re
from dataclasses import dataclass
from typing import ClassVar

from textual.actions import SkipAction
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive

from server.protocol.plain import WHISPER_SIGN, split_sign
from server.protocol.text import MAX_TEXT_CHARS, MAX_TEXT_LINES
from tui_client import strings
from tui_client.widgets.completing_area import CompletingArea
from tui_client.widgets.recall import Recall

_ADDRESS = re.compile(r"@\S*\s*")
"""At the start of a text: who a whisper is for."""

WHISPER, LEFT_WHISPER, TOO_LONG = "-whisper", "-left-whisper", "-too-long"


class Composer(CompletingArea):
    """A text area of one to five lines that sends on Enter.

    Ctrl+J, and Shift+Enter where the terminal tells it apart, make a line. Up in the first row and Down in the last walk
    through what was sent before. While something is offered, Up and Down walk that, Tab takes it, and Esc closes it.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "enter", show=False),
        Binding("escape", "step_back", show=False),
    ]

    partner: reactive[str] = reactive("", init=False)
    """For whom alone everything typed is; nobody for everyone."""

    @dataclass
    class Submitted(Message):
        """`text`, in NFC, is to be sent, to `partner` alone if there is one; the composer is empty again.

        `Composer.restore` takes it back.
        """

        composer: "Composer"
        text: str
        partner: str = ""

        @property
        def control(self) -> "Composer":
            return self.composer

    @dataclass
    class PartnerChanged(Message):
        """What is typed from now on is for `partner` alone, or for everyone. `text` stands here, typed for `before`."""

        composer: "Composer"
        partner: str
        before: str
        text: str

        @property
        def control(self) -> "Composer":
            return self.composer

    def __init__(self, *, placeholder: str = "", id: str | None = None) -> None:  # noqa: A002 -- Textual's name for it
        super().__init__(placeholder=placeholder, id=id)
        self._placeholder = placeholder
        self._recall = Recall()
        self._addressee = ""
        """The partner when Enter was pressed."""

    def restore(self, text: str, partner: str | None = None) -> None:
        """Give back a submitted text that was not sent, before whatever has been typed since, and whom it was for.

        If either of the two was a whisper, both are one now. Without `partner` the mode stays as it is.
        """
        self._recall.forget(_recalled(text, self.partner if partner is None else partner))
        typed_since = self.whole_text
        if partner is not None and not (typed_since and self.partner):
            self.partner = partner
        self.show_text("\n".join(part for part in (text, typed_since) if part))

    def address(self, nick: str) -> None:
        """Make what is typed a whisper to `nick`: whatever stands here becomes its text, whomever it was meant for."""
        text = _ADDRESS.sub("", self.whole_text, count=1) if self.text.startswith(WHISPER_SIGN) else self.whole_text
        self.show_text(f"{WHISPER_SIGN}{nick} {text}")

    # --- sending ------------------------------------------------------------------------------------------------------

    def action_enter(self) -> None:
        self._addressee = self.partner
        self.end_typing(self._enter)

    def _enter(self) -> None:
        """Half a command can't be sent: it is completed, and seen. Only what stands here is ever sent."""
        if self.is_choosing:
            self.take(self.chosen)
        else:
            self._submit()

    def _submit(self) -> None:
        text = self.whole_text
        if text.strip():
            self._recall.add(_recalled(text, self._addressee))
            self.load_text("")
            self._pasted.clear()
            self.post_message(self.Submitted(self, text, self._addressee))

    # --- whispering ---------------------------------------------------------------------------------------------------

    def watch_partner(self, before: str, partner: str) -> None:
        self.placeholder = Content(strings.whisper_placeholder(partner) if partner else self._placeholder)
        self._show_mode(has_left=bool(before and self.text))
        self.post_message(self.PartnerChanged(self, partner, before, self.whole_text))

    def _show_mode(self, *, has_left: bool) -> None:
        self.set_class(bool(self.partner), WHISPER)
        self.set_class(has_left and not self.partner, LEFT_WHISPER)
        title = strings.whispering_to(self.partner) if self.partner else strings.ROOM_AGAIN if has_left else ""
        self.border_title = Content(title)

    def action_step_back(self) -> None:
        """Close what is offered, else leave whisper mode; else the screen has its turn."""
        if self.offer is not None:
            self.decline()
        elif self.partner:
            self.partner = ""
        else:
            raise SkipAction

    def update_suggestion(self) -> None:
        super().update_suggestion()
        self._show_size()
        if not self.text:
            self._show_mode(has_left=False)

    # --- moving -------------------------------------------------------------------------------------------------------

    def action_cursor_up(self, select: bool = False) -> None:  # noqa: FBT001, FBT002 -- Textual's signature
        if not (select or self.has_choice) and self.navigator.is_first_wrapped_line(self.cursor_location):
            older = self._recall.older(self.text)
            if older is not None:
                self.show_text(older)
                return
        super().action_cursor_up(select)

    def action_cursor_down(self, select: bool = False) -> None:  # noqa: FBT001, FBT002
        if not (select or self.has_choice) and self.navigator.is_last_wrapped_line(self.cursor_location):
            newer = self._recall.newer(self.text)
            if newer is not None:
                self.show_text(newer)
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

    # --- what it shows ------------------------------------------------------------------------------------------------

    def _show_size(self) -> None:
        """Say so before Enter does, if there is more than can be sent."""
        text = self.whole_text
        lines = text.count("\n") + 1
        is_too_long = len(text) > MAX_TEXT_CHARS or lines > MAX_TEXT_LINES
        self.set_class(is_too_long, TOO_LONG)
        size = strings.text_size(len(text), lines, MAX_TEXT_CHARS, MAX_TEXT_LINES) if is_too_long else ""
        self.border_subtitle = Content(size)


def _recalled(text: str, partner: str) -> str:
    """How a text that was typed for `partner` comes back: by itself it would be for everyone."""
    sign, rest = split_sign(text)
    return text if sign or not partner else f"{WHISPER_SIGN}{partner} {rest}"
