"""What was typed and can't be done stands in the composer again, with the reason above it: each command that there is."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from server.protocol import phrases
from server.protocol.text import MAX_TEXT_CHARS, MAX_TEXT_LINES
from tests.support.chat import beside, chatting
from tests.support.in_process import InProcess, in_process
from tui_client import strings
from tui_client.commands import CATALOGUE

TOO_LONG = "가" * (MAX_TEXT_CHARS + 1)
SAYS_TOO_LONG = strings.text_too_long(MAX_TEXT_CHARS + 1, 1, MAX_TEXT_CHARS, MAX_TEXT_LINES)

REFUSED: Mapping[str, Mapping[str, str]] = {
    "귓속말": {
        "": strings.WHISPER_COMMAND_USAGE,
        "없는사람": phrases.absent("없는사람"),
        f"철수 {TOO_LONG}": SAYS_TOO_LONG,
    },
    "답장": {
        "": strings.NOBODY_TO_ANSWER,
        "네": strings.NOBODY_TO_ANSWER,
        TOO_LONG: SAYS_TOO_LONG,
    },
    "닉": {
        "": phrases.RENAME_USAGE,
        "새 이름": phrases.NICK_CHARACTERS,
        "서버": phrases.nick_reserved("서버"),
        "철수": phrases.nick_in_use("철수"),
        "영희": phrases.NICK_UNCHANGED,
    },
    "등록": {"철수": strings.register_usage("철수")},
    "무시": {
        "없는사람": phrases.absent("없는사람"),
        "영희": strings.NOT_ONESELF_TO_IGNORE,
        "철수 민수": strings.IGNORE_USAGE,
    },
    "추방": {"": strings.KICK_USAGE, "철수 민수": strings.KICK_USAGE, "철수": phrases.NOT_OPERATOR},
    "조용히": {"": strings.MUTE_USAGE, "철수 10": strings.no_duration("10"), "철수": phrases.NOT_OPERATOR},
    "조용히해제": {"": strings.UNMUTE_USAGE, "철수": phrases.NOT_OPERATOR},
    "차단": {
        "": strings.BAN_USAGE,
        "철수 조금": strings.no_duration("조금"),
        "철수 99999일": strings.duration_beyond("99999일", 3_660),
        "철수 0분": strings.duration_beyond("0분", 3_660),
        "203.0.113.7 2시간": phrases.NOT_OPERATOR,
    },
    "차단해제": {"": strings.UNBAN_USAGE, "철수": phrases.NOT_OPERATOR},
    "공지": {"": strings.ANNOUNCE_USAGE, TOO_LONG: SAYS_TOO_LONG, "여러분": phrases.NOT_OPERATOR},
    "제재": {"": phrases.NOT_OPERATOR},
    "알림": {"": strings.NOTIFY_USAGE, "가끔": strings.NOTIFY_USAGE},
    "테마": {"없는것": strings.unknown_theme("없는것")},
    "복사": {"": strings.NOTHING_TO_COPY},
    "연결": {"": strings.ALREADY_CONNECTED},
    "다시": {"": strings.NOTHING_FAILED},
    "버리기": {"": strings.NOTHING_UNSENT},
}
"""By the command's first word: what may follow it and can't be done, and why; while 영희 is here with 철수, who has said nothing."""

ALWAYS_DONE = ("도움말", "등록해제", "찾기", "목록", "설정", "링크", "종료", "운영자")
"""What is looked for is taken along into the search, and mended there; what is not registered, or not the key, only the server knows."""

LINES = [(f"/{word} {rest}".rstrip(), reason) for word, lines in REFUSED.items() for rest, reason in lines.items()]


@pytest.fixture
def server() -> Iterator[InProcess]:
    with in_process() as running:
        yield running


def test_no_command_is_forgotten_here() -> None:
    assert sorted([*REFUSED, *ALWAYS_DONE]) == sorted(entry.words[0] for entry in CATALOGUE)


@pytest.mark.parametrize(("line", "reason"), LINES, ids=[line[:12] for line, _ in LINES])
async def test_refused_command_stands_in_the_composer_with_the_reason_above_it(
    server: InProcess, tmp_path: Path, line: str, reason: str
) -> None:
    friend = server.json("철수")
    async with chatting(server.port, tmp_path) as chat:
        await chat.until(lambda: "영희님이 입장하셨습니다." in chat.lines and "철수" in chat.screen.members.nicks)
        await chat.enter(line)
        await chat.until(lambda: chat.hint == reason)
        assert chat.composer.whole_text == line
        assert chat.composer.partner is None
        await chat.enter("끝")
        await beside(lambda: friend.hear("영희> 끝"))
        assert (friend.public, friend.private) == (["영희> 끝"], [])


async def test_command_that_is_refused_in_whisper_mode_comes_back_in_it(server: InProcess, tmp_path: Path) -> None:
    friend = server.json("철수")
    async with chatting(server.port, tmp_path) as chat:
        await chat.until(lambda: "철수" in chat.screen.members.nicks)
        await chat.enter("/귓속말 철수")
        await chat.until(lambda: chat.composer.partner is not None)
        await chat.enter("/귓속말 없는사람")
        await chat.until(lambda: chat.hint == phrases.absent("없는사람"))
        assert chat.composer.text == "/귓속말 없는사람"
        assert chat.composer.partner is not None
        assert chat.composer.partner.uid == friend.uid
