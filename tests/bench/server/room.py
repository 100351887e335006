"""The people in the room, in the process of the load: how they come in, talk, and are followed until everybody has heard everything.

One thread. Knows nothing of which system it speaks to but the wire.
"""

import resource
import time
from collections.abc import Sequence
from itertools import islice
from typing import Final

from tests.bench.server.clients import Client, Crowd, TlsClient
from tests.bench.server.orders import WINDOW, Announced, FellSilent, Flood, Flooded, Pace, Paced, Setup
from tests.bench.server.pacing import pace_in_child
from tests.bench.server.tally import Tally, spread
from tests.bench.server.wires import TEXTS, wires

_KEEP_ALIVE_S: Final = 10.0
"""A JSON client that is silent for longer than 40 s is closed; coming in may take longer."""


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
        self._echoes = first.echoes
        self._stalled: list[Client] = []
        for client in self.speakers if first.speaks_apart else ():
            client.weigh()

    # --- coming in ----------------------------------------------------------------------------------------------------

    def _connect(self, nick: str, wire: str, number: int) -> Client:
        kind = TlsClient if self._setup.has_tls else Client
        client = kind(
            ("127.0.0.1", self._setup.port), self._wires[wire], wire, f"{nick}{self._setup.tag[-5:]}{number:04}"
        )
        self._crowd.watch(client)
        return client

    def _enter_all(self, count: int) -> list[Client]:
        """So many at a time, in this order, while those who are in go on hearing of it."""
        talking = set(spread(self._setup.speakers, count))
        names = [_wire_at(place, talking, self._setup.wires) for place in range(count)]
        clients: list[Client] = []
        coming: list[Client] = []
        began = alive = came_in = time.monotonic()
        while len(clients) < count or coming:
            for place in range(len(clients), min(count, len(clients) + self._setup.at_once - len(coming))):
                client = self._connect("u", names[place], place)
                client.come_in()
                clients.append(client)
                coming.append(client)
            self._crowd.sweep(self._setup.patience_s)
            if any(client.is_in for client in coming):
                coming, came_in = [client for client in coming if not client.is_in], time.monotonic()
            if time.monotonic() - came_in > self._setup.patience_s or any(client.has_ended for client in coming):
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
        self._stall(order.stalled)
        tally = self._begin(self._members)
        used_s, began_s = _cpu_s(), time.monotonic()
        said = self._talk(tally, began_s + order.seconds)
        ended_s = self._drain(tally, said)
        hearers = len(tally.listeners) - (not self._echoes)
        missing = tally.missing(said)
        return Flooded(ended_s - began_s, said, said * hearers - missing, missing, _cpu_s() - used_s)

    def _stall(self, count: int) -> None:
        """Let so many, who only listened, stop to read for good; they are not counted any more."""
        quiet = [one for one in self._members if one not in self.speakers]
        while len(self._stalled) < count:
            stalled = quiet.pop()
            self._crowd.ignore([stalled])
            self._members.remove(stalled)
            self._stalled.append(stalled)

    def pace(self, order: Pace) -> Paced:
        probes = self._probes()
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

    def _probes(self) -> list[Client]:
        """As many who talk as who don't: the kernel puts off the ACKs of those who do, and Nagle's algorithm waits for these."""
        talking = [one for one in self._members if one in self.speakers]
        quiet = [one for one in self._members if one not in self.speakers]
        count = self._setup.probes // 2
        return [
            side[place] for side in (talking, quiet) for place in spread(min(count, (len(side) + 1) // 2), len(side))
        ]

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
            if not self._crowd.sweep(self._setup.patience_s):
                raise FellSilent

    def _begin(self, listeners: Sequence[Client]) -> Tally:
        self._fence(listeners)
        for speaker in self.speakers:
            speaker.said = 0
        return Tally(listeners, () if self._echoes else self.speakers)

    def _talk(self, tally: Tally, until_s: float) -> int:
        """Keep the window full; how many messages were said."""
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

    def _drain(self, tally: Tally, said: int) -> float:
        """Until everything said is heard, or nothing is heard for too long; when the last was."""
        while not tally.is_complete(said):
            if not self._crowd.sweep(self._setup.patience_s):
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


def _cpu_s() -> float:
    """Of this process, and of its children that have ended."""
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime
