"""Where one says who one is: at the start, and again when a nickname can't be had."""

import unicodedata
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from server.protocol.errors import Refusal
from server.protocol.nickname import check_nickname
from tui_client import strings


class NicknameScreen(ModalScreen[str | None]):
    """Ends with an allowed nickname, or with nothing when its user leaves. `reason` says why it asks, if it asks again."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+q,escape", "leave", strings.KEY_QUIT, priority=True)]

    def __init__(self, reason: str, nick: str) -> None:
        super().__init__()
        self._reason = reason
        self._nick = nick

    def compose(self) -> ComposeResult:
        with Vertical(id="nickname") as box:
            box.border_title = strings.NICK_AGAIN_TITLE if self._reason else strings.START_TITLE
            yield Static(Content(strings.START_QUESTION), id="question")
            yield Input(self._nick, placeholder=strings.START_PLACEHOLDER, select_on_focus=False)
            yield Static(Content(self._reason), id="reason")
            yield Static(Content(strings.START_HINT), id="hint")

    def on_mount(self) -> None:
        field = self.query_one(Input)
        field.cursor_blink = False
        field.focus()

    @on(Input.Submitted)
    def take(self, submitted: Input.Submitted) -> None:
        try:
            nick = check_nickname(unicodedata.normalize("NFC", submitted.value))
        except Refusal as refusal:
            self.query_one("#reason", Static).update(Content(refusal.text))
        else:
            self.dismiss(nick)

    def action_leave(self) -> None:
        self.dismiss(None)
