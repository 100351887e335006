"""The four scenes the room was first described with, in plain, in JSON and with both in one room."""

import threading
from collections import Counter

import pytest

from tests.support.room import Dialect, Member, Room, barrier
from tests.support.waiting import until

Trio = tuple[Member, Member, Member]

CASTS: list[tuple[Dialect, Dialect, Dialect]] = [
    ("plain", "plain", "plain"),
    ("json", "json", "json"),
    ("plain", "json", "plain"),
    ("json", "plain", "json"),
    ("plain", "json", "json"),
    ("json", "plain", "plain"),
]

CROWD = 50
EACH = 20


@pytest.fixture(params=CASTS, ids="-".join)
def trio(request: pytest.FixtureRequest, room: Room) -> Trio:
    """Three members, in the order in which they came in."""
    first, second, third = request.param
    return room.member(first, "영희"), room.member(second, "철수"), room.member(third, "민수")


def test_what_each_of_three_says_reaches_all_three(trio: Trio) -> None:
    sentences = [f"{member.nick}> 안녕하세요, {number}번입니다" for number, member in enumerate(trio, 1)]
    for member, sentence in zip(trio, sentences, strict=True):
        member.speak(sentence.partition("> ")[2])
    until(lambda: all(len(member.public) >= 3 for member in trio))
    barrier(trio[0], *trio)
    for member in trio:
        assert Counter(member.public[:3]) == Counter(sentences)
        assert member.public == trio[0].public


def test_a_whisper_reaches_its_two_ends_and_nobody_else(trio: Trio) -> None:
    sender, recipient, other = trio
    sender.whisper("철수", "비밀이에요")
    until(lambda: bool(recipient.private) and bool(sender.private))
    barrier(sender, *trio)
    assert recipient.private == ["[귓속말] 영희> 비밀이에요"]
    assert sender.private == ["[귓속말 전송] 철수에게: 비밀이에요"]
    assert other.private == []
    for member in trio:
        assert member.public == ["영희> 여기까지"]
    assert not any("비밀" in line for line in other.lines)


def test_a_whisper_to_nobody_is_told_to_its_sender_only_and_never_public(trio: Trio) -> None:
    sender, *others = trio
    sender.whisper("없는사람", "비밀이에요")
    until(lambda: bool(sender.refusals))
    barrier(sender, *trio)
    assert sender.refusals == ["'없는사람'님은 접속해 있지 않습니다."]
    assert sender.private == []
    for member in others:
        assert member.refusals == []
        assert not any("비밀" in line or "없는사람" in line for line in member.lines)
    assert not any("비밀" in line for line in sender.public)


def test_who_leaves_is_let_go_and_the_others_are_told_once(trio: Trio) -> None:
    leaver, *others = trio
    leaver.leave()
    leaver.wait_until_closed()
    until(lambda: all("영희" in member.departures for member in others))
    barrier(others[0], *others)
    for member in others:
        assert member.departures == ["영희"]


def test_the_newcomer_and_everyone_else_are_told_of_a_coming_once(trio: Trio) -> None:
    barrier(trio[0], *trio)
    assert [member.arrivals[-1] for member in trio] == ["민수", "민수", "민수"]
    assert trio[0].arrivals == ["영희", "철수", "민수"]


@pytest.mark.parametrize("dialects", [("plain",), ("json",), ("plain", "json")], ids="-".join)
def test_fifty_who_speak_at_once_all_hear_the_same_thousand_in_the_same_order(
    room: Room, dialects: tuple[Dialect, ...]
) -> None:
    crowd = [room.member(dialects[number % len(dialects)], f"손님{number}") for number in range(CROWD)]
    _speak_at_once(crowd)
    until(lambda: all(len(member.public) >= CROWD * EACH for member in crowd), 60)
    barrier(crowd[0], *crowd)
    heard = crowd[0].public[:-1]
    assert Counter(heard) == Counter(f"{member.nick}> 말 {number}" for member in crowd for number in range(EACH))
    for member in crowd:
        assert member.public[:-1] == heard
        assert [line for line in heard if line.startswith(f"{member.nick}>")] == [
            f"{member.nick}> 말 {number}" for number in range(EACH)
        ]


def _speak_at_once(crowd: list[Member]) -> None:
    together = threading.Barrier(len(crowd))

    def speak(member: Member) -> None:
        together.wait()
        for number in range(EACH):
            member.speak(f"말 {number}")

    speakers = [threading.Thread(target=speak, args=(member,)) for member in crowd]
    for speaker in speakers:
        speaker.start()
    for speaker in speakers:
        speaker.join()
