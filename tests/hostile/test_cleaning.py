"""What cleaning makes of all of the corpora: harmless, the same when done twice, quick, and no emoji or name is lost by it."""

import sys
import time
import unicodedata
from collections.abc import Callable, Iterable

import pytest
from rich.cells import cell_len

from server.protocol import plain
from server.protocol.errors import Refusal
from server.protocol.jsonlines import decode_command, decode_frame
from server.protocol.nickname import MAX_NICK_COLUMNS, check_nickname, nickname_key
from server.protocol.search import SearchPattern
from server.protocol.text import MAX_MARKS, MAX_TEXT_CHARS, as_log_entry, clean_text, column_width, excerpt
from tests.corpora.escapes import WIDTH_BOMBS
from tests.corpora.files import confusables, emoji, grapheme_clusters, json_cases, normal_forms
from tests.corpora.utf8_stress import stress_cases
from tests.hostile.attacker import lines, objects, texts
from tests.hostile.harmless import assert_harmless
from tui_client.carets import clusters as typed_clusters
from tui_client.links import find_links
from tui_client.mentions import find_mentions
from tui_client.wrapping import clusters, cut, wrap

QUICK_S = 0.05
"""For what is as long as a line may be, on a machine that is busy; it takes 2 ms. What grows with the square would take seconds."""


# --- cleaning ---------------------------------------------------------------------------------------------------------


def test_every_text_comes_out_harmless_and_stays_as_it_is() -> None:
    for text in texts():
        clean = clean_text(text)
        assert_harmless(clean)
        assert clean_text(clean) == clean
        assert unicodedata.is_normalized("NFC", clean)
        assert_harmless(excerpt(text))
        assert_harmless(as_log_entry(text.encode("utf-8", "backslashreplace").decode()))


def test_every_line_is_understood_or_refused_with_harmless_words() -> None:
    for line in [*lines(), *objects(), *json_cases().values()]:
        for decode in (plain.decode_command, decode_command, decode_frame):
            try:
                decode(line)
            except Refusal as refusal:
                assert_harmless(refusal.text)


def test_no_byte_that_is_no_utf8_is_taken_for_text() -> None:
    right = {name for name, line in stress_cases().items() if line.decode("utf-8", "replace").encode() == line}
    taken = set()
    for name, line in stress_cases().items():
        try:
            plain.decode_text(line)
            taken.add(name)
        except Refusal:
            assert name not in right
    assert taken == right
    assert len(right) == 16


def test_texts_that_are_the_same_to_unicode_are_the_same_when_clean() -> None:
    """NormalizationTest's columns 1 to 3; all its rows but those of characters newer than this Python."""
    known = [forms for forms in normal_forms() if all(unicodedata.category(char) != "Cn" for char in "".join(forms))]
    assert len(known) > 17_000
    for forms in known:
        assert len({clean_text(f"가{form}") for form in forms[:3]}) == 1, ascii(forms)
        assert clean_text(forms.source) == clean_text(clean_text(forms.source))
        assert len({nickname_key(form) for form in forms[:3]}) == 1, ascii(forms)


def test_ordinary_characters_become_their_composed_form_and_nothing_else() -> None:
    letters = [forms for forms in normal_forms() if all(unicodedata.category(char)[0] == "L" for char in forms.nfc)]
    changed = [forms for forms in letters if clean_text(forms.source) != forms.nfc]
    assert len(letters) > 11_000
    assert {hex(ord(char)) for forms in changed for char in forms.nfc} <= {
        "0x115f",
        "0x1160",
        "0x3164",
        "0xffa0",
    } | LATER_JAMO


LATER_JAMO = {hex(code) for code in (*range(0x1160, 0x1200), *range(0xD7B0, 0xD800))}
"""Vowels and final consonants that stand alone in a row of the test are drawn upon what was before them, so they go."""


def test_every_emoji_survives() -> None:
    for one in emoji():
        if one.status != "component":
            assert clean_text(f"{one.text} 네{one.text}{one.text}") == f"{one.text} 네{one.text}{one.text}", ascii(
                one.text
            )
    assert sum(one.status == "fully-qualified" for one in emoji()) == 3655


def test_no_character_that_looks_like_another_does_more_than_look_like_it() -> None:
    for source, target in confusables().items():
        assert_harmless(clean_text(source) + clean_text(target))
        try:
            nick = check_nickname(f"p{source}ypal")
        except Refusal as refusal:
            assert_harmless(refusal.text)
        else:
            assert_harmless(nick)
            assert column_width(nick) <= MAX_NICK_COLUMNS


LONGEST_CLUSTER = 36
"""Characters, and columns if each were drawn by itself: six pictographs, each with its selector, skin tone and joiner, and marks."""


# --- what is drawn upon what stands before it ---------------------------------------------------------------------------


def test_whatever_takes_no_column_is_bounded() -> None:
    """Of all characters: else a message is laid out in two columns, and drawn by a terminal in thousands."""
    weightless = [char for char in map(chr, range(0x20, sys.maxunicode + 1)) if cell_len(char) == 0]
    assert len(weightless) > 1_000
    for char in weightless:
        assert max(len(piece) for piece in screen_pieces(clean_text(f"가{char * 60}"))) <= 1 + MAX_MARKS, ascii(char)


@pytest.mark.parametrize("number", range(len(WIDTH_BOMBS)))
def test_width_bombs_are_drawn_about_as_wide_as_they_are_laid_out(number: int) -> None:
    text = clean_text(WIDTH_BOMBS[number])[:MAX_TEXT_CHARS]
    for cluster in clusters(text):
        apart = sum(max(1, cell_len(char)) for char in text[cluster.start : cluster.end])
        assert cluster.end - cluster.start <= LONGEST_CLUSTER
        assert apart <= LONGEST_CLUSTER
    for columns in (20, 80):
        for line in text.split("\n"):
            assert all(cell_len(line[span.start : span.end]) <= columns for span in wrap(line, columns))
    assert cell_len(cut(text.replace("\n", " "), 30)) <= 30


# --- where a text may be cut ----------------------------------------------------------------------------------------------


def boundaries(pieces: Iterable[str]) -> list[int]:
    """Where pieces end."""
    ends, end = [], 0
    for piece in pieces:
        end += len(piece)
        ends.append(end)
    return ends


def screen_pieces(text: str) -> list[str]:
    return [text[one.start : one.end] for one in clusters(text)]


def clean_cases() -> list[list[str]]:
    """Cases of GraphemeBreakTest that cleaning leaves as they are: the others are never drawn or typed."""
    return [list(case) for case in grapheme_clusters() if clean_text("".join(case)) == "".join(case)]


def kind(text: str) -> str:
    return " ".join(unicodedata.category(char) for char in text)


@pytest.mark.parametrize("pieces_of", [screen_pieces, typed_clusters], ids=["on the screen", "where one types"])
def test_no_text_is_cut_where_unicode_forbids_it(pieces_of: Callable[[str], list[str]]) -> None:
    """But for what has a width of its own and is no mark to terminals: a vowel sign, a sign before its letter, two initials."""
    cases = clean_cases()
    assert len(cases) > 150
    for case in cases:
        forbidden = set(range(len("".join(case)))) - set(boundaries(case)) - {0}
        wrong = forbidden & set(boundaries(pieces_of("".join(case))))
        for place in wrong:
            before, after = "".join(case)[place - 1], "".join(case)[place]
            assert is_left_apart(before, after), (ascii("".join(case)), place)


def is_left_apart(before: str, after: str) -> bool:
    initials = "\u1100" <= before <= "\u115f" and ("\u1100" <= after <= "\u115f" or "가" <= after <= "힣")
    return initials or unicodedata.category(after) == "Mc" or before == "\u0d4e" or after == "\u0e33"


# --- time -----------------------------------------------------------------------------------------------------------------

LONG = [
    *("\u0301" * 8000, "a" + "\u0301\u200d" * 4000, ("a" + "\u0301" * 29 + "🏽") * 500, "👩\u200d" * 2300, "🏽" * 4000),
    *(
        "ᄀ" + "ᅡ" * 5000,
        "\u1100\u1161\u11a8" * 1800,
        "\x1b[" * 8000,
        "\u202e" * 5000,
        "\ue000" * 5000,
        "각\u0323" * 2500,
    ),
    *(
        "@" * 16000,
        "/" * 16000,
        " " * 16000,
        "\u2400" * 5000,
        "[" * 16000,
        "\\" * 16000,
        '"' * 16000,
        "{" * 16000,
        "🇰" * 4000,
    ),
    *(
        "http://" * 2200,
        "http://" + "a." * 7900,
        "www." + "가." * 4000,
        "http://a/" + "(" * 8000 + ")" * 7000,
        "http://a" + "/가은" * 3000,
    ),
    *("[" * 70 + text for text in ('"' + '\\"' * 8000, '\\"' * 8000, '"\\' * 8000, '"' * 16000, '"' + "\\" * 15999)),
    *(
        "http://" + "가" * 5000,
        "http://" + "a-" * 7900 + "!",
        "http://[" + ":" * 15000,
        "영희" * 2600,
        "@영희" * 2300,
        "ﷺ" * 5000,
    ),
    *(
        "ﬁ" * 5000,
        "…" * 5000,
        "İ" * 8000,
        "\n" * 16000,
        "a\n" * 8000,
        "가 " * 4000,
        "\u00a0" * 8000,
        "\u3000" * 5000,
        "\u0e33" * 5000,
    ),
]
"""As long as a line may be, and made to be looked at again and again."""

WORK: dict[str, Callable[[str], object]] = {
    "cleaning": clean_text,
    "excerpt": excerpt,
    "log": as_log_entry,
    "nickname": lambda text: accepted(check_nickname, text),
    "key": nickname_key,
    "plain": lambda text: accepted(plain.decode_command, text.encode("utf-8", "replace")),
    "json": lambda text: accepted(
        decode_command, b'{"t":"say","cid":"c","text":"%s"}' % text.encode("utf-8", "replace")
    ),
    "nesting": lambda text: accepted(decode_command, b'{"t":"say","x":' + text.encode("utf-8", "replace")),
    "search": lambda text: accepted(SearchPattern, text[:200]),
    "searched": lambda text: SearchPattern("ㅎㅇ 회으").find_all(clean_text(text)[:MAX_TEXT_CHARS]),
    "links": lambda text: find_links(clean_text(text)[:MAX_TEXT_CHARS]),
    "mentions": lambda text: find_mentions(clean_text(text)[:MAX_TEXT_CHARS], "영희", ("영희야", "철수")),
    "wrapping": lambda text: wrap(clean_text(text)[:MAX_TEXT_CHARS], 40),
    "typed": lambda text: typed_clusters(text[:4000]),
}


def accepted(check: Callable[[str], object] | Callable[[bytes], object], value: str | bytes) -> None:
    try:
        check(value)  # type: ignore[arg-type]
    except Refusal:
        """Quickly refused is as well."""


@pytest.mark.parametrize("name", WORK)
def test_no_text_takes_long(name: str) -> None:
    for text in LONG:
        work, raw = WORK[name], text[:16_384]
        took_s = min(_thread_time(work, raw) for _ in range(2))
        assert took_s < QUICK_S, (ascii(raw[:12]), took_s)


def _thread_time(work: Callable[[str], object], text: str) -> float:
    began = time.thread_time()
    work(text)
    return time.thread_time() - began
