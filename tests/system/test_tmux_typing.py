"""What only a terminal shows: keys that arrive in one read, and how the program ends when it fails."""

import sys
from pathlib import Path

import pytest

from tests.support.app import SMALL, SOON_S, StartApp, entered
from tests.support.process_client import ProcessClient
from tests.support.room import Room
from tests.support.server_process import private_environment
from tests.support.tmux import Tmux
from tui_client import strings

BROKEN = """
import logging, sys
from pathlib import Path
from tui_client.app import ChatApp
from tui_client.profile import Profile
from tui_client.wire import Address

class Broken(ChatApp):
    def action_help(self) -> None:
        raise RuntimeError("deliberate")

folder = Path(sys.argv[1])
logging.basicConfig(filename=folder / "client.log")
app = Broken(Address("127.0.0.1", int(sys.argv[2])), "영희", Profile(folder), None)
app.run()
sys.exit(app.return_code)
"""


def test_message_and_leaving_in_one_read_are_both_done(room: Room, start_app: StartApp, netcat: ProcessClient) -> None:
    app = entered(start_app, room, "영희")
    app.press("글", "Enter", "C-q")
    assert app.wait_for_exit(SOON_S) == 0
    app.assert_clean()
    netcat.wait_for_line("영희님이 퇴장하셨습니다.")
    assert [line for line in netcat.lines if line.startswith("영희>")] == ["영희> 글"]


def test_nickname_and_a_second_enter_in_one_read_come_in_once(room: Room, start_app: StartApp) -> None:
    app = start_app("--port", str(room.server.port))
    app.wait_for(strings.START_QUESTION)
    app.press("a", "b", "BSpace", "c", "d", "BSpace", "e", "Enter", "Enter")
    app.wait_for("ace님이 입장하셨습니다.")
    app.enter("왔어요")
    app.wait_for("ace> 왔어요")


@pytest.mark.parametrize("pane", [1, 2, 3])
def test_letters_in_one_read_reach_the_composer_from_every_pane(
    room: Room, start_app: StartApp, netcat: ProcessClient, pane: int
) -> None:
    app = entered(start_app, room, "영희")
    app.press(*["Tab"] * pane)
    app.press(*"다른", "x", "BSpace", "Space", *"창에서", "Enter")
    netcat.wait_for_line("영희> 다른 창에서")


def test_letters_right_behind_tab_are_not_lost(room: Room, start_app: StartApp, netcat: ProcessClient) -> None:
    app = entered(start_app, room, "영희")
    app.press("Tab", *"글자", "Tab", *"가", "Enter")
    netcat.wait_for_line("영희> 글자가")


def test_bracketed_paste_into_another_pane_arrives_once_and_is_not_sent(room: Room, start_app: StartApp) -> None:
    friend = room.json("지수")
    app = entered(start_app, room, "영희")
    app.press("Tab")
    app.type("\x1b[200~첫 줄\r둘째 줄\x1b[201~")
    app.wait_for("둘째 줄")
    app.enter("끝")
    friend.hear("영희> 첫 줄\n둘째 줄끝")
    assert friend.public == ["영희> 첫 줄\n둘째 줄끝"]


def test_failing_program_says_so_in_korean_and_its_log_knows_why(room: Room, tmp_path: Path) -> None:
    script, folder = tmp_path / "broken.py", tmp_path / "state"
    script.write_text(BROKEN, encoding="utf-8")
    environment = private_environment(tmp_path, {"PYTHONPATH": "."})
    arguments = [sys.executable, str(script), str(folder), str(room.server.port)]
    folder.mkdir()
    with Tmux(arguments, columns=SMALL[0], rows=SMALL[1], environment=environment) as app:
        app.wait_for("영희님이 입장하셨습니다.")
        app.press("F1")
        assert app.wait_for_exit(SOON_S) == 1
        assert strings.CRASHED.split() == app.screen.split()[1:-1]
    assert "RuntimeError: deliberate" in (folder / "client.log").read_text(encoding="utf-8")


def test_host_cannot_reach_the_terminal(start_app: StartApp) -> None:
    app = start_app("--nick", "영희", "--host", "\x1b]0;제목\x07\x1b[31m127.0.0.1\n\u202e", "--port", "9")
    app.wait_for("127.0.0.1")
    app.press("C-q")
    assert app.wait_for_exit(SOON_S) == 0
    app.assert_clean()
