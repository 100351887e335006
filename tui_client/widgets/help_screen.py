"""Everything that can be typed and pressed, on one screen over the chat. Runs on the UI thread."""

from collections.abc import Sequence
from typing import ClassVar, Final

from rich.cells import cell_len
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical, VerticalScroll

from tui_client import strings
from tui_client.commands import EVERYBODYS, OPERATORS, CommandHelp
from tui_client.widgets.key_order import act, consume
from tui_client.widgets.key_table import KeyGrid, KeyTable, Row
from tui_client.widgets.sheets import OVER
from tui_client.widgets.topmost import TopmostScreen

WIDE_COLUMNS: Final = 152
"""From here on two columns of tables stand side by side without breaking a line."""


class HelpScreen(TopmostScreen[None]):
    """Tables of what is typed or pressed, and what it does: below what is needed most, to be scrolled; or all at a glance."""

    CSS_PATH = OVER
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE_COLUMNS, "-wide")]  # noqa: RUF012 -- Textual's own declaration

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter,f1", "close", show=False),
        Binding("ctrl+q", "app.quit", show=False),
    ]

    def compose(self) -> ComposeResult:
        operators = (strings.HELP_OPERATORS_TITLE, _command_rows(OPERATORS))
        typed = [(strings.HELP_TYPED_TITLE, _typed_rows()), operators, _table(strings.HELP_SEEN)]
        pressed = [_table(table) for table in strings.HELP_PRESSED]
        with VerticalScroll(id="help") as box:
            box.border_title = strings.HELP_TITLE
            box.border_subtitle = strings.HELP_CLOSE
            title, rows = _table(strings.HELP_FIRST)
            yield KeyGrid(title, rows)
            with Container(id="help-columns"):
                for tables in (typed, pressed):
                    key_columns = max(cell_len(row.key) for _, rows in tables for row in rows)
                    with Vertical():
                        for title, rows in tables:
                            yield KeyTable(title, rows, key_columns)

    async def on_key(self, event: events.Key) -> None:
        if await act(self, event):
            consume(event)

    def action_close(self) -> None:
        if self.is_current:
            self.dismiss()


def _typed_rows() -> Sequence[Row]:
    """Messages, and what everybody may type besides."""
    return [*(Row(*row) for row in strings.HELP_TYPED), *_command_rows(EVERYBODYS)]


def _command_rows(commands: Sequence[CommandHelp]) -> Sequence[Row]:
    """Each with its Korean word, and the English one aside."""
    return [Row(command.usage, command.does, f"/{command.words[1]}") for command in commands]


def _table(table: tuple[str, tuple[tuple[str, str], ...]]) -> tuple[str, Sequence[Row]]:
    title, rows = table
    return title, [Row(*row) for row in rows]
