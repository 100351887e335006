"""A piece of the past: it follows nothing, grows at both ends, and keeps no more than its window."""

from tests.tui.logs import LogApp, came, events, log_app, words
from tests.tui.until import until
from tui_client.widgets.message_log import MessageLog


def past_app(window: int = 1000) -> LogApp:
    app = log_app(window, follow=False)
    app.log_widget.extend(events(101, 160))
    app.log_widget.holds_from = 101
    return app


def held(log: MessageLog) -> tuple[int, int]:
    return log.entries[0].seq, log.entries[-1].seq


async def test_event_is_brought_into_the_middle_and_marked() -> None:
    app = past_app()
    async with app.run_test(size=(40, 9)):
        log = app.log_widget
        assert log.scroll_to_seq(130)
        assert words(log)[4] == "영희> 130번째 메시지"
        assert log.last_message() == "130번째 메시지"
        assert not log.scroll_to_seq(999)
        assert words(log)[4] == "영희> 130번째 메시지"
        assert log.last_message() == "160번째 메시지"


async def test_event_asked_for_before_the_first_layout_is_there_after_it() -> None:
    app = past_app()
    app.log_widget.scroll_to_seq(130)
    async with app.run_test(size=(40, 9)) as pilot:
        await until(pilot, lambda: words(app.log_widget)[4] == "영희> 130번째 메시지")


async def test_event_that_is_folded_is_found_in_the_row_that_tells_of_it() -> None:
    app = past_app()
    async with app.run_test(size=(80, 9)):
        app.log_widget.append_newer([*(came(number, f"손님{number}") for number in range(161, 171)), *events(171, 190)])
        app.log_widget.scroll_to_seq(165)
        assert words(app.log_widget)[4].startswith("손님161")


async def test_newer_page_comes_in_below_without_a_jump() -> None:
    app = past_app()
    async with app.run_test(size=(40, 5)) as pilot:
        log = app.log_widget
        await pilot.press("end")
        await until(pilot, lambda: app.wants_newer == 1)
        before = words(log)
        log.append_newer(events(150, 180))
        assert words(log) == before
        assert held(log) == (101, 180)
        assert not log.is_following
        await pilot.press("down")
        assert words(log)[4] == "영희> 161번째 메시지"
        assert app.wants_newer == 1
        assert log.unread_below == 0


async def test_reader_at_an_end_who_goes_on_asks_again() -> None:
    app = past_app()
    async with app.run_test(size=(40, 5)) as pilot:
        await pilot.press("end", "down", "pagedown")
        await until(pilot, lambda: app.wants_newer == 3)
        await pilot.press("home", "up")
        await until(pilot, lambda: app.wants_older == 2)


async def test_window_is_kept_at_the_far_end() -> None:
    app = past_app(window=100)
    async with app.run_test(size=(40, 5)) as pilot:
        log = app.log_widget
        await pilot.press("end")
        log.append_newer(events(161, 260))
        assert (held(log), log.holds_from) == ((161, 260), 161)
        assert words(log)[-1] == "영희> 164번째 메시지", "what was above it is gone"
        await pilot.press(*["pageup"] * 30)
        log.prepend(events(101, 160), first=101, before=161)
        assert (held(log), log.holds_until) == ((101, 200), 200)
        assert words(log)[1] == "영희> 161번째 메시지"


async def test_page_that_would_leave_a_hole_is_left_out_at_the_lower_end_too() -> None:
    app = past_app()
    async with app.run_test(size=(40, 5)):
        log = app.log_widget
        log.append_newer(events(181, 190), after=180, last=190)
        assert held(log) == (101, 160)
        log.append_newer([], after=160, last=200)
        assert log.holds_until == 200
        log.append_newer(events(195, 210), after=194, last=210)
        assert held(log)[1] == 210
        assert log.entries[-11].seq == 160, "what is here already, or concerns somebody else"


async def test_log_that_follows_asks_for_nothing_at_its_end() -> None:
    app = log_app()
    async with app.run_test(size=(40, 5)) as pilot:
        app.log_widget.extend(events(1, 20))
        await pilot.press("home", "end", "down")
        await pilot.pause()
        assert app.wants_newer == 0


async def test_following_log_goes_to_an_event_and_stays_there() -> None:
    app = log_app()
    async with app.run_test(size=(40, 5)):
        log = app.log_widget
        log.extend(events(1, 60))
        log.scroll_to_seq(30)
        before = words(log)
        log.extend(events(61, 70))
        assert words(log) == before
        assert log.unread_below == 10
