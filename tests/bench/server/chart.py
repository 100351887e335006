"""The floods as a picture for the README: a group of bars for each size of room, on a logarithmic scale. An SVG, written by hand."""

import math
from collections.abc import Iterator, Sequence
from html import escape
from typing import Final

from tests.bench.server.cases import FLOODS, flood_name
from tests.bench.server.results import Results

_WIDTH: Final = 760
_LEFT: Final = 130
_BAR: Final = 16
_GAP: Final = 14
_TOP: Final = 44
_FONT: Final = "font-family='system-ui, sans-serif'"
_COLOURS: Final = ("#0f766e", "#94a3b8", "#b4a7d6", "#e0a96d", "#cbd5e1")
_INK: Final = "#64748b"
"""In the middle, so that it can be read on a light page and on a dark one."""

_LEAST: Final = 1e5


def chart(results: Results) -> str:
    """All floods that were measured; "" if there are none."""
    groups = [size for size in FLOODS if results.systems(flood_name(size))]
    if not groups:
        return ""
    systems = list(dict.fromkeys(one for size in groups for one in results.systems(flood_name(size))))
    height = _TOP + len(groups) * (len(systems) * _BAR + _GAP) + 8
    body = "\n".join([_title(), *_bars(results, groups, systems)])
    return f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {_WIDTH} {height}' {_FONT}>\n{body}\n</svg>\n"


def _title() -> str:
    title = "deliveries a second, 20 people flooding a room (logarithmic)"
    return f"<text x='8' y='22' font-size='15' fill='{_INK}'>{title}</text>"


def _bars(results: Results, groups: Sequence[int], systems: Sequence[str]) -> Iterator[str]:
    most = max(results.value(flood_name(size), one, "deliveries/s") or 0 for size in groups for one in systems)
    top = float(_TOP)
    for size in groups:
        yield f"<text x='8' y='{top + _BAR:.0f}' font-size='13' fill='{_INK}'>{size:,} clients</text>"
        for system, colour in zip(systems, _COLOURS, strict=False):
            rate = results.value(flood_name(size), system, "deliveries/s")
            if rate:
                yield _bar(top, rate, _length(rate, most), system, colour)
            top += _BAR
        top += _GAP


def _length(rate: float, most: float) -> float:
    """Room is left for the longest one's words."""
    share = math.log10(max(rate, _LEAST) / _LEAST) / math.log10(max(most, 10 * _LEAST) / _LEAST)
    return 2 + share * (_WIDTH - _LEFT - 210)


def _bar(top: float, rate: float, length: float, system: str, colour: str) -> str:
    words = escape(f"{rate / 1e6:.2f} M  {system}")
    return (
        f"<rect x='{_LEFT}' y='{top:.0f}' width='{length:.1f}' height='{_BAR - 3}' rx='2' fill='{colour}'/>"
        f"<text x='{_LEFT + length + 6:.1f}' y='{top + _BAR - 6:.0f}' font-size='11' fill='{_INK}'>{words}</text>"
    )
