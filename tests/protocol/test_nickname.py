"""What a nickname may be, and which nicknames are the same."""

import re
import sys
import time
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from server.protocol import phrases
from server.protocol.errors import Code, Refusal
from server.protocol.nickname import MAX_NICK_CHARS, MAX_NICK_COLUMNS, check_nickname, nickname_key
from server.protocol.text import clean_text, column_width

TOO_LONG = phrases.nick_too_long(MAX_NICK_CHARS, MAX_NICK_COLUMNS)
ODD = (
    "영희ㅋㅏaAаπかカ漢々_-1１١۱>＞[@/: \u3000\u200b\u200d\ufe0f\u3164\u1160\u1100\u1161\u0301\u0338\u20dd"
    "\u202e\x1b\ufdfa\ufdf4ﬃİßｱﾟ\u0e33ก"
)
likely_names = st.text(st.sampled_from("영희ㅋaA漢1_-ﬃＡ\u0301"), min_size=1, max_size=9)
odd_names = st.text(st.sampled_from(ODD), max_size=24) | st.text(max_size=24)

ALLOWED = [
    "영희",
    "ㅋㅋ",
    "young-hee_1",
    "7",
    "_",
    "金영희Kim",
    "タナカ太郎さんOK",
    "佐々木",
    "スーパー",
    "Привет1",
    "Ελένη",
    "हिन्दी",
    "ไทยน้ำ",
    "محمد",
    "محمد١٢",
    "ẹ́nì",
    "ｙｏｕｎｇ",
    "ｱｲﾞｶﾞ"[:2],
    "ᄒᆞᆫ글",
    "관리자2",
    "나나",
    "가" * 12,
    "a" * 20,
]

NOT_CHARACTERS = {
    "blank inside": "영 희",
    "ideographic blank": "영\u3000희",
    "greater-than": "영희>",
    "full-width greater-than": "영희＞",
    "bracket": "[알림]",
    "at": "@영희",
    "full-width at": "＠영희",
    "slash": "/종료",
    "colon": "영희:",
    "newline inside": "영\n희",
    "escape": "\x1b[31m영희",
    "filler": "\u3164",
    "filler inside": "영\u3164희",
    "half-width filler": "\uffa0",
    "jamo fillers": "\u115f\u1160",
    "zero width": "영\u200b희",
    "joiner": "영\u200d희",
    "bidi": "\u202e영희",
    "soft hyphen": "영\u00ad희",
    "selector": "a\ufe0f",
    "selector on a letter-like emoji": "\u2139\ufe0f",
    "lone mark": "\u0301",
    "mark first": "\u0301a",
    "mark on Hangul": "영\u0301",
    "mark on a digit": "1\u0301",
    "mark on a hyphen": "-\u0338",
    "mark of another script": "a\u0e31",
    "five marks": "x" + "\u0323" * 5,
    "enclosing mark": "a\u20dd",
    "lone vowel jamo": "\u1161",
    "lone initial jamo": "\u1100",
    "emoji": "영희😀",
    "number that is no digit": "①",
    "roman numeral": "Ⅳ",
    "superscript": "a²",
    "apostrophe letter": "a\u02bc",
    "ligature with blanks in its key": "\ufdfa",
    "spacing sign with a blank in its key": "\u037a",
    "unit": "㎏",
    "dash": "영–희",
    "picture": "영␛",
    "surrogate": "\ud800",
    "private": "\ue000",
    "unassigned": "\u0378",
}

NOT_TOGETHER = {
    "Cyrillic in Latin": "p\u0430ypal",
    "Greek in Latin": "αlpha",
    "Cyrillic with Hangul": "영희\u0430",
    "kana with Hangul": "영희の",
    "three scripts": "영희カ漢",
    "full-width Latin with Cyrillic": "ｐ\u0430",
    "mathematical Latin with Cyrillic": "𝐩\u0430",
    "digits of another script": "영희١",
    "two number systems": "محمد1١",
    "two Arabic number systems": "١۱",
}

SAME = {
    "case": ("Young", "yOUNG"),
    "full-width": ("young1", "ＹＯＵＮＧ１"),
    "decomposed": ("영희", unicodedata.normalize("NFD", "영희")),
    "half-width kana": ("ガ", "ｶﾞ"),
    "jamo that are typed apart": ("카", "ㅋㅏ"),
    "sharp s": ("Straße", "STRASSE"),
    "ligature": ("office", "oﬃce"),
    "mathematical": ("young", "𝓎ou𝓃g"),
    "Kelvin": ("k", "\u212a"),
}


@pytest.mark.parametrize("nick", ALLOWED)
def test_fine_nickname_is_left_alone(nick: str) -> None:
    assert check_nickname(nick) == nick


@pytest.mark.parametrize("raw", [" 영희\t", "\u3000영희\r\n", unicodedata.normalize("NFD", "영희")])
def test_nickname_is_stripped_and_composed(raw: str) -> None:
    assert check_nickname(raw) == "영희"


@pytest.mark.parametrize("raw", NOT_CHARACTERS.values(), ids=NOT_CHARACTERS)
def test_nickname_of_other_than_letters_and_digits_is_refused(raw: str) -> None:
    assert refusal(raw) == (Code.NICK_INVALID, phrases.NICK_CHARACTERS)


@pytest.mark.parametrize("raw", NOT_TOGETHER.values(), ids=NOT_TOGETHER)
def test_scripts_that_imitate_each_other_are_not_mixed(raw: str) -> None:
    assert refusal(raw) == (Code.NICK_INVALID, phrases.NICK_SCRIPTS)


@pytest.mark.parametrize("raw", ["", " ", "\u3000\t\n"])
def test_empty_nickname_is_refused(raw: str) -> None:
    assert refusal(raw) == (Code.NICK_INVALID, phrases.NICK_EMPTY)


@pytest.mark.parametrize("raw", ["a" * 21, "가" * 13, "가" * 12 + "a", "\u0301" * 20_000, "x" * 99])
def test_nickname_beyond_the_limits_is_refused(raw: str) -> None:
    assert refusal(raw) == (Code.NICK_INVALID, TOO_LONG)


@pytest.mark.parametrize(
    "decomposed", [unicodedata.normalize("NFD", "각") * 12, unicodedata.normalize("NFD", "\u1f82") * 20]
)
def test_limits_count_the_composed_nickname(decomposed: str) -> None:
    assert check_nickname(decomposed) == unicodedata.normalize("NFC", decomposed)


@pytest.mark.parametrize(
    "raw",
    [
        *["서버", "시스템", "관리자", "운영자", "공지", "알림", "귓속말", "전체", "모두", "나", "ㅅㅓㅂㅓ"],
        *["server", "system", "admin", "everyone", "all", "Server", "ＡＤＭＩＮ"],
    ],
)
def test_reserved_word_in_any_dress_is_refused(raw: str) -> None:
    assert refusal(unicodedata.normalize("NFD", raw)) == (Code.NICK_RESERVED, phrases.nick_reserved(raw))


@pytest.mark.parametrize(("one", "other"), SAME.values(), ids=SAME)
def test_same_nickname_has_the_same_key(one: str, other: str) -> None:
    assert nickname_key(one) == nickname_key(other)


def test_different_nicknames_have_different_keys() -> None:
    assert len({nickname_key(nick) for nick in ("영희", "영이", "young", "young_", "young-", "yοung", "")}) == 7


@given(st.text())
def test_key_of_a_key_is_itself(raw: str) -> None:
    key = nickname_key(raw)
    assert nickname_key(key) == key
    assert (key == "") == (raw == "")


def test_key_of_each_character_is_stable() -> None:
    keys = [nickname_key(chr(code)) for code in range(sys.maxunicode + 1)]
    assert all(key and nickname_key(key) == key for key in keys)


def test_key_of_a_nickname_is_short_enough_to_be_folded() -> None:
    """What is over four times as long as a nickname is its own key; no character that is allowed grows that long."""
    growing = [chr(code) for code in range(sys.maxunicode + 1) if len(nickname_key(chr(code))) > 4]
    assert growing
    assert not any(map(is_allowed, growing))


def test_hostile_nickname_does_not_hold_the_interpreter() -> None:
    hostile = "a" + "\u0301" * 8000 + "\u0323" * 8000
    started = time.thread_time()
    assert nickname_key(hostile) == hostile
    assert refusal(hostile) == (Code.NICK_INVALID, TOO_LONG)
    assert time.thread_time() - started < 0.05


@given(likely_names | odd_names)
@example("ǰ" * 20)
@example("\u0345α")
def test_whatever_is_accepted_keeps_the_rules(raw: str) -> None:
    nick = check_nickname(raw) if is_allowed(raw) else "영희"
    assert check_nickname(nick) == nick
    assert check_nickname(unicodedata.normalize("NFD", nick)) == nick
    assert clean_text(nick) == nick
    assert 1 <= column_width(nick) <= MAX_NICK_COLUMNS
    assert len(nick) <= MAX_NICK_CHARS
    assert nickname_key(nick)
    assert not re.search(r"[\s>\[\]@＠/:'\"\x00-\x1f]", nick + nickname_key(nick))


@given(odd_names.map("\x1b[2J{}".format))
def test_whatever_is_refused_gets_a_safe_sentence(raw: str) -> None:
    code, sentence = refusal(raw)
    assert code is Code.NICK_INVALID
    assert clean_text(sentence) == sentence


def refusal(raw: str) -> tuple[Code, str]:
    with pytest.raises(Refusal) as refused:
        check_nickname(raw)
    return refused.value.code, refused.value.text


def is_allowed(char: str) -> bool:
    try:
        check_nickname(char)
    except Refusal:
        return False
    return True
