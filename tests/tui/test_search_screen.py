"""The search screen: what is seen while one types, how one walks the hits and reads around them, and how one leaves."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import count
from pathlib import Path
from time import monotonic
from typing import ClassVar

import pytest
from rich.style import Style
from textual import events, on
from textual.binding import Binding, BindingType
from textual.pilot import Pilot
from textual.widget import Widget

import tui_client
from server.protocol import phrases
from server.protocol.events import Event, HistoryPage, Joined, ReadHistory, Refused, Said, Search, Whispered
from server.protocol.search import SearchPattern
from tests.support.app import LARGE, SMALL
from tui_client import strings
from tui_client.drawing import Drawing
from tui_client.notifying import Kind, News
from tui_client.searching import HITS_PAGE
from tui_client.terminal_app import TerminalApp
from tui_client.themes import speaker_variables
from tui_client.widgets.choice_list import CHOSEN_MARK
from tui_client.widgets.message_log import MessageLog
from tui_client.widgets.search_screen import SearchScreen

KST = timezone(timedelta(hours=9))
TODAY = date(2025, 11, 23)
NOON_MS = int(datetime(2025, 11, 23, 3, tzinfo=UTC).timestamp() * 1000)
HOUR_MS = 3_600_000
ME, CHEOLSU = "a" * 16, "b" * 16

DEADLINE_S = 10.0


def said(seq: int, text: str, nick: str = "철수", ago_ms: int = 0) -> Said:
    return Said(seq, NOON_MS - ago_ms, CHEOLSU, nick, text)


def chat(length: int = 500) -> list[Event]:
    """One message an hour, every tenth about a meeting; the last is the newest."""
    return [
        said(seq, f"회의 {seq}번" if seq % 10 == 0 else f"잡담 {seq}번", ago_ms=(length - seq) * HOUR_MS)
        for seq in range(1, length + 1)
    ]


class SearchApp(TerminalApp[int]):
    """The search screen over an empty one, and a server that answers as it is told to."""

    CSS_PATH = Path(tui_client.__file__).with_name("chat.tcss")
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [Binding("f5", "reconnect", show=False)]

    def __init__(self, log: Sequence[Event], text: str, *, is_online: bool = True) -> None:
        super().__init__()
        self.log_events = log
        self.answers_at_once = True
        self.asked: list[Search | ReadHistory] = []
        self.left_with: list[str | None] = []
        self.read_on_in_chat = self.reconnections = 0
        self.drawing = Drawing()
        self.drawing.uid = ME
        self.begin_with, self.is_online = text, is_online
        self.search: SearchScreen

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return speaker_variables(dark=self.current_theme.dark)

    @property
    def typing_target(self) -> Widget | None:
        return self.screen.typing_target if isinstance(self.screen, SearchScreen) else self.focused

    async def prepare_typing(self, event: events.Event) -> None:
        if isinstance(event, events.Key) and event.is_printable and isinstance(self.screen, SearchScreen):
            self.screen.set_focus(self.screen.typing_target)

    def on_mount(self) -> None:
        self.open()

    def open(self) -> None:
        ids = count(1)
        self.search = SearchScreen(
            self.begin_with,
            next_id=lambda: next(ids),
            newest_seq=lambda: self.log_events[-1].seq,
            draw=lambda events: [entry for event in events for entry in self.drawing.of_event(event)],
            nicks=["철수"],
            is_online=self.is_online,
            timezone=KST,
            today=lambda: TODAY,
        )
        self.push_screen(self.search, self.left_with.append)

    @on(SearchScreen.Asked)
    def answer_soon(self, message: SearchScreen.Asked) -> None:
        self.asked.append(message.frame)
        if self.answers_at_once:
            self.answer(message.frame)

    @on(MessageLog.TopReached)
    @on(MessageLog.BottomReached)
    def read_on(self) -> None:
        self.read_on_in_chat += 1

    def action_reconnect(self) -> None:
        self.reconnections += 1

    @property
    def searched(self) -> list[Search]:
        return [frame for frame in self.asked if isinstance(frame, Search)]

    def answer(self, frame: Search | ReadHistory) -> None:
        events = self.log_events
        if isinstance(frame, Search):
            spoken = [event for event in events if isinstance(event, Said | Whispered)]
            pattern = SearchPattern(frame.query, may_be_empty=frame.nick is not None)
            events = [event for event in spoken if pattern.matches(event.text) and frame.nick in (None, event.nick)]
        found = [event for event in events if frame.before is None or event.seq < frame.before]
        self.search.take_page(HistoryPage(frame.id, tuple(found[-frame.limit :]), len(found) > frame.limit))


class Searching:
    """A running search screen, and what a test wants to know about it."""

    def __init__(self, app: SearchApp, pilot: Pilot[int]) -> None:
        self.app, self.pilot = app, pilot
        self.screen = app.search

    @property
    def rows(self) -> list[str]:
        """What is drawn, row by row."""
        return [strip.text for strip in self.app.screen._compositor.render_strips()]

    @property
    def hits(self) -> list[str]:
        """The texts of the hits."""
        return [entry.text for entry in self.screen.hits.entries]

    @property
    def chosen(self) -> str:
        entry = self.screen.hits.chosen_entry
        return entry.text if entry else ""

    @property
    def context(self) -> list[str]:
        """What of the conversation around the hit is in view."""
        past = self.screen.past
        return [past.render_line(y).text for y in range(past.scrollable_content_region.height)]

    def sees(self, text: str) -> bool:
        return any(text in row for row in self.rows)

    async def until(self, condition: Callable[[], bool]) -> None:
        """Let the app work until `condition` holds."""
        end = monotonic() + DEADLINE_S
        while not condition():
            assert monotonic() < end, "\n".join(["the condition did not come true in time; the screen:", *self.rows])
            await self.pilot.pause(0.005)

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)

    async def type(self, text: str) -> None:
        """Replace what stands in the line."""
        self.screen.field.set_text(text)
        await self.pilot.pause()


@asynccontextmanager
async def searching(
    text: str = "", log: Sequence[Event] | None = None, *, size: tuple[int, int] = SMALL, is_online: bool = True
) -> AsyncIterator[Searching]:
    app = SearchApp(log or chat(), text, is_online=is_online)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield Searching(app, pilot)


# --- what is seen -----------------------------------------------------------------------------------------------------


async def test_empty_line_says_what_can_be_searched() -> None:
    async with searching() as it:
        for typed, finds in strings.SEARCH_EXAMPLES:
            await it.until(lambda row=(typed, finds): any(all(part in line for part in row) for line in it.rows))  # type: ignore[misc]
        assert it.app.asked == []


async def test_hits_are_newest_first_each_with_day_time_and_name() -> None:
    log = [
        said(1, "회의 하나", ago_ms=400 * 24 * HOUR_MS),
        said(2, "회의 둘", "민수", ago_ms=24 * HOUR_MS),
        said(3, "회의 셋"),
    ]
    async with searching("회의", log) as it:
        await it.until(lambda: it.sees("회의 하나"))
        assert [it.screen.hits.render_line(y).text.rstrip() for y in range(3)] == [
            f"{CHOSEN_MARK}오늘      12:00   철수> 회의 셋",
            " 어제      12:00   민수> 회의 둘",
            " 2024년 10월 19일  철수> 회의 하나",
        ]
        assert it.sees("1/3건")


async def test_match_is_in_sight_also_deep_in_a_long_message() -> None:
    log = [
        said(1, "아주 긴 이야기입니다. " * 20 + "여기서 드디어 회의 이야기가 나오고\n다시 " + "길게 이어집니다. " * 20)
    ]
    async with searching("회의", log) as it:
        await it.until(lambda: bool(it.hits))
        await it.until(lambda: it.sees("…"))
        [hit] = [row for row in it.rows if CHOSEN_MARK in row]
        assert "드디어 회의 이야기가 나오고 다시" in hit
        assert hit.count("…") == 2


async def test_whisper_among_the_hits_is_visibly_a_whisper() -> None:
    log = [
        Whispered(1, NOON_MS, CHEOLSU, "철수", ME, "영희", "회의 비밀"),
        Whispered(2, NOON_MS, ME, "영희", CHEOLSU, "철수", "회의 대답"),
        Whispered(3, NOON_MS, ME, "영희", ME, "영희", "회의 혼잣말"),
    ]
    async with searching("회의", log) as it:
        await it.until(lambda: it.sees("[귓속말 전송] 철수에게: 회의 대답"))
        assert it.sees("[귓속말] 철수> 회의 비밀")
        assert len(it.hits) == 3
        row = next(y for y, line in enumerate(it.rows) if "회의 대답" in line)
        background = {style.bgcolor for style in styles(it, row) if style is not None}
        assert len(background) >= 3, "the pane's, the whisper's and the match's"


def styles(it: Searching, row: int) -> list[Style | None]:
    strip = list(it.app.screen._compositor.render_strips())[row]
    return [segment.style for segment in strip]


@pytest.mark.parametrize("text", ["[@click=app.quit()]회의[/]", "회의[/b]", "회의\x1b[2J"])
async def test_what_others_wrote_is_shown_as_it_is(text: str) -> None:
    async with searching("회의", [said(1, text)]) as it:
        await it.until(lambda: it.sees(text.replace("\x1b", "␛")))


async def test_too_long_a_question_is_refused_here_and_the_hits_stay() -> None:
    async with searching("회의") as it:
        await it.until(lambda: bool(it.hits))
        await it.type("가" * 101)
        await it.until(lambda: it.sees(phrases.query_too_long(100)))
        assert it.hits
        await it.type("회의 3")
        await it.until(lambda: not it.sees(phrases.query_too_long(100)))


async def test_refusal_of_the_server_is_shown() -> None:
    async with searching() as it:
        it.app.answers_at_once = False
        await it.type("회의")
        await it.until(lambda: bool(it.app.asked))
        it.screen.take_refusal(Refused("rate_limited", "조금 뒤에 다시 찾으세요.", id=it.app.asked[0].id))
        await it.until(lambda: it.sees("조금 뒤에 다시 찾으세요."))


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_conversation_stands_below_the_hits_or_beside_them(size: tuple[int, int]) -> None:
    async with searching("회의", size=size) as it:
        await it.until(lambda: bool(it.hits))
        hits, past = it.screen.hits.region, it.screen.past.region
        assert (past.x == hits.right) if size == LARGE else (past.y == hits.bottom)
        assert past.width > 60
        assert it.screen.key_bar.region.bottom == size[1]


@pytest.mark.parametrize("size", [(20, 8), (40, 12), (60, 16)])
async def test_everything_needed_is_there_on_a_small_terminal(size: tuple[int, int]) -> None:
    async with searching("회의 500", size=size) as it:
        await it.until(lambda: it.sees("회의 500") and bool(it.context))
        assert it.screen.hits.scrollable_content_region.height >= 2
        assert it.screen.past.scrollable_content_region.height >= 2
        assert it.screen.field.region.width >= 10


NEWS = [
    News(Kind.WHISPER, "철수", "쉿"),
    News(Kind.MENTION, "철수", "영희야 봤어?"),
    *[News(Kind.MESSAGE, "철수", "그냥")] * 3,
    News(Kind.MESSAGE, "영희", "내 말", is_mine=True),
]


async def test_what_comes_in_meanwhile_is_counted_in_the_frame_whispers_and_mentions_apart() -> None:
    async with searching("회의") as it:
        await it.until(lambda: bool(it.hits))
        it.screen.count_missed(NEWS[-1:])
        await it.pilot.pause()
        assert not it.sees("새 메시지")
        it.screen.count_missed(NEWS)
        await it.until(lambda: it.sees(strings.missed(1, 1, 3)))
        it.screen.count_missed(NEWS[:1])
        await it.until(lambda: it.sees(strings.missed(2, 1, 3)))
        assert strings.missed(2, 0, 1200) == "새 귓속말 2개 · 새 메시지 1,200개"


async def test_without_a_frame_what_comes_in_is_counted_in_the_line() -> None:
    async with searching("회의", size=(40, 9)) as it:
        await it.until(lambda: bool(it.hits))
        it.screen.count_missed(NEWS)
        await it.until(lambda: strings.unread(5) in it.rows[0] and "회의" in it.rows[0])
        await it.pilot.resize_terminal(80, 24)
        await it.until(lambda: it.sees(strings.missed(1, 1, 3)) and not it.sees(strings.unread(5)))


# --- typing -----------------------------------------------------------------------------------------------------------


async def test_one_question_is_asked_for_a_word_typed_without_a_pause() -> None:
    async with searching() as it:
        await it.press("회", "의", "space", "3")
        await it.until(lambda: it.chosen == "회의 430번" or "3" in it.chosen)
        assert [frame.query for frame in it.app.searched] == ["회의 3"]


async def test_old_hits_stay_until_the_new_ones_are_there() -> None:
    async with searching("회의") as it:
        await it.until(lambda: bool(it.hits))
        it.app.answers_at_once = False
        await it.type("잡담")
        await it.until(lambda: it.app.searched[-1].query == "잡담")
        assert it.chosen == "회의 500번"
        it.app.answer(it.app.searched[-1])
        await it.until(lambda: it.chosen == "잡담 499번")


async def test_slow_search_says_that_it_takes_time() -> None:
    async with searching() as it:
        it.app.answers_at_once = False
        await it.type("회의")
        await it.until(lambda: it.sees(strings.SEARCHING))
        it.app.answer(it.app.searched[-1])
        await it.until(lambda: it.sees("1/50건") and not it.sees(strings.SEARCHING))


async def test_loose_jamo_and_a_paste_of_lines_become_one_clean_line() -> None:
    async with searching() as it:
        await it.press("ᄒ", "ᅬ", "ᄋ", "ᅴ")
        assert it.screen.field.value == "회의"
        it.screen.field.post_message(events.Paste(" 둘째\n줄\x1b"))
        await it.until(lambda: it.screen.field.value == "회의 둘째 줄␛")


async def test_keys_of_one_burst_keep_their_order() -> None:
    async with searching() as it:
        for key in ("회", "a", "backspace", "의", "home", "그", "end", "록"):
            it.app.post_message(events.Key(key, key if len(key) == 1 else None))
        await it.until(lambda: it.screen.field.value == "그회의록")


async def test_what_is_typed_before_the_screen_is_there_is_not_lost() -> None:
    async with searching("지난번") as it:
        await it.press("escape")
        await it.until(lambda: bool(it.app.left_with))
        it.app.open()
        for character in "회의 3":
            it.app.post_message(events.Key("space" if character == " " else character, character))
        it.app.post_message(events.Paste("번\n"))
        await it.until(lambda: it.app.search.is_mounted and it.app.search.field.value == "회의 3번 ")


async def test_caret_is_right_behind_what_is_typed() -> None:
    async with searching() as it:
        await it.press("회", "의")
        field = it.screen.field.content_region
        assert it.app.cursor_position == (field.x + 4, field.y)
        await it.press("home")
        assert it.app.cursor_position == (field.x, field.y)


async def test_search_by_person() -> None:
    log = [said(1, "회의 하나", "민수"), said(2, "회의 둘", "철수"), said(3, "회의 셋", "민수")]
    async with searching("@철수", log) as it:
        await it.until(lambda: it.hits == ["회의 둘"])
        await it.type("@민수")
        await it.until(lambda: it.hits == ["회의 셋", "회의 하나"])
        await it.type("@민수 하나")
        await it.until(lambda: it.hits == ["회의 하나"])
        await it.type("철수: 셋")
        await it.until(lambda: it.sees(strings.no_hits("셋", "철수")))
        await it.type("@영수")
        await it.until(lambda: it.sees(strings.no_hits("", "영수")))


async def test_what_was_said_since_is_found_when_it_is_asked_again() -> None:
    log: list[Event] = [said(1, "회의 하나")]
    async with searching("회의", log) as it:
        await it.until(lambda: it.hits == ["회의 하나"])
        log.append(said(2, "회의 둘"))
        await it.press("f5")
        await it.until(lambda: it.hits == ["회의 둘", "회의 하나"] and it.chosen == "회의 둘")
        await it.until(lambda: any("회의 둘" in row for row in it.context))
        await it.press("enter")
        await it.until(lambda: it.screen.past.has_focus)
        log.append(said(3, "회의 셋"))
        await it.press("f5")
        await it.until(lambda: it.chosen == "회의 셋")


async def test_enter_where_nothing_was_found_searches_again() -> None:
    log: list[Event] = [said(1, "잡담")]
    async with searching("회의", log) as it:
        await it.until(lambda: it.sees(strings.no_hits("회의", "")))
        log.append(said(2, "회의"))
        await it.press("enter")
        await it.until(lambda: it.hits == ["회의"])
        assert it.screen.field.has_focus


async def test_asking_again_right_after_typing_asks_what_was_typed() -> None:
    async with searching("잡담") as it:
        await it.until(lambda: bool(it.hits))
        await it.press(*"회의", "f5")
        await it.until(lambda: it.chosen == "회의 500번")
        assert [frame.query for frame in it.app.searched] == ["잡담", "회의"]


async def test_other_layout_is_offered_where_it_would_find_something() -> None:
    async with searching("ghldml") as it:
        await it.until(lambda: it.sees(strings.search_instead("회의")))
        assert it.sees(strings.no_hits("ghldml", ""))
        await it.press("ctrl+t")
        await it.until(lambda: it.chosen == "회의 500번")
        assert it.screen.field.value == "회의"
        await it.type("rhksflwk")
        await it.until(lambda: it.sees(strings.no_hits("rhksflwk", "")))
        assert not it.sees(strings.search_instead("관리자"))


async def test_ctrl_t_works_in_hangul_mode_and_goes_both_ways() -> None:
    async with searching("ghldml") as it:
        it.app.post_message(events.Key("ctrl+ㅅ", None))
        await it.until(lambda: it.screen.field.value == "회의")
        await it.press("ctrl+t")
        assert it.screen.field.value == "ghldml"


async def test_clicked_offer_is_taken() -> None:
    async with searching("ghldml") as it:
        await it.until(lambda: it.sees(strings.search_instead("회의")))
        y = next(number for number, row in enumerate(it.rows) if strings.search_instead("회의") in row)
        await it.pilot.click(offset=(40, y))
        await it.until(lambda: it.chosen == "회의 500번")


# --- without a connection ---------------------------------------------------------------------------------------------


async def test_search_without_a_connection_waits_for_it() -> None:
    async with searching("회의", is_online=False) as it:
        await it.until(lambda: it.sees(strings.SEARCH_OFFLINE))
        assert it.app.asked == []
        it.screen.set_online(online=True)
        await it.until(lambda: it.chosen == "회의 500번")
        assert not it.sees(strings.SEARCH_OFFLINE)


async def test_key_that_asks_again_gets_a_connection_where_there_is_none() -> None:
    async with searching("회의") as it:
        await it.until(lambda: bool(it.hits))
        await it.press("f5")
        await it.until(lambda: len(it.app.searched) == 2)
        assert it.app.reconnections == 0
        it.screen.set_online(online=False)
        await it.press("f5")
        await it.until(lambda: it.app.reconnections == 1)
        assert it.screen.hits.count


async def test_answer_lost_with_the_connection_is_asked_for_again() -> None:
    async with searching() as it:
        it.app.answers_at_once = False
        await it.type("회의")
        await it.until(lambda: len(it.app.searched) == 1)
        it.screen.set_online(online=False)
        it.app.answers_at_once = True
        it.screen.set_online(online=True)
        await it.until(lambda: it.chosen == "회의 500번")


# --- walking the hits -------------------------------------------------------------------------------------------------


async def test_arrows_walk_the_hits_while_one_goes_on_typing() -> None:
    async with searching("회의") as it:
        await it.until(lambda: it.chosen == "회의 500번")
        await it.press("down", "down")
        await it.until(lambda: it.chosen == "회의 480번" and it.sees("3/50건"))
        await it.press("up")
        assert it.chosen == "회의 490번"
        await it.press("up", "up", "up")
        assert it.chosen == "회의 500번"
        await it.press("space", "4", "2", "0")
        await it.until(lambda: it.hits == ["회의 420번"])
        assert it.screen.field.value == "회의 420"


async def test_f3_walks_the_hits_whatever_has_the_focus() -> None:
    async with searching("회의") as it:
        await it.until(lambda: it.chosen == "회의 500번")
        await it.press("f3", "f3", "shift+f3")
        assert it.chosen == "회의 490번"
        await it.press("enter")
        await it.until(lambda: it.screen.past.has_focus)
        await it.press("f3")
        await it.until(lambda: it.chosen == "회의 480번")
        await it.press("f15")
        await it.until(lambda: it.chosen == "회의 490번")


async def test_conversation_follows_the_chosen_hit() -> None:
    async with searching("회의") as it:
        await it.until(lambda: any("회의 500번" in row for row in it.context))
        await it.press("down")
        await it.until(lambda: any("회의 490번" in row for row in it.context))
        assert any("잡담 489번" in row for row in it.context)
        assert any("잡담 491번" in row for row in it.context)


async def test_hits_beyond_the_first_page_come_when_their_end_is_seen() -> None:
    log = [said(seq, f"회의 {seq}") for seq in range(1, 3 * HITS_PAGE + 1)]
    async with searching("회의", log) as it:
        await it.until(lambda: len(it.hits) == HITS_PAGE)
        assert it.sees(strings.SEARCH_HAS_MORE)
        it.screen.hits.move(HITS_PAGE)
        await it.until(lambda: len(it.hits) == 2 * HITS_PAGE)
        assert it.chosen == f"회의 {2 * HITS_PAGE + 1}"
        it.screen.hits.move(HITS_PAGE)
        await it.until(lambda: len(it.hits) == 3 * HITS_PAGE)
        assert not it.sees(strings.SEARCH_HAS_MORE)


async def test_click_chooses_and_a_second_one_reads() -> None:
    async with searching("회의") as it:
        await it.until(lambda: it.chosen == "회의 500번")
        await it.pilot.click(it.screen.hits, offset=(20, 3))
        await it.until(lambda: it.chosen == "회의 480번")
        assert it.screen.field.has_focus
        await it.pilot.click(it.screen.hits, offset=(20, 3), times=2)
        await it.until(lambda: it.screen.past.has_focus)


# --- reading around a hit ---------------------------------------------------------------------------------------------


async def test_reading_on_in_both_directions_through_the_whole_past() -> None:
    async with searching("회의 250", size=LARGE) as it:
        await it.until(lambda: any("회의 250번" in row for row in it.context))
        while not any("잡담 1번" in row for row in it.context):
            await it.press("pageup")
        while not any("회의 500번" in row for row in it.context):
            await it.press("pagedown")
        seqs = [entry.seq for entry in it.screen.past.entries]
        assert seqs == list(range(1, 501))
        assert not it.app.read_on_in_chat


async def test_enter_goes_into_the_conversation_and_back() -> None:
    async with searching("회의") as it:
        await it.until(lambda: bool(it.hits))
        await it.press("enter")
        await it.until(lambda: it.screen.past.has_focus)
        await it.press("enter")
        await it.until(lambda: it.screen.field.has_focus)


async def test_enter_right_after_typing_searches_at_once() -> None:
    async with searching("회의") as it:
        await it.until(lambda: bool(it.hits))
        await it.press("end", "space", "4", "9", "0", "enter")
        await it.until(lambda: it.hits == ["회의 490번"])
        assert it.screen.field.has_focus


async def test_typing_while_one_reads_goes_into_the_line() -> None:
    async with searching("회의") as it:
        await it.until(lambda: bool(it.hits))
        await it.press("enter")
        await it.until(lambda: it.screen.past.has_focus)
        await it.press("록")
        await it.until(lambda: it.screen.field.value == "회의록" and it.screen.field.has_focus)


async def test_comings_and_goings_are_part_of_the_conversation() -> None:
    log: list[Event] = [Joined(1, NOON_MS, CHEOLSU, "철수"), said(2, "회의")]
    async with searching("회의", log) as it:
        await it.until(lambda: any("철수님이 입장하셨습니다." in row for row in it.context))


# --- leaving ----------------------------------------------------------------------------------------------------------


async def test_escape_goes_back_step_by_step_and_only_so_far() -> None:
    async with searching("회의") as it:
        await it.until(lambda: bool(it.hits))
        await it.press("enter")
        await it.until(lambda: it.screen.past.has_focus)
        await it.press("escape")
        await it.until(lambda: it.screen.field.has_focus)
        assert it.app.left_with == []
        for _ in range(3):
            it.app.post_message(events.Key("escape", None))
        await it.until(lambda: it.app.left_with == ["회의"])
        await it.pilot.pause()
        assert len(it.app.screen_stack) == 1


async def test_what_stood_there_is_replaced_by_what_is_typed_next() -> None:
    async with searching("지난번") as it:
        await it.press("회", "의")
        assert it.screen.field.value == "회의"
        await it.press("ctrl+f", "잡")
        assert it.screen.field.value == "잡"


async def test_answers_that_come_after_leaving_harm_nobody() -> None:
    async with searching("회의") as it:
        await it.until(lambda: bool(it.hits))
        await it.press("escape")
        await it.until(lambda: bool(it.app.left_with))
        it.screen.take_page(HistoryPage(999, (), more=False))
        it.screen.set_online(online=False)
        await it.pilot.pause()
