"""Many members who join within a second, while somebody types: the real app and server, and a third process from which they come.

A stutter is what its user would see: the longest time for which the screen's thread did one thing only, and nothing was answered or
drawn. Whether everybody came is asked of the real client at the end: its list of members, and the folded rows of its log.
"""

import re
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tests.bench.conversation import READER, SPEAKERS
from tests.bench.heartbeat import longest_ms
from tests.bench.latency import percentile, type_letters
from tests.bench.scene import SERVER_OPTIONS, Scene, open_scene
from tests.bench.table import table
from tests.bench.tally import Tally
from tests.bench.visitors import HOST, Visitors

_ROOM = ("--max-clients", "4000")
_NAMED = 3
"""So many are called by name in a row that tells of more than it names."""

_CALM_S = 1.0
_MIN_PAUSE_S, _MAX_PAUSE_S = 0.01, 0.03
"""Between two keys: as fast as it goes, so that a second has many."""


@dataclass(frozen=True, slots=True)
class JoiningPlan:
    """`people` are let in evenly within `seconds`."""

    runs: int
    people: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Joining:
    """One run. `joined_in_s` is from the first nickname said to the last joining told."""

    people: int
    joined_in_s: float
    echoes_ms: Sequence[float]
    longest_block_ms: float
    behind_ms: float
    """How long after a word said behind all of them it stood on the screen."""
    wrong: int
    """Who is not in the list, or is and shouldn't be; and by how many people the rows of the log tell too many or too few."""
    client_cpu_s: float
    server_cpu_s: float
    queued_s: float


def measure_joining(plan: JoiningPlan, home: Path) -> list[Joining]:
    return [_measure(plan, run, home / str(run)) for run in range(plan.runs)]


def _measure(plan: JoiningPlan, seed: int, home: Path) -> Joining:
    with (
        open_scene(home, (*SERVER_OPTIONS, *_ROOM), beats=True) as scene,
        Visitors(scene.server.port, home / "visitors") as visitors,
    ):
        visitors.gather(plan.people)
        scene.client.read_for(_CALM_S)
        before = scene.usage()
        visitors.come(plan.seconds)
        echoes_ms = [echo_s * 1000 for echo_s in _type_until_all_are_in(scene, visitors, seed)]
        arrival = visitors.arrival()
        _, behind_s = scene.burst(0)
        after = scene.usage()
        tally = scene.leave()
    used = after - before
    return Joining(
        people=len(arrival.nicks),
        joined_in_s=arrival.seconds,
        echoes_ms=echoes_ms,
        longest_block_ms=longest_ms(tally.blocks, arrival.last_at_s - arrival.seconds, after.seconds),
        behind_ms=behind_s * 1000,
        wrong=count_wrong(tally, {READER, HOST, *SPEAKERS, *arrival.nicks}),
        client_cpu_s=used.client_s,
        server_cpu_s=used.server_s,
        queued_s=used.queued_s,
    )


def _type_until_all_are_in(scene: Scene, visitors: Visitors, seed: int) -> Iterator[float]:
    for echo_s in type_letters(scene, Random(seed), _MIN_PAUSE_S, _MAX_PAUSE_S):
        yield echo_s
        if visitors.have_come:
            return


def count_wrong(tally: Tally, present: set[str]) -> int:
    """See `Joining.wrong`; `present` are all who must be there."""
    return len(present.symmetric_difference(tally.members)) + abs(len(present) - sum(map(people_told, tally.rows)))


def people_told(row: str) -> int:
    """How many came in, as a row of the log tells it: a few by name, or some by name and the number of all others."""
    told = re.search(r"^([^>]*?)(?: 외 ([\d,]+)명이|님이) (?:들어왔|입장하셨)습니다", row)
    if told is None:
        return 0
    return len(told[1].split(", ")) + int((told[2] or "0").replace(",", ""))


def joining_table(runs: Sequence[Joining]) -> str:
    """Medians; of what must not be, the worst."""
    headings = ("people", "in s", "keys", "p50 ms", "p95 ms", "max ms", "longest block ms", "behind ms", "wrong")
    row = (
        f"{runs[0].people:,}",
        f"{statistics.median(run.joined_in_s for run in runs):.2f}",
        f"{sum(len(run.echoes_ms) for run in runs):,}",
        f"{statistics.median(percentile(run.echoes_ms, 0.5) for run in runs):.1f}",
        f"{joining_p95_ms(runs):.1f}",
        f"{max(max(run.echoes_ms) for run in runs):.1f}",
        f"{longest_block_ms(runs):.1f}",
        f"{statistics.median(run.behind_ms for run in runs):.0f}",
        f"{wrong(runs):,}",
        f"{statistics.median(run.client_cpu_s for run in runs):.2f}",
        f"{statistics.median(run.server_cpu_s for run in runs):.2f}",
        f"{statistics.median(run.queued_s for run in runs):.2f}",
    )
    return table((*headings, "client CPU s", "server CPU s", "queued s"), [row])


def joining_p95_ms(runs: Sequence[Joining]) -> float:
    """Of all keys of all runs: there are not many in each."""
    return percentile([echo_ms for run in runs for echo_ms in run.echoes_ms], 0.95)


def longest_block_ms(runs: Sequence[Joining]) -> float:
    return max(run.longest_block_ms for run in runs)


def wrong(runs: Sequence[Joining]) -> int:
    """In all runs together."""
    return sum(run.wrong for run in runs)
