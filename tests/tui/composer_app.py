"""An app around nothing but a composer, for tests."""

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.pilot import Pilot
from textual.widgets import Input

from tests.tui.until import until
from tui_client.partners import Partner
from tui_client.terminal_app import TerminalApp
from tui_client.widgets.composer import Composer
from tui_client.widgets.suggestions import Suggestions


class ComposerApp(TerminalApp[None]):
    CSS = """
    Vertical { height: 1fr; }
    Composer { height: auto; max-height: 7; border: round white !important; overflow-x: hidden; }
    Suggestions { overlay: screen; width: auto; max-width: 100%; border: round white; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("pageup", "note('pageup')"),
        Binding("end", "note('end')"),
        Binding("home", "note('home')"),
        Binding("escape", "note('escape')"),
        Binding("ctrl+f", "note('ctrl+f')"),
        Binding("ctrl+y", "note('ctrl+y')"),
        Binding("f6", "note('f6')"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.composer = Composer(placeholder="메시지 [b]를 입력하세요")
        self.suggestions = Suggestions(self.composer)
        self.sent: list[str] = []
        self.partners: list[Partner | None] = []
        """For whom each was."""
        self.changes: list[tuple[Partner | None, Partner | None, str]] = []
        """Partner, partner before and text at each change of the mode."""
        self.put_away: list[Partner] = []
        self.noted: list[str] = []

    def compose(self) -> ComposeResult:
        yield Vertical()
        yield self.composer
        yield self.suggestions
        yield Input()

    def on_mount(self) -> None:
        self.composer.focus()

    def on_composer_submitted(self, message: Composer.Submitted) -> None:
        self.sent.append(message.text)
        self.partners.append(message.partner)

    def on_composer_partner_changed(self, message: Composer.PartnerChanged) -> None:
        self.changes.append((message.partner, message.before, message.text))

    def on_composer_put_away(self, message: Composer.PutAway) -> None:
        self.put_away.append(message.partner)

    def action_note(self, text: str) -> None:
        self.noted.append(text)

    def type(self, *keys: str) -> None:
        """Keys as a terminal sends them in one go: all are waiting when the first is handled."""
        for key in keys:
            self.post_message(events.Key(key, " " if key == "space" else key if len(key) == 1 else None))


async def sent(pilot: Pilot[None], app: ComposerApp, *texts: str) -> None:
    await until(pilot, lambda: app.sent == list(texts))


async def send(pilot: Pilot[None], app: ComposerApp, *texts: str) -> None:
    """Send texts one after the other, as a person does."""
    for text in texts:
        app.composer.insert(text)
        await pilot.press("enter")
        await until(pilot, lambda expected=text: app.sent[-1:] == [expected])  # type: ignore[misc]
    app.sent.clear()
