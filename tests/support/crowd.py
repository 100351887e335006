"""Many plain members in one thread, who say so much at once, and count and check what each of them gets. With TLS or without.

What all of them see from a given line on is the same, byte for byte; so one of them is read, and the others are compared with it.
"""

import hashlib
import selectors
import socket
import ssl
import time
from collections.abc import Iterator, Sequence
from typing import Self

from tests.support.waiting import DEADLINE_S, until

_RECEIVE_BYTES = 64 * 1024
_WAIT = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)
_NOTHING = b""


class CrowdMember:
    """One connection. Its bytes count from the first line that is `start`, that one not included."""

    def __init__(self, address: tuple[str, int], nick: str, start: bytes, tls: ssl.SSLContext | None) -> None:
        connection = socket.create_connection(address, DEADLINE_S)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.nick = nick
        self.socket = connection if tls is None else tls.wrap_socket(connection)
        self.socket.sendall(f"{nick}\n".encode())
        self._start = start + b"\n"
        self._before: bytes | None = b""
        self._outbox = memoryview(_NOTHING)
        self.script: Sequence[str] = ()
        self._digest = hashlib.sha256()
        self.lines = 0
        self.socket.setblocking(False)

    @property
    def is_counting(self) -> bool:
        return self._before is None

    @property
    def digest(self) -> str:
        return self._digest.hexdigest()

    @property
    def wants_to_send(self) -> bool:
        return bool(self._outbox)

    def has_come_in(self) -> bool:
        for _ in self.receive():
            pass  # whatever comes before the first line that counts is only kept
        return f"{self.nick}님이 입장하셨습니다.".encode() in (self._before or b"")

    def say(self, lines: Sequence[str]) -> None:
        self.script = lines
        self._outbox = memoryview("".join(f"{line}\n" for line in lines).encode())

    def send(self) -> None:
        """As much as is taken now."""
        try:
            while self._outbox:
                # OpenSSL wants the same bytes again after it had to wait, and these are the same.
                self._outbox = self._outbox[self.socket.send(self._outbox[:16384]) :]
        except _WAIT:
            return

    def receive(self) -> Iterator[bytes]:
        """Whatever counts, as it comes. Raises ConnectionError when the server ends it."""
        try:
            while True:
                data = self.socket.recv(_RECEIVE_BYTES)
                if not data:
                    raise ConnectionError(f"{self.nick} was cut off after {self.lines} lines")
                data = self._counted(data)
                self.lines += data.count(b"\n")
                self._digest.update(data)
                yield data
        except _WAIT:
            return

    def _counted(self, data: bytes) -> bytes:
        if self._before is None:
            return data
        before, found, rest = (self._before + data).partition(self._start)
        self._before = None if found else before
        return rest if found else _NOTHING


class Crowd:
    """All of them. The first one's bytes are kept."""

    def __init__(self, address: tuple[str, int], count: int, tls: ssl.SSLContext | None = None) -> None:
        # The last one to come in begins: from then on all see the same.
        start = f"사람{count - 1}님이 입장하셨습니다.".encode()
        self.members: list[CrowdMember] = []
        self.first = bytearray()
        self._selector = selectors.DefaultSelector()
        try:
            for number in range(count):
                self.members.append(CrowdMember(address, f"사람{number}", start, tls))
                if number == count - 2:
                    self._settle()
        except BaseException:
            self.close()
            raise

    def _settle(self) -> None:
        """Nobody but the last one is still on the way in."""
        until(lambda: all(member.has_come_in() for member in self.members))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._selector.close()
        for member in self.members:
            member.socket.close()

    def talk(self, lines_each: int, timeout_s: float, *, speakers: int | None = None) -> float:
        """Let the first `speakers` (all) say so many lines at once, and wait until everybody has everything; the seconds that it took."""
        speaking = self.members[:speakers]
        expected = len(speaking) * lines_each
        for member in self.members:
            self._selector.register(member.socket, selectors.EVENT_READ, member)
        for member in speaking:
            member.say([f"{number}번째 안녕하세요, 저는 {member.nick}입니다" for number in range(lines_each)])
            self._selector.modify(member.socket, selectors.EVENT_READ | selectors.EVENT_WRITE, member)
        began_at = time.monotonic()
        missing = {member for member in self.members if member.lines < expected}
        while missing:
            assert time.monotonic() - began_at < timeout_s, f"{len(missing)} lack some of {expected} lines"
            for key, events in self._selector.select(1):
                self._serve(key.data, events)
                if key.data.lines >= expected:
                    missing.discard(key.data)
        return time.monotonic() - began_at

    def _serve(self, member: CrowdMember, events: int) -> None:
        if events & selectors.EVENT_WRITE:
            member.send()
            if not member.wants_to_send:
                self._selector.modify(member.socket, selectors.EVENT_READ, member)
        for data in member.receive():
            if member is self.members[0]:
                self.first += data
