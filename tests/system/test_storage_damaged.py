"""A log that is damaged, of an older version, or deleted: what the person who runs the server sees, and what is left."""

import os
import re
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from server.log.schema import SCHEMA_VERSION
from tests.support.old_log import write_log
from tests.support.room import OpenRoom
from tests.support.samples import conversation
from tests.support.server_process import REPOSITORY, run_server
from tests.support.tools import need
from tests.support.waiting import until


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "chat.db"


def test_a_damaged_log_is_named_with_what_to_do_and_nothing_is_changed(
    open_room: OpenRoom, log: Path, tmp_path: Path
) -> None:
    room = open_room("--db", str(log))
    speaker = room.json("영희")
    for number in range(500):
        speaker.say(f"{number} {'가' * 200}")
    until(lambda: len(speaker.public) == 500)
    assert room.server.stop() == 0
    with log.open("r+b") as file:
        file.seek(log.stat().st_size // 2)
        file.write(b"\xa5" * 20_000)
    content = log.read_bytes()
    ended = run_server(tmp_path / "home", "--port", "0", "--db", str(log))
    assert (ended.returncode, ended.stdout) == (1, "")
    assert re.fullmatch(r"데이터베이스가 손상되었습니다: \S+ — .*백업.*\n", ended.stderr)
    assert log.read_bytes() == content
    assert sorted(path.name for path in tmp_path.glob("chat.db*")) == ["chat.db", "chat.db.lock"]


def test_a_log_whose_file_is_gone_after_a_crash_is_not_begun_anew(
    open_room: OpenRoom, log: Path, tmp_path: Path
) -> None:
    room = open_room("--db", str(log))
    said = room.json("영희").say_and_wait("남아야 하는 말")
    assert room.server.stop(signal.SIGKILL) == -signal.SIGKILL
    log.rename(tmp_path / "mislaid")
    for options in (["--port", "0"], ["--export", "-"], ["--backup", str(tmp_path / "copy")]):
        ended = run_server(tmp_path / "home", "--db", str(log), *options)
        assert (ended.returncode, ended.stdout) == (1, "")
        assert re.fullmatch(rf"데이터베이스가 없거나 비어 있는데, .*{re.escape(str(log))}-wal .*\n", ended.stderr)
    (tmp_path / "mislaid").rename(log)
    assert said.fields in [one.fields for one in open_room("--db", str(log)).json("민수").whole_history()]


def test_an_old_log_is_brought_up_to_date_and_its_copy_is_kept(open_room: OpenRoom, log: Path) -> None:
    write_log(log, conversation(1, 100), 1)
    room = open_room("--db", str(log))
    client = room.json("철수")
    assert [event.number("seq") for event in client.whole_history()] == list(range(1, 102))
    assert room.server.stop() == 0
    [copy] = log.parent.glob("chat.db.v1-*")
    assert str(copy) in room.server.stderr
    again = open_room("--db", str(copy)).json("철수")  # which can be used as it is
    assert [event.number("seq") for event in again.whole_history()] == list(range(1, 102))


OPEN_AND_CLOSE = (
    "import sys, pathlib; from server.log.sqlite import SqliteStore; SqliteStore(pathlib.Path(sys.argv[1])).close()"
)


def opened_under(log: Path, *faults: str) -> int:
    """The exit code of a program that opens the log and closes it again, while strace does this to it."""
    injections = [part for fault in faults for part in ("-e", f"inject={fault}")]
    strace = [need("strace"), "-f", "-o", os.devnull, *injections]
    python = [sys.executable, "-c", OPEN_AND_CLOSE, str(log)]
    return subprocess.run([*strace, *python], cwd=REPOSITORY, capture_output=True, check=False).returncode


@pytest.mark.parametrize("call", ["pwrite64", "fsync,fdatasync", "?link,linkat"])
def test_a_kill_while_it_is_brought_up_to_date_leaves_one_version_or_the_other(log: Path, call: str) -> None:
    for nth in (1, 2, 3, 5, 8, 13, 21):
        for path in log.parent.glob("chat.db*"):
            path.unlink()
        write_log(log, conversation(1, 100), 1)
        code = opened_under(log, f"{call}:signal=SIGKILL:when={nth}")
        for copy in log.parent.glob("chat.db.v1-????????-??????"):
            assert version_and_count(copy) == (1, 100)
        assert version_and_count(log) in ((1, 100), (SCHEMA_VERSION, 100))
        assert opened_under(log) == 0
        assert version_and_count(log) == (SCHEMA_VERSION, 100)
        if code == 0:
            assert nth > 1
            return  # there are no more calls


def version_and_count(log: Path) -> tuple[int, int]:
    """Of a sound log: its version, and how many events are in it."""
    with closing(sqlite3.connect(log)) as shell:
        assert shell.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        [(version,)] = shell.execute("PRAGMA user_version").fetchall()
        [(count,)] = shell.execute("SELECT count(*) FROM events").fetchall()
        return version, count


def test_a_log_that_is_deleted_under_a_server_is_noticed_and_rescued(open_room: OpenRoom, log: Path) -> None:
    room = open_room("--db", str(log))
    speaker, hearer = room.json("영희"), room.plain("철수")
    speaker.say_and_wait("남아야 하는 말")
    for path in log.parent.glob("chat.db*"):
        path.unlink()
    cid = speaker.say("저장할 곳이 없다")
    assert room.server.wait() == 1
    for client in (speaker, hearer):
        client.wait_until_closed()
    assert speaker.frames[-1].text("code") == "storage_error"
    assert cid not in [event.fields.get("cid") for event in speaker.events]
    [rescued] = log.parent.glob("chat.db.rescued-*")
    assert re.search(rf"지워졌거나 .*{re.escape(str(rescued))}", room.server.stderr)
    rescued.rename(log)
    texts = [one.fields.get("text") for one in open_room("--db", str(log)).json("민수").whole_history()]
    assert "남아야 하는 말" in texts
    assert "저장할 곳이 없다" not in texts


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_log_that_is_deleted_while_nobody_speaks_is_rescued_at_the_end(
    open_room: OpenRoom, log: Path, how: signal.Signals
) -> None:
    room = open_room("--db", str(log))
    room.json("영희").say_and_wait("남아야 하는 말")
    log.unlink()
    assert room.server.stop(how) == 1
    [rescued] = log.parent.glob("chat.db.rescued-*")
    assert re.search(rf"지워졌거나 .*{re.escape(str(rescued))}", room.server.stderr)
    assert version_and_count(rescued)[1] >= 2
