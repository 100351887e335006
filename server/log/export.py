"""The log as JSON lines, from the file of a server that runs or of one that doesn't; of any version that we know.

Read page by page, each in a transaction of its own: a reader that holds one open for long would let a running server's file grow without
end. What is appended meanwhile is not exported; that nothing was taken away meanwhile shows in the numbers, which have no gap.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

from server.log.database import connect_to_existing, single_int
from server.log.failures import store_error
from server.log.schema import version_of
from server.log.spoken import checked
from server.log.store import StoreError
from server.protocol import phrases

_PAGE: Final = 1000
_AFTER: Final = "SELECT seq, CAST(line AS BLOB) FROM events WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?"


def export_lines(path: Path) -> Iterator[bytes]:
    """Every event of the log at `path` as it is on the wire, with its line end, oldest first. Raises StoreError."""
    try:
        with closing(connect_to_existing(path)) as connection:
            if not version_of(connection, path):
                raise StoreError(phrases.database_missing(str(path)))
            yield from _lines(connection)
    except FileNotFoundError as error:
        raise StoreError(phrases.database_missing(str(path))) from error
    except (sqlite3.Error, OSError) as error:
        raise store_error(path, error) from error


def _lines(connection: sqlite3.Connection) -> Iterator[bytes]:
    head = single_int(connection, "SELECT coalesce(max(seq), 0) FROM events")
    reached = 0
    while reached < head:
        rows: list[tuple[int, bytes]] = connection.execute(_AFTER, (reached, head, _PAGE)).fetchall()
        if not rows or (reached and rows[0][0] != reached + 1):
            raise StoreError(phrases.FORGOTTEN_MEANWHILE)
        checked(rows)
        for _, line in rows:
            yield line + b"\n"
        reached = rows[-1][0]
