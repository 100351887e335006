"""The newest events, encoded once per dialect: what everybody who is not far behind reads.

A `Batch` is what one round appended; the `Tail` is the last of them, bounded. The sequencer's thread appends, any thread reads.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
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


@dataclass(frozen=True, slots=True)
class Entry:
    """One event of the tail, as one or more lines in each dialect."""

    record: Record
    json_line: bytes
    plain_lines: bytes
    """Of a whisper nothing: its two ends read different sentences, so it is encoded for each when it is sent."""

    @classmethod
    def of(cls, record: Record) -> "Entry":
        """Encode `record`."""
        private = isinstance(record.event, Whispered)
        return cls(record, record.line + b"\n", b"" if private else plain.encode_event(record.event, ""))

    @property
    def seq(self) -> int:
        return self.record.event.seq

    def encoded_for(self, viewer: str, dialect: Dialect) -> bytes:
        """What the client `viewer` gets of this event; nothing if it is not theirs to see."""
        event = self.record.event
        if isinstance(event, Whispered):
            if not visible_to(event, viewer):
                return b""
            return self.json_line if dialect is Dialect.JSON else plain.encode_event(event, viewer)
        return self.json_line if dialect is Dialect.JSON else self.plain_lines


class Batch:
    """What one round appended, joined once per dialect for all who see nothing private in it."""

    def __init__(self, records: Sequence[Record]) -> None:
        self.records = records
        self.entries = [Entry.of(record) for record in records]
        self.last_seq = self.entries[-1].seq
        public = [entry for entry in self.entries if not isinstance(entry.record.event, Whispered)]
        self._json_block = b"".join(entry.json_line for entry in public)
        self._plain_block = b"".join(entry.plain_lines for entry in public)
        self._ends = _ends_of(self.entries)

    def block_for(self, viewer: str, dialect: Dialect) -> bytes:
        """All that the client `viewer` gets of this batch: for nearly everybody the very same object."""
        if viewer in self._ends:
            return b"".join(entry.encoded_for(viewer, dialect) for entry in self.entries)
        return self._json_block if dialect is Dialect.JSON else self._plain_block


def _ends_of(entries: Iterable[Entry]) -> frozenset[str]:
    whispers = [entry.record.event for entry in entries if isinstance(entry.record.event, Whispered)]
    return frozenset(uid for event in whispers for uid in (event.uid, event.to_uid))


@dataclass(slots=True)
class Tail:
    """At least the last batch, at most `max_events` and `max_bytes` by and large: it trims when it holds twice as much."""

    head: int
    """The `seq` of the newest event that was published. Read without the lock: it only grows."""
    max_events: int
    max_bytes: int
    _entries: list[Entry] = field(default_factory=list)
    _bytes: int = 0
    _lock: Lock = field(default_factory=Lock)

    def append(self, batch: Batch) -> None:
        """Publish `batch`: from now on it can be read here."""
        with self._lock:
            self._entries.extend(batch.entries)
            self._bytes += sum(map(_size, batch.entries))
            if len(self._entries) > 2 * self.max_events or self._bytes > 2 * self.max_bytes:
                self._trim_locked()
            self.head = batch.last_seq

    def _trim_locked(self) -> None:
        kept_bytes, keep_from = 0, len(self._entries)
        while keep_from > 0 and len(self._entries) - keep_from < self.max_events:
            kept_bytes += _size(self._entries[keep_from - 1])
            if kept_bytes > self.max_bytes:
                break
            keep_from -= 1
        del self._entries[:keep_from]
        self._bytes = sum(map(_size, self._entries))

    def start_of_last(self, count: int, head: int, viewer: str) -> int:
        """The first of the newest `count` events up to `head` that the client `viewer` may see. Raises FellBehind if not all are here.

        Nor if they lie too far back: somebody may be surrounded by other people's whispers, and nobody can append meanwhile.
        """
        with self._lock:
            place = bisect_right(self._entries, head, key=lambda entry: entry.seq)
            limit, wanted = max(0, place - LOOKED_BACK * count), count
            while place > limit and wanted:
                place -= 1
                wanted -= visible_to(self._entries[place].record.event, viewer)
            if wanted or not count:
                raise FellBehind(self.head)
            return self._entries[place].seq

    def read_after(self, cursor: int, max_bytes: int) -> list[Entry]:
        """Events above `cursor`, oldest first, about `max_bytes` of them. Raises FellBehind."""
        with self._lock:
            if cursor >= self.head:
                return []
            oldest = self._entries[0].seq if self._entries else self.head + 1
            if cursor < oldest - 1:
                raise FellBehind(oldest - 1)
            start = bisect_right(self._entries, cursor, key=lambda entry: entry.seq)
            end, taken_bytes = start, 0
            while end < len(self._entries) and taken_bytes < max_bytes:
                taken_bytes += _size(self._entries[end])
                end += 1
            return self._entries[start:end]


def _size(entry: Entry) -> int:
    return len(entry.json_line) + len(entry.plain_lines)
