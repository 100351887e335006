"""Who is in the room after the newest event, kept in the log's file: a restart takes it up from there.

Changes with the events that say so, in their transaction; of which installation somebody is no event says. Knows SQL, and nothing of grace.
"""

import sqlite3
from collections.abc import Iterable
from typing import Final

from server.log.seating import ClientOf, KeptSeat
from server.log.store import Record
from server.protocol.events import Joined, Left, Renamed

# OR REPLACE: of two seats under one nickname only the newer can be there.
_JOINED: Final = "INSERT OR REPLACE INTO seats (since, uid, nick, plain) VALUES (?, ?, ?, ?)"
_RENAMED: Final = "UPDATE OR REPLACE seats SET nick = ? WHERE uid = ? AND nick = ?"
_OF_DEVICE: Final = "UPDATE seats SET device = ? WHERE uid = ?"
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


def keep_device(connection: sqlite3.Connection, client: ClientOf) -> None:
    """Let the seats of this client be those of one of this installation; after `keep_seats`."""
    connection.execute(_OF_DEVICE, (client.device, client.uid))


def read_seats(connection: sqlite3.Connection, *, plain: bool) -> tuple[KeptSeat, ...]:
    """Those of plain clients, or all others, in the order in which they were taken."""
    rows = connection.execute("SELECT uid, nick, device FROM seats WHERE plain = ? ORDER BY since", (plain,)).fetchall()
    return tuple(KeptSeat(*row) for row in rows)
