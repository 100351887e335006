"""Who is silent for long is asked whether it is there; who does not answer is not waited for. With short times, over real sockets."""

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.support.in_process import PATIENT, InProcess, in_process
from tests.support.json_client import JsonClient
from tests.support.room import barrier
from tests.support.waiting import until

PING_S = 0.5
ALIVE = replace(PATIENT, ping_s=PING_S, farewell_s=0.2)


@pytest.fixture
def room() -> Iterator[InProcess]:
    with in_process(timeouts=ALIVE) as one:
        yield one


def pings(client: JsonClient) -> list[int]:
    return [frame.number("n") for frame in list(client.frames) if frame.kind == "ping"]


def wait_for_pings(client: JsonClient, count: int) -> None:
    until(lambda: len(pings(client)) >= count)


def unanswering(room: InProcess, nick: str) -> JsonClient:
    client = room.json(nick)
    client.answers_pings = False
    return client


def test_who_answers_stays_however_silent(room: InProcess) -> None:
    quiet = room.json("영희")
    assert quiet.frames[0].fields["ping_s"] == PING_S
    wait_for_pings(quiet, 4)
    assert pings(quiet)[:4] == [1, 2, 3, 4]
    barrier(quiet, quiet)
    assert [frame.kind for frame in quiet.frames if frame.kind in ("closing", "refused")] == []


def test_who_does_not_answer_is_closed_and_keeps_the_seat(room: InProcess) -> None:
    witness, started = room.json("철수"), time.monotonic()
    gone = unanswering(room, "영희")
    gone.wait_until_closed()
    assert time.monotonic() - started >= 2 * PING_S
    assert pings(gone) == [1]
    assert (gone.frames[-1].kind, gone.frames[-1].text("code")) == ("closing", "idle")
    witness.until(lambda frame: frame.kind == "presence" and not frame.truth("online"))
    assert witness.departures == []


def test_of_a_connection_that_swallows_everything_one_finds_out(room: InProcess) -> None:
    """Nothing arrives and nothing breaks: as when a laptop's lid is closed."""
    witness, sleeper = room.json("철수"), room.json_stranger(reading=False)
    sleeper.send(t="hello", v=1, nick="영희", client=sleeper.secret)
    witness.until(lambda frame: frame.kind == "presence" and frame.text("nick") == "영희")
    until(lambda: len(room.channels) == 1)
    assert witness.departures == []


def test_whoever_is_busy_is_not_asked(room: InProcess) -> None:
    busy, quiet = unanswering(room, "영희"), room.json("철수")
    while len(pings(quiet)) < 3:
        busy.say_and_wait("바빠요")
    assert pings(busy) == []


def test_a_line_that_comes_slowly_is_a_sign_of_life(room: InProcess) -> None:
    slow = unanswering(room, "영희")
    line = '{"t":"say","cid":"c","text":"느려요"}\n'.encode()
    started = time.monotonic()
    for number, value in enumerate(line[:9]):
        wait_till(started + number * PING_S / 3)
        slow.send_bytes(bytes([value]))
    slow.send_bytes(line[9:])
    slow.hear("영희> 느려요")
    assert pings(slow) == []


def wait_till(moment: float) -> None:
    until(lambda: time.monotonic() >= moment)


def test_the_client_may_ask_as_well(room: InProcess) -> None:
    client = unanswering(room, "영희")
    for number in range(1, 6):
        wait_for_pings(client, number)
        client.ping(number)
    assert "closing" not in [frame.kind for frame in client.frames]


def test_a_plain_client_is_never_asked(room: InProcess) -> None:
    plain, clock = room.plain("영희"), room.json("철수")
    wait_for_pings(clock, 5)
    barrier(plain, plain)
    assert [line for line in plain.lines if line.startswith("{")] == []
