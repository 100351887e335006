"""Where a secret is asked for: the room's password, an operator's key. Runs on the UI thread."""

from collections.abc import Callable
from typing import ClassVar

from msgspec import Struct
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from server.protocol.password import Password
from tui_client import strings
from tui_client.widgets.secret_field import SecretField
from tui_client.widgets.topmost import TopmostScreen
from tui_client.widgets.typing_area import LATE_SYLLABLE_S


class SecretPrompt(Struct, frozen=True):
    """What is said where it is typed. `reason` is why it is asked again, if it is; `keys`, what they do there."""

    title: str
    question: str
    keys: str
    reason: str = ""


class SecretScreen(TopmostScreen[Password | None]):
    """Ends with what was typed, or with nothing when its user doesn't want to say it.

    With `offer` what was typed goes there, and the screen stays until somebody says what came of it: whoever types on meanwhile, or
    once more, does so unseen.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "end(None)", show=False),
        Binding("ctrl+q", "app.quit", show=False),
    ]

    def __init__(self, prompt: SecretPrompt, offer: Callable[[Password], None] | None = None) -> None:
        super().__init__()
        self._prompt = prompt
        self._offer = offer
        self._is_taking = self._is_offered = self._has_ended = False

    def compose(self) -> ComposeResult:
        with Vertical(id="secret", classes="asking") as box:
            box.border_title = Content(self._prompt.title)
            yield Static(Content(self._prompt.question))
            yield SecretField(placeholder=strings.SECRET_PLACEHOLDER)
            yield Static(Content(self._prompt.reason), id="reason")
            yield Static(Content(self._prompt.keys), id="keys")

    def on_mount(self) -> None:
        self.query_one(SecretField).focus()

    def accept(self) -> None:
        """What was offered is right."""
        if self.is_current:
            self.action_end(None)
        else:
            self._has_ended = True

    def refuse(self, reason: str) -> None:
        """What was offered, if anything was, is not taken; the next one may be."""
        if self._is_offered:
            self._is_offered = False
            self._say(reason)

    def on_screen_resume(self) -> None:
        """What lay over it is closed."""
        if self._has_ended:
            self.dismiss(None)

    def _say(self, text: str) -> None:
        self.query_one("#reason", Static).update(Content(text))

    @on(Input.Submitted)
    def take_soon(self) -> None:
        """Enter may have overtaken the last syllable."""
        if not (self._is_taking or self._is_offered):
            self._is_taking = True
            self.set_timer(LATE_SYLLABLE_S, self._take)

    def _take(self) -> None:
        self._is_taking = False
        if not (password := self.query_one(SecretField).take()):
            return
        if self._offer is None:
            self.action_end(password)
        else:
            self._is_offered = True
            self._say(strings.SECRET_IS_CHECKED)
            self._offer(password)

    def action_end(self, password: Password | None) -> None:
        """Once: a key that was pressed twice must not close the screen below."""
        if not self._has_ended:
            self._has_ended = True
            self.dismiss(password)
