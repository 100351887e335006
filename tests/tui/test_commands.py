"""What a typed line means."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.protocol import phrases
from server.protocol.syllables import is_syllable
from server.protocol.text import MAX_TEXT_CHARS, MAX_TEXT_LINES, clean_text
from tui_client import strings
from tui_client.commands import (
    CATALOGUE,
    COMMAND_WORDS,
    Argument,
    Command,
    CommandHelp,
    CopyLast,
    GiveUpNick,
    Help,
    KeepNick,
    ListMembers,
    Mistake,
    OpenLinks,
    OpenSettings,
    Quit,
    Reconnect,
    Rename,
    Reply,
    Say,
    Search,
    SetNotify,
    SetTheme,
    StickyWhisper,
    Whisper,
    WhisperOn,
    find_command,
    nearest_command,
    parse,
)
from tui_client.korean import hangul
from tui_client.partners import Partner
from tui_client.settings import Notify

CHEOLSU = Partner("철수", "b" * 16)


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("안녕하세요", Say("안녕하세요")),
        ("메일은 a@b.kr", Say("메일은 a@b.kr")),
        ("1/2", Say("1/2")),
        ("  들여쓰기", Say("  들여쓰기")),
        ("두\n줄", Say("두\n줄")),
        ("//etc/hosts", Say("/etc/hosts")),
        ("／／etc", Say("／etc")),
        ("@@철수 안녕", Say("@철수 안녕")),
        ("＠@철수 안녕", Say("@철수 안녕")),
        ("@철수 비밀", Whisper("철수", "비밀")),
        ("@철수   비밀  둘", Whisper("철수", "비밀  둘")),
        ("@철수 a\nb", Whisper("철수", "a\nb")),
        ("@철수\n비밀", Whisper("철수", "비밀")),
        ("@철수 /종료", Whisper("철수", "/종료")),
        ("/종료", Quit()),
        ("  /종료  ", Quit()),
        ("/QUIT", Quit()),
        ("/Exit", Quit()),
        ("／종료", Quit()),
        ("／ｑｕｉｔ", Quit()),
        ("/목록", ListMembers()),
        ("/list", ListMembers()),
        ("/WHO", ListMembers()),
        ("/닉 영이", Rename("영이")),
        ("/nick  Tom ", Rename("Tom")),
        ("/등록", KeepNick()),
        ("/register", KeepNick()),
        ("/emdfhr", KeepNick()),
        ("/ㄱㄷ햔ㅅㄷㄱ", KeepNick()),
        ("/등록해제", GiveUpNick("")),
        ("/unregister Tom ", GiveUpNick("Tom")),
        ("/등록해제 @영희", GiveUpNick("영희")),
        ("/emdfhrgowp", GiveUpNick("")),
        ("/도움말", Help()),
        ("/help", Help()),
        ("/귓속말 철수 비밀  둘", Whisper("철수", "비밀  둘")),
        ("/귓속말 @철수 비밀", Whisper("철수", "비밀")),
        ("/w 철수 @영희 //", Whisper("철수", "@영희 //")),
        ("/dm 철수\n두\n줄", Whisper("철수", "두\n줄")),
        ("/whisper 철수", StickyWhisper("철수")),
        ("/귓속말 ＠철수 ", StickyWhisper("철수")),
        ("/답장 네  그래요", Reply("네  그래요")),
        ("/r", Reply("")),
        ("/찾기 회의  자료", Search("회의  자료", None)),
        ("/찾기 @철수 회의", Search("회의", "철수")),
        ("/search @철수", Search("", "철수")),
        ("/찾기 @@철수", Search("@철수", None)),
        ("/찾기 //etc", Search("//etc", None)),
        ("/find", Search("", None)),
        ("/테마 한지", SetTheme("hanji")),
        ("/테마 Hanji", SetTheme("hanji")),
        ("/테마 gkswl", SetTheme("hanji")),
        ("/테마", SetTheme("")),
        ("/알림 멘션", SetNotify(Notify.MENTIONS)),
        ("/알림 ALL", SetNotify(Notify.ALL)),
        ("/notify 끄기", SetNotify(Notify.NONE)),
        ("/dkffla Rmrl", SetNotify(Notify.NONE)),
        ("/링크", OpenLinks()),
        ("/복사", CopyLast()),
        ("/설정", OpenSettings()),
        ("/연결", Reconnect()),
        ("/ㅗ디ㅔ", Help()),
        ("/whdfy", Quit()),
        ("/WHDFY", Quit()),
        ("／ｗｈｄｆｙ", Quit()),
        ("/rnltthrakf 철수", StickyWhisper("철수")),
        ("/ㄱ 네", Reply("네")),
        ("/ㄴㄷㅁㄱ초 회의", Search("회의", None)),
    ],
)
def test_line_is_understood(line: str, command: Command) -> None:
    assert parse(line) == command


@pytest.mark.parametrize(
    "before",
    ["", " ", "\t", "\u3000", "\u200b", "\ufeff", "\u2066", "\u3164", "\x1b", "\x0b", "\n", "\u0301", "\u00ad\u200d "],
)
@pytest.mark.parametrize("sign", ["@", "＠", "﹫"])
def test_slip_before_the_sign_does_not_make_a_whisper_public(before: str, sign: str) -> None:
    assert parse(f"{before}{sign}철수 비밀") == Whisper("철수", "비밀")


@pytest.mark.parametrize("line", ["@", "@철수", "@철수 ", "@ 철수 비밀", "＠", "@철수 \u200b", " @\n철수 비밀"])
def test_whisper_without_a_name_or_text_is_a_mistake_that_says_how(line: str) -> None:
    assert parse(line) == Mistake(phrases.WHISPER_USAGE)


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("/귓속말", strings.WHISPER_COMMAND_USAGE),
        ("/w @", strings.WHISPER_COMMAND_USAGE),
        ("/등록 철수", strings.register_usage("철수")),
        ("/알림", strings.NOTIFY_USAGE),
        ("/알림 조금", strings.NOTIFY_USAGE),
        ("/테마 무지개", "'무지개' 테마는 없습니다. 다음 가운데 하나를 입력하세요: 먹, 달빛, 고대비, 한지, 청자, 백자"),
    ],
)
def test_argument_that_is_missing_or_unknown_is_a_mistake_that_says_how(line: str, text: str) -> None:
    assert parse(line) == Mistake(text)


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("비밀", WhisperOn(CHEOLSU, "비밀")),
        ("//비밀", WhisperOn(CHEOLSU, "/비밀")),
        ("@@비밀", WhisperOn(CHEOLSU, "@비밀")),
        ("@영희 비밀", Whisper("영희", "비밀")),
        ("@철수 비밀", Whisper("철수", "비밀")),
        ("/종료", Quit()),
        (" ", Mistake(phrases.TEXT_EMPTY)),
        ("@영희", Mistake(phrases.WHISPER_USAGE)),
    ],
)
def test_with_a_partner_nothing_is_for_everyone(line: str, command: Command) -> None:
    assert parse(line, CHEOLSU) == command


@given(st.text())
def test_with_a_partner_no_line_is_ever_public(line: str) -> None:
    assert not isinstance(parse(line, CHEOLSU), Say)


@pytest.mark.parametrize("line", ["", " ", "\n", "\u200b", "\u3164"])
def test_nothing_is_not_sent(line: str) -> None:
    assert parse(line) == Mistake(phrases.TEXT_EMPTY)


@pytest.mark.parametrize(
    ("line", "chars", "lines"),
    [
        ("가" * (MAX_TEXT_CHARS + 1), 2001, 1),
        ("@철수 " + "\n".join("a" * (MAX_TEXT_LINES + 1)), 41, 21),
        ("/귓속말 철수 " + "가" * (MAX_TEXT_CHARS + 1), 2001, 1),
        ("/답장 " + "가" * (MAX_TEXT_CHARS + 1), 2001, 1),
    ],
    ids=["characters", "lines", "whisper", "reply"],
)
def test_text_that_is_too_long_is_refused_here_with_its_size(line: str, chars: int, lines: int) -> None:
    mistake = parse(line)
    assert mistake == Mistake(strings.text_too_long(chars, lines, MAX_TEXT_CHARS, MAX_TEXT_LINES))
    assert "Ctrl" not in mistake.text, "--line has no such keys"


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("/닉", phrases.RENAME_USAGE),
        ("/닉 ", phrases.RENAME_USAGE),
        ("/닉 새 이름", phrases.NICK_CHARACTERS),
        ("/닉 서버", phrases.nick_reserved("서버")),
    ],
)
def test_nickname_that_is_not_allowed_is_refused_here(line: str, text: str) -> None:
    assert parse(line) == Mistake(text)


def test_unknown_command_names_the_nearest_known_one() -> None:
    assert parse("/종로") == Mistake("모르는 명령입니다: /종로 — '/종료'를 뜻하셨나요?")


def test_unknown_command_without_a_neighbour_tells_how_to_begin_a_message_with_a_slash() -> None:
    assert parse("/etc/hosts 봐") == Mistake(
        "모르는 명령입니다: /etc/hosts — '/도움말'로 명령을 볼 수 있고, '/'로 시작하는 메시지는 '//'로 보냅니다."
    )


@pytest.mark.parametrize("line", ["/", "/ 종료", "／ 안녕", "/" + "가" * 5000])
def test_slash_that_begins_no_command_is_never_said(line: str) -> None:
    mistake = parse(line)
    assert isinstance(mistake, Mistake)
    assert len(mistake.text) < 120


@pytest.mark.parametrize(
    ("word", "nearest"),
    [
        ("종로", "/종료"),
        ("족료", "/종료"),
        ("종료요", "/종료"),
        ("whdfy", "/종료"),
        ("WHDFY", "/종료"),
        ("ㅈㄹ", "/종료"),
        ("exti", "/exit"),
        ("quti", "/quit"),
        ("햐ㅜㅎ", ""),
        ("ㅂㅕㅑㅅ", "/quit"),
        ("ㅗ디ㅔ", "/help"),
        ("hepl", "/help"),
        ("도움", "/도움말"),
        ("종", "/종료"),
        ("공", "/공지"),
        ("ㄷㅇㅁ", "/도움말"),
        ("목롤", "/목록"),
        ("ahrfhr", "/목록"),
        ("ㅣㅑㄴㅅ", "/list"),
        ("닊", "/닉"),
        ("니", "/닉"),
        ("안녕하세요", ""),
        ("x", ""),
        ("", ""),
    ],
)
def test_nearest_command_is_found_by_the_keys_pressed(word: str, nearest: str) -> None:
    assert nearest_command(word) == nearest


@pytest.mark.parametrize("word", COMMAND_WORDS)
def test_known_command_is_never_a_mistake_however_it_is_encoded(word: str) -> None:
    [entry] = [entry for entry in CATALOGUE if word in entry.words]
    argument = {Argument.THEME: "먹", Argument.NOTIFY: "모두", Argument.NONE: ""}.get(entry.argument, "영이")
    meant = entry.understand(argument)
    assert not isinstance(meant, Mistake)
    in_other_layout = hangul.compose(word) if word.isascii() else hangul.keystrokes(word)
    for typed in (word, word.upper(), unicodedata.normalize("NFD", word), in_other_layout):
        assert parse(f"/{typed} {argument}") == meant


def test_no_two_commands_are_typed_with_the_same_keys() -> None:
    keys = [hangul.keystrokes(word) for word in COMMAND_WORDS]
    assert len(set(keys)) == len(keys)
    assert all(word == word.casefold() for word in COMMAND_WORDS)


@pytest.mark.parametrize("entry", CATALOGUE, ids=lambda entry: entry.words[1])
def test_every_command_has_a_korean_and_an_english_word_and_says_what_it_does(entry: CommandHelp) -> None:
    korean, english, *_ = entry.words
    assert all(map(is_syllable, korean))
    assert english.isascii()
    assert entry.does
    assert entry.usage == f"/{korean} {entry.shape}".strip()
    assert find_command(korean) is entry


def test_what_is_too_long_for_a_command_is_none() -> None:
    assert find_command("종료" + "가" * 30) is None
    assert find_command("") is None


@given(st.text())
def test_any_line_is_a_command_or_a_mistake_that_says_something(line: str) -> None:
    match parse(line):
        case Mistake(text):
            assert text
        case Say(text) | Whisper(_, text) | Reply(text):
            assert text == clean_text(text)
            assert text.strip()
        case _:
            pass


@given(st.sampled_from(["", "/귓속말 ", "/w 철수 ", "/r ", "/찾기 @", "/알림 ", "/테마 "]), st.text())
def test_any_argument_is_understood_or_a_mistake(command: str, rest: str) -> None:
    assert not command or not isinstance(parse(command + rest), Say)


@given(st.sampled_from("@＠/／"), st.text())
def test_what_begins_with_a_single_sign_is_never_public(sign: str, rest: str) -> None:
    command = parse(f"{sign}x{rest}")
    assert not isinstance(command, Say)
