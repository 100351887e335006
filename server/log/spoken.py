"""What was said, read from the log in an SQLite file, many events at a time.

One SQL row brings many lines: between two rows SQLite's module gives the interpreter back to all who wait for it, and on a busy
server that would cost more than everything else.
"""

import json
import sqlite3
from collections.abc import Sequence
from typing import Final

import msgspec

from server.log.failures import Damaged

_JOINED: Final = "SELECT CAST(group_concat(line, char(10)) AS BLOB) FROM"
VISIBLE: Final = "(to_uid IS NULL OR to_uid = :viewer OR uid = :viewer)"
_NEWEST: Final = f"{_JOINED} (SELECT line FROM events WHERE seq >= :floor AND seq < :before AND {VISIBLE} ORDER BY seq DESC LIMIT :limit)"  # noqa: S608
_THESE: Final = f"{_JOINED} events WHERE seq IN (SELECT value FROM json_each(:seqs)) AND {VISIBLE}"  # noqa: S608
_ALL: Final = f"{_JOINED} events WHERE seq >= :floor AND seq < :before"


class Spoken(msgspec.Struct, frozen=True):
    """An event as far as a search is concerned; one without a text said nothing."""

    seq: int
    nick: str
    text: str | None = None


Line = tuple[Spoken, bytes]
"""An event, and how it stands in the log."""

_decoder: Final = msgspec.json.Decoder(Spoken)


def checked(rows: list[tuple[int, bytes]]) -> list[tuple[int, bytes]]:
    """`rows`, (seq, line), if they are what was written, as far as that shows. Raises sqlite3.Error: see `failures.Damaged`."""
    if [spoken.seq for spoken in _decoded(b"\n".join(line for _, line in rows))] != [seq for seq, _ in rows]:
        raise Damaged("an event is not where it belongs")
    return rows


def _decoded(joined: bytes) -> list[Spoken]:
    try:
        return _decoder.decode_lines(joined)
    except (msgspec.DecodeError, UnicodeError) as error:
        raise Damaged("an event is not JSON") from error


class SpokenReader:
    """Reads through a connection of its own. Raises sqlite3.Error. Whispers of others are never read for a viewer."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def newest(self, floor: int, before: int, viewer: str, limit: int) -> list[Line]:
        """The newest `limit` events from `floor` to below `before` that `viewer` may see, newest first."""
        return self._read(_NEWEST, {"floor": floor, "before": before, "viewer": viewer, "limit": limit})

    def these(self, seqs: Sequence[int], viewer: str) -> list[Line]:
        """Those of `seqs` that `viewer` may see, newest first."""
        return self._read(_THESE, {"seqs": json.dumps(seqs), "viewer": viewer})

    def all_between(self, floor: int, before: int) -> list[Line]:
        """All events from `floor` to below `before`, also those that are not for everyone; oldest first."""
        return self._read(_ALL, {"floor": floor, "before": before})[::-1]

    def _read(self, query: str, values: dict[str, int | str]) -> list[Line]:
        [(joined,)] = self._connection.execute(query, values).fetchall()
        if joined is None:
            return []
        lines = zip(_decoded(joined), joined.split(b"\n"), strict=True)
        return sorted(
            lines, key=lambda line: line[0].seq, reverse=True
        )  # SQLite does not promise in which order it joins

    def close(self) -> None:
        self._connection.close()
