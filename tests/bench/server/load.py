"""A room full of people in one process: `python -m tests.bench.server.load SETUP` comes in, then takes orders, a line of JSON each.

Cheap enough not to be what is measured: it says how much processor time it took. Every message is followed to every listener, as
`clients` tells. `Load` is the other end, for whoever measures.
"""

import gc
import os
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Final, Self, TypeVar

import msgspec

from tests.bench.processes import module
from tests.bench.server.clients import Client, Crowd, TlsClient
from tests.bench.server.orders import (
    WINDOW,
    Announce,
    Announced,
    Entered,
    Flood,
    Flooded,
    Order,
    Pace,
    Paced,
    Setup,
)
from tests.bench.server.pacing import pace_in_child
from tests.bench.server.wires import TEXTS, wires
from tests.support.server_process import REPOSITORY, private_environment

PATIENCE_S: Final = 20.0
"""Who hears nothing for so long will not."""

CHECKERS: Final = 8
"""So many on each wire count what all others weigh."""

_KEEP_ALIVE_S: Final = 10.0

_Report = TypeVar("_Report")


class FellSilent(Exception):
    """The load ended, or did not come in."""


class Load:
    """The process, driven from outside. Its own pid is killed at the end if it still runs."""

    def __init__(self, setup: Setup, home: Path) -> None:
        home.mkdir(parents=True, exist_ok=True)
        self._process = subprocess.Popen(
            module("tests.bench.server.load", msgspec.json.encode(setup).decode()),
            cwd=REPOSITORY,
            env=private_environment(home),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        try:
            self.entered = self._report(Entered)
        except BaseException:
            self._end()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def flood(self, order: Flood) -> Flooded:
        return self._ask(order, Flooded)

    def pace(self, order: Pace) -> Paced:
        return self._ask(order, Paced)

    def announce(self) -> Announced:
        return self._ask(Announce(), Announced)

    def _ask(self, order: Order, kind: type[_Report]) -> _Report:
        assert self._process.stdin is not None
        self._process.stdin.write(msgspec.json.encode(order) + b"\n")
        self._process.stdin.flush()
        return self._report(kind)

    def _report(self, kind: type[_Report]) -> _Report:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise FellSilent
        return msgspec.json.decode(line, type=kind)

    def _end(self) -> None:
        self._process.kill()
        self._process.communicate()


# --- in the process itself --------------------------------------------------------------------------------------------


def spread(count: int, among: int) -> list[int]:
    """`count` places among so many, as evenly as can be: who is served first and last matters."""
    count = min(count, among)
    return [place * among // count for place in range(count)]


class Room:
    """All who are in it, by what they are there for."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._crowd = Crowd()
        self._fences = 0
        self._wires = wires(setup.tag)
        first = self._wires[setup.wires[0]]
        # A speaker who does not hear itself is one more in the room: so that each message has as many hearers everywhere.
        members = setup.listeners + (not first.echoes)
        self._members = self._enter_all(members)
        self.speakers = (
            [self._connect("speaker", setup.wires[0], number) for number in range(setup.speakers)]
            if first.speaks_apart
            else [self._members[place] for place in spread(setup.speakers, members)]
        )
        self._apart = set(self.speakers) if first.speaks_apart else set()
        self._echoes = first.echoes
        for client in self._apart:
            client.weigh()

    # --- coming in ----------------------------------------------------------------------------------------------------

    def _connect(self, nick: str, wire: str, number: int) -> Client:
        kind = TlsClient if self._setup.has_tls else Client
        client = kind(("127.0.0.1", self._setup.port), self._wires[wire], wire, f"{nick}{number:05}")
        self._crowd.watch(client)
        return client

    def _enter_all(self, count: int) -> list[Client]:
        """So many at a time, in this order, while those who are in go on hearing of it."""
        talking = set(spread(self._setup.speakers, count))
        names = [_wire_at(place, talking, self._setup.wires) for place in range(count)]
        clients: list[Client] = []
        coming: list[Client] = []
        began = alive = time.monotonic()
        while len(clients) < count or coming:
            for place in range(len(clients), min(count, len(clients) + self._setup.at_once - len(coming))):
                client = self._connect("u", names[place], place)
                client.come_in()
                clients.append(client)
                coming.append(client)
            self._crowd.sweep(PATIENCE_S)
            coming = [client for client in coming if not client.is_in]
            if any(client.has_ended for client in coming):
                raise FellSilent
            if time.monotonic() - alive > _KEEP_ALIVE_S:
                alive = time.monotonic()
                self._keep_alive(clients)
        self.entered_s = time.monotonic() - began
        return clients

    def _keep_alive(self, clients: Sequence[Client]) -> None:
        for client in clients:
            if client.wire_name == "json" and client.is_in:
                self._crowd.say(client, b'{"t":"ping","n":1}\n')

    # --- orders -------------------------------------------------------------------------------------------------------

    def flood(self, order: Flood) -> Flooded:
        stalled = [one for one in self._members if one not in self.speakers][-order.stalled :] if order.stalled else []
        self._crowd.ignore(stalled)
        tally = self._begin([one for one in self._members if one not in stalled])
        used_s, began_s = _cpu_s(), time.monotonic()
        said = self._talk(tally, began_s + order.seconds)
        ended_s = self._drain(tally, said)
        hearers = len(tally.listeners) - (not self._echoes)
        missing = tally.missing(said)
        return Flooded(ended_s - began_s, said, said * hearers - missing, missing, _cpu_s() - used_s)

    def pace(self, order: Pace) -> Paced:
        quiet = [one for one in self._members if one not in self.speakers]
        probes = [quiet[place] for place in spread(min(self._setup.probes, (len(quiet) + 1) // 2), len(quiet))]
        probes = probes or self._members[:1]
        tally = self._begin([one for one in self._members if one not in probes])
        self._crowd.ignore(probes)
        used_s, began_s = _cpu_s(), time.monotonic()
        paced = pace_in_child(probes, self.speakers, order, self._sweep_lazily)
        for speaker, said in zip(self.speakers, paced.said, strict=True):
            speaker.said += said
        self._drain(tally, paced.messages)
        for probe in probes:
            self._crowd.watch(probe)
        return Paced(
            messages=paced.messages,
            missing=paced.missing + tally.missing(paced.messages),
            p50_ms=paced.p50_ms,
            p99_ms=paced.p99_ms,
            max_ms=paced.max_ms,
            latest_ms=paced.latest_ms,
            cpu_s=_cpu_s() - used_s,
            seconds=time.monotonic() - began_s,
        )

    def announce(self) -> Announced:
        began = time.monotonic()
        self._fence(self._members)
        return Announced(time.monotonic() - began)

    # --- how ----------------------------------------------------------------------------------------------------------

    def _fence(self, listeners: Sequence[Client]) -> None:
        """One message to all; whoever has it has heard everything before. Raises FellSilent."""
        self._fences += 1
        needle = b"fence %d of %b." % (self._fences, self._setup.tag.encode())
        speaker = self.speakers[0]
        waiting = [one for one in listeners if one.wire.echoes or one is not speaker]
        for client in waiting:
            client.seek(needle)
        self._crowd.say(speaker, speaker.wire.block([needle], (1 << 40) + self._fences))
        while not all(client.has_found for client in waiting):
            if not self._crowd.sweep(PATIENCE_S):
                raise FellSilent

    def _begin(self, listeners: Sequence[Client]) -> "_Tally":
        self._fence(listeners)
        for speaker in self.speakers:
            speaker.said = 0
        return _Tally(listeners, () if self._echoes else self.speakers)

    def _talk(self, tally: "_Tally", until_s: float) -> int:
        """Keep the window full; how many messages were said. The last speaker stops in the middle of nothing."""
        said, base = 0, time.monotonic_ns()
        while time.monotonic() < until_s:
            room = WINDOW - (said - tally.slowest())
            free = [one for one in self.speakers if not one.unsent] if room >= WINDOW // 4 else []
            if free:
                share = max(1, room // len(self.speakers))
                texts = [TEXTS[number % len(TEXTS)] for number in range(share)]
                for speaker in islice(free, max(1, room // share)):
                    self._crowd.say(speaker, speaker.wire.block(texts, base + said))
                    speaker.said += share
                    said += share
                # Whoever has just spoken is the last to be asked again, or the first in the list would do all the talking.
                self.speakers.sort(key=lambda one: one.said)
            self._crowd.sweep(0.001)
        return said

    def _drain(self, tally: "_Tally", said: int) -> float:
        """Until everything said is heard, or nothing is heard for too long; when the last was."""
        while not tally.is_complete(said):
            if not self._crowd.sweep(PATIENCE_S):
                break
        return time.monotonic()

    def _sweep_lazily(self) -> None:
        """Those whose latency is not looked at should cost the machine little."""
        time.sleep(0.01)
        self._crowd.sweep(0)


def _wire_at(place: int, talking: set[int], names: Sequence[str]) -> str:
    """In turn, among those who talk and among those who don't."""
    before = sum(1 for one in talking if one < place)
    return names[(before if place in talking else place - before) % len(names)]


class _Tally:
    """Who of `listeners` counts and who weighs, and whether all of them have everything.

    `deaf` are speakers who don't hear themselves, and so hear other bytes than the rest.
    """

    def __init__(self, listeners: Sequence[Client], deaf: Sequence[Client]) -> None:
        self.listeners = listeners
        self._references: dict[str, Client] = {}
        self._weighers: list[Client] = []
        apart = set(deaf)
        self._counters = [one for one in listeners if one in apart]
        for name in {one.wire_name for one in listeners}:
            same = [one for one in listeners if one.wire_name == name and one not in apart]
            checkers = [same[place] for place in spread(CHECKERS, len(same))]
            self._counters += checkers
            self._weighers += [one for one in same if one not in set(checkers)]
            if checkers:
                self._references[name] = checkers[0]
        for client in self._counters:
            client.count()
        for client in self._weighers:
            client.weigh()

    def slowest(self) -> int:
        """How many messages everybody who counts has heard."""
        return min(client.progress for client in self._counters)

    def is_complete(self, said: int) -> bool:
        return self.slowest() >= said and all(
            client.heard_bytes >= self._references[client.wire_name].heard_bytes for client in self._weighers
        )

    def missing(self, said: int) -> int:
        """How many deliveries were not made, or were made twice."""
        counted = sum(abs(said - client.progress) for client in self._counters)
        return counted + sum(self._missing_by_weight(client) for client in self._weighers)

    def _missing_by_weight(self, client: Client) -> int:
        reference = self._references[client.wire_name]
        each = reference.heard_bytes / max(1, reference.counted)
        return round(abs(reference.heard_bytes - client.heard_bytes) / max(1, each) + 0.499)


def _cpu_s() -> float:
    """Of this process, and of its children that have ended."""
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def main(setup: Setup) -> None:
    """Come in, and do as told until nobody tells any more."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    room = Room(setup)
    gc.freeze()
    gc.disable()
    _tell(Entered(room.entered_s))
    for line in sys.stdin.buffer:
        order = msgspec.json.decode(line, type=Order)
        match order:
            case Flood():
                _tell(room.flood(order))
            case Pace():
                _tell(room.pace(order))
            case Announce():
                _tell(room.announce())


def _tell(report: msgspec.Struct) -> None:
    os.write(sys.stdout.fileno(), msgspec.json.encode(report) + b"\n")


if __name__ == "__main__":
    main(msgspec.json.decode(sys.argv[1], type=Setup))
