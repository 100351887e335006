"""Forgetting: the thread that takes from the log what is no longer kept, the oldest first.

It works in small steps and rests after each, and what a step will touch it reads before, so that the room's commits never wait long
for it: not for the disk, and no longer than a step takes. What the steps do is as durable as the room's next commit makes it.
The cids stay: see forgotten.py. Freed pages are overwritten, and used again by what is said next; the file doesn't shrink.

Locks: the log's write lock is held during a step. No other is taken under it here.
"""

import logging
import sqlite3
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import takewhile
from threading import Event as Flag
from threading import Lock, Thread
from typing import Final

import msgspec

from server.log.failures import Damaged
from server.log.forgotten import key_digest, said_digest
from server.protocol.events import Event, Said, Whispered

logger = logging.getLogger(__name__)

STEP: Final = 64
"""Events that are forgotten at a time: one or two milliseconds."""

REST: Final = 9
"""How long it rests after a step, in times that the step took."""

STEPS_PER_CHECKPOINT: Final = 16
"""What is written back at a time. More often would be more syncs, which the room's commits have to wait for."""

PAGES_LEFT_TO_THE_ROOM: Final = 4000
"""How much more than usual may wait before a commit of the room writes it back: that is our part. Keys lie all over the file, and with
the usual 1,000 one commit in a hundred wrote back what a few steps had touched."""

LOOK_EVERY_S: Final = 10.0
"""How often it looks whether there is something to forget: so much later than it might."""

TROUBLE_S: Final = 60.0
"""How long it waits after something went wrong: a full disk, a file that another program holds."""

_MS_PER_DAY: Final = 86_400_000

_OLDEST: Final = "SELECT CAST(line AS BLOB) FROM events WHERE seq > ? ORDER BY seq LIMIT ?"
_TOUCHED: Final = "SELECT 1 FROM events WHERE uid = ? AND cid = ? UNION ALL SELECT 1 FROM forgotten WHERE key = ?"
_REMEMBER: Final = "INSERT OR IGNORE INTO forgotten (key, seq, at, digest, to_uid) VALUES (?, ?, ?, ?, ?)"

_decoder: Final = msgspec.json.Decoder(Event)


@dataclass(frozen=True, slots=True)
class Keep:
    """What is kept: the newest `events`, or those of the last `days`, or what both allow; all, if neither is given."""

    events: int | None = None
    days: int | None = None
    look_every_s: float = LOOK_EVERY_S

    def __bool__(self) -> bool:
        return self.events is not None or self.days is not None

    def is_due(self, event: Event, head: int, now_ms: int) -> bool:
        """Whether `event` is no longer kept. The newest always is: the numbers go on from it."""
        if event.seq >= head:
            return False
        too_many = self.events is not None and event.seq <= head - self.events
        return too_many or (self.days is not None and event.at < now_ms - self.days * _MS_PER_DAY)


class Keeper:
    """Forgets what is due, from `start` to `stop`. Owns `connection`; shares the lock with whoever else writes."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        write_lock: Lock,
        keep: Keep,
        floor: int,
        head: Callable[[], int],
        now_s: Callable[[], float],
    ) -> None:
        self.floor = floor
        """Up to here nothing is left, or will be in a moment."""
        self._connection = connection
        self._write_lock = write_lock
        self._keep = keep
        self._head = head
        self._now_s = now_s
        self._stopping = Flag()
        self._thread = Thread(target=self._run, name="keeper")

    def start(self) -> None:
        """Begin to forget."""
        # NORMAL: no fsync of its own while others wait; it lasts with the next commit that has one. The WAL keeps the order.
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.execute("PRAGMA wal_autocheckpoint = 0")
        self._connection.execute("PRAGMA secure_delete = ON")
        self._thread.start()

    def hurry(self) -> None:
        """Begin nothing any more. Any thread may call it."""
        self._stopping.set()

    def stop(self) -> None:
        """End, and let go of the connection."""
        self.hurry()
        if self._thread.is_alive():
            self._thread.join()
        self._connection.close()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._forget_what_is_due()
                self._stopping.wait(self._keep.look_every_s)
            except sqlite3.Error as error:
                logger.warning("nothing is forgotten for a while: %s", error)
                self._stopping.wait(TROUBLE_S)
            except Exception:
                logger.exception("nothing is forgotten any more")
                return

    def _forget_what_is_due(self) -> None:
        steps = 0
        while (due := self._due()) and not self._stopping.is_set():
            began = time.monotonic()
            self._forget(due)
            steps += 1
            if steps % STEPS_PER_CHECKPOINT == 0:
                self._checkpoint()
            self._stopping.wait(REST * (time.monotonic() - began))
        self._checkpoint()
        if steps:
            logger.info("the log begins with %d now", self.floor + 1)

    def _due(self) -> list[Event]:
        """The oldest events, as far as they are due, at most a step of them."""
        rows = self._connection.execute(_OLDEST, (self.floor, STEP)).fetchall()
        try:
            events = [_decoder.decode(line) for (line,) in rows]
        except (msgspec.DecodeError, UnicodeError) as error:
            raise Damaged("an event is not JSON") from error
        head, now_ms = self._head(), int(self._now_s() * 1000)
        return list(takewhile(lambda event: self._keep.is_due(event, head, now_ms), events))

    def _forget(self, events: Sequence[Event]) -> None:
        keyed = [
            (event, event.cid) for event in events if isinstance(event, Said | Whispered) and event.cid is not None
        ]
        rows = [_row(event, cid) for event, cid in keyed]
        for (event, cid), row in zip(keyed, rows, strict=True):  # into memory, before anybody has to wait for us
            self._connection.execute(_TOUCHED, (event.uid, cid, row[0])).fetchall()
        was, last = self.floor, events[-1].seq
        with self._write_lock:
            self._connection.execute("BEGIN IMMEDIATE")
            self.floor = last  # first, so that nobody takes what is missing for what never was
            try:
                self._connection.executemany(_REMEMBER, rows)
                self._connection.execute("DELETE FROM events WHERE seq <= ?", (last,))
                self._connection.execute("COMMIT")
            except sqlite3.Error:
                self._connection.rollback()
                self.floor = was
                raise

    def _checkpoint(self) -> None:
        """Write back what was done, by the room too, so that its next commit need not. Keeps nobody waiting."""
        self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()


def _row(event: Said | Whispered, cid: str) -> tuple[bytes, int, int, bytes, str | None]:
    """What `forgotten` keeps of a message."""
    to_uid = event.to_uid if isinstance(event, Whispered) else None
    return key_digest(event.uid, cid), event.seq, event.at, said_digest(event), to_uid
