"""chat-server beside ngIRCd, InspIRCd, Redis pub/sub and a naive threaded server, on this machine's loopback.

    python -m tests.bench.server [--quick] [--only CASE …] [--json FILE] [--chart FILE] [--databases FOLDER]

Needs Debian's packages ngircd, inspircd and redis-server; who is not installed is left out. Prints tables; 1 if a goal was missed.
A whole run also writes its tables into RESULTS.md, all samples into server.json and the README's picture, all beside this folder.
On a machine that does other things, too: `chrt -r 5 python -m …` as root.
"""

import argparse
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from tests.bench.machine import describe_machine
from tests.bench.results_file import RESULTS, keep_figures
from tests.bench.server.cases import STORED, Case, Trial, cases, write_databases
from tests.bench.server.chart import chart
from tests.bench.server.goals import goals, missed
from tests.bench.server.results import Results, Sample, case_table, sample
from tests.bench.server.trials import FULL, QUICK, Bench
from tests.bench.table import figures_table

Tell = Callable[[str], None]


def run(bench: Bench, chosen: Sequence[Case], tell: Tell) -> Results:
    """Every case; in each, the systems take turns, so that what the machine does besides hits all alike."""
    results = Results()
    for case in chosen:
        for _ in range(bench.plan.runs):
            results.samples += [_sample(bench, case, trial, tell) for trial in case.trials]
    return results


def _sample(bench: Bench, case: Case, trial: Trial, tell: Tell) -> Sample:
    tell(f"{case.name}: {trial.system.name}")
    try:
        return sample(case.name, trial.system.name, trial.measure(bench, trial.system))
    except Exception as error:  # noqa: BLE001 -- one that fails must not cost the figures of all others
        tell("".join(traceback.format_exception(error)))
        return Sample(case.name, trial.system.name, {}, failure=repr(error))


def report(results: Results) -> str:
    """The goals, then every case."""
    tables = [case_table(results, case) for case in results.case_names()]
    return "\n\n".join([figures_table(goals(results)), *tables])


def _names() -> list[str]:
    return [case.name for case in cases({})]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one short run of each; less exact, smaller logs")
    parser.add_argument(
        "--only", action="append", metavar="CASE", choices=_names(), help=f"one of: {'; '.join(_names())}"
    )
    parser.add_argument("--runs", type=int, help="instead of what the plan says")
    parser.add_argument("--json", type=Path, help="where all samples go; of a whole run, server.json")
    parser.add_argument("--chart", type=Path, help="where the picture goes, an SVG; of a whole run, server.svg")
    parser.add_argument("--databases", type=Path, help="where the long logs are kept from run to run")
    options = parser.parse_args(arguments)
    is_whole = not options.quick and options.only is None and options.runs is None
    plan = QUICK if options.quick else FULL
    plan = replace(plan, runs=options.runs or plan.runs)
    machine = describe_machine("msgspec")
    with tempfile.TemporaryDirectory(prefix="soksak-bench-") as name:
        folder = Path(name)
        wants_stored = options.only is None or STORED in options.only
        databases = write_databases(plan.stored if wants_stored else (), options.databases or folder / "logs", _tell)
        chosen = [case for case in cases(databases) if options.only is None or case.name in options.only]
        results = run(Bench(plan, folder), chosen, _tell)
    tables = f"{machine}\n\n{report(results)}"
    print(tables)
    if is_whole:
        keep_figures("server", f"`{_command()}`\n\n{tables}")
    _write(options.json or (RESULTS.with_name("server.json") if is_whole else None), results.as_json(machine))
    _write(options.chart or (RESULTS.with_name("server.svg") if is_whole else None), chart(results).encode())
    return missed(goals(results))


def _command() -> str:
    """As it may be given again."""
    return " ".join(["python -m tests.bench.server", *sys.argv[1:]])


def _tell(progress: str) -> None:
    print(f"{time.strftime('%H:%M:%S')}  {progress}", file=sys.stderr, flush=True)


def _write(path: Path | None, content: bytes) -> None:
    if path is not None and content:
        path.write_bytes(content)


if __name__ == "__main__":
    sys.exit(main())
