"""Log lines, and readers who don't read them."""

import logging
import os
import time
from collections.abc import Iterator

import pytest

from server.log_lines import DRAIN_S, MAX_WAITING_LINES, LineHandler

Pipe = tuple[int, int]


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    ends = os.pipe()
    yield ends
    for end in ends:
        os.close(end)


def record(text: str) -> logging.LogRecord:
    return logging.LogRecord("server", logging.INFO, "", 0, text, None, None)


def test_lines_are_written_in_order_and_to_the_last(pipe: Pipe) -> None:
    reader, writer = pipe
    handler = LineHandler(writer)
    for number in range(100):
        handler.emit(record(f"줄 {number}"))
    handler.close()
    assert os.read(reader, 65536).decode().splitlines() == [f"줄 {number}" for number in range(100)]


def test_who_logs_waits_for_no_reader_and_neither_does_the_end(pipe: Pipe) -> None:
    handler = LineHandler(pipe[1])
    began = time.monotonic()
    for _ in range(2 * MAX_WAITING_LINES):
        handler.emit(record("아무도 읽지 않는 줄 " * 20))
    handler.close()
    assert time.monotonic() - began < DRAIN_S + 5, "it would have taken for ever"
    os.set_blocking(pipe[0], False)
    while _has_more(pipe[0]):  # let the thread that was left behind go on, before the pipe is closed under it
        pass


def test_a_closed_reader_is_no_trouble() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    handler = LineHandler(writer)
    for _ in range(10):
        handler.emit(record("아무도 없는 줄"))
    handler.close()
    os.close(writer)


def test_what_is_no_text_is_written_all_the_same(pipe: Pipe) -> None:
    handler = LineHandler(pipe[1])
    handler.emit(record("\ud800"))
    handler.close()
    assert os.read(pipe[0], 100) == b"\\ud800\n"


def test_no_text_obeys_itself_or_passes_for_an_entry_of_its_own(pipe: Pipe) -> None:
    handler = LineHandler(pipe[1])
    handler.emit(record("영희\x1b]0;제목\x07\x9b2J\u202e\r\n2026-11-23 INFO server: 가짜\u2028 안녕"))
    handler.close()
    assert os.read(pipe[0], 1000).decode().split("\n") == [
        "영희\\x1b]0;제목\\x07\\x9b2J\\u202e\\r",
        "    2026-11-23 INFO server: 가짜\\u2028 안녕",
        "",
    ]


def _has_more(descriptor: int) -> bool:
    try:
        return bool(os.read(descriptor, 1 << 20))
    except BlockingIOError:
        return False
