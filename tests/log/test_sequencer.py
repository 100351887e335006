"""Rounds: what has arrived is decided together, committed, and only then known to anybody."""

import logging
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial

import pytest

from server.log.names import NameChange
from server.log.sequencer import Sequencer, SequencerStopped, Turns
from server.log.store import MemoryStore, Record, StoreError
from server.log.tail import Batch, Tail
from server.protocol.errors import Code, Refusal
from server.protocol.events import Left, Rename, Said, Say
from server.room import Room
from server.roster import Seat
from server.rounds import Admission, Echo, Promote
from tests.support.rounds import asking, entering, leaving
from tests.support.samples import AT, CHEOLSU, NICKS, YOUNGHEE
from tests.support.seams import BROKEN, FailingStore, FullStore, GatedStore, Memory, Notes, NoTurns, PickyStore
from tests.support.tasks import Task
from tests.support.waiting import DEADLINE_S, until

MAX_PENDING = 100


class Bench:
    """A running sequencer, whose outlet takes notes."""

    def __init__(self, store: MemoryStore, outlet_of: Callable[[Tail], Notes], turns: Turns) -> None:
        self.store = store
        self.tail = Tail(store.head, 1000, 1_000_000)
        self.notes = outlet_of(self.tail)
        self.failed_on: list[str] = []
        self.room: Room[str] = Room(store.find, lambda: AT, time.monotonic)
        self.sequencer: Sequencer[str] = Sequencer(
            self.room,
            store,
            self.tail,
            self.notes,
            turns,
            MAX_PENDING,
            lambda: self.failed_on.append(threading.current_thread().name),
        )
        self.sequencer.start()

    def enter(self, uid: str = YOUNGHEE) -> Seat[str]:
        request = entering(NICKS[uid], uid, NICKS[uid])
        self.sequencer.submit([request], 0)
        return request.verdict.result(DEADLINE_S).seat

    def say(self, seat: Seat[str], text: str, size_bytes: int = 0) -> None:
        self.sequencer.submit([asking(seat, Say(None, text))], size_bytes)

    def texts(self) -> list[list[str]]:
        """What was said, by round."""
        return [[getattr(event, "text", event.nick) for event in batch] for batch in self.notes.batches]


@contextmanager
def running(
    store: MemoryStore | None = None, outlet_of: Callable[[Tail], Notes] = Notes, turns: Turns | None = None
) -> Iterator[Bench]:
    bench = Bench(store or Memory(), outlet_of, turns or NoTurns())
    try:
        yield bench
    finally:
        if isinstance(bench.store, GatedStore):
            bench.store.gate.set()
        bench.sequencer.stop()


@pytest.fixture
def bench() -> Iterator[Bench]:
    with running() as one:
        yield one


@pytest.fixture
def gated() -> Iterator[tuple[Bench, GatedStore, Seat[str]]]:
    """영희 is in the room; now the gate is closed."""
    store = GatedStore()
    store.gate.set()
    with running(store) as one:
        seat = one.enter()
        one.sequencer.settle()
        store.gate.clear()
        store.reached.clear()
        yield one, store, seat


# --- rounds -----------------------------------------------------------------------------------------------------------


def test_what_is_submitted_becomes_events_in_its_order(bench: Bench) -> None:
    seat = bench.enter()
    bench.sequencer.submit([asking(seat, Say(None, text)) for text in "가나다"], 9)
    bench.say(seat, "라")
    bench.sequencer.settle()
    assert [text for batch in bench.texts() for text in batch] == ["영희", *"가나다라"]
    assert [event.seq for event in bench.notes.events] == [1, 2, 3, 4, 5]
    assert bench.store.head == bench.tail.head == 5


def test_what_arrives_during_a_round_is_the_next_round(gated: tuple[Bench, GatedStore, Seat[str]]) -> None:
    bench, store, seat = gated
    bench.say(seat, "가")
    assert store.reached.wait(DEADLINE_S)
    for text in "나다라":
        bench.say(seat, text)
    store.gate.set()
    bench.sequencer.settle()
    assert bench.texts() == [["영희"], ["가"], ["나", "다", "라"]]


def test_nothing_is_known_before_it_is_committed(gated: tuple[Bench, GatedStore, Seat[str]]) -> None:
    bench, store, seat = gated
    request = entering("철수", CHEOLSU, "철수")
    bench.sequencer.submit([request, asking(seat, Say(None, "가")), asking(seat, Rename("영희"))], 0)
    assert store.reached.wait(DEADLINE_S)
    assert bench.texts() == [["영희"]]
    assert bench.tail.head == 1
    assert bench.notes.answers == []
    assert not request.verdict.done()
    assert [member.nick for member in bench.room.members] == ["영희"]
    store.gate.set()
    assert isinstance(request.verdict.result(DEADLINE_S), Admission)
    assert bench.texts() == [["영희"], ["철수", "가"]]


def test_answers_follow_the_events_of_their_round(bench: Bench) -> None:
    seat = bench.enter()
    bench.notes.order.clear()
    bench.sequencer.submit(
        [asking(seat, Say("c", "가")), asking(seat, Say("c", "가")), asking(seat, Say(None, "나"))], 0
    )
    bench.sequencer.settle()
    assert bench.notes.order == ["publish", "answer"]
    assert bench.notes.answers == [("영희", Echo(Said(2, AT, YOUNGHEE, "영희", "가", "c")))]


def test_a_round_in_which_nothing_happened_is_not_published(bench: Bench) -> None:
    seat = bench.enter()
    bench.sequencer.submit([asking(seat, Rename("영희"))], 0)
    bench.sequencer.settle()
    assert len(bench.notes.batches) == 1
    assert len(bench.notes.answers) == 1


def test_a_refused_newcomer_learns_why(bench: Bench) -> None:
    bench.enter()
    request = entering("영희", CHEOLSU, "다른 영희")
    bench.sequencer.submit([request], 0)
    refusal = request.verdict.exception(DEADLINE_S)
    assert isinstance(refusal, Refusal)
    assert refusal.code is Code.NICK_IN_USE


class Connection(str):
    """A holder of whom can be seen when nobody knows it any more."""

    __slots__ = ("__weakref__",)


def test_an_idle_room_knows_nothing_more_of_who_has_left(bench: Bench) -> None:
    connection = Connection("영희")
    known = weakref.ref(connection)
    request = entering("영희", YOUNGHEE, connection)
    bench.sequencer.submit([request], 0)
    seat = request.verdict.result(DEADLINE_S).seat
    bench.sequencer.submit([leaving(seat)], 0)
    del request, connection
    until(lambda: known() is None)
    assert bench.room.members.everybody == ()


def test_many_senders_at_once_each_keep_their_order(bench: Bench) -> None:
    seats = [bench.enter(uid) for uid in (YOUNGHEE, CHEOLSU)]
    said = [str(number) for number in range(200)]

    def send(seat: Seat[str]) -> None:
        for text in said:
            bench.say(seat, text, size_bytes=5)

    tasks = [Task(partial(send, seat)) for seat in seats]
    assert [task.finish() for task in tasks] == [None, None]
    bench.sequencer.settle()
    events = bench.notes.events[2:]
    assert [event.seq for event in events] == list(range(3, 403))
    for seat in seats:
        assert [getattr(event, "text", "") for event in events if event.uid == seat.uid] == said


# --- waiting ----------------------------------------------------------------------------------------------------------


def test_settling_waits_for_the_commit(gated: tuple[Bench, GatedStore, Seat[str]]) -> None:
    bench, store, seat = gated
    bench.say(seat, "가")
    settling = Task(bench.sequencer.settle)
    assert settling.waits()
    store.gate.set()
    assert settling.finish() is None
    assert bench.texts()[-1] == ["가"]


def test_settling_has_nothing_to_wait_for_in_an_idle_room(bench: Bench) -> None:
    bench.sequencer.settle()
    assert bench.notes.batches == []


def test_who_sends_too_much_waits_until_it_is_decided(gated: tuple[Bench, GatedStore, Seat[str]]) -> None:
    bench, store, seat = gated
    bench.say(seat, "가")
    assert store.reached.wait(DEADLINE_S)
    bench.say(seat, "나", size_bytes=MAX_PENDING)
    sending = Task(lambda: bench.say(seat, "다", size_bytes=1))
    assert sending.waits()
    store.gate.set()
    assert sending.finish() is None
    bench.sequencer.settle()
    assert [text for batch in bench.texts() for text in batch] == ["영희", *"가나다"]


def test_who_finds_space_wakes_the_next(gated: tuple[Bench, GatedStore, Seat[str]]) -> None:
    """There is no round after it that would: what the first hands over asks for none."""
    bench, store, seat = gated
    bench.say(seat, "가")
    assert store.reached.wait(DEADLINE_S)
    bench.say(seat, "나", size_bytes=MAX_PENDING)
    sending = [Task(lambda: bench.sequencer.submit([], 1)) for _ in range(2)]
    assert all(task.waits() for task in sending)
    store.gate.set()
    assert [task.finish() for task in sending] == [None, None]


def test_one_request_may_be_larger_than_what_may_wait(bench: Bench) -> None:
    seat = bench.enter()
    bench.say(seat, "가", size_bytes=10 * MAX_PENDING)
    bench.sequencer.settle()
    assert bench.texts()[-1] == ["가"]


class Coming(NoTurns):
    """In each pause somebody is at the door until it has been looked for them four times."""

    def __init__(self) -> None:
        self._looks = 0
        self.looked = threading.Event()

    @property
    def somebody_comes(self) -> bool:
        self._looks += 1
        self.looked.set()
        return self._looks % 4 != 0


class Counted(NoTurns):
    """Notes how much was asked for in each round."""

    def __init__(self) -> None:
        self.asks: list[int] = []

    def round(self, asks: int, members: int) -> AbstractContextManager[None]:
        self.asks.append(asks)
        return super().round(asks, members)


def test_who_comes_in_asks_for_nothing_yet() -> None:
    counted = Counted()
    with running(turns=counted) as bench:
        seat = bench.enter()
        bench.say(seat, "가")
        bench.sequencer.settle()
        assert counted.asks == [0, 1]


def test_while_somebody_comes_the_next_round_waits_for_them() -> None:
    coming = Coming()
    with running(turns=coming) as bench:
        seat = bench.enter()

        def say_in_the_pause(text: str) -> None:
            coming.looked.clear()
            coming.looked.wait(DEADLINE_S)
            bench.say(seat, text)

        def are_in_one_round() -> bool:
            bench.say(seat, "앞")
            say_in_the_pause("가")
            say_in_the_pause("나")
            bench.sequencer.settle()
            return ["가", "나"] in bench.texts()

        until(are_in_one_round)


# --- stopping ---------------------------------------------------------------------------------------------------------


def test_a_stop_runs_what_was_submitted(gated: tuple[Bench, GatedStore, Seat[str]]) -> None:
    bench, store, seat = gated
    bench.say(seat, "가")
    assert store.reached.wait(DEADLINE_S)
    bench.sequencer.submit([asking(seat, Say(None, "나")), leaving(seat)], 0)
    stopping = Task(bench.sequencer.stop)
    assert stopping.waits()
    store.gate.set()
    assert stopping.finish() is None
    assert bench.texts() == [["영희"], ["가"], ["나", "영희"]]
    assert not bench.sequencer.failed
    assert bench.failed_on == []


def test_after_a_stop_nothing_is_taken_any_more(bench: Bench) -> None:
    seat = bench.enter()
    bench.sequencer.stop()
    with pytest.raises(SequencerStopped):
        bench.say(seat, "가")
    with pytest.raises(SequencerStopped):
        bench.sequencer.settle()


def test_a_stop_lets_go_of_who_waits_to_send(gated: tuple[Bench, GatedStore, Seat[str]]) -> None:
    bench, store, seat = gated
    bench.say(seat, "가")
    assert store.reached.wait(DEADLINE_S)
    bench.say(seat, "나", size_bytes=MAX_PENDING)
    sending = Task(lambda: bench.say(seat, "다"))
    assert sending.waits()
    stopping = Task(bench.sequencer.stop)
    assert isinstance(sending.finish(), SequencerStopped)
    store.gate.set()
    assert stopping.finish() is None
    assert bench.texts()[-1] == ["나"]


# --- when the log fails -----------------------------------------------------------------------------------------------


def test_what_could_not_be_committed_is_never_known() -> None:
    store = FailingStore()
    with running(store) as bench:
        request = entering("영희", YOUNGHEE, "영희")
        bench.sequencer.submit([request], 0)
        store.gate.set()
        assert isinstance(request.verdict.exception(DEADLINE_S), SequencerStopped)
        until(lambda: bench.failed_on == ["sequencer"])
        assert bench.notes.batches == []
        assert bench.tail.head == 0
        assert bench.sequencer.failed


def test_a_failure_lets_go_of_all_who_wait() -> None:
    store = FailingStore()
    with running(store) as bench:
        first, later = entering("영희", YOUNGHEE, "영희"), entering("철수", CHEOLSU, "철수")
        bench.sequencer.submit([first], 0)
        assert store.reached.wait(DEADLINE_S)
        bench.sequencer.submit([later], MAX_PENDING)
        sending = Task(lambda: bench.sequencer.submit([], 1))
        settling = Task(bench.sequencer.settle)
        assert sending.waits()
        assert settling.waits()
        store.gate.set()
        released = [sending.finish(), settling.finish(), first.verdict.exception(DEADLINE_S)]
        released.append(later.verdict.exception(DEADLINE_S))
        assert [type(error) for error in released] == [SequencerStopped] * 4


class PickyThenFailingStore(PickyStore):
    """Knows a word that it doesn't know, and keeps nothing else, either."""

    def append(self, records: Sequence[Record], names: Sequence[NameChange] = ()) -> None:
        super().append(records, names)
        raise StoreError(BROKEN)


def test_a_failure_leaves_those_alone_who_have_their_verdict() -> None:
    with running(PickyThenFailingStore()) as bench:
        refused, waiting = entering(PickyStore.POISON, CHEOLSU, "독약"), entering("영희", YOUNGHEE, "영희")
        bench.sequencer.submit([refused, waiting], 0)
        until(lambda: bench.failed_on == ["sequencer"])
        assert isinstance(refused.verdict.exception(0), Refusal)
        assert isinstance(waiting.verdict.exception(0), SequencerStopped)


def test_after_a_failure_nothing_is_taken_any_more_and_a_stop_is_fine() -> None:
    store = FailingStore()
    store.gate.set()
    with running(store) as bench:
        bench.sequencer.submit([entering("영희", YOUNGHEE, "영희")], 0)
        until(lambda: bench.failed_on != [])
        with pytest.raises(SequencerStopped):
            bench.sequencer.submit([], 0)
        with pytest.raises(SequencerStopped):
            bench.sequencer.settle()
        bench.sequencer.stop()
        assert len(bench.failed_on) == 1


def test_the_failure_of_the_log_is_kept_for_its_owner() -> None:
    store = FailingStore()
    store.gate.set()
    with running(store) as bench:
        bench.sequencer.submit([entering("영희", YOUNGHEE, "영희")], 0)
        until(lambda: bench.failed_on != [])
        assert bench.sequencer.storage_failure is not None
        assert bench.sequencer.storage_failure.text == BROKEN


# --- when the disk is full --------------------------------------------------------------------------------------------


@pytest.fixture
def full() -> Iterator[tuple[Bench, FullStore, Seat[str]]]:
    """영희 is in the room; now there is no room for anything more."""
    store = FullStore()
    with running(store) as one:
        seat = one.enter()
        one.sequencer.settle()
        store.is_full = True
        one.notes.order.clear()
        yield one, store, seat


def refusals(bench: Bench) -> list[tuple[Code, str | None, int | None]]:
    found = [answer for _, answer in bench.notes.answers]
    return [(one.code, one.cid, one.retry_ms) for one in found if isinstance(one, Refusal)]


def test_on_a_full_disk_what_would_be_written_is_refused_for_now(full: tuple[Bench, FullStore, Seat[str]]) -> None:
    bench, _, seat = full
    newcomer = entering("철수", CHEOLSU, "철수")
    bench.sequencer.submit([asking(seat, Say("a", "가")), asking(seat, Rename("영이")), newcomer], 0)
    refusal = newcomer.verdict.exception(DEADLINE_S)
    assert isinstance(refusal, Refusal)
    assert (refusal.code, refusal.retry_ms) == (Code.STORAGE_FULL, 1000)
    bench.sequencer.settle()
    assert refusals(bench) == [(Code.STORAGE_FULL, "a", 1000), (Code.STORAGE_FULL, None, 1000)]
    assert bench.texts() == [["영희"]]
    assert not bench.sequencer.failed


def test_when_there_is_room_again_all_goes_on_by_itself(full: tuple[Bench, FullStore, Seat[str]]) -> None:
    bench, store, seat = full
    bench.sequencer.submit([asking(seat, Say("a", "가"))], 0)
    bench.sequencer.settle()
    store.is_full = False
    bench.sequencer.submit([asking(seat, Say("a", "가")), asking(seat, Say("b", "나"))], 0)
    bench.sequencer.settle()
    assert bench.texts() == [["영희"], ["가", "나"]]
    assert [event.seq for event in bench.notes.events] == [1, 2, 3]


def test_on_a_full_disk_what_needs_no_room_is_answered_as_ever(full: tuple[Bench, FullStore, Seat[str]]) -> None:
    bench, store, seat = full
    store.is_full = False
    bench.sequencer.submit([asking(seat, Say("a", "가"))], 0)
    bench.sequencer.settle()
    store.is_full = True
    again = entering("영희", YOUNGHEE, "새 창")
    bench.sequencer.submit([asking(seat, Say("a", "가")), asking(seat, Say("b", "나")), again], 0)
    assert again.verdict.result(DEADLINE_S).seat is seat
    bench.sequencer.settle()
    echoes = [answer for _, answer in bench.notes.answers if isinstance(answer, Echo)]
    assert echoes == [Echo(Said(2, AT, YOUNGHEE, "영희", "가", "a"))]
    assert seat.holder == "새 창"


def test_who_leaves_while_the_disk_is_full_has_left_when_there_is_room(
    full: tuple[Bench, FullStore, Seat[str]],
) -> None:
    bench, store, seat = full
    bench.sequencer.submit([leaving(seat)], 0)
    bench.sequencer.settle()
    assert bench.texts() == [["영희"]]
    assert [member.away for member in bench.room.members] == [True]
    store.is_full = False
    until(lambda: len(bench.notes.events) == 2)
    assert bench.notes.events[-1] == Left(2, AT, YOUNGHEE, "영희", "quit")
    assert bench.room.members.everybody == ()


def test_who_becomes_an_operator_is_logged_on_a_full_disk_too(
    full: tuple[Bench, FullStore, Seat[str]], caplog: pytest.LogCaptureFixture
) -> None:
    bench, _, seat = full
    with caplog.at_level(logging.INFO):
        bench.sequencer.submit([asking(seat, Say("c", "가")), asking(seat, Promote(1))], 0)
        bench.sequencer.settle()
    assert [one.getMessage().strip() for one in caplog.records if one.levelname == "INFO"] == [
        f"{YOUNGHEE} (영희): operator"
    ]


def test_a_full_disk_is_logged_once(full: tuple[Bench, FullStore, Seat[str]], caplog: pytest.LogCaptureFixture) -> None:
    bench, store, seat = full
    for _ in range(3):
        bench.sequencer.submit([asking(seat, Say("c", "가"))], 0)
        bench.sequencer.settle()
    assert store.refused == 3
    assert [one.levelname for one in caplog.records] == ["WARNING"]


# --- when something can't be stored -----------------------------------------------------------------------------------

UNENCODABLE = "반쪽 \ud800"


@pytest.mark.parametrize(("store", "poison"), [(Memory(), UNENCODABLE), (PickyStore(), PickyStore.POISON)])
@pytest.mark.parametrize("place", [0, 3, 6])
def test_who_sends_what_can_not_be_stored_is_refused_alone(store: Memory, poison: str, place: int) -> None:
    with running(type(store)()) as bench:
        seats = [bench.enter(uid) for uid in (YOUNGHEE, CHEOLSU)]
        texts = [str(number) for number in range(6)]
        texts.insert(place, poison)
        asks = [asking(seats[n % 2], Say(f"c{n}", text)) for n, text in enumerate(texts)]
        bench.sequencer.submit(asks, 0)
        bench.sequencer.settle()
        assert refusals(bench) == [(Code.BAD_FRAME, f"c{place}", None)]
        assert [text for batch in bench.texts()[2:] for text in batch] == [text for text in texts if text != poison]
        assert [event.seq for event in bench.notes.events] == list(range(1, 9))
        bench.say(seats[0], "다음")
        bench.sequencer.settle()
        assert bench.texts()[-1] == ["다음"]


def test_a_name_that_can_not_be_stored_is_refused_alone() -> None:
    with running(PickyStore()) as bench:
        poisoned, other = entering(PickyStore.POISON, CHEOLSU, "독약"), entering("영희", YOUNGHEE, "영희")
        bench.sequencer.submit([poisoned, other], 0)
        assert other.verdict.result(DEADLINE_S).seq == 1
        refusal = poisoned.verdict.exception(DEADLINE_S)
        assert isinstance(refusal, Refusal)
        assert refusal.code is Code.NICK_INVALID
        bench.sequencer.settle()
        assert [member.nick for member in bench.room.members] == ["영희"]


class BrokenOutlet(Notes):
    """What a bug of ours would be."""

    def publish(self, batch: Batch) -> None:
        raise LookupError("a bug")


def test_a_bug_in_a_round_stops_it_too_and_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with running(outlet_of=BrokenOutlet) as bench, caplog.at_level(logging.ERROR):
        request = entering("영희", YOUNGHEE, "영희")
        bench.sequencer.submit([request], 0)
        assert isinstance(request.verdict.exception(DEADLINE_S), SequencerStopped)
        until(lambda: bench.failed_on == ["sequencer"])
        assert "LookupError: a bug" in caplog.text
