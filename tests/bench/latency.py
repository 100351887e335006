"""From a key to its letter on the terminal, while a room talks: the real app, a real server, a third process that talks."""

import math
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from random import Random

from tests.bench.processes import COMPOSER
from tests.bench.scene import Scene, open_scene
from tests.bench.table import table

LETTERS = tuple(map(chr, range(ord("뷀"), ord("뷀") + 25)))
"""Syllables that stand on no screen unless they were typed; so many fit into a line of the composer."""

MIN_PAUSE_S, MAX_PAUSE_S = 0.03, 0.08
"""Between two keys, at random: a fast typist, and never in step with the screen's thirty pictures a second."""


@dataclass(frozen=True, slots=True)
class LatencyPlan:
    """`rates` are messages a second; 0 is a silent room. For `warm_up_s` there is talk and nobody types."""

    runs: int
    rates: tuple[int, ...]
    keys: int
    warm_up_s: float


@dataclass(frozen=True, slots=True)
class Latency:
    """One run. Processor time is that of the whole time of typing, in percent of one core."""

    rate: int
    offered_rate: float
    latest_ms: float
    """How late the latest message was offered."""
    messages: int
    missing: int
    behind_ms: float
    """How long after the last message was said it stood on the screen."""
    echoes_ms: Sequence[float]
    client_cpu_percent: float
    server_cpu_percent: float
    queued_percent: float
    """How much of the time the screen's thread had work and no core."""


def measure_latency(plan: LatencyPlan, home: Path) -> list[Latency]:
    """All runs at all rates, alternating."""
    return [_measure(rate, plan, run, home / f"{rate}-{run}") for run in range(plan.runs) for rate in plan.rates]


def _measure(rate: int, plan: LatencyPlan, seed: int, home: Path) -> Latency:
    with open_scene(home) as scene:
        if rate:
            scene.flood.pace(rate)
        scene.client.read_for(plan.warm_up_s)
        usage = scene.usage()
        typed = type_letters(scene, Random(seed), MIN_PAUSE_S, MAX_PAUSE_S)
        echoes_ms = [echo_s * 1000 for echo_s in islice(typed, plan.keys)]
        used = scene.usage() - usage
        report, behind_s = scene.stop_talking() if rate else scene.burst(0)
        missing = scene.leave().missing(report.spoken)
    return Latency(
        rate=rate,
        offered_rate=report.rate,
        latest_ms=report.latest_ms,
        messages=report.messages,
        missing=missing,
        behind_ms=behind_s * 1000,
        echoes_ms=echoes_ms,
        client_cpu_percent=used.client_percent,
        server_cpu_percent=used.server_percent,
        queued_percent=used.queued_percent,
    )


def type_letters(scene: Scene, random: Random, min_pause_s: float, max_pause_s: float) -> Iterator[float]:
    """How long each letter took, without end. A letter is only typed where it isn't to be seen yet."""
    for number, letter in enumerate(cycle(LETTERS)):
        if number and letter == LETTERS[0]:
            scene.client.type("\x0c")  # Ctrl+L
            scene.client.wait_for(COMPOSER)
        yield scene.client.echo_s(letter)
        scene.client.read_for(random.uniform(min_pause_s, max_pause_s))


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that is no smaller than `share` of all."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def p95_ms(runs: Sequence[Latency], rate: int) -> float:
    """The median of the runs at `rate`."""
    return statistics.median(percentile(run.echoes_ms, 0.95) for run in runs if run.rate == rate)


def missing(runs: Sequence[Latency]) -> int:
    """In all runs together."""
    return sum(run.missing for run in runs)


def latency_table(runs: Sequence[Latency]) -> str:
    """For each rate the medians of its runs, and the worst key of all."""
    rows = [_row([run for run in runs if run.rate == rate]) for rate in sorted({run.rate for run in runs})]
    headings = ("asked/s", "offered/s", "latest ms", "messages", "missing", "keys")
    return table(
        (*headings, "p50 ms", "p95 ms", "max ms", "behind ms", "client CPU %", "queued %", "server CPU %"), rows
    )


def _row(runs: Sequence[Latency]) -> tuple[str, ...]:
    echoes_ms = [run.echoes_ms for run in runs]
    return (
        f"{runs[0].rate:,}",
        f"{statistics.median(run.offered_rate for run in runs):,.0f}",
        f"{max(run.latest_ms for run in runs):.0f}",
        f"{sum(run.messages for run in runs):,}",
        f"{missing(runs):,}",
        f"{sum(map(len, echoes_ms)):,}",
        f"{statistics.median(percentile(one, 0.5) for one in echoes_ms):.1f}",
        f"{statistics.median(percentile(one, 0.95) for one in echoes_ms):.1f}",
        f"{max(map(max, echoes_ms)):.1f}",
        f"{statistics.median(run.behind_ms for run in runs):.0f}",
        f"{statistics.median(run.client_cpu_percent for run in runs):.1f}",
        f"{statistics.median(run.queued_percent for run in runs):.1f}",
        f"{statistics.median(run.server_cpu_percent for run in runs):.1f}",
    )
