"""Colours as a terminal gets them: what is said to me stands out, and a theme that was chosen stays."""

from pathlib import Path

import pytest

from tests.support.room import Room
from tests.support.watched_tmux import WatchedTmux, watched
from tui_client import strings
from tui_client.themes import THEMES

CALLED = {
    "영희야 밥 먹자": "영희",
    "이건 영희한테 물어봐": "영희",
    "영희님이 오셨네": "영희",
    "그럼 @영희 담당은 누구": "@영희",
    "영희정 말고 영희가 해": "영희",
}
NOT_CALLED = ("영희정 씨는요", "조영희 선배", "영희망")


def marked(app: WatchedTmux, said: str) -> str:
    """What of `said` stands on another ground than the name of who says it."""
    name, *words = app.cells_of(f"> {said}")
    return "".join(cell.data for cell in words if cell.bg != name.bg)


def test_my_name_stands_out_however_it_is_inflected_and_never_inside_another(room: Room, tmp_path: Path) -> None:
    with watched(room, "영희", tmp_path / "home of 영희") as app:
        room.plain("영희정")
        friend = room.json("철수")
        for said in (*CALLED, *NOT_CALLED):
            friend.say(said)
        app.wait_for(NOT_CALLED[-1])
        assert {said: marked(app, said) for said in CALLED} == CALLED
        assert [marked(app, said) for said in NOT_CALLED] == ["", "", ""]


# --- themes -----------------------------------------------------------------------------------------------------------


def background(name: str) -> str:
    [found] = [theme.background for theme in THEMES if theme.name == name]
    return (found or "").removeprefix("#")


def worn(app: WatchedTmux) -> str:
    """The background of the screen, in its lower left corner."""
    return app.cells[-1][0].bg


@pytest.mark.parametrize("name", ["hanji", "godaebi"])
def test_chosen_theme_is_worn_at_once_and_the_next_time(room: Room, tmp_path: Path, name: str) -> None:
    with watched(room, "영희", tmp_path / "home") as app:
        assert worn(app) == background("meok")
        app.enter(f"/테마 {dict(strings.THEME_TITLES)[name]}")
        app.wait_until(lambda: worn(app) == background(name))
        app.press("C-q")
        assert app.wait_for_exit() == 0
    with watched(room, "영희", tmp_path / "home") as again:
        again.wait_until(lambda: worn(again) == background(name))


def test_theme_that_was_only_tried_on_is_taken_off_again(room: Room, tmp_path: Path) -> None:
    with watched(room, "영희", tmp_path / "home") as app:
        app.enter("/테마")
        app.wait_for("어두운 화면")
        app.type("달빛")
        app.wait_until(lambda: worn(app) == background("dalbit"))
        app.press("Escape")
        app.wait_until(lambda: worn(app) == background("meok"))
