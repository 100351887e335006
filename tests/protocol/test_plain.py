"""The plain dialect, line by line: what is meant by what is typed, and what everybody reads."""

from contextlib import suppress

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from msgspec import structs

from server.protocol import phrases, plain
from server.protocol.errors import Code, Refusal
from server.protocol.events import (
    Action,
    Bye,
    Event,
    Joined,
    Left,
    ListMembers,
    Moderated,
    PlainCommand,
    Rename,
    Renamed,
    Said,
    Say,
    ShowHelp,
    Whisper,
    Whispered,
)
from server.protocol.framing import MAX_PLAIN_LINE, LineBuffer, Overlong
from server.protocol.text import clean_text
from tests.support.samples import (
    AT,
    CHEOLSU,
    MINSU,
    YOUNGHEE,
    announced,
    joined,
    left,
    moderated,
    renamed,
    said,
    whispered,
)
from tests.support.strategies import byte_by_byte, nicks, raw_texts, texts, uids

WHISPER_SIGNS = ("@", "＠", "﹫")
COMMAND_SIGNS = ("/", "／")

COMMANDS: dict[str, PlainCommand] = {
    "안녕하세요": Say(None, "안녕하세요"),
    "  들여쓴 말 ": Say(None, "  들여쓴 말 "),
    "a@b.kr 로 보내": Say(None, "a@b.kr 로 보내"),
    "1/2": Say(None, "1/2"),
    '{"t":"bye"}': Say(None, '{"t":"bye"}'),
    "@철수 비밀": Whisper(None, "철수", "비밀"),
    "＠철수 비밀": Whisper(None, "철수", "비밀"),
    "  @철수   비밀  둘 ": Whisper(None, "철수", "비밀  둘 "),
    "\u3000＠철수\u3000비밀": Whisper(None, "철수", "비밀"),
    "\u200b@철수 비밀": Whisper(None, "철수", "비밀"),
    "\ufeff\u202e @철수 비밀": Whisper(None, "철수", "비밀"),
    "\t@철수\t비밀": Whisper(None, "철수", "비밀"),
    "\x1b\x00@철수 비밀": Whisper(None, "철수", "비밀"),
    "\x1b/종료": Bye(),
    "@@철수 모두에게": Say(None, "@철수 모두에게"),
    "@＠철수": Say(None, "＠철수"),
    "//종료": Say(None, "/종료"),
    "／／종료": Say(None, "／종료"),
    " //": Say(None, "/"),
    "/종료": Bye(),
    " /종료 ": Bye(),
    "／종료": Bye(),
    "/QUIT": Bye(),
    "/ｑｕｉｔ": Bye(),
    "/exit 안녕": Bye(),
    "\u200b/종료": Bye(),
    "/목록": ListMembers(),
    "/list": ListMembers(),
    "/who": ListMembers(),
    "/도움말": ShowHelp(),
    "/help": ShowHelp(),
    "/닉 영이": Rename("영이"),
    "/nick  영 이 ": Rename("영 이 "),
}

REFUSED: dict[bytes, Code] = {
    "@철수".encode(): Code.EMPTY,
    "@철수 ".encode(): Code.EMPTY,
    "@철수 \u3000".encode(): Code.EMPTY,
    "@철수 \u200b".encode(): Code.EMPTY,
    b"@": Code.EMPTY,
    "@ 철수 비밀".encode(): Code.EMPTY,
    "/닉".encode(): Code.EMPTY,
    b"/nick  ": Code.EMPTY,
    b"/": Code.UNKNOWN_COMMAND,
    "/ 종료".encode(): Code.UNKNOWN_COMMAND,
    "/종료하자".encode(): Code.UNKNOWN_COMMAND,
    "/모르는것 하나".encode(): Code.UNKNOWN_COMMAND,
    b"\xff\xfe": Code.BAD_UTF8,
    "안녕".encode("cp949"): Code.BAD_UTF8,
    "가".encode()[:2]: Code.BAD_UTF8,
    b"\xed\xa0\x80": Code.BAD_UTF8,
}

SEEN: dict[str, tuple[Event, str, str]] = {
    "said": (said(1, "안녕하세요"), MINSU, "영희> 안녕하세요\n"),
    "said, to its sender": (said(1, "안녕하세요"), YOUNGHEE, "영희> 안녕하세요\n"),
    "several lines": (said(1, "가\n\n[알림] 나"), MINSU, "영희> 가\n영희> \n영희> [알림] 나\n"),
    "whisper, received": (whispered(1), CHEOLSU, "[귓속말] 영희> 비밀\n"),
    "whisper, sent": (whispered(1), YOUNGHEE, "[귓속말 전송] 철수에게: 비밀\n"),
    "whisper of two lines, received": (whispered(1, "가\n나"), CHEOLSU, "[귓속말] 영희> 가\n[귓속말] 영희> 나\n"),
    "whisper of two lines, sent": (
        whispered(1, "가\n나"),
        YOUNGHEE,
        "[귓속말 전송] 철수에게: 가\n[귓속말 전송] 철수에게: 나\n",
    ),
    "whisper to oneself": (
        whispered(1, to=YOUNGHEE),
        YOUNGHEE,
        "[귓속말] 영희> 비밀\n[귓속말 전송] 영희에게: 비밀\n",
    ),
    "joined": (joined(1), MINSU, "영희님이 입장하셨습니다.\n"),
    "left": (left(1), MINSU, "영희님이 퇴장하셨습니다.\n"),
    "left by force": (left(1, reason="slow"), MINSU, "영희님이 퇴장하셨습니다.\n"),
    "renamed": (renamed(1, was="영이"), MINSU, "[알림] 영이님이 영희님으로 바꾸셨습니다.\n"),
    "announced": (announced(1, "점검합니다\n철수> 네"), MINSU, "[공지] 점검합니다\n[공지] 철수> 네\n"),
    "kicked": (moderated(1, Action.KICK), MINSU, "[알림] 영희님이 철수님을 내보냈습니다.\n"),
    "banned": (moderated(1, Action.BAN), MINSU, "[알림] 영희님이 철수님을 차단했습니다.\n"),
    "banned for a while": (
        moderated(1, Action.BAN, for_s=7200),
        MINSU,
        "[알림] 영희님이 철수님을 2시간 동안 차단했습니다.\n",
    ),
    "address banned": (
        moderated(1, Action.BAN, target="", for_s=90),
        MINSU,
        "[알림] 영희님이 주소 하나를 1분 30초 동안 차단했습니다.\n",
    ),
    "let in again": (moderated(1, Action.UNBAN), MINSU, "[알림] 영희님이 철수님의 차단을 풀었습니다.\n"),
    "muted": (moderated(1, for_s=600), MINSU, "[알림] 영희님이 철수님을 10분 동안 조용히 있게 했습니다.\n"),
    "unmuted": (moderated(1, Action.UNMUTE), MINSU, "[알림] 영희님이 철수님을 다시 말할 수 있게 했습니다.\n"),
}


def understood(pieces: list[bytes]) -> list[PlainCommand]:
    """What the lines mean that `pieces` complete."""
    buffer = LineBuffer(MAX_PLAIN_LINE)
    lines = [line for piece in pieces for line in buffer.feed(piece)]
    return [plain.decode_command(line) for line in lines if not isinstance(line, Overlong)]


@pytest.mark.parametrize(("typed", "command"), COMMANDS.items(), ids=map(repr, COMMANDS))
def test_a_typed_line_means_one_command(typed: str, command: PlainCommand) -> None:
    line = typed.encode()
    assert understood([line + b"\n"]) == [command]
    assert understood([line + b"\r\n"]) == [command]
    assert understood(byte_by_byte(line + b"\n")) == [command]
    assert understood([line + b"\n" + line + b"\nrest"]) == [command, command]


@pytest.mark.parametrize(("line", "code"), REFUSED.items(), ids=map(repr, REFUSED))
def test_what_means_nothing_is_refused(line: bytes, code: Code) -> None:
    for pieces in ([line + b"\n"], byte_by_byte(line + b"\n"), [line + b"\nrest"]):
        with pytest.raises(Refusal) as refused:
            understood(pieces)
        assert refused.value.code is code


def test_an_unknown_command_is_named() -> None:
    with pytest.raises(Refusal) as refused:
        plain.decode_command("/모르는것 하나 둘".encode())
    assert refused.value.text == "모르는 명령입니다: /모르는것"


def test_of_what_was_typed_no_more_is_quoted_than_fits_a_line() -> None:
    with pytest.raises(Refusal) as refused:
        plain.decode_command(b"/" + b"x" * 4000)
    assert len(refused.value.text) < 50


@given(st.binary() | raw_texts.map(str.encode))
@example("@\u3000".encode())
@settings(deadline=None)
def test_any_bytes_give_a_command_or_a_refusal(line: bytes) -> None:
    with suppress(Refusal):
        assert isinstance(plain.decode_command(line), PlainCommand)


@given(st.text("\u200b\ufeff \u3000\t\x1b\r"), st.sampled_from("@＠﹫"), raw_texts)
@settings(deadline=None)
def test_a_slip_never_makes_a_whisper_public(before: str, sign: str, rest: str) -> None:
    """Two signs are what one types on purpose."""
    assume(not clean_text(rest).startswith(WHISPER_SIGNS))
    with suppress(Refusal):
        assert isinstance(plain.decode_command((before + sign + rest).encode()), Whisper)


@given(texts)
@settings(deadline=None)
def test_anything_else_is_said_as_it_stands(text: str) -> None:
    assume(not any(sign in text for sign in WHISPER_SIGNS + COMMAND_SIGNS))
    assert plain.decode_command(text.encode()) == Say(None, text)


@given(texts, st.sampled_from("@/＠／"))
@settings(deadline=None)
def test_a_doubled_sign_says_what_begins_with_one(text: str, sign: str) -> None:
    typed = clean_text(sign + sign + text)
    assert plain.decode_command(typed.encode()) == Say(None, typed[1:])


# --- what is sent -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("event", "viewer", "lines"), SEEN.values(), ids=SEEN)
def test_an_event_reads_as_the_contract_says(event: Event, viewer: str, lines: str) -> None:
    assert plain.encode_event(event, viewer) == lines.encode()


def test_answers_are_lines_of_their_own() -> None:
    assert plain.encode_line("닉네임을 입력하세요.") == "닉네임을 입력하세요.\n".encode()
    assert plain.encode_notice("하나\n둘") == "[알림] 하나\n[알림] 둘\n".encode()


def kinds(encoded: bytes) -> set[str]:
    """What each line is, to somebody who knows only how lines begin."""
    lines = encoded.decode().split("\n")
    assert lines.pop() == "", "the last line has no end"
    return {_kind(line) for line in lines}


def _kind(line: str) -> str:
    if line.startswith("["):
        return "notice" if line.startswith(phrases.NOTICE) else "private"
    before, arrow, _ = line.partition("> ")
    return "message" if arrow and not any(char.isspace() for char in before) else "coming or going"


@given(nicks, texts | st.text())
@example("영희", "가\n[알림] 나\n철수님이 퇴장하셨습니다.\n철수> 다")
@settings(deadline=None)
def test_every_line_of_a_message_begins_with_its_sender(nick: str, text: str) -> None:
    lines = plain.encode_event(Said(1, AT, YOUNGHEE, nick, text), MINSU).decode().split("\n")
    assert lines.pop() == ""
    assert [line.removeprefix(f"{nick}> ") for line in lines] == text.split("\n")
    assert all(line.startswith(f"{nick}> ") for line in lines)


@given(nicks, nicks, texts, uids, uids)
@settings(deadline=None)
def test_no_nickname_and_no_text_can_forge_a_line_of_another_kind(
    nick: str, other: str, text: str, uid: str, to_uid: str
) -> None:
    whisper = Whispered(1, AT, uid, nick, to_uid, other, text)
    assert kinds(plain.encode_event(Said(1, AT, uid, nick, text), uid)) == {"message"}
    assert kinds(plain.encode_event(whisper, uid)) == {"private"}
    assert kinds(plain.encode_event(whisper, to_uid)) == {"private"}
    assert kinds(plain.encode_event(Joined(1, AT, uid, nick), uid)) == {"coming or going"}
    assert kinds(plain.encode_event(Left(1, AT, uid, nick, "quit"), uid)) == {"coming or going"}
    assert kinds(plain.encode_event(Renamed(1, AT, uid, nick, other), uid)) == {"notice"}
    assert kinds(plain.encode_notice(text)) == {"notice"}


@pytest.mark.parametrize("word", ["운영자", "추방", "BAN", "차단해제", "조용히", "unmute", "공지", "제재", "무시"])
def test_what_only_the_other_client_can_do_is_said_to_be_so(word: str) -> None:
    with pytest.raises(Refusal) as refused:
        plain.decode_command(f"/{word} 철수".encode())
    assert (refused.value.code, refused.value.text) == (Code.BAD_STATE, phrases.MODERATING_NEEDS_CLIENT)


@pytest.mark.parametrize("until", [AT - 10**15, AT, AT + 1, 2**53])
def test_any_end_of_a_sanction_has_a_sentence(until: int) -> None:
    """Other programs make events, too."""
    event = Moderated(1, AT, YOUNGHEE, "영희", "춤", "철수", until)
    for action in (*Action, "춤"):
        assert plain.encode_event(structs.replace(event, action=action), MINSU).decode().startswith("[알림] 영희님이 ")


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        *(
            (-5, "1초"),
            (1, "1초"),
            (59, "59초"),
            (60, "1분"),
            (61, "1분 1초"),
            (3540, "59분"),
            (3541, "1시간"),
            (3600, "1시간"),
        ),
        *((3601, "1시간 1분"), (9000, "2시간 30분"), (86_399, "1일"), (90_001, "1일 2시간"), (31_536_000, "365일")),
    ],
)
def test_how_long_something_takes_is_said_in_two_units_at_most(seconds: int, said: str) -> None:
    assert f" {said} 뒤에" in phrases.muted(seconds)
