"""What chat-tui does until one can type, told by real processes: nothing that this takes no part of, and the panes stand at once."""

import re
import subprocess
import sys
from collections.abc import Collection
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.support.app import LARGE, SMALL
from tests.support.pseudo_terminal import PseudoTerminal
from tests.support.server_process import REPOSITORY, private_environment
from tui_client import strings

COMPOSER = strings.COMPOSER_PLACEHOLDER[:9]

START_AND_TELL = """
import sys
from pathlib import Path
from tui_client.__main__ import main
code = main(sys.argv[2:])
Path(sys.argv[1]).write_text("\\n".join(sys.modules))
print("TOLD")
sys.exit(code)
"""
"""chat-tui, which writes down at its end which modules it had, and says so."""

OPENED_LATER = (
    *("tui_client.widgets.search_screen", "tui_client.widgets.hit_list", "tui_client.widgets.past_log"),
    *("tui_client.searching", "tui_client.surroundings", "server.protocol.search"),
    *("tui_client.widgets.palette", "tui_client.widgets.choice_list", "tui_client.widgets.theme_picker"),
    *("tui_client.widgets.link_screen", "tui_client.widgets.link_list"),
    *("tui_client.widgets.help_screen", "tui_client.widgets.key_table"),
    *("tui_client.widgets.trust_screen", "tui_client.widgets.changed_screen", "tui_client.widgets.nickname_screen"),
)
"""What is imported when somebody opens it."""

OTHERS = (
    "tui_client.line",
    "tui_client.doctor",
    "tui_client.tls",
    "server.log",
    "server.listener",
    "sqlite3",
    "tomlkit",
)
"""What other ways of starting need, or the server."""

SCREEN = ("textual", "rich", "asyncio", "tui_client.app", "tui_client.widgets")


def needless(names: Collection[str], loaded: Collection[str]) -> list[str]:
    """Which of `names`, all of which there are, or what of them, is `loaded`."""
    assert all(find_spec(name) for name in names)
    return [one for one in loaded if any(f"{one}.".startswith(f"{name}.") for name in names)]


def imported_by(home: Path, *options: str) -> list[str]:
    """The modules that chat-tui imports when it is started with these options between pipes."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "tui_client", *options],
        cwd=REPOSITORY,
        env=private_environment(home),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=30,
        check=False,
    )
    return re.findall(r"^import time:.*\|\s+(\S+)$", done.stderr, re.MULTILINE)


def test_the_first_picture_imports_nothing_that_it_shows_nothing_of(tmp_path: Path, unused_port: int) -> None:
    told = tmp_path / "modules"
    command = [sys.executable, "-c", START_AND_TELL, str(told), "--nick", "영희", "--port", str(unused_port)]
    with PseudoTerminal(command, *SMALL, private_environment(tmp_path)) as terminal:
        terminal.wait_for(lambda: terminal.place_after(COMPOSER) is not None)
        terminal.type("\x11")  # Ctrl+Q
        terminal.wait_for(lambda: terminal.place_after("TOLD") is not None)
    loaded = told.read_text(encoding="utf-8").splitlines()
    assert "tui_client.widgets.chat_screen" in loaded
    assert needless([*OPENED_LATER, *OTHERS], loaded) == []


@pytest.mark.parametrize("options", [("--help",), ("--port", "abc"), ("--nick", "영희")], ids=" ".join)
def test_what_is_answered_at_once_is_answered_without_a_screen(tmp_path: Path, options: tuple[str, ...]) -> None:
    loaded = imported_by(tmp_path, *options)
    assert "argparse" in loaded
    assert needless([*SCREEN, *OTHERS], loaded) == []


def test_the_mode_of_lines_needs_no_screen(tmp_path: Path, unused_port: int) -> None:
    loaded = imported_by(tmp_path, "--line", "--nick", "영희", "--port", str(unused_port), "--wait", "1")
    assert "tui_client.line.piped" in loaded
    assert needless(SCREEN, loaded) == []


def test_the_panes_stand_where_they_belong_in_the_first_picture(tmp_path: Path, unused_port: int) -> None:
    """And not where they would on a narrow terminal, until that is corrected by the second."""
    command = [sys.executable, "-m", "tui_client", "--nick", "영희", "--port", str(unused_port)]
    with PseudoTerminal(command, *LARGE, private_environment(tmp_path)) as terminal:
        terminal.wait_for(lambda: terminal.place_after(COMPOSER) is not None)
        column, row = terminal.place_after(f"╭─ {strings.WHISPERS_TITLE}") or (0, 0)
    assert column > LARGE[0] // 2
    assert row < LARGE[1] // 2
