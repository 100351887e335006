"""The tables of the log's file, and how a file of an older version becomes one of this.

A new file goes through the same steps as an old one, so there is one way to every version. Before anything is changed in an old file,
a copy of it is put beside it and kept.
"""

import logging
import sqlite3
import time
from pathlib import Path
from typing import Final

from server.log.copying import keep_copy
from server.log.database import APPLICATION_ID, single_int
from server.log.store import StoreError
from server.log.whole_file import unused
from server.protocol import phrases

logger = logging.getLogger(__name__)

_STEPS: Final = (
    # Each leads to the version that is its place here, counted from 1.
    f"""
    CREATE TABLE events (
        seq    INTEGER PRIMARY KEY,
        uid    TEXT NOT NULL,
        to_uid TEXT,          -- only whispers have one: an event without is for everybody
        cid    TEXT,
        line   TEXT NOT NULL  -- the event as JSON, as it is on the wire
    ) STRICT;
    CREATE UNIQUE INDEX events_by_cid ON events (uid, cid) WHERE cid IS NOT NULL;
    CREATE TABLE epochs (
        number    INTEGER PRIMARY KEY,
        epoch     TEXT NOT NULL UNIQUE,
        first_seq INTEGER NOT NULL
    ) STRICT;
    PRAGMA application_id = {APPLICATION_ID};
    """,
    """
    CREATE INDEX whispers ON events (seq) WHERE to_uid IS NOT NULL;
    CREATE TABLE seats (      -- who is in the room after the newest event
        since INTEGER PRIMARY KEY,
        uid   TEXT NOT NULL,
        nick  TEXT NOT NULL UNIQUE,
        plain INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE forgotten (  -- what is left of messages that are no longer kept; see forgotten.py
        key    BLOB PRIMARY KEY,
        seq    INTEGER NOT NULL,
        at     INTEGER NOT NULL,
        digest BLOB NOT NULL,
        to_uid TEXT
    ) STRICT, WITHOUT ROWID;
    """,
    """
    CREATE TABLE registered ( -- nicknames that are kept for whoever registered them
        key     TEXT PRIMARY KEY,
        nick    TEXT NOT NULL,
        device  TEXT NOT NULL,
        at      INTEGER NOT NULL,
        seen_at INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE sanctions (  -- who may not come in, and who may not speak
        number   INTEGER PRIMARY KEY,
        kind     TEXT NOT NULL,
        key      TEXT NOT NULL,
        target   TEXT NOT NULL,
        uid      TEXT NOT NULL,
        device   TEXT NOT NULL,
        operator TEXT NOT NULL,
        at       INTEGER NOT NULL,
        until    INTEGER,
        UNIQUE (kind, key)
    ) STRICT;
    DROP INDEX whispers;      -- to find somebody's, those of all others had to be passed over
    CREATE INDEX whispers_from ON events (uid) WHERE to_uid IS NOT NULL;
    CREATE INDEX whispers_to ON events (to_uid) WHERE to_uid IS NOT NULL;
    """,
    """
    ALTER TABLE seats ADD COLUMN device TEXT NOT NULL DEFAULT '';  -- the installation's, for who is banned before they are back
    """,
)

SCHEMA_VERSION: Final = len(_STEPS)


def prepare(connection: sqlite3.Connection, path: Path, today: time.struct_time) -> None:
    """Make the tables in a new file, recognise ours in an old one, and bring an older one up to date.

    Raises StoreError for a file that is not ours or of a newer version, and leaves it as it is; sqlite3.Error, OSError.
    """
    version = version_of(connection, path)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    if 0 < version < SCHEMA_VERSION:
        kept = unused(path.with_name(f"{path.name}.v{version}-{time.strftime('%Y%m%d-%H%M%S', today)}"))
        keep_copy(connection, kept)
        logger.info(
            "%s is brought from version %d to %d; as it was it stays in %s", path, version, SCHEMA_VERSION, kept
        )
    if version < SCHEMA_VERSION:
        _bring_up(connection, version)


def version_of(connection: sqlite3.Connection, path: Path) -> int:
    """0 for a file without tables. Raises StoreError for one that is not ours or of a newer version."""
    application = single_int(connection, "PRAGMA application_id")
    if application != APPLICATION_ID:
        if application or single_int(connection, "SELECT count(*) FROM sqlite_schema"):
            raise StoreError(phrases.database_foreign(str(path)))
        return 0
    version = single_int(connection, "PRAGMA user_version")
    if version > SCHEMA_VERSION:
        raise StoreError(phrases.database_newer(str(path)))
    return version


def _bring_up(connection: sqlite3.Connection, version: int) -> None:
    """All steps or none: the version changes with the tables."""
    steps = "".join(_STEPS[version:])
    try:
        connection.executescript(f"BEGIN IMMEDIATE; {steps} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;")
    except sqlite3.Error:
        connection.rollback()
        raise
