"""Fixtures for tests of the log."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from server.log.sqlite import SqliteStore
from server.log.store import Store
from tests.support.seams import Memory


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the log is."""
    return tmp_path / "soksak.db"


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, path: Path) -> Iterator[Store]:
    """An empty log of either kind."""
    with closing(SqliteStore(path) if request.param == "sqlite" else Memory()) as opened:
        yield opened


@pytest.fixture
def reopen(path: Path) -> Iterator[Callable[[], SqliteStore]]:
    """Opens the same file, as a server does that was started again: the opening before is closed."""
    opened: list[SqliteStore] = []

    def open_next() -> SqliteStore:
        if opened:
            opened.pop().close()
        opened.append(SqliteStore(path))
        return opened[0]

    yield open_next
    while opened:
        opened.pop().close()
