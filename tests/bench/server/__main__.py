"""chat-server beside ngIRCd, InspIRCd, Redis pub/sub and a naive threaded server, on this machine's loopback.

    python -m tests.bench.server [--quick] [--only CASE …] [--runs N] [--json FILE] [--chart FILE] [--databases FOLDER]

Needs `pip install -e .[test]`, and Debian's packages ngircd, inspircd and redis-server; who is not installed is left out, and named.
Prints tables; 1 if a goal was missed, 2 if it can't go on. A whole run (everybody, every case, nobody failed, no --quick
and no --runs) also writes its tables into RESULTS.md, all samples into server.json and the README's picture, all beside this folder.
Ctrl+C ends all that runs, and no figures are written.
On a machine that does other things, too: `chrt -r 5 python -m …` as root.
"""

import argparse
import os
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from server.log.store import StoreError
from tests.bench.machine import describe_disk, describe_machine
from tests.bench.results_file import RESULTS, keep_figures
from tests.bench.server.cases import STORED, Case, Trial, cases, write_databases
from tests.bench.server.chart import chart
from tests.bench.server.goals import goals, missed
from tests.bench.server.peers import PEERS, System, installed
from tests.bench.server.results import Results, Sample, case_table, sample
from tests.bench.server.trials import FULL, QUICK, Bench
from tests.bench.table import figures_table

Tell = Callable[[str], None]

INTERRUPTED = 130
"""What a shell gives a program that Ctrl+C has ended."""

IN_VAIN = 2
"""It could not go on."""


def run(bench: Bench, chosen: Sequence[Case], tell: Tell) -> Results:
    """Every case; in each, the systems take turns, so that what the machine does besides hits all alike."""
    results = Results()
    for case in chosen:
        for _ in range(bench.plan.runs * case.times):
            results.samples += [_sample(bench, case, trial, tell) for trial in case.trials]
    return results


def _sample(bench: Bench, case: Case, trial: Trial, tell: Tell) -> Sample:
    tell(f"{case.name}: {trial.system.name}")
    try:
        return sample(case.name, trial.system.name, trial.measure(bench, trial.system))
    except Exception as error:  # noqa: BLE001 -- one that fails must not cost the figures of all others
        tell("".join(traceback.format_exception(error)))
        return Sample(case.name, trial.system.name, {}, failure=repr(error))


def report(results: Results, absent: Sequence[System]) -> str:
    """Who was left out, the goals, then every case."""
    tables = [figures_table(goals(results)), *(case_table(results, case) for case in results.case_names())]
    return "\n\n".join([*_left_out(absent), *tables])


def _left_out(absent: Sequence[System]) -> list[str]:
    names = ", ".join(f"{one.name} (Debian's {one.program})" for one in absent)
    return [f"Not installed, and left out with the goals against them: {names}"] if absent else []


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """What is to be measured, or exit code 2 and a sentence."""
    parser = argparse.ArgumentParser(
        "python -m tests.bench.server", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = [case.name for case in cases({})]
    parser.add_argument("--quick", action="store_true", help="one short run of each; less exact, smaller logs")
    parser.add_argument("--only", action="append", metavar="CASE", choices=names, help=f"one of: {'; '.join(names)}")
    parser.add_argument("--runs", type=_runs, metavar="N", help="instead of what the plan says")
    parser.add_argument("--json", type=Path, metavar="FILE", help="where all samples go; of a whole run, server.json")
    parser.add_argument(
        "--chart", type=Path, metavar="FILE", help="where the picture goes, an SVG; of a whole run, server.svg"
    )
    parser.add_argument(
        "--databases", type=Path, metavar="FOLDER", help="where the long logs are kept from run to run; 4 GB"
    )
    options = parser.parse_args(arguments)
    for path in (options.json, options.chart):  # not after an hour
        if path is not None and (path.is_dir() or not os.access(path if path.exists() else path.parent, os.W_OK)):
            parser.error(f"{path} can't be written")
    return options


def _runs(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of runs")
    return int(text)


def is_whole(options: argparse.Namespace, absent: Sequence[System], results: Results) -> bool:
    """Whether this run's figures may take the place of those that are published."""
    return not (options.quick or options.only or options.runs or absent or results.failed)


def main(arguments: Sequence[str] | None = None) -> int:
    options = parse(arguments)
    for number in (signal.SIGTERM, signal.SIGHUP):  # they, too, must leave no process behind and no file
        signal.signal(number, signal.default_int_handler)
    try:
        return _measure(options)
    except KeyboardInterrupt:
        _tell("interrupted: all that ran was ended, and no figures were written")
        return INTERRUPTED
    except (OSError, StoreError) as error:  # no room for the logs, or no right to write there
        _tell(f"it can't go on: {error}")
        return IN_VAIN


def _measure(options: argparse.Namespace) -> int:
    absent = [one for one in PEERS if one not in installed(PEERS)]
    for line in _left_out(absent):
        _tell(line)
    plan = QUICK if options.quick else FULL
    plan = replace(plan, runs=options.runs or plan.runs)
    with tempfile.TemporaryDirectory(prefix="soksak-bench-") as name:
        folder = Path(name)
        machine = f"{describe_machine('msgspec')} · {describe_disk(folder)}"
        wants_stored = options.only is None or STORED in options.only
        databases = write_databases(plan.stored if wants_stored else (), options.databases or folder / "logs", _tell)
        chosen = [case for case in cases(databases) if options.only is None or case.name in options.only]
        results = run(Bench(plan, folder), chosen, _tell)
    tables = f"{machine}\n\n{report(results, absent)}"
    print(tables)
    whole = is_whole(options, absent, results)
    _write(options.json or (RESULTS.with_name("server.json") if whole else None), results.as_json(machine))
    _write(options.chart or (RESULTS.with_name("server.svg") if whole else None), chart(results).encode())
    if whole:
        keep_figures("server", f"`{_command(options)}`\n\n{tables}")
    return missed(goals(results))


def _command(options: argparse.Namespace) -> str:
    """A whole run's, as it may be given again, anywhere."""
    return "python -m tests.bench.server" + (" --databases FOLDER" if options.databases else "")


def _tell(progress: str) -> None:
    print(f"{time.strftime('%H:%M:%S')}  {progress}", file=sys.stderr, flush=True)


def _write(path: Path | None, content: bytes) -> None:
    if path is not None and content:
        path.write_bytes(content)


if __name__ == "__main__":
    sys.exit(main())
