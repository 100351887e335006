"""How much one member may send: JSON clients are told to wait, plain ones are slowed, and nothing changes its order."""

import time

import pytest

from server.config import Sending
from server.listener import JOIN_S
from server.protocol.errors import Code, Refusal
from server.protocol.events import Rename, Said, Say, Whisper
from server.room import Rules
from tests.support.in_process import in_process
from tests.support.json_client import JsonClient
from tests.support.rounds import LoggedRoom, asking, entering, leaving
from tests.support.samples import YOUNGHEE
from tests.support.waiting import until

LIMITS = Sending()
QUICK = Sending(messages=5, messages_per_s=20.0)
CALM = Sending(messages=5, messages_per_s=1.0)
"""What is sent in one go is all sent before there is room for one more."""

SLOW = Sending(messages=1, messages_per_s=0.01)


@pytest.fixture
def room() -> LoggedRoom:
    return LoggedRoom(rules=Rules(grace_s=30, sending=LIMITS))


def said(room: LoggedRoom) -> list[str]:
    events = [record.event for record in room.store._records]  # type: ignore[attr-defined]
    return [event.text for event in events if isinstance(event, Said)]


def say_all(room: LoggedRoom, texts: list[str]) -> list[Refusal]:
    """Each under itself as its `cid`; what was refused."""
    seat = room.room.roster.find("영희")
    assert seat is not None
    answers = room.play(*(asking(seat, Say(text, text)) for text in texts)).answers
    return [answer for _, answer in answers if isinstance(answer, Refusal)]


NUMBERS = [f"{number}" for number in range(1, 31)]
ENDLESS = "\n".join(NUMBERS)
"""Whoever is so slow takes a minute for it, at 2 s a line: far longer than anybody waits here."""


# --- the rule ---------------------------------------------------------------------------------------------------------


def test_whoever_sends_too_much_is_told_to_wait(room: LoggedRoom) -> None:
    room.seat("영희")
    refusals = say_all(room, NUMBERS)
    assert said(room) == NUMBERS[:10]
    assert {refusal.code for refusal in refusals} == {Code.RATE_LIMITED}
    assert [refusal.cid for refusal in refusals] == NUMBERS[10:]
    assert all(refusal.retry_ms == 334 for refusal in refusals)


def test_what_is_sent_again_in_time_stands_in_the_order_sent(room: LoggedRoom) -> None:
    room.seat("영희")
    pending = NUMBERS
    while pending:
        refusals = say_all(room, pending)
        pending = [refusal.cid for refusal in refusals if refusal.cid]
        room.now_s += 0.334
    assert said(room) == NUMBERS


def test_what_was_on_its_way_does_not_overtake_what_was_put_off(room: LoggedRoom) -> None:
    room.seat("영희")
    say_all(room, NUMBERS[:11])
    room.now_s += 1
    assert len(say_all(room, NUMBERS[11:13])) == 2
    say_all(room, NUMBERS[10:13])
    assert said(room) == NUMBERS[:13]


def test_what_stands_already_is_echoed_whatever_was_sent(room: LoggedRoom) -> None:
    room.seat("영희")
    say_all(room, NUMBERS[:11])
    assert say_all(room, NUMBERS[:10]) == []
    assert [refusal.cid for refusal in say_all(room, NUMBERS[9:12])] == NUMBERS[10:12]


def test_a_new_connection_does_not_fill_the_bucket(room: LoggedRoom) -> None:
    seat = room.seat("영희")
    say_all(room, NUMBERS)
    room.play(leaving(seat, "lost"))
    room.enter("영희", YOUNGHEE, holder="새 연결")
    assert len(say_all(room, NUMBERS[10:12])) == 2


def test_a_new_connection_owes_nothing(room: LoggedRoom) -> None:
    seat = room.seat("영희")
    say_all(room, NUMBERS[:11])
    room.play(leaving(seat, "lost"))
    room.enter("영희", YOUNGHEE, holder="새 연결")
    room.now_s += 1
    assert say_all(room, NUMBERS[11:12]) == []


def test_names_and_failed_whispers_count_as_well(room: LoggedRoom) -> None:
    seat = room.seat("영희")
    whispers = [asking(seat, Whisper(f"w{number}", "없는사람", "가")) for number in range(9)]
    answers = room.play(*whispers, asking(seat, Rename("영이")), asking(seat, Rename("영희"))).answers
    codes = [answer.code for _, answer in answers if isinstance(answer, Refusal)]
    assert codes == [Code.NO_SUCH_NICK] * 9 + [Code.RATE_LIMITED]


def test_what_could_not_be_stored_was_not_sent(room: LoggedRoom) -> None:
    seat = room.seat("영희")
    for _ in range(20):
        room.play(asking(seat, Say("1", "1")), is_full=True)
    assert say_all(room, NUMBERS[:10]) == []


def test_a_plain_client_is_not_refused_here(room: LoggedRoom) -> None:
    request = entering("영희", YOUNGHEE, "영희", is_plain=True)
    room.play(request)
    assert say_all(room, NUMBERS) == []


# --- over real sockets ------------------------------------------------------------------------------------------------


def test_a_json_client_is_told_when_to_send_again() -> None:
    with in_process(sending=CALM) as room:
        client, witness = room.json("영희"), room.json("철수")
        for number in range(8):
            client.say(f"{number}", f"c{number}")
        until(lambda: len(client.refusals) == 3)
        refusals = [frame for frame in client.frames if frame.kind == "refused"]
        assert [frame.text("cid") for frame in refusals] == ["c5", "c6", "c7"]
        assert all(frame.text("code") == "rate_limited" for frame in refusals)
        assert all(0 < frame.number("retry_ms") <= 1001 for frame in refusals)
        send_until_it_stands(client, "5", "c5")
        witness.hear("영희> 5")
        assert witness.public == [f"영희> {number}" for number in range(6)]


def send_until_it_stands(client: JsonClient, text: str, cid: str) -> None:
    def stands() -> bool:
        client.say(text, cid)
        return any(frame.kind == "message" and frame.text("text") == text for frame in list(client.frames))

    until(stands)


def test_a_plain_client_is_slowed_and_loses_nothing() -> None:
    with in_process(sending=QUICK) as room:
        plain, witness = room.plain("영희"), room.json("철수")
        started = time.monotonic()
        plain.send_line(ENDLESS)
        witness.hear("영희> 30")
        assert time.monotonic() - started > 25 / QUICK.messages_per_s - 0.1
        assert witness.public == [f"영희> {number}" for number in NUMBERS]
        assert plain.refusals == []


def test_a_slowed_client_that_is_gone_is_not_waited_for() -> None:
    with in_process(sending=SLOW) as room:
        plain, witness = room.plain("영희"), room.json("철수")
        plain.send_line(ENDLESS)
        witness.hear("영희> 1")
        plain.reset()
        witness.until(lambda frame: frame.kind == "left")


def test_a_server_with_slowed_clients_stops_at_once() -> None:
    with in_process(sending=SLOW) as room:
        plain, witness = room.plain("영희"), room.json("철수")
        plain.send_line(ENDLESS)
        witness.hear("영희> 1")
        started = time.monotonic()
        room.stop()
        assert time.monotonic() - started < JOIN_S, "nobody had to be given up"
