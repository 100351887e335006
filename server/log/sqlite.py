"""The log in an SQLite file.

Knows SQL and nothing else of the room: an event goes in and comes out as its JSON line. What else there is to a file is beside it: its
tables in `schema`, its soundness in `checking`, forgetting in `keeping`, and what errors mean in `failures`.
"""

import logging
import secrets
import sqlite3
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from itertools import chain
from pathlib import Path
from threading import Lock
from typing import Final

from server.log.checking import SHRUNK_WAITS_S, START_WAITS_S, Inspection, find_damage_within, is_another_log
from server.log.claim import Claim
from server.log.database import connect, single_int
from server.log.failures import is_damage, may_have_lacked_room, store_error
from server.log.indexer import Indexer
from server.log.keeping import PAGES_LEFT_TO_THE_ROOM, Keep, Keeper
from server.log.known import find_known
from server.log.log_search import LogSearch
from server.log.name_table import keep_names, read_names
from server.log.names import NameChange, Registration
from server.log.postings import BLOCK
from server.log.rescue import rescue
from server.log.sanction_table import keep_sanctions, read_sanctions
from server.log.sanctions import Sanction
from server.log.schema import prepare, version_of
from server.log.seating import KeptSeat
from server.log.seats import keep_seats, read_seats
from server.log.spoken import VISIBLE, SpokenReader, checked
from server.log.store import Key, Known, Page, Record, StorageFull, StoreError, passed_over
from server.protocol import phrases
from server.protocol.events import Said, Whispered
from server.protocol.search import SearchPattern

logger = logging.getLogger(__name__)

BUSY_TRIES: Final = 120
"""So often, and each time a quarter of a second long, we wait for another program that has locked the file, if we may take our time."""

LOOK_EVERY_S: Final = 1.0
"""How often at most we look whether our log is still in the file, when it has changed: that takes a tenth of a millisecond."""

ROWS_AT_ONCE: Final = 128
"""For each statement the interpreter is let go of, and may have to be waited for: a row each would make a round in a busy room ten times as
long. SQLite takes 32,766 values."""

_ROW: Final = "(?, ?, ?, ?, CAST(? AS TEXT))"
_INSERT: Final = f"INSERT INTO events (seq, uid, to_uid, cid, line) VALUES {_ROW}"  # noqa: S608
_INSERT_MANY: Final = _INSERT + f", {_ROW}" * (ROWS_AT_ONCE - 1)
_AFTER: Final = f"SELECT seq, CAST(line AS BLOB) FROM events WHERE seq > :seq AND {VISIBLE} ORDER BY seq LIMIT :limit"  # noqa: S608
_BEFORE: Final = (
    f"SELECT seq, CAST(line AS BLOB) FROM events WHERE seq < :seq AND {VISIBLE} ORDER BY seq DESC LIMIT :limit"  # noqa: S608
)
_WHISPERS: Final = """
    SELECT * FROM (
        SELECT seq, CAST(line AS BLOB) FROM events INDEXED BY {index} WHERE to_uid IS NOT NULL AND {column} = :viewer AND seq < :seq
        ORDER BY seq DESC LIMIT :limit
    )
"""
_WHISPERS_BEFORE: Final = (
    _WHISPERS.format(index="whispers_from", column="uid")
    + " UNION "  # and what somebody whispered to themselves once
    + _WHISPERS.format(index="whispers_to", column="to_uid")
    + " ORDER BY 1 DESC LIMIT :limit"
)
_NEXT_EPOCH: Final = """
    SELECT (SELECT min(first_seq) FROM epochs AS later WHERE later.number > known.number) FROM epochs AS known WHERE epoch = ?
"""


class SqliteStore:
    """The log in an SQLite file: WAL, synchronous=FULL, one connection that writes and one that reads, each behind a lock.

    What `append` has returned from survives a crash of the process, and a power cut on a disk that keeps its word
    (sqlite.org/pragma.html#pragma_synchronous). Raises StoreError for a file that can't be used; nothing in it is changed then.
    """

    def __init__(
        self,
        path: Path,
        keep: Keep = Keep(),  # noqa: B008 -- frozen
        *,
        now_s: Callable[[], float] = time.time,
        start_waits_s: float = START_WAITS_S,
    ) -> None:
        """`now_s` is the time by which events grow old; `start_waits_s` is how long the file is looked at before it is used."""
        self._path = path.resolve()  # the same file by another name must find the same lock
        self._now_s = now_s
        self._write_lock, self._read_lock = Lock(), Lock()
        self._in_a_hurry = False
        self._failure: StoreError | None = None
        """Why nothing is written any more."""
        self._is_failure_told = False
        self._look_at = 0.0
        """When to look again whether it is still our log that is in the file, on the monotonic clock."""
        self._inspection: Inspection | None = None
        self._keeper: Keeper | None = None
        with self._explained():
            is_sound = self._open(keep, start_waits_s)
        try:
            self._start(is_sound=is_sound)
        except RuntimeError:  # the system gives us no more threads
            self.close()
            raise

    def _open(self, keep: Keep, start_waits_s: float) -> bool:
        """All connections, or none: a file that was refused is let go of. Whether all of the file has been looked at."""

        def one_more() -> sqlite3.Connection:
            return opened.enter_context(closing(connect(self._path)))

        with ExitStack() as opened:
            self._claim = opened.enter_context(closing(Claim(self._path)))
            self._writer = one_more()
            version_of(self._writer, self._path)
            is_sound = find_damage_within(self._writer, start_waits_s)
            prepare(self._writer, self._path, time.localtime(self._now_s()))
            # Else a statement of many rows puts what it may have to undo into a file of its own, in a folder that may be full or closed.
            self._writer.execute("PRAGMA temp_store = MEMORY")
            self._head = single_int(self._writer, "SELECT coalesce(max(seq), 0) FROM events")
            self._floor = single_int(self._writer, "SELECT coalesce(min(seq) - 1, 0) FROM events")
            self.epoch = self._open_epoch()
            self._claim.watch(self._path.with_name(self._path.name + "-wal"))
            self._reader = one_more()
            self._spoken_readers = [SpokenReader(one_more()) for _ in range(2)]
            if keep:
                self._writer.execute(f"PRAGMA wal_autocheckpoint = {PAGES_LEFT_TO_THE_ROOM}")
                self._keeper = Keeper(one_more(), self._write_lock, keep, self._floor, lambda: self._head, self._now_s)
            opened.pop_all()
        return is_sound

    def _start(self, *, is_sound: bool) -> None:
        """The threads that work beside."""
        indexed, searched = self._spoken_readers
        index_path = self._path.with_name(self._path.name + ".search")
        self._indexer = Indexer(
            index_path, indexed, self.epoch, lambda: self._head, self.holds, lambda: self.reaches_back_to
        )
        self._search = LogSearch(searched, self._indexer)
        self._wake_indexer_after(0)
        if not is_sound:
            self._inspection = Inspection(self._path, self._give_up)
        if self._keeper:
            self._keeper.start()

    def _give_up(self, error: sqlite3.Error) -> None:
        """The file is damaged, and what is written to it may be lost: nothing is acknowledged any more."""
        if not is_damage(error):
            logger.warning("%s can't be looked at now: %s", self._path, error)
            return
        logger.error("%s is damaged: %s", self._path, error)
        self._failure = store_error(self._path, error)

    def _wake_indexer_after(self, seq: int) -> None:
        """If since `seq` a block has become full: of seqs from 1, so that the next one begins."""
        if (self._head + 1) // BLOCK > (seq + 1) // BLOCK:
            self._indexer.wake()

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
        return self._keeper.floor if self._keeper else self._floor

    # --- writing ------------------------------------------------------------------------------------------------------

    def append(self, records: Sequence[Record], names: Sequence[NameChange] = ()) -> None:
        with self._write_lock, self._explained():
            self._stop_if_useless_locked()
            try:
                self._commit_locked(records, names)
            except sqlite3.Error as error:
                failure = store_error(self._path, error)
                if isinstance(failure, StorageFull) or not may_have_lacked_room(error):
                    raise failure from error
                # A write was refused though there is room: there has been since just now, or the disk fails again.
                self._commit_locked(records, names)
            was, self._head = self._head, records[-1].event.seq if records else self._head
        self._wake_indexer_after(was)

    def _commit_locked(self, records: Sequence[Record], names: Sequence[NameChange]) -> None:
        self._begin()
        try:
            _insert(self._writer, _rows(records))
            keep_seats(self._writer, (record for record in records if not isinstance(record.event, Said)))
            keep_names(self._writer, names)
            keep_sanctions(self._writer, records)
            self._writer.execute("COMMIT")
        except (sqlite3.Error, OverflowError, UnicodeError):
            self._writer.rollback()
            raise

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

    def _stop_if_useless_locked(self) -> None:
        """Raises StoreError if what was written, or would be now, would not be found again."""
        if self._failure is None and self._claim.is_lost():
            self._failure = rescue(self._writer, self._path, time.localtime(self._now_s()))
        if self._failure is None and self._is_overwritten_locked():
            self._failure = StoreError(phrases.database_gone(str(self._path), None))
        if self._failure is not None:
            self._is_failure_told = True
            raise self._failure

    def _is_overwritten_locked(self) -> bool:
        """Whether another log was copied over the file: what we wrote is not in it. Looks only now and then, and if it has changed."""
        if time.monotonic() < self._look_at or not self._claim.has_changed():
            return False
        self._look_at = time.monotonic() + LOOK_EVERY_S
        # A log only grows. When the file got smaller, a few may wait for once until all of it was looked at.
        return is_another_log(self._path, self.epoch, self._head, SHRUNK_WAITS_S if self._claim.has_shrunk else 0)

    # --- reading ------------------------------------------------------------------------------------------------------

    def read_after(self, seq: int, viewer: str, limit: int) -> list[tuple[int, bytes]]:
        return self._select(_AFTER, {"seq": seq, "viewer": viewer, "limit": limit})

    def read_before(self, seq: int, viewer: str, limit: int, *, whispers_only: bool = False) -> Page:
        newest = self._select(
            _WHISPERS_BEFORE if whispers_only else _BEFORE, {"seq": seq, "viewer": viewer, "limit": limit + 1}
        )
        more = len(newest) > limit
        passed = len(newest) if whispers_only else passed_over(self, seq, newest[-1][0] if more else None)
        return Page(tuple(line for _, line in reversed(newest[:limit])), more, looked_at=passed)

    def search(self, pattern: SearchPattern, nick: str | None, before: int, viewer: str, limit: int) -> Page:
        with self._explained():
            return self._search.search(pattern, nick, before, viewer, limit)

    def start_of_last(self, count: int, head: int, viewer: str) -> int:
        newest = self._select(_BEFORE, {"seq": head + 1, "viewer": viewer, "limit": count})
        return newest[-1][0] if newest else head + 1

    def _select(self, query: str, values: dict[str, int | str]) -> list[tuple[int, bytes]]:
        with self._explained():
            with self._read_lock:
                rows = self._reader.execute(query, values).fetchall()
            return checked(rows)

    def find(self, keys: Collection[Key]) -> Mapping[Key, Known]:
        with self._write_lock, self._explained():
            return find_known(self._writer, keys, also_forgotten=self.reaches_back_to > 0)

    def holds(self, epoch: str, seq: int) -> bool:
        with self._read_lock, self._explained():
            row = self._reader.execute(_NEXT_EPOCH, (epoch,)).fetchone()
        if row is None or not 0 <= seq <= self._head:
            return False
        next_first_seq: int | None = row[0]
        return next_first_seq is None or seq < next_first_seq

    def seated(self) -> tuple[KeptSeat, ...]:
        with self._read_lock, self._explained():
            return read_seats(self._reader, plain=False)

    def lapsed(self) -> tuple[KeptSeat, ...]:
        with self._read_lock, self._explained():
            return read_seats(self._reader, plain=True)

    def registered(self) -> tuple[Registration, ...]:
        with self._read_lock, self._explained():
            return read_names(self._reader)

    def sanctions(self) -> tuple[Sanction, ...]:
        with self._read_lock, self._explained():
            return read_sanctions(self._reader)

    # --- the end ------------------------------------------------------------------------------------------------------

    def hurry(self) -> None:
        self._in_a_hurry = True
        self._search.hurry()
        if self._keeper:
            self._keeper.hurry()

    def close(self) -> None:
        if self._keeper:
            self._keeper.stop()
        if self._inspection:
            self._inspection.stop()
        self._search.close()
        with self._write_lock, self._read_lock:
            try:
                if not self._is_failure_told:
                    self._look_at = 0.0
                    self._stop_if_useless_locked()
            finally:
                self._reader.close()
                self._writer.close()
                self._claim.close()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError, OverflowError, UnicodeError) as error:
            logger.debug("%s: %s (%s)", self._path, error, getattr(error, "sqlite_errorname", type(error).__name__))
            raise store_error(self._path, error) from error


_Row = tuple[int, str, str | None, str | None, bytes]


def _insert(connection: sqlite3.Connection, rows: Sequence[_Row]) -> None:
    whole = len(rows) - len(rows) % ROWS_AT_ONCE
    for start in range(0, whole, ROWS_AT_ONCE):
        connection.execute(_INSERT_MANY, list(chain.from_iterable(rows[start : start + ROWS_AT_ONCE])))
    connection.executemany(_INSERT, rows[whole:])


def _rows(records: Sequence[Record]) -> list[_Row]:
    return [
        (event.seq, event.uid, None, event.cid, record.line)
        if isinstance(event := record.event, Said)
        else (
            event.seq,
            event.uid,
            *((event.to_uid, event.cid) if isinstance(event, Whispered) else (None, None)),
            record.line,
        )
        for record in records
    ]
