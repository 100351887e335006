"""Where the client notes down its own faults."""

import logging
import sys
from pathlib import Path

from tui_client.log_file import LogFile


def test_it_is_its_users_and_obeys_nothing_that_a_server_has_sent(tmp_path: Path) -> None:
    log_file = LogFile(tmp_path / "client.log")
    try:
        raise ValueError("\x1b]0;제목\x07\n2026-11-23 10:00:00 가짜\u202e")
    except ValueError:
        record = logging.LogRecord("tui_client", logging.ERROR, "", 0, "실패\x9b2J\ud800", None, sys.exc_info())
    log_file.emit(record)
    log_file.close()
    path = tmp_path / "client.log"
    assert path.stat().st_mode & 0o777 == 0o600
    first, *rest = path.read_text(encoding="utf-8").splitlines()
    assert first == "실패\\x9b2J\\ud800"
    assert all(line.startswith("    ") for line in rest)
    assert rest[-2:] == ["    ValueError: \\x1b]0;제목\\x07", "    2026-11-23 10:00:00 가짜\\u202e"]
