"""The newest events, encoded once per dialect: what everybody who is not far behind reads.

A `Batch` is what one round appended; the `Tail` is the last of them, bounded. The sequencer's thread appends, any thread reads.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import dropwhile, islice
from threading import Lock
from typing import Final

from server.log.store import Record
from server.protocol import plain
from server.protocol.events import Whispered, visible_to
from server.protocol.framing import Dialect

LOOKED_BACK: Final = 4
"""Among how many times as many events those are looked for that a newcomer gets to see."""


class FellBehind(Exception):
    """What follows a cursor is no longer in the tail; the oldest that is there follows the cursor `reaches_back_to`."""

    def __init__(self, reaches_back_to: int) -> None:
        super().__init__(reaches_back_to)
        self.reaches_back_to = reaches_back_to


def encoded_for(viewer: str, dialect: Dialect, record: Record) -> bytes:
    """What the client `viewer` gets of an event, as one or more lines; nothing if it is not theirs to see."""
    if not visible_to(record.event, viewer):
        return b""
    return record.line + b"\n" if dialect is Dialect.JSON else plain.encode_event(record.event, viewer)


class Batch:
    """What one round appended, joined once per dialect for all who see nothing private in it."""

    __slots__ = "_ends", "_json_block", "_plain_block", "first_seq", "last_seq", "records", "size_bytes"

    def __init__(self, records: Sequence[Record]) -> None:
        self.records = records
        self.first_seq, self.last_seq = records[0].event.seq, records[-1].event.seq
        private = [record for record in records if isinstance(record.event, Whispered)]
        public = [record for record in records if not isinstance(record.event, Whispered)] if private else records
        self._json_block = b"\n".join([*[record.line for record in public], b""])
        self._plain_block = plain.encode_events([record.event for record in public])
        self._ends = frozenset(uid for record in private for uid in _ends_of(record))
        # One end of a whisper gets about as much as the other, whatever they speak.
        self.size_bytes = len(self._json_block) + len(self._plain_block) + sum(len(record.line) for record in private)

    def block_for(self, viewer: str, dialect: Dialect) -> bytes:
        """All that the client `viewer` gets of this batch: for nearly everybody the very same object."""
        if viewer in self._ends:
            return b"".join([encoded_for(viewer, dialect, record) for record in self.records])
        return self._json_block if dialect is Dialect.JSON else self._plain_block

    def read_after(self, cursor: int, viewer: str, dialect: Dialect, max_bytes: int) -> tuple[bytes, int]:
        """What `viewer` gets above `cursor`, and the cursor behind it: the whole block that everybody gets, which costs no copy, or about
        `max_bytes` of what is encoded for this one."""
        if cursor < self.first_seq and viewer not in self._ends:
            return self.block_for(viewer, dialect), self.last_seq
        pieces: list[bytes] = []
        size_bytes = 0
        for record in self.records[max(0, cursor + 1 - self.first_seq) :]:
            if size_bytes >= max_bytes:
                break
            pieces.append(encoded_for(viewer, dialect, record))
            size_bytes += len(pieces[-1])
            cursor = record.event.seq
        return b"".join(pieces), cursor


def _ends_of(record: Record) -> tuple[str, ...]:
    return (record.event.uid, record.event.to_uid) if isinstance(record.event, Whispered) else ()


@dataclass(slots=True)
class Tail:
    """At least the last batch, at most `max_events` and `max_bytes` by and large: it trims when it holds twice as much."""

    head: int
    """The `seq` of the newest event that was published. Read without the lock: it only grows."""
    max_events: int
    max_bytes: int
    _batches: list[Batch] = field(default_factory=list)
    _events: int = 0
    _bytes: int = 0
    _lock: Lock = field(default_factory=Lock)

    def append(self, batch: Batch) -> None:
        """Publish `batch`: from now on it can be read here."""
        with self._lock:
            self._batches.append(batch)
            self._events += len(batch.records)
            self._bytes += batch.size_bytes
            if self._events > 2 * self.max_events or self._bytes > 2 * self.max_bytes:
                self._trim_locked()
            self.head = batch.last_seq

    def _trim_locked(self) -> None:
        kept_from, events, size_bytes = len(self._batches) - 1, 0, 0
        while kept_from > 0:
            events += len(self._batches[kept_from].records)
            size_bytes += self._batches[kept_from].size_bytes
            if events >= self.max_events or size_bytes >= self.max_bytes:
                break
            kept_from -= 1
        del self._batches[:kept_from]
        self._events = sum(len(batch.records) for batch in self._batches)
        self._bytes = sum(batch.size_bytes for batch in self._batches)

    def start_of_last(self, count: int, head: int, viewer: str) -> int:
        """The first of the newest `count` events up to `head` that the client `viewer` may see. Raises FellBehind if not all are here.

        Nor if they lie too far back: somebody may be surrounded by other people's whispers.
        """
        wanted = count
        with self._lock:
            end = bisect_right(self._batches, head, key=lambda batch: batch.first_seq)
            batches = self._batches[max(0, end - LOOKED_BACK * count) : end]  # each has one event at least
        newest = (record for batch in reversed(batches) for record in reversed(batch.records))
        for record in islice(dropwhile(lambda one: one.event.seq > head, newest), LOOKED_BACK * count):
            wanted -= visible_to(record.event, viewer)
            if not wanted:
                return record.event.seq
        raise FellBehind(self.head)

    def check_reach(self, cursor: int) -> None:
        """Raises FellBehind if what follows `cursor` is no longer here."""
        with self._lock:
            self._check_reach_locked(cursor)

    def _check_reach_locked(self, cursor: int) -> None:
        reaches_back_to = self._batches[0].first_seq - 1 if self._batches else self.head
        if cursor < reaches_back_to:
            raise FellBehind(reaches_back_to)

    def read_after(self, cursor: int, viewer: str, dialect: Dialect, max_bytes: int) -> tuple[bytes, int]:
        """What `viewer` gets above `cursor`, about `max_bytes` or one batch of it, and the cursor behind it. Raises FellBehind."""
        pieces: list[bytes] = []
        size_bytes = 0
        for batch in self._batches_after(cursor, max_bytes):
            if size_bytes >= max_bytes:
                break
            piece, cursor = batch.read_after(cursor, viewer, dialect, max_bytes - size_bytes)
            pieces.append(piece)
            size_bytes += len(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces), cursor

    def _batches_after(self, cursor: int, max_bytes: int) -> Sequence[Batch]:
        """Those above `cursor`, oldest first: mostly as many as make `max_bytes`, whatever the dialect."""
        with self._lock:
            self._check_reach_locked(cursor)
            start = end = bisect_right(self._batches, cursor, key=lambda batch: batch.last_seq)
            size_bytes = 0
            while end < len(self._batches) and size_bytes < 4 * max_bytes:
                size_bytes += self._batches[end].size_bytes
                end += 1
            return self._batches[start:end]
