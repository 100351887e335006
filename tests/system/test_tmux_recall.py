"""What was typed before, walked with Up and Down on a terminal; and keys of the Hangul mode."""

import pytest

from tests.support.app import SOON_S, StartApp, entered
from tests.support.process_client import ProcessClient
from tests.support.room import Room
from tui_client import strings


def test_up_and_down_walk_what_was_sent_and_come_back_to_the_draft(
    room: Room, start_app: StartApp, netcat: ProcessClient
) -> None:
    app = entered(start_app, room, "영희")
    for said in ("먼저 한 말", "나중에 한 말"):
        app.enter(said)
        netcat.wait_for_line(f"영희> {said}")
    app.type("쓰다 만 말")
    for key, shown in (("Up", "나중에 한 말"), ("Up", "먼저 한 말"), ("Down", "나중에 한 말"), ("Down", "쓰다 만 말")):
        app.press(key)
        app.wait_for(f"│ {shown}")
    app.press("Enter")
    netcat.wait_for_line("영희> 쓰다 만 말")


def test_up_in_a_message_of_several_lines_first_goes_up_in_it(room: Room, start_app: StartApp) -> None:
    friend = room.json("지수")
    app = entered(start_app, room, "영희")
    app.enter("보낸 말")
    friend.hear("영희> 보낸 말")
    app.press(*"윗줄", "C-j", *"아랫줄")
    app.wait_for("아랫줄")
    app.press("Up", "Home", *"맨", "Enter")
    friend.hear("영희> 맨윗줄\n아랫줄")


def test_one_key_converts_back_and_forth(room: Room, start_app: StartApp, netcat: ProcessClient) -> None:
    app = entered(start_app, room, "영희")
    app.press(*"ㅗ디ㅣㅐ")
    app.press("C-t")
    app.wait_for("│ hello")
    app.press("C-t")
    app.wait_for("│ ㅗ디ㅣㅐ")
    app.press("C-t", "Enter")
    netcat.wait_for_line("영희> hello")


@pytest.mark.parametrize("pressed", ["\x1b[12610;5u", "\x11"], ids=["Ctrl+ㅂ", "Ctrl+Q"])
def test_control_keys_mean_the_same_in_hangul_mode(room: Room, start_app: StartApp, pressed: str) -> None:
    app = entered(start_app, room, "영희")
    app.type(pressed)
    assert app.wait_for_exit(SOON_S) == 0
    app.assert_clean()


def test_help_is_there_in_hangul_mode_when_it_is_meant(room: Room, start_app: StartApp) -> None:
    app = entered(start_app, room, "영희")
    app.enter("/ㅗ디ㅔ")
    app.wait_for(strings.HELP_CLOSE)
