"""Called back to the terminal: bell, desktop, title and divider, as the terminal around tmux gets them."""

from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import pytest

from tests.support.room import Room
from tests.support.watched_tmux import WatchedTmux, watched
from tui_client import strings
from tui_client.notifying import BELL_PAUSE_S, NOTE_PAUSE_S

TITLE = strings.window_title("영희", 0)


@pytest.fixture
def app(room: Room, tmp_path: Path) -> Iterator[WatchedTmux]:
    """영희's terminal."""
    with watched(room, "영희", tmp_path / "home of 영희") as app:
        yield app


def test_mention_and_whisper_ring_and_reach_the_desktop_while_nobody_looks(room: Room, app: WatchedTmux) -> None:
    friend = room.json("철수")
    app.look_away()
    friend.say("영희야 밥 먹자")
    app.wait_until(lambda: app.notes == ["철수님이 나를 불렀습니다: 영희야 밥 먹자"] and app.bells == 1)
    friend.whisper("영희", "비밀이에요")
    app.wait_until(lambda: app.notes[1:] == ["철수님의 귓속말: 비밀이에요"] and app.bells == 2)
    app.wait_until(lambda: app.title == strings.window_title("영희", 2))
    app.look()
    app.wait_until(lambda: app.title == TITLE)


def test_who_looks_is_left_in_peace_and_what_is_not_for_them_calls_nobody(room: Room, app: WatchedTmux) -> None:
    friend = room.json("철수")
    friend.say("영희야 보고 있지?")
    app.wait_for("영희야 보고 있지?")
    app.look_away()
    friend.say("다들 안녕")
    app.wait_for("다들 안녕")
    friend.say("영희는 어디 갔어?")
    app.wait_until(lambda: app.notes == ["철수님이 나를 불렀습니다: 영희는 어디 갔어?"] and app.bells == 1)
    assert app.title == strings.window_title("영희", 1)


def test_many_at_once_ring_no_faster_than_a_person_can_look(room: Room, app: WatchedTmux) -> None:
    friend = room.json("철수")
    app.look_away()
    began = monotonic()
    friend.say("영희야")
    app.wait_until(lambda: bool(app.notes))
    for number in range(30):
        friend.say(f"영희야 {number}번째")
    app.wait_until(lambda: app.title == strings.window_title("영희", 31))
    app.wait_until(lambda: len(app.notes) > 1)
    waited_s = monotonic() - began
    assert app.bells <= 1 + waited_s / BELL_PAUSE_S
    assert len(app.notes) <= 1 + waited_s / NOTE_PAUSE_S
    assert app.notes[-1].startswith(f"{strings.APP_NAME}: 새 메시지")


def test_notifications_are_switched_off_and_set_to_all_by_a_command(room: Room, app: WatchedTmux) -> None:
    friend = room.json("철수")
    app.enter("/알림 끄기")
    app.wait_for(strings.notify_set("none"))
    app.look_away()
    friend.say("영희야 조용하지?")
    app.wait_for("영희야 조용하지?")
    assert app.title == TITLE
    app.look()
    app.enter("/알림 모두")
    app.wait_for(strings.notify_set("all"))
    app.look_away()
    friend.say("아무 말")
    app.wait_until(lambda: app.notes == ["철수: 아무 말"] and app.bells == 1)


def test_title_is_given_back_when_it_is_left(app: WatchedTmux) -> None:
    app.wait_until(lambda: app.title == TITLE)
    app.press("C-q")
    assert app.wait_for_exit() == 0
    assert app.title != TITLE


# --- what was read ----------------------------------------------------------------------------------------------------


def test_divider_stands_where_reading_stopped_until_one_takes_part_again(room: Room, app: WatchedTmux) -> None:
    friend = room.json("철수")
    friend.say("읽은 말")
    app.wait_for("읽은 말")
    app.look_away()
    friend.say("못 읽은 말")
    app.wait_for("못 읽은 말")
    app.look()
    screen = app.screen
    assert screen.index("> 읽은 말") < screen.index(strings.UNREAD_DIVIDER) < screen.index("> 못 읽은 말")
    app.enter("이제 왔어")
    app.wait_for(lambda screen: "영희> 이제 왔어" in screen and strings.UNREAD_DIVIDER not in screen)


def test_who_looks_away_and_misses_nothing_gets_no_divider(room: Room, app: WatchedTmux) -> None:
    friend = room.json("철수")
    friend.say("읽은 말")
    app.wait_for("읽은 말")
    app.look_away()
    app.look()
    app.enter("제가 한 말")
    friend.hear("영희> 제가 한 말")
    friend.say("보고 있는 말")
    app.wait_for("보고 있는 말")
    assert strings.UNREAD_DIVIDER not in app.screen
