"""chat-server controlled by the terminal `--terminal FILE`; with `--nohup` it ignores from the start that this goes, as nohup(1) does.

With `--left-behind FILE` it runs in the background of a shell that ends with its terminal; its pid is written there.
"""

import os
import signal
import sys
from pathlib import Path

from server.__main__ import main


def _value_of(option: str) -> str | None:
    """What stands behind `option`, which the server doesn't know."""
    if option not in sys.argv:
        return None
    place = sys.argv.index(option)
    _, value = sys.argv[place : place + 2]
    del sys.argv[place : place + 2]
    return value


def _be_left_behind(pid_file: Path) -> None:
    """Go on as a child in a group of its own; the leader of the session ends with its terminal, and nobody tells the child."""
    if os.fork():
        signal.pause()
    os.setpgid(0, 0)
    pid_file.write_text(str(os.getpid()), encoding="ascii")


if __name__ == "__main__":
    if "--nohup" in sys.argv:
        sys.argv.remove("--nohup")
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
    terminal, left_behind = _value_of("--terminal"), _value_of("--left-behind")
    assert terminal is not None
    os.setsid()
    os.open(terminal, os.O_RDWR)  # the first one that the leader of a session opens controls it
    if left_behind is not None:
        _be_left_behind(Path(left_behind))
    sys.exit(main())
