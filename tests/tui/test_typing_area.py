"""Typing and pasting: nothing is lost, and the caret is beside what it seems to be beside."""

import time
import unicodedata

import pytest
from textual import events
from textual.binding import Binding
from textual.widgets import TextArea

from tests.tui.composer_app import ComposerApp, sent
from tests.tui.until import until
from tui_client import strings
from tui_client.korean.layout_keys import LATIN_OF_JAMO
from tui_client.widgets.composer import Composer
from tui_client.widgets.pasted import Pasted
from tui_client.widgets.typing_area import MAX_LAID_OUT_CHARS, MAX_LAID_OUT_LINES, TypingArea

HUGE = "가나다라 " * 200_000
MANY_LINES = "한 줄\n" * 50_000 + "끝"
JAMO_OF_KEY = {key: jamo for jamo, key in LATIN_OF_JAMO.items()}


def label(text: str) -> str:
    return strings.pasted(len(text), text.count("\n") + 1, 1)


# --- keys -------------------------------------------------------------------------------------------------------------


def ctrl_bindings() -> list[Binding]:
    bindings = Binding.make_bindings([*TypingArea.BINDINGS, *Composer.BINDINGS])
    return [one for one in bindings if one.key.startswith("ctrl+") and one.key.removeprefix("ctrl+") in JAMO_OF_KEY]


class Noting(ComposerApp):
    """Notes which actions the composer is asked for."""

    async def run_action(self, action: str, *args: object, **options: object) -> bool:  # type: ignore[override]
        self.noted.append(action)
        return True


FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
ENGLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"


@pytest.mark.parametrize("emoji", [FAMILY, ENGLAND])
async def test_an_emoji_that_is_typed_stays_whole_and_is_one_step_of_the_caret(emoji: str) -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        for character in f"가{emoji}":
            app.composer.post_message(events.Key(character, character))
        await until(pilot, lambda: app.composer.text == f"가{emoji}")
        await pilot.press("left", "나")
        assert app.composer.text == f"가나{emoji}"


@pytest.mark.parametrize("binding", ctrl_bindings(), ids=lambda binding: binding.key)
async def test_every_ctrl_key_works_in_hangul_mode(binding: Binding) -> None:
    app = Noting()
    async with app.run_test() as pilot:
        await pilot.press("ctrl+" + JAMO_OF_KEY[binding.key.removeprefix("ctrl+")])
        assert app.noted == [binding.action]


def test_all_the_ctrl_keys_are_there() -> None:
    assert {"ctrl+j", "ctrl+l", "ctrl+t", "ctrl+z", "ctrl+c", "ctrl+u", "ctrl+k"} <= {
        one.key for one in ctrl_bindings()
    }


def test_textual_still_binds_what_is_left_to_the_app() -> None:
    """If this fails, `_FOR_THE_APP` names a key that TextArea doesn't take any longer."""
    assert {"ctrl+y", "f6"} <= {one.key for one in Binding.make_bindings(TextArea.BINDINGS)}


@pytest.mark.parametrize("key", ["ctrl+f", "ctrl+y", "f6"])
async def test_keys_with_a_use_in_the_chat_reach_the_app(key: str) -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        await pilot.press("가", key)
        assert app.noted == [key]


# --- the wrong mode ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["ctrl+t", "ctrl+ㅅ"])
async def test_one_key_converts_what_stands_here_and_back_and_undo_undoes_it(key: str) -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        await pilot.press(*"dkssud", key)
        assert app.composer.text == "안녕"
        assert app.composer.cursor_location == (0, 2)
        await pilot.press(key)
        assert app.composer.text == "dkssud"
        await pilot.press("ctrl+z")
        assert app.composer.text == "안녕"


async def test_only_the_selection_is_converted_and_stays_selected() -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        await pilot.press(*"ok", "space", *"dkssud", *["shift+left"] * 6, "ctrl+t")
        assert app.composer.text == "ok 안녕"
        assert app.composer.selected_text == "안녕"
        await pilot.press("ctrl+t")
        assert app.composer.text == "ok dkssud"


async def test_nothing_to_convert_changes_nothing() -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        await pilot.press("1", "left", "ctrl+t")
        assert (app.composer.text, app.composer.cursor_location) == ("1", (0, 0))


async def test_a_large_paste_is_not_converted() -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        await pilot.press("아")
        app.post_message(events.Paste(HUGE))
        await until(pilot, lambda: app.composer.text == f"아{label(HUGE)}")
        await pilot.press("ctrl+t")
        assert app.composer.whole_text == f"dk{HUGE}"


# --- pasting ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pasted", "text"),
    [
        (unicodedata.normalize("NFD", "첫 줄\n둘째 é"), "첫 줄\n둘째 é"),
        ("a\r\nb\rc\n", "a\nb\nc\n"),
        ("a\tb", "a    b"),
        ("\x1b[31m빨강\x07", "␛[31m빨강␇"),
        ("a\u200b\u202eb\u2028c", "ab c"),
        ("x\x0by\x0cz", "x␋y␌z"),
    ],
)
async def test_paste_arrives_whole_and_clean(pasted: str, text: str) -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        app.post_message(events.Paste(pasted))
        await until(pilot, lambda: app.composer.text == text)
        *_, last = text.split("\n")
        assert app.composer.cursor_location == (text.count("\n"), len(last))


async def test_paste_of_some_size_is_laid_out_and_is_one_message() -> None:
    app = ComposerApp()
    text = "\n".join(["열 글자쯤 되는 줄"] * 900)
    async with app.run_test() as pilot:
        app.post_message(events.Paste(text))
        await until(pilot, lambda: app.composer.text == text)
        await pilot.press("enter")
        await sent(pilot, app, text)


@pytest.mark.parametrize("text", [HUGE, MANY_LINES], ids=["one line", "many lines"])
async def test_paste_of_any_size_is_kept_whole_behind_a_label_and_sent_as_one(text: str) -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        await pilot.press("가")
        app.post_message(events.Paste(text))
        await until(pilot, lambda: app.composer.text == f"가{label(text)}")
        await pilot.press("나", "enter")
        await sent(pilot, app, f"가{text}나")
        app.composer.restore(f"가{text}나", None)
        assert app.composer.whole_text == f"가{text}나"
        assert len(app.composer.text) < 40


@pytest.mark.parametrize("text", [HUGE, MANY_LINES], ids=["one line", "many lines"])
async def test_keys_are_answered_at_once_after_a_large_paste(text: str) -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        app.post_message(events.Paste(text))
        await until(pilot, lambda: app.composer.text == label(text))
        took = []
        for _ in range(20):
            begun = time.process_time()
            await pilot.press("가")
            took.append(time.process_time() - begun)
        assert sorted(took)[18] < 0.1


async def test_two_pastes_that_are_too_large_together_are_not_laid_out() -> None:
    app = ComposerApp()
    half = "가" * (MAX_LAID_OUT_CHARS // 2 + 1)
    async with app.run_test() as pilot:
        app.post_message(events.Paste(half))
        app.post_message(events.Paste(half))
        await until(pilot, lambda: app.composer.text == half + label(half))
        assert app.composer.whole_text == half * 2


async def test_a_label_is_passed_and_deleted_as_one_and_undone() -> None:
    app = ComposerApp()
    async with app.run_test(size=(60, 12)) as pilot:
        await pilot.press("가")
        app.post_message(events.Paste(HUGE))
        await until(pilot, lambda: len(app.composer.text) > 1)
        end = 1 + len(label(HUGE))
        await pilot.press("left")
        assert app.composer.cursor_location == (0, 1)
        await pilot.press("right")
        assert app.composer.cursor_location == (0, end)
        await pilot.press("ctrl+left")
        assert app.composer.cursor_location == (0, 1)
        await pilot.press("delete")
        assert app.composer.text == "가"
        await pilot.press("ctrl+z", "end", "backspace")
        assert app.composer.whole_text == "가"
        await pilot.press("ctrl+z")
        assert app.composer.whole_text == "가" + HUGE


async def test_the_mouse_does_not_get_inside_a_label() -> None:
    app = ComposerApp()
    async with app.run_test(size=(60, 12)) as pilot:
        app.post_message(events.Paste(HUGE))
        await until(pilot, lambda: app.composer.text == label(HUGE))
        await pilot.click(app.composer, offset=(8, 1))
        assert app.composer.cursor_location[1] in (0, len(label(HUGE)))


async def test_what_was_cut_can_be_pasted_again_with_its_text() -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        app.post_message(events.Paste(HUGE))
        await until(pilot, lambda: app.composer.text == label(HUGE))
        await pilot.press("f7", "ctrl+x")
        assert app.composer.text == ""
        await pilot.press("ctrl+v")
        assert app.composer.whole_text == HUGE


def test_one_label_never_stands_for_two_texts() -> None:
    pasted = Pasted()
    one, other = "가" * 10, "나" * 10
    labels = [pasted.shorten(one), pasted.shorten(other), pasted.shorten(one)]
    assert labels[0] == labels[2] != labels[1]
    assert pasted.expand("".join(labels)) == one + other + one


def test_a_pasted_text_is_not_expanded_once_more() -> None:
    pasted = Pasted()
    inner = pasted.shorten("가" * 10)
    outer = pasted.shorten(f"<{inner}>")
    assert pasted.expand(outer) == f"<{inner}>"


def test_without_pastes_text_is_left_alone() -> None:
    pasted = Pasted()
    assert pasted.expand(label(HUGE)) == label(HUGE)
    assert pasted.label_around(label(HUGE), 3) is None
    assert pasted.change_around("ab", str.upper) == "AB"


def test_what_is_laid_out_is_far_more_than_can_be_sent() -> None:
    assert MAX_LAID_OUT_LINES >= 1000
    assert MAX_LAID_OUT_CHARS >= 10_000


# --- whole characters -------------------------------------------------------------------------------------------------

WHOLE = ["\U0001f468\u200d\U0001f469\u200d\U0001f467", "🇰🇷", "👍🏽", "❤\ufe0f", "1\ufe0f\u20e3", "e\u0323\u0302", "한"]


@pytest.mark.parametrize("whole", WHOLE)
async def test_the_caret_passes_and_keys_delete_whole_characters(whole: str) -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        app.composer.insert(f"가{whole}{whole}나")
        at = [1, 1 + len(whole), 1 + 2 * len(whole)]
        places = []
        for key in ("left", "left", "left", "right", "right"):
            await pilot.press(key)
            places.append(app.composer.cursor_location[1])
        assert places == [at[2], at[1], at[0], at[1], at[2]]
        await pilot.press("shift+left")
        assert app.composer.selected_text == whole
        await pilot.press("right", "backspace")
        assert app.composer.text == f"가{whole}나"
        await pilot.press("left", "delete")
        assert app.composer.text == "가나"
        await pilot.press("ctrl+z", "ctrl+z")
        assert app.composer.text == f"가{whole}{whole}나"


async def test_the_caret_goes_from_line_to_line_as_ever() -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        app.composer.insert(f"{WHOLE[1]}\n{WHOLE[0]}")
        places = []
        for key in ("left", "left", "left", "left", "right", "right", "right", "right"):
            await pilot.press(key)
            places.append(app.composer.cursor_location)
        end = (1, len(WHOLE[0]))
        assert places == [(1, 0), (0, 2), (0, 0), (0, 0), (0, 2), (1, 0), end, end]
        await pilot.press("left", "backspace")
        assert app.composer.text == WHOLE[1] + WHOLE[0]


async def test_a_character_that_is_typed_in_pieces_is_not_torn() -> None:
    """What comes behind the caret joins what is typed before it: the caret stays where the next piece belongs."""
    app = ComposerApp()
    async with app.run_test() as pilot:
        app.composer.insert("🇯🇵")
        await pilot.press("left")
        app.type(*"🇰🇷")
        await until(pilot, lambda: app.composer.text == "🇰🇷🇯🇵")


async def test_words_are_passed_and_deleted_as_ever() -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        app.composer.insert(f"하나 {WHOLE[0]} 둘")
        await pilot.press("ctrl+left")
        assert app.composer.cursor_location == (0, 4 + len(WHOLE[0]))
        await pilot.press("ctrl+w")
        assert app.composer.text.endswith("둘")
        assert app.composer.text != f"하나 {WHOLE[0]} 둘"
