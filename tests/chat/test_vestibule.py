"""Those who come while others come in come in together."""

import time
from collections.abc import Iterator
from threading import Event as Flag

import pytest

from server.log.sequencer import Sequencer, SequencerStopped
from server.log.tail import Tail
from server.protocol.errors import Code, Refusal
from server.room import Room
from server.vestibule import MAX_PAUSE_S, Vestibule
from tests.support.rounds import entering
from tests.support.samples import AT, CHEOLSU, MINSU, YOUNGHEE
from tests.support.seams import GatedStore, Notes, NoTurns
from tests.support.tasks import Task
from tests.support.waiting import DEADLINE_S, until


class Door:
    """A room that is entered through its vestibule. Time passes when the test says so; who naps waits until it lets them."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.naps: list[float] = []
        self.woken = Flag()
        self.store = GatedStore()
        self.store.gate.set()
        tail = Tail(0, 1000, 1_000_000)
        self.notes = Notes(tail)
        room: Room[str] = Room(self.store.find, lambda: AT, time.monotonic)
        self.sequencer: Sequencer[str] = Sequencer(room, self.store, tail, self.notes, NoTurns(), 100, lambda: None)
        self.vestibule = Vestibule(self.sequencer, lambda: self.now_s, self._nap)
        self.sequencer.start()

    def _nap(self, seconds: float) -> None:
        self.naps.append(seconds)
        assert self.woken.wait(DEADLINE_S)

    def enter(self, nick: str, uid: str = YOUNGHEE) -> Task:
        return Task(lambda: self.vestibule.enter(entering(nick, uid, nick)))

    def enter_slowly(self, nick: str, took_s: float) -> None:
        """Somebody comes in, which takes as long."""
        self.store.gate.clear()
        self.store.reached.clear()
        entering = self.enter(nick)
        assert self.store.reached.wait(DEADLINE_S)
        self.now_s += took_s
        self.store.gate.set()
        assert entering.finish() is None

    def enter_and_wait(self, nick: str, uid: str = YOUNGHEE) -> Task:
        """Somebody comes in who waits for others."""
        before = len(self.vestibule._waiting)
        entering = self.enter(nick, uid)
        until(lambda: len(self.vestibule._waiting) > before)
        return entering

    def rounds(self) -> list[list[str]]:
        """Who came in together."""
        return [[event.nick for event in batch] for batch in self.notes.batches]


@pytest.fixture
def door() -> Iterator[Door]:
    one = Door()
    try:
        yield one
    finally:
        one.woken.set()
        one.store.gate.set()
        one.sequencer.stop()


def test_nobody_waits_where_it_takes_no_time(door: Door) -> None:
    for nick in ("가가", "나나", "다다"):
        assert door.enter(nick).finish() is None
    assert (door.rounds(), door.naps) == ([["가가"], ["나나"], ["다다"]], [])


def test_who_comes_soon_after_others_waits_for_more(door: Door) -> None:
    door.enter_slowly("가가", 0.1)
    assert door.enter("나나").finish() is None
    door.now_s += 0.05
    together = [door.enter_and_wait(nick) for nick in ("다다", "라라", "마마")]
    assert door.rounds() == [["가가"], ["나나"]]
    door.woken.set()
    assert [task.finish() for task in together] == [None] * 3
    assert door.rounds() == [["가가"], ["나나"], ["다다", "라라", "마마"]]
    assert door.naps == [pytest.approx(0.15)]


def test_who_comes_later_does_not_wait(door: Door) -> None:
    door.enter_slowly("가가", 0.1)
    assert door.enter("나나").finish() is None
    door.now_s += 0.2
    assert door.enter("다다").finish() is None
    assert door.naps == []


def test_nobody_waits_for_long_however_long_it_took(door: Door) -> None:
    door.enter_slowly("가가", 1000.0)
    assert door.enter("나나").finish() is None
    last = door.enter("다다")
    until(lambda: door.naps == [MAX_PAUSE_S])
    door.woken.set()
    assert last.finish() is None


def test_each_gets_a_verdict_of_their_own(door: Door) -> None:
    door.enter_slowly("가가", 0.1)
    assert door.enter("나나").finish() is None
    first, second = door.enter_and_wait("다다", CHEOLSU), door.enter_and_wait("다다", MINSU)
    door.woken.set()
    refused = second.finish()
    assert first.finish() is None
    assert isinstance(refused, Refusal)
    assert refused.code is Code.NICK_IN_USE


def test_nobody_waits_for_a_sequencer_that_has_stopped(door: Door) -> None:
    door.enter_slowly("가가", 0.1)
    assert door.enter("나나").finish() is None
    waiting = [door.enter_and_wait("다다"), door.enter_and_wait("라라")]
    door.sequencer.stop()
    door.woken.set()
    assert [type(task.finish()) for task in waiting] == [SequencerStopped] * 2
