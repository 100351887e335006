"""What becomes of text on its way into the room and onto a screen."""

import functools
import re
import sys
import time
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from server.protocol import phrases
from server.protocol.errors import Code, Refusal
from server.protocol.text import (
    MAX_MARKS,
    MAX_TEXT_CHARS,
    MAX_TEXT_LINES,
    check_text,
    clean_text,
    column_width,
    excerpt,
    is_everyday,
)
from server.protocol.unicode_data import EVERYDAY, INVISIBLE, PICTOGRAPHS, SKIN_TONES, UNSHOWABLE

ZWJ, VS15, VS16 = "\u200d", "\ufe0e", "\ufe0f"
JOINERS = frozenset({ZWJ, VS15, VS16})
ALL_CHARS = [chr(code) for code in range(sys.maxunicode + 1)]
ODD = (
    "\u0301\u0323\u0338\u20dd\u200d\u200b\ufe0e\ufe0f\u20e3\u202e\u3164\u1160\u1100\u1161\u11a8"
    "가ㅋa1# \n\r\t\x1b\x9b\ud83d\ue000↔❤👩💻🏽"
)
odd_text = st.text(st.sampled_from(ODD)) | st.text(st.sampled_from(ODD) | st.characters()) | st.text()

UNTOUCHED = {
    "jamo as they are typed": "ㅋㅋㅋ ㅠㅠ ㅇㅋ?",
    "syllables, Han, kana, Latin": "안녕하세요 漢字 ひらがな naïve Привет",
    "several lines with indentation": "def f():\n    return 1\n",
    "full-width and other blanks": "１２３\u3000가\u00a0나",
    "family": "👨\u200d👩\u200d👧\u200d👦",
    "profession with a skin tone": "👩🏽\u200d💻 코딩",
    "heart with emoji presentation": "사랑해 ❤\ufe0f",
    "heart on fire": "❤\ufe0f\u200d🔥",
    "text presentation": "☎\ufe0e",
    "rainbow flag": "🏳\ufe0f\u200d🌈",
    "keycaps": "1\ufe0f\u20e3 #\ufe0f\u20e3 *\ufe0f\u20e3",
    "national flag": "🇰🇷",
    "arrow in an emoji": "🙂\u200d↔\ufe0f",
    "archaic Hangul": "ᄒᆞᆫ글",
    "Thai and Devanagari": "น้ำ हिन्दी",
    "four marks": "ạ\u0323\u0307\u0308\u0304",
    "a sign on a blank": " \u0301",
    "unassigned": "\U0001fbff\u0378",
}

CHANGED = {
    "decomposed by macOS": (unicodedata.normalize("NFD", "영희야 안녕"), "영희야 안녕"),
    "escape sequence": ("\x1b[2J\x1b]0;x\x07", "␛[2J␛]0;x␇"),
    "NUL and DEL": ("a\x00b\x7f", "a␀b␡"),
    "C1 sequence introducer": ("a\x9b31mb", "a31mb"),
    "CR LF": ("가\r\n나", "가\n나"),
    "lone CR": ("영희> 가\r철수> 나", "영희> 가␍철수> 나"),
    "CR CR LF": ("가\r\r\n나", "가␍\n나"),
    "vertical tab and form feed": ("가\v나\f다", "가␋나␌다"),
    "tab": ("\tif x:", "    if x:"),
    "Unicode line ends": ("가\u2028나\u2029다\u0085라", "가 나 다 라"),
    "Braille blank": ("⣿\u2800⣿", "⣿ ⣿"),
    "bidi override": ("\u202egpj.exe\u202c", "gpj.exe"),
    "bidi isolates and marks": ("\u2066a\u2069\u200e\u200f\u061cb", "ab"),
    "zero width": ("비\u200b밀\u200c\u2060\ufeff\u00ad\u034f\u180e", "비밀"),
    "Hangul fillers": ("가\u3164나\uffa0다\u115f\u1160라", "가나다라"),
    "Khmer, annotation, mathematical, musical": ("\u17b4a\u17b5\ufff9\ufffb\u2061\u2064\U0001d173\U0001d17a", "a"),
    "tags": ("🏴\U000e0067\U000e0062\U000e007f", "🏴"),
    "selector of an ideograph": ("葛\U000e0100\ufe00", "葛"),
    "joiner between letters": ("비\u200d밀", "비밀"),
    "joiner at an end of an emoji": ("\u200d👩\u200d", "👩"),
    "two joiners": ("👩\u200d\u200d💻", "👩💻"),
    "selector on a letter": ("a\ufe0f가\ufe0e", "a가"),
    "selector on a digit without keycap": ("1\ufe0f2", "12"),
    "second selector": ("❤\ufe0f\ufe0f", "❤\ufe0f"),
    "joiner to an arrow that composes": ("👩\u200d↔\u200b\u0338", "👩↮"),
    "lone surrogates": ("\ud83d가\udc00", "\ufffd가\ufffd"),
    "private use": ("\ue000\uf8ff\U000f0000\U0010fffd", "\ufffd" * 4),
    "noncharacters": ("\ufdd0\uffff\U0001fffe", "\ufffd" * 3),
    "zalgo": ("a" + "\u0323" * 40 + "b", "ạ" + "\u0323" * 4 + "b"),
    "zalgo with zero width between": ("x" + "\u0489\u200b" * 9, "x" + "\u0489" * 4),
    "zalgo on an emoji": ("👩" + "\u20dd" * 9, "👩" + "\u20dd" * 4),
    "marks without a base": ("\u0301\u0301가\n\u20dd나", "가\n나"),
    "removed between what composes": ("e\u200b\u0301 ㄱ \u1100\u200d\u1161", "é ㄱ 가"),
    "singleton": ("\u212b \u2126 \uf900", "Å Ω 豈"),
}


@pytest.mark.parametrize("text", UNTOUCHED.values(), ids=UNTOUCHED)
def test_fine_text_is_left_alone(text: str) -> None:
    assert clean_text(text) == text


@pytest.mark.parametrize(("raw", "clean"), CHANGED.values(), ids=CHANGED)
def test_odd_text_is_shown_harmlessly(raw: str, clean: str) -> None:
    assert clean_text(raw) == clean


@pytest.mark.parametrize("code", [*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20)])
def test_c0_is_shown_as_its_picture(code: int) -> None:
    assert clean_text(f"a{chr(code)}b") == f"a{chr(0x2400 + code)}b"


@given(odd_text)
@example("👩\u200d↔\u0323\u200d\u0338")
@example("↔\ufe0f\u0338" + "\u0338" * 9)
@example("a" + "\u0338\u0323\u200d" * 40)
@example("ᄀ" + "\u0301" * 9 + "ᅡ")
def test_any_text_comes_out_harmless(raw: str) -> None:
    text = clean_text(raw)
    assert clean_text(text) == text
    assert unicodedata.is_normalized("NFC", text)
    assert all(
        char == "\n" or char in JOINERS or unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Co"} for char in text
    )
    assert not re.search(f"[{INVISIBLE}{UNSHOWABLE}\u0085\u2028\u2029]", text)
    assert max_marks(text) <= MAX_MARKS
    assert not any(line and is_mark(line[0]) for line in text.split("\n"))


@given(odd_text)
def test_joiners_stay_only_inside_emoji(raw: str) -> None:
    pictograph = f"[{PICTOGRAPHS}\u2194]"
    text = clean_text(raw)
    for found in re.finditer(ZWJ, text):
        assert re.search(f"{pictograph}{VS16}?{VS15}?[{SKIN_TONES}]?\\Z", text[: found.start()])
        assert re.match(pictograph, text[found.end() :])
    for found in re.finditer(f"[{VS15}{VS16}]", text):
        before, after = text[found.start() - 1], text[found.end() :]
        assert re.fullmatch(pictograph, before) or (before in "0123456789#*" and after.startswith("\u20e3"))


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_clean_text_travels_as_utf8(raw: str) -> None:
    text = clean_text(raw)
    assert text.encode().decode() == text


def test_everyday_characters_are_clean_in_any_order() -> None:
    everyday = re.findall(f"[{EVERYDAY}]", "".join(ALL_CHARS))
    marked = "".join(everyday) + "\x07"
    assert clean_text(marked) == "".join(everyday) + "␇"
    assert not any(is_mark(char) or unicodedata.combining(char) for char in everyday)
    assert not {second for _, second in compositions()} & set(everyday)


def test_pictographs_never_compose() -> None:
    pictographs = set(re.findall(f"[{PICTOGRAPHS}{SKIN_TONES}0-9#*]", "".join(ALL_CHARS)))
    replaced = {char for char in ALL_CHARS if unicodedata.normalize("NFC", char) != char}
    replacements = set(unicodedata.normalize("NFC", "".join(replaced)))
    assert not pictographs & {char for pair in compositions() for char in pair}
    assert not pictographs & (replaced | replacements)
    assert ("\u2194", "\u0338") in compositions()


def test_a_mark_composes_with_nothing_but_marks() -> None:
    """Why cutting a run of marks cannot undo NFC: the last kept mark does not compose with the next base."""
    assert not [pair for pair in compositions() if is_mark(pair[0]) and not is_mark(pair[1])]


def test_every_format_character_of_this_python_is_invisible() -> None:
    formats = {char for char in ALL_CHARS if unicodedata.category(char) == "Cf"}
    assert [hex(ord(char)) for char in formats if not re.match(f"[{INVISIBLE}]", char)] == [hex(ord(ZWJ))]


def test_every_private_or_surrogate_character_is_unshowable() -> None:
    hidden = {char for char in ALL_CHARS if unicodedata.category(char) in {"Co", "Cs"}}
    noncharacters = {char for char in ALL_CHARS if ord(char) & 0xFFFE == 0xFFFE or "\ufdd0" <= char <= "\ufdef"}
    assert hidden | noncharacters == set(re.findall(f"[{UNSHOWABLE}]", "".join(ALL_CHARS)))


def test_text_is_everyday_only_if_cleaning_leaves_it_alone() -> None:
    assert is_everyday("안녕하세요, world 😀\nㅋㅋ" * 1000)
    assert is_everyday("")
    assert not any(map(is_everyday, ["\t", "\r", "ㅤ", "\u200b", "e\u0301", "\x7f", "❤\ufe0f", "\u302e", "\u3099"]))


def test_hostile_marks_do_not_hold_the_interpreter() -> None:
    """Sorting them unbounded takes a hundred times as long as the whole of cleaning."""
    hostile = "a" + "\u0301\u200d" * 4000 + "\u0323" * 8000
    started = time.thread_time()
    assert len(clean_text(hostile)) <= 1 + MAX_MARKS
    assert time.thread_time() - started < 0.05


@pytest.mark.parametrize(
    "blank", ["", " ", "\n\n", "\t", "\u3000\u00a0", "\u200b", "ㅤ", "\u2800", "\u0301", "\u202e \r\n"]
)
def test_text_with_nothing_to_see_is_empty(blank: str) -> None:
    with pytest.raises(Refusal) as refused:
        check_text(blank)
    assert (refused.value.code, refused.value.text) == (Code.EMPTY, phrases.TEXT_EMPTY)


@pytest.mark.parametrize(
    "text",
    ["가" * MAX_TEXT_CHARS, "a\n" * (MAX_TEXT_LINES - 1) + "a", unicodedata.normalize("NFD", "각") * MAX_TEXT_CHARS],
)
def test_text_up_to_the_limits_may_be_sent(text: str) -> None:
    assert check_text(text) == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize(
    "text", ["가" * (MAX_TEXT_CHARS + 1), "a\n" * MAX_TEXT_LINES + "a", "\t" * MAX_TEXT_CHARS + "a"]
)
def test_text_beyond_the_limits_is_too_long(text: str) -> None:
    with pytest.raises(Refusal) as refused:
        check_text(text)
    assert (refused.value.code, refused.value.text) == (Code.TOO_LONG, phrases.text_too_long(2000, 20))


def test_limits_count_what_is_left_after_cleaning() -> None:
    assert check_text("\u200b" * 5000 + "안녕") == "안녕"


@pytest.mark.parametrize(
    ("raw", "quoted"),
    [
        ("영희", "영희"),
        ("\x1b[2J\u202e\n", "␛[2J "),
        ("가" * 20, "가" * 20),
        ("가" * 21, "가" * 19 + "…"),
        (unicodedata.normalize("NFD", "각") * 20, "각" * 20),
        ("\ud800" * 9999, "\ufffd" * 19 + "…"),
    ],
)
def test_excerpt_is_safe_inside_a_sentence(raw: str, quoted: str) -> None:
    assert excerpt(raw) == quoted


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("", 0),
        ("young_1", 7),
        ("영희", 4),
        ("ㅋㅋ", 4),
        ("ｱ", 1),
        ("ｙ", 2),
        ("漢字", 4),
        ("é" + "e\u0301", 2),
        (unicodedata.normalize("NFD", "한글"), 4),
        ("ᄒᆞᆫ", 2),
        ("น้ำ", 2),
        ("か\u3099", 2),
        ("\u200b\u200d\ufe0f", 0),
    ],
)
def test_columns_follow_east_asian_width(text: str, columns: int) -> None:
    assert column_width(text) == columns


def is_mark(char: str) -> bool:
    return unicodedata.category(char)[0] == "M"


def max_marks(text: str) -> int:
    most = run = 0
    for char in text:
        run = run + 1 if is_mark(char) else 0
        most = max(most, run)
    return most


@functools.cache
def compositions() -> frozenset[tuple[str, str]]:
    """The pairs that NFC composes."""
    decomposed = (unicodedata.decomposition(char).split() for char in ALL_CHARS)
    pairs = {(chr(int(parts[0], 16)), chr(int(parts[1], 16))) for parts in decomposed if is_canonical_pair(parts)}
    vowels = {("\u1100", chr(vowel)) for vowel in range(0x1161, 0x1176)}
    finals = {("가", chr(final)) for final in range(0x11A8, 0x11C3)}
    return frozenset(pairs | vowels | finals)


def is_canonical_pair(parts: list[str]) -> bool:
    return len(parts) == 2 and not parts[0].startswith("<")
