"""chat-tui where it can't run: no terminal, wrong options; and what it answers without one."""

import os
import pty
import subprocess
from pathlib import Path

import pytest

from tests.support.app import CLIENT, servers_below
from tests.support.server_process import REPOSITORY, private_environment


def run_client(home: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run chat-tui between pipes."""
    home.mkdir(exist_ok=True)
    return subprocess.run(
        [*CLIENT, *options],
        cwd=REPOSITORY,
        env=private_environment(home),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=15,
        check=False,
    )


def test_without_a_terminal_it_says_so_in_one_sentence(tmp_path: Path) -> None:
    result = run_client(tmp_path / "home", "--nick", "영희")
    assert result.returncode == 2
    assert len(result.stderr.splitlines()) == 1
    assert "터미널" in result.stderr
    assert result.stdout == ""
    assert servers_below(tmp_path) == []


@pytest.mark.parametrize("term", ["dumb", "unknown"])
def test_a_terminal_without_a_screen_is_told_of_lines(term: str, tmp_path: Path) -> None:
    main, screen = pty.openpty()
    with subprocess.Popen(
        [*CLIENT, "--nick", "영희"],
        cwd=REPOSITORY,
        env=private_environment(tmp_path) | {"TERM": term},
        stdin=screen,
        stdout=screen,
        stderr=subprocess.STDOUT,
    ) as client:
        os.close(screen)
        try:
            assert client.wait(timeout=15) == 2
        finally:
            client.kill()
    shown = os.read(main, 4_096).decode()
    os.close(main)
    assert "--line" in shown
    assert "\x1b" not in shown
    assert servers_below(tmp_path) == []


@pytest.mark.parametrize(
    "options", [["--port", "abc"], ["--port", "70000"], ["--port"], ["--nope"], ["영희"], ["--nick"]], ids=" ".join
)
def test_a_wrong_option_is_explained_in_korean(tmp_path: Path, options: list[str]) -> None:
    result = run_client(tmp_path / "home", *options)
    assert result.returncode == 2
    assert any("가" <= letter <= "힣" for letter in result.stderr)
    for english in ("usage", "error", "invalid", "argument", "expected", "unrecognized", "Traceback"):
        assert english not in result.stderr


def test_help_and_version_need_no_terminal(tmp_path: Path) -> None:
    shown = run_client(tmp_path / "home", "--help")
    assert (shown.returncode, shown.stderr) == (0, "")
    for option in ("--nick", "--host", "--port", "--version", "--help"):
        assert option in shown.stdout
    assert "usage" not in shown.stdout
    version = run_client(tmp_path / "home", "--version")
    assert version.returncode == 0
    assert any(letter.isdigit() for letter in version.stdout)
