"""What the client holds after ever more messages: the real app, fed as fast as it can show."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bench.flood import Report
from tests.bench.processes import resident_mib
from tests.bench.scene import Scene, open_scene
from tests.bench.table import table

BURST = 10_000
"""So many at once, then the client catches up: however slow it is, nothing falls out of the server's memory meanwhile."""

_REST_S = 0.5
"""For the last picture."""


@dataclass(frozen=True, slots=True)
class GrowthPlan:
    """After how many messages, at least one, the memory is looked at."""

    stages: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Stage:
    """What the client held after `messages`, and the seconds and processor time since the stage before."""

    messages: int
    resident_mib: float
    client_cpu_s: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Growth:
    """All stages, the first before any message; and how many messages were not shown."""

    stages: Sequence[Stage]
    missing: int

    @property
    def ratio(self) -> float:
        """What is held at the end, to what was held when the window had filled for the first time."""
        return self.stages[-1].resident_mib / self.stages[1].resident_mib


def measure_growth(plan: GrowthPlan, home: Path, tell: Callable[[str], None]) -> Growth:
    """One client, from the first message to the last; then everything it has shown is counted."""
    with open_scene(home) as scene:
        scene.client.read_for(_REST_S)
        stages = [Stage(0, resident_mib(scene.client.pid), 0.0, 0.0)]
        for messages in plan.stages:
            stage, report = _reach(scene, stages[-1].messages, messages)
            stages.append(stage)
            tell(f"{messages:,} messages: {stage.resident_mib:.1f} MiB")
        return Growth(stages, scene.leave().missing(report.spoken))


def _reach(scene: Scene, shown: int, messages: int) -> tuple[Stage, Report]:
    before = scene.usage()
    while True:
        some = min(BURST, messages - shown)
        report, _ = scene.burst(some)
        shown += some
        if shown >= messages:
            break
    used = scene.usage() - before
    scene.client.read_for(_REST_S)
    return Stage(messages, resident_mib(scene.client.pid), used.client_s, used.seconds), report


def growth_table(growth: Growth) -> str:
    """One row for each stage."""
    headings = ("messages", "RSS MiB", "messages/s", "client CPU µs/message")
    rows = [(f"{growth.stages[0].messages:,}", f"{growth.stages[0].resident_mib:.1f}", "", "")]
    for before, stage in zip(growth.stages, growth.stages[1:], strict=False):
        messages = stage.messages - before.messages
        cost_us = stage.client_cpu_s / messages * 1e6
        rate = messages / stage.seconds
        rows.append((f"{stage.messages:,}", f"{stage.resident_mib:.1f}", f"{rate:,.0f}", f"{cost_us:.1f}"))
    return table(headings, rows)
