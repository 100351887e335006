"""Rounds that run though nothing has arrived, because a grace has ended; and what is told besides the log."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from server.log.names import NameChange
from server.log.seating import KeptSeat
from server.log.sequencer import Sequencer
from server.log.store import Record
from server.log.tail import Tail
from server.protocol.events import Joined, Left, Member, Presence, Say
from server.room import Room, Rules
from server.roster import Seat
from server.rounds import Request, Round
from tests.support.rounds import asking, entering, leaving
from tests.support.samples import AT, CHEOLSU, MINSU, YOUNGHEE
from tests.support.seams import Memory, Notes, NoTurns
from tests.support.waiting import DEADLINE_S, until


class CountedRoom(Room[str]):
    """Knows how many rounds there were."""

    rounds = 0

    def play(self, requests: Sequence[Request[str]], head: int, *, is_full: bool = False) -> Round[str]:
        self.rounds += 1
        return super().play(requests, head, is_full=is_full)


class RecordingStore(Memory):
    """Keeps what it was given as it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[Record] = []

    def append(self, records: Sequence[Record], names: Sequence[NameChange] = ()) -> None:
        super().append(records, names)
        self.records.extend(records)


class Bench:
    """A running sequencer on a real clock."""

    def __init__(self, grace_s: float, lapsed: Sequence[KeptSeat]) -> None:
        self.store = RecordingStore()
        tail = Tail(0, 1000, 1_000_000)
        self.notes = Notes(tail)
        self.room = CountedRoom(self.store.find, lambda: AT, time.monotonic, Rules(grace_s), lapsed=lapsed)
        self.sequencer: Sequencer[str] = Sequencer(
            *(self.room, self.store, tail, self.notes, NoTurns(), 1000), lambda: None
        )
        self.sequencer.start()

    def seat(self, nick: str, uid: str, *, is_plain: bool = False) -> Seat[str]:
        request = entering(nick, uid, nick, is_plain=is_plain)
        self.sequencer.submit([request], 0)
        return request.verdict.result(DEADLINE_S).seat


@contextmanager
def running(grace_s: float, *lapsed: KeptSeat) -> Iterator[Bench]:
    bench = Bench(grace_s, lapsed)
    try:
        yield bench
    finally:
        bench.sequencer.stop()


def test_a_grace_ends_though_nobody_does_a_thing() -> None:
    with running(0.1) as bench:
        bench.sequencer.submit([leaving(bench.seat("영희", YOUNGHEE), "lost")], 0)
        until(lambda: bench.notes.events[-1:] == [Left(2, AT, YOUNGHEE, "영희", "lost")])
        assert bench.notes.presences == [Presence(YOUNGHEE, "영희", online=False)]
        assert bench.room.members.everybody == ()


def test_until_then_the_sequencer_sleeps() -> None:
    with running(0.2) as bench:
        bench.sequencer.submit([leaving(bench.seat("영희", YOUNGHEE), "lost")], 0)
        until(lambda: len(bench.notes.events) == 2)
        assert bench.room.rounds <= 5, "entering, leaving, the end of the grace, and a timer that was a little early"


def test_a_grace_that_ended_before_the_start_is_the_first_thing_told() -> None:
    with running(30, KeptSeat(YOUNGHEE, "영희")) as bench:
        until(lambda: bench.notes.events == [Left(1, AT, YOUNGHEE, "영희", "lost")])


def test_who_is_away_is_told_after_the_events_of_the_round() -> None:
    with running(30) as bench:
        young, cheol = bench.seat("영희", YOUNGHEE), bench.seat("철수", CHEOLSU)
        bench.notes.order.clear()
        bench.sequencer.submit(
            [leaving(young, "lost"), asking(cheol, Say("c", "가")), asking(cheol, Say("c", "가"))], 0
        )
        bench.sequencer.settle()
        assert bench.notes.order == ["publish", "tell", "answer"]


def test_going_away_alone_is_told_and_known() -> None:
    with running(30) as bench:
        bench.sequencer.submit([leaving(bench.seat("영희", YOUNGHEE), "lost")], 0)
        bench.sequencer.settle()
        assert bench.room.members.everybody == (Member(YOUNGHEE, "영희", away=True),)
        assert bench.notes.order == ["publish", "tell"]


def test_a_stop_ends_no_grace() -> None:
    with running(30) as bench:
        bench.sequencer.submit([leaving(bench.seat("영희", YOUNGHEE), "lost")], 0)
        bench.sequencer.stop()
        assert [type(event) for event in bench.notes.events] == [Joined]


def test_the_log_learns_which_seats_end_with_their_connection() -> None:
    with running(30) as bench:
        bench.seat("영희", YOUNGHEE)
        bench.seat("민수", MINSU, is_plain=True)
        bench.sequencer.settle()
        assert [(record.event.nick, record.is_plain) for record in bench.store.records] == [
            ("영희", False),
            ("민수", True),
        ]
