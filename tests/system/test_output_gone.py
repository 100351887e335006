"""Whoever reads what a program says may have had enough of it (`| head -1`): it ends quietly, and as it would have ended."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.server_process import REPOSITORY, private_environment
from tests.support.waiting import DEADLINE_S


def run_unread(home: Path, *command: str) -> tuple[int, bytes]:
    """The exit code, and what was complained about; nobody reads the rest from the very beginning."""
    reader, writer = os.pipe()
    os.close(reader)
    try:
        ended = subprocess.run(
            [sys.executable, "-m", *command],
            cwd=REPOSITORY,
            env=private_environment(home),
            stdin=subprocess.DEVNULL,
            stdout=writer,
            stderr=subprocess.PIPE,
            timeout=DEADLINE_S,
            check=False,
        )
    finally:
        os.close(writer)
    return ended.returncode, ended.stderr


@pytest.mark.parametrize("program", ["server", "tui_client"])
@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_that_nobody_reads_is_no_fault(program: str, option: str, tmp_path: Path) -> None:
    assert run_unread(tmp_path, program, option) == (0, b"")


def test_a_server_that_is_forgotten_unheard_is_forgotten(tmp_path: Path) -> None:
    assert run_unread(tmp_path, "tui_client", "--forget", "chat.example.com:12345") == (1, b"")


def test_an_examination_that_nobody_reads_ends_with_what_it_found(tmp_path: Path, unused_port: int) -> None:
    assert run_unread(tmp_path, "tui_client", "--doctor", "--port", str(unused_port)) == (1, b"")
