"""Every fault that our promises are made against, in its long form: `python -m tests.bench.faults [--only NAME] [--quick]`.

Recording clients in processes of their own, a network that is as bad as it is told to be, kills, full and failing disks; at the end of
each a checker counts what was lost, doubled, skipped, out of order, divergent, phantom or uncommitted: each count must be 0. Besides, each
has times to keep, which only mean something on a machine that does nothing else. All of it takes about half an hour (quick: the short
forms, of which the tests judge no times, two minutes). Linux only, loopback only; everything that it starts is its own and ends with it.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tests.bench.machine import describe_machine
from tests.bench.table import table
from tests.faults.figures import Outcome
from tests.faults.forms import LONG, SHORT

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
        f"{one.name} {one.measured}" + f" ({one.goal}: {one.verdict})" * bool(one.goal)
        for one in (*outcome.facts, *outcome.times)
    )
    counts = report.faults.counts.values()
    return [outcome.name, *(f"{number:,}" for number in (*done, *counts)), figures, f"{seconds:.0f}"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run and print; 1 if anything was broken or missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", action="append", choices=LONG, help="only this one; several times for several")
    parser.add_argument("--quick", action="store_true", help="the short forms")
    options = parser.parse_args(arguments)
    forms = SHORT if options.quick else LONG
    names = options.only or list(forms)
    if missing := [name for name in names if name not in forms]:
        parser.error(f"there is no short form of {', '.join(missing)}")
    machine = describe_machine("msgspec")
    rows, is_broken = [], False
    for name in names:
        print(f"{time.strftime('%H:%M:%S')}  {name}", file=sys.stderr, flush=True)
        began_at_s = time.monotonic()
        try:
            with tempfile.TemporaryDirectory(prefix="soksak-faults-") as folder:
                outcome = forms[name](Path(folder) / "world")
        except AssertionError as error:  # the others are still worth knowing
            print(f"{name} came to no end: {error}", file=sys.stderr)
            is_broken = True
            continue
        rows.append(row(outcome, time.monotonic() - began_at_s))
        for complaint in filter(None, (outcome.wrong, outcome.slow)):
            is_broken = True
            print(complaint, file=sys.stderr)
    print(machine, table(HEADINGS, rows), sep="\n\n")
    return is_broken


if __name__ == "__main__":
    sys.exit(main())
