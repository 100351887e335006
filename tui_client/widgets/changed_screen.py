"""A server shows another certificate than it should: the whole screen says so. Runs on the UI thread."""

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from server.protocol.fingerprint import fingerprint_rows
from tui_client import strings
from tui_client.mailbox import CertificateChanged
from tui_client.trust import VERIFIED
from tui_client.widgets.key_order import act, consume
from tui_client.widgets.sheets import OVER
from tui_client.widgets.topmost import TopmostScreen

TALL_ROWS = 22
"""From here on there is room for empty rows between the sentences."""


class ChangedScreen(TopmostScreen[None]):
    """Esc closes it, and no key that somebody may be about to press: whoever is typing when it comes up has to see it."""

    CSS_PATH = OVER
    VERTICAL_BREAKPOINTS = [(0, "-short"), (TALL_ROWS, "-tall")]  # noqa: RUF012 -- Textual's own declaration

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", show=False),
        Binding("ctrl+q", "app.quit", show=False),
    ]

    def __init__(self, address: str, change: CertificateChanged) -> None:
        super().__init__()
        self._address = address
        self._change = change

    def compose(self) -> ComposeResult:
        change = self._change
        with VerticalScroll(id="changed") as box:
            box.border_subtitle = strings.CHANGED_KEYS
            title = strings.CHANGED_TITLE if change.is_remembered else strings.CHANGED_GIVEN_TITLE
            yield Static(Content(title), id="changed-title")
            yield Static(Content(self._address), id="changed-address")
            with Horizontal(id="changed-fingerprints"):
                yield from self._column(_expected_label(change), _expected_rows(change), "changed-expected")
                yield from self._column(strings.CHANGED_SHOWN, fingerprint_rows(change.shown), "changed-shown")
            yield Static(Content(strings.CHANGED_MEANING))
            yield Static(Content(strings.CHANGED_NOTHING_SENT))
            if change.is_remembered:
                yield Static(Content(strings.CHANGED_FORGET_ADVICE))
                yield Static(Content(strings.forget_command(self._address)), id="changed-command")
            else:
                yield Static(Content(strings.CHANGED_GIVEN_ADVICE))

    def _column(self, label: str, rows: Sequence[str], name: str) -> ComposeResult:
        with Vertical():
            yield Static(Content(label), classes="changed-label")
            yield Static(Content("\n".join(rows)), id=name)

    async def on_key(self, event: events.Key) -> None:
        if await act(self, event):
            consume(event)

    def action_close(self) -> None:
        if self.is_current:
            self.dismiss()


def _expected_label(change: CertificateChanged) -> str:
    return strings.CHANGED_EXPECTED if change.is_remembered else strings.CHANGED_GIVEN


def _expected_rows(change: CertificateChanged) -> Sequence[str]:
    return strings.CHANGED_VERIFIED if change.expected == VERIFIED else fingerprint_rows(change.expected)
