"""Where a message is typed, completed and sent from. Runs on the UI thread; what the text means, the app decides.

In whisper mode, which shows, everything typed is for `partner` alone: for that person, not for a nickname. A text never loses whom
it was meant for: it is submitted with the partner of the moment at which Enter was pressed, and comes back with them.

A whisper that came back is not said to anybody else by whoever types on without looking: when the mode ends while it stands here,
it is put away, to be recalled. Recalled, a whisper is `@철수 …`, as if it were typed afresh: it shows a name, and means whoever has
that name by then.
"""

import re
from collections.abc import Callable
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
from tui_client.partners import Partner
from tui_client.recall import Recall
from tui_client.widgets.completing_area import CompletingArea

_ADDRESS = re.compile(r"@\S*\s*")
"""At the start of a text: who a whisper is for."""

_BLANK_LINES = re.compile(r"\A(?:[^\S\n]*\n)+")

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

    partner: reactive[Partner | None] = reactive(None, init=False)
    """For whom alone everything typed is; nobody for everyone."""

    @dataclass
    class Submitted(Message):
        """`text`, in NFC, is to be sent, to `partner` alone if there is one; the composer is empty again.

        `Composer.restore` takes it back.
        """

        composer: "Composer"
        text: str
        partner: Partner | None = None

        @property
        def control(self) -> "Composer":
            return self.composer

    @dataclass
    class PartnerChanged(Message):
        """What is typed from now on is for `partner` alone, or for everyone. `text` stands here, typed for `before`."""

        composer: "Composer"
        partner: Partner | None
        before: Partner | None
        text: str

        @property
        def control(self) -> "Composer":
            return self.composer

    @dataclass
    class PutAway(Message):
        """The whisper to `partner` that came back is out of the way; Up shows it again."""

        composer: "Composer"
        partner: Partner

        @property
        def control(self) -> "Composer":
            return self.composer

    def __init__(self, *, placeholder: str = "", id: str | None = None) -> None:  # noqa: A002 -- Textual's name for it
        super().__init__(placeholder=placeholder, id=id)
        self._placeholder = placeholder
        self._recall = Recall()
        self.deliver: Callable[[Composer.Submitted], object] = self.post_message
        """What takes a text that is submitted. It should do so at once: what is typed right behind `/귓속말 철수` is for 철수."""
        self._addressee: Partner | None = None
        """The partner when Enter was pressed."""
        self._came_back = ""
        """A whisper that was not sent, as it was put back here."""

    def restore(self, text: str, partner: Partner | None) -> None:
        """Give back what was submitted and not sent, to be for whom it was for, before whatever has been typed since.

        If either of the two is a whisper, both are one now; two whispers to different people are kept apart.
        """
        self.hurry()  # an Enter that waits for a late syllable was pressed on what stands here, not on this
        self._recall.forget(_recalled(text, partner))
        if partner and self.partner and partner.uid != self.partner.uid:
            self._put_away(self.partner)
        typed_since = self.whole_text
        self.partner = partner or (self.partner if typed_since else None)
        self.show_text("\n".join(part for part in (text, typed_since) if part))
        self._came_back = self.whole_text if self.partner else ""

    def forget(self, text: str, partner: Partner | None) -> None:
        """What was submitted last is not to be recalled."""
        self._recall.forget(_recalled(text, partner))

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
        text = _without_blank_ends(self.whole_text)
        if text:
            self._take_out(text, self._addressee)
            self.deliver(self.Submitted(self, text, self._addressee))

    def _take_out(self, text: str, partner: Partner | None) -> None:
        """Leave nothing here; `text`, which stood here for `partner`, can be recalled."""
        self._recall.add(_recalled(text, partner))
        self.load_text("")
        self._pasted.clear()
        self._came_back = ""

    # --- whispering ---------------------------------------------------------------------------------------------------

    def watch_partner(self, before: Partner | None, partner: Partner | None) -> None:
        nick = partner.nick if partner else ""
        self.placeholder = Content(strings.whisper_placeholder(nick) if nick else self._placeholder)
        is_another = before is not None and (partner is None or partner.uid != before.uid)
        if before is not None and is_another and self._came_back and self._came_back in self.whole_text:
            self._put_away(before)
        self._show_mode(has_left=bool(before and self.text))
        self.post_message(self.PartnerChanged(self, partner, before, self.whole_text))

    def _put_away(self, partner: Partner) -> None:
        if self.whole_text:
            self._take_out(self.whole_text, partner)
            self.post_message(self.PutAway(self, partner))

    def _show_mode(self, *, has_left: bool) -> None:
        self.set_class(self.partner is not None, WHISPER)
        self.set_class(has_left and not self.partner, LEFT_WHISPER)
        title = strings.whispering_to(self.partner.nick) if self.partner else strings.ROOM_AGAIN if has_left else ""
        self.border_title = Content(title)

    def action_step_back(self) -> None:
        """Close what is offered, else leave whisper mode; else the screen has its turn."""
        if self.offer is not None:
            self.decline()
        elif self.partner:
            self.partner = None
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
            older = self._recall.older(self._whole_draft)
            if older is not None:
                self.show_text(older)
                return
        super().action_cursor_up(select)

    def action_cursor_down(self, select: bool = False) -> None:  # noqa: FBT001, FBT002
        if not (select or self.has_choice) and self.navigator.is_last_wrapped_line(self.cursor_location):
            newer = self._recall.newer(self._whole_draft)
            if newer is not None:
                self.show_text(newer)
                return
        super().action_cursor_down(select)

    @property
    def _whole_draft(self) -> str:
        """What stands here, as it is recalled."""
        return _recalled(self.whole_text, self.partner) if self.text else ""

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
        text = _without_blank_ends(self.whole_text)
        lines = text.count("\n") + 1
        is_too_long = len(text) > MAX_TEXT_CHARS or lines > MAX_TEXT_LINES
        self.set_class(is_too_long, TOO_LONG)
        size = strings.text_size(len(text), lines, MAX_TEXT_CHARS, MAX_TEXT_LINES) if is_too_long else ""
        self.border_subtitle = Content(size)


def _without_blank_ends(text: str) -> str:
    """`text` without blank lines before and behind it, and without blanks at its end: whoever copies lines gets these for free."""
    return _BLANK_LINES.sub("", text).rstrip()


def _recalled(text: str, partner: Partner | None) -> str:
    """How a text that was typed for `partner` is recalled: by itself it would be for everyone."""
    sign, rest = split_sign(text)
    return text if sign or partner is None else f"{WHISPER_SIGN}{partner.nick} {rest}"
