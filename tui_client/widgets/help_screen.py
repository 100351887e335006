"""Everything that can be typed and pressed, on one screen over the chat."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tui_client import strings


class HelpScreen(ModalScreen[None]):
    """A table of what is typed or pressed, and what it does."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter,f1", "close", show=False),
        Binding("ctrl+q", "app.quit", show=False),
    ]

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="help") as box:
            box.border_title = strings.HELP_TITLE
            box.border_subtitle = strings.HELP_CLOSE
            for title, rows in strings.HELP:
                yield Static(Content(title), classes="help--title")
                with Container(classes="help--rows"):
                    for what, does in rows:
                        yield Static(Content(what))
                        yield Static(Content(does))

    def action_close(self) -> None:
        if self.is_current:
            self.dismiss()
