"""The room is a log, seen from outside: each message in it once, for good, and everyone may read it back."""

import signal

import pytest

from tests.support.room import OpenRoom, Room, barrier
from tests.support.waiting import until

# --- once, for good ---------------------------------------------------------------------------------------------------


def test_the_same_cid_again_is_echoed_again_and_is_no_new_event(room: Room) -> None:
    client, other = room.json("영희"), room.json("철수")
    first = client.say_and_wait("안녕", "하나".encode().hex())
    again = client.say_and_wait("안녕", "하나".encode().hex())
    assert again.fields == first.fields
    barrier(client, other)
    assert other.public == ["영희> 안녕", "영희> 여기까지"]


def test_the_same_cid_with_another_text_is_refused(room: Room) -> None:
    client, other = room.json("영희"), room.json("철수")
    client.say_and_wait("안녕", "cid-1")
    client.say("다른 말", "cid-1")
    assert client.refused("cid_conflict").text("cid") == "cid-1"
    client.send(t="whisper", cid="cid-1", to="철수", text="안녕")
    client.refused("cid_conflict", after=len(client.frames))
    barrier(client, other)
    assert other.public == ["영희> 안녕", "영희> 여기까지"]
    assert other.private == []


def test_two_copies_in_one_packet_become_one_event(room: Room) -> None:
    client, other = room.json("영희"), room.json("철수")
    client.send_bytes('{"t":"say","cid":"1","text":"안녕"}\n'.encode() * 5)
    until(lambda: client.public.count("영희> 안녕") == 5)
    barrier(client, other)
    assert other.public == ["영희> 안녕", "영희> 여기까지"]


def test_two_clients_may_use_the_same_cid(room: Room) -> None:
    first, second = room.json("영희"), room.json("철수")
    first.say_and_wait("하나", "cid-1")
    second.say_and_wait("둘", "cid-1")
    first.hear("철수> 둘")


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_a_cid_is_remembered_across_a_restart(open_room: OpenRoom, how: signal.Signals) -> None:
    before = open_room()
    client = before.json("영희")
    first = client.say_and_wait("안녕", "cid-1")
    before.server.stop(how)
    after = open_room()
    again = after.json("영희", secret=client.secret)
    assert again.say_and_wait("안녕", "cid-1").fields == first.fields
    again.say("다른 말", "cid-1")
    again.refused("cid_conflict")
    assert [event.text("text") for event in again.whole_history() if event.kind == "message"] == ["안녕"]


# --- reading it -------------------------------------------------------------------------------------------------------


def test_history_pages_back_to_the_first_event(room: Room) -> None:
    client = room.json("영희")
    for number in range(450):
        client.say(f"말 {number}")
    client.hear("영희> 말 449")
    events = client.whole_history(page=100)
    assert [event.number("seq") for event in events] == list(range(1, 452))
    assert events[0].kind == "joined"
    assert [event.text("text") for event in events[1:]] == [f"말 {number}" for number in range(450)]


def test_a_page_of_history_tells_whether_there_is_more(room: Room) -> None:
    client = room.json("영희")
    for number in range(9):
        client.say(f"말 {number}")
    client.hear("영희> 말 8")
    assert client.history(before=11, limit=10).truth("more") is False
    newer = client.history(before=11, limit=9)
    assert newer.truth("more") is True
    assert [event.number("seq") for event in newer.frames("events")] == list(range(2, 11))
    assert client.history(before=1).frames("events") == []
    assert client.history(before=-5).frames("events") == []


def test_a_welcome_replays_the_last_fifty(room: Room) -> None:
    speaker = room.json("영희")
    for number in range(120):
        speaker.say(f"말 {number}")
    speaker.hear("영희> 말 119")
    newcomer = room.json("철수")
    barrier(speaker, newcomer)
    welcome = newcomer.until(lambda frame: frame.kind == "welcome")
    sequence = [event.number("seq") for event in newcomer.events]
    assert sequence == list(range(sequence[0], sequence[0] + len(sequence)))
    assert sequence[0] == welcome.number("replay_from")
    assert sum(number <= welcome.number("seq") for number in sequence) == 50
    assert newcomer.public[-2:] == ["영희> 말 119", "영희> 여기까지"]


def test_a_welcome_to_an_empty_log_replays_nothing_of_others(room: Room) -> None:
    first = room.json("영희")
    barrier(first, first)
    assert [event.kind for event in first.events] == ["joined", "message"]


def test_a_plain_client_is_given_no_history(room: Room) -> None:
    speaker = room.json("영희")
    barrier(speaker, speaker, text="옛날 말")
    newcomer = room.plain("철수")
    barrier(speaker, newcomer)
    assert newcomer.lines == ["철수님이 입장하셨습니다.", "영희> 여기까지"]


def test_a_plain_client_is_given_as_much_history_as_the_server_was_told_to(open_room: OpenRoom) -> None:
    room = open_room("--plain-history", "3")
    speaker = room.json("영희")
    for number in range(5):
        speaker.say(f"말 {number}")
    speaker.hear("영희> 말 4")
    newcomer = room.plain("철수")
    barrier(speaker, newcomer)
    assert newcomer.public == ["영희> 말 2", "영희> 말 3", "영희> 말 4", "영희> 여기까지"]
    assert newcomer.lines[-2] == "철수님이 입장하셨습니다."


def test_other_people_s_whispers_are_in_no_history(open_room: OpenRoom) -> None:
    room = open_room("--plain-history", "50")
    sender, recipient = room.json("영희"), room.json("철수")
    sender.whisper("철수", "비밀이에요")
    until(lambda: bool(sender.private) and bool(recipient.private))
    barrier(sender, sender, recipient)
    newcomer, plain = room.json("민수"), room.plain("지수")
    barrier(sender, newcomer, plain)
    newcomer.whole_history()
    assert not any("비밀" in line for line in newcomer.lines + plain.lines)
    for member in (sender, recipient):
        assert [event.text("text") for event in member.whole_history() if event.kind == "whisper"] == ["비밀이에요"]


def test_whoever_comes_back_under_the_same_secret_sees_the_own_whispers_again(open_room: OpenRoom) -> None:
    room = open_room()
    sender, recipient = room.json("영희"), room.json("철수")
    sender.whisper("철수", "비밀이에요")
    until(lambda: bool(recipient.private))
    recipient.leave()
    recipient.wait_until_closed()
    room.server.stop()
    again = open_room().json("철수이", secret=recipient.secret)
    barrier(again, again)
    assert again.private == ["[귓속말] 영희> 비밀이에요"]


def test_a_stranger_who_takes_a_nickname_inherits_none_of_its_whispers(room: Room) -> None:
    sender, recipient = room.json("영희"), room.json("철수")
    sender.whisper("철수", "비밀이에요")
    until(lambda: bool(recipient.private))
    recipient.leave()
    sender.until(lambda frame: frame.kind == "left")
    stranger = room.json("철수")
    assert not any("비밀" in str(event.fields) for event in stranger.whole_history())
    sender.send(t="whisper", cid="late", to="철수", to_uid=recipient.uid, text="또 비밀")
    assert sender.refused("recipient_changed").text("cid") == "late"
    barrier(sender, stranger)
    assert stranger.private == []
