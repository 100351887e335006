"""The registered nicknames in the log's file. Knows SQL, and nothing of who may have which."""

import sqlite3
from collections.abc import Iterable
from typing import Final, assert_never

from server.log.names import NameChange, Registration, Released
from server.log.seating import ClientOf
from server.log.seats import keep_device

_KEEP: Final = "INSERT OR REPLACE INTO registered (key, nick, device, at, seen_at) VALUES (?, ?, ?, ?, ?)"
_RELEASE: Final = "DELETE FROM registered WHERE key = ?"
_ALL: Final = "SELECT key, nick, device, at, seen_at FROM registered ORDER BY at, key"


def keep_names(connection: sqlite3.Connection, changes: Iterable[NameChange]) -> None:
    """Let the names be as they are after `changes`. Raises sqlite3.Error."""
    for change in changes:
        match change:
            case Registration(key, nick, device, at_ms, seen_ms):
                connection.execute(_KEEP, (key, nick, device, at_ms, seen_ms))
            case Released(key):
                connection.execute(_RELEASE, (key,))
            case ClientOf():
                keep_device(connection, change)
            case _:
                assert_never(change)


def read_names(connection: sqlite3.Connection) -> tuple[Registration, ...]:
    """All of them, the oldest first. Raises sqlite3.Error."""
    return tuple(Registration(*row) for row in connection.execute(_ALL).fetchall())
