"""What the message log costs, side by side with Textual's RichLog: each measured in a fresh process, in turn."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

import msgspec

from tests.bench.processes import Terminal, module
from tests.bench.table import table


class Subject(Enum):
    """What can be measured."""

    OURS = "ours"
    OURS_UNBOUNDED = "ours-unbounded"
    RICH_LOG = "richlog"
    RICH_LOG_BOUNDED = "richlog-bounded"


class LogCost(msgspec.Struct, frozen=True):
    """What one log cost. `held` is what it has kept: entries of ours, rows of a RichLog."""

    append_us: float
    """For each message."""
    page_ms: float
    resize_ms: float
    resident_mib: float
    """More than before the first message."""
    held: int


NAMES = {
    Subject.OURS: "MessageLog, window as in the app",
    Subject.RICH_LOG_BOUNDED: "RichLog, max_lines the same",
    Subject.OURS_UNBOUNDED: "MessageLog, unbounded",
    Subject.RICH_LOG: "RichLog",
}

_MAX_S = 300.0
"""For one run of the slowest of them."""


@dataclass(frozen=True, slots=True)
class LogPlan:
    """How much is measured. A bounded RichLog copies all it holds at each message, so fewer of them must do."""

    runs: int
    messages: int
    bounded_richlog_messages: int
    pages: int


LogCosts = Mapping[Subject, Sequence[LogCost]]


def measure_logs(plan: LogPlan, home: Path) -> LogCosts:
    """All runs of all logs, alternating, so that a busy minute of the machine hits every one of them."""
    costs: dict[Subject, list[LogCost]] = {subject: [] for subject in NAMES}
    for run in range(plan.runs):
        for subject in NAMES:
            costs[subject].append(_measure(subject, plan, home / f"{subject.value}-{run}"))
    return costs


def _measure(subject: Subject, plan: LogPlan, home: Path) -> LogCost:
    report = home / "cost.json"
    messages = plan.bounded_richlog_messages if subject is Subject.RICH_LOG_BOUNDED else plan.messages
    command = module("tests.bench.log_app", subject.value, str(messages), str(plan.pages), str(report))
    with Terminal(command, home) as terminal:
        terminal.wait_until_ended(_MAX_S)
    return msgspec.json.decode(report.read_bytes(), type=LogCost)


def logs_table(plan: LogPlan, costs: LogCosts) -> str:
    """Medians of all runs."""
    headings = ("log", "messages", "append µs", "page ms", "resize ms", "RSS MiB", "held")
    rows = []
    for subject, runs in costs.items():
        bounded = subject is Subject.RICH_LOG_BOUNDED
        is_theirs = subject in (Subject.RICH_LOG, Subject.RICH_LOG_BOUNDED)
        cost = median_cost(runs)
        rows.append(
            (
                NAMES[subject],
                f"{plan.bounded_richlog_messages if bounded else plan.messages:,}",
                f"{cost.append_us:.1f}",
                f"{cost.page_ms:.1f}",
                f"{cost.resize_ms:.0f}{', never re-wraps' if is_theirs else ''}",
                f"{cost.resident_mib:.0f}",
                f"{cost.held:,} {'rows' if is_theirs else 'entries'}",
            )
        )
    return table(headings, rows)


def median_cost(runs: Sequence[LogCost]) -> LogCost:
    """The median of each figure by itself."""
    return LogCost(
        append_us=statistics.median(run.append_us for run in runs),
        page_ms=statistics.median(run.page_ms for run in runs),
        resize_ms=statistics.median(run.resize_ms for run in runs),
        resident_mib=statistics.median(run.resident_mib for run in runs),
        held=max(run.held for run in runs),
    )
