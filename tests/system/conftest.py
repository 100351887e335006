"""Who and what the system tests find in the room."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.support.app import CLIENT, SMALL, StartApp
from tests.support.plain_client import PlainClient
from tests.support.process_client import ProcessClient
from tests.support.room import Room, barrier
from tests.support.server_process import private_environment
from tests.support.tmux import Tmux
from tests.support.tools import need


@pytest.fixture
def bystander(room: Room) -> Iterator[PlainClient]:
    """Somebody who chats on, whatever the others send, and sees nothing odd."""
    member = room.plain("구경꾼")
    yield member
    barrier(member, member, text="저는 잘 있어요")
    assert member.refusals == []
    assert member.private == []


@pytest.fixture
def start_app(tmp_path: Path) -> Iterator[StartApp]:
    """Starts chat-tui on terminals of its own; without `home`, each has its own home folder too."""
    with ExitStack() as screens:

        def start(*options: str, size: tuple[int, int] = SMALL, home: str | None = None) -> Tmux:
            folder = tmp_path / (home or f"home of {' '.join(options)}")
            folder.mkdir(parents=True, exist_ok=True)
            columns, rows = size
            app = Tmux([*CLIENT, *options], columns=columns, rows=rows, environment=private_environment(folder))
            return screens.enter_context(app)

        yield start


@pytest.fixture
def netcat(room: Room) -> Iterator[ProcessClient]:
    """민수, who types into netcat."""
    with ProcessClient([need("nc.openbsd"), "127.0.0.1", str(room.server.port)]) as peer:
        peer.send_line("민수")
        peer.wait_for_line("민수님이 입장하셨습니다.")
        yield peer


@pytest.fixture
def unused_port() -> int:
    """A port at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port
