"""What SQLite's errors mean: is the disk full, the file damaged, or does nothing help any more? And in which words to say so.

SQLite tells a full disk from a failing one by ENOSPC alone; a quota or a limit on the size of files is a failed write to it. So in doubt
we ask the system ourselves, by writing.
"""

import errno
import os
import sqlite3
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final

from server.log.database import APPLICATION_ID, Orphaned
from server.log.store import StorageFull, StoreError, Unstorable
from server.protocol import phrases

_HEADER_BYTES: Final = 100
_OUR_NAME_AT: Final = 68  # where SQLite keeps the application id: sqlite.org/fileformat.html#the_database_header

_MAY_LACK_ROOM: Final = ("SQLITE_IOERR_WRITE", "SQLITE_IOERR_SHMSIZE", "SQLITE_IOERR_TRUNCATE", "SQLITE_CANTOPEN")
"""What SQLite says when a write or a new file was refused, for whatever reason. A failing fsync is none of them: after that, nobody
knows what the disk holds."""

_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)})
_PROBE_BYTES: Final = 64 * 1024


class Damaged(sqlite3.DatabaseError):
    """What SQLite did not raise by itself: a page that is not in order, or an event that is not what was written."""


def store_error(path: Path, error: Exception) -> StoreError:
    """What happened to the log at `path`, as a StoreError of the right kind."""
    name = getattr(error, "sqlite_errorname", "")
    if name == "SQLITE_CONSTRAINT_PRIMARYKEY":  # our number for the next event is taken: somebody else has written
        return StoreError(phrases.database_changed(str(path)))
    if isinstance(error, sqlite3.IntegrityError | sqlite3.DataError | OverflowError | UnicodeError):
        return Unstorable(phrases.UNSTORABLE)
    if isinstance(error, OSError):
        full = error.errno in _NO_ROOM
        return StorageFull(phrases.disk_full(str(path))) if full else StoreError(phrases.database_unusable(str(path)))
    if isinstance(error, Damaged):
        return StoreError(phrases.database_damaged(str(path)))
    if isinstance(error, Orphaned):
        return StoreError(phrases.database_orphaned(str(path)))
    return _sqlite_error(path, name)


def is_damage(error: sqlite3.Error) -> bool:
    """Whether what stands in the file is not what was written."""
    name = getattr(error, "sqlite_errorname", "")
    return isinstance(error, Damaged) or name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB"))


def may_have_lacked_room(error: sqlite3.Error) -> bool:
    """Whether there may have been no room when this happened, though there is now."""
    return getattr(error, "sqlite_errorname", "") in _MAY_LACK_ROOM


def _sqlite_error(path: Path, name: str) -> StoreError:
    where = str(path)
    if name.startswith("SQLITE_CORRUPT"):
        return StoreError(phrases.database_damaged(where))
    if name.startswith("SQLITE_NOTADB"):
        return StoreError(phrases.database_damaged(where) if _was_ours(path) else phrases.database_foreign(where))
    if name == "SQLITE_FULL" or (name in _MAY_LACK_ROOM and _is_out_of_room(path)):
        return StorageFull(phrases.disk_full(where))
    if name.startswith("SQLITE_BUSY"):
        return StoreError(phrases.database_locked(where))
    if name.startswith("SQLITE_IOERR"):
        return StoreError(phrases.disk_failing(where))
    return StoreError(phrases.database_unusable(where))


def _was_ours(path: Path) -> bool:
    """Whether the file once was a log: its name is still there, or nothing at all is where it stood."""
    try:
        with path.open("rb") as file:
            header = file.read(_HEADER_BYTES)
    except OSError:
        return False
    name = header[_OUR_NAME_AT : _OUR_NAME_AT + 4]
    return name == APPLICATION_ID.to_bytes(4, "big") or not any(header)


def _is_out_of_room(path: Path) -> bool:
    """Whether a file of our size, in our folder, could not be made a little larger."""
    try:
        with tempfile.TemporaryFile(dir=path.parent, buffering=0) as probe:
            probe.seek(_largest(path))
            left = memoryview(bytes(_PROBE_BYTES))
            while left:  # a disk that is nearly full takes a part
                left = left[probe.write(left) :]
            os.fsync(probe.fileno())
    except OSError as error:
        return error.errno in _NO_ROOM
    return False


def _largest(path: Path) -> int:
    sizes = [0]
    for name in (path.name, f"{path.name}-wal"):
        with suppress(OSError):
            sizes.append(path.with_name(name).stat().st_size)
    return max(sizes)
