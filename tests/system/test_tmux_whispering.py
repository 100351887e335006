"""Whispering on a terminal: the partner stays the person, what fails is seen to have failed, and members are one key away."""

from pathlib import Path

import pytest

from server.protocol import phrases
from tests.support.app import LARGE, SMALL, StartApp, entered
from tests.support.json_client import JsonClient
from tests.support.room import Room
from tests.support.tmux import Tmux
from tests.support.waiting import until
from tests.support.watched_tmux import WatchedTmux, watched
from tui_client import strings

TINY = (44, 20)
"""So narrow that the panes are tabs."""


def whispering(start_app: StartApp, room: Room, to: str, size: tuple[int, int] = SMALL) -> Tmux:
    """영희, who whispers to `to` from now on."""
    app = entered(start_app, room, "영희", size)
    app.enter(f"/귓속말 {to}")
    app.wait_for(strings.whispering_to(to))
    return app


def rename(member: JsonClient, nick: str) -> None:
    member.send(t="nick", nick=nick)
    member.until(lambda frame: frame.kind == "renamed" and frame.text("nick") == nick)


def test_partner_with_a_new_nickname_stays_the_partner(room: Room, start_app: StartApp) -> None:
    friend = room.json("지수")
    app = whispering(start_app, room, "지수")
    app.type("아까 하던 말")
    rename(friend, "지우")
    app.wait_for(strings.whispering_to("지우"))
    app.press("Enter")
    app.wait_for("[귓속말 전송] 지우에게: 아까 하던 말")
    assert friend.private == ["[귓속말] 영희> 아까 하던 말"]


def test_who_takes_the_nickname_of_a_partner_hears_nothing(room: Room, start_app: StartApp) -> None:
    friend = room.json("지수")
    app = whispering(start_app, room, "지수")
    rename(friend, "지우")
    app.wait_for(strings.whispering_to("지우"))
    stranger = room.json("지수")
    app.enter("너만 알아")
    app.wait_for("[귓속말 전송] 지우에게: 너만 알아")
    until(lambda: friend.private == ["[귓속말] 영희> 너만 알아"])
    assert stranger.private == stranger.public == []


def test_nickname_of_a_partner_who_left_gets_no_whisper_meant_for_them(room: Room, start_app: StartApp) -> None:
    friend = room.json("지수")
    app = whispering(start_app, room, "지수")
    friend.leave()
    friend.wait_until_closed()
    stranger = room.json("지수")
    stranger.say("저는 다른 지수예요")
    app.wait_for("저는 다른 지수예요")
    app.enter("그 비밀 말이야")
    screen = app.wait_for("'지수' 닉네임을 이제 다른 분이 쓰고 있어")
    assert "그 비밀 말이야" in screen, "nothing typed is lost"
    stranger.say("끝")
    app.wait_for("> 끝")
    assert stranger.private == []


def test_whisper_that_failed_says_why_and_is_sent_again_with_two_keys(room: Room, start_app: StartApp) -> None:
    app = entered(start_app, room, "영희")
    app.enter("@지수 있어요?")
    screen = app.wait_for(phrases.no_such_nick("지수"))
    [row] = [row for row in screen.splitlines() if "에게: 있어요?" in row]
    assert strings.FAILED_MARK in row
    friend = room.json("지수")
    app.press("Up")
    app.wait_for("│ @지수 있어요?")
    app.press("Enter")
    app.wait_for("[귓속말 전송] 지수에게: 있어요?")
    until(lambda: friend.private == ["[귓속말] 영희> 있어요?"])


@pytest.mark.parametrize("size", [SMALL, LARGE, TINY], ids=["80x24", "160x45", "44x20"])
def test_enter_on_a_member_starts_a_whisper(room: Room, tmp_path: Path, size: tuple[int, int]) -> None:
    friend, other = room.json("지수"), room.json("철수")
    with watched(room, "영희", tmp_path / "home of 영희", size) as app:
        app.press(*(["BTab"] if size == TINY else ["Tab", "Tab"]))
        app.wait_for("│ 영희 (나)")
        app.wait_until(lambda: is_chosen(app, "영희 (나)"))
        app.press("Down")
        app.wait_until(lambda: is_chosen(app, "지수"))
        app.press("Enter")
        app.wait_for("│ @지수")
        app.enter("안녕")
        app.wait_for("[귓속말 전송] 지수에게: 안녕")
    until(lambda: friend.private == ["[귓속말] 영희> 안녕"])
    assert other.private == other.public == []


def is_chosen(app: WatchedTmux, member: str) -> bool:
    """Whether the row of `member` stands on another ground than the frame beside it."""
    frame, _, name, *_ = app.cells_of(f"│ {member}")
    return name.bg != frame.bg


def test_what_is_typed_in_one_go_behind_a_chosen_member_is_for_them_alone(room: Room, start_app: StartApp) -> None:
    others, friend = room.json("민수"), room.json("철수")
    app = entered(start_app, room, "영희", TINY)
    app.press("F2", "F2", "Down", "Down", "Enter", "목록비밀", "Enter")
    app.wait_for("목록비밀")
    until(lambda: friend.private == ["[귓속말] 영희> 목록비밀"])
    assert (others.private, others.public) == ([], [])
