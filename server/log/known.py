"""Which messages are in the log already: found by who sent them and under which `cid`, also when they are no longer kept."""

import sqlite3
from collections.abc import Collection, Iterator
from itertools import islice
from typing import Final

import msgspec

from server.log.failures import Damaged
from server.log.forgotten import Forgotten, key_digest
from server.log.store import Key, Known
from server.protocol.events import Said, Whispered

# One query for a round, and one row for all that it finds: see spoken.py.
_FIND: Final = """
    SELECT CAST(group_concat(line, char(10)) AS BLOB) FROM json_each(?) AS wanted
    CROSS JOIN events ON uid = json_extract(wanted.value, '$[0]') AND cid = json_extract(wanted.value, '$[1]')
"""
_AT_ONCE: Final = 500  # SQLite takes at least 999 values

_encoder: Final = msgspec.json.Encoder()
_decoder: Final = msgspec.json.Decoder(Said | Whispered)


def find_known(connection: sqlite3.Connection, keys: Collection[Key], *, also_forgotten: bool) -> dict[Key, Known]:
    """Those of `keys` that are in the log or were, with what stands or stood there. Raises sqlite3.Error."""
    found: dict[Key, Known] = {}
    [(lines,)] = connection.execute(_FIND, (_encoder.encode(list(keys)).decode(),)).fetchall()
    for line in lines.split(b"\n") if lines else ():
        try:
            event = _decoder.decode(line)
        except (msgspec.DecodeError, UnicodeError) as error:
            raise Damaged("an event is not JSON") from error
        if event.cid is not None:
            found[event.uid, event.cid] = event
    if also_forgotten:
        found.update(_find_forgotten(connection, [key for key in keys if key not in found]))
    return found


def _find_forgotten(connection: sqlite3.Connection, keys: Collection[Key]) -> Iterator[tuple[Key, Forgotten]]:
    by_digest = iter({key_digest(*key): key for key in keys}.items())
    while part := dict(islice(by_digest, _AT_ONCE)):
        marks = ", ".join("?" * len(part))
        query = f"SELECT key, seq, at, digest, to_uid FROM forgotten WHERE key IN ({marks})"  # noqa: S608
        for digest, *values in connection.execute(query, list(part)).fetchall():
            yield part[digest], Forgotten(*values)
