"""chat-tui on real terminals while servers and clients are killed: nothing is lost, doubled or reordered on any screen."""

import itertools
import os
import re
import signal
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.support.app import LARGE, SOON_S, StartApp
from tests.support.plain_client import PlainClient
from tests.support.relay import Relay
from tests.support.room import Room, barrier, messages_of
from tests.support.server_process import ServerProcess
from tests.support.tmux import Tmux
from tests.support.waiting import until
from tui_client import strings

LONG_S = 40.0
_WAITING = re.compile(r"… +영희>")
_NUMBERED = re.compile(r"영희> (\d+)번")


def numbers_on(screen: str) -> list[int]:
    """The numbers of the messages that are on a screen, from top to bottom."""
    return [int(number) for number in _NUMBERED.findall(screen)]


def waits(screen: str) -> bool:
    """Whether a message of 영희 stands there that is not known to be in the log."""
    return _WAITING.search(screen) is not None


class Restarting:
    """A server that is killed and started again, always with the same log and at the same port."""

    def __init__(self, folder: Path, servers: ExitStack) -> None:
        self._folder = folder
        self._servers = servers
        self.server = self._start(0)

    def _start(self, port: int) -> ServerProcess:
        options = ("--db", str(self._folder / "log.db"), "--no-limits", "--port", str(port))
        return self._servers.enter_context(ServerProcess(self._folder, *options))

    def kill(self) -> None:
        self.server.stop(signal.SIGKILL)

    def start(self) -> None:
        self.server = self._start(self.port)

    @property
    def port(self) -> int:
        return self.server.port


def test_server_that_is_killed_again_and_again_costs_no_screen_anything(tmp_path: Path, start_app: StartApp) -> None:
    with ExitStack() as servers:
        server = Restarting(tmp_path / "server", servers)
        typist, reader = (
            start_app("--nick", nick, "--port", str(server.port), size=LARGE) for nick in ("영희", "철수")
        )
        for app in (typist, reader):
            app.wait_for(strings.STATE_ONLINE)
        numbers = itertools.count(1)

        def type_some(count: int) -> None:
            for number in itertools.islice(numbers, count):
                typist.type(f"{number}번")
                typist.press("Enter")

        for _ in range(3):
            type_some(3)
            server.kill()
            type_some(2)  # while nobody is there
            typist.wait_for(strings.KEYS_OFFLINE[0][1])
            server.start()
            type_some(1)
            for app in (typist, reader):
                app.wait_for(strings.STATE_ONLINE, LONG_S)
        type_some(2)
        last = next(numbers) - 1
        for app in (typist, reader):
            screen = app.wait_for(lambda screen: f"영희> {last}번" in screen and not waits(screen), LONG_S)
            assert numbers_on(screen) == list(range(1, last + 1))
            assert "퇴장" not in screen, "whoever comes back has never left"


def test_app_that_was_killed_with_a_message_unsent_sends_it_at_its_next_start(
    tmp_path: Path, start_app: StartApp
) -> None:
    with ExitStack() as servers:
        server = Restarting(tmp_path / "server", servers)
        options = ("--nick", "영희", "--port", str(server.port))
        app = start_app(*options, home="home", size=LARGE)
        app.wait_for(strings.STATE_ONLINE)
        server.kill()
        app.wait_for(strings.KEYS_OFFLINE[0][1])
        app.enter("1번")
        app.enter("2번")
        app.wait_for(lambda screen: numbers_on(screen) == [1, 2])
        os.kill(app.program_pid, signal.SIGKILL)
        again = start_app(*options, home="home", size=LARGE)
        again.wait_for(lambda screen: numbers_on(screen) == [1, 2])
        again.enter("3번")
        server.start()
        again.wait_for(strings.STATE_ONLINE, LONG_S)
        screen = again.wait_for(lambda screen: not waits(screen) and strings.left_over(2, 0) in screen)
        assert numbers_on(screen) == [1, 2, 3]


def test_app_that_is_killed_while_the_server_holds_it_back_has_said_everything_once_and_in_order(
    tmp_path: Path, start_app: StartApp
) -> None:
    with ServerProcess(tmp_path / "server", "--memory", limited=True) as server, PlainClient(server.port) as witness:
        witness.enter("민수")
        options = ("--nick", "영희", "--port", str(server.port))
        app = start_app(*options, home="home", size=LARGE)
        app.wait_for(strings.STATE_ONLINE)
        for number in range(1, 21):  # twice as many as the server takes at once
            app.press(f"{number}번", "Enter")
        app.wait_for(lambda screen: 20 in numbers_on(screen) and waits(screen) and "기다리는 메시지" in screen)
        os.kill(app.program_pid, signal.SIGKILL)
        again = start_app(*options, home="home", size=LARGE)
        again.wait_for(lambda screen: "20번" in screen and not waits(screen) and strings.STATE_ONLINE in screen, LONG_S)
        witness.wait_for_line("영희> 20번")
        assert witness.public == [f"영희> {n}번" for n in range(1, 21)]
        assert numbers_on(again.screen) == list(range(1, 21))


def test_what_was_sent_too_much_of_can_be_stopped_and_what_went_went_once_and_in_order(
    tmp_path: Path, start_app: StartApp
) -> None:
    with ServerProcess(tmp_path / "server", "--memory", limited=True) as server, PlainClient(server.port) as witness:
        witness.enter("민수")
        app = start_app("--nick", "영희", "--port", str(server.port), size=(80, 24))
        app.wait_for(strings.STATE_ONLINE)
        for number in range(1, 31):
            app.press(f"{number}번", "Enter")
        app.wait_for("차례로 보내는 중입니다")
        app.enter("/버리기")
        app.wait_for(lambda screen: "개를 버렸습니다" in screen and not waits(screen))
        app.enter("이제 그만")
        witness.wait_for_line("영희> 이제 그만")
        sent = [int(number) for line in witness.public for number in _NUMBERED.findall(line)]
        assert sent == list(range(1, len(sent) + 1))
        assert len(sent) < 30
        assert "차례로" not in app.wait_for(lambda screen: not waits(screen))


def test_what_waits_is_chosen_on_a_small_terminal(start_app: StartApp, unused_port: int) -> None:
    app = start_app("--nick", "영희", "--port", str(unused_port), size=(44, 20))
    app.wait_for("서버가 없습니다")
    for count, text in enumerate(("하나", "둘"), 1):
        app.enter(text)
        app.wait_for(strings.waits(count, is_online=False))
    screen = app.wait_for(strings.waits(2, is_online=False))
    assert strings.waiting_short(2) in screen.splitlines()[0]
    app.press("F8")
    app.wait_for(strings.unsent_title(0, 2))
    app.press("Down", "Enter")
    app.wait_for(strings.THROW_AWAY)
    app.press("Up", "Enter")
    screen = app.wait_for(strings.waits(1, is_online=False))
    assert "영희> 하나" in screen
    assert "영희> 둘" not in screen


def test_leaving_with_something_unsent_says_so_on_the_terminal(start_app: StartApp, unused_port: int) -> None:
    app = start_app("--nick", "영희", "--port", str(unused_port))
    app.wait_for("연결할 수 없습니다")
    app.enter("나중에라도")
    app.press("C-q")
    assert app.wait_for_exit(SOON_S) == 0
    assert strings.left_unsent(1, 0, "영희") in app.screen


# --- killed between sending and echo ----------------------------------------------------------------------------------


@pytest.mark.parametrize("is_committed", [True, False], ids=["the server has it", "the server never got it"])
@pytest.mark.parametrize("kind", [(), ("--line",)], ids=["screen", "lines"])
def test_client_killed_between_send_and_echo_has_said_it_once_after_its_restart(
    room: Room, start_app: StartApp, tmp_path: Path, is_committed: bool, kind: Sequence[str]
) -> None:
    witness = room.plain("민수")
    kept = tmp_path / "home" / "state" / "soksak" / "outbox"
    texts = [f"{number}번" for number in range(3)]
    with Relay(room.server.port) as relay:

        def start() -> Tmux:
            app = start_app("--nick", "영희", "--port", str(relay.port), *kind, home="home", size=LARGE)
            app.wait_for("/종료, 쓰는 법은" if kind else strings.STATE_ONLINE)
            return app

        def times_said(screen: str, text: str) -> int:
            """How often it stands there, but for where it is told that it waits."""
            return screen.count(f"영희> {text}") - screen.count(f"기다리는 메시지: 영희> {text}")

        def say_and_be_killed(text: str) -> None:
            app = start()
            relay.to_client_is_open, relay.to_server_is_open = False, is_committed
            app.enter(text)
            if is_committed:
                witness.wait_for_line(f"영희> {text}")
            else:
                until(lambda: any(text in file.read_text("utf-8") for file in kept.glob("*.jsonl")))
            os.kill(app.program_pid, signal.SIGKILL)
            relay.to_client_is_open = relay.to_server_is_open = True

        def come_back_and_be_killed(text: str) -> None:
            again = start()
            witness.wait_for_line(f"영희> {text}")
            again.wait_for(lambda screen: times_said(screen, text) == 1 and not waits(screen))
            until(lambda: not any(file.stat().st_size for file in kept.glob("*.jsonl")))
            assert times_said(again.screen, text) == 1
            os.kill(again.program_pid, signal.SIGKILL)

        for text in texts:
            say_and_be_killed(text)
            come_back_and_be_killed(text)
        barrier(witness, witness)
        assert messages_of("영희", witness) == texts
