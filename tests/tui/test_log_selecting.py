"""Selecting in the message log with the mouse: whole graphemes of one pane, and the same text whatever comes and goes."""

import pytest
from msgspec.structs import replace
from textual.selection import SELECT_ALL

from tests.tui.logs import (
    DAY_MS,
    NOON_MS,
    came,
    drag,
    events,
    log_app,
    numbered,
    row_with,
    said,
    style_at,
    went,
)
from tests.tui.until import until
from tui_client.entry import State

TWO = "2번째 메시지\n영희> 3번째 메시지"
"""What the drags below select: from the words of the second message to the end of the third."""


async def test_dragging_selects_words_without_time_and_frame() -> None:
    app = log_app()
    async with app.run_test(size=(40, 5)) as pilot:
        app.log_widget.extend([said(1, "안녕하세요"), said(2, "반갑습니다", "철수"), said(3, "네")])
        await drag(pilot, app.log_widget, (16, 1), (9, 2))
        assert app.screen.get_selected_text() == "하세요\n철수"


async def test_dragging_takes_whole_graphemes_in_either_direction() -> None:
    app = log_app()
    async with app.run_test(size=(40, 3)) as pilot:
        app.log_widget.extend([said(1, "가👨‍👩‍👧나다")])
        await drag(pilot, app.log_widget, (17, 1), (15, 1))
        assert app.screen.get_selected_text() == "👨‍👩‍👧나"


async def test_dragging_from_the_margin_begins_with_the_row() -> None:
    app = log_app()
    async with app.run_test(size=(40, 3)) as pilot:
        app.log_widget.extend([said(1, "하나"), said(2, "둘")])
        await drag(pilot, app.log_widget, (2, 1), (30, 2))
        assert app.screen.get_selected_text() == "영희> 하나\n영희> 둘"


async def test_dividers_are_no_text() -> None:
    app = log_app()
    async with app.run_test(size=(40, 5)) as pilot:
        app.log_widget.extend([said(1, "어제", at_ms=NOON_MS - DAY_MS), said(2, "오늘")])
        await drag(pilot, app.log_widget, (6, 0), (30, 3))
        assert app.screen.get_selected_text() == "영희> 어제\n영희> 오늘"
        await drag(pilot, app.log_widget, (6, 1), (30, 2))
        assert app.screen.get_selected_text() == "영희> 어제"
        await drag(pilot, app.log_widget, (3, 0), (30, 0))
        assert app.screen.get_selected_text() is None


async def test_selected_characters_are_drawn_selected() -> None:
    app = log_app()
    async with app.run_test(size=(40, 2)) as pilot:
        app.log_widget.extend([said(1, "안녕하세요")])
        plain = style_at(app.log_widget, 1, 14)
        await drag(pilot, app.log_widget, (14, 1), (15, 1))
        selected = style_at(app.log_widget, 1, 14)
        assert selected.color == plain.color
        assert selected.bgcolor != plain.bgcolor
        assert style_at(app.log_widget, 1, 16) == plain


async def test_dragging_past_the_edge_scrolls_on_and_stays_inside() -> None:
    app = log_app()
    async with app.run_test(size=(40, 4)) as pilot:
        app.log_widget.styles.height = 3
        app.log_widget.extend(numbered(1, 20))
        app.log_widget.action_scroll_home()
        await pilot.pause()
        await pilot.mouse_down(app.log_widget, offset=(12, 1))
        await pilot.hover(offset=(20, 3))
        await until(pilot, lambda: app.log_widget.scroll_offset.y >= 2)
        await pilot.mouse_up(offset=(20, 3))
        assert list(app.screen.selections) == [app.log_widget]


async def test_double_click_selects_what_was_said() -> None:
    app = log_app()
    async with app.run_test(size=(40, 3)) as pilot:
        app.log_widget.extend([said(1, "이것만 복사"), said(2, "이건 말고")])
        await pilot.click(app.log_widget, offset=(14, 1), times=2)
        assert app.screen.get_selected_text() == "이것만 복사"


async def test_selecting_in_an_empty_log_does_nothing() -> None:
    app = log_app()
    async with app.run_test(size=(40, 3)) as pilot:
        await drag(pilot, app.log_widget, (1, 0), (5, 2))
        assert app.screen.get_selected_text() is None
        assert app.log_widget.get_selection(SELECT_ALL) is None


# --- what a selection outlives ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["append", "trim", "prepend", "resize", "unfold", "open", "unread"])
async def test_selection_stays_the_same_text(what: str) -> None:
    app = log_app(window=20)
    log = app.log_widget
    async with app.run_test(size=(60, 8)) as pilot:
        log.extend([came(90, "민수"), came(91, "지우"), *events(101, 102), *[went(103, "민수"), went(104, "지우")]])
        log.extend(events(105, 105))
        log.holds_from = 90
        await drag(pilot, log, (12, row_with(log, "102번째")), (40, row_with(log, "105번째")))
        expected = "102번째 메시지\n민수님이 퇴장하셨습니다. 지우님이 퇴장하셨습니다.\n영희> 105번째 메시지"
        assert app.screen.get_selected_text() == expected
        match what:
            case "append":
                log.extend(events(106, 110))
            case "trim":
                log.extend(events(106, 121))
                assert log.entries[0].seq == 102, "all above what is selected"
            case "prepend":
                log.prepend([*events(80, 88), came(89, "준호")], first=80, before=90)
            case "resize":
                await pilot.resize_terminal(30, 20)
                await until(pilot, lambda: log.size.width == 30)
            case "unfold":
                log.unfolded = True
                expected = "102번째 메시지\n민수님이 퇴장하셨습니다.\n지우님이 퇴장하셨습니다.\n영희> 105번째 메시지"
            case "open":
                log.open_run(log._transcript.rows_of(0).start)
            case _:
                log.mark_unread()
                log.extend(events(106, 106))
                log.clear_unread_mark()
        assert app.screen.get_selected_text() == expected


async def test_selection_goes_with_a_message_from_pending_to_settled() -> None:
    app = log_app()
    async with app.run_test(size=(60, 8)) as pilot:
        log = app.log_widget
        pending = [said(number, f"{number}번째 메시지", state=State.PENDING, mine=True) for number in (2, 3, 4)]
        log.extend([said(1, "1번째 메시지", mine=True)])
        log.set_pending(pending)
        await drag(pilot, log, (12, row_with(log, "2번째")), (40, row_with(log, "3번째")))
        assert app.screen.get_selected_text() == TWO
        for done in (1, 2, 3):
            log.extend([replace(pending[done - 1], state=State.SETTLED)])
            log.set_pending(pending[done:])
            assert app.screen.get_selected_text() == TWO


async def test_selection_goes_with_a_message_that_an_older_page_settles() -> None:
    app = log_app()
    async with app.run_test(size=(60, 8)) as pilot:
        log = app.log_widget
        log.extend(events(10, 12))
        log.holds_from = 10
        pending = said(500, "아직", state=State.PENDING, mine=True)
        log.set_pending([pending])
        await drag(pilot, log, (12, row_with(log, "아직")), (40, row_with(log, "아직")))
        log.prepend([replace(pending, state=State.SETTLED, seq=9)], first=9, before=10)
        log.set_pending([])
        assert app.screen.get_selected_text() == "아직"


async def test_dragging_goes_on_while_the_message_settles() -> None:
    app = log_app()
    async with app.run_test(size=(60, 4)) as pilot:
        log = app.log_widget
        pending = said(1, "하나 둘 셋", state=State.PENDING, mine=True)
        log.set_pending([pending])
        await pilot.mouse_down(log, offset=(12, 1))
        await pilot.hover(log, offset=(15, 1))
        log.extend([replace(pending, state=State.SETTLED)])
        log.set_pending([])
        await pilot.hover(log, offset=(18, 1))
        await pilot.mouse_up(log, offset=(18, 1))
        assert app.screen.get_selected_text() == "하나 둘"


async def test_last_message_is_copied_without_its_name() -> None:
    app = log_app()
    async with app.run_test(size=(60, 8)):
        log = app.log_widget
        assert log.last_message() is None
        log.extend([*events(1, 2), came(3, "민수")])
        assert log.last_message() == "2번째 메시지"
        log.set_pending([said(9, "방금 것", state=State.PENDING, mine=True)])
        assert log.last_message() == "방금 것"
        log.scroll_to_seq(1)
        assert log.last_message() == "1번째 메시지"
