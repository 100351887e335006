"""chat-server controlled by the terminal `--terminal FILE`; with `--nohup` it ignores from the start that this goes, as nohup(1) does."""

import os
import signal
import sys

from server.__main__ import main


def _taken(option: str) -> bool:
    if option not in sys.argv:
        return False
    sys.argv.remove(option)
    return True


if __name__ == "__main__":
    if _taken("--nohup"):
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
    place = sys.argv.index("--terminal")
    _, terminal = sys.argv[place : place + 2]
    del sys.argv[place : place + 2]
    os.setsid()
    os.open(terminal, os.O_RDWR)  # the first one that the leader of a session opens controls it
    sys.exit(main())
