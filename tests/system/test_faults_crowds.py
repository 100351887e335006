"""Many at once, and a clock that jumps: the short forms of `tests.bench.faults`."""

from pathlib import Path

from tests.faults import workloads


def test_readers_that_stop_hold_up_nobody_and_skip_nothing(tmp_path: Path) -> None:
    outcome = workloads.stalled_readers(tmp_path / "world", readers=20, stalled=10, calm_s=2, rough_s=10, rate=100)
    assert not outcome.complaint, outcome.complaint


def test_nickname_that_all_want_at_once_goes_to_one(tmp_path: Path) -> None:
    outcome = workloads.nickname_race(tmp_path / "world", threads=200, rounds=10)
    assert not outcome.complaint, outcome.complaint


def test_all_come_back_at_once_after_a_restart_and_nobody_has_left(tmp_path: Path) -> None:
    outcome = workloads.stampede(tmp_path / "world", clients=50, processes=2)
    assert not outcome.complaint, outcome.complaint


def test_clock_that_jumps_by_an_hour_changes_no_order_and_ends_nothing(tmp_path: Path) -> None:
    outcome = workloads.clock_jumps(tmp_path / "world", messages=20)
    assert not outcome.complaint, outcome.complaint
