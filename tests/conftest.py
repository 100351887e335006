"""Fixtures for tests that need a running server."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.support.room import OpenRoom, Room
from tests.support.server_process import ServerProcess

for name in (
    "COLUMNS",
    "LINES",
):  # readline exports them once it is imported, and the programs under test would believe them
    os.environ.pop(name, None)


@pytest.fixture
def open_room(tmp_path: Path) -> Iterator[OpenRoom]:
    """Starts a server with the given options, as often as wanted; all share one home folder and so one database."""
    with ExitStack() as servers, ExitStack() as clients:

        def open_one(*options: str) -> Room:
            server = servers.enter_context(ServerProcess(tmp_path / "home", *options))
            return Room(server, clients)

        yield open_one


@pytest.fixture
def room(open_room: OpenRoom) -> Room:
    """A room on a server with all defaults, its database in a fresh home folder."""
    return open_room()
