"""What the client holds after a day of chat, and after an hour of it: the real app, which is fed as fast as it can show.

An hour is some thousand messages, a few of which call the reader by name; people who look in, whisper, take another name and leave; a
search; and something that the reader says.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from tests.bench.processes import COMPOSER, resident_mib
from tests.bench.scene import Scene, open_scene
from tests.bench.table import table
from tests.bench.visitors import Visitors
from tui_client import strings

_CTRL_F, _CTRL_L, _ESCAPE = "\x06", "\x0c", "\x1b"
_SEARCHING = strings.SEARCH_KEYS_EMPTY[0][1]
"""What a key does only while one searches."""

_QUERIES = ("회의 자료", "ㅈㅅ", "버그", "이따가")
_REST_S = 0.5
"""For the last picture."""


@dataclass(frozen=True, slots=True)
class DayPlan:
    """After which of the `hours`, counted from 1, the memory is looked at; and how much happens in each of them."""

    hours: tuple[int, ...]
    messages: int
    visitors: int


@dataclass(frozen=True, slots=True)
class Hour:
    """What the client holds after this many hours, in which `messages` were said in all."""

    number: int
    messages: int
    resident_mib: float


@dataclass(frozen=True, slots=True)
class Day:
    hours: Sequence[Hour]
    missing: int

    @property
    def ratio(self) -> float:
        return self.hours[-1].resident_mib / self.hours[0].resident_mib


def measure_day(plan: DayPlan, home: Path, tell: Callable[[str], None]) -> Day:
    """One client, from the first hour to the last; then everything it has shown is counted."""
    with open_scene(home) as scene, Visitors(scene.server.port, home / "visitors") as visitors:
        hours: list[Hour] = []
        for number in range(1, plan.hours[-1] + 1):
            spoken = _pass_an_hour(number, plan, scene, visitors)
            if number in plan.hours:
                hours.append(Hour(number, number * plan.messages, resident_mib(scene.client.pid)))
                tell(f"{number} h: {hours[-1].resident_mib:.1f} MiB")
        return Day(hours, scene.leave().missing(spoken))


def _pass_an_hour(number: int, plan: DayPlan, scene: Scene, visitors: Visitors) -> dict[str, int]:
    """How much each speaker has said until now."""
    scene.burst(plan.messages)
    visitors.visit(plan.visitors)
    _search(scene, _QUERIES[number % len(_QUERIES)])
    scene.client.type(f"벌써 {number}시네요\r")
    report, _ = scene.burst(0)
    scene.client.read_for(_REST_S)
    return report.spoken


def _search(scene: Scene, query: str) -> None:
    """Look for something, and come back when the first answer is there."""
    scene.client.type(_CTRL_F)
    scene.client.wait_for(_SEARCHING)
    scene.client.type(_CTRL_L + query)  # what was looked for last stands there again
    scene.client.wait_for(strings.SEARCH_CONTEXT_TITLE)
    scene.client.read_for(_REST_S)
    scene.client.type(_ESCAPE)
    scene.client.wait_for(COMPOSER)


def day_table(day: Day) -> str:
    """One row for each hour that was looked at."""
    rows: list[tuple[str, ...]] = [_row(day.hours[0], "")]
    rows += [_row(hour, f"{(hour.resident_mib - before.resident_mib):+.1f}") for before, hour in pairwise(day.hours)]
    return table(("hours", "messages", "RSS MiB", "more than before"), rows)


def _row(hour: Hour, more: str) -> tuple[str, ...]:
    return str(hour.number), f"{hour.messages:,}", f"{hour.resident_mib:.1f}", more
