"""chat-tui is left at once, in every state, and the terminal is as it was before."""

import contextlib
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from tests.support.app import LARGE, SMALL, SOON_S, StartApp, entered
from tests.support.process_client import ProcessClient
from tests.support.room import Room
from tests.support.tmux import Tmux


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "160x45"])
@pytest.mark.parametrize("way", ["/종료", "/quit", "C-q"])
def test_leaving_is_told_once_and_leaves_a_clean_terminal(
    room: Room, start_app: StartApp, netcat: ProcessClient, way: str, size: tuple[int, int]
) -> None:
    app = entered(start_app, room, "영희", size)
    leave(app, way)
    assert app.wait_for_exit(SOON_S) == 0
    app.assert_clean()
    netcat.wait_for_line("영희님이 퇴장하셨습니다.")
    netcat.send_line("갔네요")
    netcat.wait_for_line("민수> 갔네요")
    assert netcat.lines.count("영희님이 퇴장하셨습니다.") == 1


def leave(app: Tmux, way: str) -> None:
    if way.startswith("/"):
        app.enter(way)
    else:
        app.press(way)


WAYS = pytest.mark.parametrize("way", ["/종료", "C-q"])


@WAYS
def test_leaving_while_nobody_answers_is_at_once(start_app: StartApp, unused_port: int, way: str) -> None:
    app = start_app("--nick", "영희", "--port", str(unused_port))
    app.wait_for("연결할 수 없습니다")
    assert str(unused_port) in app.screen
    leave(app, way)
    assert app.wait_for_exit(SOON_S) == 0
    app.assert_clean()


@WAYS
def test_leaving_while_connecting_is_at_once(start_app: StartApp, way: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        app = start_app("--nick", "영희", "--port", str(mute.getsockname()[1]))
        connection, _ = mute.accept()
        with connection:
            leave(app, way)
            assert app.wait_for_exit(SOON_S) == 0
    app.assert_clean()


@WAYS
def test_leaving_while_the_line_is_cut_is_at_once(room: Room, start_app: StartApp, way: str) -> None:
    app = entered(start_app, room, "영희")
    room.server.stop(signal.SIGKILL)
    app.wait_for("연결이 끊겼습니다")
    leave(app, way)
    assert app.wait_for_exit(SOON_S) == 0
    app.assert_clean()


@WAYS
def test_leaving_while_flooded_is_at_once(room: Room, start_app: StartApp, way: str) -> None:
    app = entered(start_app, room, "영희")
    flooder = room.json("홍수")
    with flooding(flooder.send_bytes):
        app.wait_for("홍수> 물")
        leave(app, way)
        assert app.wait_for_exit(SOON_S) == 0
    app.assert_clean()


@contextlib.contextmanager
def flooding(send: Callable[[bytes], None]) -> Iterator[None]:
    """Somebody says some thousand things a second until the block ends."""
    stop = threading.Event()

    def pour() -> None:
        number = 0
        while not stop.wait(0.01):
            send(b"".join(b'{"t":"say","cid":"%d","text":"\xeb\xac\xbc"}\n' % (number + step) for step in range(20)))
            number += 20

    thread = threading.Thread(target=pour)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def test_a_terminated_app_leaves_a_clean_terminal_too(room: Room, start_app: StartApp) -> None:
    friend = room.plain("철수")
    app = entered(start_app, room, "영희")
    os.kill(app.program_pid, signal.SIGTERM)
    app.wait_for_exit(SOON_S)
    app.assert_clean()
    friend.wait_for_line("영희님이 퇴장하셨습니다.")
