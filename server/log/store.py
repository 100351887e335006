"""Where the log is kept: what every engine promises (`Store`), and the one in memory. `sqlite` has the one on disk.

An event is stored as the JSON line that it is on the wire, without its `\\n`: what was once encoded is sent again as it stands.
One thread, the sequencer's, appends; any thread reads.
"""

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Final, Protocol

import msgspec

from server.log.forgotten import Forgotten
from server.log.hunt import Hunt
from server.log.names import NameChange, Registration, changed
from server.log.sanctions import Key as SanctionKey
from server.log.sanctions import Sanction, SanctionChange
from server.log.sanctions import changed as sanctions_after
from server.log.seating import KeptSeat
from server.protocol.events import Announced, Event, Said, Whispered, visible_to
from server.protocol.search import SearchPattern

Key = tuple[str, str]
"""(uid, cid): unique in the log, for good."""

Known = Said | Whispered | Forgotten
"""What stands under a key, or stood there until it was forgotten."""

_SEARCHED_AT_ONCE: Final = 500
"""What a search in memory looks at while nobody can append: half a millisecond."""


class StoreError(Exception):
    """The log can't be opened, read or written. `text` says in Korean what happened and what to do."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


class StorageFull(StoreError):
    """There is no room for what should be written. Nothing of it was: it may be tried again, and reading goes on."""


class Unstorable(StoreError):
    """Something among the records can't be kept, whoever tries; nothing of them was. The others can be, without it."""


class Record(msgspec.Struct, frozen=True, gc=False):
    """One event, and its encoded form. There are many, and none holds anything that could hold it: see `events.Frame`."""

    event: Event
    line: bytes
    """The event as JSON, without `\\n`."""
    is_plain: bool = False
    """Of a `joined`: whether the seat ends with its connection, as that of a plain client does."""
    sanction: SanctionChange | None = None
    """What is to be kept of sanctions from this event on."""


@dataclass(frozen=True, slots=True)
class Page:
    """Encoded events, oldest first, and whether there are older ones."""

    lines: tuple[bytes, ...]
    more: bool
    before: int | None = None
    """Of a search that was not finished: below this `seq` nothing has been looked at yet."""
    looked_at: int = field(default=0, compare=False)
    """How many events were looked at for it: all that were passed over, or, of a search, what the one who searched may see of them."""


class Store(Protocol):
    """A log of events, numbered from 1 without a gap. Each opening is an epoch of its own."""

    @property
    def epoch(self) -> str:
        """The name of this opening of the log."""

    @property
    def head(self) -> int:
        """The `seq` of the newest event, 0 in an empty log."""

    @property
    def reaches_back_to(self) -> int:
        """The cursor behind which nothing is missing: 0, unless the oldest events were forgotten."""

    def append(self, records: Sequence[Record], names: Sequence[NameChange] = ()) -> None:
        """Keep `records`, whose `seq` follow `head`, and then `names`: all of them, durably, or nothing.

        Raises StorageFull, Unstorable, and StoreError when nothing can be written any more.
        """

    def read_after(self, seq: int, viewer: str, limit: int) -> list[tuple[int, bytes]]:
        """The oldest `limit` events above `seq` that the client `viewer` may see, as (seq, line), oldest first."""

    def read_before(self, seq: int, viewer: str, limit: int, *, whispers_only: bool = False) -> Page:
        """The newest `limit` events below `seq` that the client `viewer` may see; or only the whispers of these."""

    def search(self, pattern: SearchPattern, nick: str | None, before: int, viewer: str, limit: int) -> Page:
        """The newest `limit` messages and whispers below `before` that match, that `viewer` may see, and that `nick` said, if given.

        May be called by many threads, and never keeps `append` waiting. Looks at a bounded number of messages: a page with `before`
        is to be continued from there, even if nothing is on it.
        """

    def start_of_last(self, count: int, head: int, viewer: str) -> int:
        """The `seq` of the oldest of the last `count` events up to `head` that `viewer` may see; `head` + 1 if there is none."""

    def find(self, keys: Collection[Key]) -> Mapping[Key, Known]:
        """Those of `keys` that are in the log already, with what stands or stood there."""

    def holds(self, epoch: str, seq: int) -> bool:
        """Whether somebody who saw `seq` in `epoch` saw this very log, also if what follows was forgotten since."""

    def seated(self) -> tuple[KeptSeat, ...]:
        """Who had a seat at the head and may come back to it, in the order in which they came."""

    def lapsed(self) -> tuple[KeptSeat, ...]:
        """Who had a seat at the head that ended with the connection: what is left to do is to say so."""

    def registered(self) -> tuple[Registration, ...]:
        """The nicknames that are kept for somebody, the oldest first."""

    def sanctions(self) -> tuple[Sanction, ...]:
        """Who may not come in and who may not speak, the oldest first; also what has ended since."""

    def hurry(self) -> None:
        """Wait for no other program any more: the server stops. Any thread may call it."""

    def close(self) -> None:
        """Let go of the file. No other call may follow. Raises StoreError, once it is let go of, if something that was kept is not in it
        any more and nobody was told so yet."""


def passed_over(store: Store, before: int, oldest: int | None) -> int:
    """How many events are looked at to find the one with the seq `oldest`, or that there is none, from below `before` on backwards."""
    newest = min(before - 1, store.head)
    return max(0, newest - (store.reaches_back_to if oldest is None else oldest - 1))


def page_of(hunt: Hunt) -> Page:
    """What was found, when there is nothing more to look at or the hunt is over."""
    lines = tuple(line for _, line in reversed(hunt.hits[: hunt.limit]))
    if len(hunt.hits) > hunt.limit:
        return Page(lines, more=True, looked_at=hunt.looks)
    return Page(lines, more=hunt.is_tired, before=hunt.before if hunt.is_tired else None, looked_at=hunt.looks)


def key_of(event: Event) -> Key | None:
    """The idempotence key of an event, if its sender gave one."""
    if isinstance(event, Said | Whispered) and event.cid is not None:
        return event.uid, event.cid
    return None


class MemoryStore:
    """The log in memory. Holds the newest `max_events`, in about `max_bytes`, and forgets at a time a tenth of them, with their keys."""

    def __init__(self, max_events: int, max_bytes: int) -> None:
        self.epoch = secrets.token_hex(8)
        self._max_events = max_events
        self._max_bytes = max_bytes
        self._bytes = 0
        self._lock = Lock()
        self._records: list[Record] = []
        self._by_key: dict[Key, Said | Whispered] = {}
        self._forgotten = 0
        self._names: dict[str, Registration] = {}
        self._sanctions: dict[SanctionKey, Sanction] = {}

    @property
    def head(self) -> int:
        return self._forgotten + len(self._records)

    @property
    def reaches_back_to(self) -> int:
        return self._forgotten

    def append(self, records: Sequence[Record], names: Sequence[NameChange] = ()) -> None:
        with self._lock:
            self._names = changed(self._names, names)
            changes = [record.sanction for record in records if record.sanction is not None]
            self._sanctions = sanctions_after(self._sanctions, changes)
            self._records.extend(records)
            for record in records:
                self._bytes += _size(record)
                self._index_locked(record.event)
            while len(self._records) > self._max_events or self._bytes > self._max_bytes:
                self._forget_locked(1 + len(self._records) // 10)

    def _index_locked(self, event: Event) -> None:
        key = key_of(event)
        if key is not None and isinstance(event, Said | Whispered):
            self._by_key[key] = event

    def _forget_locked(self, count: int) -> None:
        for record in self._records[:count]:
            self._bytes -= _size(record)
            key = key_of(record.event)
            if key is not None:
                self._by_key.pop(key, None)
        del self._records[:count]
        self._forgotten += count

    def read_after(self, seq: int, viewer: str, limit: int) -> list[tuple[int, bytes]]:
        found: list[tuple[int, bytes]] = []
        with self._lock:
            for index in range(max(0, seq - self._forgotten), len(self._records)):
                if len(found) == limit:
                    break
                record = self._records[index]
                if visible_to(record.event, viewer):
                    found.append((record.event.seq, record.line))
        return found

    def read_before(self, seq: int, viewer: str, limit: int, *, whispers_only: bool = False) -> Page:
        newest = self._newest_first(seq, viewer, limit + 1, whispers_only=whispers_only)
        more = len(newest) > limit
        passed = passed_over(self, seq, newest[-1].event.seq if more else None)
        return Page(tuple(record.line for record in reversed(newest[:limit])), more, looked_at=passed)

    def search(self, pattern: SearchPattern, nick: str | None, before: int, viewer: str, limit: int) -> Page:
        hunt = Hunt(pattern, nick, before, limit)
        while not hunt.is_over and (records := self._newest_first(hunt.before, viewer, _SEARCHED_AT_ONCE)):
            for record in records:
                event = record.event
                text = event.text if isinstance(event, Said | Whispered | Announced) else None
                hunt.look_at(event.seq, event.nick, text, record.line)
        return page_of(hunt)

    def start_of_last(self, count: int, head: int, viewer: str) -> int:
        newest = self._newest_first(head + 1, viewer, count)
        return newest[-1].event.seq if newest else head + 1

    def _newest_first(self, before: int, viewer: str, limit: int, *, whispers_only: bool = False) -> list[Record]:
        found: list[Record] = []
        with self._lock:
            for index in range(min(before - 1 - self._forgotten, len(self._records)) - 1, -1, -1):
                if len(found) == limit:
                    break
                event = self._records[index].event
                if visible_to(event, viewer) and (isinstance(event, Whispered) or not whispers_only):
                    found.append(self._records[index])
        return found

    def find(self, keys: Collection[Key]) -> Mapping[Key, Known]:
        with self._lock:
            return {key: self._by_key[key] for key in keys if key in self._by_key}

    def holds(self, epoch: str, seq: int) -> bool:
        return epoch == self.epoch and 0 <= seq <= self.head

    def seated(self) -> tuple[KeptSeat, ...]:
        return ()

    def lapsed(self) -> tuple[KeptSeat, ...]:
        return ()

    def registered(self) -> tuple[Registration, ...]:
        return tuple(self._names.values())

    def sanctions(self) -> tuple[Sanction, ...]:
        return tuple(self._sanctions.values())

    def hurry(self) -> None:
        """There is nobody to wait for."""

    def close(self) -> None:
        with self._lock:
            self._records.clear()
            self._by_key.clear()


def _size(record: Record) -> int:
    """About what a record takes in memory: its line, and the same again decoded, at up to four bytes a character."""
    return 512 + 3 * len(record.line)
