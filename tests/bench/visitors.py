"""People who come and go, in one process: many at once within a given time, or a few who look in, whisper and leave again.

`python -m tests.bench.visitors PORT` says `ready`, and then takes one command a line, each answered with a line: `gather COUNT` opens
so many connections that say nothing yet; `come SECONDS` has all of them say their nicknames, evenly, and is answered with `Arrival`;
`visit COUNT` lets so many new ones come, whisper to the reader, take another nickname and leave, and is answered with how
many those are in all. `Visitors` is the other end, for whoever measures. They speak plain, and read no more than they must.
"""

import resource
import select
import socket
import sys
import time
from itertools import count, islice
from pathlib import Path

import msgspec

from server.protocol import phrases
from tests.bench.commanded import Commanded
from tests.bench.conversation import READER
from tests.bench.processes import DEADLINE_S

HOST = "맞이"
"""Who counts those who come."""

TICK_S = 0.005
"""How often those come whose time it is."""

_MOST_CONNECTIONS = 4_096
_CAME = phrases.joined("").encode()


class Arrival(msgspec.Struct, frozen=True):
    """How long it took them all to come: from the first nickname said to the last joining heard, which was at `last_at_s`
    on the monotonic clock; and who they are."""

    seconds: float
    last_at_s: float
    nicks: tuple[str, ...]


class Visitors(Commanded):
    """The process, driven from outside."""

    def __init__(self, port: int, home: Path) -> None:
        super().__init__("tests.bench.visitors", port, home)

    def gather(self, people: int) -> None:
        """Have so many at the door."""
        self._command(f"gather {people}")
        self._read_line()

    def come(self, seconds: float) -> None:
        """Let all come in who are at the door, spread over so long; returns at once."""
        self._command(f"come {seconds}")

    @property
    def have_come(self) -> bool:
        """Whether all of them are in."""
        assert self._process.stdout is not None
        return bool(select.select([self._process.stdout], [], [], 0.0)[0])

    def arrival(self) -> Arrival:
        """Wait until they are."""
        return msgspec.json.decode(self._read_line(), type=Arrival)

    def visit(self, people: int) -> None:
        """Let so many new ones look in, and wait until they have left."""
        self._command(f"visit {people}")
        self._read_line()


# --- in the process itself --------------------------------------------------------------------------------------------


class _Guest:
    """One connection. The nickname is said when its time has come."""

    def __init__(self, port: int, nick: str) -> None:
        self.nick = nick
        self._heard = b""
        self._socket = socket.create_connection(("127.0.0.1", port), DEADLINE_S)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def say(self, line: str) -> None:
        self._socket.sendall(f"{line}\n".encode())

    def come_in(self) -> None:
        self.say(self.nick)

    def hear(self, wanted: str) -> None:
        while (needle := wanted.encode()) not in self._heard:
            self._hear_more()
        self._heard = self._heard.partition(needle)[2]

    def count_comings(self, people: int) -> None:
        """Until so many have come."""
        while self._heard.count(_CAME) < people:
            self._hear_more()
        self._heard = b""

    def leave(self) -> None:
        """Nothing more is said; what the server still says is taken, or the goodbye could be lost."""
        self.say("/종료")
        while self._socket.recv(1 << 16):
            pass
        self._socket.close()

    def _hear_more(self) -> None:
        received = self._socket.recv(1 << 16)
        assert received, "the server hung up"
        self._heard += received


class _Guests:
    """All of them, each with a nickname that nobody has had before, and one who was there before them and counts them."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._numbers = count(1)
        self._at_the_door: list[_Guest] = []
        self._in_the_room: list[_Guest] = []
        self._host = _Guest(port, HOST)
        self._host.come_in()
        self._host.hear(phrases.joined(HOST))

    def gather(self, people: int) -> None:
        self._at_the_door += self._new(people)

    def come(self, seconds: float) -> Arrival:
        coming, self._at_the_door = self._at_the_door, []
        self._in_the_room += coming
        began_at_s = time.monotonic()
        for number, guest in enumerate(coming):
            while (due_in_s := began_at_s + seconds * number / len(coming) - time.monotonic()) > 0:
                time.sleep(min(due_in_s, TICK_S))
            guest.come_in()
        self._host.count_comings(len(coming))
        ended_at_s = time.monotonic()
        return Arrival(ended_at_s - began_at_s, ended_at_s, tuple(guest.nick for guest in coming))

    def visit(self, people: int) -> None:
        guests = self._new(people)
        for guest in guests:
            guest.come_in()
            guest.hear(phrases.joined(guest.nick))
        for guest in guests:
            guest.say(f"@{READER} {guest.nick}입니다, 이따가 전화해도 될까요?")
            guest.say(f"/닉 {guest.nick}호")
            guest.hear(phrases.renamed(guest.nick, f"{guest.nick}호"))
        for guest in guests:
            guest.leave()

    def _new(self, people: int) -> list[_Guest]:
        return [_Guest(self._port, f"손님{number}") for number in islice(self._numbers, people)]


def main(port: int) -> None:
    """Come and go as told, until there are no more commands; then all leave."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(_MOST_CONNECTIONS, most), most))
    guests = _Guests(port)
    print("ready", flush=True)
    while words := sys.stdin.readline().split():
        match words:
            case ["gather", people]:
                guests.gather(int(people))
                print("gathered", flush=True)
            case ["come", seconds]:
                print(msgspec.json.encode(guests.come(float(seconds))).decode(), flush=True)
            case ["visit", people]:
                guests.visit(int(people))
                print("gone", flush=True)
            case _:
                raise ValueError(words)


if __name__ == "__main__":
    main(int(sys.argv[1]))
