"""A process of one or more recording clients.

    python -m tests.faults.client PORT HOME HISTORIES [--window N] NICK ...

What comes on standard input is asked of all of them: see `person`. The process ends when all have left. If one of them fails, it says so
on standard error and ends with 1.
"""

import argparse
import os
import sys
import threading
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.faults.person import Talker, make_talker
from tui_client.wire import Address


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("port", type=int)
    parser.add_argument("home", type=Path)
    parser.add_argument("histories", type=Path)
    parser.add_argument("--window", type=int, default=1, help="how many of one's messages may be on their way at once")
    parser.add_argument("nicks", nargs="+")
    options = parser.parse_args(arguments)
    address = Address("127.0.0.1", options.port)
    people = [
        make_talker(address, nick, options.home, options.histories, window=options.window) for nick in options.nicks
    ]
    threads = [threading.Thread(target=_live, args=(talker,), name=talker.identity) for talker, _ in people]
    for thread in threads:
        thread.start()
    threading.Thread(target=_read_orders, args=([ask for _, ask in people],), daemon=True).start()
    for thread in threads:
        thread.join()
    return 0


def _live(talker: Talker) -> None:
    try:
        talker.run()
    except BaseException:  # noqa: BLE001 -- whatever it was, the test must see it
        traceback.print_exc()
        os._exit(1)


def _read_orders(asks: Sequence[Callable[[str], None]]) -> None:
    for line in sys.stdin:
        for ask in asks:
            ask(line)


if __name__ == "__main__":
    sys.exit(main())
