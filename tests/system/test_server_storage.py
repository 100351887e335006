"""chat-server and what it keeps its log in: one file for one server, other programs at the file, nobody at its output."""

import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.support.json_client import JsonClient
from tests.support.plain_client import PlainClient
from tests.support.room import OpenRoom
from tests.support.server_process import REPOSITORY, ServerProcess, private_environment, run_server
from tests.support.waiting import DEADLINE_S, STOPPED_S, until


def test_a_second_server_on_the_same_database_by_another_name_is_refused(tmp_path: Path) -> None:
    path, alias = tmp_path / "chat.db", tmp_path / "alias.db"
    alias.symlink_to(path)
    with ServerProcess(tmp_path / "home", "--db", str(path)) as first, JsonClient(first.port) as client:
        second = run_server(tmp_path / "home", "--port", "0", "--db", str(alias))
        assert (second.returncode, second.stdout) == (1, "")
        assert re.fullmatch(r"다른 chat-server가 쓰고 있는 데이터베이스입니다: .+\n", second.stderr)
        client.enter("영희").say_and_wait("첫째는 잘 있습니다")


@contextmanager
def held_by_another_program(database: Path) -> Iterator[None]:
    """As by somebody with a database shell, in the middle of a transaction."""
    with closing(sqlite3.connect(database, isolation_level=None)) as shell:
        shell.execute("BEGIN IMMEDIATE")
        yield
        shell.execute("ROLLBACK")


def test_another_program_that_holds_the_database_only_delays(open_room: OpenRoom, tmp_path: Path) -> None:
    database = tmp_path / "chat.db"
    room = open_room("--db", str(database))
    client = room.json("영희")
    with held_by_another_program(database):
        cid = client.say("기다릴게요")
        until(lambda: "locked by another program" in room.server.stderr)
        assert client.public == []
    client.until(lambda frame: frame.kind == "message" and frame.text("cid") == cid)
    assert room.server.stop() == 0


def test_another_program_that_holds_the_database_does_not_delay_the_end(open_room: OpenRoom, tmp_path: Path) -> None:
    """What could not be written was never said: the server tells so, and its owner too."""
    database = tmp_path / "chat.db"
    room = open_room("--db", str(database))
    client = room.json("영희")
    with held_by_another_program(database):
        client.say("이 말은 남지 않습니다")
        until(lambda: "locked by another program" in room.server.stderr)
        began = time.monotonic()
        assert room.server.stop() == 1
        assert time.monotonic() - began < STOPPED_S
    client.wait_until_closed()
    assert client.public == []
    assert client.frames[-1].fields["code"] == "storage_error"


def test_what_a_plain_client_is_shown_of_the_past_outlives_a_restart(open_room: OpenRoom) -> None:
    before = open_room("--plain-history", "3")
    speaker = before.json("영희")
    for number in range(5):
        speaker.say_and_wait(f"말 {number}")
    assert before.server.stop() == 0
    newcomer = open_room("--plain-history", "3").plain("철수")
    assert newcomer.lines == ["영희> 말 2", "영희> 말 3", "영희> 말 4", "철수님이 입장하셨습니다."]


@contextmanager
def started(command: str, port: int, home: Path) -> Iterator[subprocess.Popen[str]]:
    """chat-server, started by the shell's `command`, with an output that nobody reads."""
    reader, writer = os.pipe()
    os.close(reader)
    home.mkdir()
    process = subprocess.Popen(
        ["sh", "-c", command, "sh", sys.executable, "-m", "server", "--port", str(port), "--memory"],
        cwd=REPOSITORY,
        env=private_environment(home),
        stdin=subprocess.DEVNULL,
        stdout=writer,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    os.close(writer)
    with process:
        try:
            yield process
        finally:
            process.kill()


def answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), DEADLINE_S).close()
    except ConnectionRefusedError:
        return False
    return True


@pytest.mark.parametrize("command", ['exec "$@"', 'exec "$@" >&-'], ids=["nobody at the pipe", "closed"])
def test_a_server_whose_output_nobody_takes_serves_and_ends_as_usual(
    tmp_path: Path, unused_port: int, command: str
) -> None:
    with started(command, unused_port, tmp_path / "home") as server:
        until(lambda: server.poll() is not None or answers(unused_port))
        with PlainClient(unused_port) as client:
            client.enter("영희")
            server.send_signal(signal.SIGTERM)
            _, log = server.communicate(timeout=DEADLINE_S)
            client.wait_until_closed()
    assert client.refusals == ["서버를 끕니다. 잠시 뒤에 다시 접속하세요."]
    assert server.returncode == 0
    assert "Traceback" not in log
    assert "Error" not in log
