"""chat-server as a program: its options, and what it says when it can't start."""

import contextlib
import os
import re
import socket
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from server.protocol import phrases
from tests.support.json_client import JsonClient
from tests.support.room import OpenRoom
from tests.support.server_process import REPOSITORY, ServerProcess, private_environment, run_server
from tests.support.tools import need
from tests.support.waiting import DEADLINE_S

HANGUL = re.compile("[가-힣]")


def assert_one_sentence(result: subprocess.CompletedProcess[str], *names: str) -> None:
    """What a person gets who can't start the server: what happened and what to do, in one line, nothing of Python."""
    assert result.returncode == 1, result
    lines = result.stderr.splitlines()
    assert len(lines) == 1, result.stderr
    assert HANGUL.search(lines[0])
    assert "Traceback" not in result.stderr
    assert "Error" not in result.stderr
    assert result.stdout == ""
    for name in names:
        assert name in lines[0]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A database that a server has made and left in good order."""
    path = tmp_path / "chat.db"
    with ServerProcess(tmp_path / "home", "--db", str(path)) as server, JsonClient(server.port) as client:
        client.enter("영희").say_and_wait("오래 남을 말")
        server.stop()
    return path


# --- can't start ------------------------------------------------------------------------------------------------------


def test_a_port_in_use_is_one_sentence(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert_one_sentence(run_server(home, "--port", port, "--memory"), port)


def test_a_second_server_on_the_port_of_the_first_is_one_sentence(open_room: OpenRoom, home: Path) -> None:
    port = str(open_room("--memory").server.port)
    assert_one_sentence(run_server(home, "--port", port, "--memory"), port)


@pytest.mark.parametrize("host", ["203.0.113.7", "이런.이름은.없다.invalid", "no-such-host.invalid"])
def test_an_address_that_is_not_ours_is_one_sentence(home: Path, host: str) -> None:
    assert_one_sentence(run_server(home, "--host", host, "--port", "0", "--memory"), host)


@pytest.mark.parametrize("had", range(6))
def test_a_start_without_enough_threads_is_one_sentence(home: Path, tmp_path: Path, had: int) -> None:
    """However many there were before there were no more; and what was begun with them ends."""
    home.mkdir()
    fault = f"inject=clone,clone3:error=EAGAIN:when={had + 1}+"
    strace = [need("strace"), "-f", "-o", os.devnull, "-e", "trace=clone,clone3", "-e", fault]
    ended = subprocess.run(
        [*strace, sys.executable, "-m", "server", "--port", "0", "--db", tmp_path / "chat.db"],
        cwd=REPOSITORY,
        env=private_environment(home),
        capture_output=True,
        encoding="utf-8",
        timeout=DEADLINE_S,
        check=False,
    )
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.splitlines()[-1] == phrases.NO_THREADS
    assert "Traceback" not in ended.stderr


def test_a_folder_for_a_database_is_one_sentence(home: Path, tmp_path: Path) -> None:
    assert_one_sentence(run_server(home, "--port", "0", "--db", str(tmp_path)), str(tmp_path))


def test_a_database_below_a_file_is_one_sentence(home: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("나는 폴더가 아니다", encoding="utf-8")
    path = str(tmp_path / "file" / "chat.db")
    assert_one_sentence(run_server(home, "--port", "0", "--db", path), path)


def test_a_text_for_a_database_is_one_sentence_and_is_left_alone(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "일기.txt"
    path.write_text("오늘은 맑음\n" * 1000, encoding="utf-8")
    assert_one_sentence(run_server(home, "--port", "0", "--db", str(path)), str(path))
    assert path.read_text(encoding="utf-8") == "오늘은 맑음\n" * 1000


def test_somebody_else_s_database_is_one_sentence_and_is_left_alone(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with contextlib.closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE recipes (name TEXT)")
        other.commit()
    before = path.read_bytes()
    assert_one_sentence(run_server(home, "--port", "0", "--db", str(path)), str(path))
    assert path.read_bytes() == before


def test_a_database_of_a_newer_version_is_one_sentence(home: Path, database: Path) -> None:
    with contextlib.closing(sqlite3.connect(database)) as newer:
        newer.execute("PRAGMA user_version = 9999")
    assert_one_sentence(run_server(home, "--port", "0", "--db", str(database)), str(database))


def test_a_damaged_database_is_one_sentence(home: Path, database: Path) -> None:
    with database.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (database.stat().st_size - 4096))
    assert_one_sentence(run_server(home, "--port", "0", "--db", str(database)), str(database))


def test_the_second_server_on_one_database_refuses(tmp_path: Path, home: Path) -> None:
    path = str(tmp_path / "chat.db")
    with ServerProcess(home, "--db", path) as first, JsonClient(first.port) as client:
        assert_one_sentence(run_server(home, "--port", "0", "--db", path), path)
        client.enter("영희").say_and_wait("첫째는 잘 있습니다")


def test_a_server_that_could_not_start_leaves_no_server_behind(home: Path, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        run_server(home, "--port", str(taken.getsockname()[1]), "--db", str(tmp_path / "chat.db"))
    with ServerProcess(home, "--db", str(tmp_path / "chat.db")) as server:
        assert server.stop() == 0


# --- options ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "options",
    [
        ["--port", "99999"],
        ["--port", "-1"],
        ["--port", "abc"],
        ["--port"],
        ["--plain-history", "-1"],
        ["--plain-history", "많이"],
        ["--exit-when-idle", "-1"],
        ["--exit-when-idle", "nan"],
        ["--max-clients", "0"],
        ["--log-level", "크게"],
        ["--memory", "--db", "x.db"],
        ["--no-such-option"],
        ["영희"],
    ],
    ids=" ".join,
)
def test_a_wrong_option_is_explained_in_korean(home: Path, options: list[str]) -> None:
    result = run_server(home, *options)
    assert result.returncode == 2, result
    assert HANGUL.search(result.stderr)
    assert "Traceback" not in result.stderr
    for english in ("usage", "error:", "invalid", "argument", "expected", "unrecognized", "not allowed", "choose"):
        assert english not in result.stderr
    assert result.stdout == ""


def test_help_is_korean_and_names_every_option(home: Path) -> None:
    result = run_server(home, "--help")
    assert (result.returncode, result.stderr) == (0, "")
    for option in ("--host", "--port", "--db", "--memory", "--plain-history", "--exit-when-idle", "--max-clients"):
        assert option in result.stdout
    for option in ("--log-level", "--version", "--help", "12345", "127.0.0.1"):
        assert option in result.stdout
    for english in ("usage", "options:", "show this", "exit", "positional"):
        assert english not in result.stdout.replace("--exit-when-idle", "")


def test_help_is_korean_where_the_locale_is_not(home: Path) -> None:
    result = run_server(home, "--help", environment={"LC_ALL": "C", "LANG": "C"})
    assert result.returncode == 0
    assert HANGUL.search(result.stdout)


def test_the_version_is_told(home: Path) -> None:
    result = run_server(home, "--version")
    assert result.returncode == 0
    assert re.search(r"\d+\.\d+\.\d+", result.stdout)
