"""Where a secret is asked for: the room's password, an operator's key."""

from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from server.protocol.password import Password
from tui_client import strings
from tui_client.widgets.secret_field import SecretField
from tui_client.widgets.typing_area import LATE_SYLLABLE_S


@dataclass(frozen=True, slots=True)
class SecretPrompt:
    """What is said where it is typed. `reason` is why it is asked again, if it is; `keys`, what they do there."""

    title: str
    question: str
    keys: str
    reason: str = ""


class SecretScreen(ModalScreen[Password | None]):
    """Ends with what was typed, or with nothing when its user doesn't want to say it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "end(None)", show=False),
        Binding("ctrl+q", "app.quit", show=False),
    ]

    def __init__(self, prompt: SecretPrompt) -> None:
        super().__init__()
        self._prompt = prompt
        self._is_taking = self._has_ended = False

    def compose(self) -> ComposeResult:
        with Vertical(id="secret", classes="asking") as box:
            box.border_title = Content(self._prompt.title)
            yield Static(Content(self._prompt.question))
            yield SecretField(placeholder=strings.SECRET_PLACEHOLDER)
            yield Static(Content(self._prompt.reason), id="reason")
            yield Static(Content(self._prompt.keys), id="keys")

    def on_mount(self) -> None:
        self.query_one(SecretField).focus()

    @on(Input.Submitted)
    def take_soon(self) -> None:
        """Enter may have overtaken the last syllable."""
        if not self._is_taking:
            self._is_taking = True
            self.set_timer(LATE_SYLLABLE_S, self._take)

    def _take(self) -> None:
        self._is_taking = False
        if password := self.query_one(SecretField).take():
            self.action_end(password)

    def action_end(self, password: Password | None) -> None:
        """Once: a key that was pressed twice must not close the screen below."""
        if not self._has_ended:
            self._has_ended = True
            self.dismiss(password)
