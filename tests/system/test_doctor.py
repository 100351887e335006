"""`chat-tui --doctor` as it is run: in tmux, without a terminal, with and without a server; it changes nothing and nobody sees it."""

import os
import signal
import subprocess
import termios
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.app import CLIENT, servers_below
from tests.support.process_client import ProcessClient
from tests.support.room import Room
from tests.support.server_process import REPOSITORY, private_environment
from tests.support.tmux import Tmux
from tests.support.waiting import DEADLINE_S, until


def run_doctor(home: Path, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    home.mkdir(exist_ok=True)
    return subprocess.run(
        [*CLIENT, "--doctor", *options],
        cwd=REPOSITORY,
        env=private_environment(home) | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=DEADLINE_S,
        check=False,
    )


def test_a_good_server_is_recognised_and_nobody_in_it_notices(room: Room, tmp_path: Path) -> None:
    witness = room.plain("철수")
    result = run_doctor(tmp_path / "doctor", "--port", str(room.server.port))
    assert (result.returncode, result.stderr) == (0, "")
    assert "속삭 서버가 답합니다 (프로토콜 1판)" in result.stdout
    assert "터미널이 아니어서" in result.stdout
    witness.speak("누가 왔나요?")
    witness.wait_for_line("철수> 누가 왔나요?")
    assert witness.lines == ["철수님이 입장하셨습니다.", "철수> 누가 왔나요?"]


def test_a_server_that_is_not_there_is_a_problem(tmp_path: Path, unused_port: int) -> None:
    result = run_doctor(tmp_path / "doctor", "--port", str(unused_port))
    assert (result.returncode, result.stderr) == (1, "")
    assert "✗ 문제  서버" in result.stdout
    assert "문제가 1개 있습니다." in result.stdout


def test_nothing_is_made_and_no_server_started(tmp_path: Path) -> None:
    home = tmp_path / "doctor"
    run_doctor(home)
    assert list(home.iterdir()) == []
    assert servers_below(tmp_path) == []


@pytest.mark.parametrize(
    "environment",
    [{"TERM": ""}, {"TERM": "no-such-terminal"}, {"LC_ALL": "C"}, {"HOME": "", "XDG_STATE_HOME": ""}, {"TMUX": "x"}],
    ids=str,
)
def test_no_environment_is_a_traceback(tmp_path: Path, unused_port: int, environment: dict[str, str]) -> None:
    result = run_doctor(tmp_path / "doctor", "--port", str(unused_port), **environment)
    assert (result.returncode, result.stderr) == (1, "")


@pytest.mark.parametrize("closed", ["<&-", "<&- >&-", "<&- >&- 2>&-"])
def test_closed_streams_are_no_traceback(tmp_path: Path, unused_port: int, closed: str) -> None:
    result = subprocess.run(
        ["sh", "-c", f'"$@" {closed}', "sh", *CLIENT, "--doctor", "--port", str(unused_port)],
        cwd=REPOSITORY,
        env=private_environment(tmp_path),
        capture_output=True,
        encoding="utf-8",
        timeout=DEADLINE_S,
        check=False,
    )
    assert (result.returncode, result.stderr) == (1, "")


def test_options_that_exclude_each_other_are_explained(tmp_path: Path) -> None:
    result = run_doctor(tmp_path / "doctor", "--line")
    assert result.returncode == 2
    assert "함께 쓸 수 없습니다" in result.stderr


# --- terminals --------------------------------------------------------------------------------------------------------


def test_tmux_is_examined_and_left_as_it_was(room: Room, tmp_path: Path) -> None:
    command = [*CLIENT, "--doctor", "--port", str(room.server.port)]
    with Tmux(command, columns=100, rows=50, environment=private_environment(tmp_path)) as app:
        assert app.wait_for_exit() == 0
        screen = app.screen
        notes = Path(app._folder.name)
        assert (notes / "after").read_text(encoding="ascii") == (notes / "before").read_text(encoding="ascii")
    for good in ("'한' 2칸", "'😀' 2칸", "'…·' 2칸", "속삭 서버가 답합니다", "tmux", "100×50"):
        assert any(good in line and "✓ 좋음" in line for line in screen.splitlines()), screen
    for copied in ("set -g focus-events on", "set -s escape-time 10"):
        assert any(line.strip() == copied for line in screen.splitlines()), screen
    assert "문제는 없고" in screen


def test_a_terminal_that_never_answers_is_waited_for_three_seconds_at_most(tmp_path: Path, unused_port: int) -> None:
    home = ["env", f"HOME={tmp_path}", "TERM=xterm-256color"]
    with ProcessClient([*home, *CLIENT, "--doctor", "--port", str(unused_port)], terminal=True) as doctor:
        doctor.wait_until_ended(8)
        assert any("알 수 없습니다" in line for line in doctor.lines)
        assert not any("Traceback" in line for line in doctor.lines)


@pytest.fixture
def silent_terminal() -> Iterator[int]:
    """A pty on whose far side nobody answers."""
    outer, inner = os.openpty()
    yield inner
    os.close(outer)
    os.close(inner)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=str)
def test_whoever_interrupts_it_gets_the_terminal_back(
    tmp_path: Path, silent_terminal: int, number: signal.Signals, code: int
) -> None:
    inner = silent_terminal
    before = termios.tcgetattr(inner)
    environment = private_environment(tmp_path) | {"TERM": "xterm-256color"}
    with subprocess.Popen(
        [*CLIENT, "--doctor"], cwd=REPOSITORY, env=environment, stdin=inner, stdout=inner, stderr=subprocess.PIPE
    ) as doctor:
        until(lambda: termios.tcgetattr(inner) != before, what="it to ask")
        doctor.send_signal(number)
        assert doctor.wait(DEADLINE_S) == code
        assert doctor.stderr is not None
        assert doctor.stderr.read() == b""
    assert termios.tcgetattr(inner) == before
