"""How much there is to do, and what follows from it: the real processors, and the interpreter's real interval."""

import sys
from collections.abc import Iterator

import pytest

from server.config import BUSY_ROUND, CROWDED_MEMBERS, CROWDED_SWITCH_INTERVAL_S, SWITCH_INTERVAL_S
from server.processors import all_processors, stay_on
from server.workload import Workload


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    processors, interval_s = all_processors(), sys.getswitchinterval()
    yield
    stay_on(processors)
    sys.setswitchinterval(interval_s)


def test_busy_is_a_room_of_large_rounds_until_they_are_small() -> None:
    workload = Workload()
    was_busy = []
    for asks in (BUSY_ROUND - 1, BUSY_ROUND, BUSY_ROUND // 2, 1):
        workload.note_round(asks, 0, may_move=True)
        was_busy.append(workload.is_busy)
    assert was_busy == [False, True, True, False]


def test_threads_take_turns_less_often_in_a_crowded_room() -> None:
    workload = Workload()
    workload.note_round(1, CROWDED_MEMBERS, may_move=True)
    assert sys.getswitchinterval() == pytest.approx(CROWDED_SWITCH_INTERVAL_S)
    workload.note_round(1, CROWDED_MEMBERS - 1, may_move=True)
    assert sys.getswitchinterval() == pytest.approx(SWITCH_INTERVAL_S)


@pytest.mark.skipif(sys.platform != "linux", reason="only there a thread may choose where it runs")
def test_the_rounds_of_a_busy_room_run_where_the_first_one_did() -> None:
    everywhere = all_processors()
    workload = Workload()
    workload.note_round(BUSY_ROUND, 0, may_move=True)
    assert all_processors() == workload.processors
    assert len(workload.processors) == 1
    workload.note_round(1, 0, may_move=True)
    assert all_processors() == workload.processors == everywhere
