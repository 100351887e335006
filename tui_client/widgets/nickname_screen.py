"""Where one says who one is: at the start, and again when that nickname can't be had."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from server.protocol.errors import Refusal
from server.protocol.nickname import check_nickname
from tui_client import strings
from tui_client.widgets.nickname_field import NicknameField
from tui_client.widgets.topmost import TopmostScreen


class NicknameScreen(TopmostScreen[str | None]):
    """Ends with an allowed nickname, or with nothing when its user leaves. `reason` says why it asks, if it asks again."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+q", "end(None)", show=False)]

    def __init__(self, reason: str, nick: str) -> None:
        super().__init__()
        self._reason = reason
        self._nick = nick
        self._has_ended = False

    def compose(self) -> ComposeResult:
        with Vertical(id="nickname") as box:
            box.border_title = strings.NICK_AGAIN_TITLE if self._reason else strings.START_TITLE
            yield Static(Content(strings.START_QUESTION))
            yield NicknameField(self._nick, placeholder=strings.START_PLACEHOLDER, select_on_focus=False)
            yield Static(Content(self._reason), id="reason")
            yield Static(Content(strings.START_HINT), id="keys")

    def on_mount(self) -> None:
        field = self.query_one(NicknameField)
        field.cursor_blink = False
        field.focus()

    @on(Input.Submitted)
    def take(self) -> None:
        try:
            nick = check_nickname(self.query_one(NicknameField).nick)
        except Refusal as refusal:
            self.query_one("#reason", Static).update(Content(refusal.text))
        else:
            self.action_end(nick)

    def action_end(self, nick: str | None) -> None:
        """Once: a key that was pressed twice must not close the screen below."""
        if not self._has_ended:
            self._has_ended = True
            self.dismiss(nick)
