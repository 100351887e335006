"""Onto the clipboard (OSC 52) of the terminal around tmux, by key and by mouse: words only, neither frame nor time."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.app import LARGE
from tests.support.room import Room
from tests.support.watched_tmux import WatchedTmux, watched
from tui_client import strings

LONG = "다음 주 회의는 수요일 오후 세 시에 삼층 작은 회의실에서 하고, 자료는 제가 미리 나누어 드리겠습니다."
"""Longer than a row of the room on a small terminal."""


@pytest.fixture
def app(room: Room, tmp_path: Path) -> Iterator[WatchedTmux]:
    """영희's terminal."""
    with watched(room, "영희", tmp_path / "home of 영희") as app:
        yield app


def test_key_copies_the_last_message_whole(room: Room, app: WatchedTmux) -> None:
    room.json("철수").say(f"첫 줄\n{LONG}")
    app.wait_for("드리겠습니다.")
    app.press("C-y")
    app.wait_until(lambda: app.copied == [f"첫 줄\n{LONG}"])
    assert app.buffer == f"첫 줄\n{LONG}", "tmux has it too, to be pasted"
    app.wait_for(strings.copied(f"첫 줄\n{LONG}")[:20])


def test_command_copies_what_was_said_not_the_command(room: Room, app: WatchedTmux) -> None:
    room.json("철수").say("복사할 말")
    app.wait_for("복사할 말")
    app.enter("/복사")
    app.wait_until(lambda: app.copied == ["복사할 말"])


def test_what_the_mouse_selects_over_several_rows_is_copied_as_it_was_said(room: Room, app: WatchedTmux) -> None:
    friend = room.json("철수")
    friend.say(LONG)
    friend.say("네, 알겠습니다")
    app.wait_for("네, 알겠습니다")
    app.drag(app.place_of("회의는"), app.place_of("알겠"))
    app.press("C-c")
    app.wait_until(lambda: app.copied == [f"{LONG.removeprefix('다음 주 ')}\n철수> 네, 알"])


def test_selection_stays_the_same_words_under_new_messages_and_in_another_size(room: Room, app: WatchedTmux) -> None:
    friend = room.json("철수")
    friend.say(LONG)
    app.wait_for("드리겠습니다.")
    app.drag(app.place_of("수요일"), app.place_of("삼층"))
    for number in range(30):
        friend.say(f"{number}번째 잡담")
    app.wait_for("29번째 잡담")
    app.resize(*LARGE)
    app.wait_for(lambda screen: "수요일" in screen)
    app.press("C-c")
    app.wait_until(lambda: app.copied == ["수요일 오후 세 시에 삼"])


def test_selection_ends_at_the_frame_of_its_pane(room: Room, tmp_path: Path) -> None:
    with watched(room, "영희", tmp_path / "home of 영희", LARGE) as app:
        friend = room.json("철수")
        friend.whisper("영희", "비밀이에요")
        app.wait_for("비밀이에요")
        friend.say("모두 보세요")
        app.wait_for("모두 보세요")
        app.drag(app.place_of("모두 보세요"), app.place_of("비밀이에요"))
        app.press("C-c")
        app.wait_until(lambda: bool(app.copied))
        assert app.copied == ["모두 보세요"]


def test_drag_that_comes_in_one_read_selects_in_its_pane_and_leaves_the_mouse_to_the_others(
    room: Room, tmp_path: Path
) -> None:
    with watched(room, "영희", tmp_path / "home of 영희", LARGE) as app:
        friend = room.json("철수")
        friend.whisper("영희", "비밀이에요")
        app.wait_for("비밀이에요")
        friend.say("모두 보세요")
        app.wait_for("모두 보세요")
        app.drag_at_once(app.place_of("모두 보세요"), app.place_of("비밀이에요"))
        app.press("C-c")
        app.wait_for(strings.copied("모두 보세요"))
        app.drag_at_once(app.place_of("비밀이에요"), app.place_of("에요"))
        app.press("C-c")
        app.wait_for(strings.copied("비밀이에"))
        app.wait_until(lambda: app.copied == ["모두 보세요", "비밀이에"])
