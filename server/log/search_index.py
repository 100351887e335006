"""The search index in its file, beside the log: `NAME.search`. What is in it comes from the log, so the file may be deleted.

Knows SQL and rows, and nothing of messages. One thread writes, one at a time reads. Like a client, the index is a cursor of the
log: with each block it keeps the epoch and the seq up to which it has read, and holds only for a log that knows them.
"""

import os
import sqlite3
from collections.abc import Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Final
from unicodedata import unidata_version

from server.log.grams import Probe
from server.log.postings import BLOCK, Block, DamagedRow, offsets_in

FORMAT: Final = 2
"""Of blocks, rows, grams and folding: whoever changes one of them counts on, and every index is made anew."""

_RULES: Final = f"{FORMAT}, Unicode {unidata_version}"
"""What must be the same for an index to be of use: a newer Python may fold other characters."""

_SCHEMA: Final = f"""
    BEGIN;
    CREATE TABLE grams (
        block INTEGER NOT NULL,
        key   TEXT NOT NULL,
        row   BLOB NOT NULL,
        PRIMARY KEY (block, key)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE position (rules TEXT NOT NULL, epoch TEXT NOT NULL, blocks INTEGER NOT NULL) STRICT;
    INSERT INTO position VALUES ('{_RULES}', '', 0);
    COMMIT;
"""  # noqa: S608
_ROWS: Final = "SELECT row FROM grams WHERE block = ? AND key BETWEEN ? AND ?"


class IndexUnusable(Exception):
    """The file can't be made, read or written, or is damaged."""


class IndexFull(Exception):
    """There is no room for more now; what is in the index can be used."""


class SearchIndex:
    """An index file that is open. Raises IndexUnusable, from any method, for a file that should be given up, and IndexFull."""

    def __init__(self, path: Path) -> None:
        """Open the index at `path`; make it if there is none."""
        with ExitStack() as opened:
            try:
                os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
                self._writer = opened.enter_context(closing(_connect(path)))
                self._prepare()
                self._reader = opened.enter_context(closing(_connect(path)))
                self.epoch, self.blocks = self._position()
            except (sqlite3.Error, OSError) as error:
                raise _trouble(error) from error
            opened.pop_all()

    def _prepare(self) -> None:
        [(tables,)] = self._writer.execute("SELECT count(*) FROM sqlite_schema").fetchall()
        # Not as durable as the log: after a power cut the newest blocks may be missing, but none is half there.
        self._writer.execute("PRAGMA journal_mode = WAL")
        self._writer.execute("PRAGMA synchronous = NORMAL")
        self._writer.execute("PRAGMA secure_delete = ON")  # what was forgotten is not to be read here, either
        if not tables:
            self._writer.executescript(_SCHEMA)

    def _position(self) -> tuple[str, int]:
        found = self._writer.execute("SELECT epoch, blocks FROM position WHERE rules = ?", (_RULES,)).fetchall()
        if not found:
            raise IndexUnusable
        [(epoch, blocks)] = found
        return str(epoch), int(blocks)

    @property
    def reaches_to(self) -> int:
        """The first seq about which nothing is known."""
        return self.blocks * BLOCK

    def add(self, block: Block, epoch: str) -> None:
        """Keep `block`, which follows the last one and was read in `epoch`: all of it or nothing."""
        try:
            self._writer.execute("BEGIN IMMEDIATE")
            rows = ((block.number, key, row) for key, row in block.rows())
            self._writer.executemany("INSERT INTO grams VALUES (?, ?, ?)", rows)
            self._writer.execute("UPDATE position SET epoch = ?, blocks = ?", (epoch, block.number + 1))
            self._writer.execute("COMMIT")
        except sqlite3.Error as error:
            self._writer.rollback()
            raise _trouble(error) from error
        self.epoch, self.blocks = epoch, block.number + 1

    def forget(self, floor: int) -> bool:
        """Let go of the oldest block if nothing in it is above `floor`; whether there was one."""
        try:
            [(oldest,)] = self._writer.execute("SELECT min(block) FROM grams").fetchall()
            if oldest is None or (oldest + 1) * BLOCK > floor + 1:
                return False
            self._writer.execute("DELETE FROM grams WHERE block = ?", (oldest,))
        except sqlite3.Error as error:
            raise _trouble(error) from error
        return True

    def candidates(self, block: int, probes: Sequence[Probe]) -> list[int]:
        """The seqs in a block that may be hits, newest first."""
        try:
            offsets = self._having(block, probes[0])
            for probe in probes[1:]:
                if not offsets:
                    break
                offsets &= self._having(block, probe)
        except (sqlite3.Error, DamagedRow) as error:
            raise IndexUnusable from error
        return [block * BLOCK + offset for offset in sorted(offsets, reverse=True)]

    def _having(self, block: int, probe: Probe) -> set[int]:
        rows = self._reader.execute(_ROWS, (block, probe.first_key, probe.last_key)).fetchall()
        found: set[int] = set()
        for (row,) in rows:
            found.update(offsets_in(row, probe.first_behind, probe.last_behind))
        return found

    def close(self) -> None:
        """Let go of the file."""
        self._reader.close()
        self._writer.close()


def delete_index(path: Path) -> None:
    """Remove the index at `path`, whatever is there. Raises OSError if that can't be done."""
    for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
        path.with_name(name).unlink(missing_ok=True)


def _trouble(error: sqlite3.Error | OSError) -> IndexUnusable | IndexFull:
    return IndexFull() if getattr(error, "sqlite_errorname", "") == "SQLITE_FULL" else IndexUnusable()


def _connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, check_same_thread=False, isolation_level=None)
