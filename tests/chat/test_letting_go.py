"""Of whoever is gone nothing is kept, and nothing waits for the garbage collector: that comes when it likes, in a silent room never."""

import gc
import weakref
from collections.abc import Callable, Iterator

import pytest

from server.channel import Channel
from server.config import Config
from tests.support.in_process import InProcess, in_process
from tests.support.waiting import until


@pytest.fixture
def chat() -> Iterator[InProcess]:
    """영희 is in the room, and nobody looks for garbage."""
    with in_process(config=Config(max_clients=2)) as one:
        one.json("영희")
        gc.disable()
        try:
            yield one
        finally:
            gc.enable()


def refused(chat: InProcess) -> weakref.ref[Channel]:
    with chat.json_stranger() as stranger:
        stranger.ask_in("영희")
        stranger.until(lambda frame: frame.kind == "refused")
        return newest(chat)


def refused_for_good(chat: InProcess) -> weakref.ref[Channel]:
    with chat.plain_stranger() as stranger:
        until(lambda: len(chat.channels) == 2)
        channel = newest(chat)
        for _ in range(3):
            stranger.send_line("영희")
        stranger.wait_until_closed()
        return channel


def turned_away(chat: InProcess) -> weakref.ref[Channel]:
    with chat.plain("철수"), chat.json_stranger() as stranger:
        stranger.ask_in("민수")
        stranger.until(lambda frame: frame.kind == "closing")
        return newest(chat)


def left_as_json(chat: InProcess) -> weakref.ref[Channel]:
    with chat.json("철수"):
        return newest(chat)


def left_as_plain(chat: InProcess) -> weakref.ref[Channel]:
    with chat.plain("철수"):
        return newest(chat)


def refused_another_name(chat: InProcess) -> weakref.ref[Channel]:
    with chat.json("철수") as member:
        member.send_bytes('{"t":"nick","nick":"영희"}\n'.encode())
        member.until(lambda frame: frame.kind == "refused")
        return newest(chat)


def newest(chat: InProcess) -> weakref.ref[Channel]:
    return weakref.ref(chat.channels[-1])


@pytest.mark.parametrize(
    "come_and_go", [refused, refused_for_good, turned_away, left_as_json, left_as_plain, refused_another_name]
)
def test_whoever_is_gone_is_forgotten_at_once(
    chat: InProcess, come_and_go: Callable[[InProcess], weakref.ref[Channel]]
) -> None:
    channel = come_and_go(chat)
    until(lambda: channel() is None)
