"""Comings and goings in the message log: folded where they come in a row, told in full on demand, cheap in a crowd."""

from time import thread_time

from tests.tui.logs import DIVIDER, MINUTE_MS, NOON_MS, came, events, log_app, renamed, said, screen, went, words
from tests.tui.until import until
from tui_client.entry import Entry
from tui_client.widgets.message_log import MessageLog

CAME = ["12:04 철수님이 입장하셨습니다.", "12:04 민수님이 입장하셨습니다."]


def guests(first: int, last: int) -> list[Entry]:
    return [came(number, f"손님{number}") for number in range(first, last + 1)]


async def test_one_alone_is_told_in_the_rooms_own_words() -> None:
    app = log_app()
    async with app.run_test(size=(60, 4)):
        app.log_widget.extend([said(1, "하나"), came(2, "철수"), said(3, "둘")])
        assert words(app.log_widget)[1:] == ["영희> 하나", "철수님이 입장하셨습니다.", "영희> 둘"]


async def test_run_becomes_one_row_and_grows_there() -> None:
    app = log_app()
    async with app.run_test(size=(60, 5)):
        log = app.log_widget
        log.extend([came(1, "철수")])
        log.extend([came(2, "민수"), went(3, "영희")])
        assert screen(log)[1] == "12:04 철수, 민수님이 들어왔습니다 · 영희님이 나갔습니다"
        log.extend([renamed(4, "지우", "지아"), said(5, "안녕")])
        log.extend([came(6, "준호"), went(7, "준호")])
        assert words(log)[1:] == [
            "철수, 민수님이 들어왔습니다 · 지우님이 닉네임을",
            "지아로 바꿨습니다 · 영희님이 나갔습니다",
            "영희> 안녕",
            "준호님이 다녀갔습니다",
        ]


async def test_unfolded_each_is_told_with_its_time_and_back() -> None:
    app = log_app()
    async with app.run_test(size=(60, 4)):
        log = app.log_widget
        log.extend([came(1, "철수"), came(2, "민수", NOON_MS + MINUTE_MS), went(3, "수"), said(4, "둘")])
        folded = screen(log)
        log.unfolded = True
        assert screen(log)[:3] == [CAME[0], "12:05 민수님이 입장하셨습니다.", "12:04 수님이 퇴장하셨습니다."]
        log.extend([came(5, "영희"), came(6, "지우")])
        assert words(log)[2:] == ["영희님이 입장하셨습니다.", "지우님이 입장하셨습니다."]
        log.unfolded = False
        assert screen(log)[:3] == folded[:3]


async def test_unfolding_keeps_what_is_read_in_its_place() -> None:
    app = log_app()
    async with app.run_test(size=(60, 4)) as pilot:
        log = app.log_widget
        for number in range(0, 400, 20):
            log.extend([*guests(number, number + 9), *events(number + 10, number + 19)])
        await pilot.press("pageup", "pageup", "pageup")
        before = words(log)[0]
        log.unfolded = True
        assert words(log)[0] == before
        log.unfolded = False
        assert words(log)[0] == before
        while "외 7명" not in words(log)[0]:
            await pilot.press("up")
        before = words(log)[0]
        log.unfolded = True
        first_guest = words(log)[0]
        assert first_guest.startswith(before.partition(",")[0])
        await pilot.press("down")
        log.unfolded = False
        assert words(log)[0] == before, "one who is folded is found in the row that tells of them"


async def test_click_opens_a_run_and_folds_it_again() -> None:
    app = log_app()
    async with app.run_test(size=(60, 6)) as pilot:
        log = app.log_widget
        log.extend([came(1, "철수"), came(2, "민수"), said(3, "안녕"), came(4, "지우"), came(5, "준호")])
        await pilot.click(log, offset=(10, 1))
        await until(pilot, lambda: screen(log)[1:3] == CAME)
        assert words(log)[4] == "지우님이 입장하셨습니다. 준호님이 입장하셨습니다.", "only that one"
        await pilot.click(log, offset=(10, 2))
        await until(pilot, lambda: words(log)[1] == " ".join(row[6:] for row in CAME))
        log.extend([came(6, "수진")])
        assert words(log)[3] == "지우, 준호, 수진님이 들어왔습니다"


async def test_opened_run_stays_open_as_it_grows() -> None:
    app = log_app()
    async with app.run_test(size=(60, 6)) as pilot:
        log = app.log_widget
        log.extend([came(1, "철수"), came(2, "민수")])
        await pilot.click(log, offset=(10, 1))
        log.extend([came(3, "지우")])
        assert screen(log)[1:5] == [*CAME, "12:04 지우님이 입장하셨습니다.", ""]


async def test_day_and_reading_end_a_run() -> None:
    app = log_app()
    async with app.run_test(size=(60, 8)):
        log = app.log_widget
        log.extend([came(1, "철수", NOON_MS - 86_400_000), came(2, "민수"), came(3, "지우"), came(4, "수진")])
        log.mark_unread()
        log.extend([said(5, "안녕"), came(6, "준호")])
        assert words(log)[1:7] == [
            *("철수님이 입장하셨습니다.", DIVIDER, "민수, 지우, 수진님이 들어왔습니다"),
            *("여기까지 읽었습니다", "영희> 안녕", "준호님이 입장하셨습니다."),
        ]


async def test_row_says_until_when_it_tells_and_ends_after_ten_minutes() -> None:
    app = log_app()
    async with app.run_test(size=(80, 6)):
        log = app.log_widget
        log.extend([came(1, "철수"), came(2, "민수"), went(3, "영희", NOON_MS + 10 * MINUTE_MS)])
        log.extend([went(4, "민수", NOON_MS + 10 * MINUTE_MS + 1), went(5, "철수", NOON_MS + 13 * MINUTE_MS)])
        log.extend([came(6, "지우", NOON_MS + 500 * MINUTE_MS)])
        assert screen(log)[1:5] == [
            "12:04 철수, 민수님이 들어왔습니다 · 영희님이 나갔습니다 (~12:14)",
            "12:14 민수님이 퇴장하셨습니다.",
            "12:17 철수님이 퇴장하셨습니다.",
            "20:24 지우님이 입장하셨습니다.",
        ]


async def test_two_at_different_times_have_a_row_each_until_a_third_comes() -> None:
    app = log_app()
    async with app.run_test(size=(70, 6)) as pilot:
        log = app.log_widget
        log.extend([came(1, "철수"), went(2, "민수", NOON_MS + MINUTE_MS)])
        apart = screen(log)
        assert apart[1:4] == ["12:04 철수님이 입장하셨습니다.", "12:05 민수님이 퇴장하셨습니다.", ""]
        await pilot.click(log, offset=(10, 1))
        log.extend([came(3, "지우", NOON_MS + MINUTE_MS)])
        assert screen(log)[1:3] == ["12:04 철수, 지우님이 들어왔습니다 · 민수님이 나갔습니다 (~12:05)", ""]
        log.unfolded = True
        assert screen(log)[1:4] == [*apart[1:3], "12:05 지우님이 입장하셨습니다."]


# --- at the edges of what is held -------------------------------------------------------------------------------------


async def test_run_goes_on_into_an_older_page_without_a_jump() -> None:
    app = log_app()
    async with app.run_test(size=(70, 4)) as pilot:
        log = app.log_widget
        log.extend([came(11, "철수"), went(12, "영희"), *events(13, 40)])
        log.holds_from = 11
        await pilot.press("home", "down")
        before = words(log)
        assert before[0] == "철수님이 입장하셨습니다. 영희님이 퇴장하셨습니다."
        log.prepend([*events(1, 8), came(9, "민수"), went(10, "지우")], first=1, before=11)
        assert words(log)[0] == "민수, 철수님이 들어왔습니다 · 지우, 영희님이 나갔습니다"
        assert words(log)[1:] == before[1:]
        await pilot.press("up")
        assert words(log)[0] == "영희> 8번째 메시지"


async def test_trimming_in_the_middle_of_a_run_leaves_the_rest_of_it() -> None:
    app = log_app(window=10)
    async with app.run_test(size=(60, 14)):
        log = app.log_widget
        log.extend([*guests(1, 6), *events(7, 13)])
        assert [entry.seq for entry in log.entries] == list(range(4, 14))
        assert words(log)[:3] == [DIVIDER, "손님4, 손님5, 손님6님이 들어왔습니다", "영희> 7번째 메시지"]
        assert log.holds_from == 4


async def test_opened_run_is_left_alone_by_an_older_page() -> None:
    app = log_app()
    async with app.run_test(size=(60, 6)) as pilot:
        log = app.log_widget
        log.extend([came(11, "철수"), came(12, "민수")])
        log.holds_from = 11
        await pilot.click(log, offset=(10, 1))
        log.prepend([came(9, "지우"), came(10, "준호")], first=9, before=11)
        assert screen(log)[1:4] == ["12:04 지우님이 입장하셨습니다. 준호님이 입장하셨습니다.", *CAME]


async def test_row_tells_of_a_bounded_crowd() -> None:
    app = log_app()
    async with app.run_test(size=(60, 8)) as pilot:
        log = app.log_widget
        log.extend(guests(201, 500))
        log.holds_from = 201
        log.prepend(guests(101, 200), first=101, before=201)
        assert words(log)[1:4] == [crowd(101, 100), crowd(201, 200), crowd(401, 100)]
        log.unfolded = True
        await pilot.press("home")
        assert words(log)[1:3] == ["손님101님이 입장하셨습니다.", "손님102님이 입장하셨습니다."]


async def test_crowd_is_as_bounded_where_an_older_page_has_joined_it() -> None:
    app = log_app()
    async with app.run_test(size=(60, 8)):
        log = app.log_widget
        log.extend(guests(101, 250))
        log.holds_from = 101
        log.prepend(guests(61, 100), first=61, before=101)
        log.extend(guests(251, 300))
        assert words(log)[1:3] == [crowd(61, 200), crowd(261, 40)]


def crowd(first: int, count: int) -> str:
    return f"손님{first}, 손님{first + 1}, 손님{first + 2} 외 {count - 3}명이 들어왔습니다"


async def test_ten_minutes_are_those_of_the_row_also_when_its_head_was_trimmed() -> None:
    app = log_app(window=3)
    async with app.run_test(size=(80, 5)):
        log = app.log_widget
        log.extend(strollers(1, 4))
        assert words(log)[1:3] == ["손님2, 손님3, 손님4님이 들어왔습니다 (~12:16)", ""]
        log.extend(strollers(5, 5))
        assert words(log)[1:3] == ["손님3, 손님4, 손님5님이 들어왔습니다 (~12:19)", ""]


async def test_ten_minutes_hold_across_an_older_page() -> None:
    app = log_app()
    async with app.run_test(size=(80, 7)):
        log = app.log_widget
        log.extend([*strollers(5, 7), said(8, "안녕")])
        log.holds_from = 5
        before = words(log)[1:3]
        assert before == ["손님5, 손님6, 손님7님이 들어왔습니다 (~12:25)", "영희> 안녕"]
        log.prepend(strollers(3, 4), first=3, before=5)
        assert words(log)[1:5] == ["손님3님이 입장하셨습니다.", "손님4님이 입장하셨습니다.", *before]
        log.prepend(strollers(2, 2), first=2, before=3)
        assert words(log)[1:4] == ["손님2, 손님3, 손님4님이 들어왔습니다 (~12:16)", *before]


def strollers(first: int, last: int) -> list[Entry]:
    """One every three minutes."""
    return [came(number, f"손님{number}", NOON_MS + number * 3 * MINUTE_MS) for number in range(first, last + 1)]


async def test_crowd_costs_no_stutter() -> None:
    """A thousand in a second, drained thirty times; measured in this thread's own time, since others may be busy."""
    app = log_app()
    async with app.run_test(size=(60, 8)):
        everybody = guests(1, 1000)
        costs_s = [cost_s(app.log_widget, everybody[first : first + 33]) for first in range(0, 1000, 33)]
        assert sum(costs_s) < 0.2
        assert max(costs_s) < 0.03


def cost_s(log: MessageLog, batch: list[Entry]) -> float:
    started_s = thread_time()
    log.extend(batch)
    return thread_time() - started_s
