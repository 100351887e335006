"""Whether the file is sound, found out before anybody relies on it: every page is looked at.

That takes half a second for a million messages, and many times that when the disk has to be asked for each page. A start waits only
for a moment; what is not looked at by then is looked at while the server runs, on a thread of its own that gives way to all others.
"""

import logging
import os
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from threading import Lock, Thread, Timer
from typing import Final

from server.log.database import connect
from server.log.failures import Damaged, is_damage

logger = logging.getLogger(__name__)

START_WAITS_S: Final = 0.03
"""How long a start waits: enough for fifty thousand messages, and not felt. A start with a long log should take no longer than one
without, since everybody is waiting to come back."""

SHRUNK_WAITS_S: Final = 1.0
"""How long all wait when the file got smaller under a running server: something has happened to it."""

_JOIN_S: Final = 0.02

_POSITION: Final = "SELECT (SELECT coalesce(max(seq), 0) FROM events), (SELECT count(*) FROM epochs WHERE epoch = ?)"


def find_damage(connection: sqlite3.Connection) -> None:
    """Look at every page. Raises sqlite3.DatabaseError if something is wrong, sqlite3.OperationalError if interrupted."""
    [(found,)] = connection.execute("PRAGMA quick_check(1)").fetchall()
    if found != "ok":
        raise Damaged(str(found))


def find_damage_within(connection: sqlite3.Connection, limit_s: float) -> bool:
    """The same for at most about `limit_s`; whether that was enough for all pages."""
    if limit_s <= 0:
        return False
    timer = Timer(limit_s, connection.interrupt)
    timer.start()
    try:
        find_damage(connection)
    except sqlite3.OperationalError as error:
        if error.sqlite_errorname != "SQLITE_INTERRUPT":
            raise
        return False
    finally:
        timer.cancel()
        timer.join()
    return True


def is_another_log(path: Path, epoch: str, head: int, limit_s: float) -> bool:
    """Whether what was written in `epoch`, up to `head`, is no longer in the file, seen as by somebody who opens it now.

    Every page is looked at, too, for at most about `limit_s`. Whoever can't see it knows nothing.
    """
    try:
        with closing(connect(path)) as fresh:
            [(found_head, epochs)] = fresh.execute(_POSITION, (epoch,)).fetchall()
            find_damage_within(fresh, limit_s)
    except sqlite3.Error as error:
        return is_damage(error)
    return bool(found_head < head or not epochs)


class Inspection:
    """The same beside a running server. `on_damage` is called, on the thread of the inspection, with what was found."""

    def __init__(self, path: Path, on_damage: Callable[[sqlite3.Error], None]) -> None:
        self._path = path
        self._on_damage = on_damage
        self._lock = Lock()
        self._connection: sqlite3.Connection | None = None
        self._stopping = False
        self._thread = Thread(target=self._run, name="inspection")
        self._thread.start()

    def stop(self) -> None:
        """End it, wherever it is."""
        self._stopping = True
        while self._thread.is_alive():
            with self._lock:
                if self._connection is not None:
                    self._connection.interrupt()  # without effect if it comes before the beginning: so once more
            self._thread.join(_JOIN_S)

    def _run(self) -> None:
        _give_way()
        try:
            with closing(connect(self._path)) as connection:
                with self._lock:
                    self._connection = connection
                try:
                    if not self._stopping:
                        find_damage(connection)
                        logger.info("%s is sound", self._path)
                finally:
                    with self._lock:
                        self._connection = None
        except sqlite3.Error as error:
            if not self._stopping:
                self._on_damage(error)


def _give_way() -> None:
    """Let the calling thread run when no other wants to, where each has a niceness of its own.

    For ten million messages it has a whole core to itself for half a minute otherwise, and just when everybody comes back. Nobody waits
    for it: while SQLite looks, it holds neither a lock of ours nor the interpreter.
    """
    if sys.platform == "linux":  # elsewhere it would be all of the process
        with suppress(OSError):
            os.sched_setscheduler(
                0, os.SCHED_BATCH, os.sched_param(0)
            )  # a real-time policy, if it has one, knows no niceness
            os.nice(19)
