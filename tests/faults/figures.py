"""What a workload gives: the checker's report, and figures with their goals."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from tests.bench.table import Figure
from tests.faults.checker import Report
from tests.faults.history import Entry, Invoked, Shown


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a workload."""

    name: str
    report: Report
    figures: Sequence[Figure] = field(default_factory=list)

    @property
    def missed(self) -> list[str]:
        """Figures that did not meet their goal, in words."""
        return [f"{one.name}: {one.measured}, not {one.goal}" for one in self.figures if one.is_met is False]

    @property
    def complaint(self) -> str:
        """Everything that is wrong; nothing if all is well."""
        counts = "" if self.report.is_clean else f"{dict(self.report.faults.counts)}\n{self.report.faults.in_words}"
        return "\n".join(filter(None, [counts, *self.missed]))


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
