"""One client's place in the log: whatever comes first, delivery or catching up, each event is sent once and in order."""

import re
from collections.abc import Iterator

import pytest

from server.log.tail import Batch, Tail
from server.presences import Presences
from server.protocol import jsonlines, phrases
from server.protocol.errors import Code, Refusal
from server.protocol.events import Closing, Event, Refused, Said
from server.protocol.framing import Dialect
from server.subscriber import CATCH_UP_EVENTS, Subscriber, encode_goodbye
from tests.support.samples import CHEOLSU, MINSU, YOUNGHEE, batch, records, said, seqs, whispered
from tests.support.seams import Memory
from tests.support.tasks import Task
from tests.support.waiting import DEADLINE_S
from tests.support.wires import Wire

BIG = "가" * 1000
"""A text of which a few fill a small socket."""


class Log:
    """What has happened in the room. A tail of five events, unless it is told otherwise."""

    def __init__(self, *, tail_events: int = 5, store_events: int = 100_000) -> None:
        self.store = Memory(store_events)
        self.tail = Tail(0, tail_events, 10_000_000)

    def publish(self, *events: Event) -> Batch:
        self.store.append(records(*events))
        published = batch(*events)
        self.tail.append(published)
        return published

    def publish_said(self, count: int, text: str = "") -> list[Batch]:
        """As many rounds of one message each, whose text ends in its number."""
        first = self.store.head + 1
        return [self.publish(said(seq, f"{text}{seq}")) for seq in range(first, first + count)]


class Reader:
    """A client whose peer reads when the test says so."""

    def __init__(self, log: Log, wire: Wire, dialect: Dialect, *, uid: str = MINSU, cursor: int = 0) -> None:
        self.wire = wire
        self.log = log
        self.presences = Presences()
        self.straggled = 0
        self.subscriber = Subscriber(wire.channel, dialect, uid, self._on_straggle)
        self.subscriber.start_after(cursor)

    def _on_straggle(self, who: Subscriber) -> None:
        assert who is self.subscriber
        assert not who._lock.locked()
        self.straggled += 1

    def catch_up(self) -> bytes:
        """Read on until live; what the peer has got by then."""
        data = self.wire.received()
        while not self.subscriber.catch_up(self.log.tail, self.log.store, self.presences):
            data += self.wire.received()
        return data + self.wire.received()

    def catch_up_events(self) -> list[int]:
        return seqs(self.catch_up().splitlines())

    def received(self) -> str:
        return self.wire.received().decode()


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture(params=Dialect, ids=lambda dialect: dialect.value)
def dialect(request: pytest.FixtureRequest) -> Dialect:
    assert isinstance(request.param, Dialect)
    return request.param


# --- live -------------------------------------------------------------------------------------------------------------


def test_a_newcomer_is_read_up_to_the_head_first(log: Log, wire: Wire) -> None:
    log.publish_said(2)
    reader = Reader(log, wire, Dialect.PLAIN)
    [missed] = log.publish_said(1)
    reader.subscriber.deliver(missed)
    assert reader.received() == ""
    assert not reader.subscriber.live
    assert reader.catch_up().decode() == "영희> 1\n영희> 2\n영희> 3\n"
    assert reader.subscriber.live


def test_who_is_live_gets_each_batch_as_it_comes(log: Log, wire: Wire, dialect: Dialect) -> None:
    reader = Reader(log, wire, dialect)
    assert reader.catch_up() == b""
    for one in log.publish_said(3):
        reader.subscriber.deliver(one)
        assert reader.received().encode() == one.block_for(MINSU, dialect)
    assert reader.straggled == 0


def test_a_batch_that_was_read_already_is_not_delivered(log: Log, wire: Wire) -> None:
    reader = Reader(log, wire, Dialect.PLAIN)
    [late] = log.publish_said(1)
    assert reader.catch_up().decode() == "영희> 1\n"
    reader.subscriber.deliver(late)
    assert reader.received() == ""


def test_the_cursor_decides_where_one_begins(log: Log, wire: Wire) -> None:
    log.publish_said(4)
    assert Reader(log, wire, Dialect.JSON, cursor=2).catch_up_events() == [3, 4]


def test_a_whisper_goes_to_its_two_ends_only(log: Log, wire: Wire) -> None:
    readers = [Reader(log, wire, Dialect.PLAIN, uid=uid) for uid in (YOUNGHEE, CHEOLSU, MINSU)]
    for reader in readers:
        reader.catch_up()
    told = log.publish(whispered(1))
    heard = []
    for reader in readers:
        reader.subscriber.deliver(told)
        heard.append(reader.received())
    assert heard == ["[귓속말 전송] 철수에게: 비밀\n", "[귓속말] 영희> 비밀\n", ""]


# --- lagging ----------------------------------------------------------------------------------------------------------


def test_who_does_not_read_lags_and_then_gets_everything_once_in_order(narrow: Wire, dialect: Dialect) -> None:
    log = Log(tail_events=100)
    reader = Reader(log, narrow, dialect)
    reader.catch_up()
    batches = log.publish_said(20, BIG)
    for one in batches:
        reader.subscriber.deliver(one)
    assert reader.straggled == 1
    assert not reader.subscriber.live
    assert reader.catch_up() == b"".join(one.block_for(MINSU, dialect) for one in batches)
    assert reader.subscriber.live


def test_who_lags_costs_no_more_than_was_handed_over_at_once(narrow: Wire) -> None:
    log = Log(tail_events=1000)
    reader = Reader(log, narrow, Dialect.JSON)
    reader.catch_up()
    for one in log.publish_said(500, BIG):
        reader.subscriber.deliver(one)
        reader.subscriber.catch_up(log.tail, log.store, reader.presences)
    assert narrow.channel.backlog_bytes < 100_000


def test_a_plain_client_too_far_behind_is_told_how_much_it_missed(log: Log, wire: Wire) -> None:
    reader = Reader(log, wire, Dialect.PLAIN)
    reader.catch_up()
    log.publish_said(30)
    lines = reader.catch_up().decode().splitlines()
    [skipped] = re.findall(r"메시지 (\d+)개를 건너뛰었습니다", lines[0])
    assert lines[0] == phrases.NOTICE + phrases.skipped(int(skipped))
    assert 0 < int(skipped) <= 25
    assert lines[1:] == [f"영희> {seq}" for seq in range(int(skipped) + 1, 31)]


def test_a_json_client_too_far_behind_misses_nothing(log: Log, wire: Wire) -> None:
    reader = Reader(log, wire, Dialect.JSON, cursor=7)
    log.publish_said(3 * CATCH_UP_EVENTS)
    assert reader.catch_up_events() == list(range(8, 3 * CATCH_UP_EVENTS + 1))


def test_others_whispers_hold_up_nobody_who_is_behind(log: Log, wire: Wire) -> None:
    log.publish(said(1), *(whispered(seq) for seq in range(2, 3 * CATCH_UP_EVENTS)))
    log.publish_said(20)
    last = log.store.head
    assert Reader(log, wire, Dialect.JSON).catch_up_events() == [1, *range(last - 19, last + 1)]


def test_from_the_store_nothing_is_sent_that_is_yet_to_be_published(log: Log, wire: Wire) -> None:
    log.publish_said(30)
    reader = Reader(log, wire, Dialect.JSON)
    unpublished = [said(31), said(32)]
    log.store.append(records(*unpublished))
    assert reader.catch_up_events() == list(range(1, 31))
    published = batch(*unpublished)
    log.tail.append(published)
    reader.subscriber.deliver(published)
    assert seqs(reader.received().encode().splitlines()) == [31, 32]


def test_a_gap_that_the_store_has_forgotten_is_never_passed_over_in_silence(wire: Wire) -> None:
    """Numbers in a row, or a goodbye: the client comes back and is told of the gap in its `welcome`."""
    log = Log(store_events=20)
    reader = Reader(log, wire, Dialect.JSON, cursor=1)
    log.publish_said(200)
    frames = [jsonlines.decode_frame(line) for line in reader.catch_up().splitlines()]
    told = [frame.seq for frame in frames if isinstance(frame, Said)]
    assert told == list(range(2, 2 + len(told)))
    assert len(told) == 199 or isinstance(frames[-1], Closing)


# --- what else is sent ------------------------------------------------------------------------------------------------


def test_an_echo_is_sent_only_of_what_was_sent_before(log: Log, wire: Wire, dialect: Dialect) -> None:
    log.publish_said(2)
    reader = Reader(log, wire, dialect, cursor=1)
    first, second = said(1, "1"), said(2, "2")
    reader.subscriber.echo(first)
    echoed = reader.received().encode()
    assert echoed == batch(first).block_for(MINSU, dialect)
    reader.subscriber.echo(second)
    assert reader.received() == ""
    assert reader.catch_up() == batch(second).block_for(MINSU, dialect)


def test_an_echoed_whisper_is_said_as_it_was(log: Log, wire: Wire) -> None:
    reader = Reader(log, wire, Dialect.PLAIN, uid=YOUNGHEE, cursor=9)
    reader.subscriber.echo(whispered(9))
    assert reader.received() == "[귓속말 전송] 철수에게: 비밀\n"


def test_answers_stand_between_events_and_not_inside_them(log: Log, narrow: Wire) -> None:
    reader = Reader(log, narrow, Dialect.PLAIN)
    reader.catch_up()
    [one] = log.publish_said(1, BIG * 10)
    reader.subscriber.deliver(one)
    reader.subscriber.notify("알림")
    assert reader.catch_up().decode() == f"영희> {BIG * 10}1\n[알림] 알림\n"


def test_an_answer_too_large_makes_a_straggler(log: Log, narrow: Wire) -> None:
    reader = Reader(log, narrow, Dialect.JSON)
    reader.catch_up()
    reader.subscriber.send(b"x" * 100_000)
    assert (reader.straggled, reader.subscriber.live) == (1, False)
    [one] = log.publish_said(1)
    reader.subscriber.deliver(one)
    assert reader.catch_up() == b"x" * 100_000 + one.block_for(MINSU, Dialect.JSON)


@pytest.mark.parametrize(
    ("dialect", "line"),
    [
        (Dialect.PLAIN, "[알림] 안 됩니다.\n".encode()),
        (Dialect.JSON, jsonlines.encode(Refused("empty", "안 됩니다.", "c"))),
    ],
)
def test_a_refusal_is_said_in_the_clients_dialect(log: Log, wire: Wire, dialect: Dialect, line: bytes) -> None:
    Reader(log, wire, dialect).subscriber.refuse(Refusal(Code.EMPTY, "안 됩니다.", cid="c"))
    assert wire.received() == line


def test_an_end_says_why_and_closes(log: Log, wire: Wire, dialect: Dialect) -> None:
    reader = Reader(log, wire, dialect)
    reader.catch_up()
    reader.subscriber.end(Code.SLOW, phrases.SLOW)
    assert reader.subscriber.ending is Code.SLOW
    assert wire.read_to_the_end() == encode_goodbye(Code.SLOW, phrases.SLOW, dialect)


def test_a_goodbye_does_not_come_in_the_middle_of_a_welcome(log: Log, wire: Wire) -> None:
    """Which comes in pieces, and another connection may take the seat over meanwhile."""
    subscriber = Reader(log, wire, Dialect.JSON).subscriber
    endings: list[Task] = []

    def pieces() -> Iterator[bytes]:
        yield b'{"t":'
        endings.append(Task(lambda: subscriber.end(Code.REPLACED, phrases.REPLACED)))
        assert endings[0].waits()
        yield b'"welcome"}\n'

    subscriber.welcome(pieces())
    assert endings[0].finish() is None
    goodbye = encode_goodbye(Code.REPLACED, phrases.REPLACED, Dialect.JSON)
    assert wire.read_to_the_end() == b'{"t":"welcome"}\n' + goodbye


def test_goodbyes_read_as_the_contract_says() -> None:
    assert encode_goodbye(Code.SLOW, "끝", Dialect.PLAIN) == "[알림] 끝\n".encode()
    assert encode_goodbye(Code.SLOW, "끝", Dialect.JSON) == '{"t":"closing","code":"slow","text":"끝"}\n'.encode()


def test_one_may_wait_until_everything_was_handed_over(log: Log, wire: Wire) -> None:
    reader = Reader(log, wire, Dialect.JSON)
    log.publish_said(1)
    waiting = Task(lambda: reader.subscriber.wait_until_live(DEADLINE_S))
    assert waiting.waits()
    reader.catch_up()
    assert waiting.finish() is None
    assert Task(lambda: reader.subscriber.wait_until_live(DEADLINE_S)).finish(1) is None


def test_waiting_for_a_straggler_has_an_end(log: Log, wire: Wire) -> None:
    reader = Reader(log, wire, Dialect.JSON)
    assert Task(lambda: reader.subscriber.wait_until_live(0.05)).finish(2) is None
    assert not reader.subscriber.live
