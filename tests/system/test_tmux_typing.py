"""What only a terminal shows: keys that arrive in one read, and how the program ends when it fails."""

import signal
import sys
from pathlib import Path

import pytest

from tests.support.app import SMALL, SOON_S, StartApp, entered
from tests.support.process_client import ProcessClient
from tests.support.room import OpenRoom, Room
from tests.support.server_process import private_environment
from tests.support.tmux import Tmux
from tests.support.waiting import until
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
app = Broken(Address("127.0.0.1", int(sys.argv[2])), "영희", Profile(folder), None, folder)
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


# --- completing, the wrong layout, whispering -------------------------------------------------------------------------


def test_initials_offer_a_member_and_tab_takes_them(room: Room, start_app: StartApp, netcat: ProcessClient) -> None:
    friend = room.json("지수")
    app = entered(start_app, room, "영희")
    app.type("@ㅈㅅ")
    screen = app.wait_for("▸ @지수")
    assert screen.index("▸ @지수") < screen.index("@ㅈㅅ")
    app.press("Tab")
    app.wait_for(lambda screen: "▸" not in screen)
    app.type("비밀")
    app.press("Enter")
    until(lambda: friend.private == ["[귓속말] 영희> 비밀"])
    netcat.send_line("끝")
    netcat.wait_for_line("민수> 끝")
    assert not any("비밀" in line for line in netcat.lines)


def test_name_in_the_wrong_layout_is_offered(room: Room, start_app: StartApp) -> None:
    room.json("지수")
    app = entered(start_app, room, "영희")
    app.type("@wltn")
    app.wait_for("▸ @지수")
    app.press("Escape")
    app.wait_for(lambda screen: "▸" not in screen)
    assert "@wltn" in app.screen


def test_completing_and_sending_in_one_read_keep_their_order(
    room: Room, start_app: StartApp, netcat: ProcessClient
) -> None:
    app = entered(start_app, room, "영희")
    app.press("/", "ㅈ", "ㄹ", "Tab", "Enter")
    assert app.wait_for_exit(SOON_S) == 0
    netcat.wait_for_line("영희님이 퇴장하셨습니다.")
    assert not any(line.startswith("영희>") for line in netcat.lines)


def test_half_a_command_is_completed_by_enter_and_not_sent(room: Room, start_app: StartApp) -> None:
    app = entered(start_app, room, "영희")
    app.press("/", "도", "움", "Enter")
    app.wait_for(lambda screen: "/도움말 " in screen and "▸" not in screen)
    assert strings.HELP_CLOSE not in app.screen
    app.press("Enter")
    app.wait_for(strings.HELP_CLOSE)


@pytest.mark.parametrize("command", ["/whdfy", "/벼ㅑㅅ", "/ㅂㅕㅑㅅ"])
def test_command_in_the_wrong_layout_is_obeyed(room: Room, start_app: StartApp, command: str) -> None:
    app = entered(start_app, room, "영희")
    app.enter(command)
    assert app.wait_for_exit(SOON_S) == 0


def test_one_key_converts_what_was_typed_in_the_wrong_mode(
    room: Room, start_app: StartApp, netcat: ProcessClient
) -> None:
    app = entered(start_app, room, "영희")
    app.press(*"dkssud", "C-t", "Enter")
    netcat.wait_for_line("영희> 안녕")


def test_nothing_typed_in_whisper_mode_is_public(room: Room, start_app: StartApp, netcat: ProcessClient) -> None:
    friend = room.json("지수")
    app = entered(start_app, room, "영희")
    app.enter("/귓속말 지수")
    app.wait_for(strings.whispering_to("지수"))
    app.press(*"첫비밀", "Enter", *"둘", "Enter", "Escape")
    until(lambda: len(friend.private) == 2)
    app.wait_for(lambda screen: strings.whispering_to("지수") not in screen)
    app.press("Up", "Enter")
    until(lambda: len(friend.private) == 3)
    assert friend.private == [f"[귓속말] 영희> {text}" for text in ("첫비밀", "둘", "둘")]
    app.enter("모두에게")
    netcat.wait_for_line("영희> 모두에게")
    assert [line for line in netcat.lines if line.startswith("영희>")] == ["영희> 모두에게"]


def test_draft_and_whisper_mode_survive_a_reconnect(open_room: OpenRoom, start_app: StartApp) -> None:
    room = open_room()
    friend = room.json("지수")
    app = entered(start_app, room, "영희")
    app.enter("/귓속말 지수")
    app.wait_for(strings.whispering_to("지수"))
    app.type("쓰다 만 비밀")
    port = str(room.server.port)
    room.server.stop(signal.SIGKILL)
    app.wait_for(lambda screen: strings.STATE_ONLINE not in screen)
    friend = open_room("--port", port).json("지수", secret=friend.secret)
    app.wait_for(strings.STATE_ONLINE)
    assert "쓰다 만 비밀" in app.screen
    app.press("Enter")
    app.wait_for("[귓속말 전송] 지수에게: 쓰다 만 비밀")
    assert friend.public == []


# --- pasting ----------------------------------------------------------------------------------------------------------


def test_paste_with_escapes_in_it_arrives_whole_and_in_order(
    room: Room, start_app: StartApp, netcat: ProcessClient
) -> None:
    app = entered(start_app, room, "영희")
    app.type("\x1b[200~앞\x1b[31m빨강\x1b" + "x" * 40 + "\t끝\x1b[201~")
    app.wait_for("끝")
    app.press("Enter")
    netcat.wait_for_line("영희> 앞␛[31m빨강␛" + "x" * 40 + "    끝")


def test_large_paste_is_kept_whole_refused_and_typing_goes_on(room: Room, start_app: StartApp) -> None:
    app = entered(start_app, room, "영희")
    app.type("\x1b[200~" + "a" * 12_000 + "\x1b[201~")
    app.wait_for(strings.pasted(12_000, 1, 1))
    app.press("가", "Enter")
    app.wait_for("12,001자")
    app.press("C-l", *"다시", "Enter")
    app.wait_for("영희> 다시")


# --- failing ----------------------------------------------------------------------------------------------------------


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
