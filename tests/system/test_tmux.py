"""chat-tui on a real terminal: typed at and looked at, with another one and a netcat in the room."""

import unicodedata

import pytest

from tests.support.app import LARGE, SMALL, SOON_S, StartApp, entered
from tests.support.process_client import ProcessClient
from tests.support.room import Room, barrier
from tests.support.waiting import until
from tui_client import strings

# --- chatting ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "160x45"])
def test_two_apps_and_a_netcat_chat_in_korean(
    room: Room, start_app: StartApp, netcat: ProcessClient, size: tuple[int, int]
) -> None:
    first = entered(start_app, room, "영희", size)
    second = entered(start_app, room, "철수", size)
    first.enter("안녕하세요")
    for app in (first, second):
        app.wait_for("영희> 안녕하세요")
    netcat.wait_for_line("영희> 안녕하세요")
    netcat.send_line("저는 netcat이에요 👋")
    for app in (first, second):
        app.wait_for("민수> 저는 netcat이에요 👋")
    second.enter("반갑습니다")
    first.wait_for("철수> 반갑습니다")
    netcat.wait_for_line("철수> 반갑습니다")


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "160x45"])
def test_a_whisper_is_on_the_screens_of_its_two_ends_only(
    room: Room, start_app: StartApp, netcat: ProcessClient, size: tuple[int, int]
) -> None:
    first = entered(start_app, room, "영희", size)
    second = entered(start_app, room, "철수", size)
    first.enter("@민수 비밀이에요")
    netcat.wait_for_line("[귓속말] 영희> 비밀이에요")
    first.wait_for(lambda screen: "[귓속말 전송] 민수에게:" in screen and "비밀이에요" in screen)
    netcat.send_line("@철수 나도비밀")
    second.wait_for(lambda screen: "[귓속말] 민수>" in screen and "나도비밀" in screen)
    netcat.send_line("모두 들으세요")
    for app in (first, second):
        app.wait_for("민수> 모두 들으세요")
    assert "비밀이에요" not in second.screen
    assert "나도비밀" not in first.screen


def test_a_whisper_to_nobody_is_refused_where_it_was_typed(
    room: Room, start_app: StartApp, netcat: ProcessClient
) -> None:
    app = entered(start_app, room, "영희")
    app.enter("@없는사람 비밀이에요")
    app.wait_for("'없는사람'님은 접속해 있지 않습니다.")
    app.press("C-q")
    netcat.wait_for_line("영희님이 퇴장하셨습니다.")
    assert not any("비밀" in line for line in netcat.lines)


def test_those_who_come_and_go_are_on_the_screen(room: Room, start_app: StartApp) -> None:
    app = entered(start_app, room, "영희")
    app.press("F6")
    guest = room.plain("지수")
    app.wait_for("지수님이 입장하셨습니다.")
    guest.send_line("/닉 지우")
    app.wait_for("지수님이 지우님으로 바꾸셨습니다.")
    guest.leave()
    app.wait_for("지우님이 퇴장하셨습니다.")
    app.press("F6")
    app.wait_for(lambda screen: "영희님이 들어왔습니다 · 지우님이 다녀갔습니다" in screen and "퇴장" not in screen)


def test_the_own_nickname_is_changed_for_everyone(room: Room, start_app: StartApp, netcat: ProcessClient) -> None:
    app = entered(start_app, room, "영희")
    app.press("F6")
    app.enter("/닉 영이")
    netcat.wait_for_line("[알림] 영희님이 영이님으로 바꾸셨습니다.")
    app.wait_for("영희님이 영이님으로 바꾸셨습니다.")
    app.enter("저예요")
    netcat.wait_for_line("영이> 저예요")


def test_what_was_said_before_is_there_for_the_newcomer(room: Room, start_app: StartApp) -> None:
    guest = room.plain("지수")
    barrier(guest, guest, text="먼저 한 말")
    app = entered(start_app, room, "영희")
    app.wait_for("지수> 먼저 한 말")


def test_hangul_that_comes_apart_is_sent_whole(room: Room, start_app: StartApp, netcat: ProcessClient) -> None:
    app = entered(start_app, room, "영희")
    app.type(unicodedata.normalize("NFD", "한글이 왔다"))
    app.wait_for(lambda screen: "한글이 왔다" in unicodedata.normalize("NFC", screen))
    app.press("Enter")
    netcat.wait_for_line("영희> 한글이 왔다")


def test_several_lines_are_one_message(room: Room, start_app: StartApp) -> None:
    friend = room.json("지수")
    app = entered(start_app, room, "영희")
    app.type("첫 줄")
    app.press("C-j")
    app.enter("둘째 줄")
    friend.hear("영희> 첫 줄\n둘째 줄")


def test_what_others_send_cannot_reach_the_terminal(room: Room, start_app: StartApp) -> None:
    guest = room.json("지수")
    app = entered(start_app, room, "영희")
    guest.say("\x1b[2J\x1b]0;제목\x07[@click=app.quit()]누르세요[/] [/b] [red]빨강")
    app.wait_for("[red]빨강")
    assert "지수님" in app.screen or "영희님" in app.screen, "nothing was wiped off the screen"


def test_a_resized_terminal_shows_the_same_conversation(room: Room, start_app: StartApp) -> None:
    guest = room.plain("지수")
    app = entered(start_app, room, "영희", LARGE)
    barrier(guest, guest, text="크기가 달라도 보이는 말")
    app.wait_for("지수> 크기가 달라도 보이는 말")
    app.resize(*SMALL)
    app.wait_for(lambda screen: "지수> 크기가 달라도 보이는 말" in screen and len(screen.splitlines()) <= 24)
    app.enter("작아졌어요")
    guest.hear("영희> 작아졌어요")
    app.resize(*LARGE)
    app.wait_for("지수> 크기가 달라도 보이는 말")


# --- commands ---------------------------------------------------------------------------------------------------------


def test_an_unknown_command_is_refused_and_stays_to_be_mended(
    room: Room, start_app: StartApp, netcat: ProcessClient
) -> None:
    app = entered(start_app, room, "영희")
    app.enter("/종류")
    app.wait_for("모르는 명령입니다: /종류")
    app.wait_for("/종료")
    app.press("BSpace")
    app.type("료")
    app.press("Enter")
    assert app.wait_for_exit() == 0
    netcat.wait_for_line("영희님이 퇴장하셨습니다.")
    assert not any("종류" in line for line in netcat.lines)


def test_help_and_the_member_list_are_shown_to_oneself_only(
    room: Room, start_app: StartApp, netcat: ProcessClient
) -> None:
    app = entered(start_app, room, "영희")
    app.enter("/목록")
    app.wait_for(lambda screen: screen.count("민수") >= 2)
    app.enter("/도움말")
    app.wait_for("귓속말을 보냅니다")
    app.press("Escape")
    app.wait_for(lambda screen: "귓속말을 보냅니다" not in screen)
    app.enter("들리나요")
    netcat.wait_for_line("영희> 들리나요")
    assert [line for line in netcat.lines if line.startswith("영희>")] == ["영희> 들리나요"]


# --- nicknames --------------------------------------------------------------------------------------------------------


def test_a_nickname_in_use_is_said_and_another_one_may_be_tried(room: Room, start_app: StartApp) -> None:
    taken = room.plain("영희")
    app = start_app("--nick", "영희", "--port", str(room.server.port))
    app.wait_for(lambda screen: "다른 분이 쓰고 있습니다" in "".join(screen.split("\n")))
    app.press("End", *["BSpace"] * 4)
    app.enter("영이")
    taken.wait_for_line("영이님이 입장하셨습니다.")
    app.enter("안녕하세요")
    taken.hear("영이> 안녕하세요")


def test_without_a_nickname_it_is_asked_for_and_remembered(room: Room, start_app: StartApp) -> None:
    friend = room.plain("철수")
    first = start_app("--port", str(room.server.port), home="one home")
    first.wait_for("닉네임")
    first.enter("영희")
    first.wait_for("영희님이 입장하셨습니다.")
    first.press("C-q")
    assert first.wait_for_exit() == 0
    again = start_app("--port", str(room.server.port), home="one home")
    again.wait_for("영희")
    again.press("Enter")
    again.wait_for(strings.STATE_ONLINE)
    until(lambda: friend.arrivals.count("영희") == 2)


def test_the_start_screen_can_be_left(room: Room, start_app: StartApp) -> None:
    app = start_app("--port", str(room.server.port))
    app.wait_for("닉네임")
    app.press("C-q")
    assert app.wait_for_exit(SOON_S) == 0
    app.assert_clean()
