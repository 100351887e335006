"""The client's benchmark: what its message log costs, how soon a key is answered, how fast it starts and is back, what it holds.

`python -m tests.bench.client [--quick] [--only PART] [--json FILE]` measures everything side by side in one run, in up to ten minutes
(quick: two), and prints tables in Markdown. Linux only, loopback only; everything it starts is its own, below a temporary folder, and
ends with it.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import msgspec

from tests.bench.day import Day, DayPlan, day_table, measure_day
from tests.bench.growth import Growth, GrowthPlan, growth_table, measure_growth
from tests.bench.idle import IdlePlan, Idling, idling_table, measure_idling, silent_percent
from tests.bench.joining import (
    Joining,
    JoiningPlan,
    joining_p95_ms,
    joining_table,
    longest_block_ms,
    measure_joining,
    wrong,
)
from tests.bench.latency import Latency, LatencyPlan, latency_table, measure_latency, missing, p95_ms
from tests.bench.log_cost import LogCosts, LogPlan, Subject, logs_table, measure_logs, median_cost
from tests.bench.machine import describe_machine
from tests.bench.returning import Returning, ReturningPlan, measure_returning, not_shown, returning_s, returning_table
from tests.bench.startup import Startup, StartupPlan, measure_startup, median_startup, startup_table
from tests.bench.table import Figure, figures_table

ECHO_GOAL_MS = 50.0
STUTTER_GOAL_MS = 100.0
"""What one sees: nothing is answered, nothing drawn for so long."""
RETURN_GOAL_S = 1.0
FIRST_PICTURE_GOAL_MS = 300.0
GROWTH_GOAL = 1.1
"""The allocator keeps what it once had; beyond a tenth, something grows."""
DAY_GOAL = 1.2
"""After an hour, some of what fills up with what happens now and then is still empty."""
IDLE_GOAL_PERCENT = 0.5

STARTUP, LATENCY, LOG, GROWTH, IDLE = "startup", "latency", "log", "growth", "idle"
JOINING, RETURNING, DAY = "joining", "returning", "day"
PARTS: Final = (STARTUP, LATENCY, JOINING, RETURNING, LOG, GROWTH, DAY, IDLE)


@dataclass(frozen=True, slots=True)
class Plan:
    """How much of everything is measured."""

    log: LogPlan
    latency: LatencyPlan
    joining: JoiningPlan
    returning: ReturningPlan
    startup: StartupPlan
    growth: GrowthPlan
    day: DayPlan
    idle: IdlePlan


FULL = Plan(
    log=LogPlan(runs=3, messages=100_000, bounded_richlog_messages=20_000, pages=60),
    latency=LatencyPlan(runs=3, rates=(0, 1_000, 5_000), keys=200, warm_up_s=1.0),
    joining=JoiningPlan(runs=5, people=1_000, seconds=0.8),
    returning=ReturningPlan(runs=5, seen=6_000, missed=10_000),
    startup=StartupPlan(runs=15),
    growth=GrowthPlan(stages=(10_000, 100_000, 1_000_000)),
    day=DayPlan(hours=(1, 2, 6, 12, 24), messages=8_333, visitors=40),
    idle=IdlePlan(runs=3, seconds=20.0, calm_s=2.0, people=300),
)

QUICK = Plan(
    log=LogPlan(runs=1, messages=10_000, bounded_richlog_messages=6_000, pages=20),
    latency=LatencyPlan(runs=1, rates=(0, 1_000, 5_000), keys=50, warm_up_s=1.0),
    joining=JoiningPlan(runs=2, people=1_000, seconds=0.8),
    returning=ReturningPlan(runs=2, seen=6_000, missed=10_000),
    startup=StartupPlan(runs=5),
    growth=GrowthPlan(stages=(10_000, 100_000)),
    day=DayPlan(hours=(1, 24), messages=8_333, visitors=40),
    idle=IdlePlan(runs=1, seconds=5.0, calm_s=2.0, people=300),
)


@dataclass(frozen=True, slots=True)
class Results:
    """Everything that was measured, each run by itself; nothing of a part that was left out."""

    machine: str
    plan: Plan
    startup: Sequence[Startup] = ()
    latency: Sequence[Latency] = ()
    joining: Sequence[Joining] = ()
    returning: Sequence[Returning] = ()
    log: LogCosts = field(default_factory=dict)
    growth: Growth | None = None
    day: Day | None = None
    idle: Sequence[Idling] = ()

    @property
    def missing(self) -> int:
        """What was said and not shown as it was, wherever that was counted."""
        grown = sum(one.missing for one in (self.growth, self.day) if one is not None)
        return missing(self.latency) + not_shown(self.returning) + wrong(self.joining) + grown


def measure(plan: Plan, home: Path, tell: Callable[[str], None], parts: Collection[str] = PARTS) -> Results:
    """Each of `parts`, one after the other, below `home`; `tell` is told how far it is."""

    def is_wanted(name: str) -> bool:
        if name in parts:
            tell(name)
        return name in parts

    return Results(
        machine=describe_machine("textual", "rich"),
        plan=plan,
        startup=measure_startup(plan.startup, home / STARTUP) if is_wanted(STARTUP) else (),
        latency=measure_latency(plan.latency, home / LATENCY) if is_wanted(LATENCY) else (),
        joining=measure_joining(plan.joining, home / JOINING) if is_wanted(JOINING) else (),
        returning=measure_returning(plan.returning, home / RETURNING) if is_wanted(RETURNING) else (),
        log=measure_logs(plan.log, home / LOG) if is_wanted(LOG) else {},
        growth=measure_growth(plan.growth, home / GROWTH, tell) if is_wanted(GROWTH) else None,
        day=measure_day(plan.day, home / DAY, tell) if is_wanted(DAY) else None,
        idle=measure_idling(plan.idle, home / IDLE) if is_wanted(IDLE) else (),
    )


def figures(results: Results) -> Iterator[Figure]:
    """What issues and design ask for, and whether it was reached."""
    if results.latency:
        busiest = max(results.plan.latency.rates)
        yield _at_most(f"key → echo p95, {busiest:,}/s", p95_ms(results.latency, busiest), ECHO_GOAL_MS, "ms")
    if results.joining:
        people = f"{results.plan.joining.people:,} join"
        yield _at_most(f"key → echo p95, {people}", joining_p95_ms(results.joining), ECHO_GOAL_MS, "ms")
        yield _at_most(f"longest block, {people}", longest_block_ms(results.joining), STUTTER_GOAL_MS, "ms")
    yield Figure("not shown, or wrong", f"{results.missing:,}", "0", results.missing == 0)
    if results.returning:
        missed = results.plan.returning.missed
        yield _at_most(
            f"{missed:,} missed, on the screen", returning_s(results.returning), RETURN_GOAL_S, "s", digits=2
        )
    if results.startup:
        yield _startup_figure(median_startup(results.startup))
    yield from _memory_figures(results)
    if results.idle:
        people = f"{results.plan.idle.people:,} members"
        yield _at_most(f"idle CPU, {people}", silent_percent(results.idle), IDLE_GOAL_PERCENT, "%", digits=2)
    if results.log:
        ours, richlog = (median_cost(results.log[one]) for one in (Subject.OURS, Subject.RICH_LOG))
        yield Figure("append, RichLog / ours", f"{richlog.append_us / ours.append_us:.1f} ×")
        yield Figure("RSS of the log, RichLog / ours", f"{richlog.resident_mib / ours.resident_mib:.1f} ×")


def _at_most(name: str, measured: float, goal: float, unit: str, digits: int = 1) -> Figure:
    return Figure(name, f"{measured:.{digits}f} {unit}", f"≤ {goal:g} {unit}", measured <= goal)


def _startup_figure(start: Startup) -> Figure:
    ratios = f"{start.chat_ms / start.python_ms:.1f} × python, {start.chat_ms / start.minimal_ms:.2f} × minimal"
    return Figure(
        "start to first picture",
        f"{start.chat_ms:.0f} ms = {ratios}",
        f"≤ {FIRST_PICTURE_GOAL_MS:.0f} ms",
        start.chat_ms <= FIRST_PICTURE_GOAL_MS,
    )


def _memory_figures(results: Results) -> Iterator[Figure]:
    if results.growth is not None:
        last, ratio = results.growth.stages[-1], results.growth.ratio
        measured = f"{last.resident_mib:.1f} MiB = {ratio:.2f} × first stage"
        yield Figure(f"memory after {last.messages:,} messages", measured, f"≤ {GROWTH_GOAL} ×", ratio <= GROWTH_GOAL)
    if results.day is not None:
        day = results.day
        first, hour = day.hours[0], day.hours[-1]
        measured = f"{hour.resident_mib:.1f} MiB = {day.ratio:.2f} × that after {first.number} h"
        yield Figure(f"memory after {hour.number} h of chat", measured, f"≤ {DAY_GOAL} ×", day.ratio <= DAY_GOAL)


def report(results: Results) -> str:
    """All tables, ready to be kept."""
    return "\n\n".join((results.machine, figures_table(list(figures(results))), *_tables(results)))


def _tables(results: Results) -> Iterator[str]:
    """Those of what was measured."""
    if results.log:
        yield logs_table(results.plan.log, results.log)
    if results.latency:
        yield latency_table(results.latency)
    if results.joining:
        yield joining_table(results.joining)
    if results.returning:
        yield returning_table(results.returning)
    if results.startup:
        yield startup_table(results.startup)
    if results.growth is not None:
        yield growth_table(results.growth)
    if results.day is not None:
        yield day_table(results.day)
    if results.idle:
        yield idling_table(results.idle)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 1 if something was not shown, since then no other figure means anything."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="two minutes instead of ten; less exact")
    parser.add_argument("--only", action="append", choices=PARTS, help="only this part; several times for several")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write every single run to FILE")
    options = parser.parse_args(arguments)
    started_at_s = time.monotonic()

    def tell(what: str) -> None:
        print(f"{time.monotonic() - started_at_s:4.0f} s  {what}", file=sys.stderr, flush=True)

    with tempfile.TemporaryDirectory(prefix="soksak-bench-") as home:
        results = measure(QUICK if options.quick else FULL, Path(home), tell, options.only or PARTS)
    tell("done")
    print(report(results))
    if options.json:
        options.json.write_bytes(msgspec.json.format(msgspec.json.encode(results)))
    return 1 if results.missing else 0


if __name__ == "__main__":
    sys.exit(main())
