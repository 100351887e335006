"""The one thread that decides order, in rounds: take what has arrived, play it, commit it as one transaction, publish it.

The room's rules run here, so the roster needs no lock, and nothing is published that is not committed. After a round that took d the
next one starts no sooner than min(2 ms, 2·d) later: batches get bigger and a busy room costs a third of the CPU, while an idle
one answers at once. A round also runs, though nothing has arrived, when the room says that one is due: the grace of a seat has ended.

A round that can't be committed is rolled back, and nobody learns of it. On a full disk it is played again without what would have to be
written, which is refused until there is room. If something in it can't be stored, it is played again in halves, until that stands alone.
Any other failure of the log is the end.
"""

import logging
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from threading import Condition, Lock, Thread
from typing import Generic, Protocol, TypeVar

import msgspec

from server.config import HEARING_LOOK_S, MAX_HEARING_S, MAX_ROUND_PAUSE_S
from server.log.store import Record, StorageFull, Store, StoreError, Unstorable
from server.log.tail import Batch, Tail
from server.protocol import phrases
from server.protocol.errors import Code, Refusal
from server.protocol.events import Presence
from server.room import Room
from server.roster import Holder
from server.rounds import Answer, Ask, Deed, Enter, Request, Round, about_command

logger = logging.getLogger(__name__)

_encoder = msgspec.json.Encoder()
_Holder = TypeVar("_Holder", contravariant=True)


class SequencerStopped(Exception):
    """Nothing can be decided any more: the server stops, or its log can't be written."""


class Outlet(Protocol[_Holder]):
    """Where a committed round goes."""

    def publish(self, batch: Batch) -> None:
        """Send `batch`, which is in the tail already, to all who are caught up. Must not block."""

    def tell(self, presences: Sequence[Presence]) -> None:
        """Say who went away or came back, after everything that was published before. Must not block."""

    def answer(self, holder: _Holder, answer: Answer) -> None:
        """Send `answer` to one. Must not block."""


class Turns(Protocol):
    """How the rounds and those who have something to hand over take turns."""

    def round(self, asks: int, members: int) -> AbstractContextManager[None]:
        """While a round is run in which members ask for so much, in a room of so many. Must not block."""

    @property
    def somebody_comes(self) -> bool:
        """Whether somebody is about to hand something over."""


@dataclass(slots=True)
class _Intake(Generic[Holder]):
    """What has arrived since the last round."""

    requests: list[Request[Holder]] = field(default_factory=list)
    barriers: list[Future[None]] = field(default_factory=list)
    size_bytes: int = 0

    def give_up(self) -> None:
        """Whoever waits for a decision learns that none will come."""
        for barrier in self.barriers:
            if not barrier.done():
                barrier.set_exception(SequencerStopped())
        for request in self.requests:
            if isinstance(request, Enter) and not request.verdict.done():
                request.verdict.set_exception(SequencerStopped())


class Sequencer(Generic[Holder]):
    """Runs rounds until it is stopped or the log fails; `on_failure` is called, on the sequencer's thread, in the second case."""

    def __init__(
        self,
        room: Room[Holder],
        store: Store,
        tail: Tail,
        outlet: Outlet[Holder],
        turns: Turns,
        max_pending_bytes: int,
        on_failure: Callable[[], None],
    ) -> None:
        self._room = room
        self._store = store
        self._tail = tail
        self._outlet = outlet
        self._turns = turns
        self._max_pending_bytes = max_pending_bytes
        self._on_failure = on_failure
        self._lock = Lock()
        self._arrival = Condition(self._lock)
        """Waited for by the sequencer's thread alone."""
        self._space = Condition(self._lock)
        """Waited for by those who have something to hand over: whoever finds some wakes the next, so none runs in vain."""
        self._queued = 0
        """How many these are."""
        self._wakes_at_bytes = 0
        """How much must have arrived for the sequencer's thread to be woken."""
        self._arrived: _Intake[Holder] = _Intake()
        self._taken: _Intake[Holder] = _Intake()
        self._stopping = False
        self.failed = False
        """Whether it ended by itself."""
        self.storage_failure: StoreError | None = None
        """Why the log can't be written, if it was that."""
        self._is_disk_full = False
        self._thread = Thread(target=self._run, name="sequencer")

    def start(self) -> None:
        """Begin to run rounds."""
        self._thread.start()

    def stop(self) -> None:
        """Run what has been submitted, then end. Later submissions raise SequencerStopped."""
        with self._lock:
            self._stop_locked()
        if self._thread.is_alive():
            self._thread.join()

    def _stop_locked(self) -> None:
        self._stopping = True
        self._arrival.notify()
        self._space.notify_all()

    def submit(self, requests: Sequence[Request[Holder]], size_bytes: int) -> None:
        """Hand `requests` over, in this order. Waits while too much is pending. Raises SequencerStopped."""
        with self._lock:
            self._wait_for_space_locked()
            if self._stopping:
                raise SequencerStopped
            self._arrived.requests.extend(requests)
            self._arrived.size_bytes += size_bytes
            if not self._has_no_space_locked():
                self._space.notify()
            if self._arrived.size_bytes >= self._wakes_at_bytes:
                self._arrival.notify()

    def _wait_for_space_locked(self) -> None:
        """By and large in the order of their coming: whoever floods must not be back before those who have to be woken up first.

        Whoever is woken and finds no space any more waits again, behind the others.
        """
        if not (self._queued or self._has_no_space_locked()):
            return
        self._queued += 1
        try:
            while not self._stopping:
                self._space.wait()
                if not self._has_no_space_locked():
                    return
        finally:
            self._queued -= 1

    def _has_no_space_locked(self) -> bool:
        return self._arrived.size_bytes >= self._max_pending_bytes

    def settle(self) -> None:
        """Wait until all that was submitted before is committed and published. Raises SequencerStopped."""
        barrier: Future[None] = Future()
        with self._lock:
            if self._stopping:
                raise SequencerStopped
            self._arrived.barriers.append(barrier)
            if not self._wakes_at_bytes:
                self._arrival.notify()
        barrier.result()

    def _run(self) -> None:
        try:
            while self._run_round():
                pass
        except StoreError as error:
            self.storage_failure = error
            logger.error("the log can't be written: %s", error.__cause__ or error.text)  # noqa: TRY400
            self._fail()
        except Exception:
            logger.exception("the sequencer failed")
            self._fail()

    def _run_round(self) -> bool:
        """Take what has arrived and run it; whether there can be another round."""
        with self._lock:
            due_in_s = self._room.due_in_s()
            while not (self._arrived.requests or self._arrived.barriers or self._stopping or _is_due(due_in_s)):
                self._arrival.wait(due_in_s)
                due_in_s = self._room.due_in_s()
            self._taken, self._arrived = self._arrived, _Intake()
            last = self._stopping
            self._space.notify()
        started = time.monotonic()
        if self._taken.requests or _is_due(due_in_s):
            asks = sum(isinstance(request, Ask) for request in self._taken.requests)  # who comes in has only come in
            with self._turns.round(asks, len(self._room.members)):
                self._carry_out(self._taken.requests)
        for barrier in self._taken.barriers:
            barrier.set_result(None)
        self._taken = _Intake()  # whoever asked may be gone long before the next round
        if not last:
            self._pause(min(MAX_ROUND_PAUSE_S, 2 * (time.monotonic() - started)))
        return not last

    def _pause(self, seconds: float) -> None:
        """Let more arrive, and whoever is about to come in; unless there is as much already as there may be."""
        with self._lock:
            self._wakes_at_bytes = self._max_pending_bytes
            is_enough = self._arrival.wait_for(self._has_enough_locked, seconds)
            until_s = time.monotonic() + MAX_HEARING_S
            while not is_enough and self._turns.somebody_comes and time.monotonic() < until_s:
                is_enough = self._arrival.wait_for(self._has_enough_locked, HEARING_LOOK_S)
            self._wakes_at_bytes = 0

    def _has_enough_locked(self) -> bool:
        return self._stopping or self._has_no_space_locked()

    def _fail(self) -> None:
        """Decide nothing any more, and let go of all who wait for a decision."""
        with self._lock:
            self.failed = True
            self._stop_locked()
        for intake in (self._taken, self._arrived):
            intake.give_up()
        self._on_failure()

    def _carry_out(self, requests: Sequence[Request[Holder]]) -> None:
        played = self._room.play(requests, self._store.head)
        try:
            batch = _encoded(played) if played.events else None
            if batch is not None or played.names:
                self._store.append(() if batch is None else batch.records, played.names)
                self._note_space(None)
        except StorageFull as full:
            self._room.roll_back(played)
            self._note_space(full)
            self._carry_out_unwritten(requests)
        except Unstorable:
            self._room.roll_back(played)
            self._carry_out_apart(requests)
        else:
            self._room.committed(played)
            if batch is not None:
                self._tail.append(batch)
                self._outlet.publish(batch)
            self._give(played)

    def _note_space(self, full: StorageFull | None) -> None:
        """Say it once: whoever runs the server is the only one who can do something about it."""
        if (full is not None) != self._is_disk_full:
            self._is_disk_full = full is not None
            logger.warning(full.text if full else phrases.DISK_HAS_ROOM)

    def _carry_out_unwritten(self, requests: Sequence[Request[Holder]]) -> None:
        """There is no room: what needs none goes on, all else is refused or put off."""
        played = self._room.play(requests, self._store.head, is_full=True)
        self._room.committed(played)
        self._give(played)

    def _carry_out_apart(self, requests: Sequence[Request[Holder]]) -> None:
        """One of these can't be stored: all others are, each in its turn."""
        if len(requests) > 1:
            middle = len(requests) // 2
            self._carry_out(requests[:middle])
            self._carry_out(requests[middle:])
            return
        [request] = requests  # a round that nobody asked for is about names that were stored
        logger.error("what one asked for can't be stored; it is refused")
        self._refuse_unstorable(request)

    def _refuse_unstorable(self, request: Request[Holder]) -> None:
        match request:
            case Enter():
                request.verdict.set_exception(Refusal(Code.NICK_INVALID, phrases.UNSTORABLE))
            case Ask():
                refusal = about_command(Refusal(Code.BAD_FRAME, phrases.UNSTORABLE), request.command)
                self._outlet.answer(request.holder, refusal)
            case _:
                raise AssertionError("that somebody leaves is about a name that was stored")

    def _give(self, played: Round[Holder]) -> None:
        """What is not in the log, and only now: a verdict before the commit could be of something that never happened."""
        _note_deeds(played.deeds)
        if played.presences:
            self._outlet.tell(played.presences)
        for holder, answer in played.answers:
            self._outlet.answer(holder, answer)
        for future, verdict in played.verdicts:
            if isinstance(verdict, Refusal):
                future.set_exception(verdict)
            else:
                future.set_result(verdict)


def _encoded(played: Round[Holder]) -> Batch:
    """Everything that will be sent, before anything is committed. Raises Unstorable."""
    try:
        lines = _encoder.encode_lines(played.events).split(b"\n")
    except (UnicodeError, OverflowError, TypeError) as error:
        raise Unstorable(phrases.UNSTORABLE) from error
    if not (played.plain_seqs or played.sanctions):
        return Batch(list(map(Record, played.events, lines)))
    return Batch(
        [
            Record(event, line, event.seq in played.plain_seqs, played.sanctions.get(event.seq))
            for event, line in zip(played.events, lines, strict=False)  # behind the last `\n` there is nothing
        ]
    )


def _is_due(due_in_s: float | None) -> bool:
    return due_in_s is not None and due_in_s <= 0


def _note_deeds(deeds: Iterable[Deed]) -> None:
    """What operators did: who, about whom, until when; never what they said."""
    for deed in deeds:
        whom = f" {deed.target}" if deed.target else ""
        until = "" if deed.until_ms is None else f" until {_moment(deed.until_ms)}"
        logger.info("%s (%s): %s%s%s", deed.uid, deed.nick, deed.action, whom, until)


def _moment(at_ms: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at_ms / 1000))
