"""A private file that several clients change: one at a time, and whoever reads meanwhile sees the old one or the new one, whole."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Final

LOCK_TRIES: Final = 10
LOCK_PAUSE_S: Final = 0.02
"""Another client needs a few milliseconds for a change; one that is stopped meanwhile must not stop this one's screen."""


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Reading, changing and writing `path` are one step. Raises OSError, BlockingIOError when another client doesn't end.

    The system lets go of the lock when a client dies. Where there is none (Windows, some networks), the last one wins.
    """
    descriptor = os.open(path.with_name(f".{path.name}.lock"), os.O_WRONLY | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        with suppress(ImportError):
            import fcntl

            _wait_for(partial(fcntl.flock, file, fcntl.LOCK_EX | fcntl.LOCK_NB))
        yield


def _wait_for(take: Callable[[], None]) -> None:
    """Try to take a lock until it is free, as long as nobody notices. Raises BlockingIOError."""
    for _ in range(LOCK_TRIES):
        try:
            return take()
        except BlockingIOError:
            time.sleep(LOCK_PAUSE_S)
        except OSError:
            return None  # there are no locks here
    return take()


def replace_whole(path: Path, content: bytes) -> None:
    """Put a whole private file at `path`. Raises OSError."""
    written = path.with_name(f".{path.name}.{os.getpid()}.new")
    written.unlink(
        missing_ok=True
    )  # of one that was killed; and what somebody else may have put there is not written through
    try:
        with os.fdopen(os.open(written, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        written.replace(path)
    finally:
        written.unlink(missing_ok=True)
