"""One measurement of one system, from its start to its end: a fresh server, a fresh load, a few figures by name.

The names are the keys of the JSON. Every figure is a number; `missing` is there wherever deliveries are counted.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Final

from tests.bench.processes import cpu_s, resident_mib
from tests.bench.server.load import Load
from tests.bench.server.orders import Flood, Pace, Setup
from tests.bench.server.peers import Running, System

Figures = Mapping[str, float]
Measure = Callable[["Bench", System], Figures]

SPEAKERS: Final = 20

_FIRST: Final = 20
"""Who come and go before anything is looked at."""

_CROWD: Final = 500
"""So many of many come in at a time: they come in together (`server.vestibule`), and of few that would only show how long each waits."""

_SETTLE_S: Final = 1.0
"""What a server still does for those who have just come in is not idling."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How much of everything."""

    runs: int
    flood_s: float
    warm_up_s: float
    pace_s: float
    idle: int
    many: int
    stored: tuple[int, ...]


FULL: Final = Plan(
    runs=3, flood_s=3.0, warm_up_s=0.5, pace_s=5.0, idle=500, many=10_000, stored=(0, 1_000_000, 10_000_000)
)
QUICK: Final = Plan(runs=1, flood_s=1.0, warm_up_s=0.2, pace_s=2.0, idle=300, many=2_000, stored=(0, 100_000))


class Bench:
    """Where the trials take place: each in a folder of its own below `folder`."""

    def __init__(self, plan: Plan, folder: Path) -> None:
        self.plan = plan
        self._folder = folder
        self._numbers = count()
        self._tag = f"{time.time_ns() // 1000:x}"

    def next_folder(self) -> Path:
        return self._folder / f"trial-{next(self._numbers)}"

    def load(self, system: System, server: Running, folder: Path, listeners: int, speakers: int = SPEAKERS) -> Load:
        """People in the room of `server`, under names that its log has not seen."""
        setup = Setup(
            port=server.port,
            wires=system.wires,
            listeners=listeners,
            speakers=min(speakers, listeners),
            tag=f"{self._tag}{folder.name.rpartition('-')[2]}x",
            has_tls=system.has_tls,
            at_once=system.at_once,
        )
        return Load(setup, folder / "load")


def _flooded(bench: Bench, server: Running, load: Load, stalled: int = 0) -> Figures:
    warmed = load.flood(Flood(bench.plan.warm_up_s, stalled))
    used_s, held_mib = cpu_s(server.pid), resident_mib(server.pid)
    flooded = load.flood(Flood(bench.plan.flood_s, stalled))
    used_s = cpu_s(server.pid) - used_s
    return {
        "deliveries/s": flooded.deliveries / flooded.seconds,
        "CPU s/M deliveries": used_s / max(1, flooded.deliveries) * 1e6,
        "server CPU %": 100 * used_s / flooded.seconds,
        "load CPU %": 100 * flooded.cpu_s / flooded.seconds,
        "deliveries": flooded.deliveries,
        "missing": warmed.missing + flooded.missing,
        "grown MiB": resident_mib(server.pid) - held_mib,
    }


def flood(listeners: int, speakers: int = SPEAKERS) -> Measure:
    """As much as goes, after a warm-up."""

    def measure(bench: Bench, system: System) -> Figures:
        folder = bench.next_folder()
        with system.start(folder) as server, bench.load(system, server, folder, listeners, speakers) as load:
            return _flooded(bench, server, load)

    return measure


def flood_beside(stalled: int, listeners: int) -> Measure:
    """The same, while so many more don't read at all."""

    def measure(bench: Bench, system: System) -> Figures:
        folder, speakers = bench.next_folder(), min(SPEAKERS, listeners)
        with (
            system.start(folder) as server,
            bench.load(system, server, folder, listeners + stalled, speakers) as load,
        ):
            return _flooded(bench, server, load, stalled)

    return measure


def pace(rate: float, listeners: int) -> Measure:
    """Latency at a rate that leaves time."""

    def measure(bench: Bench, system: System) -> Figures:
        folder = bench.next_folder()
        with system.start(folder) as server, bench.load(system, server, folder, listeners) as load:
            used_s = cpu_s(server.pid)
            paced = load.pace(Pace(rate, bench.plan.pace_s))
            used_s = cpu_s(server.pid) - used_s
        return {
            "p50 ms": paced.p50_ms,
            "p99 ms": paced.p99_ms,
            "max ms": paced.max_ms,
            "latest ms": paced.latest_ms,
            "server CPU %": 100 * used_s / paced.seconds,
            "load CPU %": 100 * paced.cpu_s / paced.seconds,
            "missing": paced.missing,
        }

    return measure


def idle(bench: Bench, system: System) -> Figures:
    """Coming in, and being there."""
    return _idle(bench, system, bench.plan.idle)


def many_idle(bench: Bench, system: System) -> Figures:
    """The same, for as many as one server should hold."""
    return _idle(bench, replace(system, at_once=_CROWD), bench.plan.many)


def _idle(bench: Bench, system: System, listeners: int) -> Figures:
    folder = bench.next_folder()
    with system.start(folder) as server:
        with bench.load(system, server, bench.next_folder(), _FIRST):
            pass  # what a server only loads when somebody comes is no client's
        empty_mib = resident_mib(server.pid)
        with bench.load(system, server, folder, listeners) as load:
            time.sleep(_SETTLE_S)
            held_mib = resident_mib(server.pid) - empty_mib
            announced = load.announce()
    return {
        "connections/s": listeners / load.entered.seconds,
        "KiB/idle client": held_mib * 1024 / listeners,
        "to all s": announced.seconds,
        "clients": listeners,
    }


def stored(bench: Bench, system: System) -> Figures:
    """What a long log costs: at the start, for who joins, and for who talks."""
    folder = bench.next_folder()
    with system.start(folder) as server, bench.load(system, server, folder, 100) as load:
        return {
            **_flooded(bench, server, load),
            "start-up s": server.started_s,
            "joining ms": load.entered.seconds * 1000 / 100,
        }
