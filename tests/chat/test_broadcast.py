"""Committed batches reach everybody once and in order, at everybody's own pace, and nobody waits for anybody."""

import logging
import random
import re
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial

import pytest

from server.broadcast import Broadcaster
from server.log.store import MemoryStore, Store, StoreError
from server.log.tail import Tail
from server.presences import Presences
from server.protocol import jsonlines, phrases
from server.protocol.errors import Code, Refusal
from server.protocol.events import Event
from server.protocol.framing import Dialect
from server.rounds import Answer, Echo, Replaced
from server.subscriber import Subscriber
from tests.support.lines import ReceivedLines
from tests.support.samples import CHEOLSU, MINSU, YOUNGHEE, batch, records, said, whispered
from tests.support.seams import BROKEN, Memory
from tests.support.tasks import Task
from tests.support.waiting import DEADLINE_S, until
from tests.support.wires import SMALL_BUFFER, Wire, local_wire

BIG = "가" * 1000


class Guest:
    """A subscribed client; nothing is read on its side until `start_reading`, unless one calls `wire.received`.

    `first` is the first event that it should get.
    """

    def __init__(self, wire: Wire, subscriber: Subscriber, first: int, pace_s: float) -> None:
        self.wire = wire
        self.subscriber = subscriber
        self.first = first
        self.lines = ReceivedLines()
        self._pace = random.Random(pace_s)
        self._pace_s = pace_s
        self._hurried = threading.Event()
        self._reader: Task | None = None

    def start_reading(self) -> None:
        self._reader = Task(self._read)

    def _read(self) -> None:
        while data := self.wire.peer.recv(4096):
            self.lines.feed(data)
            self._hurried.wait(self._pace.random() * self._pace_s)
        self.lines.end()

    def hurry(self) -> None:
        """From now on read as fast as possible."""
        self._hurried.set()

    def stop_reading(self) -> None:
        self.wire.channel.abort()
        if self._reader is not None:
            self._reader.finish()


class Stage:
    """A broadcaster at work on a log; the test is the sequencer."""

    def __init__(self, store: MemoryStore, *, slow_reader_s: float, tail_events: int) -> None:
        self.store = store
        self.failures = 0
        self.tail = Tail(0, tail_events, 10_000_000)
        self.broadcaster = Broadcaster(self.tail, store, slow_reader_s, self._on_failure)
        self._guests = ExitStack()

    def _on_failure(self) -> None:
        self.failures += 1

    def publish(self, *events: Event) -> None:
        self.store.append(records(*events))
        published = batch(*events)
        self.tail.append(published)
        self.broadcaster.publish(published)

    def publish_said(self, count: int, text: str = "") -> None:
        for seq in range(self.store.head + 1, self.store.head + count + 1):
            self.publish(said(seq, f"{text}{seq}"))

    def guest(
        self, dialect: Dialect, uid: str = MINSU, *, cursor: int = 0, small: bool = False, pace_s: float = 0
    ) -> Guest:
        wire = self._guests.enter_context(local_wire(SMALL_BUFFER if small else None))
        subscriber = Subscriber(wire.channel, dialect, uid, self.broadcaster.follow)
        subscriber.start_after(cursor)
        self.broadcaster.add(subscriber)
        guest = Guest(wire, subscriber, cursor + 1, pace_s)
        self._guests.callback(self.broadcaster.remove, subscriber)
        self._guests.callback(guest.stop_reading)
        return guest

    def live_guest(self, dialect: Dialect, uid: str = MINSU, *, small: bool = False) -> Guest:
        guest = self.guest(dialect, uid, cursor=self.tail.head, small=small)
        guest.subscriber.wait_until_live(DEADLINE_S)
        return guest

    def close(self) -> None:
        self._guests.close()
        self.broadcaster.stop()


@contextmanager
def staged(store: MemoryStore | None = None, *, slow_reader_s: float = 60, tail_events: int = 5000) -> Iterator[Stage]:
    stage = Stage(store or Memory(), slow_reader_s=slow_reader_s, tail_events=tail_events)
    stage.broadcaster.start()
    try:
        yield stage
    finally:
        stage.close()


@pytest.fixture
def stage() -> Iterator[Stage]:
    with staged() as one:
        yield one


# --- reaching everybody -----------------------------------------------------------------------------------------------


def test_a_batch_reaches_everybody_in_their_dialect(stage: Stage) -> None:
    guests = [stage.live_guest(dialect) for dialect in (Dialect.PLAIN, Dialect.JSON, Dialect.PLAIN)]
    stage.publish(said(1), said(2, "둘"))
    plain, json = "영희> 안녕\n영희> 둘\n".encode(), jsonlines.encode(said(1)) + jsonlines.encode(said(2, "둘"))
    assert [guest.wire.received() for guest in guests] == [plain, json, plain]


def test_a_whisper_reaches_its_two_ends_only(stage: Stage) -> None:
    guests = [stage.live_guest(Dialect.PLAIN, uid) for uid in (YOUNGHEE, CHEOLSU, MINSU)]
    stage.publish(said(1), whispered(2), said(3))
    heard = [guest.wire.received().decode().splitlines()[1:-1] for guest in guests]
    assert heard == [["[귓속말 전송] 철수에게: 비밀"], ["[귓속말] 영희> 비밀"], []]


def test_a_newcomer_is_read_what_it_missed_and_then_the_rest(stage: Stage) -> None:
    stage.publish_said(3)
    guest = stage.guest(Dialect.PLAIN, cursor=1)
    guest.subscriber.wait_until_live(DEADLINE_S)
    stage.publish_said(1)
    assert guest.wire.received().decode() == "영희> 2\n영희> 3\n영희> 4\n"


def test_who_was_removed_gets_nothing_more_and_may_be_closed(stage: Stage) -> None:
    gone, stays = stage.live_guest(Dialect.PLAIN), stage.live_guest(Dialect.PLAIN)
    stage.broadcaster.remove(gone.subscriber)
    stage.publish_said(1)
    assert (gone.wire.received(), stays.wire.received()) == (b"", "영희> 1\n".encode())
    gone.wire.close()
    stage.broadcaster.follow(gone.subscriber)
    stage.broadcaster.remove(gone.subscriber)
    stage.publish_said(1)
    assert stays.wire.received() == "영희> 2\n".encode()


def test_who_was_removed_while_behind_is_not_followed_any_more(stage: Stage) -> None:
    """Its descriptor is the next one's."""
    gone = stage.live_guest(Dialect.PLAIN, small=True)
    stage.publish_said(50, BIG)
    assert not gone.subscriber.live
    stage.broadcaster.remove(gone.subscriber)
    descriptor = gone.wire.channel.fileno()
    gone.wire.close()
    next_one = stage.live_guest(Dialect.PLAIN)
    assert next_one.wire.channel.fileno() == descriptor
    assert next_one.subscriber.live


def test_a_peer_that_went_away_disturbs_nobody(stage: Stage) -> None:
    gone, stays = stage.live_guest(Dialect.JSON), stage.live_guest(Dialect.PLAIN)
    gone.wire.peer.close()
    stage.publish_said(3)
    assert stays.wire.received().decode() == "영희> 1\n영희> 2\n영희> 3\n"


# --- those who lag ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dialect", Dialect)
def test_who_reads_nothing_holds_up_nobody_and_gets_it_all_later(stage: Stage, dialect: Dialect) -> None:
    sleeper, other = stage.live_guest(dialect, small=True), stage.live_guest(Dialect.PLAIN)
    other.start_reading()
    Task(partial(stage.publish_said, 200, BIG)).finish()
    other.lines.wait_for(f"영희> {BIG}200")
    assert not sleeper.subscriber.live
    assert sleeper.wire.channel.backlog_bytes < 200_000
    sleeper.start_reading()
    sleeper.lines.wait_for(lambda line: f"{BIG}200" in line)
    numbers = [int(re.findall(rf"{BIG}(\d+)", line)[0]) for line in sleeper.lines.lines]
    assert numbers == list(range(1, 201))
    until(lambda: sleeper.subscriber.live)


def test_a_plain_client_too_far_behind_is_told_and_reads_on() -> None:
    with staged(tail_events=10) as stage:
        sleeper = stage.live_guest(Dialect.PLAIN, small=True)
        stage.publish_said(100, BIG)
        sleeper.start_reading()
        sleeper.lines.wait_for(f"영희> {BIG}100")
        lines = sleeper.lines.lines
        [notice] = [index for index, line in enumerate(lines) if line.startswith("[")]
        count = len(lines) - 1
        assert lines[notice] == f"[알림] 읽는 속도가 느려 메시지 {100 - count}개를 건너뛰었습니다."
        missing = range(notice + 1, notice + 1 + 100 - count)
        assert lines[:notice] + lines[notice + 1 :] == [f"영희> {BIG}{n}" for n in range(1, 101) if n not in missing]


def test_a_json_client_too_far_behind_is_served_from_the_store() -> None:
    with staged(tail_events=10) as stage:
        sleeper = stage.live_guest(Dialect.JSON, small=True)
        stage.publish_said(100, BIG)
        sleeper.start_reading()
        sleeper.lines.wait_for(lambda line: f"{BIG}100" in line)
        assert [jsonlines.decode_frame(line.encode()) for line in sleeper.lines.lines] == [
            said(seq, f"{BIG}{seq}") for seq in range(1, 101)
        ]


def test_who_accepts_nothing_for_too_long_is_ended() -> None:
    with staged(slow_reader_s=0.2) as stage:
        sleeper, awake = stage.live_guest(Dialect.JSON, small=True), stage.live_guest(Dialect.JSON, small=True)
        awake.start_reading()
        stage.publish_said(20, BIG)
        until(lambda: sleeper.subscriber.ending is Code.SLOW)
        awake.lines.wait_for(lambda line: f"{BIG}20" in line)
        assert len(sleeper.wire.read_to_the_end()) < 20 * len(BIG.encode())
        assert awake.subscriber.ending is None


def test_who_reads_slowly_is_not_ended() -> None:
    """And neither is who has nothing to read."""
    with staged(slow_reader_s=0.5) as stage:
        idle, slow = stage.live_guest(Dialect.JSON), stage.live_guest(Dialect.JSON, small=True)
        idle.start_reading()
        stage.publish_said(300, BIG)
        deadline = time.monotonic() + 1.6
        while time.monotonic() < deadline:
            slow.wire.peer.recv(4096)
            threading.Event().wait(0.02)
        assert slow.wire.channel.backlog_bytes > 0
        assert (idle.subscriber.ending, slow.subscriber.ending) == (None, None)


class Unlucky(Subscriber):
    """Falls behind again in the very moment in which it has caught up, once."""

    interrupt: Callable[[], None] | None = None

    def catch_up(self, tail: Tail, store: Store, presences: Presences) -> bool:
        caught_up = super().catch_up(tail, store, presences)
        if caught_up and self.interrupt:
            self.interrupt()
            self.interrupt = None
        return caught_up


def test_who_falls_behind_while_catching_up_is_not_forgotten(stage: Stage) -> None:
    with local_wire(SMALL_BUFFER) as wire:
        unlucky = Unlucky(wire.channel, Dialect.PLAIN, MINSU, stage.broadcaster.follow)
        unlucky.interrupt = partial(stage.publish_said, 50, BIG)
        stage.broadcaster.add(unlucky)
        received = b""

        def has_all() -> bool:
            nonlocal received
            received += wire.received()
            return received.decode("utf-8", "ignore").endswith(f"{BIG}50\n")

        until(has_all)
        stage.broadcaster.remove(unlucky)


def test_who_was_long_silent_before_coming_in_is_not_slow() -> None:
    with local_wire() as wire:
        stage = Stage(Memory(100), slow_reader_s=1, tail_events=10)
        newcomer = Subscriber(wire.channel, Dialect.PLAIN, MINSU, stage.broadcaster.follow)
        wire.channel.progress_at -= 100
        stage.broadcaster.add(newcomer)
        stage.broadcaster._end_the_slow(time.monotonic())
        assert newcomer.ending is None
        stage.broadcaster.start()
        stage.broadcaster.remove(newcomer)
        stage.close()


# --- answers ----------------------------------------------------------------------------------------------------------

ANSWERS: list[tuple[Answer, str, str]] = [
    (
        Refusal(Code.EMPTY, "안 됩니다.", cid="c"),
        "[알림] 안 됩니다.\n",
        '{"t":"refused","code":"empty","text":"안 됩니다.","cid":"c"}\n',
    ),
    (Echo(said(1)), "영희> 안녕\n", jsonlines.encode(said(1)).decode()),
    (
        Replaced(),
        f"[알림] {phrases.REPLACED}\n",
        f'{{"t":"closing","code":"replaced","text":"{phrases.REPLACED}"}}\n',
    ),
]


@pytest.mark.parametrize(("answer", "plain", "json"), ANSWERS, ids=[type(answer).__name__ for answer, _, _ in ANSWERS])
def test_an_answer_goes_to_the_one_who_asked(stage: Stage, answer: Answer, plain: str, json: str) -> None:
    stage.publish(said(1))
    for dialect, line in ((Dialect.PLAIN, plain), (Dialect.JSON, json)):
        asked, other = stage.live_guest(dialect), stage.live_guest(dialect)
        stage.broadcaster.answer(asked.subscriber, answer)
        assert asked.wire.received().decode() == line
        assert other.wire.received() == b""


def test_who_was_replaced_is_disconnected(stage: Stage) -> None:
    guest = stage.live_guest(Dialect.JSON)
    stage.broadcaster.answer(guest.subscriber, Replaced())
    guest.wire.read_to_the_end()
    assert guest.subscriber.ending is Code.REPLACED


# --- when things fail -------------------------------------------------------------------------------------------------


class UnreadableStore(Memory):
    """Raises whatever it is told to when somebody reads."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self._error = error
        self.asked = 0

    def read_after(self, seq: int, viewer: str, limit: int) -> list[tuple[int, bytes]]:
        self.asked += 1
        raise self._error


def test_who_cannot_be_served_from_the_store_is_told_and_the_others_go_on() -> None:
    with staged(UnreadableStore(StoreError(BROKEN)), tail_events=5) as stage:
        stage.publish_said(30)
        unlucky, lucky = stage.guest(Dialect.JSON, cursor=0), stage.guest(Dialect.PLAIN, cursor=28)
        frame = jsonlines.decode_frame(unlucky.wire.read_to_the_end())
        assert getattr(frame, "code", "") == "storage_error"
        stage.broadcaster.remove(unlucky.subscriber)
        lucky.subscriber.wait_until_live(DEADLINE_S)
        assert lucky.wire.received().decode() == "영희> 29\n영희> 30\n"
        assert stage.failures == 0


def test_who_cannot_be_served_is_not_tried_again_until_their_own_thread_is_back() -> None:
    """Which may wait for a disk meanwhile, for half a minute."""
    store = UnreadableStore(StoreError(BROKEN))
    with staged(store, tail_events=5) as stage:
        stage.publish_said(30)
        stage.guest(Dialect.JSON, cursor=0).wire.read_to_the_end()
        for _ in range(3):
            stage.live_guest(Dialect.PLAIN)
        assert store.asked == 1


def test_a_bug_while_serving_is_logged_and_stops_the_server(caplog: pytest.LogCaptureFixture) -> None:
    with staged(UnreadableStore(LookupError("a bug")), tail_events=5) as stage, caplog.at_level(logging.ERROR):
        stage.publish_said(30)
        stage.guest(Dialect.JSON, cursor=0)
        until(lambda: stage.failures == 1)
        assert "LookupError: a bug" in caplog.text


# --- everything at once -----------------------------------------------------------------------------------------------


@pytest.fixture
def hurried() -> Iterator[None]:
    """Threads change places as often as the interpreter can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def a_round(chance: random.Random, first: int) -> list[Event]:
    """One to five events, some of them big, some of them whispers between 영희 and 철수."""
    numbers = range(first, first + chance.randint(1, 5))
    return [
        whispered(seq, f"{seq}") if seq % 7 == 0 else said(seq, f"{seq}{' 가' * chance.choice((1, 10, 300))}")
        for seq in numbers
    ]


def number_of(line: str) -> int:
    """Which event a line is, in either dialect."""
    found = re.match(r'\{"t":"\w+","seq":(\d+)|(?:영희> |\[귓속말\] 영희> |\[귓속말 전송\] 철수에게: )(\d+)', line)
    assert found, line
    return int(found[1] or found[2])


def check_json(guest: Guest, last: int) -> None:
    everything = range(guest.first, last + 1)
    is_end = guest.subscriber.uid in (YOUNGHEE, CHEOLSU)
    expected = [seq for seq in everything if is_end or seq % 7 != 0]
    assert list(map(number_of, guest.lines.lines)) == expected


def check_plain(guest: Guest, last: int) -> int:
    """Every number up to `last` once and in order, but for what was announced, to the number; how often it was."""
    expected, gaps = guest.first, 0
    for line in guest.lines.lines:
        if skipped := re.fullmatch(r"\[알림\] 읽는 속도가 느려 메시지 (\d+)개를 건너뛰었습니다\.", line):
            expected, gaps = expected + int(skipped[1]), gaps + 1
        else:
            assert number_of(line) == expected
            expected += 1
    assert expected == last + 1
    return gaps


def test_each_event_once_and_in_order_whatever_the_threads_do(hurried: None) -> None:
    """Rounds, stragglers, newcomers and readers of every pace at once."""
    chance = random.Random(11)
    with staged(tail_events=40) as stage:

        def come() -> Guest:
            dialect, pace_s = chance.choice(list(Dialect)), chance.choice((0, 0.001, 0.02))
            uid = chance.choice((YOUNGHEE, CHEOLSU) if dialect is Dialect.PLAIN else (YOUNGHEE, CHEOLSU, MINSU))
            cursor = max(0, stage.tail.head - chance.randint(0, 30))
            guest = stage.guest(dialect, uid, cursor=cursor, small=chance.random() < 0.7, pace_s=pace_s)
            guest.start_reading()
            return guest

        guests = [come() for _ in range(5)]
        deadline = time.monotonic() + 2
        while time.monotonic() < deadline:
            stage.publish(*a_round(chance, stage.store.head + 1))
            if len(guests) < 12 and chance.random() < 0.1:
                guests.append(come())
        last = stage.store.head + 1 + (stage.store.head % 7 == 6)
        stage.publish(*(said(seq, f"{seq}") for seq in range(stage.store.head + 1, last + 1)))
        for guest in guests:
            guest.hurry()
        for guest in guests:
            guest.lines.wait_for(lambda line: not line.startswith("[알림]") and number_of(line) == last)
        for guest in guests:
            if guest.subscriber.dialect is Dialect.JSON:
                check_json(guest, last)
        gaps = [check_plain(guest, last) for guest in guests if guest.subscriber.dialect is Dialect.PLAIN]
        assert sum(gaps) > 0, "nobody was slow enough for this test to say anything"
        assert stage.failures == 0
