"""Somebody at a netcat: comes in, says something now and then, and when the connection ends comes in again, under another nickname.

On a thread of its own. What is written down of each connection is the lines that came: a plain client knows no numbers, has no outbox
and nothing to resume.
"""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Final

from tests.faults.actor import PATIENCE_S
from tests.faults.history import Acknowledged, Cut, Entry, Heard, Invoked, Left, Refused, Writer
from tests.support.waiting import until

_POLL_S: Final = 0.02
_RETRY_S: Final = 0.1
_WHISPERS_EACH: Final = 4
"""Every fourth message is a whisper, if there is somebody to whisper to."""


class Netcat:
    """One person of whom the room can't know that it is always the same. With `pace_s` infinite it only listens, but for a last word."""

    def __init__(self, port: int, name: str, histories: Path, *, pace_s: float, whispers_to: str) -> None:
        self.visits = 0
        """How often it has come in."""
        self._port = port
        self._name = name
        self._histories = histories
        self._pace_s = pace_s
        self._whispers_to = whispers_to
        self._reads = True
        self._leaving, self._closing = threading.Event(), threading.Event()
        self._executor = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._life = self._executor.submit(self._live)

    def wait_until_entered(self, times: int = 1) -> None:
        """Until it has come in so often."""
        until(lambda: self.visits >= times or self._life.done(), PATIENCE_S, what=f"{self._name} has not come in")
        assert self.visits >= times, self._life.result()

    def pause(self) -> None:
        """It reads nothing any more."""
        self._reads = False

    def go_on(self) -> None:
        self._reads = True

    def leave(self) -> None:
        """It says a last word, and goes when it has seen it; returns when it is gone."""
        self._leaving.set()
        self._life.result(PATIENCE_S)

    def close(self) -> None:
        """It is gone, whatever it was at."""
        self._closing.set()
        self._executor.shutdown()

    # --- its thread ---------------------------------------------------------------------------------------------------

    def _live(self) -> None:
        for number in count():
            if self._visit(f"{self._name}{number}") or self._leaving.is_set() or self._closing.wait(_RETRY_S):
                return

    def _visit(self, nick: str) -> bool:
        """One connection; whether it was ended from here."""
        try:
            connection = socket.create_connection(("127.0.0.1", self._port), PATIENCE_S)
        except OSError:
            return False
        with connection, closing(Writer(self._histories, nick)) as writer:
            try:
                self._chat(_Visit(connection, nick, writer))
            except OSError:
                writer.write(Cut())
                return False
            return True

    def _chat(self, visit: "_Visit") -> None:
        """Until it is time to go. Raises OSError at the end of the connection."""
        visit.come_in()
        self._read_until(visit, lambda: visit.has_entered)
        self.visits += 1
        for number in count(1):
            speaks_at_s = time.monotonic() + self._pace_s
            self._read_until(visit, lambda: self._leaving.is_set() or time.monotonic() >= speaks_at_s)  # noqa: B023 -- at once
            is_last = self._leaving.is_set()
            visit.say(number, "" if is_last or number % _WHISPERS_EACH else self._whispers_to)
            self._read_until(visit, lambda: visit.is_answered)
            if is_last:
                visit.leave()
                return

    def _read_until(self, visit: "_Visit", condition: Callable[[], bool]) -> None:
        while not condition():
            if self._closing.is_set():
                raise ConnectionAbortedError
            if self._reads:
                visit.read()
            else:
                time.sleep(_POLL_S)


class _Visit:
    """One connection, and what is written down of it. Everything here raises OSError at its end."""

    def __init__(self, connection: socket.socket, nick: str, writer: Writer) -> None:
        self.has_entered = False
        self.is_answered = True
        """Whether what was said last stands, or was refused."""
        self._connection = connection
        self._connection.settimeout(_POLL_S)
        self._nick = nick
        self._writer = writer
        self._said = self._echo = ""
        self._rest = b""

    def come_in(self) -> None:
        self._connection.sendall(f"{self._nick}\n".encode())

    def say(self, number: int, to: str) -> None:
        """To everyone, or to the one named `to`."""
        self._said = f"{self._nick} {number}"
        self._echo = f"[귓속말 전송] {to}에게: {self._said}" if to else f"{self._nick}> {self._said}"
        self.is_answered = False
        self._writer.write(Invoked(self._said, self._said, time.monotonic(), to))
        self._connection.sendall((f"@{to} {self._said}\n" if to else f"{self._said}\n").encode())

    def leave(self) -> None:
        self._connection.sendall("/종료\n".encode())
        self._writer.write(Left(0))

    def read(self) -> None:
        """What has come, if anything comes soon."""
        try:
            data = self._connection.recv(65536)
        except TimeoutError:
            return
        if not data:
            raise ConnectionResetError
        *lines, self._rest = (self._rest + data).split(b"\n")
        at_s = time.monotonic()
        self._writer.write(*(entry for line in lines for entry in self._noted(line.decode(), at_s)))

    def _noted(self, line: str, at_s: float) -> Iterator[Entry]:
        yield Heard(line, at_s)
        if line == f"{self._nick}님이 입장하셨습니다.":
            self.has_entered = True
        elif not self.is_answered and line == self._echo:
            self.is_answered = True
            yield Acknowledged(self._said, at_s)
        elif not self.is_answered and line.startswith("[알림] ") and line.endswith("님은 접속해 있지 않습니다."):
            self.is_answered = True
            yield Refused(self._said, "no_such_nick")
