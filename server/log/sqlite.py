"""The log in an SQLite file.

Knows SQL and nothing else of the room: an event goes in and comes out as its JSON line.
"""

import logging
import os
import secrets
import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from threading import Lock
from typing import Final

import msgspec

from server.log.indexer import Indexer
from server.log.log_search import LogSearch
from server.log.postings import BLOCK
from server.log.spoken import SpokenReader
from server.log.store import Key, Page, Record, StoreError
from server.protocol import phrases
from server.protocol.events import Event, Said, Whispered
from server.protocol.search import SearchPattern

logger = logging.getLogger(__name__)

APPLICATION_ID: Final = 0x536F6B73  # "Soks": tells our files from other SQLite databases
SCHEMA_VERSION: Final = 1

BUSY_TIMEOUT_S: Final = 0.25
BUSY_TRIES: Final = 120
"""So often, and each time so long, we wait for another program that has locked the file: half a minute, if we may take our time."""

_decoder: Final = msgspec.json.Decoder(Event)

_SCHEMA: Final = f"""
    BEGIN;
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
    PRAGMA user_version = {SCHEMA_VERSION};
    COMMIT;
"""
_INSERT: Final = "INSERT INTO events (seq, uid, to_uid, cid, line) VALUES (?, ?, ?, ?, CAST(? AS TEXT))"
_VISIBLE: Final = "(to_uid IS NULL OR to_uid = :viewer OR uid = :viewer)"
_AFTER: Final = f"SELECT seq, CAST(line AS BLOB) FROM events WHERE seq > :seq AND {_VISIBLE} ORDER BY seq LIMIT :limit"  # noqa: S608
_BEFORE: Final = (
    f"SELECT seq, CAST(line AS BLOB) FROM events WHERE seq < :seq AND {_VISIBLE} ORDER BY seq DESC LIMIT :limit"  # noqa: S608
)
_NEXT_EPOCH: Final = """
    SELECT (SELECT min(first_seq) FROM epochs AS later WHERE later.number > known.number) FROM epochs AS known WHERE epoch = ?
"""
_FIND: Final = "SELECT CAST(line AS BLOB) FROM events WHERE uid = ? AND cid = ?"


class SqliteStore:
    """The log in an SQLite file: WAL, synchronous=FULL, one connection that writes and one that reads, each behind a lock.

    What `append` has returned from survives a crash of the process, and a power cut on a disk that keeps its word
    (sqlite.org/pragma.html#pragma_synchronous). Raises StoreError for a file that can't be used.
    """

    def __init__(self, path: Path) -> None:
        self._path = path.resolve()  # the same file by another name must find the same lock
        self._write_lock, self._read_lock = Lock(), Lock()
        self._in_a_hurry = False
        with self._explained():
            self._open()

    def _open(self) -> None:
        """All connections, or none: a file that was refused is let go of."""
        with ExitStack() as opened:
            self._guard = opened.enter_context(closing(_claim(self._path)))
            self._writer = opened.enter_context(closing(_connect(self._path)))
            self._prepare()
            self._reader = opened.enter_context(closing(_connect(self._path)))
            self._head = _single_int(self._writer, "SELECT coalesce(max(seq), 0) FROM events")
            self.epoch = self._open_epoch()
            readers = [SpokenReader(opened.enter_context(closing(_connect(self._path)))) for _ in range(2)]
            opened.pop_all()
        index_path = self._path.with_name(self._path.name + ".search")
        self._indexer = Indexer(index_path, readers[0], self.epoch, lambda: self._head, self.holds)
        self._search = LogSearch(readers[1], self._indexer)
        self._wake_indexer_after(0)

    def _wake_indexer_after(self, seq: int) -> None:
        """If since `seq` a block has become full: of seqs from 1, so that the next one begins."""
        if (self._head + 1) // BLOCK > (seq + 1) // BLOCK:
            self._indexer.wake()

    def _prepare(self) -> None:
        """Make the schema in a new file, recognise ours in an old one."""
        application = _single_int(self._writer, "PRAGMA application_id")
        version = _single_int(self._writer, "PRAGMA user_version")
        tables = _single_int(self._writer, "SELECT count(*) FROM sqlite_schema")
        if application == APPLICATION_ID and version > SCHEMA_VERSION:
            raise StoreError(phrases.database_newer(str(self._path)))
        if application != APPLICATION_ID and (application or tables):
            raise StoreError(phrases.database_foreign(str(self._path)))
        self._writer.execute("PRAGMA journal_mode = WAL")
        self._writer.execute("PRAGMA synchronous = FULL")
        if application != APPLICATION_ID:
            self._writer.executescript(_SCHEMA)

    def _open_epoch(self) -> str:
        epoch = secrets.token_hex(8)
        self._begin()
        self._writer.execute("INSERT INTO epochs (epoch, first_seq) VALUES (?, ?)", (epoch, self._head + 1))
        self._writer.execute("COMMIT")
        return epoch

    @property
    def head(self) -> int:
        return self._head

    @property
    def reaches_back_to(self) -> int:
        return 0

    def append(self, records: Sequence[Record]) -> None:
        with self._write_lock, self._explained():
            self._begin()
            try:
                self._writer.executemany(_INSERT, map(_row, records))
                self._writer.execute("COMMIT")
            except sqlite3.Error:
                self._writer.rollback()
                raise
            was, self._head = self._head, records[-1].event.seq
        self._wake_indexer_after(was)

    def _begin(self) -> None:
        """Begin to write; somebody with a database shell may be holding us up, and will go away again."""
        for tries_left in reversed(range(BUSY_TRIES)):
            try:
                self._writer.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if not error.sqlite_errorname.startswith("SQLITE_BUSY") or not tries_left or self._in_a_hurry:
                    raise
                if tries_left == BUSY_TRIES - 1:
                    logger.warning("%s is locked by another program", self._path)
            else:
                return

    def read_after(self, seq: int, viewer: str, limit: int) -> list[tuple[int, bytes]]:
        return self._select(_AFTER, {"seq": seq, "viewer": viewer, "limit": limit})

    def read_before(self, seq: int, viewer: str, limit: int) -> Page:
        newest = self._select(_BEFORE, {"seq": seq, "viewer": viewer, "limit": limit + 1})
        return Page(tuple(line for _, line in reversed(newest[:limit])), more=len(newest) > limit)

    def search(self, pattern: SearchPattern, nick: str | None, before: int, viewer: str, limit: int) -> Page:
        with self._explained():
            return self._search.search(pattern, nick, before, viewer, limit)

    def start_of_last(self, count: int, head: int, viewer: str) -> int:
        newest = self._select(_BEFORE, {"seq": head + 1, "viewer": viewer, "limit": count})
        return newest[-1][0] if newest else head + 1

    def _select(self, query: str, values: dict[str, int | str]) -> list[tuple[int, bytes]]:
        with self._read_lock, self._explained():
            return self._reader.execute(query, values).fetchall()

    def find(self, keys: Collection[Key]) -> Mapping[Key, Said | Whispered]:
        found: dict[Key, Said | Whispered] = {}
        with self._write_lock, self._explained():
            for key in keys:
                for (line,) in self._writer.execute(_FIND, key):
                    event = _decoder.decode(line)
                    assert isinstance(event, Said | Whispered)  # nothing else has a cid
                    found[key] = event
        return found

    def holds(self, epoch: str, seq: int) -> bool:
        with self._read_lock, self._explained():
            row = self._reader.execute(_NEXT_EPOCH, (epoch,)).fetchone()
        if row is None or not 0 <= seq <= self._head:
            return False
        next_first_seq: int | None = row[0]
        return next_first_seq is None or seq < next_first_seq

    def hurry(self) -> None:
        self._in_a_hurry = True
        self._search.hurry()

    def close(self) -> None:
        self._search.close()
        with self._write_lock, self._read_lock:
            self._reader.close()
            self._writer.close()
            self._guard.close()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            logger.debug("%s: %s", self._path, error)
            raise StoreError(_explanation(self._path, error)) from error
        except OSError as error:
            logger.debug("%s: %s", self._path, error)
            raise StoreError(phrases.database_unusable(str(self._path))) from error


def _row(record: Record) -> tuple[int, str, str | None, str | None, bytes]:
    event = record.event
    to_uid = event.to_uid if isinstance(event, Whispered) else None
    cid = event.cid if isinstance(event, Said | Whispered) else None
    return event.seq, event.uid, to_uid, cid, record.line


def _connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=BUSY_TIMEOUT_S)


def _single_int(connection: sqlite3.Connection, query: str) -> int:
    with closing(connection.execute(query)) as cursor:
        return int(cursor.fetchone()[0])


def _claim(path: Path) -> sqlite3.Connection:
    """Make sure that this is the only server on `path`, for as long as the returned connection stays open.

    A transaction that never ends, in a small database of its own beside it: a lock that works on every system, and that the
    system takes back by itself when we crash. Both files are made here, readable for their owner alone.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock_path = path.with_name(path.name + ".lock")
    for file in (path, lock_path):
        os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))
    guard = sqlite3.connect(lock_path, check_same_thread=False, isolation_level=None, timeout=0)
    try:
        guard.execute("PRAGMA journal_mode = MEMORY")  # nothing is ever written: no file for it
        guard.execute("BEGIN EXCLUSIVE")
    except sqlite3.Error as error:
        guard.close()
        in_use = getattr(error, "sqlite_errorname", "").startswith("SQLITE_BUSY")
        text = phrases.database_in_use(str(path)) if in_use else _explanation(lock_path, error)
        raise StoreError(text) from error
    return guard


def _explanation(path: Path, error: sqlite3.Error) -> str:
    name = getattr(error, "sqlite_errorname", "")
    if name.startswith("SQLITE_NOTADB"):
        return phrases.database_foreign(str(path))
    if name.startswith("SQLITE_CORRUPT"):
        return phrases.database_damaged(str(path))
    if name.startswith("SQLITE_FULL"):
        return phrases.DISK_FULL
    return phrases.database_unusable(str(path))
