"""The long form: `python -m tests.fuzz --inputs 10000000` feeds all targets, attacks a live server, and prints what came of it.

0: nothing but what the protocol refuses, and nothing that took long. 1: faults; their inputs are printed, to be tried again.
"""

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from tests.fuzz.feeding import Tally, feed
from tests.fuzz.guided import is_available, run_guided
from tests.fuzz.live import attack_server
from tests.fuzz.mutating import Mutator
from tests.fuzz.targets import TARGETS

LIVE_SHARE: Final = 0.2
"""Of all inputs."""

_SLOW: Final[Mapping[str, float]] = {"typed": 0.4, "shown": 0.4, "cleaning": 0.6}
"""Targets that are given fewer inputs than the others, since each takes longer."""

_COLUMNS: Final = "{:<14} {:>12} {:>10} {:>6} {:>11} {:>9} {:>20}"


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    print(
        _COLUMNS.format("target", "inputs", "exceptions", "hangs", "slowest ms", "inputs/s", "memory KiB"), flush=True
    )
    tallies = []
    for tally in _tallies(options):
        print(_row(tally), flush=True)
        tallies.append(tally)
    print(_row(_sum(tallies)), flush=True)
    is_clean = all(tally.is_clean for tally in tallies)
    for tally in tallies:
        print(*tally.failures, sep="\n", end="\n" * bool(tally.failures))
    if options.guided_seconds and is_available():
        is_clean &= _print_guided(options)
    return 0 if is_clean else 1


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument(
        "--inputs", type=int, default=1_000_000, help="how many in all, those of the guided fuzzer apart"
    )
    parser.add_argument("--seed", type=int, default=1, help="the same seed, the same inputs")
    parser.add_argument("--guided-seconds", type=float, default=60, help="how long the coverage-guided fuzzer runs")
    parser.add_argument("--only", choices=[*TARGETS, "live server"], help="one of them gets all inputs")
    return parser.parse_args(arguments)


def _tallies(options: argparse.Namespace) -> Iterator[Tally]:
    if options.only:
        shares = {options.only: 1.0}
    else:
        weights = {name: _SLOW.get(name, 1.0) for name in TARGETS}
        scale = (1 - LIVE_SHARE) / sum(weights.values())
        shares = {**{name: weight * scale for name, weight in weights.items()}, "live server": LIVE_SHARE}
    for name, share in shares.items():
        most = round(options.inputs * share)
        is_live = name == "live server"
        yield attack_server(options.seed, most) if is_live else feed(name, TARGETS[name], Mutator(options.seed), most)


def _sum(tallies: Sequence[Tally]) -> Tally:
    total = Tally("all")
    for tally in tallies:
        total.inputs += tally.inputs
        total.exceptions += tally.exceptions
        total.hangs += tally.hangs
        total.seconds += tally.seconds
        total.slowest_s = max(total.slowest_s, tally.slowest_s)
    return total


def _row(tally: Tally) -> str:
    grown = tally.memory_after_kib - tally.memory_before_kib
    memory = f"{tally.memory_before_kib:,} {grown:+,}" if tally.memory_before_kib else ""
    slowest, pace = f"{tally.slowest_s * 1000:.1f}", f"{tally.inputs / max(tally.seconds, 1e-9):,.0f}"
    return _COLUMNS.format(tally.name, f"{tally.inputs:,}", tally.exceptions, tally.hangs, slowest, pace, memory)


def _print_guided(options: argparse.Namespace) -> bool:
    guided = run_guided(options.guided_seconds, options.seed)
    print(f"guided by coverage: {guided.inputs:,} inputs, {guided.covered:,} edges, at most {guided.peak_mb:,} MB")
    if not guided.is_clean:
        print(guided.output)
    return guided.is_clean


if __name__ == "__main__":
    sys.exit(main())
