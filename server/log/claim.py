"""That a log's file is ours alone, and that it is still where it was: what is written into a file without a name is lost at the end.

Both only as far as we can know: of whoever overwrites the file in place, as `cp` of a backup does, only that it changed shows here.
"""

import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from server.log.database import check_not_orphaned, make_private
from server.log.failures import store_error
from server.log.store import StoreError
from server.protocol import phrases

_Identity = tuple[int, int]


class Claim:
    """Makes sure that this is the only server on `path`, until it is closed. Raises StoreError, Orphaned, OSError.

    A transaction that never ends, in a small database of its own beside it: a lock that works on every system, and that the
    system takes back by itself when we crash. Both files are made here, readable for their owner alone.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        check_not_orphaned(path)
        lock_path = path.with_name(path.name + ".lock")
        for file in (path, lock_path):
            make_private(file)
        self._guard = sqlite3.connect(lock_path, check_same_thread=False, isolation_level=None, timeout=0)
        try:
            self._guard.execute("PRAGMA journal_mode = MEMORY")  # nothing is ever written: no file for it
            self._guard.execute("BEGIN EXCLUSIVE")
        except sqlite3.Error as error:
            self._guard.close()
            if getattr(error, "sqlite_errorname", "").startswith("SQLITE_BUSY"):
                raise StoreError(phrases.database_in_use(str(path))) from error
            raise store_error(lock_path, error) from error
        self._path = path
        self._state = (0, 0)
        self.has_shrunk = False
        """Whether the log's file was smaller when it had changed last."""
        self._watched: Sequence[tuple[Path, _Identity]] = ()

    def watch(self, *besides: Path) -> None:
        """From now on the log's file and these, which are open, should stay where they are."""
        self._watched = [(path, _identity(path)) for path in (self._path, *besides)]
        self.has_changed()

    def is_lost(self) -> bool:
        """Whether one of them was deleted or replaced. Costs two microseconds a file."""
        return any(_is_another(path, known) for path, known in self._watched)

    def has_changed(self) -> bool:
        """Whether somebody, perhaps ourselves, has written to the log's file since this was last asked."""
        if not self._watched:
            return False
        was = self._state
        with suppress(OSError):  # we can't see it: that is no proof
            status = self._path.stat()
            self._state = status.st_mtime_ns, status.st_size
        self.has_shrunk = self._state[1] < was[1]
        return self._state != was

    def close(self) -> None:
        """Let others have it."""
        self._watched = ()
        self._guard.close()


def _identity(path: Path) -> _Identity:
    status = path.stat()
    return status.st_dev, status.st_ino


def _is_another(path: Path, known: _Identity) -> bool:
    try:
        return _identity(path) != known
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False  # we can't see it: that is no proof
