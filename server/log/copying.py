"""A database's pages, copied as they are. SQLite reads them in one transaction: what is committed meanwhile is not in the copy, and keeps
nobody waiting.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

from server.log.database import connect
from server.log.whole_file import whole_file


def copy_pages(source: sqlite3.Connection, target: Path) -> None:
    """Copy an open database into the empty file `target`. Raises sqlite3.Error."""
    with closing(connect(target)) as copy:
        copy.execute("PRAGMA journal_mode = OFF")  # it counts for nothing before it is whole,
        copy.execute("PRAGMA synchronous = OFF")  # and is synced then
        source.backup(copy)


def keep_copy(source: sqlite3.Connection, target: Path) -> None:
    """Copy an open database to a new file: also one whose name is gone. Raises FileExistsError, OSError, sqlite3.Error."""
    with whole_file(target) as part:
        copy_pages(source, part)
