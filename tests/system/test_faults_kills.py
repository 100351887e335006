"""The server and its clients are killed, and the log is not what it was: the short forms of `tests.bench.faults`."""

from pathlib import Path

from tests.faults.forms import SHORT


def test_server_that_is_killed_in_a_flood_loses_and_doubles_nothing(tmp_path: Path) -> None:
    outcome = SHORT["server-kills"](tmp_path / "world")
    assert not outcome.wrong, outcome.wrong


def test_client_that_is_killed_between_send_and_echo_has_said_it_exactly_once(tmp_path: Path) -> None:
    outcome = SHORT["client-kills"](tmp_path / "world")
    assert not outcome.wrong, outcome.wrong


def test_restored_backup_is_told_to_everybody_and_nothing_is_skipped_silently(tmp_path: Path) -> None:
    outcome = SHORT["backup"](tmp_path / "world")
    assert not outcome.wrong, outcome.wrong


def test_who_was_away_until_it_was_forgotten_is_told_and_nobody_else_misses_anything(tmp_path: Path) -> None:
    outcome = SHORT["forgetting"](tmp_path / "world")
    assert not outcome.wrong, outcome.wrong
