"""What came of all trials: medians, tables, JSON. No goals here: those are in `goals`."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import msgspec

from tests.bench.server.trials import Figures
from tests.bench.table import table

_FORMATS: Final = {
    "deliveries/s": "{:,.0f}",
    "connections/s": "{:,.0f}",
    "deliveries": "{:,.0f}",
    "clients": "{:,.0f}",
    "missing": "{:,.0f}",
    "CPU s/M deliveries": "{:.3f}",
    "server CPU %": "{:.0f}",
    "load CPU %": "{:.0f}",
    "KiB/idle client": "{:.1f}",
    "grown MiB": "{:.1f}",
    "joining ms": "{:.2f}",
    "start-up s": "{:.2f}",
    "to all s": "{:.3f}",
}
"""How each figure is shown; the rest are milliseconds."""

_COMPARED: Final = ("deliveries/s", "p99 ms", "KiB/idle client")
"""What the ratio in a case's table is of: the first of these that it has."""


class Sample(msgspec.Struct, frozen=True):
    """One trial; `failure` says why there are no figures."""

    case: str
    system: str
    figures: dict[str, float]
    failure: str = ""


@dataclass(slots=True)
class Results:
    """All samples, in the order in which they were taken."""

    samples: list[Sample] = field(default_factory=list)

    def value(self, case: str, system: str, figure: str) -> float | None:
        """The median over the runs; None if there is none."""
        values = [
            one.figures[figure]
            for one in self.samples
            if one.case == case and one.system == system and figure in one.figures
        ]
        return statistics.median(values) if values else None

    def ratio(self, figure: str, case: str, system: str, to_system: str, to_case: str | None = None) -> float | None:
        """How many times as much as the other."""
        value, other = self.value(case, system, figure), self.value(to_case or case, to_system, figure)
        return value / other if value is not None and other else None

    def missing(self) -> int | None:
        """Deliveries that were not made, by anybody, or made twice; None if nobody counted."""
        counted = [one.figures["missing"] for one in self.samples if "missing" in one.figures]
        return round(sum(counted)) if counted else None

    @property
    def failed(self) -> int:
        """How many trials gave no figures."""
        return sum(bool(one.failure) for one in self.samples)

    def case_names(self) -> list[str]:
        return list(dict.fromkeys(one.case for one in self.samples))

    def systems(self, case: str) -> list[str]:
        return list(dict.fromkeys(one.system for one in self.samples if one.case == case))

    def as_json(self, machine: str) -> bytes:
        document = {"machine": machine, "samples": self.samples}
        return msgspec.json.format(msgspec.json.encode(document), indent=1)


def case_table(results: Results, case: str) -> str:
    """Medians, a row for each system; the ratio is that of the first one to it."""
    systems = results.systems(case)
    names = list(dict.fromkeys(name for one in results.samples if one.case == case for name in one.figures))
    if not names:
        return table((case, "figures"), [(system, "failed") for system in systems])
    compared = next((name for name in _COMPARED if name in names), "")
    headings = (case, *names, f"× ({compared})")
    rows = [
        [system, *_cells(results, case, system, names), _times(results, case, system, compared)] for system in systems
    ]
    return table(headings, rows)


def _cells(results: Results, case: str, system: str, names: Sequence[str]) -> list[str]:
    values = [(name, results.value(case, system, name)) for name in names]
    return ["failed" if value is None else _FORMATS.get(name, "{:.2f}").format(value) for name, value in values]


def _times(results: Results, case: str, system: str, compared: str) -> str:
    ratio = results.ratio(compared, case, results.systems(case)[0], system)
    return "" if ratio is None else f"{ratio:.2f}"


def sample(case: str, system: str, figures: Figures) -> Sample:
    return Sample(case, system, dict(figures))
