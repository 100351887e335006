"""A server whose disk is full: nobody is thrown out, everything can be read, and when there is room again it goes on by itself."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing
from pathlib import Path

import pytest

from server.protocol import phrases
from tests.support.disk_trouble import DISKS, FullDisk
from tests.support.json_client import Frame, JsonClient
from tests.support.room import OpenRoom, barrier
from tests.support.secret_files import secret_file
from tests.support.waiting import until

KEY = "열려라 참깨 둘"


@pytest.fixture(params=DISKS, ids=lambda disk: disk.__name__)
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[FullDisk]:
    make: Callable[[Path], AbstractContextManager[FullDisk]] = request.param
    with make(tmp_path / "disk") as one:
        yield one


def answer_to(client: JsonClient, text: str, cid: str | None = None) -> Frame:
    """The echo, or the refusal."""
    seen = len(client.frames)
    said = client.say(text, cid)
    return client.until(lambda frame: frame.fields.get("cid") == said, after=seen)


def say_until_refused(client: JsonClient) -> Frame:
    """What is left of the room is used up first."""
    for number in range(2000):
        answer = answer_to(client, f"자리가 있는 동안 {number} {'가' * 500}")
        if answer.kind == "refused":
            return answer
    raise AssertionError("there was room for everything")


def say_until_taken(client: JsonClient, text: str, cid: str) -> Frame:
    """As a client does: under the same cid, until it stands."""
    answers: list[Frame] = []

    def taken() -> bool:
        answers.append(answer_to(client, text, cid))
        return answers[-1].kind == "message"

    until(taken)
    return answers[-1]


def test_a_full_disk_ends_nothing_and_loses_nothing(open_room: OpenRoom, disk: FullDisk) -> None:
    room = open_room("--db", str(disk.log))
    speaker, hearer = room.json("영희"), room.plain("철수")
    speaker.say_and_wait("아직 자리가 있다")
    with disk.filled_for(room.server.pid):
        refused = say_until_refused(speaker)
        assert (refused.text("code"), refused.number("retry_ms")) == ("storage_full", 1000)
        assert speaker.history(2**53).frames("events")[-1].kind == "message"
        speaker.ping(1)
        newcomer = room.json_stranger()
        newcomer.send(t="hello", v=1, nick="민수", client=newcomer.secret)
        assert newcomer.refused("storage_full").text("text") == phrases.STORAGE_FULL_OUTSIDE
        hearer.speak("철수도 못 보낸다")
        until(lambda: bool(hearer.refusals))
        cut_off = room.json_stranger(secret=speaker.secret)
        assert "영희" in cut_off.hello("영희").members()  # to come back nothing has to be written
    echo = say_until_taken(cut_off, "이제 된다", refused.text("cid"))
    newcomer.enter("민수")
    barrier(cut_off, newcomer, hearer)
    assert "철수> 철수도 못 보낸다" not in hearer.public
    assert room.server.stop() == 0
    assert "Traceback" not in room.server.stderr

    with closing(sqlite3.connect(disk.log)) as log:
        assert log.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    logged = open_room("--db", str(disk.log)).json("바다").whole_history()
    kept = {event.number("seq"): event.fields for event in logged}
    assert list(kept) == list(range(1, len(kept) + 1))
    assert kept[echo.number("seq")] == echo.fields
    for event in speaker.events:
        assert kept[event.number("seq")] == event.fields


def test_a_script_that_finds_the_disk_full_is_told_once_and_its_messages_are_no_nicknames(
    open_room: OpenRoom, disk: FullDisk
) -> None:
    room = open_room("--db", str(disk.log))
    speaker, script = room.json("영희"), room.plain_stranger()
    with disk.filled_for(room.server.pid):
        say_until_refused(speaker)
        script.send_bytes("봇\n배포가\n끝났습니다\n".encode())
        script.wait_until_closed()
        assert script.refusals == [phrases.STORAGE_FULL_OUTSIDE]


def test_who_leaves_while_the_disk_is_full_has_left_afterwards_once(open_room: OpenRoom, disk: FullDisk) -> None:
    room = open_room("--db", str(disk.log))
    speaker, leaver = room.json("영희"), room.json("철수")
    with disk.filled_for(room.server.pid):
        say_until_refused(speaker)
        leaver.leave()
        leaver.wait_until_closed()
        speaker.ping(1)
        assert speaker.departures == []
    until(lambda: speaker.departures == ["철수"])
    speaker.ping(2)
    assert speaker.departures == ["철수"]


def test_an_operator_shows_somebody_out_while_the_disk_is_full(
    open_room: OpenRoom, disk: FullDisk, tmp_path: Path
) -> None:
    room = open_room("--db", str(disk.log), "--operator-key-file", str(secret_file(tmp_path, KEY)))
    operator, other = room.json("영희"), room.json("철수")
    operator.send(t="operator", id=1, key=KEY)
    with disk.filled_for(room.server.pid):
        say_until_refused(operator)
        operator.send(t="kick", id=2, nick="철수")
        done = operator.until(lambda frame: frame.fields.get("id") == 2)
        assert (done.kind, done.text("text")) == ("done", phrases.KICKED_UNWRITTEN)
        other.wait_until_closed()
        again = room.json_stranger(secret=other.secret)
        again.send(t="hello", v=1, nick="철수", client=again.secret)
        assert again.refused("storage_full").text("text") == phrases.STORAGE_FULL_OUTSIDE
    until(lambda: operator.departures == ["철수"])
    again.enter("철수")
