"""What a client that was cut off has missed, until the last of it is on its screen: the real app, and a server with its log on disk."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bench.gate import Gate
from tests.bench.heartbeat import longest_ms
from tests.bench.scene import new_marker, open_scene
from tests.bench.table import table
from tui_client import strings

DURABLE = ("--log-level", "warning")


@dataclass(frozen=True, slots=True)
class ReturningPlan:
    """`seen` messages are there before the connection is cut, and `missed` are said until it can be made again."""

    runs: int
    seen: int
    missed: int


@dataclass(frozen=True, slots=True)
class Returning:
    """One run. `seconds` are from the connection made to the last message drawn."""

    missed: int
    seconds: float
    longest_block_ms: float
    client_cpu_s: float
    missing: int


def measure_returning(plan: ReturningPlan, home: Path) -> list[Returning]:
    return [_measure(plan, home / str(run)) for run in range(plan.runs)]


def _measure(plan: ReturningPlan, home: Path) -> Returning:
    with Gate() as gate, open_scene(home, DURABLE, gate=gate, beats=True) as scene:
        scene.burst(plan.seen)
        gate.shut()
        scene.client.wait_for(strings.CONNECTION_LOST)
        marker = new_marker()
        scene.flood.burst(plan.missed, marker)
        report = scene.flood.report()
        before = scene.usage()
        gate.open()
        shown_at_s = scene.client.wait_for(marker)
        used = scene.usage() - before
        tally = scene.leave()
    return Returning(
        missed=report.messages,
        seconds=shown_at_s - gate.passed_at_s,
        longest_block_ms=longest_ms(tally.blocks, gate.passed_at_s, shown_at_s),
        client_cpu_s=used.client_s,
        missing=tally.missing(report.spoken),
    )


def returning_s(runs: Sequence[Returning]) -> float:
    """The median."""
    return statistics.median(run.seconds for run in runs)


def returning_table(runs: Sequence[Returning]) -> str:
    """Medians; of what must not be, the worst."""
    row = (
        f"{runs[0].missed:,}",
        f"{returning_s(runs):.2f}",
        f"{max(run.seconds for run in runs):.2f}",
        f"{max(run.longest_block_ms for run in runs):.1f}",
        f"{statistics.median(run.client_cpu_s for run in runs):.2f}",
        f"{not_shown(runs):,}",
    )
    return table(("missed", "on the screen in s", "max s", "longest block ms", "client CPU s", "not shown"), [row])


def not_shown(runs: Sequence[Returning]) -> int:
    """In all runs together."""
    return sum(run.missing for run in runs)
