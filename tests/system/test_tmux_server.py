"""chat-tui and the server that isn't there: a remote one is waited for, one's own is started."""

import contextlib
import fcntl
import os
import signal
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.protocol.address import PORT
from tests.support.app import LARGE, SOON_S, StartApp, servers_below
from tests.support.server_process import ServerProcess
from tests.support.waiting import until

# --- a server somewhere else ------------------------------------------------------------------------------------------


def test_it_says_who_does_not_answer_and_connects_when_it_does(
    start_app: StartApp, unused_port: int, tmp_path: Path
) -> None:
    app = start_app("--nick", "영희", "--port", str(unused_port))
    app.wait_for("연결할 수 없습니다")
    app.type("그래도 쓸 수 있어요")
    app.wait_for("그래도 쓸 수 있어요")
    with ServerProcess(tmp_path / "server", "--port", str(unused_port), "--memory"):
        app.wait_for("영희님이 입장하셨습니다.", 30)
        app.press("Enter")
        app.wait_for("영희> 그래도 쓸 수 있어요")


def test_an_explicit_address_never_starts_a_server(start_app: StartApp, unused_port: int, tmp_path: Path) -> None:
    app = start_app("--nick", "영희", "--host", "127.0.0.1", "--port", str(unused_port))
    app.wait_for("연결할 수 없습니다")
    assert servers_below(tmp_path) == []


# --- a server of one's own --------------------------------------------------------------------------------------------


@pytest.fixture
def local_home(tmp_path: Path) -> Iterator[str]:
    """A home folder in which a server may be started in the background; it is ended with the test, and no other test has one meanwhile."""
    with (Path(tempfile.gettempdir()) / "soksak-default-port.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", PORT)) == 0:
                pytest.fail(
                    f"port {PORT} is in use: end the server that listens there; this test needs the default port"
                )
        yield "home"
        for pid in servers_below(tmp_path):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
        until(lambda: servers_below(tmp_path) == [], what="the background server to end")


def test_alone_it_starts_a_server_and_says_so(start_app: StartApp, local_home: str, tmp_path: Path) -> None:
    app = start_app("--nick", "영희", home=local_home, size=LARGE)
    app.wait_for("영희님이 입장하셨습니다.", 30)
    app.wait_for("새로 시작했습니다")
    app.enter("혼자예요")
    app.wait_for("영희> 혼자예요")
    app.press("C-q")
    assert app.wait_for_exit(SOON_S) == 0
    app.assert_clean()
    assert len(servers_below(tmp_path)) == 1, "it stays for a while, for those who come back"
    again = start_app("--nick", "영희", home=local_home, size=LARGE)
    again.wait_for("영희> 혼자예요")


def test_the_server_of_one_s_own_outlives_the_terminal(start_app: StartApp, local_home: str, tmp_path: Path) -> None:
    app = start_app("--nick", "영희", home=local_home)
    app.wait_for("영희님이 입장하셨습니다.", 30)
    app.hang_up()
    with socket.create_connection(("127.0.0.1", PORT), 5):
        assert len(servers_below(tmp_path)) == 1


def test_two_started_at_the_same_moment_end_up_in_one_room(
    start_app: StartApp, local_home: str, tmp_path: Path
) -> None:
    first = start_app("--nick", "영희", home=local_home, size=LARGE)
    second = start_app("--nick", "철수", home=local_home, size=LARGE)
    for app, nick in ((first, "영희"), (second, "철수")):
        app.wait_for(f"{nick}님이 입장하셨습니다.", 30)
    first.enter("거기 있어요?")
    second.wait_for("영희> 거기 있어요?")
    second.enter("네, 있어요")
    first.wait_for("철수> 네, 있어요")
    second.enter("@영희 비밀이에요")
    first.wait_for(lambda screen: "[귓속말] 철수>" in screen and "비밀이에요" in screen)
    assert len(servers_below(tmp_path)) == 1
