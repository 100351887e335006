"""Many at once, and a clock that jumps: the short forms of `tests.bench.faults`."""

from pathlib import Path

from tests.faults.forms import SHORT


def test_readers_that_stop_hold_up_nobody_and_skip_nothing(tmp_path: Path) -> None:
    outcome = SHORT["stalled-readers"](tmp_path / "world")
    assert not outcome.wrong, outcome.wrong


def test_nickname_that_all_want_at_once_goes_to_one(tmp_path: Path) -> None:
    outcome = SHORT["nickname-race"](tmp_path / "world")
    assert not outcome.wrong, outcome.wrong


def test_all_come_back_at_once_after_a_restart_and_nobody_has_left(tmp_path: Path) -> None:
    outcome = SHORT["stampede"](tmp_path / "world")
    assert not outcome.wrong, outcome.wrong


def test_clock_that_jumps_by_an_hour_changes_no_order_and_ends_nothing(tmp_path: Path) -> None:
    outcome = SHORT["clock"](tmp_path / "world")
    assert not outcome.wrong, outcome.wrong
