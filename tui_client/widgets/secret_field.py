"""Where a secret is typed."""

from textual import events
from textual.widgets import Input

from server.protocol.password import Password
from tui_client.widgets.key_order import act, consume


class SecretField(Input):
    """One line that keeps the order of keys, shows no more than how many there were, and lets nothing be copied."""

    def __init__(self, *, placeholder: str) -> None:
        super().__init__(password=True, placeholder=placeholder, select_on_focus=False)
        self.cursor_blink = False

    async def on_key(self, event: events.Key) -> None:
        if await act(self, event):
            consume(event)

    def take(self) -> Password:
        """What stands here; nothing does afterwards."""
        password = Password(self.value)
        self.value = ""
        return password

    def action_copy(self) -> None:
        """What is copied could be pasted where everybody reads it."""

    def action_cut(self) -> None:
        self.delete_selection()

    def _position_to_cell(self, position: int) -> int:
        """A dot takes one column, whatever it stands for; Textual counts what it stands for."""
        return position
