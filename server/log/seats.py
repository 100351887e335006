"""Who is in the room after the newest event, kept in the log's file: a restart takes it up from there.

Changes with the events that say so, in their transaction. Knows SQL, and nothing of grace.
"""

import sqlite3
from collections.abc import Iterable
from typing import Final

from server.log.store import Record
from server.protocol.events import Joined, Left, Member, Renamed

# OR REPLACE: of two seats under one nickname only the newer can be there.
_JOINED: Final = "INSERT OR REPLACE INTO seats (since, uid, nick, plain) VALUES (?, ?, ?, ?)"
_RENAMED: Final = "UPDATE OR REPLACE seats SET nick = ? WHERE uid = ? AND nick = ?"
_LEFT: Final = "DELETE FROM seats WHERE uid = ? AND nick = ?"


def keep_seats(connection: sqlite3.Connection, records: Iterable[Record]) -> None:
    """Let the seats be as they are after `records`."""
    for record in records:
        match record.event:
            case Joined(seq=seq, uid=uid, nick=nick):
                connection.execute(_JOINED, (seq, uid, nick, record.is_plain))
            case Renamed(uid=uid, nick=nick, was=was):
                connection.execute(_RENAMED, (nick, uid, was))
            case Left(uid=uid, nick=nick):
                connection.execute(_LEFT, (uid, nick))
            case _:
                pass  # whoever speaks keeps the seat


def read_seats(connection: sqlite3.Connection, *, plain: bool) -> tuple[Member, ...]:
    """Those of plain clients, or all others, in the order in which they were taken."""
    rows = connection.execute("SELECT uid, nick FROM seats WHERE plain = ? ORDER BY since", (plain,)).fetchall()
    return tuple(Member(uid, nick) for uid, nick in rows)
