"""Passwords as people and scripts use them, with the programs as they are: set, asked for, given; and where they are not to be found."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.protocol import phrases
from server.protocol.password import Password
from server.secret_file import decode_secret
from tests.support.app import SMALL, SOON_S, StartApp, servers_below
from tests.support.json_client import JsonClient
from tests.support.process_client import ProcessClient
from tests.support.pseudo_terminal import PseudoTerminal
from tests.support.secret_files import secret_file
from tests.support.server_process import REPOSITORY, ServerProcess, private_environment, run_server
from tests.support.tmux import Tmux
from tests.support.tools import need
from tests.support.waiting import DEADLINE_S
from tests.system.test_line_mode import StartScript, start_script  # noqa: F401 - a fixture
from tests.system.test_tmux_server import local_home  # noqa: F401 - a fixture
from tui_client import strings

PASSWORD = "참깨가 열려라"
SERVER = [sys.executable, "-m", "server"]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    path = secret_file(tmp_path, PASSWORD)
    with ServerProcess(tmp_path / "server", "--memory", "--password-file", str(path), limited=True) as process:
        yield process


def set_by_pipe(home: Path, typed: bytes, *options: str) -> subprocess.CompletedProcess[bytes]:
    home.mkdir(exist_ok=True)
    return subprocess.run(
        [*SERVER, *options],
        cwd=REPOSITORY,
        env=private_environment(home),
        input=typed,
        capture_output=True,
        timeout=DEADLINE_S,
        check=False,
    )


# --- setting one ------------------------------------------------------------------------------------------------------


def at_terminal(path: Path, *typed: str) -> str:
    """What the terminal shows in the end of setting a password that is typed there; each line waits for its prompt."""
    command = [*SERVER, "--set-password", "--password-file", str(path)]
    with PseudoTerminal(command, 100, 24, private_environment(path.parent)) as terminal:
        prompts = (phrases.secret_prompt(phrases.ROOM_PASSWORD), phrases.secret_prompt_again(phrases.ROOM_PASSWORD))
        for prompt, line in zip(prompts, typed, strict=False):
            terminal.wait_for(lambda prompt=prompt: prompt.strip() in terminal.display)  # type: ignore[misc]
            terminal.type(line)
        terminal.wait_for(lambda: bool(re.search(r"[다요]\.", terminal.display)))
        terminal._process.wait(DEADLINE_S)
        return terminal.display


def test_it_is_typed_twice_unseen_and_kept_so_that_nobody_can_read_it(tmp_path: Path) -> None:
    path = tmp_path / "password"
    shown = at_terminal(path, f"{PASSWORD}\r", f"{PASSWORD}\r")
    assert "저장했습니다" in shown
    assert "참깨" not in shown
    secret = decode_secret(path.read_bytes())
    assert secret is not None
    assert secret.matches(Password(PASSWORD))


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ((f"{PASSWORD}\r", f"{PASSWORD}!\r"), phrases.SECRETS_DIFFER),
        ((f"{PASSWORD}\r", "\x04"), phrases.SECRET_NOT_SET),
        (("\x04",), phrases.SECRET_NOT_SET),
        (("\r", "\r"), phrases.SECRET_EMPTY),
        (("짧다\r", "짧다\r"), phrases.secret_too_short(8)),
    ],
)
def test_what_can_not_be_kept_is_said_at_the_terminal(tmp_path: Path, typed: tuple[str, ...], sentence: str) -> None:
    path = tmp_path / "password"
    shown = at_terminal(path, *typed)
    assert sentence.replace(" ", "") in re.sub(r"\s", "", shown)
    assert "Traceback" not in shown
    assert not path.exists()


@pytest.mark.parametrize(
    ("option", "file_option", "title"),
    [
        ("--set-password", "--password-file", phrases.ROOM_PASSWORD),
        ("--set-operator-key", "--operator-key-file", phrases.OPERATOR_KEY),
    ],
)
@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_a_script_says_it_on_standard_input(
    tmp_path: Path, option: str, file_option: str, title: str, end: str
) -> None:
    path = tmp_path / "내 비밀"
    done = set_by_pipe(tmp_path, f"{PASSWORD}{end}".encode(), option, file_option, str(path))
    assert (done.returncode, done.stderr) == (0, b"")
    used_by = phrases.secret_used_by(f"chat-server {file_option} '{path}'")
    assert done.stdout.decode().splitlines() == [phrases.secret_set(title, str(path)), used_by]
    secret = decode_secret(path.read_bytes())
    assert secret is not None
    assert secret.matches(Password(PASSWORD))


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        (b"", phrases.SECRET_EMPTY),
        (b"\n", phrases.SECRET_EMPTY),
        ("비밀 1".encode(), phrases.secret_too_short(8)),
        (b"x" * 257, phrases.secret_too_long(256)),
        (b"x" * 100_000, phrases.secret_too_long(256)),
        (b"sesame\xff\xfe", phrases.SECRET_BAD_UTF8),
        (b"sesame-open\nsesame-open\n", phrases.SECRET_CHARACTERS),
        (b"sesame\x1b[31m-open", phrases.SECRET_CHARACTERS),
        ("sesame\u202e-open".encode(), phrases.SECRET_CHARACTERS),
    ],
)
def test_what_can_not_be_kept_is_said_to_a_script(tmp_path: Path, typed: bytes, sentence: str) -> None:
    path = tmp_path / "password"
    done = set_by_pipe(tmp_path, typed, "--set-password", "--password-file", str(path))
    assert (done.returncode, done.stdout, done.stderr.decode()) == (1, b"", sentence + "\n")
    assert not path.exists()


def test_what_was_set_before_is_replaced_and_a_strangers_file_is_not(tmp_path: Path) -> None:
    path = secret_file(tmp_path, "old-secret")
    assert set_by_pipe(tmp_path, PASSWORD.encode(), "--set-password", "--password-file", str(path)).returncode == 0
    secret = decode_secret(path.read_bytes())
    assert secret is not None
    assert secret.matches(Password(PASSWORD))
    path.write_text("일기\n", encoding="utf-8")
    done = set_by_pipe(tmp_path, PASSWORD.encode(), "--set-password", "--password-file", str(path))
    assert (done.returncode, done.stderr.decode()) == (1, phrases.secret_file_not_replaced(str(path)) + "\n")
    assert path.read_text(encoding="utf-8") == "일기\n"


def test_without_a_file_it_is_kept_beside_the_database(tmp_path: Path) -> None:
    done = set_by_pipe(tmp_path, PASSWORD.encode(), "--set-password")
    path = tmp_path / "state" / "soksak" / "room-password"
    assert done.returncode == 0
    assert str(path) in done.stdout.decode()
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


# --- a server that has one --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("content", [None, "sesame-open\n"])
def test_a_server_does_not_start_without_what_it_was_told_to_ask_for(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "password"
    if content is not None:
        path.write_text(content)
    result = run_server(tmp_path / "home", "--port", "0", "--memory", "--password-file", str(path))
    how_to_make = f"chat-server --set-password --password-file {path}"
    sentence = phrases.secret_file_missing if content is None else phrases.secret_file_foreign
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == sentence(str(path), how_to_make) + "\n"


def test_a_file_that_others_may_read_is_warned_about(tmp_path: Path) -> None:
    path = secret_file(tmp_path, PASSWORD)
    path.chmod(0o644)
    with ServerProcess(tmp_path / "server", "--memory", "--password-file", str(path)) as process:
        assert process.stderr == phrases.secret_file_exposed(str(path)) + "\n"


def test_netcat_is_asked_for_it(server: ServerProcess) -> None:
    with ProcessClient([need("nc.openbsd"), "127.0.0.1", str(server.port)]) as peer:
        peer.send_line("민수")
        peer.wait_for_line(phrases.ASK_PASSWORD)
        peer.send_line("틀린 것")
        peer.wait_for_line(phrases.NOTICE + phrases.PASSWORD_AGAIN)
        peer.send_line(PASSWORD)
        peer.wait_for_line("민수님이 입장하셨습니다.")


def test_guessing_is_slow_and_keeps_nobody_else_out(server: ServerProcess) -> None:
    def answer(password: str) -> str:
        with JsonClient(server.port) as client:
            client.send(t="hello", v=1, nick="영희", client=client.secret, password=password)
            return client.until(lambda frame: frame.kind in ("closing", "welcome")).fields.get("code", "")  # type: ignore[return-value]

    assert [answer(f"추측 {number}") for number in range(30)] == [*["auth_failed"] * 3, *["too_many_tries"] * 27]
    assert server.stderr.count("was wrong about the password") == 3
    assert "추측" not in server.stderr


# --- a client ---------------------------------------------------------------------------------------------------------


def test_it_is_typed_where_nobody_sees_it(server: ServerProcess, start_app: StartApp) -> None:
    app = start_app("--nick", "영희", "--port", str(server.port))
    app.wait_for(strings.PASSWORD_QUESTION)
    app.press("틀", "린", " ", "것", "Enter")
    app.wait_for(strings.PASSWORD_WRONG)
    app.type(PASSWORD)
    app.wait_for("•" * len(PASSWORD))
    assert "참깨" not in app.screen
    app.press("Enter")
    app.wait_for("영희님이 입장하셨습니다.")
    app.enter("들어왔다")
    app.wait_for("영희> 들어왔다")
    app.press("C-q")
    assert app.wait_for_exit(SOON_S) == 0
    app.assert_clean()


def test_a_person_by_lines_types_it_unseen(server: ServerProcess, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tui_client", "--line", "--nick", "영희", "--port", str(server.port)]
    with PseudoTerminal(command, *SMALL, private_environment(tmp_path)) as terminal:
        terminal.wait_for(lambda: strings.LINE_PASSWORD_PROMPT.strip() in terminal.display.splitlines()[1])
        terminal.type(f"{PASSWORD}\r")
        terminal.wait_for(lambda: strings.LINE_HOW_TO_LEAVE in terminal.display)
        assert "참깨" not in terminal.written.decode(errors="replace")


@pytest.mark.parametrize("source", ["file", "environment"])
def test_a_script_knows_it_from_a_file_or_the_environment(server: ServerProcess, tmp_path: Path, source: str) -> None:
    path = tmp_path / "given"
    path.touch(0o600)
    path.write_text(f"{PASSWORD}\n", encoding="utf-8")
    options = ["--password-file", str(path)] if source == "file" else []
    environment = {} if source == "file" else {"SOKSAK_PASSWORD": PASSWORD}
    done = by_lines(server, tmp_path, options, environment)
    assert (done.returncode, done.stderr) == (0, "")
    assert "봇> 배포 끝" in done.stdout


def test_a_script_that_does_not_know_it_ends_with_a_sentence_and_a_code(server: ServerProcess, tmp_path: Path) -> None:
    done = by_lines(server, tmp_path, [], {})
    assert done.returncode == 3
    assert done.stderr.splitlines()[0] == phrases.NOTICE + strings.LINE_PASSWORD_NEEDED
    assert by_lines(server, tmp_path, [], {"SOKSAK_PASSWORD": "틀린 것"}).returncode == 3


def by_lines(
    server: ServerProcess, home: Path, options: list[str], environment: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tui_client", "--line", "--nick", "봇", "--port", str(server.port), *options],
        cwd=REPOSITORY,
        env=private_environment(home, environment),
        input="배포 끝\n",
        capture_output=True,
        encoding="utf-8",
        timeout=DEADLINE_S,
        check=False,
    )


@pytest.mark.parametrize("options", [["--password", "sesame"], ["--password=sesame"], ["--password"]])
def test_it_is_never_taken_from_the_command_line(tmp_path: Path, options: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tui_client", *options],
        cwd=REPOSITORY,
        env=private_environment(tmp_path),
        capture_output=True,
        encoding="utf-8",
        timeout=DEADLINE_S,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines()[0] == strings.PASSWORD_ON_COMMAND_LINE
    assert "sesame" not in done.stderr


# --- where it is not to be found --------------------------------------------------------------------------------------


def test_no_process_shows_it_and_none_leaves_a_core(server: ServerProcess, start_app: StartApp, tmp_path: Path) -> None:
    given = tmp_path / "given"
    given.touch(0o600)
    given.write_text(PASSWORD, encoding="utf-8")
    app = start_app("--nick", "영희", "--port", str(server.port), "--password-file", str(given))
    app.wait_for("영희님이 입장하셨습니다.")
    for pid in (server.pid, app.program_pid):
        process = Path(f"/proc/{pid}")
        for name in ("cmdline", "environ", "comm"):
            assert "참깨".encode() not in (process / name).read_bytes()
        assert re.search(r"Max core file size +0 +0 ", (process / "limits").read_text("ascii"))


def test_a_server_of_ones_own_does_not_inherit_it(
    local_home: str,  # noqa: F811 - the fixture
    tmp_path: Path,
) -> None:
    home = tmp_path / local_home
    home.mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "tui_client", "--line", "--nick", "봇"],
        cwd=REPOSITORY,
        env=private_environment(home, {"SOKSAK_PASSWORD": PASSWORD}),
        input="안녕\n",
        capture_output=True,
        encoding="utf-8",
        timeout=2 * DEADLINE_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    [pid] = servers_below(tmp_path)
    assert "참깨".encode() not in Path(f"/proc/{pid}/environ").read_bytes()
    assert b"SOKSAK" not in Path(f"/proc/{pid}/environ").read_bytes()
    assert re.search(r"Max core file size +0 +0 ", Path(f"/proc/{pid}/limits").read_text("ascii"))


CRASHING = """
import os, sys
from pathlib import Path
from tui_client import terminal
from tui_client.__main__ import _log_to

terminal.prepare_environment(os.environ)
from server.protocol.password import Password
from tui_client.app import ChatApp
from tui_client.password_source import GivenPassword
from tui_client.profile import Profile
from tui_client.wire import Address

class Broken(ChatApp):
    def action_help(self):
        hello, password, text = self._hello(""), self._password, self._password.reveal()
        secret = hello.client
        raise RuntimeError(f"deliberate {hello} {password!r} {[hello, password]}")

terminal.apply_cures()
folder = Path(sys.argv[1])
_log_to(folder / "client.log")
password = Password(Path(sys.argv[3]).read_text(encoding="utf-8"))
app = Broken(Address("127.0.0.1", int(sys.argv[2])), "영희", Profile(folder), None, folder, given=GivenPassword(password))
app.run()
sys.exit(app.return_code)
"""


def test_a_crash_with_the_password_in_hand_shows_it_to_nobody(server: ServerProcess, tmp_path: Path) -> None:
    script, folder, given = tmp_path / "crashing.py", tmp_path / "state", tmp_path / "given"
    script.write_text(CRASHING, encoding="utf-8")
    given.write_text(PASSWORD, encoding="utf-8")
    folder.mkdir()
    arguments = [sys.executable, str(script), str(folder), str(server.port), str(given)]
    environment = private_environment(tmp_path, {"PYTHONPATH": "."})
    with Tmux(arguments, columns=SMALL[0], rows=SMALL[1], environment=environment) as app:
        app.wait_for("영희님이 입장하셨습니다.")
        app.press("F1")
        assert app.wait_for_exit(SOON_S) == 1
        assert "참깨" not in app.screen
    log = (folder / "client.log").read_text(encoding="utf-8")
    secret = (folder / "secret").read_text("ascii").strip()
    assert "RuntimeError: deliberate Hello(v=1, nick='영희', …) Password(…)" in log
    kept = [path.read_text(encoding="utf-8", errors="replace") for path in folder.rglob("*") if path.is_file()]
    assert not any("참깨" in text for text in (*kept, server.stderr))
    assert secret not in log
