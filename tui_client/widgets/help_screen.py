"""Everything that can be typed and pressed, on one screen over the chat."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tui_client import strings
from tui_client.widgets.wrapping import pad


class HelpScreen(ModalScreen[None]):
    """A table of what is typed or pressed, and what it does. Esc, Enter or F1 close it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,enter,f1", "dismiss", strings.KEY_CLOSE)]

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="help") as box:
            box.border_title = strings.HELP_TITLE
            box.border_subtitle = strings.HELP_CLOSE
            for title, rows in strings.HELP:
                yield Static(Content(title), classes="help--title")
                columns = max(strings.HELP_KEY_COLUMNS, 1)
                yield Static(
                    Content("\n".join(f"{pad(what, columns)} {does}" for what, does in rows)), classes="help--rows"
                )
