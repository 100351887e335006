"""What an entry shows because of those above it: groups of one person, days, where reading stopped."""

from datetime import date, timedelta

import pytest
from msgspec.structs import replace

from tests.tui.logs import (
    DAY_MS,
    DIVIDER,
    KST,
    MINUTE_MS,
    NOON_MS,
    TODAY,
    came,
    events,
    log_app,
    numbered,
    said,
    screen,
    whispered,
)
from tests.tui.until import until
from tui_client import strings
from tui_client.entry import Entry, Kind, State
from tui_client.widgets.local_time import LocalTime
from tui_client.widgets.setting import SAME_MINUTE, SAME_SPEAKER, Flow, Setting

YESTERDAY = "11월 22일 일요일"
UNREAD = strings.UNREAD_DIVIDER
LAST_TWO = ["12:04 영희> 21번째 메시지", "      영희> 22번째 메시지"]


def settings_of(*entries: Entry) -> list[Setting]:
    flow = Flow(LocalTime(KST, lambda: TODAY))
    return [flow.set(entry) for entry in entries]


# --- groups -----------------------------------------------------------------------------------------------------------


async def test_time_is_said_once_a_minute_and_the_name_always() -> None:
    app = log_app()
    async with app.run_test(size=(40, 5)):
        later = said(3, "셋", at_ms=NOON_MS + MINUTE_MS)
        app.log_widget.extend([said(1, "하나", at_ms=NOON_MS + MINUTE_MS - 1), said(2, "둘"), later])
        assert screen(app.log_widget)[1:4] == ["12:04 영희> 하나", "      영희> 둘", "12:05 영희> 셋"]


@pytest.mark.parametrize(
    "between",
    [
        said(2, "나", "철수"),
        came(2, "철수"),
        Entry(2, Kind.NOTICE, State.SETTLED, NOON_MS, "", "", "알림"),
        Entry(2, Kind.ERROR, State.SETTLED, NOON_MS, "", "", "오류"),
        whispered(2, "영희", "영희"),
    ],
)
def test_group_ends_with_whatever_else_comes(between: Entry) -> None:
    assert settings_of(said(1, "하나"), said(3, "둘"))[1] == SAME_MINUTE
    assert settings_of(said(1, "하나"), between, said(3, "둘"))[2] == Setting()


def test_group_is_of_one_person_however_the_name_is_written() -> None:
    assert settings_of(said(1, "", "Bob"), said(2, "", "bob"))[1] == SAME_MINUTE
    assert settings_of(said(1, "", "영희", mine=True), said(2, "", "영희"))[1] == Setting(), (
        "another window of a namesake"
    )
    assert settings_of(whispered(1, ""), whispered(2, "", at_ms=NOON_MS + MINUTE_MS))[1] == SAME_SPEAKER


async def test_pending_message_belongs_to_the_group_above_it() -> None:
    app = log_app()
    async with app.run_test(size=(40, 5)):
        app.log_widget.set_pending([said(2, "둘", state=State.PENDING, mine=True)])
        app.log_widget.extend([said(1, "하나", mine=True)])
        transcript = app.log_widget._transcript
        places = [transcript.place_of(row) for row in (0, 2)]
        assert [transcript.setting(place.entry) for place in places if place] == [Setting(TODAY), SAME_MINUTE]


# --- days -------------------------------------------------------------------------------------------------------------


async def test_day_stands_above_its_first_message() -> None:
    app = log_app()
    async with app.run_test(size=(40, 6)):
        last_year = said(1, "작년", at_ms=NOON_MS - 365 * DAY_MS)
        app.log_widget.extend([last_year, said(2, "어제", at_ms=NOON_MS - DAY_MS), said(3, "오늘")])
        assert screen(app.log_widget) == [
            "2025년 11월 23일 일요일",
            "12:04 영희> 작년",
            YESTERDAY,
            "12:04 영희> 어제",
            DIVIDER,
            "12:04 영희> 오늘",
        ]


def test_day_begins_at_the_readers_midnight() -> None:
    midnight_ms = NOON_MS - (12 * 60 + 4) * MINUTE_MS
    before, after = said(1, "", at_ms=midnight_ms - 1), said(2, "", at_ms=midnight_ms)
    assert [setting.new_day for setting in settings_of(before, after)] == [TODAY - timedelta(days=1), TODAY]


def test_two_clocks_around_midnight_make_no_day_begin_twice() -> None:
    midnight_ms = NOON_MS - (12 * 60 + 4) * MINUTE_MS
    times = [midnight_ms - 5, midnight_ms + 5, midnight_ms - 3, midnight_ms + 6, midnight_ms + DAY_MS]
    days = [setting.new_day for setting in settings_of(*(said(1, "", at_ms=at_ms) for at_ms in times))]
    assert days == [TODAY - timedelta(days=1), TODAY, None, None, TODAY + timedelta(days=1)]


def test_clock_that_was_wrong_by_years_is_put_right() -> None:
    days = [
        s.new_day
        for s in settings_of(said(1, "", at_ms=NOON_MS + 900 * DAY_MS), said(2, ""), said(3, "", at_ms=10**40))
    ]
    assert days == [date(2029, 5, 11), TODAY, None]


@pytest.mark.parametrize("older_day", [TODAY, TODAY - timedelta(days=1)])
async def test_older_page_takes_the_divider_of_its_own_day_with_it(older_day: date) -> None:
    app = log_app()
    async with app.run_test(size=(40, 4)) as pilot:
        log = app.log_widget
        log.extend(events(101, 120))
        log.holds_from = 101
        await pilot.press("home", "down")
        before = screen(log)
        at_ms = NOON_MS - (TODAY - older_day).days * DAY_MS
        log.prepend([replace(entry, at_ms=at_ms) for entry in events(90, 100)], first=90, before=101)
        # On the same day the first is no longer the first of the minute.
        assert screen(log)[1:] == before[1:]
        assert screen(log)[0].lstrip("12:04 ") == "영희> 101번째 메시지"
        await pilot.press("up")
        above = DIVIDER if older_day != TODAY else "      영희> 100번째 메시지"
        assert screen(log)[0] == above
        await pilot.press("home")
        assert screen(log)[0] == (DIVIDER if older_day == TODAY else YESTERDAY)


async def test_dividers_fit_any_width() -> None:
    app = log_app()
    async with app.run_test(size=(40, 3)) as pilot:
        app.log_widget.extend(numbered(1, 1))
        assert app.log_widget.render_line(0).text == "─────────── 11월 23일 월요일 ───────────"[1:]
        await pilot.resize_terminal(12, 3)
        await until(pilot, lambda: app.log_widget.size.width == 12)
        assert screen(app.log_widget)[0] == "11월 23일…"


# --- where reading stopped --------------------------------------------------------------------------------------------


async def test_divider_stands_above_the_first_message_of_others_after_leaving() -> None:
    app = log_app()
    async with app.run_test(size=(40, 9)):
        log = app.log_widget
        log.extend(numbered(1, 2))
        log.mark_unread()
        log.extend([came(3, "철수"), said(4, "나", mine=True)])
        log.extend([said(5, "셋"), said(6, "넷")])
        log.extend([said(7, "다섯")])
        assert screen(log)[3:] == [
            "12:04 철수님이 입장하셨습니다.",
            "12:04 영희> 나",
            UNREAD,
            "12:04 영희> 셋",
            "      영희> 넷",
            "      영희> 다섯",
        ]


async def test_no_divider_stands_above_what_comes_when_the_reader_is_back() -> None:
    app = log_app()
    async with app.run_test(size=(40, 6)):
        log = app.log_widget
        log.mark_unread()
        log.read_on()
        log.extend(numbered(1, 1))
        assert UNREAD not in screen(log)
        log.mark_unread()
        log.extend(numbered(2, 2))
        log.read_on()
        log.extend(numbered(3, 3))
        assert screen(log)[2:5] == [UNREAD, "12:04 영희> 2번째 메시지", "      영희> 3번째 메시지"]


async def test_divider_moves_on_once_what_is_below_was_seen_and_more_comes() -> None:
    app = log_app()
    async with app.run_test(size=(40, 6)):
        log = app.log_widget
        for text in ("하나", "둘"):
            log.mark_unread()
            log.extend([said(1, text)])
        log.mark_unread()
        log.extend([said(9, "나도", mine=True)])
        assert screen(log)[:5] == [DIVIDER, "12:04 영희> 하나", UNREAD, "12:04 영희> 둘", "12:04 영희> 나도"]
        log.extend([said(3, "셋", "철수")])
        assert screen(log) == [
            *(DIVIDER, "12:04 영희> 하나", "      영희> 둘", "12:04 영희> 나도", UNREAD, "12:04 철수> 셋")
        ]


async def test_divider_goes_and_leaves_a_group_behind() -> None:
    app = log_app()
    async with app.run_test(size=(40, 5)):
        log = app.log_widget
        log.extend(numbered(1, 1))
        log.mark_unread()
        log.extend(numbered(2, 2))
        assert UNREAD in screen(log)
        log.clear_unread_mark()
        assert screen(log) == [DIVIDER, "12:04 영희> 1번째 메시지", "      영희> 2번째 메시지", "", ""]
        log.extend(numbered(3, 3))
        assert UNREAD not in screen(log), "none is expected any more"


async def test_divider_and_day_stand_together() -> None:
    app = log_app()
    async with app.run_test(size=(40, 6)):
        log = app.log_widget
        log.extend([said(1, "어제", at_ms=NOON_MS - DAY_MS)])
        log.mark_unread()
        log.extend([said(2, "오늘")])
        assert screen(log)[1:5] == ["12:04 영희> 어제", UNREAD, DIVIDER, "12:04 영희> 오늘"]
        log.clear_unread_mark()
        assert screen(log)[1:4] == ["12:04 영희> 어제", DIVIDER, "12:04 영희> 오늘"]


async def test_who_leaves_while_scrolled_up_finds_the_divider_above_what_was_never_in_view() -> None:
    app = log_app()
    async with app.run_test(size=(40, 4)) as pilot:
        log = app.log_widget
        log.extend(numbered(1, 20))
        await pilot.press("home")
        log.extend(numbered(21, 22))
        before = screen(log)
        log.mark_unread()
        log.extend(numbered(23, 23))
        log.mark_unread()
        assert screen(log) == before, "nothing moves"
        assert log.unread_below == 3
        await pilot.press("end")
        assert screen(log)[:2] == [UNREAD, "12:04 영희> 21번째 메시지"]


async def test_who_reads_further_up_finds_the_divider_above_what_came_below() -> None:
    app = log_app()
    async with app.run_test(size=(40, 4)) as pilot:
        log = app.log_widget
        log.extend(numbered(1, 20))
        await pilot.press("pageup")
        before = screen(log)
        log.extend([came(30, "철수"), said(31, "나", mine=True), *numbered(21, 22)])
        assert screen(log) == before
        await pilot.press("end")
        await until(pilot, lambda: screen(log) == ["12:04 영희> 나", UNREAD, *LAST_TWO])
        log.extend(numbered(23, 23))
        assert screen(log)[0] == UNREAD, "until reading stops again"
        log.mark_unread()
        log.extend(numbered(24, 24))
        assert screen(log)[1:] == ["      영희> 23번째 메시지", UNREAD, "12:04 영희> 24번째 메시지"]


async def test_divider_that_is_looked_for_further_up_stays_until_one_is_back() -> None:
    app = log_app()
    async with app.run_test(size=(40, 4)) as pilot:
        log = app.log_widget
        log.extend(numbered(1, 10))
        log.mark_unread()
        log.extend(numbered(11, 20))
        await pilot.press("pageup", "pageup", "pageup")
        assert UNREAD in screen(log)
        before = screen(log)
        log.extend(numbered(21, 22))
        assert screen(log) == before
        await pilot.press("end")
        await until(pilot, lambda: screen(log)[1:] == [UNREAD, *LAST_TWO])
        await pilot.press(*["pageup"] * 4)
        assert any("11번째" in row for row in screen(log))
        assert UNREAD not in screen(log)


async def test_who_takes_part_from_further_up_finds_the_divider_too() -> None:
    app = log_app()
    async with app.run_test(size=(40, 4)) as pilot:
        log = app.log_widget
        log.extend(numbered(1, 20))
        await pilot.press("pageup")
        log.extend(numbered(21, 22))
        log.clear_unread_mark()
        log.action_scroll_end()
        await until(pilot, lambda: screen(log)[1:] == [UNREAD, *LAST_TWO])


async def test_divider_that_was_trimmed_away_is_forgotten() -> None:
    app = log_app(window=10)
    async with app.run_test(size=(40, 30)):
        log = app.log_widget
        log.extend(numbered(1, 5))
        log.mark_unread()
        log.extend(numbered(6, 40))
        log.clear_unread_mark()
        log.mark_unread()
        log.extend(numbered(41, 41))
        assert screen(log).count(UNREAD) == 1


async def test_taking_the_divider_away_moves_nothing_that_is_read() -> None:
    app = log_app()
    async with app.run_test(size=(40, 4)) as pilot:
        log = app.log_widget
        log.extend(numbered(1, 5))
        log.mark_unread()
        log.extend(numbered(6, 40))
        await pilot.press("pageup")
        before = screen(log)
        log.clear_unread_mark()
        assert screen(log) == before
