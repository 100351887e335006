"""`chat-tui --line` as scripts and people run it: real pipes, real terminals, a real server, netcat as the witness."""

import contextlib
import os
import signal
import subprocess
import sys
import termios
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.support.app import CLIENT, servers_below
from tests.support.plain_client import PlainClient
from tests.support.process_client import ProcessClient
from tests.support.pseudo_terminal import PseudoTerminal
from tests.support.room import OpenRoom, Room
from tests.support.server_process import REPOSITORY, ServerProcess, private_environment
from tests.support.tmux import Tmux
from tests.support.waiting import DEADLINE_S, until
from tests.system.test_tmux_server import local_home  # noqa: F401 - a fixture
from tui_client import strings

MANY = 2_000
LONG_S = 60.0


class Script:
    """`… | chat-tui --line > out 2> err`, with a pipe or a file for its input."""

    def __init__(
        self, home: Path, *options: str, input_file: Path | None = None, program: Sequence[str] = CLIENT
    ) -> None:
        home.mkdir(parents=True, exist_ok=True)
        self._paths = (home / "out", home / "err")
        with contextlib.ExitStack() as files:
            out, err = (files.enter_context(path.open("wb")) for path in self._paths)
            source = files.enter_context(input_file.open("rb")) if input_file else subprocess.PIPE
            self.process = subprocess.Popen(
                [*program, *options, "--line"],
                cwd=REPOSITORY,
                env=private_environment(home),
                stdin=source,
                stdout=out,
                stderr=err,
            )

    def feed(self, text: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(text.encode())
        self.process.stdin.flush()

    def finish_input(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        if self.process.stdin is not None:
            self.process.stdin.close()
        self.process.wait()

    @property
    def shown(self) -> list[str]:
        """While it still writes, the last character may be half written."""
        return self._paths[0].read_text(encoding="utf-8", errors="replace").splitlines()

    @property
    def notices(self) -> list[str]:
        return self._paths[1].read_text(encoding="utf-8").splitlines()

    @property
    def messages(self) -> list[str]:
        return [line for line in self.shown if not line.endswith("하셨습니다.")]

    def ends_with(self, code: int, timeout_s: float = DEADLINE_S) -> None:
        assert self.process.wait(timeout_s) == code, self.notices


class StartScript:
    """Starts scripts that are gone when the test ends; each has its own home folder unless told otherwise."""

    def __init__(self, folder: Path) -> None:
        self.scripts: list[Script] = []
        self._folder = folder

    def __call__(self, *options: str, input_file: Path | None = None, program: Sequence[str] = CLIENT) -> Script:
        home = self._folder / f"script {len(self.scripts)}"
        script = Script(home, *options, input_file=input_file, program=program)
        self.scripts.append(script)
        return script


@pytest.fixture
def start_script(tmp_path: Path) -> Iterator[StartScript]:
    starter = StartScript(tmp_path)
    yield starter
    for script in starter.scripts:
        script.end()
        assert not any("Traceback" in line for line in script.notices)


def port_of(room: Room) -> tuple[str, str]:
    return "--port", str(room.server.port)


# --- pipes ------------------------------------------------------------------------------------------------------------


def test_one_line_from_a_pipe_is_in_the_room_before_it_exits(
    room: Room, netcat: ProcessClient, start_script: StartScript
) -> None:
    script = start_script("--nick", "봇", *port_of(room))
    script.feed("배포 끝\n")
    script.finish_input()
    script.ends_with(0)
    assert script.messages == ["봇> 배포 끝"]
    assert script.notices == []
    netcat.wait_for_line("봇님이 퇴장하셨습니다.")
    assert netcat.lines[-3:] == ["봇님이 입장하셨습니다.", "봇> 배포 끝", "봇님이 퇴장하셨습니다."]


def test_a_whisper_from_a_pipe_reaches_one_alone_and_a_wrong_line_is_told(
    room: Room, netcat: ProcessClient, start_script: StartScript
) -> None:
    other = room.plain("철수")
    script = start_script("--nick", "봇", *port_of(room))
    script.feed("@민수 비밀\n@없는이 실패\n/모름\n끝")
    script.finish_input()
    script.ends_with(1)
    netcat.wait_for_line("[귓속말] 봇> 비밀")
    other.wait_for_line("봇> 끝")
    assert other.private == []
    assert sorted(line.split()[1] for line in script.notices) == ["2번째", "3번째"]
    assert script.messages == ["[귓속말 전송] 민수에게: 비밀", "봇> 끝"]


def test_two_pipes_at_once_keep_their_own_order(room: Room, start_script: StartScript) -> None:
    witness = room.plain("철수")
    scripts = {nick: start_script("--nick", nick, *port_of(room)) for nick in ("봇1", "봇2")}
    expected = [f"줄 {number}" for number in range(MANY)]
    for script in scripts.values():
        script.feed("\n".join(expected))
        script.finish_input()
    for nick, script in scripts.items():
        script.ends_with(0, LONG_S)
        assert [line for line in script.messages if line.startswith(nick)] == [f"{nick}> {line}" for line in expected]
    for nick in scripts:
        witness.wait_for_line(f"{nick}> {expected[-1]}")
        assert [line for line in witness.public if line.startswith(nick)] == [f"{nick}> {line}" for line in expected]


def test_two_runs_of_one_script_wait_for_each_other(room: Room, start_script: StartScript) -> None:
    witness = room.plain("철수")
    scripts = [start_script("--nick", "봇", *port_of(room)) for _ in range(3)]
    for number, script in enumerate(scripts):
        script.feed(f"{number}번 실행")
        script.finish_input()
    for script in scripts:
        script.ends_with(0)
    until(lambda: len(witness.public) == 3)
    assert sorted(witness.public) == ["봇> 0번 실행", "봇> 1번 실행", "봇> 2번 실행"]


def test_a_pipe_does_not_take_the_seat_of_who_has_the_nickname(room: Room, start_script: StartScript) -> None:
    witness = room.plain("철수")
    owner = start_script("--nick", "봇", *port_of(room))
    witness.wait_for_line("봇님이 입장하셨습니다.")
    script = start_script("--nick", "봇", *port_of(room), "--wait", "1")
    script.feed("나도 봇\n")
    script.finish_input()
    script.ends_with(1)
    assert "다른 분이 쓰고 있습니다" in script.notices[0]
    owner.feed("내가 봇\n")
    witness.wait_for_line("봇> 내가 봇")
    assert witness.public == ["봇> 내가 봇"]


def test_a_server_that_is_killed_costs_no_line_and_doubles_none(
    open_room: OpenRoom, start_script: StartScript, tmp_path: Path
) -> None:
    room = open_room()
    script = start_script("--nick", "봇", *port_of(room))
    expected = [f"줄 {number}" for number in range(MANY)]
    script.feed("\n".join(expected[: MANY // 2]) + "\n")
    until(lambda: len(script.messages) > 200)
    room.server.stop(signal.SIGKILL)
    script.feed("\n".join(expected[MANY // 2 :]))
    script.finish_input()
    with ServerProcess(tmp_path / "home", *port_of(room), "--plain-history", str(2 * MANY)) as again:
        script.ends_with(0, LONG_S)
        with PlainClient(again.port) as witness:
            witness.enter("철수")
            assert witness.public == [f"봇> {line}" for line in expected]
    assert script.messages == [f"봇> {line}" for line in expected]
    assert any("끊겼습니다" in line for line in script.notices)


def test_a_large_file_costs_no_memory(room: Room, start_script: StartScript, tmp_path: Path) -> None:
    path = tmp_path / "large"
    path.write_text("".join(f"{number}번째 줄: {'가나다라' * 10}\n" for number in range(20_000)), encoding="utf-8")
    script = start_script("--nick", "봇", *port_of(room), input_file=path)
    until(lambda: len(script.shown) > 3_000, LONG_S)
    early = peak_kib(script)
    until(lambda: len(script.shown) > 18_000, LONG_S)
    assert peak_kib(script) - early < 2_048
    script.ends_with(0, LONG_S)
    assert len(script.messages) == 20_000


def peak_kib(script: Script) -> int:
    status = Path(f"/proc/{script.process.pid}/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0])


def test_without_a_server_it_says_what_was_not_sent(start_script: StartScript, unused_port: int) -> None:
    script = start_script("--nick", "봇", "--port", str(unused_port), "--wait", "1")
    script.feed("하나\n둘\n")
    script.finish_input()
    script.ends_with(1)
    assert "연결할 수 없습니다" in script.notices[0]
    assert script.notices[-2:] == [
        "[알림] 서버가 1초 동안 답하지 않아 그만둡니다. 더 기다리려면 --wait로 늘리세요.",
        "[알림] 1번째 줄부터는 보내지 않았습니다.",
    ]


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)], ids=lambda one: str(one)
)
def test_a_signal_ends_it_with_a_goodbye(
    room: Room, start_script: StartScript, number: signal.Signals, code: int
) -> None:
    witness = room.plain("철수")
    script = start_script("--nick", "봇", *port_of(room))
    witness.wait_for_line("봇님이 입장하셨습니다.")
    script.process.send_signal(number)
    script.ends_with(code)
    witness.wait_for_line("봇님이 퇴장하셨습니다.")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP], ids=str)
def test_a_signal_that_was_to_be_ignored_is_ignored(
    room: Room, start_script: StartScript, number: signal.Signals
) -> None:
    """As under `nohup`, and in the background of a script."""
    witness = room.plain("철수")
    ignoring = ["sh", "-c", f'trap "" {number.name.removeprefix("SIG")}; exec "$@"', "sh", *CLIENT]
    script = start_script("--nick", "봇", *port_of(room), program=ignoring)
    witness.wait_for_line("봇님이 입장하셨습니다.")
    script.process.send_signal(number)
    script.feed("아직 있어요\n")
    script.finish_input()
    script.ends_with(0)
    witness.wait_for_line("봇> 아직 있어요")


_FAULTY = """
import io, sys
from tui_client.__main__ import main

class Faulty(io.StringIO):
    def write(self, text):
        raise ZeroDivisionError

sys.stdout = Faulty()
sys.exit(main(sys.argv[1:]))
"""


def test_a_fault_of_ours_is_told_and_ends_it(room: Room, start_script: StartScript) -> None:
    script = start_script("--nick", "봇", *port_of(room), program=[sys.executable, "-c", _FAULTY])
    script.ends_with(1)
    assert script.notices == [f"[알림] {strings.CRASHED}"]


def test_a_reader_that_goes_ends_it_quietly(room: Room, tmp_path: Path) -> None:
    tmp_path.mkdir(exist_ok=True)
    command = f"seq 1000 | {sys.executable} -m tui_client --nick 봇 --port {room.server.port} --line"
    result = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command} | head -n 1"],
        cwd=REPOSITORY,
        env=private_environment(tmp_path),
        capture_output=True,
        encoding="utf-8",
        timeout=DEADLINE_S,
        check=False,
    )
    assert (result.stdout, result.stderr, result.returncode) == ("봇님이 입장하셨습니다.\n", "", 141)


@pytest.mark.parametrize("redirection", ["</dev/null", "<&-", "<&- >&-", "<&- >&- 2>&-"])
def test_without_input_there_is_nothing_to_do(room: Room, tmp_path: Path, redirection: str) -> None:
    command = f"{sys.executable} -m tui_client --nick 봇 --port {room.server.port} --line {redirection}"
    result = subprocess.run(
        ["sh", "-c", command],
        cwd=REPOSITORY,
        env=private_environment(tmp_path),
        capture_output=True,
        encoding="utf-8",
        timeout=DEADLINE_S,
        check=False,
    )
    assert (result.stderr, result.returncode) == ("", 0)


def test_a_script_needs_a_nickname(start_script: StartScript) -> None:
    script = start_script()
    script.ends_with(2)
    assert len(script.notices) == 1
    assert "--nick" in script.notices[0]


def test_line_mode_needs_neither_textual_nor_rich(tmp_path: Path, unused_port: int) -> None:
    code = f"""
import sys
import termios
from tui_client.__main__ import main
assert main(["--nick", "봇", "--port", "{unused_port}", "--line"]) == 0
assert not {{"textual", "rich"}} & set(sys.modules), sorted(sys.modules)
main(["--port", "{unused_port}", "--doctor"])
assert not {{"textual", "rich"}} & set(sys.modules), sorted(sys.modules)
"""
    result = subprocess.run(
        [sys.executable, "-c", code],
        cwd=REPOSITORY,
        env=private_environment(tmp_path),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=DEADLINE_S,
        check=False,
    )
    assert result.returncode == 0, result.stderr


# --- terminals --------------------------------------------------------------------------------------------------------


Modes = list[int | list[bytes | int]]


@pytest.fixture
def modes_before() -> Modes:
    """How a fresh terminal is set."""
    outer, inner = os.openpty()
    modes = termios.tcgetattr(inner)
    os.close(inner)
    os.close(outer)
    return modes


@pytest.fixture
def terminal(tmp_path: Path, room: Room) -> Iterator[PseudoTerminal]:
    """영희, who is in the room."""
    command = [*CLIENT, "--nick", "영희", *port_of(room), "--line"]
    with PseudoTerminal(command, 60, 20, private_environment(tmp_path / "영희")) as terminal:
        terminal.wait_for(lambda: terminal.place_after("/도움말을 입력하세요.") is not None)
        yield terminal


def sees(terminal: PseudoTerminal, text: str) -> None:
    terminal.wait_for(lambda: terminal.place_after(text) is not None)


def test_what_comes_in_stands_above_what_is_being_typed(room: Room, terminal: PseudoTerminal) -> None:
    other = room.plain("철수")
    terminal.type("쓰다가 만 글")
    terminal.wait_for(lambda: terminal.place_after("> 쓰다가 만 글") == terminal.cursor)
    other.speak("반가워요")
    sees(terminal, "철수> 반가워요")
    terminal.wait_for(lambda: terminal.place_after("> 쓰다가 만 글") == terminal.cursor)
    terminal.type("\x1b[D\x1b[D다\r")
    other.wait_for_line("영희> 쓰다가 만다 글")
    sees(terminal, "영희> 쓰다가 만다 글")
    terminal.wait_for(lambda: terminal.cursor[0] == 2)
    assert terminal.place_after("> 쓰다가 만 글") is None


def test_a_long_line_is_typed_in_one_row(room: Room, terminal: PseudoTerminal) -> None:
    other = room.plain("철수")
    terminal.type("가" * 100 + "끝")
    sees(terminal, "끝")
    row = terminal.cursor[1]
    terminal.resize(40, 20)
    other.speak("좁아졌나요?")
    sees(terminal, "철수> 좁아졌나요?")
    terminal.wait_for(lambda: terminal.place_after("끝") == terminal.cursor)
    assert terminal.cursor[1] <= row + 2
    terminal.type("\r")
    other.wait_for_line("영희> " + "가" * 100 + "끝")


@pytest.mark.parametrize("keys", [("C-d",), ("/종료", "Enter")], ids=str)
def test_the_terminal_is_left_as_it_was(room: Room, tmp_path: Path, keys: tuple[str, ...]) -> None:
    command = [*CLIENT, "--nick", "영희", *port_of(room), "--line"]
    with Tmux(command, columns=80, rows=24, environment=private_environment(tmp_path / "영희")) as app:
        app.wait_for("/도움말을 입력하세요.")
        app.press(*keys)
        assert app.wait_for_exit() == 0
        notes = Path(app._folder.name)
        assert (notes / "after").read_text(encoding="ascii") == (notes / "before").read_text(encoding="ascii")
        assert not any(line.startswith(">") for line in app.screen.splitlines())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=str)
def test_a_signal_too_leaves_the_terminal_as_it_was(
    terminal: PseudoTerminal, modes_before: Modes, number: signal.Signals
) -> None:
    terminal._process.send_signal(number)
    assert terminal._process.wait(DEADLINE_S) == 128 + number
    assert termios.tcgetattr(terminal._terminal) == modes_before


def test_ctrl_z_gives_the_terminal_back_until_it_goes_on(
    room: Room, terminal: PseudoTerminal, modes_before: Modes
) -> None:
    other = room.plain("철수")
    terminal.type("쓰다가")
    sees(terminal, "> 쓰다가")
    terminal._process.send_signal(signal.SIGTSTP)
    until(lambda: state_of(terminal) == "T", what="it to be stopped")
    assert termios.tcgetattr(terminal._terminal) == modes_before
    other.speak("쉬는 동안")
    terminal._process.send_signal(signal.SIGCONT)
    sees(terminal, "철수> 쉬는 동안")
    terminal.wait_for(lambda: terminal.place_after("> 쓰다가") == terminal.cursor)
    terminal.type(" 말다\r")
    other.wait_for_line("영희> 쓰다가 말다")


def test_what_is_being_typed_is_seen_again_after_it_was_stopped_unasked(terminal: PseudoTerminal) -> None:
    terminal.type("쓰다가")
    sees(terminal, "> 쓰다가")
    terminal._process.send_signal(signal.SIGSTOP)
    until(lambda: state_of(terminal) == "T", what="it to be stopped")
    with Path(f"/proc/{terminal._process.pid}/fd/1").open("wb") as shell:
        shell.write(b"\r\n[1]+  Stopped\r\n$ fg\r\n")
    sees(terminal, "$ fg")
    terminal._process.send_signal(signal.SIGCONT)
    terminal.wait_for(lambda: terminal.place_after("> 쓰다가") == terminal.cursor)


def test_the_prompt_names_the_partner_by_their_new_nickname(room: Room, terminal: PseudoTerminal) -> None:
    other = room.plain("철수")
    sees(terminal, "철수님이 입장하셨습니다.")
    terminal.type("/귓속말 철수\r")
    sees(terminal, strings.line_whisper_prompt("철수"))
    other.speak("/nick 철")
    sees(terminal, strings.line_whisper_prompt("철"))
    terminal.type("우리끼리\r")
    other.wait_for_line("[귓속말] 영희> 우리끼리")


def state_of(terminal: PseudoTerminal) -> str:
    stat = Path(f"/proc/{terminal._process.pid}/stat").read_text(encoding="ascii")
    return stat.rpartition(")")[2].split()[0]


def test_a_simple_terminal_gets_plain_lines_and_no_tricks(room: Room, tmp_path: Path) -> None:
    other = room.plain("철수")
    home = ["env", "TERM=dumb", f"HOME={tmp_path}", f"XDG_STATE_HOME={tmp_path}"]
    with ProcessClient([*home, *CLIENT, *port_of(room), "--line"], terminal=True) as plain:
        plain.send_line("영희")
        plain.wait_for_line("영희님이 입장하셨습니다.")
        plain.send_line("@철수 비밀")
        other.wait_for_line("[귓속말] 영희> 비밀")
        other.speak("들려요?")
        plain.wait_for_line("철수> 들려요?")
        plain.send_line("/종료")
        plain.wait_until_ended()
        assert "\x1b" not in "".join(plain.lines)


# --- a server of one's own --------------------------------------------------------------------------------------------


def test_alone_it_starts_a_server(local_home: str, start_script: StartScript, tmp_path: Path) -> None:  # noqa: F811
    script = start_script("--nick", "봇")
    script.feed("혼자예요\n")
    script.finish_input()
    script.ends_with(0, LONG_S)
    assert script.messages == ["봇> 혼자예요"]
    assert any("새로 시작했습니다" in line for line in script.notices)
    assert len(servers_below(tmp_path)) == 1
