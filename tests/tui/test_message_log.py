"""The message log, as it moves: what stays in view, what comes in above and below, what is forgotten."""

import pytest
from msgspec.structs import replace
from textual.events import MouseScrollDown

from tests.tui.logs import DIVIDER, came, events, log_app, numbered, said, screen, whispered, words
from tests.tui.until import until
from tui_client.entry import State
from tui_client.widgets.homeward import HOME_EVENTS
from tui_client.widgets.message_log import MessageLog
from tui_client.widgets.whisper_pane import WhisperPane


async def test_newest_stays_in_view() -> None:
    app = log_app()
    async with app.run_test(size=(40, 3)):
        app.log_widget.extend(numbered(1, 10))
        assert words(app.log_widget)[2] == "영희> 10번째 메시지"
        app.log_widget.extend(numbered(11, 11))
        assert words(app.log_widget)[2] == "영희> 11번째 메시지"


async def test_what_came_before_the_first_layout_is_shown() -> None:
    app = log_app()
    app.log_widget.extend(numbered(1, 10))
    async with app.run_test(size=(40, 3)):
        assert words(app.log_widget)[2] == "영희> 10번째 메시지"


async def test_scrolled_up_it_stays_and_counts_what_others_say() -> None:
    app = log_app()
    async with app.run_test(size=(40, 3)) as pilot:
        app.log_widget.extend(numbered(1, 20))
        await pilot.press("pageup")
        before = screen(app.log_widget)
        app.log_widget.extend([*numbered(21, 23), came(30, "철수"), said(31, "나", mine=True)])
        assert screen(app.log_widget) == before
        assert app.log_widget.unread_below == 3
        await pilot.press("end")
        await until(pilot, lambda: app.unread == [3, 0])
        assert words(app.log_widget)[2] == "영희> 나"


async def test_keys_page_through_with_one_row_in_common() -> None:
    app = log_app()
    async with app.run_test(size=(40, 4)) as pilot:
        app.log_widget.extend(numbered(1, 30))
        await pilot.press("pageup")
        assert words(app.log_widget)[3] == "영희> 27번째 메시지"
        await pilot.press("home")
        assert words(app.log_widget)[:2] == [DIVIDER, "영희> 1번째 메시지"]
        await pilot.press("down", "pagedown")
        assert words(app.log_widget)[0] == "영희> 4번째 메시지"
        assert not app.log_widget.is_following


async def test_pending_stands_below_settled_until_it_is_settled_itself() -> None:
    app = log_app()
    async with app.run_test(size=(40, 4)):
        mine = said(1, "가는 중", mine=True, state=State.PENDING)
        app.log_widget.set_pending([mine])
        app.log_widget.extend([said(2, "어디예요?", "철수")])
        assert screen(app.log_widget) == [DIVIDER, "12:04 철수> 어디예요?", "…     영희> 가는 중", ""]
        app.log_widget.extend([replace(mine, state=State.SETTLED)])
        app.log_widget.set_pending([])
        assert screen(app.log_widget) == [DIVIDER, "12:04 철수> 어디예요?", "12:04 영희> 가는 중", ""]


async def test_placeholder_stands_in_the_middle_until_something_is_said() -> None:
    app = log_app(placeholder="아직 없습니다")
    async with app.run_test(size=(21, 3)):
        assert screen(app.log_widget) == ["", "   아직 없습니다", ""]
        app.log_widget.extend([said(1, "안녕")])
        assert screen(app.log_widget)[1] == "영희> 안녕"


async def test_clear_begins_anew() -> None:
    app = log_app(placeholder="비었음")
    async with app.run_test(size=(40, 3)) as pilot:
        app.log_widget.extend(numbered(1, 20))
        await pilot.press("pageup")
        app.log_widget.clear()
        assert app.log_widget.entries == []
        app.log_widget.extend(numbered(1, 20))
        assert words(app.log_widget)[2] == "영희> 20번째 메시지"


# --- resizing ---------------------------------------------------------------------------------------------------------


async def test_resize_keeps_the_newest() -> None:
    app = log_app()
    async with app.run_test(size=(60, 5)) as pilot:
        app.log_widget.extend([said(number, f"{number}번째 " + "이야기가 길어집니다 " * 6) for number in range(1, 40)])
        await pilot.resize_terminal(34, 9)
        await until(pilot, lambda: app.log_widget.size.height == 9 and screen(app.log_widget)[8].endswith("길어집니다"))


@pytest.mark.parametrize("columns", [34, 45, 80, 120])
async def test_resize_keeps_in_the_top_row_what_stood_first_in_it(columns: int) -> None:
    """Also where the top row is in the middle of a message, and however the rows above have changed."""
    app = log_app()
    async with app.run_test(size=(60, 5)) as pilot:
        story = " ".join(f"{word}째낱말" for word in range(60))
        app.log_widget.extend([said(number, f"{number}. {story}") for number in range(1, 20)])
        app.log_widget.action_scroll_home()
        for _ in range(90):
            app.log_widget.action_scroll_down()
        first_word = words(app.log_widget)[0].split()[0]
        await pilot.resize_terminal(columns, 9)
        await until(pilot, lambda: app.log_widget.size.width == columns)
        assert first_word in screen(app.log_widget)[0]


async def test_window_made_tall_enough_shows_the_newest_and_follows_it() -> None:
    app = log_app()
    async with app.run_test(size=(60, 5)) as pilot:
        log = app.log_widget
        log.extend(numbered(1, 20))
        await pilot.press("up", "up")
        log.extend(numbered(21, 23))
        assert log.unread_below == 3
        await pilot.resize_terminal(60, 40)
        await until(pilot, lambda: log.is_following and not log.unread_below)
        log.extend(numbered(24, 60))
        assert words(log)[-1] == "영희> 60번째 메시지"


# --- older pages ------------------------------------------------------------------------------------------------------


async def test_top_asks_for_older_ones_which_come_in_without_a_jump() -> None:
    app = log_app()
    async with app.run_test(size=(40, 3)) as pilot:
        app.log_widget.extend(numbered(101, 120))
        await pilot.press(*["pageup"] * 8, "up")
        await until(pilot, lambda: app.wants_older == 1)
        await pilot.press("up")
        before = screen(app.log_widget)
        app.log_widget.holds_from = 101
        app.log_widget.prepend([said(1, "아주 긴 옛날 이야기 " * 10), *numbered(90, 100)], first=80, before=101)
        # What stood at the top is no longer the day's first: the divider is further up now, and the time with it.
        assert before == [DIVIDER, "12:04 영희> 101번째 메시지", "      영희> 102번째 메시지"]
        assert words(app.log_widget) == ["영희> 100번째 메시지", "영희> 101번째 메시지", "영희> 102번째 메시지"]
        asked = app.wants_older
        await pilot.press("up")
        assert words(app.log_widget)[0] == "영희> 99번째 메시지"
        assert app.wants_older == asked


async def test_scrolling_up_at_the_top_asks_again() -> None:
    app = log_app()
    async with app.run_test(size=(40, 3)) as pilot:
        app.log_widget.extend(numbered(1, 2))
        await pilot.press("pageup", "up")
        await until(pilot, lambda: app.wants_older == 2)


async def test_pages_are_asked_for_before_the_last_of_them_is_turned() -> None:
    app = log_app()
    async with app.run_test(size=(40, 4)) as pilot:
        log = app.log_widget
        log.extend(events(101, 110))
        log.holds_from = 101
        await pilot.press("pageup", "pageup")
        await until(pilot, lambda: app.wants_older == 1)
        top = words(log)[0]
        assert top == "영희> 101번째 메시지"
        log.prepend(events(1, 100), first=1, before=101)
        await pilot.press("pageup")
        assert words(log)[3] == top, "a whole page further up"


# --- to the first message ever ----------------------------------------------------------------------------------------


async def test_home_goes_on_until_the_first_message_ever_is_seen() -> None:
    app = log_app()
    async with app.run_test(size=(40, 4)) as pilot:
        log = app.log_widget
        log.extend(events(201, 210))
        log.holds_from = 201
        await pilot.press("home")
        for asked, first in enumerate((151, 101, 51, 1), 1):
            await until(pilot, lambda asked=asked: app.wants_older == asked)  # type: ignore[misc]
            assert log.is_going_home
            log.prepend(events(first, first + 49), first=first if first > 1 else 0, before=first + 50)
            assert words(log)[:2] == [DIVIDER, f"영희> {first}번째 메시지"]
        assert not log.is_going_home
        await pilot.pause()
        assert app.wants_older == 4
        log.extend(events(211, 212))
        assert words(log)[1] == "영희> 1번째 메시지"


@pytest.mark.parametrize("way", ["down", "pagedown", "end", "up", "pageup", "wheel", "stay"])
async def test_whatever_else_is_done_stops_the_way_to_the_first_message(way: str) -> None:
    app = log_app()
    async with app.run_test(size=(40, 4)) as pilot:
        log = app.log_widget
        log.extend(events(201, 210))
        log.holds_from = 201
        await pilot.press("home")
        await until(pilot, lambda: app.wants_older == 1)
        if way == "wheel":
            await pilot._post_mouse_events([MouseScrollDown], log, button=0)
        elif way == "stay":
            log.stay()
        else:
            await pilot.press(way)
        assert not log.is_going_home
        asked, before = app.wants_older, screen(log)
        log.prepend(events(151, 200), first=151, before=201)
        await pilot.pause()
        assert app.wants_older == asked
        assert words(log)[1:] == [row[6:] for row in before[1:]], "nothing moves"


async def test_way_to_the_first_message_goes_on_behind_a_page_that_another_pane_asked_for() -> None:
    app = log_app()
    async with app.run_test(size=(40, 4)) as pilot:
        log = app.log_widget
        log.extend(events(201, 210))
        log.holds_from = 201
        await pilot.press("home")
        await until(pilot, lambda: app.wants_older == 1)
        log.prepend([], first=801, before=901)
        await until(pilot, lambda: app.wants_older == 2)


async def test_home_takes_in_only_so_much_at_once_of_an_endless_past() -> None:
    app = log_app()
    async with app.run_test(size=(40, 4)) as pilot:
        log = app.log_widget
        log.extend(events(1_000_001, 1_000_010))
        log.holds_from = 1_000_001
        for left in (1_000_001 - HOME_EVENTS, 1_000_001 - 2 * HOME_EVENTS):
            await pilot.press("home")
            while log.is_going_home:
                log.prepend([], first=log.holds_from - 100, before=log.holds_from)
            assert left - 100 <= log.holds_from <= left


async def test_from_a_page_that_fits_the_screen_home_goes_to_the_first_message_too() -> None:
    app = log_app()
    async with app.run_test(size=(40, 9)) as pilot:
        log = app.log_widget
        log.extend(events(201, 202))
        log.holds_from = 201
        await pilot.press("home")
        log.prepend(events(1, 200), first=0, before=201)
        assert words(log)[1] == "영희> 1번째 메시지"
        assert not log.is_following


async def test_page_that_another_pane_asked_for_takes_nothing_from_what_is_here() -> None:
    app = log_app()
    async with app.run_test(size=(40, 3)):
        log = app.log_widget
        whispers = [replace(whispered(seq, f"비밀 {seq}"), seq=seq) for seq in (2000, 5700, 5900, 7000)]
        log.begin_at(1000)
        log.extend(whispers)
        log.prepend([whispers[2]], first=5800, before=6000)  # the room's, which was trimmed
        log.prepend([whispers[1]], first=5600, before=5800)
        assert [entry.seq for entry in log.entries] == [2000, 5700, 5900, 7000]
        assert log.holds_from == 1000


async def test_past_of_another_log_never_stands_above_what_is_here() -> None:
    app = log_app(window=100)
    async with app.run_test(size=(40, 3)):
        log = app.log_widget
        log.begin_at(1000)
        log.extend(events(1000, 1090))
        log.begin_at(0)
        log.extend(events(1, 60))
        assert (log.entries[0].seq, log.holds_from) == (1051, 0)
        log.extend(events(61, 200))
        assert log.holds_from == log.entries[0].seq == 101


async def test_page_that_would_leave_a_hole_is_not_shown() -> None:
    app = log_app(window=10)
    async with app.run_test(size=(40, 3)):
        log = app.log_widget
        log.extend(events(101, 140))
        oldest = log.entries[0].seq
        assert log.holds_from == oldest > 101, "the window has forgotten the rest"
        log.prepend(events(90, 100), first=90, before=101)
        assert log.entries[0].seq == oldest
        log.prepend(events(95, 140), first=95, before=oldest)
        assert [entry.seq for entry in log.entries] == list(range(95, 141))


# --- the window -------------------------------------------------------------------------------------------------------


async def test_window_forgets_the_oldest_while_following() -> None:
    app = log_app(window=10)
    async with app.run_test(size=(40, 3)):
        for number in range(1, 101):
            app.log_widget.extend(numbered(number, number))
        assert 10 <= len(app.log_widget.entries) <= 11
        assert words(app.log_widget)[2] == "영희> 100번째 메시지"


async def test_after_trimming_the_oldest_entry_says_day_time_and_name() -> None:
    app = log_app(window=10)
    async with app.run_test(size=(40, 20)):
        app.log_widget.extend(numbered(1, 50))
        assert screen(app.log_widget)[:3] == [DIVIDER, "12:04 영희> 41번째 메시지", "      영희> 42번째 메시지"]


async def test_nothing_that_was_loaded_goes_while_somebody_reads_it() -> None:
    app = log_app(window=10)
    async with app.run_test(size=(40, 4)) as pilot:
        log = app.log_widget
        log.extend(events(501, 510))
        log.holds_from = 501
        await pilot.press("home")
        for first in range(401, 0, -100):
            log.prepend(events(first, first + 99), first=first, before=first + 100)
            await pilot.press("home")
        before = screen(log)
        log.extend(events(511, 600))
        assert screen(log) == before
        assert words(log)[1] == "영희> 1번째 메시지"
        assert len(log.entries) == 600


async def test_back_at_the_newest_the_window_is_kept_again() -> None:
    app = log_app(window=10)
    async with app.run_test(size=(40, 4)) as pilot:
        log = app.log_widget
        log.extend(events(101, 110))
        log.holds_from = 101
        await pilot.press("home")
        log.prepend(events(1, 100), first=1, before=101)
        await pilot.press("end")
        await until(pilot, lambda: len(log.entries) == 10)
        assert words(log)[3] == "영희> 110번째 메시지"
        assert log.holds_from == log.entries[0].seq == 101


async def test_reading_further_up_is_always_possible() -> None:
    app = log_app(window=10)
    async with app.run_test(size=(40, 4)) as pilot:
        app.log_widget.extend(events(1000, 1010))
        app.log_widget.holds_from = 1000
        await pilot.press("home")
        app.log_widget.prepend(events(1, 999), first=1, before=1000)
        asked = app.wants_older
        await pilot.press("home")
        await until(pilot, lambda: app.wants_older > asked)


def test_whisper_pane_is_a_log_of_its_own_type() -> None:
    assert issubclass(WhisperPane, MessageLog)
