"""SIGHUP: a renewed certificate is shown to those who come from then on; or the terminal is gone, and the server ends."""

import os
import pty
import shutil
import signal
import ssl
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from server.protocol import phrases
from server.protocol.fingerprint import fingerprint_of
from tests.support.certificates import DAY, NOW, issue
from tests.support.line_client import LineClient
from tests.support.server_process import ServerProcess
from tests.support.tls import trusting
from tests.support.waiting import until


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def server(folder: Path) -> Iterator[ServerProcess]:
    cert, key = issue(folder)
    with ServerProcess(folder / "home", "--memory", "--cert", str(cert), "--key", str(key)) as running:
        yield running


def shown_by(server: ServerProcess) -> str:
    return fingerprint_of(ssl.PEM_cert_to_DER_cert(ssl.get_server_certificate(("127.0.0.1", server.port))))


def hang_up(server: ServerProcess, *, told: str) -> None:
    """Send SIGHUP, until the log says so."""
    os.kill(server.pid, signal.SIGHUP)
    until(lambda: told in server.stderr, what=told)


def test_a_renewed_certificate_is_shown_to_those_who_come_and_ends_nobodys_talk(
    server: ServerProcess, folder: Path
) -> None:
    with LineClient(server.port, tls=trusting()) as early:
        early.send_line("영희")
        early.wait_for_line("영희님이 입장하셨습니다.")
        issue(folder)
        assert shown_by(server) == server.fingerprint, "not before it is told"
        hang_up(server, told="인증서를 새로 읽었습니다")
        shown = shown_by(server)
        assert shown != server.fingerprint
        assert phrases.certificate_renewed(shown) in server.stderr
        early.send_line("아직 있습니다")
        early.wait_for_line("영희> 아직 있습니다")
    assert server.stop() == 0


def test_what_is_troubling_about_a_new_one_is_said(server: ServerProcess, folder: Path) -> None:
    cert, _ = issue(folder, not_before=NOW - 9 * DAY, not_after=NOW - 2 * DAY)
    hang_up(server, told=phrases.certificate_expired(str(cert), f"{NOW - 2 * DAY:%Y-%m-%d}"))


def test_a_bad_new_one_leaves_the_old_and_is_said(server: ServerProcess, folder: Path) -> None:
    (other := folder / "other").mkdir()
    cert, key = issue(other)
    given = folder / "given.crt"
    shutil.copy(cert, given)  # its key is still the old one
    hang_up(server, told=phrases.certificate_kept(phrases.key_does_not_fit(str(given), str(folder / "given.key"))))
    given.write_text("가", encoding="utf-8")
    hang_up(server, told=phrases.certificate_kept(phrases.not_a_certificate(str(given))))
    given.unlink()
    hang_up(server, told=phrases.certificate_kept(phrases.file_missing(str(given))))
    assert shown_by(server) == server.fingerprint
    shutil.copy(cert, given)
    shutil.copy(key, folder / "given.key")
    hang_up(server, told="인증서를 새로 읽었습니다")


def test_without_tls_there_is_nothing_to_renew_and_the_chat_goes_on(folder: Path) -> None:
    with ServerProcess(folder / "home", "--memory") as server:
        hang_up(server, told=phrases.NO_CERTIFICATE)
        assert server.stop() == 0


def on_terminal(folder: Path, *options: str) -> tuple[ServerProcess, int]:
    """A server, and our end of the terminal that controls it."""
    ours, its = pty.openpty()
    options = ("--memory", "--terminal", os.ttyname(its), *options)
    with closing(os.fdopen(its)):
        return ServerProcess(folder / "home", *options, module="tests.support.server_on_terminal"), ours


def test_a_server_whose_terminal_is_gone_ends_in_order(folder: Path) -> None:
    server, terminal = on_terminal(folder)
    with server:
        hang_up(server, told=phrases.NO_CERTIFICATE)
        with LineClient(server.port) as client:
            client.send_line("영희")
            client.wait_for_line("영희님이 입장하셨습니다.")
            os.close(terminal)
            client.wait_until_closed()
            assert client.lines[-1] == phrases.NOTICE + phrases.SHUTDOWN
        assert server.wait() == 0


def test_unless_it_was_started_to_outlive_it(folder: Path) -> None:
    server, terminal = on_terminal(folder, "--nohup")
    with server:
        os.close(terminal)
        until(lambda: phrases.NO_CERTIFICATE in server.stderr)
        assert server.running
        assert server.stop() == 0


def test_what_was_left_behind_by_its_terminal_goes_on_and_renews(folder: Path) -> None:
    """As in the background of a shell that has ended: months later a certificate is renewed, and that must not be its end."""
    pid_file = folder / "pid"
    shell, terminal = on_terminal(folder, "--left-behind", str(pid_file))
    pid = int(pid_file.read_text(encoding="ascii"))
    try:
        with shell:
            os.close(terminal)
            assert shell.wait() == -signal.SIGHUP
            until(lambda: "the terminal is gone, and the server goes on" in shell.stderr)
            os.kill(pid, signal.SIGHUP)
            until(lambda: phrases.NO_CERTIFICATE in shell.stderr)
            with LineClient(shell.port) as client:
                client.send_line("영희")
                client.wait_for_line("영희님이 입장하셨습니다.")
                os.kill(pid, signal.SIGTERM)
                client.wait_until_closed()
    finally:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
