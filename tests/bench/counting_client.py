"""chat-tui that counts what it shows: the same app on the same terminal, and at its end a file with what came of the flood.

`python -m tests.bench.counting_client PORT FOLDER` writes FOLDER/tally.json when it is left.
"""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from tests.bench.conversation import READER
from tests.bench.tally import TALLY, Tally
from tui_client import terminal
from tui_client.notifying import News
from tui_client.profile import Profile
from tui_client.wire import Address

terminal.prepare_environment(os.environ)

from tui_client.app import ChatApp  # noqa: E402 -- as chat-tui does: what Textual reads while it is imported stands before it


class CountingApp(ChatApp):
    """The app, and a tally of what it has shown."""

    tally: Tally

    def notify_of(self, news: Sequence[News]) -> None:
        super().notify_of(news)
        self.tally.take((one.nick, one.text) for one in news)


def main(port: int, folder: Path) -> None:
    """Chat until its user leaves."""
    terminal.apply_cures()
    app = CountingApp(Address("127.0.0.1", port), READER, Profile(folder), None, folder)
    app.tally = Tally()
    app.run()
    (folder / TALLY).write_bytes(msgspec.json.encode(app.tally))


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
