"""Logs as earlier versions left them: their tables are written down here, and never change again."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from server.log.store import Record
from server.protocol.events import Said, Whispered

_VERSION_1 = """
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
    PRAGMA application_id = 0x536F6B73;
    PRAGMA user_version = 1;
    INSERT INTO epochs (epoch, first_seq) VALUES ('0123456789abcdef', 1);
"""
EPOCH_OF_VERSION_1 = "0123456789abcdef"

_VERSION_2 = """
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
    PRAGMA user_version = 2;
    INSERT INTO seats (since, uid, nick, plain) VALUES (1, '1111111111111111', '영희', 0);
"""
"""What it has besides what version 1 has: 영희 is in the room."""


_VERSION_3 = """
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
    PRAGMA user_version = 3;
    INSERT INTO registered VALUES ('영희', '영희', 'dddddddddddddddd', 7, 8);
    INSERT INTO sanctions VALUES (1, 'ban', '철수', '철수', '2222222222222222', 'eeeeeeeeeeeeeeee', '영희', 9, NULL);
"""
"""What it has besides what version 2 has: 영희 has registered her nickname, and 철수 is banned."""


def write_log(path: Path, records: Sequence[Record], version: int) -> None:
    """A log of version 1, 2 or 3, closed properly."""
    with closing(sqlite3.connect(path)) as log:
        log.execute("PRAGMA journal_mode = WAL")
        log.executescript(_VERSION_1)
        if version > 1:
            log.executescript(_VERSION_2)
        if version > 2:
            log.executescript(_VERSION_3)
        for record in records:
            event = record.event
            to_uid = event.to_uid if isinstance(event, Whispered) else None
            cid = event.cid if isinstance(event, Said | Whispered) else None
            log.execute(
                "INSERT INTO events VALUES (?, ?, ?, ?, CAST(? AS TEXT))",
                (event.seq, event.uid, to_uid, cid, record.line),
            )
        log.commit()
