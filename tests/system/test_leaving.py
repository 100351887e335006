"""Ways to go and ways to stay away: closed, broken off, fallen asleep. The others lose nothing by it."""

import re
from collections.abc import Callable

import pytest

from tests.support.json_client import JsonClient
from tests.support.room import Dialect, Member, OpenRoom, Room, barrier
from tests.support.waiting import until

WITHOUT_GRACE = ("--grace", "0")
"""Whoever is cut off has left at once; how seats are kept is told in tests/chat/test_coming_back.py."""

FLOOD = 5000
LONG_TEXT = "가나다라마바사아자차" * 100
SKIPPED = re.compile(r"\[알림\] .*메시지 (\d+)개를 건너뛰었습니다\.")


def cut_off_while_sending(member: Member) -> None:
    member.send_bytes("반만 보낸 말".encode())
    member.reset()


def half_sent(member: Member) -> None:
    member.send_bytes("반만 보낸 말".encode())
    member.close()


WAYS_TO_GO: dict[str, Callable[[Member], None]] = {
    "says goodbye": lambda member: member.leave(),
    "closes": lambda member: member.close(),
    "closes its sending half": lambda member: member.finish_sending(),
    "resets": lambda member: member.reset(),
    "closes within a line": half_sent,
    "resets within a line": cut_off_while_sending,
}


@pytest.mark.parametrize("dialect", ["plain", "json"])
@pytest.mark.parametrize("go", WAYS_TO_GO.values(), ids=WAYS_TO_GO.keys())
def test_whoever_goes_leaves_exactly_once(open_room: OpenRoom, go: Callable[[Member], None], dialect: Dialect) -> None:
    room = open_room(*WITHOUT_GRACE)
    plain, other = room.plain("철수"), room.json("민수")
    go(room.member(dialect, "영희"))
    until(lambda: bool(plain.departures and other.departures), what="nobody was said to leave")
    barrier(plain, plain, other)
    assert plain.departures == other.departures == ["영희"]
    assert not any("반만" in line for line in plain.lines + other.lines)


def test_fifty_who_go_at_once_leave_once_each(open_room: OpenRoom) -> None:
    room = open_room(*WITHOUT_GRACE)
    witness = room.json("민수")
    crowd = [room.member("json" if number % 2 else "plain", f"손님{number}") for number in range(50)]
    for number, member in enumerate(crowd):
        member.reset() if number % 3 else member.leave()
    until(lambda: len(witness.departures) >= 50)
    barrier(witness, witness)
    assert sorted(witness.departures) == sorted(member.nick for member in crowd)
    assert room.json("새손님").until(lambda frame: frame.kind == "welcome").members() == ["민수", "새손님"]


@pytest.mark.parametrize("word", ["/종료", "/quit", "/exit"])
def test_each_word_for_goodbye_ends_the_connection(room: Room, word: str) -> None:
    client = room.plain("영희")
    client.send_line(word)
    client.wait_until_closed()


@pytest.mark.parametrize(
    ("dialect", "words"),
    [("plain", "/종료\n나갔는데 말함\n"), ("json", '{"t":"bye"}\n{"t":"say","cid":"1","text":"나갔는데 말함"}\n')],
)
def test_what_follows_a_goodbye_is_not_said(room: Room, dialect: Dialect, words: str) -> None:
    witness = room.plain("철수")
    room.member(dialect, "영희").send_bytes(words.encode())
    witness.wait_for_line("영희님이 퇴장하셨습니다.")
    barrier(witness, witness)
    assert witness.public == ["철수> 여기까지"]
    assert witness.departures == ["영희"]


# --- whoever stops reading --------------------------------------------------------------------------------------------


def flood(speaker: JsonClient, *hearers: Member, text: str = "말", count: int = FLOOD) -> None:
    """Say much, and wait until the hearers have heard all of it."""
    expected = [len(hearer.public) + count for hearer in hearers]
    for number in range(count):
        speaker.say(f"{text} {number}")
    until(lambda: all(len(hearer.public) >= total for hearer, total in zip(hearers, expected, strict=True)), 60)


def test_clients_that_stop_reading_hold_up_nobody_and_cost_no_growing_memory(room: Room) -> None:
    speaker, plain = room.json("영희"), room.plain("철수")
    for number in range(5):
        room.stalled(f"잠든이{number}")
        room.stalled_json(f"조는이{number}")
    until(lambda: len(plain.arrivals) == 11)
    flood(speaker, speaker, plain, text=LONG_TEXT)
    after_the_first = room.server.resident_kib
    flood(speaker, speaker, plain, text=LONG_TEXT)
    assert room.server.resident_kib - after_the_first < 12 * 1024
    assert plain.public == speaker.public
    assert plain.departures == []


def test_a_json_client_that_wakes_up_is_given_everything_once_in_order(room: Room) -> None:
    speaker = room.json("영희")
    sleeper = room.stalled_json("잠든이")
    speaker.until(lambda frame: frame.kind == "joined" and frame.text("nick") == "잠든이")
    flood(speaker, speaker, text=LONG_TEXT)
    sleeper.start_reading()
    until(lambda: len(sleeper.public) >= FLOOD, 60)
    assert sleeper.public == speaker.public
    sequence = [event.number("seq") for event in sleeper.events]
    assert sequence == list(range(sequence[0], sequence[0] + len(sequence)))


def test_a_plain_client_that_wakes_up_gets_each_message_or_is_told_how_many_it_missed(room: Room) -> None:
    speaker = room.json("영희")
    sleeper = room.stalled("잠든이")
    speaker.until(lambda frame: frame.kind == "joined" and frame.text("nick") == "잠든이")
    flood(speaker, speaker, text=LONG_TEXT)
    sleeper.start_reading()
    barrier(speaker, sleeper)
    missed = [int(match[1]) for line in sleeper.lines if (match := SKIPPED.fullmatch(line))]
    assert len(sleeper.public) + sum(missed) == FLOOD + 1
    heard = iter(speaker.public)
    assert all(line in heard for line in sleeper.public), "what it heard stands in the order of the room"


def test_a_client_that_sleeps_may_be_broken_off_and_leaves_once(room: Room) -> None:
    speaker, plain = room.json("영희"), room.plain("철수")
    sleeper = room.stalled("잠든이")
    plain.wait_for_line("잠든이님이 입장하셨습니다.")
    flood(speaker, speaker, plain, text=LONG_TEXT, count=1000)
    sleeper.reset()
    plain.wait_for_line("잠든이님이 퇴장하셨습니다.")
    barrier(plain, plain, speaker)
    assert speaker.departures == plain.departures == ["잠든이"]
