"""Stand-ins at the seams of the log: stores that wait or fail when told to, an outlet that only takes notes."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from threading import Event as Flag

from server.log.names import NameChange
from server.log.store import MemoryStore, Record, StorageFull, StoreError, Unstorable
from server.log.tail import Batch, Tail
from server.protocol.events import Event, Presence
from server.rounds import Answer
from tests.support.waiting import DEADLINE_S

BROKEN = "디스크가 없습니다."


class Memory(MemoryStore):
    """A log with room for whatever a test writes, unless it is told how much."""

    def __init__(self, max_events: int = 1_000_000, max_bytes: int = 2**40) -> None:
        super().__init__(max_events, max_bytes)


class GatedStore(Memory):
    """Commits only while the gate is open. `reached` is set when somebody stands before it."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = Flag()
        self.reached = Flag()

    def append(self, records: Sequence[Record], names: Sequence[NameChange] = ()) -> None:
        self.reached.set()
        assert self.gate.wait(DEADLINE_S)
        super().append(records, names)


class FailingStore(GatedStore):
    """Fails behind the gate."""

    def append(self, records: Sequence[Record], names: Sequence[NameChange] = ()) -> None:
        self.reached.set()
        assert self.gate.wait(DEADLINE_S)
        raise StoreError(BROKEN)


class FullStore(Memory):
    """Takes nothing while it `is_full`; it counts the attempts."""

    def __init__(self) -> None:
        super().__init__()
        self.is_full = False
        self.refused = 0

    def append(self, records: Sequence[Record], names: Sequence[NameChange] = ()) -> None:
        if self.is_full:
            self.refused += 1
            raise StorageFull(BROKEN)
        super().append(records, names)


class PickyStore(Memory):
    """Can't keep a text of which somebody has made a word that it doesn't know."""

    POISON = "독약"

    def append(self, records: Sequence[Record], names: Sequence[NameChange] = ()) -> None:
        if any(self.POISON in record.line.decode() for record in records):
            raise Unstorable(BROKEN)
        super().append(records, names)


class Notes:
    """An outlet. Keeps what it gets, in the order in which it gets it; holds that a batch is in the tail by then."""

    def __init__(self, tail: Tail) -> None:
        self._tail = tail
        self.batches: list[list[Event]] = []
        self.answers: list[tuple[str, Answer]] = []
        self.presences: list[Presence] = []
        self.order: list[str] = []

    @property
    def events(self) -> list[Event]:
        return [event for batch in self.batches for event in batch]

    def publish(self, batch: Batch) -> None:
        assert self._tail.head == batch.last_seq
        self.batches.append([record.event for record in batch.records])
        self.order.append("publish")

    def tell(self, presences: Sequence[Presence]) -> None:
        self.presences.extend(presences)
        self.order.append("tell")

    def answer(self, holder: str, answer: Answer) -> None:
        self.answers.append((holder, answer))
        self.order.append("answer")


class NoTurns:
    """Everybody hands over when they please."""

    @property
    def somebody_comes(self) -> bool:
        return False

    def round(self, asks: int, members: int) -> AbstractContextManager[None]:
        return nullcontext()
