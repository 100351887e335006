"""chat-server on a machine whose clock somebody sets: `python -m tests.faults.shifted_server` takes all of its options.

The file `shift` in the home folder holds by how many seconds, as a double; whoever writes into it sets the clock, forwards or back.
Only the clock of this process is another one, and only the one that can be set: the monotonic one goes on as it does on any machine.
"""

import mmap
import os
import struct
import sys
import time
from pathlib import Path

SHIFT_FILE = "shift"
"""Below the home folder, which every server process of the tests has for itself."""


def main() -> int:
    path = Path(os.environ["HOME"]) / SHIFT_FILE
    with path.open("r+b") as file:
        shared = mmap.mmap(file.fileno(), 8)
    true_ns = time.time_ns

    def shifted_ns() -> int:
        return true_ns() + int(struct.unpack("d", shared[:8])[0] * 1e9)

    time.time_ns = shifted_ns
    time.time = lambda: shifted_ns() / 1e9

    from server.__main__ import main as serve  # only now: it may take the clock along by name

    return serve()


def set_shift(home: Path, seconds: float) -> None:
    """Set the clock of the server with this home folder."""
    path = home / SHIFT_FILE
    if not path.exists():
        path.write_bytes(bytes(8))
    with path.open("r+b") as file:
        file.write(struct.pack("d", seconds))


if __name__ == "__main__":
    sys.exit(main())
