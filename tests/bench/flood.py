"""Several people who talk at a given rate, in one process: cheap, in step, and honest about what was really offered.

`python -m tests.bench.flood PORT` joins as netcat would, says `ready`, and then takes one command a line: `pace RATE` talks
until `stop MARKER`; `burst COUNT MARKER` says so many as fast as the server takes them. Every message ends with its number
among those of its speaker. When all of them are in the room's log, MARKER is said, and a `Report` printed.
`Flood` is the other end, for whoever measures.
"""

import select
import socket
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count, islice
from pathlib import Path

import msgspec

from server.protocol import phrases
from tests.bench.commanded import Commanded
from tests.bench.conversation import SPEAKERS, conversation
from tests.bench.processes import DEADLINE_S

TICK_S = 0.01
"""How often what is due is said: seldom enough to cost little, often enough that a drain of the client sees a stream."""

_POOL = 4_096
"""So many texts are made beforehand and said in turn: making them must not be what is measured."""

_BURST_LINES = 1_000


class Report(msgspec.Struct, frozen=True):
    """What was offered since the command; times are seconds on the monotonic clock, which all processes share."""

    messages: int
    seconds: float
    latest_ms: float
    """How late the latest message was, where a rate was asked for; one tick is as planned."""
    cpu_s: float
    marker_at_s: float
    spoken: dict[str, int]
    """How many each speaker has said in all."""

    @property
    def rate(self) -> float:
        return self.messages / self.seconds if self.seconds else 0.0


class Flood(Commanded):
    """The process, driven from outside."""

    def __init__(self, port: int, home: Path) -> None:
        super().__init__("tests.bench.flood", port, home)

    def pace(self, rate: float) -> None:
        """Begin to talk, `rate` messages a second."""
        self._command(f"pace {rate}")

    def stop(self, marker: str) -> None:
        self._command(f"stop {marker}")

    def burst(self, messages: int, marker: str) -> None:
        """Say so many as fast as the server takes them."""
        self._command(f"burst {messages} {marker}")

    def report(self) -> Report:
        """What was offered. Waits until all of it is in the log; so read the client first, which may be behind."""
        return msgspec.json.decode(self._read_line(), type=Report)


# --- in the process itself --------------------------------------------------------------------------------------------

_heard = bytearray(1 << 18)
"""Where what nobody wants to know is received."""


class _Speaker:
    """One connection in the plain dialect, which hears what it must and keeps nothing of it."""

    def __init__(self, port: int, nick: str) -> None:
        self.spoken = 0
        self._socket = socket.create_connection(("127.0.0.1", port), DEADLINE_S)
        self._socket.settimeout(None)  # with one, Python waits itself, whatever the flags say
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.send(f"{nick}\n")
        self._hear(phrases.joined(nick))

    def send(self, text: str) -> None:
        self._socket.sendall(text.encode())

    def number(self, text: str) -> str:
        """`text` as the next line of this speaker."""
        self.spoken += 1
        return f"{text} #{self.spoken}\n"

    def forget(self) -> None:
        """Take what others have said, so that the server need not hold it."""
        with suppress(BlockingIOError):
            while self._socket.recv_into(_heard, 0, socket.MSG_DONTWAIT):
                pass

    def settle(self) -> None:
        """Wait until all that was said is in the log: the members are told only after that."""
        self.forget()
        self.send("/목록\n")
        self._hear(phrases.member_list(()).partition("0")[2])

    def _hear(self, wanted: str) -> None:
        needle, heard = wanted.encode(), b""
        while needle not in heard:
            received = self._socket.recv(1 << 16)
            assert received, "the server hung up"
            heard = heard[-len(needle) :] + received


class _Talk:
    """All speakers, and what they say next."""

    def __init__(self, port: int) -> None:
        self._speakers = {nick: _Speaker(port, nick) for nick in SPEAKERS}
        self._pool = list(islice(conversation(1), _POOL))
        self._numbers = count()

    def say(self, messages: int) -> None:
        """The next so many messages, in one system call for each speaker."""
        blocks: dict[str, list[str]] = {nick: [] for nick in SPEAKERS}
        for number in islice(self._numbers, messages):
            line = self._pool[number % _POOL]
            blocks[line.speaker].append(self._speakers[line.speaker].number(line.text))
        for nick, speaker in self._speakers.items():
            if blocks[nick]:
                speaker.send("".join(blocks[nick]))
            speaker.forget()

    def finish(self, marker: str) -> dict[str, int]:
        """Say `marker` when everything else is in the log."""
        for speaker in self._speakers.values():
            speaker.settle()
        self._speakers[SPEAKERS[0]].send(f"{marker}\n")
        return {nick: speaker.spoken for nick, speaker in self._speakers.items()}


@dataclass(slots=True)
class _Offered:
    """What has been said since a command."""

    messages: int = 0
    latest_s: float = 0.0
    started_at_s: float = field(default_factory=time.monotonic)
    last_at_s: float = field(default_factory=time.monotonic)
    _cpu_before_s: float = field(default_factory=time.process_time)

    def add(self, messages: int, lateness_s: float = 0.0) -> None:
        self.messages += messages
        self.latest_s = max(self.latest_s, lateness_s)
        self.last_at_s = time.monotonic()

    def report(self, talk: _Talk, marker: str) -> Report:
        cpu_s = time.process_time() - self._cpu_before_s
        spoken = talk.finish(marker)
        seconds = self.last_at_s - self.started_at_s
        return Report(self.messages, seconds, self.latest_s * 1000, cpu_s, time.monotonic(), spoken)


def _pace(talk: _Talk, rate: float) -> Report:
    """Say at each tick what is due since the last one, until told to stop."""
    offered = _Offered()
    pause_s = max(TICK_S, min(1 / rate, 0.1))
    while not select.select([sys.stdin], [], [], pause_s)[0]:
        elapsed_s = time.monotonic() - offered.started_at_s
        missing = int(elapsed_s * rate) + 1 - offered.messages
        if missing > 0:
            lateness_s = elapsed_s - offered.messages / rate
            talk.say(missing)
            offered.add(missing, lateness_s)
    _, marker = sys.stdin.readline().split()
    return offered.report(talk, marker)


def _burst(talk: _Talk, messages: int, marker: str) -> Report:
    offered = _Offered()
    while offered.messages < messages:
        some = min(_BURST_LINES, messages - offered.messages)
        talk.say(some)
        offered.add(some)
    return offered.report(talk, marker)


def main(port: int) -> None:
    """Talk as told, until there are no more commands."""
    talk = _Talk(port)
    print("ready", flush=True)
    while words := sys.stdin.readline().split():
        match words:
            case ["pace", rate]:
                report = _pace(talk, float(rate))
            case ["burst", messages, marker]:
                report = _burst(talk, int(messages), marker)
            case _:
                raise ValueError(words)
        print(msgspec.json.encode(report).decode(), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]))
