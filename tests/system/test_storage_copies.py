"""Exports, backups and forgetting, as whoever runs the server asks for them on the command line, while it runs."""

import json
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Event as Flag
from threading import Thread

import pytest

from tests.support.json_client import Frame, JsonClient
from tests.support.room import OpenRoom
from tests.support.server_process import REPOSITORY, private_environment, run_server
from tests.support.waiting import until

LOG_FILES = [f"chat.db{suffix}" for suffix in ("", "-shm", "-wal", ".lock")]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "chat.db"


@contextmanager
def chatter(client: JsonClient) -> Iterator[None]:
    """Somebody speaks all the time."""
    stop = Flag()

    def speak() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            client.say_and_wait(f"말 {number} {'가' * 300}")

    thread = Thread(target=speak)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def exported(text: str) -> list[Frame]:
    return [Frame(json.loads(line)) for line in text.splitlines()]


def numbers(events: list[Frame]) -> list[int]:
    return [event.number("seq") for event in events]


# --- export -----------------------------------------------------------------------------------------------------------


def test_an_export_holds_everything_as_it_was_sent(open_room: OpenRoom, log: Path, tmp_path: Path) -> None:
    room = open_room("--db", str(log))
    speaker, other = room.json("영희"), room.plain("철수")
    speaker.say_and_wait("줄\n둘")
    speaker.whisper("철수", "비밀")
    other.wait_for_line("[귓속말] 영희> 비밀")
    running = run_server(tmp_path / "home", "--db", str(log), "--export", "-")
    assert (running.returncode, running.stderr) == (0, "")
    assert [event.fields for event in exported(running.stdout)] == [event.fields for event in speaker.events]
    assert room.server.stop() == 0
    stopped = run_server(tmp_path / "home", "--db", str(log), "--export", str(tmp_path / "chat.jsonl"))
    assert (stopped.returncode, stopped.stderr) == (0, "")
    assert "4건" in stopped.stdout
    assert (tmp_path / "chat.jsonl").read_text(encoding="utf-8") == running.stdout
    assert stat.S_IMODE((tmp_path / "chat.jsonl").stat().st_mode) == 0o600


def test_an_export_of_a_room_that_talks_has_no_gap(open_room: OpenRoom, log: Path, tmp_path: Path) -> None:
    room = open_room("--db", str(log))
    with chatter(room.json("영희")):
        last = 0
        for _ in range(3):
            events = exported(run_server(tmp_path / "home", "--db", str(log), "--export", "-").stdout)
            assert numbers(events) == list(range(1, len(events) + 1))
            assert len(events) > last
            last = len(events)


def test_an_export_whose_reader_has_had_enough_ends_quietly(open_room: OpenRoom, log: Path, tmp_path: Path) -> None:
    speaker = open_room("--db", str(log)).json("영희")
    for number in range(300):
        speaker.say(f"{number} {'가' * 1000}")
    until(lambda: len(speaker.public) == 300)
    export = subprocess.Popen(
        [sys.executable, "-m", "server", "--db", str(log), "--export", "-"],
        cwd=REPOSITORY,
        env=private_environment(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert export.stdout is not None
    assert export.stderr is not None
    assert export.stdout.readline().startswith(b'{"t":"joined"')
    export.stdout.close()
    assert export.stderr.read() == b""
    assert export.wait() == 1
    export.stderr.close()


def run_in_shell(tmp_path: Path, log: Path, words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", "-c", f'exec "$0" -m server --db "$1" {words}', sys.executable, str(log)],
        cwd=REPOSITORY,
        env=private_environment(tmp_path / "home"),
        stderr=subprocess.PIPE,
        encoding="utf-8",
        check=False,
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no output here that is full")
@pytest.mark.parametrize("output", [">/dev/full", ">&-"])
def test_an_output_that_takes_nothing_is_said(open_room: OpenRoom, log: Path, tmp_path: Path, output: str) -> None:
    open_room("--db", str(log)).json("영희").say_and_wait("안녕")
    ended = run_in_shell(tmp_path, log, f"--export - {output}")
    assert (ended.returncode, ended.stderr) == (
        1,
        "파일을 쓸 수 없습니다: 표준 출력 — 폴더와 권한, 남은 공간을 확인하세요.\n",
    )
    copied = run_in_shell(tmp_path, log, f"--backup {tmp_path / 'copy'} {output}")
    assert copied.returncode == 0  # it is there, though nobody heard of it
    assert "Traceback" not in copied.stderr
    assert "Exception" not in copied.stderr


@pytest.mark.parametrize("option", ["--export", "--backup"])
def test_it_is_said_which_of_two_files_is_the_trouble(tmp_path: Path, option: str) -> None:
    file = tmp_path / "file"
    file.touch()
    ended = run_server(tmp_path / "home", "--db", str(file / "chat.db"), option, str(tmp_path / "copy"))
    assert ended.returncode == 1
    assert ended.stderr.startswith(f"데이터베이스를 열거나 쓸 수 없습니다: {file / 'chat.db'} — ")


@pytest.mark.parametrize("option", ["--db", "--export", "--backup"])
@pytest.mark.parametrize("path", ["/", ".", ""])
def test_what_is_no_name_of_a_file_is_said(tmp_path: Path, option: str, path: str) -> None:
    ended = run_server(tmp_path / "home", "--port", "0", option, path)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith(f"{option}: '{path}' 대신 파일 이름을 적으세요.\n")


@pytest.mark.parametrize("option", ["--export", "--backup"])
def test_nothing_is_overwritten_and_nothing_is_left_half_done(
    open_room: OpenRoom, log: Path, tmp_path: Path, option: str
) -> None:
    open_room("--db", str(log)).json("영희")
    target = tmp_path / "there"
    target.write_text("소중한 것")
    refused = run_server(tmp_path / "home", "--db", str(log), option, str(target))
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.startswith(f"이미 있는 파일입니다: {target}")
    assert target.read_text() == "소중한 것"
    nowhere = run_server(tmp_path / "home", "--db", str(log), option, str(tmp_path / "none" / "a"))
    assert nowhere.stderr.startswith("파일을 쓸 수 없습니다: ")
    nothing = run_server(tmp_path / "home", "--db", str(tmp_path / "none.db"), option, str(tmp_path / "b"))
    assert nothing.stderr.startswith(f"데이터베이스가 없습니다: {tmp_path / 'none.db'}")
    assert sorted(path.name for path in tmp_path.iterdir()) == [*LOG_FILES, "home", "there"]


@pytest.mark.parametrize(
    "options",
    [
        ["--export", "-", "--memory"],
        ["--memory", "--keep", "90일"],
        ["--keep", "90"],
        ["--keep", "9만일"],
        ["--backup", "-"],
    ],
)
def test_what_makes_no_sense_is_said(tmp_path: Path, options: list[str]) -> None:
    ended = run_server(tmp_path / "home", "--port", "0", *options)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith(("--memory: ", "--keep: ", "--backup: "))


# --- backup -----------------------------------------------------------------------------------------------------------


def test_a_backup_of_a_room_that_talks_is_whole(open_room: OpenRoom, log: Path, tmp_path: Path) -> None:
    room = open_room("--db", str(log))
    with chatter(room.json("영희")):
        for number in range(3):
            copy = tmp_path / f"backup-{number}.db"
            made = run_server(tmp_path / "home", "--db", str(log), "--backup", str(copy))
            assert (made.returncode, made.stderr) == (0, "")
            assert stat.S_IMODE(copy.stat().st_mode) == 0o600
            with closing(sqlite3.connect(copy)) as shell:
                assert shell.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
                first, last, count = shell.execute("SELECT min(seq), max(seq), count(*) FROM events").fetchone()
            assert (first, last) == (1, count)


def test_a_damaged_log_is_not_backed_up_as_if_it_were_sound(open_room: OpenRoom, log: Path, tmp_path: Path) -> None:
    room = open_room("--db", str(log))
    speaker = room.json("영희")
    for number in range(500):
        speaker.say(f"{number} {'가' * 200}")
    until(lambda: len(speaker.public) == 500)
    room.server.stop()
    with log.open("r+b") as file:
        file.seek(log.stat().st_size // 2)
        file.write(b"\xa5" * 20_000)
    made = run_server(tmp_path / "home", "--db", str(log), "--backup", str(tmp_path / "backup.db"))
    assert (made.returncode, made.stdout) == (1, "")
    assert made.stderr.startswith("데이터베이스가 손상되었습니다: ")
    assert not list(tmp_path.glob("backup.db*"))


def resume(client: JsonClient, nick: str, epoch: str, seq: int) -> Frame:
    client.send(t="hello", v=1, nick=nick, client=client.secret, resume={"epoch": epoch, "seq": seq})
    return client.until(lambda frame: frame.kind == "welcome")


def test_after_an_old_backup_was_put_back_everybody_starts_afresh(
    open_room: OpenRoom, log: Path, tmp_path: Path
) -> None:
    room = open_room("--db", str(log))
    client, idle = room.json("영희"), room.json("철수")
    epoch = client.until(lambda frame: frame.kind == "welcome").text("epoch")
    kept = client.say_and_wait("백업에 있다")
    run_server(tmp_path / "home", "--db", str(log), "--backup", str(tmp_path / "backup.db"))
    for number in range(5):
        lost = client.say_and_wait(f"백업에 없다 {number}")
    room.server.stop()
    (tmp_path / "backup.db").replace(log)
    again = open_room("--db", str(log))
    other = again.json("민수")
    for number in range(9):  # other events under the same numbers
        other.say_and_wait(f"새 말 {number}")
    seen_more = resume(again.json_stranger(secret=client.secret), "영희", epoch, lost.number("seq"))
    assert seen_more.truth("fresh")
    seen_less = resume(again.json_stranger(secret=idle.secret), "철수", epoch, kept.number("seq"))
    assert not seen_less.has("fresh")
    assert seen_less.number("replay_from") == kept.number("seq") + 1


# --- keeping ----------------------------------------------------------------------------------------------------------


def test_what_is_no_longer_kept_is_gone_and_that_is_told(open_room: OpenRoom, log: Path) -> None:
    before = open_room("--db", str(log))
    client = before.json("영희")
    epoch = client.until(lambda frame: frame.kind == "welcome").text("epoch")
    first = client.say_and_wait("첫마디", cid="first")
    for number in range(2000):
        client.say(f"말 {number}")
    until(lambda: len(client.public) == 2001)
    assert not client.history(5).has("begins")
    before.server.stop()

    room = open_room("--db", str(log), "--keep", "1000개")
    back = room.json_stranger(secret=client.secret)
    until(lambda: "the log begins with" in room.server.stderr)
    welcome = resume(back, "영희", epoch, first.number("seq"))
    assert not welcome.has("fresh")
    begins = welcome.number("replay_from")
    assert begins == 2002 - 1000 + 1
    assert numbers(back.whole_history())[0] == begins
    oldest = back.history(begins + 5)
    assert (oldest.truth("more"), oldest.number("begins")) == (False, begins)
    assert not back.history(begins + 500, 10).has("begins")

    echo = back.say_and_wait("첫마디", cid="first")  # that it stood is known for good
    assert echo.number("seq") == first.number("seq")
    back.say("다른 말", cid="first")
    back.refused("cid_conflict")
