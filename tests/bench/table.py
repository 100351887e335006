"""Figures, the goals they are held against, and tables of them in Markdown, so that a printed run can be kept as it is.

For every benchmark here. Cells are plain English: a column is a character.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """Something measured. `is_met` is None where there is no goal to meet."""

    name: str
    measured: str
    goal: str = ""
    is_met: bool | None = None

    @property
    def verdict(self) -> str:
        return {None: "", True: "met", False: "MISSED"}[self.is_met]


def figures_table(figures: Sequence[Figure]) -> str:
    """One row for each figure, with its goal and the verdict."""
    rows = [(figure.name, figure.goal, figure.measured, figure.verdict) for figure in figures]
    return table(("figure", "goal", "measured", "verdict"), rows)


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table, its columns aligned for whoever reads the source."""
    widths = [max(map(len, column)) for column in zip(headings, *rows, strict=True)]
    rule = ["-" * width for width in widths]
    return "\n".join(_row(cells, widths) for cells in (headings, rule, *rows))


def _row(cells: Sequence[str], widths: Sequence[int]) -> str:
    return f"| {' | '.join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True))} |"
