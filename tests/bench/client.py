"""The client's benchmark: what its message log costs, how soon a key is answered, how fast it starts, what it holds.

`python -m tests.bench.client [--quick] [--json FILE]` measures everything side by side in one run, in up to ten minutes (quick: one),
and prints tables in Markdown. Linux only, loopback only; everything it starts is its own, below a temporary folder, and ends with it.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from tests.bench.growth import Growth, GrowthPlan, growth_table, measure_growth
from tests.bench.idle import IdlePlan, Idling, idling_table, measure_idling, silent_percent
from tests.bench.latency import Latency, LatencyPlan, latency_table, measure_latency, missing, p95_ms
from tests.bench.log_cost import LogCosts, LogPlan, Subject, logs_table, measure_logs, median_cost
from tests.bench.machine import describe_machine
from tests.bench.startup import Startup, StartupPlan, measure_startup, median_startup, startup_table
from tests.bench.table import Figure, figures_table

ECHO_GOAL_MS = 50.0
FIRST_PICTURE_GOAL_MS = 300.0
GROWTH_GOAL = 1.1
"""The allocator keeps what it once had; beyond a tenth, something grows."""
IDLE_GOAL_PERCENT = 0.5


@dataclass(frozen=True, slots=True)
class Plan:
    """How much of everything is measured."""

    log: LogPlan
    latency: LatencyPlan
    startup: StartupPlan
    growth: GrowthPlan
    idle: IdlePlan


FULL = Plan(
    log=LogPlan(runs=3, messages=100_000, bounded_richlog_messages=20_000, pages=60),
    latency=LatencyPlan(runs=3, rates=(0, 1_000, 5_000), keys=200, warm_up_s=1.0),
    startup=StartupPlan(runs=15),
    growth=GrowthPlan(stages=(10_000, 100_000, 1_000_000)),
    idle=IdlePlan(runs=3, seconds=20.0, calm_s=2.0),
)

QUICK = Plan(
    log=LogPlan(runs=1, messages=10_000, bounded_richlog_messages=6_000, pages=20),
    latency=LatencyPlan(runs=1, rates=(0, 1_000, 5_000), keys=50, warm_up_s=1.0),
    startup=StartupPlan(runs=5),
    growth=GrowthPlan(stages=(10_000, 100_000)),
    idle=IdlePlan(runs=1, seconds=5.0, calm_s=2.0),
)


@dataclass(frozen=True, slots=True)
class Results:
    """Everything that was measured, each run by itself."""

    machine: str
    plan: Plan
    log: LogCosts
    latency: Sequence[Latency]
    startup: Sequence[Startup]
    growth: Growth
    idle: Sequence[Idling]


def measure(plan: Plan, home: Path, tell: Callable[[str], None]) -> Results:
    """Everything, one after the other, below `home`; `tell` is told how far it is."""

    def part(name: str) -> Path:
        tell(name)
        return home / name

    return Results(
        machine=describe_machine("textual", "rich"),
        plan=plan,
        startup=measure_startup(plan.startup, part("startup")),
        latency=measure_latency(plan.latency, part("latency")),
        log=measure_logs(plan.log, part("log")),
        growth=measure_growth(plan.growth, part("growth"), tell),
        idle=measure_idling(plan.idle, part("idle")),
    )


def figures(results: Results) -> list[Figure]:
    """What issue and design ask for, and whether it was reached."""
    busiest = max(results.plan.latency.rates)
    echo_ms = p95_ms(results.latency, busiest)
    lost = missing(results.latency) + results.growth.missing
    start = median_startup(results.startup)
    ours, richlog = (median_cost(results.log[one]) for one in (Subject.OURS, Subject.RICH_LOG))
    idle = silent_percent(results.idle)
    last = results.growth.stages[-1]
    return [
        Figure(
            f"key → echo p95, {busiest:,}/s", f"{echo_ms:.1f} ms", f"≤ {ECHO_GOAL_MS:.0f} ms", echo_ms <= ECHO_GOAL_MS
        ),
        Figure("messages not shown", f"{lost:,}", "0", lost == 0),
        Figure(
            "start to first picture",
            f"{start.chat_ms:.0f} ms = {start.chat_ms / start.python_ms:.1f} × python, {start.chat_ms / start.minimal_ms:.2f} × minimal",
            f"≤ {FIRST_PICTURE_GOAL_MS:.0f} ms",
            start.chat_ms <= FIRST_PICTURE_GOAL_MS,
        ),
        Figure(
            f"memory after {last.messages:,} messages",
            f"{last.resident_mib:.1f} MiB = {results.growth.ratio:.2f} × first stage",
            f"≤ {GROWTH_GOAL} ×",
            results.growth.ratio <= GROWTH_GOAL,
        ),
        Figure("idle CPU", f"{idle:.2f} %", f"≤ {IDLE_GOAL_PERCENT} %", idle <= IDLE_GOAL_PERCENT),
        Figure("append, RichLog / ours", f"{richlog.append_us / ours.append_us:.1f} ×"),
        Figure("RSS of the log, RichLog / ours", f"{richlog.resident_mib / ours.resident_mib:.1f} ×"),
    ]


def report(results: Results) -> str:
    """All tables, ready to be kept."""
    parts = (
        results.machine,
        figures_table(figures(results)),
        logs_table(results.plan.log, results.log),
        latency_table(results.latency),
        startup_table(results.startup),
        growth_table(results.growth),
        idling_table(results.idle),
    )
    return "\n\n".join(parts)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 1 if something was not shown, since then no other figure means anything."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a minute instead of ten; less exact")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write every single run to FILE")
    options = parser.parse_args(arguments)
    started_at_s = time.monotonic()

    def tell(what: str) -> None:
        print(f"{time.monotonic() - started_at_s:4.0f} s  {what}", file=sys.stderr, flush=True)

    with tempfile.TemporaryDirectory(prefix="soksak-bench-") as home:
        results = measure(QUICK if options.quick else FULL, Path(home), tell)
    tell("done")
    print(report(results))
    if options.json:
        options.json.write_bytes(msgspec.json.format(msgspec.json.encode(results)))
    return 1 if missing(results.latency) or results.growth.missing else 0


if __name__ == "__main__":
    sys.exit(main())
