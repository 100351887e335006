"""The door: when one is asked for a nickname, which ones are let in, and what a newcomer is told."""

import time

import pytest

from tests.support.plain_client import PlainClient
from tests.support.room import OpenRoom, Room, barrier
from tests.support.waiting import until


@pytest.mark.parametrize("nicks", [["구경꾼"] * 3, ["", "a b", "[귓속말]"], ["관리자", "가" * 21, "구경꾼"]], ids=str)
def test_a_nickname_refused_three_times_closes(room: Room, bystander: PlainClient, nicks: list[str]) -> None:
    client = room.plain_stranger()
    for nick in nicks:
        client.send_line(nick)
    client.wait_until_closed()
    assert len(client.refusals) in (3, 4), "why each was refused, and that it ends here"
    assert bystander.arrivals == ["구경꾼"]


def test_a_refused_nickname_may_be_followed_by_a_good_one(room: Room, bystander: PlainClient) -> None:
    client = room.plain_stranger()
    client.send_line("구경꾼")
    client.wait_for_line("[알림] '구경꾼' 닉네임은 다른 분이 쓰고 있습니다. 다른 닉네임을 입력하세요.")
    client.enter("영희")
    client.speak("됐다")
    bystander.hear("영희> 됐다")


@pytest.mark.parametrize("alias", ["NARU", "Naru", "ｎａｒｕ"])
def test_a_nickname_that_only_looks_different_is_in_use(room: Room, alias: str) -> None:
    room.plain("naru")
    client = room.json_stranger()
    client.send(t="hello", v=1, nick=alias, client=client.secret)
    assert client.refused("nick_in_use").text("text")
    client.enter("하루")


def test_a_nickname_is_free_again_once_its_owner_has_left(room: Room, bystander: PlainClient) -> None:
    first = room.json("영희")
    first.leave()
    bystander.wait_for_line("영희님이 퇴장하셨습니다.")
    room.plain("영희")


def test_two_who_ask_for_one_nickname_at_once_never_both_get_it(room: Room, bystander: PlainClient) -> None:
    rivals = [room.json_stranger() for _ in range(10)]
    for rival in rivals:
        rival.send(t="hello", v=1, nick="영희", client=rival.secret)
    for rival in rivals:
        rival.until(lambda frame: frame.kind in ("welcome", "refused"))
    assert sum(frame.kind == "welcome" for rival in rivals for frame in rival.frames) == 1


def test_the_server_asks_a_silent_client_after_half_a_second_and_not_before(room: Room) -> None:
    connecting = time.monotonic()
    client = room.plain_stranger()
    client.wait_for_line("닉네임을 입력하세요.", 5)
    assert time.monotonic() - connecting > 0.45
    assert len(client.lines) == 1
    client.enter("영희")
    assert client.lines.count("닉네임을 입력하세요.") == 1


def test_a_json_client_that_was_slow_to_begin_is_welcomed_all_the_same(room: Room) -> None:
    client = room.json_stranger()
    client.wait_for_line("닉네임을 입력하세요.", 5)
    assert client.enter("영희").uid


def test_a_json_client_that_speaks_at_once_is_never_asked(room: Room) -> None:
    client = room.json("영희")
    room.stranger().wait_for_line("닉네임을 입력하세요.")
    client.ping(1)
    assert all(line.startswith("{") for line in client.lines)


def test_a_plain_client_that_speaks_at_once_is_never_asked(room: Room) -> None:
    client = room.plain("영희")
    room.stranger().wait_for_line("닉네임을 입력하세요.")
    barrier(client, client)
    assert "닉네임을 입력하세요." not in client.lines


def test_a_welcome_tells_who_is_here_and_what_is_allowed(room: Room, bystander: PlainClient) -> None:
    welcome = room.json_stranger().hello("영희")
    assert set(welcome.members()) == {"구경꾼", "영희"}
    assert welcome.number("v") == 1
    assert welcome.text("nick") == "영희"
    assert len(welcome.text("uid")) == 16
    for name in ("server", "epoch", "seq", "replay_from", "limits", "ping_s", "grace_s"):
        assert welcome.has(name)


def test_a_client_too_many_is_told_so_in_its_dialect(open_room: OpenRoom) -> None:
    room = open_room("--memory", "--max-clients", "2")
    first, second = room.plain("영희"), room.json("철수")
    plain, other = room.plain_stranger(), room.json_stranger()
    plain.send_line("민수")
    plain.wait_until_closed()
    assert plain.lines == ["[알림] 서버에 자리가 없습니다. 잠시 뒤에 다시 접속하세요."]
    other.send(t="hello", v=1, nick="지수", client=other.secret)
    assert other.until(lambda frame: frame.kind == "closing").text("code") == "server_full"
    other.wait_until_closed()
    second.leave()
    first.wait_for_line("철수님이 퇴장하셨습니다.")
    until(lambda: _gets_in(room, "민수"))
    until(lambda: first.arrivals == ["영희", "철수", "민수"])


def _gets_in(room: Room, nick: str) -> bool:
    """Whether there is room now: a seat is given back a moment after its owner has left."""
    client = room.json_stranger()
    client.send(t="hello", v=1, nick=nick, client=client.secret)
    return client.until(lambda frame: frame.kind in ("welcome", "closing")).kind == "welcome"
