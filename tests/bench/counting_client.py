"""chat-tui that counts what it shows: the same app on the same terminal, and at its end a file with what came of the flood.

`python -m tests.bench.counting_client PORT FOLDER [beating]` writes FOLDER/tally.json when it is left.
"""

import gc
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from tests.bench.conversation import READER
from tests.bench.heartbeat import Heartbeat
from tests.bench.tally import BEATING, TALLY, Tally
from tui_client import terminal
from tui_client.notifying import News
from tui_client.profile import Profile
from tui_client.wire import Address

gc.disable()  # as chat-tui does, too: the program itself is no garbage, and is never walked
terminal.prepare_environment(os.environ)

# As chat-tui does: what Textual reads while it is imported stands before it.
from textual.selection import Selection  # noqa: E402

from tui_client.app import ChatApp  # noqa: E402


class CountingApp(ChatApp):
    """The app, and a tally of what it has shown."""

    tally: Tally
    heartbeat: Heartbeat | None = None

    def on_ready(self) -> None:
        if self.heartbeat is not None:
            self.heartbeat.start()

    def take_stock(self) -> None:
        """Note what is shown now."""
        room = self._chat.room.get_selection(Selection(None, None))
        self.tally.members = self._chat.members.nicks
        self.tally.rows = room[0].split("\n") if room else ()
        self.tally.blocks = self.heartbeat.blocks if self.heartbeat is not None else ()

    def notify_of(self, news: Sequence[News]) -> None:
        super().notify_of(news)
        self.tally.take((one.nick, one.text) for one in news)


def main(port: int, folder: Path, *, beats: bool) -> None:
    """Chat until its user leaves."""
    terminal.apply_cures()
    app = CountingApp(Address("127.0.0.1", port), READER, Profile(folder), None, folder)
    app.tally = Tally()
    app.heartbeat = Heartbeat() if beats else None
    app.run()
    app.take_stock()
    (folder / TALLY).write_bytes(msgspec.json.encode(app.tally))


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), beats=BEATING in sys.argv[3:])
