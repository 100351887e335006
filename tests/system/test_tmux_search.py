"""Searching the past and opening links on a real terminal, with a real server behind it."""

import pytest

from tests.support.app import LARGE, SMALL, StartApp, entered
from tests.support.json_client import JsonClient
from tests.support.room import Room
from tests.support.tmux import Tmux
from tui_client import strings

LONG_AGO = 300
"""More messages than an app is shown when it comes in."""


def talk(room: Room) -> JsonClient:
    """민수 has said much, and something about a meeting at the beginning, in the middle and at the end."""
    friend = room.json("민수")
    for number in range(LONG_AGO):
        about = {0: "첫 회의", LONG_AGO // 2: "둘째 회의", LONG_AGO - 1: "셋째 회의"}.get(number, "잡담")
        friend.say(f"{about} {number}번")
    friend.hear(f"민수> 셋째 회의 {LONG_AGO - 1}번")
    return friend


def search_for(app: Tmux, text: str) -> None:
    """Open the search, or begin another one, and type."""
    app.press("C-f")
    app.wait_for(f"─ {strings.SEARCH_TITLE} ─")
    app.type(text)


def context_of(screen: str) -> str:
    return screen[screen.index(strings.SEARCH_CONTEXT_TITLE) :]


def found(app: Tmux, count: int) -> str:
    return app.wait_for(f"1/{count}건")


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "160x45"])
def test_the_past_is_searched_walked_and_left_with_the_draft_untouched(
    room: Room, start_app: StartApp, size: tuple[int, int]
) -> None:
    talk(room)
    app = entered(start_app, room, "영희", size)
    app.type("쓰던 말")
    app.wait_for("쓰던 말")
    search_for(app, "회의")
    screen = found(app, 3)
    assert screen.index("셋째 회의") < screen.index("둘째 회의") < screen.index("첫 회의"), "newest first"
    app.wait_for(lambda screen: f"잡담 {LONG_AGO - 2}번" in context_of(screen))
    app.press("Down")
    app.wait_for("2/3건")
    app.wait_for(lambda screen: f"잡담 {LONG_AGO // 2 + 1}번" in context_of(screen))
    app.press("F3")
    app.wait_for(lambda screen: "3/3건" in screen and "잡담 1번" in context_of(screen))
    app.press("Enter")
    app.wait_for(strings.SEARCH_KEYS_READING[-1][1])
    app.press("PgDn", "PgDn", "PgDn")
    app.wait_for(lambda screen: "잡담 1번" not in screen)
    app.press("Escape")
    app.wait_for(strings.SEARCH_KEYS[0][1])
    app.press("Escape")
    app.wait_for(lambda screen: "쓰던 말" in screen and strings.SEARCH_CONTEXT_TITLE not in screen)


def test_initials_a_person_and_another_layout_find_it_too(room: Room, start_app: StartApp) -> None:
    talk(room)
    other = room.json("철수")
    other.say("회의 싫어요")
    other.hear("철수> 회의 싫어요")
    app = entered(start_app, room, "영희")
    search_for(app, "ㅎㅇ ㅅㅉ")
    found(app, 1)
    search_for(app, "@철수 회의")
    app.wait_for(lambda screen: "1/1건" in screen and "회의 싫어요" in screen)
    search_for(app, "ghldml")
    app.wait_for(strings.search_instead("회의"))
    app.press("C-t")
    found(app, 4)


def test_search_command_begins_with_its_words(room: Room, start_app: StartApp) -> None:
    talk(room)
    app = entered(start_app, room, "영희")
    app.enter("/찾기 둘째")
    found(app, 1)
    app.press("Escape")
    app.wait_for(lambda screen: strings.SEARCH_CONTEXT_TITLE not in screen)
    app.press("C-f")
    found(app, 1)


def test_other_peoples_whispers_are_not_found(room: Room, start_app: StartApp) -> None:
    app = entered(start_app, room, "영희")
    first, second = room.json("민수"), room.json("철수")
    first.whisper("철수", "회의는 비밀")
    first.whisper("영희", "회의는 우리끼리")
    second.say("회의는 모두")
    app.wait_for("회의는 모두")
    search_for(app, "회의는")
    screen = found(app, 2)
    assert "[귓속말] 민수> 회의는 우리끼리" in screen
    assert "비밀" not in screen


def test_links_are_listed_narrowed_down_and_left(room: Room, start_app: StartApp) -> None:
    app = entered(start_app, room, "영희")
    friend = room.json("민수")
    friend.say("https://one.example/a 그리고 https://two.example/b")
    app.wait_for("two.example")
    app.press("C-o")
    app.wait_for(strings.link_leads_to("two.example"))
    app.press("Down")
    app.wait_for(strings.link_leads_to("one.example"))
    app.type("two")
    app.wait_for(strings.link_leads_to("two.example"))
    app.press("Escape")
    app.wait_for(lambda screen: strings.link_leads_to("") not in screen)


def test_what_is_typed_right_behind_the_key_is_looked_for(room: Room, start_app: StartApp) -> None:
    app = entered(start_app, room, "영희")
    room.plain("철수").send_line("내일 회의 합시다")
    app.wait_for("내일 회의 합시다")
    app.press("초", "C-f", "회", "의")
    app.wait_for("1/1건")
    app.press("Escape")
    app.wait_for(lambda screen: "건 │" not in screen and "초" in screen)
    assert "초회의" not in app.screen
