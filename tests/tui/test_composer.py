"""The composer: typing Korean, sending, walking back."""

import unicodedata

import pytest
from textual import events
from textual.geometry import Offset
from textual.widgets import Input

from server.protocol.text import MAX_TEXT_CHARS
from tests.tui.composer_app import ComposerApp, send, sent
from tests.tui.until import until
from tui_client import strings
from tui_client.completion import Known
from tui_client.partners import Partner

CHEOLSU, OTHER_CHEOLSU = Partner("철수", "b" * 16), Partner("철수", "c" * 16)

# --- sending ----------------------------------------------------------------------------------------------------------


async def test_enter_sends_and_leaves_the_composer_empty() -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        await pilot.press(*"안녕하세요", "enter")
        await sent(pilot, app, "안녕하세요")
        assert app.composer.text == ""


async def test_syllable_that_enter_has_overtaken_is_sent() -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        app.type(*"안녕하세", "enter", "요")
        await sent(pilot, app, "안녕하세요")
        assert app.composer.text == ""


@pytest.mark.parametrize(
    ("keys", "expected", "left"),
    [
        (["a", "enter", "b"], ["a"], "b"),
        (["가", "enter", "나", "enter"], ["가", "나"], ""),
        (["가", "enter", "나", "는", "space", "다"], ["가"], "나는 다"),
        (["가", "enter", "left", "나"], ["가"], "나"),
        (["가", "enter", "enter", "enter"], ["가"], ""),
        (["가", "enter", "나", "ctrl+j", "다"], ["가"], "나\n다"),
        (["가", "나", "left", "enter", "다"], ["가다나"], ""),
    ],
)
async def test_keys_after_enter_are_neither_lost_nor_sent_too_early(
    keys: list[str], expected: list[str], left: str
) -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        app.type(*keys)
        await sent(pilot, app, *expected)
        await until(pilot, lambda: app.composer.text == left)


async def test_paste_right_after_enter_is_the_next_message() -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        app.type("가", "enter")
        app.post_message(events.Paste("나"))
        await sent(pilot, app, "가")
        assert app.composer.text == "나"


async def test_leaving_right_after_enter_sends() -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        app.type("가", "enter", "나")
        await until(pilot, lambda: app.composer.text == "가")
        app.query_one(Input).focus()
        await sent(pilot, app, "가나")


@pytest.mark.parametrize("text", ["", "   ", "\n\n"])
async def test_nothing_is_not_sent(text: str) -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        app.composer.insert(text)
        await pilot.press("enter")
        await pilot.press("enter")
        app.composer.insert("끝")
        await pilot.press("enter")
        await sent(pilot, app, f"{text}끝".lstrip("\n"))


@pytest.mark.parametrize(("typed", "meant"), [("첫\n둘\n", "첫\n둘"), ("\n \n  첫\n\n둘  \n\n", "  첫\n\n둘")])
async def test_blank_lines_around_a_text_are_not_sent(typed: str, meant: str) -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        app.composer.insert(typed)
        await pilot.press("enter")
        await sent(pilot, app, meant)


async def test_refused_text_comes_back_before_what_was_typed_since() -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        await send(pilot, app, "앞서", "/몰라")
        app.composer.restore("/몰라", None)
        assert app.composer.text == "/몰라"
        await pilot.press("x", "up")
        assert app.composer.text == "앞서"
        await pilot.press("down")
        app.composer.restore("또", None)
        assert app.composer.text == "또\n/몰라x"
        assert app.composer.cursor_location == (1, 4)


# --- typing -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["ctrl+j", "shift+enter", "ctrl+ㅓ"])
async def test_newline_keys_make_a_line(key: str) -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        await pilot.press("가", key, "나", "enter")
        await sent(pilot, app, "가\n나")


async def test_loose_jamo_become_syllables_as_they_are_typed() -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        app.type(*unicodedata.normalize("NFD", "한글é"))
        await until(pilot, lambda: app.composer.text == "한글é")
        await pilot.press("backspace", "backspace")
        assert app.composer.text == "한"


async def test_keys_that_arrive_together_keep_their_order() -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        app.type(*"하", "backspace", *"한글", "left", "backspace", "home", *"큰", "ctrl+j", "end", *"!")
        await until(pilot, lambda: app.composer.text == "큰\n글!")


async def test_compatibility_jamo_and_other_text_stay_as_typed() -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        await pilot.press(*"ㅋㅋ각ㅠ")
        assert app.composer.text == "ㅋㅋ각ㅠ"


async def test_undo_and_cut_work() -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        await pilot.press(*"가나", "ctrl+z")
        assert app.composer.text == ""
        await pilot.press("ctrl+shift+z", "f7", "ctrl+x")
        assert app.composer.text == ""
        assert app.clipboard == "가나"


async def test_tab_leaves_the_composer() -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        await pilot.press("가", "tab")
        assert app.focused is app.query_one(Input)
        assert app.composer.text == "가"


async def test_keys_it_has_no_use_for_go_to_the_app() -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        await pilot.press("pageup", "home", "end")
        assert app.noted == ["pageup", "home", "end"]
        await pilot.press(*"가나", "home", "end")
        assert app.noted == ["pageup", "home", "end"]
        await pilot.press("end")
        assert app.noted == ["pageup", "home", "end", "end"]


# --- whispering -------------------------------------------------------------------------------------------------------


async def test_whisper_mode_shows_and_what_is_typed_there_is_for_the_partner() -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        app.composer.partner = CHEOLSU
        await pilot.pause()
        assert app.composer.has_class("-whisper")
        assert app.composer.border_title == strings.whispering_to("철수")
        assert strings.whisper_placeholder("철수") in app.composer.render_line(0).text
        await pilot.press(*"비밀", "enter")
        await sent(pilot, app, "비밀")
        assert app.partners == [CHEOLSU]
        assert app.composer.partner == CHEOLSU


@pytest.mark.parametrize("keys", [["enter", "escape"], ["enter", "요", "escape"]])
async def test_a_message_is_for_whom_it_was_when_enter_was_pressed(keys: list[str]) -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        app.composer.partner = CHEOLSU
        app.type(*"비밀", *keys)
        await sent(pilot, app, "비밀")
        await until(pilot, lambda: app.composer.partner is None)
        assert app.partners == [CHEOLSU]


async def test_partner_that_comes_after_enter_is_too_late() -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        app.composer.insert("모두에게")
        app.composer.action_enter()
        app.composer.partner = CHEOLSU
        await sent(pilot, app, "모두에게")
        assert app.partners == [None]


async def test_escape_leaves_whisper_mode_keeps_the_draft_and_says_that_it_is_the_room_now() -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        app.composer.partner = CHEOLSU
        await pilot.press(*"비밀", "escape")
        assert app.composer.text == "비밀"
        assert app.composer.has_class("-left-whisper")
        assert app.composer.border_title == strings.ROOM_AGAIN
        assert app.changes == [(CHEOLSU, None, ""), (None, CHEOLSU, "비밀")]
        await pilot.press("backspace", "backspace")
        assert not app.composer.has_class("-left-whisper")
        assert app.composer.border_title == ""


async def test_escape_without_a_partner_is_for_the_screen() -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        await pilot.press("escape")
        assert app.noted == ["escape"]


# --- whispers that come back ------------------------------------------------------------------------------------------


async def test_refused_whisper_comes_back_as_one_to_the_same_person() -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        app.composer.restore("비밀", CHEOLSU)
        assert (app.composer.text, app.composer.partner) == ("비밀", CHEOLSU)
        await pilot.press("enter")
        await sent(pilot, app, "비밀")
        assert app.partners == [CHEOLSU]


@pytest.mark.parametrize(("typed_for", "refused_for"), [(CHEOLSU, None), (None, CHEOLSU), (CHEOLSU, CHEOLSU)])
async def test_a_whisper_that_meets_another_text_stays_a_whisper(
    typed_for: Partner | None, refused_for: Partner | None
) -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        app.composer.partner = typed_for
        await pilot.press("나")
        app.composer.restore("가", refused_for)
        assert (app.composer.text, app.composer.partner) == ("가\n나", CHEOLSU)


async def test_whispers_to_two_people_never_become_one() -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        app.composer.partner = OTHER_CHEOLSU
        await pilot.press("나")
        app.composer.restore("가", CHEOLSU)
        assert (app.composer.text, app.composer.partner) == ("가", CHEOLSU)
        await pilot.press("up")
        assert app.composer.text == "@철수 나"


async def test_enter_that_was_pressed_before_a_whisper_came_back_does_not_send_it() -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        app.composer.action_enter()
        app.composer.restore("비밀", CHEOLSU)
        app.composer.hurry()
        await pilot.pause()
        assert (app.sent, app.composer.text, app.composer.partner) == ([], "비밀", CHEOLSU)


async def test_refused_whisper_is_put_away_when_the_mode_ends_and_can_be_recalled() -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        app.composer.restore("비밀", CHEOLSU)
        await pilot.press("escape", *"안녕", "enter")
        await sent(pilot, app, "안녕")
        assert (app.partners, app.put_away) == ([None], [CHEOLSU])
        await pilot.press("up", "up")
        assert app.composer.text == "@철수 비밀"


async def test_refused_whisper_is_put_away_when_somebody_else_is_whispered_to() -> None:
    app = ComposerApp()
    async with app.run_test():
        app.composer.restore("비밀", CHEOLSU)
        app.composer.partner = Partner("철이", CHEOLSU.uid)
        assert app.composer.text == "비밀", "a new nickname makes nobody else"
        app.composer.partner = OTHER_CHEOLSU
        assert app.composer.text == ""


async def test_refused_whisper_that_was_worked_on_is_a_draft_like_any_other() -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        app.composer.restore("비밀", CHEOLSU)
        await pilot.press("backspace", "escape")
        assert (app.composer.text, app.composer.partner, app.put_away) == ("비", None, [])


async def test_refused_whisper_is_put_away_with_what_was_typed_behind_it() -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        app.composer.restore("비밀", CHEOLSU)
        await pilot.press(*"안녕", "escape", "enter", "up")
        assert (app.sent, app.composer.text, app.put_away) == ([], "@철수 비밀안녕", [CHEOLSU])


@pytest.mark.parametrize(
    ("typed", "recalled"),
    [
        ("비밀", "@철수 비밀"),
        ("//비밀", "@철수 /비밀"),
        ("@영희 비밀", "@영희 비밀"),
        ("/목록", "/목록"),
        ("두\n줄", "@철수 두\n줄"),
    ],
)
async def test_what_was_typed_in_whisper_mode_is_recalled_as_a_whisper(typed: str, recalled: str) -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        app.composer.partner = CHEOLSU
        await send(pilot, app, typed)
        app.composer.partner = None
        await pilot.press("up")
        assert app.composer.text == recalled


async def test_refused_whisper_is_not_recalled() -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        app.composer.partner = CHEOLSU
        await send(pilot, app, "비밀")
        app.composer.restore("비밀", CHEOLSU)
        await pilot.press("up")
        assert app.composer.text == "비밀"


async def test_addressing_makes_whatever_stands_here_a_whisper() -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        await pilot.press(*"안녕")
        app.composer.address("철수")
        assert app.composer.text == "@철수 안녕"
        app.composer.address("영희")
        assert app.composer.text == "@영희 안녕"


async def test_what_is_too_long_says_so_while_it_is_typed() -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        app.composer.insert("가" * MAX_TEXT_CHARS)
        assert app.composer.border_subtitle == ""
        await pilot.press("나")
        assert app.composer.has_class("-too-long")
        assert app.composer.border_subtitle == "2,001/2,000자 · Ctrl+L 지우기"
        await pilot.press("backspace")
        assert app.composer.border_subtitle == ""


# --- its size and its caret -------------------------------------------------------------------------------------------


async def test_it_grows_from_one_line_to_five_and_back() -> None:
    app = ComposerApp()
    async with app.run_test(size=(40, 24)) as pilot:
        heights = []
        for _ in range(7):
            await pilot.pause()
            heights.append(app.composer.content_region.height)
            await pilot.press("ctrl+j")
        assert heights == [1, 2, 3, 4, 5, 5, 5]
        await pilot.press("가", "enter")
        await until(pilot, lambda: app.composer.content_region.height == 1)


async def test_long_line_grows_it_too_and_the_caret_is_at_its_end() -> None:
    app = ComposerApp()
    async with app.run_test(size=(20, 12)) as pilot:
        await pilot.press(*"가나다라마바사아자차카타")
        await until(pilot, lambda: app.composer.content_region.height == 2)
        x, y, _, _ = app.composer.content_region
        drawn = app.composer.render_line(1).text
        assert app.cursor_position == Offset(x + 2 * len(drawn.rstrip()), y + 1)


async def test_caret_is_right_after_a_resize() -> None:
    app = ComposerApp()
    async with app.run_test(size=(60, 12)) as pilot:
        await pilot.press(*"가나다라마바사아자차카타")
        await pilot.resize_terminal(20, 10)
        await until(pilot, lambda: app.composer.content_region.height == 2)
        x, y, _, _ = app.composer.content_region
        drawn = app.composer.render_line(1).text
        await until(pilot, lambda: app.cursor_position == Offset(x + 2 * len(drawn.rstrip()), y + 1))


async def test_caret_stays_in_its_place_in_whisper_mode_and_under_an_offer() -> None:
    app = ComposerApp()
    async with app.run_test(size=(60, 12)) as pilot:
        app.composer.known = Known(("철수", "영희"))
        await pilot.press("가", "ctrl+j", "at", "ㅇ")
        await until(pilot, lambda: app.suggestions.display and app.composer.content_region.height == 2)
        x, y, _, _ = app.composer.content_region
        assert app.cursor_position == Offset(x + 3, y + 1)
        app.composer.partner = CHEOLSU
        await pilot.pause()
        assert app.cursor_position == Offset(x + 3, y + 1)


async def test_caret_does_not_blink_and_placeholder_is_no_markup() -> None:
    app = ComposerApp()
    async with app.run_test(size=(60, 12)):
        assert not app.composer.cursor_blink
        assert "메시지 [b]를 입력하세요" in app.composer.render_line(0).text


# --- what was typed before --------------------------------------------------------------------------------------------


async def test_up_and_down_walk_what_was_sent_and_keep_the_draft() -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        await send(pilot, app, "하나", "둘\n두 줄")
        await pilot.press("초", "up")
        assert app.composer.text == "둘\n두 줄"
        await pilot.press("up")
        assert app.composer.text == "둘\n두 줄"
        await pilot.press("up")
        assert app.composer.text == "하나"
        await pilot.press("down", "down")
        assert app.composer.text == "초"


async def test_up_moves_within_a_wrapped_line_first() -> None:
    app = ComposerApp()
    async with app.run_test(size=(20, 12)) as pilot:
        await send(pilot, app, "하나")
        await pilot.press(*"가나다라마바사아자차카타", "up")
        assert app.composer.text == "가나다라마바사아자차카타"
        await pilot.press("up")
        assert app.composer.text == "하나"
