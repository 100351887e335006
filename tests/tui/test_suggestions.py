"""What is offered while one types: seen above the composer, chosen, taken, closed, and never sent unseen."""

import re

import pytest
from textual import events
from textual.pilot import Pilot
from textual.widgets import Input

from tests.tui.composer_app import ComposerApp, send, sent
from tests.tui.until import until
from tui_client import strings
from tui_client.commands import CATALOGUE
from tui_client.completion import Known
from tui_client.partners import Partner
from tui_client.widgets.suggestions import MAX_ROWS

MINSU = Partner("민수", "b" * 16)
KNOWN = Known(("나", "김철수", "민수", "영희", "철수"), partners=("민수",), me="나")


class OfferApp(ComposerApp):
    """A composer that knows who is here."""

    def on_mount(self) -> None:
        super().on_mount()
        self.composer.known = KNOWN

    def is_offering(self) -> bool:
        return self.composer.offer is not None

    @property
    def shown(self) -> list[str]:
        """The rows that can be seen."""
        if not self.suggestions.display:
            return []
        height = self.suggestions.content_size.height
        return [self.suggestions.render_line(row).text.rstrip() for row in range(height)]


async def shows(pilot: Pilot[None], app: OfferApp, *rows: str) -> None:
    await until(pilot, lambda: app.shown == list(rows))


# --- seen -------------------------------------------------------------------------------------------------------------


async def test_members_are_offered_right_above_the_composer_which_stays_where_it_is() -> None:
    app = OfferApp()
    async with app.run_test(size=(60, 14)) as pilot:
        before = app.composer.region
        await pilot.press("at", "ㅊ")
        await shows(pilot, app, "▸ @철수", "  @김철수")
        assert app.composer.region == before
        assert app.suggestions.region.bottom == before.y
        assert app.suggestions.border_subtitle == strings.SUGGESTION_KEYS


async def test_it_follows_the_composer_as_that_grows_and_the_terminal_as_it_shrinks() -> None:
    app = OfferApp()
    async with app.run_test(size=(60, 16)) as pilot:
        await pilot.press("가", "ctrl+j", "나", "ctrl+j", "at")
        await until(pilot, lambda: len(app.shown) == 4 and app.suggestions.region.bottom == app.composer.region.y)
        await pilot.resize_terminal(60, 11)
        await until(pilot, lambda: app.suggestions.region.bottom == app.composer.region.y)
        assert app.suggestions.region.y >= 0


async def test_six_rows_at_most_are_shown_and_scroll_with_the_choice() -> None:
    app = OfferApp()
    async with app.run_test(size=(80, 16)) as pilot:
        await pilot.press("slash")
        await until(pilot, lambda: len(app.shown) == MAX_ROWS)
        assert app.suggestions.border_title == f"1/{len(CATALOGUE)}"
        await pilot.press("up")
        await until(pilot, lambda: app.shown[-1].startswith(f"▸ /{CATALOGUE[-1].words[0]} "))
        assert app.suggestions.border_title == f"{len(CATALOGUE)}/{len(CATALOGUE)}"
        await pilot.press("down")
        await until(pilot, lambda: app.shown[0].startswith("▸ /도움말 /help"))


async def test_notes_without_room_are_left_out_and_no_row_is_wider_than_the_terminal() -> None:
    app = OfferApp()
    async with app.run_test(size=(24, 14)) as pilot:
        await pilot.press("slash")
        await until(pilot, lambda: len(app.shown) == MAX_ROWS)
        assert app.suggestions.region.width <= 24
        assert app.shown[0] == "▸ /도움말 /help"


@pytest.mark.parametrize("columns", range(30, 60))
async def test_what_is_cut_says_so_right_behind_its_last_letter(columns: int) -> None:
    app = OfferApp()
    async with app.run_test(size=(columns, 14)) as pilot:
        await pilot.press("slash")
        await until(pilot, lambda: len(app.shown) == MAX_ROWS)
        for row, command in zip(app.shown, CATALOGUE, strict=False):
            is_whole = row.endswith((command.does, f"/{command.words[1]}", command.usage))
            assert is_whole or re.search(r"[^ ]…$", row), row


async def test_where_there_is_no_room_nothing_is_shown_and_tab_still_takes() -> None:
    app = OfferApp()
    async with app.run_test(size=(40, 4)) as pilot:
        await pilot.press("at", "ㅇ")
        await pilot.pause()
        assert app.shown == []
        await pilot.press("tab")
        await until(pilot, lambda: app.composer.text == "@영희 ")


# --- chosen and taken -------------------------------------------------------------------------------------------------


async def test_tab_takes_the_first_or_what_was_chosen() -> None:
    app = OfferApp()
    async with app.run_test() as pilot:
        await pilot.press("at", "ㅊ", "down", "tab")
        await until(pilot, lambda: app.composer.text == "@김철수 ")
        assert app.composer.cursor_location == (0, 5)
        await until(pilot, lambda: not app.suggestions.display)
        await pilot.press("tab")
        assert app.focused is app.query_one(Input)


async def test_a_command_that_needs_nothing_is_taken_without_a_blank_and_sent_by_the_next_enter() -> None:
    app = OfferApp()
    async with app.run_test() as pilot:
        await pilot.press("slash", "종", "tab")
        await until(pilot, lambda: app.composer.text == "/종료")
        assert app.composer.offer is None
        await pilot.press("enter")
        await sent(pilot, app, "/종료")


async def test_what_follows_a_command_is_offered_once_it_was_taken() -> None:
    app = OfferApp()
    async with app.run_test(size=(60, 16)) as pilot:
        await pilot.press("slash", "귓", "속", "tab")
        await until(pilot, lambda: app.composer.text == "/귓속말 ")
        await shows(pilot, app, f"▸ 민수    {strings.RECENT_PARTNER}", "  김철수", "  영희", "  철수")


async def test_late_syllable_is_typed_before_tab_takes() -> None:
    app = OfferApp()
    async with app.run_test() as pilot:
        app.type("@", "tab", "영")
        await until(pilot, lambda: app.composer.text == "@영희 ")


async def test_keys_that_come_together_keep_their_order() -> None:
    app = OfferApp()
    async with app.run_test() as pilot:
        app.type("@", "ㅊ", "down", "tab", "space", "a", "enter")
        await sent(pilot, app, "@김철수  a")


async def test_a_mention_is_taken_in_the_middle_of_a_text() -> None:
    app = OfferApp()
    async with app.run_test() as pilot:
        await pilot.press(*"회의는", "space", "at", "ㅇ", "ㅎ", "tab")
        await until(pilot, lambda: app.composer.text == "회의는 @영희 ")


async def test_taking_can_be_undone() -> None:
    app = OfferApp()
    async with app.run_test() as pilot:
        await pilot.press("at", "ㅇ", "tab")
        await until(pilot, lambda: app.composer.text == "@영희 ")
        await pilot.press("ctrl+z")
        assert app.composer.text == "@ㅇ"


async def test_a_click_takes_and_the_wheel_chooses() -> None:
    app = OfferApp()
    async with app.run_test(size=(60, 16)) as pilot:
        await pilot.press("at")
        await until(pilot, lambda: len(app.shown) == 4)
        await pilot._post_mouse_events([events.MouseScrollDown], app.suggestions)
        await until(pilot, lambda: app.composer.chosen == 1)
        await pilot._post_mouse_events([events.MouseScrollUp] * 2, app.suggestions)
        await until(pilot, lambda: app.composer.chosen == 0)
        await pilot.click(app.suggestions, offset=(4, 3))
        await until(pilot, lambda: app.composer.text == "@영희 ")
        assert app.focused is app.composer


# --- closed -----------------------------------------------------------------------------------------------------------


async def test_escape_closes_it_until_something_else_is_typed_and_only_then_is_for_others() -> None:
    app = OfferApp()
    async with app.run_test() as pilot:
        app.composer.partner = MINSU
        await pilot.press("at", "ㅊ", "escape")
        assert (app.shown, app.composer.partner) == ([], MINSU)
        await pilot.press("left", "right")
        assert app.shown == []
        await pilot.press("ㅅ")
        await shows(pilot, app, "▸ @철수", "  @김철수")
        await pilot.press("escape", "escape")
        assert app.composer.partner is None


async def test_it_closes_when_the_caret_leaves_or_the_focus_does() -> None:
    app = OfferApp()
    async with app.run_test() as pilot:
        await pilot.press("at", "ㅊ")
        assert app.is_offering()
        await pilot.press("left")
        assert not app.is_offering()
        await pilot.press("right")
        assert not app.is_offering()
        await pilot.press("ㅅ")
        assert app.is_offering()
        app.query_one(Input).focus()
        await until(pilot, lambda: not app.suggestions.display)


async def test_nothing_is_offered_for_what_is_recalled_or_given_back() -> None:
    app = OfferApp()
    async with app.run_test() as pilot:
        await send(pilot, app, "앞서", "/목록")
        await pilot.press("up")
        assert (app.composer.text, app.composer.offer) == ("/목록", None)
        await pilot.press("up")
        assert app.composer.text == "앞서"
        app.composer.restore("/목록", None)
        assert app.composer.offer is None


async def test_who_comes_and_goes_is_offered_or_not_at_once() -> None:
    app = OfferApp()
    async with app.run_test() as pilot:
        await pilot.press("at", "ㅊ", "down")
        app.composer.known = Known(("가철수", "김철수", "철수", "초롱"))
        await shows(pilot, app, "  @철수", "  @초롱", "  @가철수", "▸ @김철수")
        app.composer.known = Known(("철수",))
        await shows(pilot, app, "▸ @철수")
        app.composer.known = Known()
        await shows(pilot, app)


# --- Enter ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("/종", "/종료"),
        ("@ㅇ", "@영희 "),
        ("/귓속말 ㅇ", "/귓속말 영희 "),
        ("/찾기 @ㅇ", "/찾기 @영희 "),
        ("/whdf", "/종료"),
    ],
)
async def test_enter_completes_half_a_command_or_address_and_sends_nothing(typed: str, text: str) -> None:
    app = OfferApp()
    async with app.run_test() as pilot:
        app.type(*("space" if key == " " else key for key in typed))
        await until(pilot, lambda: app.composer.text == typed)
        await pilot.press("enter")
        await until(pilot, lambda: app.composer.text == text)
        assert app.sent == []


@pytest.mark.parametrize("typed", ["/종료", "/whdfy", "/r", "@영희", "/", "@", "/몰라", "회의는 @ㅊ", "안녕 @"])
async def test_enter_sends_what_stands_here_as_it_stands(typed: str) -> None:
    app = OfferApp()
    async with app.run_test() as pilot:
        app.type(*("space" if key == " " else key for key in typed), "enter")
        await sent(pilot, app, typed)


async def test_enter_takes_what_was_chosen_by_hand_in_the_middle_of_a_text() -> None:
    app = OfferApp()
    async with app.run_test() as pilot:
        await pilot.press("가", "space", "at", "ㅊ", "down", "enter")
        await until(pilot, lambda: app.composer.text == "가 @김철수 ")
        assert app.sent == []


async def test_late_syllable_is_part_of_what_enter_completes() -> None:
    app = OfferApp()
    async with app.run_test() as pilot:
        app.type("@", "김", "enter", "ㅊ")
        await until(pilot, lambda: app.composer.text == "@김철수 ")
        assert app.sent == []


async def test_up_chooses_and_recalls_nothing_while_there_is_something_to_choose_from() -> None:
    app = OfferApp()
    async with app.run_test() as pilot:
        await send(pilot, app, "앞서")
        await pilot.press("at", "ㅊ", "up")
        assert (app.composer.text, app.composer.chosen) == ("@ㅊ", 1)


async def test_up_recalls_when_there_is_nothing_to_choose_from() -> None:
    app = OfferApp()
    async with app.run_test() as pilot:
        await send(pilot, app, "앞서")
        await pilot.press("slash", *"종료", "up")
        assert app.composer.text == "앞서"
