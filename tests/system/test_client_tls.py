"""chat-tui over a network: scripts, the doctor, and what is remembered between one run and the next."""

import subprocess
import sys
from pathlib import Path

import pytest

from server.listener import address_for_others
from tests.support.app import CLIENT
from tests.support.certificates import issue, known_authority
from tests.support.room import OpenRoom, Room
from tests.support.server_process import REPOSITORY, ServerProcess, private_environment
from tui_client import strings
from tui_client.known_servers import FILE_NAME

OPEN = ("--memory", "--host", "0.0.0.0")
LONG_S = 60.0
LINES, LINE_CHARS = 1_000, 1_000


@pytest.fixture(scope="module")
def own_address() -> str:
    """This machine's address on its network: whoever uses it is not on loopback."""
    address = address_for_others("0.0.0.0")
    if address is None:
        pytest.skip("no network")
    return address


@pytest.fixture
def public(open_room: OpenRoom) -> Room:
    """A room that other machines can reach."""
    return open_room(*OPEN)


class Script:
    """Runs chat-tui between pipes, always in the same home folder."""

    def __init__(self, home: Path, host: str = "127.0.0.1", port: int = 1) -> None:
        home.mkdir()
        self.address = f"{host}:{port}"
        self.folder = home / "state" / "soksak"
        self._options = ("--host", host, "--port", str(port))
        self._home = home

    def line(self, text: str, *options: str) -> subprocess.CompletedProcess[str]:
        return self.run(*self._options, "--nick", "봇", "--line", *options, text=text)

    def doctor(self, *options: str) -> subprocess.CompletedProcess[str]:
        return self.run(*self._options, "--doctor", *options)

    def run(self, *options: str, text: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*CLIENT, *options],
            cwd=REPOSITORY,
            env=private_environment(self._home),
            input=text,
            capture_output=True,
            encoding="utf-8",
            timeout=LONG_S,
            check=False,
        )

    def remember(self, what: str) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / FILE_NAME).write_text(f"{self.address} {what}\n", encoding="utf-8")


@pytest.fixture
def script(public: Room, own_address: str, tmp_path: Path) -> Script:
    return Script(tmp_path / "script", own_address, public.server.port)


@pytest.fixture
def fingerprint(public: Room) -> str:
    """What the server has printed."""
    return public.server.fingerprint


# --- scripts ----------------------------------------------------------------------------------------------------------


def test_a_script_is_let_in_by_the_fingerprint_that_the_server_has_printed(public: Room, script: Script) -> None:
    witness = public.plain("철수")
    refused = script.line("비밀\n")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert strings.not_trusted(script.address) in refused.stderr
    option = next(line for line in refused.stderr.splitlines() if "--fingerprint" in line).split()[1:]
    assert script.line("배포 끝\n", *option).returncode == 0
    witness.wait_for_line("봇> 배포 끝")
    assert "봇> 비밀" not in witness.lines
    assert not (script.folder / FILE_NAME).exists(), "what is given holds for one run"


def test_a_script_may_use_what_a_person_has_trusted(public: Room, script: Script, fingerprint: str) -> None:
    script.remember(fingerprint.replace(" ", ""))
    assert script.line("배포 끝\n").returncode == 0


def test_a_megabyte_through_a_pipe_arrives_whole(public: Room, script: Script, fingerprint: str) -> None:
    witness = public.plain("철수")
    lines = [f"{number:04} " + "x" * LINE_CHARS for number in range(LINES)]
    assert script.line("\n".join(lines) + "\n", "--fingerprint", fingerprint).returncode == 0
    witness.wait_for_line(f"봇> {lines[-1]}", LONG_S)
    assert [line for line in witness.lines if line.startswith("봇> ")] == [f"봇> {line}" for line in lines]


def test_another_certificate_is_warned_of_until_it_is_forgotten(public: Room, script: Script, fingerprint: str) -> None:
    script.remember("0123" * 16)
    refused = script.line("비밀\n")
    assert (refused.returncode, refused.stdout) == (1, "")
    for text in (strings.CHANGED_TITLE, "0123 " * 15 + "0123", fingerprint, strings.CHANGED_MEANING):
        assert text in refused.stderr
    command = next(line for line in refused.stderr.splitlines() if "chat-tui --forget" in line).split()[2:]
    forgotten = script.run(*command)
    assert (forgotten.returncode, forgotten.stdout) == (0, strings.forgotten(script.address) + "\n")
    assert strings.not_trusted(script.address) in script.line("비밀\n").stderr
    again = script.run(*command)
    assert (again.returncode, again.stdout) == (1, strings.nothing_to_forget(script.address) + "\n")


def test_without_encryption_one_is_not_let_in_and_told_why(public: Room, script: Script) -> None:
    refused = script.line("비밀\n", "--plaintext")
    assert refused.returncode == 1
    assert strings.EXPOSED_NOTICE in refused.stderr
    assert strings.TLS_REQUIRED in refused.stderr


def test_without_encryption_one_comes_in_where_that_is_allowed(
    open_room: OpenRoom, own_address: str, tmp_path: Path
) -> None:
    room = open_room(*OPEN, "--allow-plaintext")
    script = Script(tmp_path / "script", own_address, room.server.port)
    said = script.line("안녕\n", "--plaintext")
    assert (said.returncode, said.stdout.splitlines()) == (0, ["봇님이 입장하셨습니다.", "봇> 안녕"])
    assert strings.EXPOSED_NOTICE in said.stderr


def test_a_server_without_tls_is_not_spoken_to_when_tls_is_wanted(room: Room, tmp_path: Path) -> None:
    script = Script(tmp_path / "script", port=room.server.port)
    refused = script.line("비밀\n", "--tls")
    assert refused.returncode == 1
    assert strings.not_tls(script.address, is_wanted=True, was_trusted=False) in refused.stderr


def test_a_given_authority_and_name_are_what_is_checked(open_room: OpenRoom, tmp_path: Path) -> None:
    ca = tmp_path / "ca.pem"
    cert, key = issue(tmp_path, "localhost", authority=known_authority(ca))
    room = open_room("--memory", "--cert", str(cert), "--key", str(key))
    script = Script(tmp_path / "script", "localhost", room.server.port)
    assert script.line("안녕\n", "--ca", str(ca)).returncode == 0
    other = script.line("비밀\n", "--host", "127.0.0.1", "--ca", str(ca))
    assert strings.certificate_of_another(f"127.0.0.1:{room.server.port}") in other.stderr
    assert strings.issuer_unknown(script.address) in script.line("비밀\n", "--tls").stderr


# --- the doctor -------------------------------------------------------------------------------------------------------


def test_the_doctor_says_what_the_connection_is_and_leaves_nothing(
    public: Room, script: Script, fingerprint: str
) -> None:
    result = script.doctor("--fingerprint", fingerprint)
    assert (result.returncode, result.stderr) == (0, "")
    assert strings.doctor_secured("TLSv1.3", is_verified=False) in result.stdout
    assert fingerprint in result.stdout
    assert not script.folder.exists()


def test_the_doctor_says_whom_it_does_not_know(public: Room, script: Script, fingerprint: str) -> None:
    result = script.doctor()
    assert result.returncode == 0
    assert strings.doctor_stranger(script.address, fingerprint) in result.stdout
    script.remember("0123" * 16)
    result = script.doctor()
    assert result.returncode == 1
    assert strings.changed(script.address, is_remembered=True) in result.stdout


# --- options ----------------------------------------------------------------------------------------------------------

DIGITS = "ab" * 32


@pytest.mark.parametrize(
    "options",
    [
        ("--plaintext", "--tls"),
        ("--plaintext", "--fingerprint", DIGITS),
        ("--forget", "a:1", "--line"),
        ("--forget", "a"),
        ("--forget", ":1"),
        ("--forget", "a:0"),
        ("--fingerprint", DIGITS[1:]),
        ("--ca", "/없는/파일"),
        ("--ca", "pyproject.toml"),
    ],
    ids=" ".join,
)
def test_options_that_make_no_sense_are_refused_in_korean(tmp_path: Path, options: tuple[str, ...]) -> None:
    result = Script(tmp_path / "script").run(*options)
    assert (result.returncode, result.stdout) == (2, "")
    assert options[0] in result.stderr
    assert any("가" <= letter <= "힣" for letter in result.stderr)
    assert "Traceback" not in result.stderr


LOADED = """
import sys
from tui_client.__main__ import main
code = main(sys.argv[1:])
print("cryptography" in sys.modules, "tui_client.tls" in sys.modules, file=sys.stderr)
sys.exit(code)
"""


@pytest.fixture
def verified(open_room: OpenRoom, tmp_path: Path) -> tuple[ServerProcess, Path]:
    """A server with a certificate, and the authority that vouches for it."""
    ca = tmp_path / "ca.pem"
    cert, key = issue(tmp_path, authority=known_authority(ca))
    return open_room("--memory", "--cert", str(cert), "--key", str(key)).server, ca


@pytest.mark.parametrize(("is_tls", "loaded"), [(False, "False False"), (True, "False True")])
def test_only_what_a_connection_needs_is_loaded(
    verified: tuple[ServerProcess, Path], tmp_path: Path, is_tls: bool, loaded: str
) -> None:
    server, ca = verified
    options = ["--port", str(server.port), "--nick", "봇", "--line", *(("--ca", str(ca)) if is_tls else ())]
    result = subprocess.run(
        [sys.executable, "-c", LOADED, *options],
        cwd=REPOSITORY,
        env=private_environment(tmp_path / "script"),
        input="안녕\n",
        capture_output=True,
        encoding="utf-8",
        timeout=LONG_S,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert result.stderr.splitlines()[-1] == loaded
