"""Whether a server that was never seen is the right one: its fingerprint, to be compared, and an answer that nobody gives by accident."""

from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from server.protocol.fingerprint import fingerprint_rows
from tui_client import strings
from tui_client.widgets.key_order import act, consume
from tui_client.widgets.sheets import OVER
from tui_client.widgets.topmost import TopmostScreen

CHOSEN, NOT_CHOSEN = "▸ ", "  "


class Answer(Static):
    """One of the two; it can be clicked, which is an answer at once."""

    ALLOW_SELECT = False

    class Given(Message):
        """The user has clicked it."""

        def __init__(self, *, is_right: bool) -> None:
            super().__init__()
            self.is_right = is_right

    def __init__(self, text: str, *, is_right: bool, id: str) -> None:  # noqa: A002 -- Textual's name for it
        super().__init__(id=id)
        self._text = text
        self._is_right = is_right
        self.show(is_chosen=False)

    def show(self, *, is_chosen: bool) -> None:
        """Look chosen, in more than colour, or not."""
        self.set_class(is_chosen, "-chosen")
        self.update(Content(f"{CHOSEN if is_chosen else NOT_CHOSEN}{self._text}{NOT_CHOSEN}"))

    def on_click(self) -> None:
        self.post_message(self.Given(is_right=self._is_right))


SMALL_ROWS, SHORT_ROWS, TALL_ROWS = 12, 18, 22
"""From here on there is room for what is to be compared with it, for what it means, and for empty rows between the sentences."""


class TrustScreen(TopmostScreen[bool]):
    """Ends with whether the server at `address`, whose certificate has `fingerprint`, is the right one.

    Nothing is chosen at first: whoever was typing when it came up, and presses Enter, has answered nothing.
    """

    CSS_PATH = OVER
    VERTICAL_BREAKPOINTS = [(0, "-tiny"), (SMALL_ROWS, "-small"), (SHORT_ROWS, "-short"), (TALL_ROWS, "-tall")]  # noqa: RUF012 -- Textual's own declaration

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "choose(True)", show=False),
        Binding("right", "choose(False)", show=False),
        Binding("tab,shift+tab,up,down", "choose_other", show=False),
        Binding("enter", "answer", show=False),
        Binding("escape", "end(False)", show=False),
        Binding("ctrl+q", "app.quit", show=False),
    ]

    def __init__(self, address: str, fingerprint: str) -> None:
        super().__init__()
        self._address = address
        self._fingerprint = fingerprint
        self._is_right: bool | None = None
        self._has_ended = False
        self.yes = Answer(strings.TRUST_YES, is_right=True, id="trust-yes")
        self.no = Answer(strings.TRUST_NO, is_right=False, id="trust-no")
        self.keys = Static(Content(strings.TRUST_KEYS), id="trust-keys")

    def compose(self) -> ComposeResult:
        with Vertical(id="trust") as box:
            box.border_title = strings.TRUST_TITLE
            yield Static(Content(self._address), id="trust-address")
            yield Static(Content(strings.TRUST_COMPARE), id="trust-compare")
            yield Static(Content("\n".join(fingerprint_rows(self._fingerprint))), id="trust-fingerprint")
            yield Static(Content(strings.TRUST_OTHERWISE), id="trust-otherwise")
            with Horizontal(id="trust-answers"):
                yield self.yes
                yield self.no
            yield self.keys

    async def on_key(self, event: events.Key) -> None:
        if await act(self, event):
            consume(event)

    def action_choose(self, is_right: bool) -> None:  # noqa: FBT001 -- an action's argument
        self._is_right = is_right
        self.yes.show(is_chosen=is_right)
        self.no.show(is_chosen=not is_right)
        self.keys.update(Content(strings.TRUST_KEYS))

    def action_choose_other(self) -> None:
        """What is safe comes first."""
        self.action_choose(self._is_right is False)

    def action_answer(self) -> None:
        if self._is_right is None:
            self.keys.update(Content(strings.TRUST_CHOOSE))
        else:
            self.action_end(self._is_right)

    @on(Answer.Given)
    def take(self, given: Answer.Given) -> None:
        self.action_end(given.is_right)

    def action_end(self, is_right: bool) -> None:  # noqa: FBT001 -- an action's argument
        """Once: a key that was pressed twice must not close the screen below."""
        if not self._has_ended:
            self._has_ended = True
            self.dismiss(is_right)
