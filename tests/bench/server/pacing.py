"""Messages at a steady rate, and when a few listeners get them: in a child process of the load that does nothing else.

A forked child keeps the connections that are looked at, so that the reading of all the others can't delay them. It writes to the
speakers' connections, too, on which nobody else writes meanwhile.
"""

import os
import re
import selectors
import time
from array import array
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from tests.bench.server.clients import Client
from tests.bench.server.orders import FellSilent, Pace
from tests.bench.server.wires import TEXTS

WARM_UP_S: Final = 0.3
"""The first messages are said and counted, but not timed."""

_PATIENCE_S: Final = 10.0
_STAMP: Final = re.compile(rb"\^(\d+) ")


class ChildReport(msgspec.Struct, frozen=True):
    """What the child saw."""

    messages: int
    missing: int
    said: list[int]
    p50_ms: float
    p99_ms: float
    max_ms: float
    latest_ms: float


def pace_in_child(
    probes: Sequence[Client], speakers: Sequence[Client], order: Pace, meanwhile: Callable[[], None]
) -> ChildReport:
    """Fork, let the child do it, call `meanwhile` again and again until it is done. Raises FellSilent."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            report = _Pacing(probes, speakers, order).run()
            os.write(writer, msgspec.json.encode(report))
            status = 0
        finally:
            os._exit(status)
    os.close(writer)
    while os.waitpid(child, os.WNOHANG) == (0, 0):
        meanwhile()
    with open(reader, "rb") as pipe:  # noqa: PTH123 -- a descriptor
        told = pipe.read()
    if not told:
        raise FellSilent
    return msgspec.json.decode(told, type=ChildReport)


class _Pacing:
    """In the child."""

    def __init__(self, probes: Sequence[Client], speakers: Sequence[Client], order: Pace) -> None:
        self._probes, self._speakers, self._order = probes, speakers, order
        self._heard = dict.fromkeys(probes, 0)
        self._latencies_ms = array("d")
        self._selector = selectors.EpollSelector()
        for probe in probes:
            self._selector.register(probe.socket, selectors.EVENT_READ, probe)

    def run(self) -> ChildReport:
        total, between_s = round(self._order.rate * self._order.seconds), 1 / self._order.rate
        began = time.monotonic()
        self._timed_from_ns = round((began + WARM_UP_S) * 1e9)
        latest_s = 0.0
        for number in range(total):
            due = began + number * between_s
            while (left_s := due - time.monotonic()) > 0:
                self._listen(left_s)
            latest_s = max(latest_s, -left_s)
            self._say(number)
            self._listen(0)
        self._hear_the_rest(total)
        return self._report(total, latest_s)

    def _say(self, number: int) -> None:
        speaker = self._speakers[number % len(self._speakers)]
        text = b"^%d %b" % (time.monotonic_ns(), TEXTS[number % len(TEXTS)][1:])
        speaker.say(speaker.wire.block([text], time.monotonic_ns()))

    def _hear_the_rest(self, total: int) -> None:
        deadline = time.monotonic() + _PATIENCE_S
        while any(self._missing(probe, total) > 0 for probe in self._probes) and time.monotonic() < deadline:
            self._listen(0.1)

    def _said(self, total: int) -> list[int]:
        """How many messages each speaker said: they take turns."""
        return [len(range(place, total, len(self._speakers))) for place in range(len(self._speakers))]

    def _missing(self, probe: Client, total: int) -> int:
        own = 0
        if not probe.wire.echoes and probe in self._speakers:
            own = self._said(total)[self._speakers.index(probe)]
        return total - own - self._heard[probe]

    def _listen(self, timeout_s: float) -> None:
        for key, _ in self._selector.select(timeout_s):
            probe: Client = key.data
            data = probe.take_lines()
            now_ns = time.monotonic_ns()
            stamps_ns = list(map(int, _STAMP.findall(data)))
            self._heard[probe] += len(stamps_ns)
            self._latencies_ms.extend((now_ns - one) / 1e6 for one in stamps_ns if one >= self._timed_from_ns)
            if probe.has_ended:
                self._selector.unregister(probe.socket)

    def _report(self, total: int, latest_s: float) -> ChildReport:
        ordered = sorted(self._latencies_ms)
        if not ordered:  # no latency at all would be the best one
            raise FellSilent
        return ChildReport(
            messages=total,
            missing=sum(abs(self._missing(probe, total)) for probe in self._probes),
            said=self._said(total),
            p50_ms=ordered[len(ordered) // 2],
            p99_ms=ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)],
            max_ms=ordered[-1],
            latest_ms=latest_s * 1000,
        )
