"""What an open client costs while its reader does something else: in a silent room, and in one with a message a second."""

import statistics
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from tests.bench.scene import Scene, open_scene
from tests.bench.table import table
from tests.bench.visitors import Visitors

_TURN_S = 0.25


@dataclass(frozen=True, slots=True)
class IdlePlan:
    """In each room there are `people` besides. `calm_s` pass before: the round trip is measured once, the last picture drawn."""

    runs: int
    seconds: float
    calm_s: float
    people: int


@dataclass(frozen=True, slots=True)
class Idling:
    """One run, in percent of one core."""

    silent_percent: float
    chatting_percent: float
    silent_server_percent: float


def measure_idling(plan: IdlePlan, home: Path) -> list[Idling]:
    """Both rooms at the same time, since neither of them does much."""
    return [_measure(plan, home / str(run)) for run in range(plan.runs)]


def _measure(plan: IdlePlan, home: Path) -> Idling:
    with ExitStack() as rooms:
        silent = rooms.enter_context(open_scene(home / "silent"))
        chatting = rooms.enter_context(open_scene(home / "chatting"))
        for room in (silent, chatting):
            visitors = rooms.enter_context(Visitors(room.server.port, room.home / "visitors"))
            visitors.gather(plan.people)
            visitors.come(0.0)
            visitors.arrival()
        chatting.flood.pace(1)
        _let_pass(plan.calm_s, (silent, chatting))
        before = silent.usage(), chatting.usage()
        _let_pass(plan.seconds, (silent, chatting))
        in_silence, in_chat = silent.usage() - before[0], chatting.usage() - before[1]
    return Idling(in_silence.client_percent, in_chat.client_percent, in_silence.server_percent)


def _let_pass(seconds: float, rooms: Sequence[Scene]) -> None:
    deadline_s = time.monotonic() + seconds
    while time.monotonic() < deadline_s:
        for room in rooms:
            room.client.read_for(_TURN_S / len(rooms))


def silent_percent(runs: Sequence[Idling]) -> float:
    """The median."""
    return statistics.median(run.silent_percent for run in runs)


def idling_table(runs: Sequence[Idling]) -> str:
    """Medians of all runs."""
    rows = (
        ("client, silent room", f"{silent_percent(runs):.2f}"),
        ("client, 1 message/s", f"{statistics.median(run.chatting_percent for run in runs):.2f}"),
        ("server, silent room", f"{statistics.median(run.silent_server_percent for run in runs):.2f}"),
    )
    return table(("idle", "CPU %"), rows)
