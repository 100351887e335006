"""How chat-server ends: told to, killed, or by itself; and what is still there afterwards."""

import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.support.json_client import new_secret
from tests.support.room import OpenRoom, Room, barrier
from tests.support.waiting import STOPPED_S, until

# --- told to, or killed -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_hundred_clients_are_told_and_the_server_ends_within_two_seconds(room: Room, how: signal.Signals) -> None:
    plain = [room.plain(f"평문{number}") for number in range(50)]
    others = [room.json(f"제이슨{number}") for number in range(50)]
    started = time.monotonic()
    assert room.server.stop(how) == 0
    assert time.monotonic() - started < STOPPED_S
    for member in plain:
        member.wait_until_closed()
        assert member.refusals == ["서버를 끕니다. 잠시 뒤에 다시 접속하세요."]
    for other in others:
        other.wait_until_closed()
        assert (other.frames[-1].kind, other.frames[-1].text("code")) == ("closing", "shutdown")


def test_strangers_and_sleepers_do_not_delay_the_end(room: Room) -> None:
    speaker = room.json("영희")
    for number in range(5):
        room.stranger()
        room.stalled(f"잠든이{number}")
    until(lambda: len(speaker.arrivals) == 6)
    for number in range(2000):
        speaker.say(f"{'긴 말 ' * 200} {number}")
    until(lambda: len(speaker.public) == 2000, 60)
    started = time.monotonic()
    assert room.server.stop() == 0
    assert time.monotonic() - started < STOPPED_S


def test_a_second_signal_changes_nothing(room: Room) -> None:
    member = room.plain("영희")
    room.server.stop(signal.SIGTERM)
    member.wait_until_closed()
    assert room.server.wait() == 0


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_what_was_acknowledged_is_there_after_the_end(open_room: OpenRoom, how: signal.Signals) -> None:
    room = open_room()
    speakers = [room.json(f"손님{number}") for number in range(4)]
    witness = room.plain("철수")
    for number in range(500):
        for speaker in speakers:
            speaker.say(f"말 {number}")
    until(lambda: len(witness.public) >= 200)
    room.server.stop(how)
    for member in (*speakers, witness):
        member.wait_until_closed()
    logged = open_room().json("민수").whole_history()
    kept = {event.number("seq"): event.fields for event in logged}
    for speaker in speakers:
        for event in speaker.events:
            assert kept[event.number("seq")] == event.fields
    said = [f"{event.text('nick')}> {event.text('text')}" for event in logged if event.kind == "message"]
    assert said[: len(witness.public)] == witness.public
    assert list(kept) == sorted(kept)


def test_after_a_crash_only_seats_to_which_somebody_may_come_back_are_taken(open_room: OpenRoom) -> None:
    before = open_room()
    witness = before.json("철수")
    before.plain("영희")
    witness.until(lambda frame: frame.kind == "joined" and frame.text("nick") == "영희")
    before.server.stop(signal.SIGKILL)
    after = open_room()
    welcome = after.json_stranger().hello("영희")
    members = [(one.text("nick"), one.has("away")) for one in welcome.frames("members")]
    assert members == [("철수", True), ("영희", False)]


def test_numbers_go_on_after_a_restart_in_a_new_epoch(open_room: OpenRoom) -> None:
    secret = new_secret()
    before = open_room()
    client = before.json("영희", secret=secret)
    last = client.say_and_wait("앞")
    before.server.stop()
    again = open_room().json("영희", secret=secret)
    assert again.say_and_wait("뒤").number("seq") > last.number("seq")
    epochs = {one.until(lambda frame: frame.kind == "welcome").text("epoch") for one in (client, again)}
    assert len(epochs) == 2
    assert again.uid == client.uid


def test_memory_keeps_nothing(open_room: OpenRoom, tmp_path: Path) -> None:
    before = open_room("--memory")
    client = before.json("영희")
    barrier(client, client, text="사라질 말")
    assert before.server.stop() == 0
    assert not [path for path in (tmp_path / "home").rglob("*") if path.is_file() and path.suffix != ".stderr"]
    again = open_room("--memory").json("영희")
    assert [event.kind for event in again.whole_history()] == ["joined"]


def test_the_default_database_is_in_the_user_s_state_folder(room: Room, tmp_path: Path) -> None:
    client = room.json("영희")
    barrier(client, client)
    databases = [path for path in (tmp_path / "home" / "state").rglob("*") if path.suffix == ".db"]
    assert len(databases) == 1
    assert databases[0].stat().st_mode & 0o077 == 0, "whispers are in it: nobody else may read it"


# --- by itself --------------------------------------------------------------------------------------------------------


def test_an_idle_server_ends_by_itself(open_room: OpenRoom) -> None:
    server = open_room("--memory", "--exit-when-idle", "1").server
    assert server.wait() == 0


def test_a_server_ends_by_itself_when_the_last_client_has_left_and_not_before(open_room: OpenRoom) -> None:
    room = open_room("--memory", "--exit-when-idle", "1")
    client = room.plain("영희")
    with pytest.raises(subprocess.TimeoutExpired):
        room.server.wait(2.5)
    barrier(client, client)
    client.leave()
    started = time.monotonic()
    assert room.server.wait() == 0
    assert time.monotonic() - started > 0.8


def test_log_lines_go_to_stderr_and_hold_no_messages(open_room: OpenRoom) -> None:
    room = open_room("--log-level", "debug")
    client, other = room.json("영희"), room.plain("철수")
    client.whisper("철수", "아무도모를비밀")
    other.wait_for_line("[귓속말] 영희> 아무도모를비밀")
    assert room.server.stop() == 0
    assert "아무도모를비밀" not in room.server.stderr
    assert client.secret not in room.server.stderr


def test_who_comes_back_after_a_crash_has_neither_left_nor_joined(open_room: OpenRoom) -> None:
    before = open_room()
    clients = [before.json(f"손님{number}") for number in range(10)]
    barrier(clients[0], *clients)
    before.server.stop(signal.SIGKILL)
    after = open_room()
    again = [after.json_stranger(secret=client.secret) for client in clients]
    for number, client in enumerate(again):
        last = {"epoch": clients[number].frames[0].text("epoch"), "seq": clients[number].events[-1].number("seq")}
        client.send(t="hello", v=1, nick=f"손님{number}", client=client.secret, resume=last)
    for client in again:
        client.until(lambda frame: frame.kind == "welcome")
    again[0].say_and_wait("다시 만나 반갑습니다")
    for client in again:
        client.until(lambda frame: frame.kind == "message")
        assert [event.kind for event in client.events] == ["message"]
