"""Where a nickname is typed."""

import unicodedata

from textual import events
from textual.widgets import Input

from tui_client.widgets.key_order import act, consume


class NicknameField(Input):
    """One line that keeps the order of keys; its `nick` is in NFC, whatever the system sends."""

    async def on_key(self, event: events.Key) -> None:
        if await act(self, event):
            consume(event)

    @property
    def nick(self) -> str:
        """What stands here."""
        return unicodedata.normalize("NFC", self.value)
