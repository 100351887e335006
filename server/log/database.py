"""What every module that opens the log's file must agree on. Knows SQLite, nothing of events."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

APPLICATION_ID: Final = 0x536F6B73  # "Soks": tells our files from other SQLite databases

BUSY_TIMEOUT_S: Final = 0.25
"""How long one attempt waits for another program that has locked the file."""


class Orphaned(sqlite3.DatabaseError):
    """The file is empty or gone, but what was last written to it still waits beside it: SQLite would throw that away."""


def check_not_orphaned(path: Path) -> None:
    """To be asked before the file is opened or made. Raises Orphaned, and OSError if it can't be seen."""
    wal = path.with_name(f"{path.name}-wal")
    if not _size(path) and _size(wal):
        raise Orphaned(str(wal))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def connect(path: Path) -> sqlite3.Connection:
    """A connection that any thread may use, one at a time, and that begins no transaction by itself."""
    return sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=BUSY_TIMEOUT_S)


def connect_to_existing(path: Path) -> sqlite3.Connection:
    """The same, of a file that must be there: none is made. Raises FileNotFoundError, OSError, Orphaned."""
    check_not_orphaned(path)
    path.stat()
    uri = f"{path.resolve().as_uri()}?mode=rw"  # reading a WAL needs files beside it, also after a crash
    return sqlite3.connect(uri, uri=True, check_same_thread=False, isolation_level=None, timeout=BUSY_TIMEOUT_S)


def make_private(path: Path) -> None:
    """Make the file if it is not there, readable for its owner alone; SQLite gives those beside it the same rights."""
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))


def single_int(connection: sqlite3.Connection, query: str) -> int:
    """The one number that `query` gives."""
    with closing(connection.execute(query)) as cursor:
        return int(cursor.fetchone()[0])
