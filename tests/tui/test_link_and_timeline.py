"""Link and timeline together, without a screen, in a room on the real server."""

import contextlib
import shutil
import signal
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from server.protocol.errors import Code
from server.protocol.events import PROTOCOL_VERSION, Frame, Hello, Rename
from tests.support.scripted_server import unused_port
from tests.support.server_process import ServerProcess
from tests.support.waiting import until
from tui_client import strings
from tui_client.connected_app import now_ms
from tui_client.conversation import HelloRefused, Timing
from tui_client.entry import State
from tui_client.link import Link
from tui_client.timeline import Timeline
from tui_client.wire import Address

TIMING = Timing(first_retry_s=0.02, max_retry_s=0.05)


class Client:
    """What the app does between link and timeline, with lists for panes."""

    def __init__(self, port: int, nick: str) -> None:
        self.timeline = Timeline(nick, lambda: uuid.uuid4().hex)
        self.room: list[str] = []
        self.whispers: list[str] = []
        self.failed: list[str] = []
        self.others: list[object] = []
        self._secret = uuid.uuid4().hex
        self.link = Link(Address("127.0.0.1", port), self._hello, lambda: None, timing=TIMING)

    def _hello(self, _place: str) -> Hello:
        return Hello(PROTOCOL_VERSION, self.timeline.nick, self._secret, self.timeline.position)

    def say(self, text: str) -> None:
        self.timeline.say(text, now_ms())
        self._send()

    def whisper(self, to: str, text: str) -> None:
        self.timeline.whisper(to, text, now_ms())
        self._send()

    def _send(self) -> None:
        self.link.send(*self.timeline.next_to_send(is_online=self.link.is_online))

    def pump(self) -> None:
        """One turn of the screen's thread."""
        events = self.link.drain(1000)
        self.others += [event for event in events if not isinstance(event, Frame)]
        changes = self.timeline.receive([event for event in events if isinstance(event, Frame)], now_ms())
        for entries, pane in ((changes.room, self.room), (changes.whispers, self.whispers)):
            pane += [entry.label + entry.text for entry in entries if entry.state is State.SETTLED]
        self.failed += [failure.entry.label + failure.entry.text for failure in changes.failed]
        self.link.send(*changes.to_send)
        self._send()

    def wait_for(self, condition: Callable[[], bool]) -> None:
        def holds() -> bool:
            self.pump()
            return condition()

        until(holds, what=lambda: f"room {self.room}, whispers {self.whispers}, others {self.others}")

    def enter(self) -> None:
        self.link.start()
        self.wait_for(lambda: f"{self.timeline.nick}님이 입장하셨습니다." in self.room)


EnterRoom = Callable[[int, str], Client]


@pytest.fixture
def enter() -> Iterator[EnterRoom]:
    """Lets clients come in, and leave at the end."""
    with contextlib.ExitStack() as opened:

        def enter_one(port: int, nick: str) -> Client:
            client = Client(port, nick)
            opened.callback(client.link.join, 2)
            opened.callback(client.link.close)
            client.enter()
            return client

        yield enter_one


def test_messages_whispers_and_members_reach_who_they_are_for(tmp_path: Path, enter: EnterRoom) -> None:
    with ServerProcess(tmp_path) as server:
        one, two, three = (enter(server.port, nick) for nick in ("영희", "철수", "민수"))
        one.wait_for(lambda: len(one.timeline.members) == 3)
        one.say("안녕\n모두")
        one.whisper("철수", "비밀")
        one.wait_for(lambda: "영희> 안녕\n모두" in one.room)
        two.wait_for(lambda: "영희> 안녕\n모두" in two.room)
        two.wait_for(lambda: two.whispers == ["[귓속말] 영희> 비밀"])
        one.wait_for(lambda: one.whispers == ["[귓속말 전송] 철수에게: 비밀"])
        one.say("끝")
        three.wait_for(lambda: "영희> 끝" in three.room)
        assert three.whispers == []


def test_whisper_to_nobody_fails_and_is_never_public(tmp_path: Path, enter: EnterRoom) -> None:
    with ServerProcess(tmp_path) as server:
        one = enter(server.port, "영희")
        one.whisper("없는사람", "비밀")
        one.wait_for(lambda: bool(one.failed))
        assert one.failed == ["[귓속말 전송] 없는사람에게: 비밀"]
        assert not any("비밀" in text for text in one.room)


def test_nickname_in_use_can_be_exchanged_for_another(tmp_path: Path, enter: EnterRoom) -> None:
    with ServerProcess(tmp_path) as server:
        enter(server.port, "영희")
        other = Client(server.port, "영희")
        other.link.start()
        other.wait_for(lambda: any(isinstance(event, HelloRefused) for event in other.others))
        assert [event.code for event in other.others if isinstance(event, HelloRefused)] == [Code.NICK_IN_USE]
        other.timeline.nick = "영희2"
        other.link.greet()
        other.wait_for(lambda: "영희2님이 입장하셨습니다." in other.room)
        other.link.close()
        other.link.join(2)


def test_new_nickname_is_asked_for_again_after_a_reconnection(tmp_path: Path, enter: EnterRoom) -> None:
    port = unused_port()
    with ServerProcess(tmp_path, "--port", str(port)):
        one = enter(port, "영희")
        one.link.send(Rename("영이"))
        one.wait_for(lambda: one.timeline.nick == "영이")
    one.wait_for(lambda: not one.link.is_online)
    with ServerProcess(tmp_path, "--port", str(port)):
        one.wait_for(lambda: one.link.is_online)
        one.say("접니다")
        one.wait_for(lambda: "영이> 접니다" in one.room)
        assert not any("영이님이" in text for text in one.room[-2:]), "who comes back has never left"


def test_server_that_was_killed_costs_no_message_and_shows_none_twice(tmp_path: Path, enter: EnterRoom) -> None:
    port = unused_port()
    with ServerProcess(tmp_path, "--port", str(port)) as server:
        one = enter(port, "영희")
        for number in range(20):
            one.say(str(number))
        one.wait_for(lambda: "영희> 19" in one.room)
        server.stop(signal.SIGKILL)
    one.wait_for(lambda: not one.link.is_online)
    one.say("없는 동안")
    with ServerProcess(tmp_path, "--port", str(port)):
        one.wait_for(lambda: "영희> 없는 동안" in one.room)
        one.say("다시")
        one.wait_for(lambda: "영희> 다시" in one.room)
    said = [text for text in one.room if text.startswith("영희> ")]
    assert said == [f"영희> {text}" for text in (*range(20), "없는 동안", "다시")]
    assert strings.SERVER_RESTARTED in one.room


def test_leaving_tells_the_others_after_the_last_message(tmp_path: Path, enter: EnterRoom) -> None:
    with ServerProcess(tmp_path) as server:
        one, two = enter(server.port, "영희"), enter(server.port, "철수")
        for number in range(50):
            one.say(str(number))
        one.wait_for(lambda: not one.timeline.pending)
        one.say("마지막")
        one.link.close()
        two.wait_for(lambda: "영희님이 퇴장하셨습니다." in two.room)
        said = [text for text in two.room if text.startswith("영희")]
        assert said[-52:] == [*(f"영희> {text}" for text in (*range(50), "마지막")), "영희님이 퇴장하셨습니다."]


def test_restored_backup_is_announced_and_what_the_server_has_is_shown_once_and_in_order(
    tmp_path: Path, enter: EnterRoom
) -> None:
    log, backup, port = tmp_path / "db" / "log.db", tmp_path / "backup", unused_port()
    options = ("--db", str(log), "--port", str(port), "--no-limits")

    def say_all(*texts: str) -> None:
        for text in texts:
            one.say(text)
        one.wait_for(lambda: not one.timeline.pending)

    with ServerProcess(tmp_path / "first", *options):
        one = enter(port, "영희")
        say_all("하나", "둘")
    shutil.copytree(log.parent, backup)
    with ServerProcess(tmp_path / "second", *options):
        one.wait_for(lambda: one.link.is_online)
        say_all("셋", "넷")
    shutil.rmtree(log.parent)
    shutil.copytree(backup, log.parent)
    with ServerProcess(tmp_path / "restored", *options):
        one.wait_for(lambda: strings.ROLLED_BACK in one.room)
        say_all("다섯")
    said = [text for text in one.room if text.startswith("영희> ") or text == strings.ROLLED_BACK]
    expected = ["하나", "둘", "셋", "넷"]
    assert said == [*(f"영희> {text}" for text in expected), strings.ROLLED_BACK, "영희> 다섯"]
