"""The server and its clients are killed in the middle of everything: the short forms of `tests.bench.faults`."""

from pathlib import Path

from tests.faults import workloads


def test_server_that_is_killed_in_a_flood_loses_and_doubles_nothing(tmp_path: Path) -> None:
    outcome = workloads.server_kills(tmp_path / "world", senders=3, messages=400, readers=4, kills=5)
    assert not outcome.complaint, outcome.complaint


def test_client_that_is_killed_between_send_and_echo_has_said_it_exactly_once(tmp_path: Path) -> None:
    outcome = workloads.client_kills(tmp_path / "world", kills=20)
    assert not outcome.complaint, outcome.complaint


def test_restored_backup_is_told_to_everybody_and_nothing_is_skipped_silently(tmp_path: Path) -> None:
    outcome = workloads.restored_backup(tmp_path / "world", clients=4, messages=20)
    assert not outcome.complaint, outcome.complaint
