"""A server in the background when there is none: with a small stand-in that obeys the test, and once with the real one."""

import os
import signal
import socket
import stat
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.support.json_client import JsonClient
from tests.support.scripted_server import ScriptedServer, unused_port
from tests.support.waiting import DEADLINE_S, until
from tui_client import strings
from tui_client.local_server import (
    LOG_NAME,
    MAX_LOG_BYTES,
    AlreadyRunning,
    Failed,
    LocalServer,
    Started,
    ensure_running,
    server_command,
)

HOST = "127.0.0.1"

STAND_IN = """
import os, socket, sys, time
host, port, folder = sys.argv[1:]
open(os.path.join(folder, f"pid-{os.getpid()}"), "w").close()
listening = socket.socket()
listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
try:
    listening.bind((host, int(port)))
except OSError:
    sys.exit("포트가 쓰이고 있습니다.")
listening.listen()
print("기다립니다.", flush=True)
listening.settimeout(60)
while True:
    listening.accept()[0].close()
"""


def stand_in(host: str, port: int, folder: Path) -> Sequence[str]:
    return (sys.executable, "-c", STAND_IN, host, str(port), str(folder))


def saying(code: str) -> tuple[str, ...]:
    return (sys.executable, "-c", code)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A state folder that isn't there yet; stand-ins that were started for it are ended."""
    made = tmp_path / "state" / "soksak"
    yield made
    for pid in pids(made):
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def pids(folder: Path) -> list[int]:
    """Of those stand-ins that still run."""
    return [pid for marker in folder.glob("pid-*") if runs(pid := int(marker.name.removeprefix("pid-")))]


def runs(pid: int) -> bool:
    try:
        return os.waitpid(pid, os.WNOHANG) == (0, 0)
    except ChildProcessError:  # reaped already when the next process was started
        return False


def ensure(port: int, folder: Path) -> LocalServer:
    return ensure_running(HOST, port, folder, threading.Event(), stand_in)


def test_server_is_started_when_nobody_listens(folder: Path) -> None:
    port = unused_port()
    assert ensure(port, folder) == Started(folder / LOG_NAME)
    socket.create_connection((HOST, port), DEADLINE_S).close()
    assert (folder / LOG_NAME).read_text(encoding="utf-8") == "기다립니다.\n"


def test_server_that_runs_already_is_used(folder: Path) -> None:
    with ScriptedServer() as server:
        assert ensure(server.port, folder) == AlreadyRunning()
    assert not folder.exists()


def test_server_outlives_the_terminal_of_who_started_it(folder: Path) -> None:
    ensure(unused_port(), folder)
    (pid,) = pids(folder)
    assert os.getsid(pid) == pid


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_folder_and_what_the_server_makes_are_private(folder: Path) -> None:
    ensure(unused_port(), folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    modes = {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()}
    assert len(list(folder.iterdir())) == 2
    assert modes == {0o600}


def test_clients_that_start_at_once_find_one_server(folder: Path) -> None:
    port, together = unused_port(), threading.Barrier(4)
    found: list[LocalServer] = []

    def start() -> None:
        together.wait()
        found.append(ensure(port, folder))

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert all(isinstance(one, Started | AlreadyRunning) for one in found), found
    until(lambda: len(pids(folder)) == 1)


def test_rival_that_was_quicker_is_found_after_our_own_server_has_given_up(folder: Path) -> None:
    with ScriptedServer() as reserved:
        port = reserved.port
    rivals: list[ScriptedServer] = []

    def lose(host: str, port: int, folder: Path) -> Sequence[str]:
        rivals.append(ScriptedServer(port))
        return saying("raise SystemExit(1)")

    found = ensure_running(HOST, port, folder, threading.Event(), lose)
    rivals[0].close()
    assert isinstance(found, Started | AlreadyRunning)


def test_server_that_ends_at_once_is_told_with_its_last_words(folder: Path) -> None:
    def fail(host: str, port: int, folder: Path) -> Sequence[str]:
        return saying("import sys; sys.exit('먼저\\n데이터베이스가 아닙니다.\\x1b')")

    found = ensure_running(HOST, unused_port(), folder, threading.Event(), fail)
    assert found == Failed(strings.server_ended("데이터베이스가 아닙니다.␛", str(folder / LOG_NAME)))


def test_program_that_cannot_be_run_is_told(folder: Path) -> None:
    found = ensure_running(HOST, unused_port(), folder, threading.Event(), lambda *_: ("/nowhere/python",))
    assert isinstance(found, Failed)


def test_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert isinstance(ensure(unused_port(), tmp_path / "file" / "soksak"), Failed)


def test_waiting_ends_when_the_client_leaves(folder: Path) -> None:
    stop, started = threading.Event(), time.monotonic()
    stop.set()
    ensure_running(HOST, unused_port(), folder, stop, lambda *_: saying("input()"))
    assert time.monotonic() - started < 2


def test_long_log_is_put_aside_and_a_short_one_goes_on(folder: Path) -> None:
    folder.mkdir(parents=True)
    log = folder / LOG_NAME
    log.write_bytes(b"x" * (MAX_LOG_BYTES + 1))
    ensure(unused_port(), folder)
    ensure(unused_port(), folder)
    assert log.read_text(encoding="utf-8") == "기다립니다.\n" * 2
    assert (folder / f"{LOG_NAME}.1").stat().st_size == MAX_LOG_BYTES + 1


def test_real_server_is_started_whatever_folder_the_user_is_in(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "server.py").write_text("raise SystemExit('not this one')")
    monkeypatch.chdir(tmp_path)
    port = unused_port()
    found = ensure_running(HOST, port, folder, threading.Event(), lambda *where: (*server_command(*where)[:-1], "1"))
    assert isinstance(found, Started), found
    with JsonClient(port) as client:
        client.enter("영희")
    # A connection to see whether it is gone would keep it: it takes its database's write-ahead log along when it ends.
    assert (folder / "soksak.db-wal").exists()
    until(lambda: not (folder / "soksak.db-wal").exists())
