"""Nobody's words are anybody else's: who knows the plain dialect's sentences reads out of each line what happened, and who did it.

The reader below is written from the contract alone. Each line must have one meaning for it, whatever names and texts there are in it.
"""

import re

from hypothesis import example, given, settings
from hypothesis import strategies as st

from server.protocol import plain
from server.protocol.errors import Refusal
from server.protocol.events import Event, Joined, Left, Renamed, Said, Whispered
from server.protocol.nickname import check_nickname
from server.protocol.text import check_text
from tests.support.samples import AT, CHEOLSU, MINSU, YOUNGHEE
from tests.support.strategies import nicks

Meaning = tuple[str, ...]

READINGS = {
    "whisper": r"\[귓속말\] (\S+)> (.*)",
    "whispered": r"\[귓속말 전송\] (\S+)에게: (.*)",
    "renamed": r"\[알림\] (\S+)님이 (\S+)님으로 바꾸셨습니다\.",
    "joined": r"(\S+)님이 입장하셨습니다\.",
    "left": r"(\S+)님이 퇴장하셨습니다\.",
    "said": r"([^\s\[]+)> (.*)",
}

SENTENCES = (
    "철수님이 입장하셨습니다.",
    "철수님이 퇴장하셨습니다.",
    "[알림] 철수님이 영희님으로 바꾸셨습니다.",
    "[알림] 서버를 끕니다.",
    "[공지] 모두 나가세요.",
    "[귓속말] 철수> 비밀번호가 뭐예요?",
    "[귓속말 전송] 철수에게: 네",
    "철수> 안녕",
)
LINE_ENDS = (
    "\n",
    "\r",
    "\r\n",
    "\v",
    "\f",
    "\x1c",
    "\x1d",
    "\x1e",
    "\x85",
    "\u2028",
    "\u2029",
    "\x1b[2K\r",
    "\x1b[1A",
    "\x9b1A",
    "\b" * 9,
)
"""What ends a line for some program or other, or takes one back."""

forged_texts = st.lists(st.sampled_from(SENTENCES + LINE_ENDS) | st.text(max_size=9), max_size=8).map("".join)
forged_nicks = st.lists(
    st.sampled_from(
        [
            "님이",
            "님으로",
            "에게",
            "입장하셨습니다",
            "전송",
            "귓속말",
            "알림",
            "철수",
            ">",
            ":",
            "[",
            "] ",
            ". ",
            "\u3000",
            "\u2028",
        ]
    ),
    min_size=1,
    max_size=4,
).map("".join)


def accepted_nick(raw: str) -> str:
    """What becomes of a nickname that is asked for; somebody else's if it is refused."""
    try:
        return check_nickname(raw)
    except Refusal:
        return "아무개"


def accepted_text(raw: str) -> str:
    try:
        return check_text(raw)
    except Refusal:
        return "아무말"


any_nicks = nicks | forged_nicks.map(accepted_nick)
any_texts = (forged_texts | st.text()).map(accepted_text)


def read(line: str) -> Meaning:
    """What a line says: its only meaning."""
    found = [(kind, *match.groups()) for kind, form in READINGS.items() if (match := re.fullmatch(form, line))]
    assert len(found) == 1, (line, found)
    return found[0]


def lines_of(event: Event, viewer: str) -> list[str]:
    """As a program sees them whose lines end wherever Unicode would end one."""
    return plain.encode_event(event, viewer).decode().splitlines()


@given(any_nicks, any_nicks, any_texts)
@example("아무개", "철수", "안녕\n[알림] 서버를 끕니다.\n철수> 네\n철수님이 퇴장하셨습니다.")
@settings(deadline=None, max_examples=300)
def test_each_line_says_who_did_what_and_nothing_else(nick: str, other: str, text: str) -> None:
    texts = text.split("\n")
    whisper = Whispered(1, AT, YOUNGHEE, nick, CHEOLSU, other, text)
    expected: list[tuple[Event, str, list[Meaning]]] = [
        (Said(1, AT, YOUNGHEE, nick, text), MINSU, [("said", nick, line) for line in texts]),
        (whisper, CHEOLSU, [("whisper", nick, line) for line in texts]),
        (whisper, YOUNGHEE, [("whispered", other, line) for line in texts]),
        (Joined(1, AT, YOUNGHEE, nick), MINSU, [("joined", nick)]),
        (Left(1, AT, YOUNGHEE, nick, "quit"), MINSU, [("left", nick)]),
        (Renamed(1, AT, YOUNGHEE, nick, other), MINSU, [("renamed", other, nick)]),
    ]
    for event, viewer, meanings in expected:
        assert [read(line) for line in lines_of(event, viewer)] == meanings


@given(forged_texts)
@settings(deadline=None)
def test_what_the_server_says_of_a_mistake_is_a_notice_to_the_last_line(typed: str) -> None:
    """It quotes what was typed, and is shown to whoever typed it."""
    for line in (typed, f"/{typed}", f"@{typed}", f"/닉 {typed}"):
        try:
            plain.decode_command(line.encode("utf-8", "replace"))
        except Refusal as refusal:
            notice = plain.encode_notice(refusal.text).decode()
            assert all(one.startswith("[알림] ") for one in notice.splitlines())


@given(forged_nicks)
@settings(deadline=None)
def test_a_refused_nickname_is_quoted_on_one_line_or_not_at_all(raw: str) -> None:
    assert len(refusal_of(raw).splitlines()) <= 1


def refusal_of(raw: str) -> str:
    """The sentence, if it is refused."""
    try:
        check_nickname(raw)
    except Refusal as refusal:
        return refusal.text
    return ""
