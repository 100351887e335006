"""The row in which a line is typed: keys in, lines out, and what is drawn."""

import time
import unicodedata

import pytest

from server.protocol.text import column_width
from tui_client.carets import clusters
from tui_client.line.editor import MAX_CHARS, Closed, Entered, LineEditor

LEFT, RIGHT, UP, DOWN, HOME, END, DELETE = "\x1b[D", "\x1b[C", "\x1b[A", "\x1b[B", "\x1b[H", "\x1b[F", "\x1b[3~"
BACKSPACE = "\x7f"
FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
FLAG = "🇰🇷"
MANY_LINES, LONG_WORD = "가\n" * (MAX_CHARS // 2), "가" * 100_000


def after(*keys: str) -> LineEditor:
    """A row after these keys, none of which finishes a line."""
    editor = LineEditor()
    assert [finished for key in keys for finished in editor.type(key)] == []
    return editor


def entered(*keys: str) -> list[str]:
    editor = LineEditor()
    return [typed.text for key in keys for typed in editor.type(key) if isinstance(typed, Entered)]


@pytest.mark.parametrize(
    ("keys", "text", "before"),
    [
        (("안녕하세요",), "안녕하세요", "안녕하세요"),
        (("가나다", LEFT, LEFT, "X"), "가X나다", "가X"),
        (("가나다", HOME, "X", END, "Y"), "X가나다Y", "X가나다Y"),
        (("가나다", "\x01", "\x06", "X"), "가X나다", "가X"),
        (("가나다", LEFT, LEFT, LEFT, LEFT, DELETE), "나다", ""),
        (("가나다", BACKSPACE), "가나", "가나"),
        (("가나 다라", "\x17"), "가나 ", "가나 "),
        (("가나 다라 ", "\x17"), "가나 ", "가나 "),
        (("가나 다라 ", "\x17", "\x17", "\x17"), "", ""),
        (("가나다", LEFT, "\x15"), "다", ""),
        (("가나다", LEFT, "\x0b"), "가나", "가나"),
        (("가", BACKSPACE, BACKSPACE, RIGHT), "", ""),
        (("가나", "\x1b", "다"), "가나다", "가나다"),
        (("가나", "\x1bO", "다"), "가나O다", "가나O다"),
        (("가나", "\x1b[1;5Z", "\x1b]52;c;x\x07", "\x1bP1+r4d73\x1b\\", "\x1b[5;1R", "다"), "가나다", "가나다"),
        (("가나", "\t", "\x0c", "\x00"), "가나", "가나"),
    ],
)
def test_keys_do_what_they_do_in_every_shell(keys: tuple[str, ...], text: str, before: str) -> None:
    editor = after(*keys)
    assert editor.text == text
    assert editor.view(80)[0] == before


@pytest.mark.parametrize("cluster", [FAMILY, FLAG, "👍🏽", "❤\ufe0f", "1\ufe0f\u20e3", "e\u0323\u0302", "한"])
def test_the_caret_and_backspace_move_over_whole_characters(cluster: str) -> None:
    assert (
        clusters(f"가{cluster}나") == ["가", unicodedata.normalize("NFC", cluster), "나"] or cluster == "e\u0323\u0302"
    )
    assert after(f"가{cluster}", BACKSPACE).text == "가"
    assert after(f"가{cluster}", LEFT, "X").text == unicodedata.normalize("NFC", f"가X{cluster}")


def test_a_syllable_that_comes_in_pieces_is_one() -> None:
    editor = after(*unicodedata.normalize("NFD", "한글"))
    assert editor.text == "한글"
    assert after(*unicodedata.normalize("NFD", "한글"), BACKSPACE).text == "한"


def test_tomorrow_s_emoji_can_be_typed_and_what_is_invisible_cannot() -> None:
    assert after("가\U0001faee\U0001fae8\u200b\u202e나").text == "가\U0001faee\U0001fae8나"


def test_enter_gives_the_line_and_empties_the_row() -> None:
    assert entered("하나\n둘\r", "셋", "\n") == ["하나", "둘", "셋"]
    assert after().text == ""


def test_ctrl_d_closes_an_empty_row_and_only_that() -> None:
    assert list(LineEditor().type("\x04")) == [Closed()]
    assert after("가", HOME, "\x04").text == ""


def test_a_key_cut_in_the_middle_is_still_that_key() -> None:
    assert after("가나", "\x1b", "[", "D", "X").text == "가X나"
    assert after("가나", "\x1b[20", "0~다\n라", "\x1b[201", "~").text == "가나다\n라"


def test_a_sequence_that_never_ends_swallows_nothing_for_long() -> None:
    assert after("\x1b]", "안녕" * 200).text.endswith("안녕" * 100)


def test_a_paste_of_several_lines_is_one_message() -> None:
    assert entered("\x1b[200~하나\r둘\n\t셋\x1b[201~", "\r") == ["하나\n둘\n    셋"]


def test_a_large_paste_is_kept_whole() -> None:
    text = "가나다라마바사아자차" * 5_000
    assert after("\x1b[200~", text, "\x1b[201~").text == text


def test_a_paste_is_read_in_the_order_in_which_it_came() -> None:
    assert after("\x1b[200~가\r", "나\x7f다\r\x1b[201~라").text == "가\n다\n라"


def test_each_key_costs_the_same_however_much_stands_in_the_row() -> None:
    text = "가나다라마바사아자차" * 10_000
    editor = after("\x1b[200~", text, "\x1b[201~")
    began = time.thread_time()
    list(editor.type("\x7f" * 200 + "\x1b[D" * 200 + "\x1b[3~" * 100 + "\x1b[C" * 50))
    assert time.thread_time() - began < 1.0, "each of them would cut the whole row up anew"
    assert editor.text == text[:-300]


def test_what_nobody_can_see_does_not_come_into_the_row() -> None:
    assert after("가\u2028\u034f\u3164\u200b\u202e\x9b\ufeff나👩\u200d💻").text == "가나👩\u200d💻"


@pytest.mark.parametrize(
    ("pasted", "key", "left"),
    [(MANY_LINES, END, MANY_LINES), (f"{LONG_WORD} 끝", "\x17", f"{LONG_WORD} ")],
    ids=["a paste of many lines", "a word behind a long one"],
)
def test_what_is_huge_costs_no_more_than_its_size(pasted: str, key: str, left: str) -> None:
    began_at_s = time.monotonic()
    assert after(f"\x1b[200~{pasted}\x1b[201~", key).text == left
    assert time.monotonic() - began_at_s < 5, "it would take a minute"


def test_up_and_down_walk_what_was_typed_and_keep_the_draft() -> None:
    editor = LineEditor()
    assert len(list(editor.type("하나\n둘\n둘\n"))) == 3
    seen = []
    for key in ("쓰다가", UP, UP, UP, DOWN, DOWN, DOWN):
        assert not list(editor.type(key))
        seen.append(editor.text)
    assert seen == ["쓰다가", "둘", "하나", "하나", "둘", "쓰다가", "쓰다가"]


def test_what_was_begun_is_there_after_an_old_line_was_entered_again() -> None:
    editor = LineEditor()
    typed = [entered.text for entered in editor.type(f"하나\n쓰다가{UP}\n{DOWN}") if isinstance(entered, Entered)]
    assert typed == ["하나", "하나"]
    assert editor.text == "쓰다가"


def test_what_could_not_be_done_stands_in_the_row_again() -> None:
    editor = after("다음")
    editor.restore("이번")
    assert editor.text == "이번다음"


@pytest.mark.parametrize("columns", [5, 20, 80])
@pytest.mark.parametrize("moves", [0, 3, 40])
def test_what_is_drawn_always_fits_in_one_row(columns: int, moves: int) -> None:
    before, behind = after("\x1b[200~" + "가나 abc😀\n" * 30 + "\x1b[201~", *[LEFT] * moves).view(columns)
    assert column_width(before + behind) < columns
    assert "\n" not in before + behind


def test_the_end_of_a_long_line_is_seen_while_it_is_typed() -> None:
    assert after("가" * 100 + "끝").view(20) == ("가" * 7 + "끝", "")
