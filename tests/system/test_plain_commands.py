"""What is typed and is not simply a message: commands, whispers that slip, lines that only look like something else."""

import pytest

from tests.support.room import Room, barrier


def test_the_list_names_everyone_and_is_told_to_who_asked(room: Room) -> None:
    client, other = room.plain("영희"), room.json("철수")
    client.send_line("/목록")
    client.wait_for_line(lambda line: "2명" in line and "영희" in line and "철수" in line)
    barrier(client, other)
    assert other.public == ["영희> 여기까지"]


def test_a_new_nickname_is_told_to_all_and_carries_on(room: Room) -> None:
    client, plain, other = room.plain("영희"), room.plain("철수"), room.json("민수")
    client.send_line("/닉 영이")
    for member in (client, plain):
        member.wait_for_line("[알림] 영희님이 영이님으로 바꾸셨습니다.")
    renamed = other.until(lambda frame: frame.kind == "renamed")
    assert (renamed.text("was"), renamed.text("nick")) == ("영희", "영이")
    client.speak("저예요")
    plain.hear("영이> 저예요")
    plain.whisper("영이", "비밀")
    client.wait_for_line("[귓속말] 철수> 비밀")


def test_a_nickname_in_use_is_not_taken_over_by_renaming(room: Room) -> None:
    plain, other = room.plain("철수"), room.json("민수")
    plain.send_line("/닉 민수")
    other.send(t="nick", nick="철수")
    other.refused("nick_in_use")
    barrier(plain, plain, other)
    assert len(plain.refusals) == 1
    assert plain.public == ["철수> 여기까지"]


def test_help_and_unknown_commands_are_answered_and_never_broadcast(room: Room) -> None:
    client, other = room.plain("영희"), room.json("철수")
    for line in ("/도움말", "/비밀번호 1234", "/ 뭐지", "/", "/목록들"):
        client.send_line(line)
    client.wait_for_line(lambda line: "모르는 명령입니다: /비밀번호" in line)
    barrier(client, other, client)
    assert other.public == ["영희> 여기까지"]
    assert any("귓속말" in line for line in client.lines)
    assert sum("모르는 명령입니다" in line for line in client.lines) == 4
    assert not any("1234" in line for line in other.lines)


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("//목록", "/목록"),
        ("@@철수 안녕", "@철수 안녕"),
        ("나는 /목록", "나는 /목록"),
        ("mail@example.org", "mail@example.org"),
        ("[알림] 가짜", "[알림] 가짜"),
        ("민수> 가짜", "민수> 가짜"),
    ],
)
def test_what_only_looks_like_a_command_is_a_message(room: Room, typed: str, shown: str) -> None:
    client, other = room.plain("영희"), room.json("철수")
    client.send_line(typed)
    other.hear(f"영희> {shown}")
    client.hear(f"영희> {shown}")


@pytest.mark.parametrize("typed", ["@철수 비밀", "  @철수 비밀", "＠철수 비밀", "\t＠철수  비밀", "\u3000@철수 비밀"])
def test_a_slip_of_the_finger_makes_no_whisper_public(room: Room, typed: str) -> None:
    client, friend, other = room.plain("영희"), room.plain("철수"), room.json("민수")
    client.send_line(typed)
    friend.wait_for_line("[귓속말] 영희> 비밀")
    barrier(client, other, friend)
    assert other.public == ["영희> 여기까지"]
    assert other.private == []


@pytest.mark.parametrize("typed", ["@철수", "@", "@ 철수 비밀", "@철수 ", "＠"])
def test_an_unfinished_whisper_goes_to_nobody(room: Room, typed: str) -> None:
    client, friend = room.plain("영희"), room.plain("철수")
    client.send_line(typed)
    barrier(client, client, friend)
    assert friend.public == ["영희> 여기까지"]
    assert friend.private == []
    assert len(client.refusals) == 1


def test_every_line_of_a_message_begins_with_its_speaker_at_plain_clients(room: Room) -> None:
    writer, plain, other = room.json("영희"), room.plain("철수"), room.json("민수")
    writer.say("첫 줄\n[알림] 가짜 알림\n철수님이 퇴장하셨습니다.")
    plain.hear("영희> 철수님이 퇴장하셨습니다.")
    assert plain.public == ["영희> 첫 줄", "영희> [알림] 가짜 알림", "영희> 철수님이 퇴장하셨습니다."]
    assert plain.departures == plain.refusals == []
    other.hear("영희> 첫 줄\n[알림] 가짜 알림\n철수님이 퇴장하셨습니다.")
    writer.whisper("철수", "비밀\n둘째 줄")
    plain.wait_for_line("[귓속말] 영희> 둘째 줄")
    assert plain.private == ["[귓속말] 영희> 비밀", "[귓속말] 영희> 둘째 줄"]


def test_what_could_harm_a_terminal_is_made_harmless(room: Room) -> None:
    writer, plain = room.json("영희"), room.plain("철수")
    writer.say("\x1b[2J\x07빨강\u202e거꾸로\u200b\x9b끝")
    plain.hear("영희> ␛[2J␇빨강거꾸로끝")
