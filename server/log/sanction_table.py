"""The sanctions in the log's file. Knows SQL, and nothing of what they keep anybody from.

A change stands with the event that tells of it, in its transaction. What has ended is deleted when something else changes.
"""

import sqlite3
from collections.abc import Iterable
from typing import Final

from server.log.sanctions import Kind, Lifted, Sanction
from server.log.store import Record

_KEEP: Final = (
    "INSERT INTO sanctions (kind, key, target, uid, device, operator, at, until) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)
_LIFT: Final = "DELETE FROM sanctions WHERE kind = ? AND key = ?"
_END: Final = "DELETE FROM sanctions WHERE until <= ?"
_ALL: Final = "SELECT kind, target, key, uid, device, operator, at, until FROM sanctions ORDER BY number"


def keep_sanctions(connection: sqlite3.Connection, records: Iterable[Record]) -> None:
    """Let the sanctions be as they are after `records`. Raises sqlite3.Error."""
    for at_ms, change in [(one.event.at, one.sanction) for one in records if one.sanction is not None]:
        connection.execute(_END, (at_ms,))
        connection.execute(_LIFT, (change.kind, change.key))
        if not isinstance(change, Lifted):
            whom = (change.kind, change.key, change.target, change.uid, change.device)
            connection.execute(_KEEP, (*whom, change.by, change.at_ms, change.until_ms))


def read_sanctions(connection: sqlite3.Connection) -> tuple[Sanction, ...]:
    """All of them, the oldest first, also such as have ended since. Raises sqlite3.Error."""
    return tuple(Sanction(Kind(kind), *rest) for kind, *rest in connection.execute(_ALL).fetchall())
