"""A server whose disk fails, or that is killed while it writes: told, ended, and nothing that was acknowledged is lost."""

import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.disk_trouble import READ, SYNC, WRITE, injected
from tests.support.json_client import JsonClient
from tests.support.room import OpenRoom, Room
from tests.support.waiting import until

DISK_FAILING = "디스크 오류로 대화를 저장하지 못했습니다: "


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "chat.db"


def assert_kept(open_room: OpenRoom, log: Path, *clients: JsonClient) -> None:
    """Whatever they saw stands in the log, which is sound and without a gap."""
    with closing(sqlite3.connect(log)) as shell:
        assert shell.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    logged = open_room("--db", str(log)).json("바다").whole_history()
    kept = {event.number("seq"): event.fields for event in logged}
    assert list(kept) == list(range(1, len(kept) + 1))
    for client in clients:
        for event in client.events:
            assert kept[event.number("seq")] == event.fields


@pytest.mark.parametrize("fault", [f"{SYNC}:error=EIO", f"{WRITE}:error=EIO"])
def test_a_failing_disk_is_told_and_nothing_is_acknowledged_after_it(
    open_room: OpenRoom, log: Path, fault: str
) -> None:
    room = open_room("--db", str(log))
    speaker, hearer = room.json("영희"), room.plain("철수")
    speaker.say_and_wait("저장된다")
    with injected(room.server.pid, fault):
        cids = {speaker.say(f"저장되지 않는다 {number}") for number in range(3)}
        assert room.server.wait() == 1
    for client in (speaker, hearer):
        client.wait_until_closed()
    assert (speaker.frames[-1].kind, speaker.frames[-1].text("code")) == ("closing", "storage_error")
    assert hearer.refusals == ["서버가 메시지를 저장하지 못해 멈춥니다. 서버 관리자에게 알려 주세요."]
    assert not cids & {str(event.fields.get("cid")) for event in speaker.events}
    assert hearer.public == ["영희> 저장된다"]
    assert f"{DISK_FAILING}{log}" in room.server.stderr
    assert_kept(open_room, log, speaker)


def test_history_that_can_not_be_read_is_refused_and_all_goes_on(open_room: OpenRoom, log: Path) -> None:
    before = open_room("--db", str(log))
    speaker = before.json("영희")
    for number in range(300):
        speaker.say(f"{number} {'가' * 500}")
    until(lambda: len(speaker.public) == 300)
    before.server.stop()
    room = open_room("--db", str(log))
    reader = room.json("철수")
    with injected(room.server.pid, f"{READ}:error=EIO"):
        reader.send(t="history", id=77, before=150, limit=100)
        assert reader.refused("storage_error").number("id") == 77
        reader.ping(1)
    assert len(reader.history(150, 100).frames("events")) == 100
    reader.say_and_wait("아직 있다")


def flood(room: Room, clients: list[JsonClient]) -> None:
    """Speak until the server is gone."""
    number = 0
    while room.server.running:
        for client in clients:
            number += 1
            try:
                client.say(f"{number} {'말' * (number % 300)}")
            except OSError:
                return


@pytest.mark.parametrize("call", [WRITE, SYNC])
@pytest.mark.parametrize("nth", [1, 2, 3, 7, 150])
def test_what_was_acknowledged_survives_a_kill_in_the_middle_of_a_commit(
    open_room: OpenRoom, log: Path, call: str, nth: int
) -> None:
    """At the n-th write or sync of the log's files."""
    room = open_room("--db", str(log))
    clients = [room.json(nick) for nick in ("영희", "철수")]
    with injected(room.server.pid, f"{call}:signal=SIGKILL:when={nth}"):
        flood(room, clients)
        assert room.server.wait() == -signal.SIGKILL
    for client in clients:
        client.wait_until_closed()
    assert_kept(open_room, log, *clients)
