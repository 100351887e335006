"""How much of what a connection sends is looked at: whoever sends more waits, whatever it is that they send, and nothing is lost."""

import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from server.channel import Wakeup
from server.line_reader import PIECE_BYTES, Gone, Goodbye, LineReader
from server.protocol.framing import MAX_UNTERMINATED, OVERLONG, Dialect, Overlong
from server.rate import Queue, Rate
from tests.support.in_process import InProcess, in_process
from tests.support.json_client import JsonClient
from tests.support.tasks import Task
from tests.support.wires import Wire

RATE = Rate(20, 100)
NEVER: Rate = Rate(10, 0.001)
Line = bytes | Overlong


@pytest.fixture
def stopping() -> Iterator[Wakeup]:
    one = Wakeup()
    yield one
    one.close()


def later() -> float:
    return time.monotonic() + 10


def read_all(reader: LineReader, count: int) -> list[Line]:
    lines: list[Line] = []
    while len(lines) < count:
        lines += reader.next_lines(later())
    return lines


@pytest.mark.parametrize(
    ("line", "expected", "cost"),
    [
        (b"a", b"a", 1),
        (b"", b"", 1),
        (b"\xff\xf1", b"", 1),
        (b"x" * 16_000, b"x" * 16_000, 16.6),
        (b"x" * 20_000, OVERLONG, 20.5),
    ],
    ids=["letters", "nothing", "telnet", "long lines", "overlong lines"],
)
def test_whatever_comes_is_looked_at_no_faster(
    wire: Wire, stopping: Wakeup, line: bytes, expected: Line, cost: float
) -> None:
    count = round(70 / cost)
    reader = LineReader(wire.channel, stopping, RATE)
    sending = Task(lambda: wire.peer.sendall((line + b"\n") * count))
    began = time.monotonic()
    assert read_all(reader, count) == [expected] * count
    assert time.monotonic() - began >= 0.9 * (count * cost - RATE.burst - cost) / RATE.per_s
    assert sending.finish() is None


def test_within_the_burst_nobody_waits(wire: Wire, stopping: Wakeup) -> None:
    wire.peer.sendall(b"a\n" * 9)
    reader = LineReader(wire.channel, stopping, NEVER)
    assert read_all(reader, 9) == [b"a"] * 9


def test_what_is_not_looked_at_yet_is_not_cut_into_lines(wire: Wire, stopping: Wakeup) -> None:
    wire.peer.sendall(b"a\n" * 8 * PIECE_BYTES)
    reader = LineReader(wire.channel, stopping, NEVER)
    reader.next_lines(later())
    assert len(reader._lines) <= PIECE_BYTES / 2


def test_waiting_ends_at_the_deadline(wire: Wire, stopping: Wakeup) -> None:
    wire.peer.sendall(b"a\n" * 20)
    reader = LineReader(wire.channel, stopping, NEVER)
    reader.next_lines(later())
    for read in (reader.next_line, reader.next_lines):
        with pytest.raises(TimeoutError):
            read(time.monotonic() + 0.05)


def test_waiting_ends_when_the_peer_is_gone_or_the_server_stops(wire: Wire, narrow: Wire, stopping: Wakeup) -> None:
    readers = []
    for one in (wire, narrow):
        one.peer.sendall(b"a\n" * 20)
        readers.append(LineReader(one.channel, stopping, NEVER))
        readers[-1].next_lines(later())
    waiting = [Task(lambda reader=reader: reader.next_lines(None)) for reader in readers]  # type: ignore[misc]
    assert all(task.waits() for task in waiting)
    wire.peer.close()
    assert isinstance(waiting[0].finish(), Gone)
    assert waiting[1].waits()
    stopping.set()
    assert isinstance(waiting[1].finish(), Gone)


@pytest.mark.parametrize("junk", [b"x", b"\xff\xf1", b"\xff\xfa" + b"x" * 100], ids=["text", "commands", "negotiation"])
def test_what_is_no_line_comes_to_an_end_and_slowly(wire: Wire, stopping: Wakeup, junk: bytes) -> None:
    reader = LineReader(wire.channel, stopping, RATE)
    reader.speak(Dialect.PLAIN)
    sending = Task(lambda: send_until_refused(wire, junk * 4096))
    began = time.monotonic()
    with pytest.raises((Gone, TimeoutError)) as ended:
        reader.next_line(time.monotonic() + 1.5)
    assert isinstance(ended.value, Goodbye)
    assert time.monotonic() - began >= 0.9 * (MAX_UNTERMINATED / 1024 - RATE.burst - 8) / RATE.per_s
    wire.break_off()
    sending.finish()


def send_until_refused(wire: Wire, data: bytes) -> None:
    with suppress(OSError):
        while True:
            wire.peer.sendall(data)


def test_who_wants_more_than_all_may_together_gets_a_turn_after_the_others() -> None:
    queue = Queue(Rate(10, 100))
    assert [queue.turn_in_s(5, 1000.0) for _ in range(5)] == pytest.approx([0, 0, 0.05, 0.1, 0.15])
    assert queue.turn_in_s(5, 1001.0) == 0


def test_a_turn_that_was_given_back_is_the_next_ones() -> None:
    queue = Queue(Rate(10, 100))
    assert [queue.turn_in_s(10, 1000.0) for _ in range(3)] == pytest.approx([0, 0.1, 0.2])
    queue.give_back(10)
    assert queue.turn_in_s(10, 1000.0) == pytest.approx(0.2)


def test_whoever_sends_too_much_waits_for_all_others_who_do(wire: Wire, stopping: Wakeup) -> None:
    wire.peer.sendall(b"a\n" * 100)
    queue = Queue(Rate(1, 100))
    reader = LineReader(wire.channel, stopping, Rate(10, 1000), queue)
    read_all(reader, 8)
    queue.turn_in_s(30, time.monotonic())
    began = time.monotonic()
    read_all(reader, 10)
    assert time.monotonic() - began >= 0.25


# --- over real sockets ------------------------------------------------------------------------------------------------


@pytest.fixture
def slow() -> Iterator[InProcess]:
    with in_process(requests=RATE) as one:
        yield one


FLOODS = {
    "pings": b'{"t":"ping","n":1}\n',
    "nonsense": b"{{{\n",
    "unknown types": b'{"t":"fly"}\n',
    "hellos": b'{"t":"hello","v":1,"nick":"x","client":"0123456789abcdef0123456789abcdef"}\n',
    "empty messages": b'{"t":"say","cid":"1","text":""}\n',
    "long lines": b"{" + b"x" * 20_000 + b"\n",
}


@pytest.mark.parametrize("line", FLOODS.values(), ids=FLOODS.keys())
def test_who_only_makes_us_answer_is_answered_at_a_pace(slow: InProcess, line: bytes) -> None:
    client, bystander = slow.json("영희"), slow.json("철수")
    before, began = len(client.frames), time.monotonic()
    flooding = Task(lambda: flood(client, line))
    for number in range(5):
        bystander.say_and_wait(f"{number}")
    client.until(lambda frame: frame.kind in ("refused", "pong"), after=before)
    seconds = time.monotonic() - began
    answers = [frame for frame in client.frames[before:] if frame.kind in ("refused", "pong")]
    assert len(answers) <= RATE.burst + RATE.per_s * seconds + 2
    client.shut_down()
    flooding.finish()


def flood(client: JsonClient, line: bytes) -> None:
    with suppress(OSError):
        for _ in range(100_000):
            client.send_bytes(line * 10)


def test_a_paste_of_many_lines_into_netcat_is_taken_whole_and_in_order(slow: InProcess) -> None:
    client, witness = slow.plain("영희"), slow.json("철수")
    numbers = [f"{number}" for number in range(100)]
    client.send_line("\n".join(numbers))
    witness.hear("영희> 99")
    assert witness.public == [f"영희> {number}" for number in numbers]


def test_what_was_said_before_the_end_of_the_input_still_stands(slow: InProcess) -> None:
    client, witness = slow.plain("영희"), slow.json("철수")
    client.send_line("\n".join(f"{number}" for number in range(60)))
    client.finish_sending()
    witness.until(lambda frame: frame.kind == "left")
    assert len(witness.public) == 60
