"""What a workload gives: the checker's report, what besides must hold anywhere, and times, which are as good as the machine."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tests.bench.table import Figure
from tests.faults.history import Entry, Invoked, Shown
from tests.faults.report import Report


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a workload. `facts` hold on any machine, however busy it is; `times` are for who measures on a quiet one."""

    name: str
    report: Report
    facts: Sequence[Figure] = ()
    times: Sequence[Figure] = ()

    @property
    def wrong(self) -> str:
        """What is wrong wherever it happens, in words; nothing if all is well."""
        counts = "" if self.report.is_clean else f"{dict(self.report.faults.counts)}\n{self.report.faults.in_words}"
        return "\n".join(filter(None, [counts, *_missed(self.facts)]))

    @property
    def slow(self) -> str:
        """What took too long, in words."""
        return "\n".join(_missed(self.times))


def _missed(figures: Sequence[Figure]) -> Sequence[str]:
    return [f"{one.name}: {one.measured}, not {one.goal}" for one in figures if one.is_met is False]


def at_most(name: str, value: float, goal: float, unit: str) -> Figure:
    return Figure(name, f"{value:.4g} {unit}", f"≤ {goal:.4g} {unit}", value <= goal)


def exactly(name: str, value: int, goal: int) -> Figure:
    return Figure(name, f"{value:,}", f"{goal:,}", value == goal)


def latencies_ms(speaker: Iterable[Entry], hearer: Iterable[Entry], from_s: float, to_s: float) -> list[float]:
    """From saying to showing, of what was said in that time."""
    said = {one.cid: one.at_s for one in speaker if isinstance(one, Invoked) and from_s <= one.at_s <= to_s}
    return [(one.at_s - said[one.cid]) * 1000 for one in hearer if isinstance(one, Shown) and one.cid in said]


def p99(values: Sequence[float]) -> float:
    return sorted(values)[math.ceil(0.99 * len(values)) - 1] if values else math.nan


NOISE_MS = 20.0
"""Below this a p99 says more about who else uses these two cores than about us."""


def compared(name: str, before: Sequence[float], during: Sequence[float]) -> Figure:
    """A p99 that may double, if one was measured that means something."""
    calm, rough = p99(before), p99(during)
    is_met = rough <= max(2 * calm, NOISE_MS)
    return Figure(name, f"{calm:.1f} → {rough:.1f} ms", f"≤ 2 ×, or ≤ {NOISE_MS:.0f} ms", is_met)
