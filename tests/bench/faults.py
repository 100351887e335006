"""Every fault that our promises are made against, in its long form: `python -m tests.bench.faults [--only NAME] [--quick]`.

Recording clients in processes of their own, a network that is as bad as it is told to be, kills, full and failing disks; at the end of
each a checker counts what was lost, doubled, skipped, out of order, divergent, phantom or uncommitted: each count must be 0. All of it
takes about half an hour (quick: the short forms of the tests, a minute). Linux only, loopback only; everything that it starts is its own
and ends with it.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from tests.bench.machine import describe_machine
from tests.bench.table import table
from tests.faults import workloads
from tests.faults.figures import Outcome

Workload = Callable[[Path], Outcome]


def _bad(trouble: str, calm_s: float, rough_s: float) -> Workload:
    return lambda folder: workloads.bad_network(folder, trouble=trouble, calm_s=calm_s, rough_s=rough_s)


LONG: Final[Mapping[str, Workload]] = {
    "server-kills": lambda folder: workloads.server_kills(folder, senders=8, messages=2000, readers=16, kills=50),
    "client-kills": lambda folder: workloads.client_kills(folder, kills=200),
    "cuts": lambda folder: workloads.cuts(folder, samples=1000, at_once=5),
    "disk-full": lambda folder: workloads.full_disk(folder, fills=10, senders=8, messages=100),
    "sync-fails": lambda folder: workloads.failing_sync(folder, times=10, messages=300),
    "half-open": workloads.half_open,
    "drip": _bad(workloads.DRIPS, 10, 20),
    "resets": _bad(workloads.RESETS, 10, 20),
    "both-close": _bad(workloads.BOTH_CLOSE, 10, 20),
    "stalled-readers": lambda folder: workloads.stalled_readers(
        folder, readers=100, stalled=50, calm_s=10, rough_s=60, rate=20
    ),
    "nickname-race": lambda folder: workloads.nickname_race(folder, threads=200, rounds=100),
    "clock": lambda folder: workloads.clock_jumps(folder, messages=500),
    "stampede": lambda folder: workloads.stampede(folder, clients=300, processes=4),
    "backup": lambda folder: workloads.restored_backup(folder, clients=20, messages=500),
}

QUICK: Final[Mapping[str, Workload]] = {
    "server-kills": lambda folder: workloads.server_kills(folder, senders=3, messages=400, readers=4, kills=5),
    "client-kills": lambda folder: workloads.client_kills(folder, kills=20),
    "cuts": lambda folder: workloads.cuts(folder, samples=100, at_once=5),
    "disk-full": lambda folder: workloads.full_disk(folder, fills=1, senders=2, messages=50),
    "sync-fails": lambda folder: workloads.failing_sync(folder, times=1, messages=50),
    "drip": _bad(workloads.DRIPS, 1, 2),
    "resets": _bad(workloads.RESETS, 1, 2),
    "both-close": _bad(workloads.BOTH_CLOSE, 1, 2),
    "stalled-readers": lambda folder: workloads.stalled_readers(
        folder, readers=20, stalled=10, calm_s=2, rough_s=10, rate=100
    ),
    "nickname-race": lambda folder: workloads.nickname_race(folder, threads=200, rounds=10),
    "clock": lambda folder: workloads.clock_jumps(folder, messages=20),
    "stampede": lambda folder: workloads.stampede(folder, clients=50, processes=2),
    "backup": lambda folder: workloads.restored_backup(folder, clients=4, messages=20),
}

HEADINGS: Final = (
    *(
        "fault",
        "invoked",
        "acknowledged",
        "refused",
        "unknown",
        "shown",
        "lost",
        "duplicate",
        "skipped",
        "out of order",
    ),
    *("divergent", "phantom", "uncommitted", "figures", "s"),
)


def row(outcome: Outcome, seconds: float) -> Sequence[str]:
    """One outcome as a line of the table."""
    report = outcome.report
    done = (report.invoked, report.acknowledged, report.refused, report.unknown, report.shown)
    figures = "; ".join(
        f"{one.name} {one.measured}" + f" ({one.goal}: {one.verdict})" * bool(one.goal) for one in outcome.figures
    )
    counts = report.faults.counts.values()
    return [outcome.name, *(f"{number:,}" for number in (*done, *counts)), figures, f"{seconds:.0f}"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run and print; 1 if anything was broken or missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", action="append", choices=LONG, help="only this one; several times for several")
    parser.add_argument("--quick", action="store_true", help="the short forms")
    options = parser.parse_args(arguments)
    workloads_to_run = QUICK if options.quick else LONG
    machine = describe_machine("msgspec")
    rows, is_broken = [], False
    for name in options.only or workloads_to_run:
        print(f"{time.strftime('%H:%M:%S')}  {name}", file=sys.stderr, flush=True)
        began_at_s = time.monotonic()
        try:
            with tempfile.TemporaryDirectory(prefix="soksak-faults-") as folder:
                outcome = workloads_to_run[name](Path(folder) / "world")
        except AssertionError as error:  # the others are still worth knowing
            print(f"{name} came to no end: {error}", file=sys.stderr)
            is_broken = True
            continue
        rows.append(row(outcome, time.monotonic() - began_at_s))
        is_broken |= bool(outcome.complaint)
        print(outcome.complaint, end="\n" * bool(outcome.complaint), file=sys.stderr)
    print(machine, table(HEADINGS, rows), sep="\n\n")
    return is_broken


if __name__ == "__main__":
    sys.exit(main())
