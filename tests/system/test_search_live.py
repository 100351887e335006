"""Searching a running server: with both logs, while others flood it, and after it was killed in the middle of indexing."""

import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from server.log.postings import BLOCK
from server.log.sqlite import SqliteStore
from tests.support.json_client import Frame, JsonClient
from tests.support.korean_chat import SmallTalk
from tests.support.room import OpenRoom, Room, barrier
from tests.support.samples import records
from tests.support.server_process import ServerProcess
from tests.support.waiting import STOPPED_S, until

LONG = 3 * BLOCK + 100


class Searcher:
    """Asks one client's server, one page after another."""

    def __init__(self, client: JsonClient) -> None:
        self._client = client
        self._asked = 0

    def page(self, query: str, **fields: object) -> Frame:
        """One answer."""
        self._asked += 1
        number = self._asked
        self._client.send(t="search", id=number, query=query, **fields)
        return self._client.until(lambda frame: frame.kind == "history" and frame.number("id") == number)

    def all(self, query: str, **fields: object) -> list[Frame]:
        """Every hit, oldest first."""
        hits: list[Frame] = []
        before, more = 2**53, True
        while more:
            page = self.page(query, before=before, limit=200, **fields)
            hits, more = page.frames("events") + hits, page.truth("more")
            if more:
                before = page.number("before") if page.has("before") else hits[0].number("seq")
        return hits


def texts(events: list[Frame]) -> list[str]:
    return [event.text("text") for event in events]


@pytest.mark.parametrize("options", [(), ("--memory",)], ids=["file", "memory"])
def test_what_was_said_is_found(open_room: OpenRoom, options: tuple[str, ...]) -> None:
    room = open_room(*options)
    speaker, other = room.json("영희"), room.json("철수")
    for text in ("내일 회의 있어요", "점심은요?", "회의 자료 보냈습니다"):
        speaker.say_and_wait(text)
    other.say_and_wait("ㅎㅇ")
    search = Searcher(other)
    assert texts(search.all("ㅎㅇ")) == ["내일 회의 있어요", "회의 자료 보냈습니다", "ㅎㅇ"]
    assert texts(search.all("자료 회의")) == ["회의 자료 보냈습니다"]
    assert texts(search.all("ㅎㅇ", nick="철수")) == ["ㅎㅇ"]
    assert texts(search.all("회으")) == ["내일 회의 있어요", "회의 자료 보냈습니다"]


def test_whispers_are_found_by_their_ends_also_after_a_restart(open_room: OpenRoom) -> None:
    room = open_room()
    sender, recipient = room.json("영희"), room.json("철수")
    sender.whisper("철수", "비밀이에요")
    until(lambda: bool(recipient.private))
    barrier(sender, sender, recipient)
    sender.leave()
    recipient.until(lambda frame: frame.kind == "left")
    room.server.stop()
    room = open_room()
    again = room.json("철수", secret=recipient.secret)
    stranger = room.json("영희")  # the nickname alone gives no right to what was whispered under it
    assert texts(Searcher(again).all("비밀")) == ["비밀이에요"]
    assert Searcher(stranger).all("비밀") == Searcher(stranger).all("비밀", nick="영희") == []


@pytest.fixture
def long_log(tmp_path: Path) -> Path:
    """A log of three blocks that nobody has indexed yet."""
    path = tmp_path / "long.db"
    store = SqliteStore(path)
    store.hurry()
    talk = list(SmallTalk().events(1, LONG))
    for first in range(0, LONG, 5000):
        store.append(records(*talk[first : first + 5000]))
    store.close()
    assert not path.with_name("long.db.search").exists()
    return path


def in_the_log(path: Path) -> Callable[[str], list[int]]:
    """Looks at every message for a piece of text that is found only as it stands."""
    events = list(SmallTalk().events(1, LONG))
    spoken = [(event.seq, event.text) for event in events if hasattr(event, "text") and not hasattr(event, "to")]
    return lambda piece: [seq for seq, text in spoken if piece in text]


def is_made(path: Path) -> bool:
    """Whether the index has something in it."""
    return any(file.stat().st_size > 100_000 for file in path.parent.glob("long.db.search*"))


@pytest.mark.parametrize("patience", [0.0, 0.3], ids=["at once", "in the middle"])
def test_a_server_that_was_killed_while_it_indexed_finds_everything(
    open_room: OpenRoom, long_log: Path, patience: float
) -> None:
    room = open_room("--db", str(long_log))
    if patience:
        until(lambda: is_made(long_log))
    room.server.stop(signal.SIGKILL)
    client = open_room("--db", str(long_log)).json("영희")
    search, expected = Searcher(client), in_the_log(long_log)
    for piece in ("데이터", "hotfix", "수고하셨습니다"):
        assert [event.number("seq") for event in search.all(piece)] == expected(piece) != []
    until(lambda: is_made(long_log))
    for piece in ("데이터", "hotfix", "수고하셨습니다"):
        assert [event.number("seq") for event in search.all(piece)] == expected(piece)


def test_a_server_that_indexes_ends_as_quickly_as_ever(open_room: OpenRoom, long_log: Path) -> None:
    server = open_room("--db", str(long_log)).server
    began = time.monotonic()
    assert server.stop() == 0
    assert time.monotonic() - began < STOPPED_S


@pytest.fixture
def flooded(open_room: OpenRoom) -> Iterator[Room]:
    """A room in which two say as much as they can, for as long as the test takes."""
    room = open_room()
    yield room
    assert isinstance(room.server, ServerProcess)
    assert room.server.running


def test_what_was_echoed_is_found_while_others_flood_the_room(flooded: Room) -> None:
    client = flooded.json("영희")
    flooders = [flooded.json(nick) for nick in ("철수", "민수")]
    search = Searcher(client)
    for number in range(20):
        for flooder in flooders:
            block = "".join(f'{{"t":"say","cid":"{number}-{one}","text":"물난리 {one}"}}\n' for one in range(500))
            flooder.send_bytes(block.encode())
        echo = client.say_and_wait(f"{number}번째 바늘")
        [hit] = search.page(f"{number}번째 ㅂㄴ", limit=1).frames("events")
        assert hit.fields == echo.fields
    for flooder in flooders:
        flooder.hear(f"{flooder.nick}> 물난리 499")
    assert len(search.all("바늘")) == 20
    assert len(search.all("물난리 499")) == 40


def test_searching_without_end_hinders_nobody(open_room: OpenRoom, long_log: Path) -> None:
    room = open_room("--db", str(long_log))
    nosy, others = room.json("영희"), [room.json("철수"), room.json("민수")]
    for number in range(300):
        nosy.send(t="search", id=number, query="없는말ㅎㅇㅅ", before=2**53, limit=200)
    for number in range(20):
        others[0].say_and_wait(f"말 {number}")
        others[1].hear(f"철수> 말 {number}")
    nosy.until(lambda frame: frame.kind == "history" and frame.number("id") == 299)
