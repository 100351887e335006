"""The message log, as it looks and as it moves."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.color import Color
from rich.style import Style
from textual.app import App, ComposeResult
from textual.geometry import Offset
from textual.pilot import Pilot
from textual.selection import SELECT_ALL, Selection
from textual.theme import BUILTIN_THEMES

import tui_client
from tests.tui.until import until
from tui_client.entry import Entry, Kind, State
from tui_client.widgets.message_log import MessageLog
from tui_client.widgets.painting import SPEAKERS, Painter, body, speaker_component
from tui_client.widgets.rows import Rows
from tui_client.widgets.transcript import Transcript
from tui_client.widgets.whisper_pane import WhisperPane
from tui_client.widgets.wrapping import Span

KST = timezone(timedelta(hours=9))
NOON_MS = int(datetime(2025, 11, 23, 3, 4, tzinfo=UTC).timestamp() * 1000)


def said(number: int, text: str, nick: str = "영희", state: State = State.SETTLED, *, mine: bool = False) -> Entry:
    return Entry(number, Kind.SAID, state, NOON_MS, f"{nick}> ", nick, text, mine)


def numbered(first: int, last: int) -> list[Entry]:
    return [said(number, f"{number}번째 메시지") for number in range(first, last + 1)]


class LogApp(App[None]):
    """One log on the whole screen, and what it says."""

    CSS = "MessageLog { overflow-y: scroll; overflow-x: hidden; scrollbar-size-vertical: 1; }"

    def __init__(self, log: MessageLog) -> None:
        super().__init__()
        self.log_widget = log
        self.unread: list[int] = []
        self.wants_older = 0

    def compose(self) -> ComposeResult:
        yield self.log_widget

    def on_mount(self) -> None:
        self.log_widget.focus()

    def on_message_log_unread_below(self, message: MessageLog.UnreadBelow) -> None:
        self.unread.append(message.count)

    def on_message_log_top_reached(self) -> None:
        self.wants_older += 1


def log_app(window: int = 1000, placeholder: str = "") -> LogApp:
    return LogApp(MessageLog(timezone=KST, window=window, placeholder=placeholder, failed_mark="실패"))


def screen(log: MessageLog) -> list[str]:
    """The rows as they are seen, without blanks on the right."""
    return [log.render_line(y).text.rstrip() for y in range(log.size.height)]


def style_at(log: MessageLog, y: int, column: int) -> Style | None:
    """The style of the cell in a row under a column."""
    left = 0
    for segment in log.render_line(y):
        left += segment.cell_length
        if column < left:
            return segment.style
    raise AssertionError(f"row {y} has no column {column}")


# --- how it looks -----------------------------------------------------------------------------------------------------


async def test_rows_show_time_name_and_text_aligned_under_itself() -> None:
    app = log_app()
    async with app.run_test(size=(42, 6)):
        app.log_widget.extend([said(1, "국밥집에 가 보고 싶어요. 같이 가실 분 👨‍👩‍👧 있나요?"), said(2, "네\n저요")])
        assert screen(app.log_widget) == [
            "12:04 영희> 국밥집에 가 보고 싶어요. 같이",
            "            가실 분 👨‍👩‍👧 있나요?",
            "12:04 영희> 네",
            "            저요",
            "",
            "",
        ]


async def test_long_label_does_not_squeeze_the_text() -> None:
    app = log_app()
    async with app.run_test(size=(41, 3)):
        label = "[귓속말 전송] 철수에게: "
        app.log_widget.extend([Entry(1, Kind.WHISPER_SENT, State.SETTLED, NOON_MS, label, "철수", "여기는 조용하네요")])
        assert screen(app.log_widget) == ["12:04 [귓속말 전송] 철수에게: 여기는", "        조용하네요", ""]


async def test_narrow_log_leaves_the_time_out() -> None:
    app = log_app()
    async with app.run_test(size=(21, 2)):
        app.log_widget.extend([said(1, "안녕")])
        assert screen(app.log_widget) == ["영희> 안녕", ""]


async def test_placeholder_stands_in_the_middle_until_something_is_said() -> None:
    app = log_app(placeholder="아직 없습니다")
    async with app.run_test(size=(21, 3)):
        assert screen(app.log_widget) == ["", "   아직 없습니다", ""]
        app.log_widget.extend([said(1, "안녕")])
        assert screen(app.log_widget)[1] == ""


async def test_markup_and_control_characters_are_shown_not_obeyed() -> None:
    app = log_app()
    async with app.run_test(size=(60, 2)):
        app.log_widget.extend([said(1, "[b]굵게[/b] [/] \x1b[31m\x9b\x07\u202e\ud800\t끝")])
        assert screen(app.log_widget)[0] == "12:04 영희> [b]굵게[/b] [/] ␛[31m\ufffd␇\ufffd\ufffd␉끝"


async def test_pending_stands_below_settled_until_it_is_settled_itself() -> None:
    app = log_app()
    async with app.run_test(size=(40, 4)):
        mine = said(1, "가는 중", mine=True, state=State.PENDING)
        app.log_widget.set_pending([mine])
        app.log_widget.extend([said(2, "어디예요?", "철수")])
        assert screen(app.log_widget)[:3] == ["12:04 철수> 어디예요?", "12:04 영희> 가는 중", ""]
        app.log_widget.extend([said(1, "가는 중", mine=True)])
        app.log_widget.set_pending([])
        assert screen(app.log_widget)[:3] == ["12:04 철수> 어디예요?", "12:04 영희> 가는 중", ""]


class ColouredLog(LogApp):
    CSS = """
    MessageLog { background: #000000; color: #ffffff; }
    .message-log--pending { color: #010101; }
    .message-log--failed { color: #020202; }
    .message-log--whisper { background: #030303; }
    .message-log--presence { color: #040404; }
    .message-log--error { color: #050505; }
    .message-log--me { color: #060606; }
    """


@pytest.mark.parametrize(
    ("kind", "state", "foreground", "background"),
    [
        (Kind.SAID, State.SETTLED, "#ffffff", "#000000"),
        (Kind.SAID, State.PENDING, "#010101", "#000000"),
        (Kind.SAID, State.FAILED, "#020202", "#000000"),
        (Kind.WHISPER_RECEIVED, State.SETTLED, "#ffffff", "#030303"),
        (Kind.WHISPER_SENT, State.PENDING, "#010101", "#030303"),
        (Kind.PRESENCE, State.SETTLED, "#040404", "#000000"),
        (Kind.ERROR, State.SETTLED, "#050505", "#000000"),
    ],
)
async def test_kind_and_state_are_told_by_colour(kind: Kind, state: State, foreground: str, background: str) -> None:
    app = ColouredLog(MessageLog(timezone=KST, failed_mark="실패"))
    async with app.run_test(size=(40, 2)):
        app.log_widget.extend([Entry(1, kind, state, NOON_MS, "", "", "안녕하세요")])
        style = style_at(app.log_widget, 0, 8)
        assert style is not None
        assert style.color is not None
        assert style.bgcolor is not None
        assert (style.color.name, style.bgcolor.name) == (foreground, background)


async def test_what_failed_is_marked_in_place_of_its_time() -> None:
    app = log_app()
    async with app.run_test(size=(40, 2)):
        app.log_widget.extend([said(1, "못 갔어요", state=State.FAILED, mine=True)])
        assert screen(app.log_widget)[0] == "실패  영희> 못 갔어요"


def test_colour_of_a_nickname_is_its_own_and_the_same_everywhere() -> None:
    assert speaker_component(said(1, "", "영희")) == "message-log--speaker-2"
    assert {speaker_component(said(1, "", f"손님{number}")) for number in range(100)} == set(SPEAKERS)


def luminance(colour: Color) -> float:
    """Relative luminance as WCAG 2 defines it."""
    channels = (value / 255 for value in colour.get_truecolor())
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(style: Style | None) -> float:
    assert style is not None
    assert style.color is not None
    assert style.bgcolor is not None
    dark, light = sorted((luminance(style.color), luminance(style.bgcolor)))
    return (light + 0.05) / (dark + 0.05)


class StyledLog(LogApp):
    CSS = ""
    CSS_PATH = Path(tui_client.__file__).with_name("chat.tcss")


@pytest.mark.parametrize("theme", [name for name in BUILTIN_THEMES if not name.startswith("ansi")])
async def test_names_and_words_are_legible_on_every_theme(theme: str) -> None:
    app = StyledLog(MessageLog(timezone=KST))
    async with app.run_test(size=(60, 40)) as pilot:
        app.theme = theme
        await pilot.pause()
        kinds = [Entry(number, kind, State.SETTLED, NOON_MS, "", "", "말") for number, kind in enumerate(Kind)]
        app.log_widget.extend([*kinds, *(said(number, "말", f"손님{number}") for number in range(10, 40))])
        app.log_widget.action_scroll_home()
        assert min(contrast(style_at(app.log_widget, y, 6)) for y in range(36)) > 3


async def test_name_in_a_whisper_is_found_behind_the_bracket() -> None:
    app = ColouredLog(MessageLog(timezone=KST))
    async with app.run_test(size=(50, 2)):
        label = "[귓속말 전송] 전송에게: "
        app.log_widget.extend([Entry(1, Kind.WHISPER_SENT, State.SETTLED, NOON_MS, label, "전송", "네", mine=True)])
        words = [segment.text for segment in app.log_widget.render_line(0)]
        assert words[1:5] == ["[귓속말 전송] ", "전송", "에게: ", "네"]


@pytest.mark.parametrize("at_ms", [-(2**53), 2**53, 10**40, -1])
async def test_no_time_is_too_odd_to_be_shown(at_ms: int) -> None:
    app = log_app()
    async with app.run_test(size=(40, 2)):
        app.log_widget.extend([Entry(1, Kind.NOTICE, State.SETTLED, at_ms, "", "", "알림")])
        assert screen(app.log_widget)[0].endswith(" 알림")


LABELS = st.text(st.characters(exclude_characters="\n"), max_size=20)


@settings(max_examples=200)
@given(st.text(max_size=80), LABELS, st.integers(1, 60), st.sampled_from(Kind), st.sampled_from(State))
def test_any_entry_fills_exactly_the_rows_it_counts(
    text: str, label: str, columns: int, kind: Kind, state: State
) -> None:
    painter = Painter(columns, lambda *_: Style(), lambda _: "12:34", "!")
    entry = Entry(1, kind, state, 0, label, label[:3], text)
    for selected in (None, Span(1, 4)):
        strips = painter.paint(entry, selected, Style(reverse=True))
        assert len(strips) == painter.count_rows(entry)
        assert {strip.cell_length for strip in strips} == {columns}
        assert all(cell_len(segment.text) == segment.cell_length for strip in strips for segment in strip)


# --- how it moves -----------------------------------------------------------------------------------------------------


async def test_newest_stays_in_view() -> None:
    app = log_app()
    async with app.run_test(size=(40, 3)):
        app.log_widget.extend(numbered(1, 10))
        assert screen(app.log_widget)[2] == "12:04 영희> 10번째 메시지"
        app.log_widget.extend(numbered(11, 11))
        assert screen(app.log_widget)[2] == "12:04 영희> 11번째 메시지"


async def test_what_came_before_the_first_layout_is_shown() -> None:
    app = log_app()
    app.log_widget.extend(numbered(1, 10))
    async with app.run_test(size=(40, 3)):
        assert screen(app.log_widget)[2] == "12:04 영희> 10번째 메시지"


async def test_scrolled_up_it_stays_and_counts_what_others_say() -> None:
    app = log_app()
    async with app.run_test(size=(40, 3)) as pilot:
        app.log_widget.extend(numbered(1, 20))
        await pilot.press("pageup")
        before = screen(app.log_widget)
        presence = Entry(30, Kind.PRESENCE, State.SETTLED, NOON_MS, "", "", "철수님이 입장하셨습니다.")
        app.log_widget.extend([*numbered(21, 23), presence, said(31, "나", mine=True)])
        assert screen(app.log_widget) == before
        assert app.log_widget.unread_below == 3
        await pilot.press("end")
        await until(pilot, lambda: app.unread == [3, 0])
        assert screen(app.log_widget)[2] == "12:04 영희> 나"


async def test_keys_page_through_with_one_row_in_common() -> None:
    app = log_app()
    async with app.run_test(size=(40, 4)) as pilot:
        app.log_widget.extend(numbered(1, 30))
        await pilot.press("pageup")
        assert screen(app.log_widget)[3] == "12:04 영희> 27번째 메시지"
        await pilot.press("home")
        assert screen(app.log_widget)[0] == "12:04 영희> 1번째 메시지"
        await pilot.press("down", "pagedown")
        assert screen(app.log_widget)[0] == "12:04 영희> 5번째 메시지"
        assert not app.log_widget.is_following


async def test_top_asks_for_older_ones_which_come_in_without_a_jump() -> None:
    app = log_app()
    async with app.run_test(size=(40, 3)) as pilot:
        app.log_widget.extend(numbered(101, 120))
        await pilot.press("home")
        await until(pilot, lambda: app.wants_older == 1)
        before = screen(app.log_widget)
        app.log_widget.holds_from = 101
        app.log_widget.prepend([said(1, "아주 긴 옛날 이야기 " * 10), *numbered(90, 100)], first=80, before=101)
        assert screen(app.log_widget) == before
        await pilot.press("up")
        assert screen(app.log_widget)[0] == "12:04 영희> 100번째 메시지"
        assert app.wants_older == 1


async def test_scrolling_up_at_the_top_asks_again() -> None:
    app = log_app()
    async with app.run_test(size=(40, 3)) as pilot:
        app.log_widget.extend(numbered(1, 2))
        await pilot.press("pageup", "up")
        await until(pilot, lambda: app.wants_older == 2)


async def test_window_forgets_the_oldest_while_following() -> None:
    app = log_app(window=10)
    async with app.run_test(size=(40, 3)):
        for number in range(1, 101):
            app.log_widget.extend(numbered(number, number))
        assert 10 <= len(app.log_widget.entries) <= 11
        assert screen(app.log_widget)[2] == "12:04 영희> 100번째 메시지"


async def test_nothing_goes_from_under_the_readers_eyes() -> None:
    app = log_app(window=10)
    async with app.run_test(size=(40, 3)) as pilot:
        app.log_widget.extend(numbered(1, 10))
        await pilot.press("home")
        app.log_widget.extend(numbered(11, 30))
        assert screen(app.log_widget)[0] == "12:04 영희> 1번째 메시지"
        await pilot.press("pagedown", "pagedown", "pagedown", "pagedown", "pagedown", "pagedown")
        before = screen(app.log_widget)
        app.log_widget.extend(numbered(31, 50))
        assert screen(app.log_widget) == before
        assert len(app.log_widget.entries) == 40


async def test_resize_keeps_the_top_row_or_the_newest() -> None:
    app = log_app()
    async with app.run_test(size=(60, 5)) as pilot:
        app.log_widget.extend([said(number, f"{number}번째 " + "이야기가 길어집니다 " * 6) for number in range(1, 40)])
        await pilot.resize_terminal(34, 9)
        await until(pilot, lambda: screen(app.log_widget)[8].endswith("길어집니다"))
        app.log_widget.action_scroll_home()
        for _ in range(30):
            app.log_widget.action_scroll_down()
        top = app.log_widget.scroll_offset.y
        while "번째" not in screen(app.log_widget)[0]:
            app.log_widget.action_scroll_down()
        before = screen(app.log_widget)[0].split()[2]
        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: app.log_widget.scroll_offset.y != top)
        assert screen(app.log_widget)[0].split()[2] == before


async def test_clear_begins_anew() -> None:
    app = log_app(placeholder="비었음")
    async with app.run_test(size=(40, 3)) as pilot:
        app.log_widget.extend(numbered(1, 20))
        await pilot.press("pageup")
        app.log_widget.clear()
        assert app.log_widget.entries == []
        app.log_widget.extend(numbered(1, 20))
        assert screen(app.log_widget)[2] == "12:04 영희> 20번째 메시지"


# --- selecting --------------------------------------------------------------------------------------------------------


async def drag(pilot: Pilot[None], log: MessageLog, start: tuple[int, int], end: tuple[int, int]) -> None:
    await pilot.mouse_down(log, offset=start)
    await pilot.hover(log, offset=end)
    await pilot.mouse_up(log, offset=end)


async def test_dragging_selects_words_without_time_and_frame() -> None:
    app = log_app()
    async with app.run_test(size=(40, 4)) as pilot:
        app.log_widget.extend([said(1, "안녕하세요"), said(2, "반갑습니다", "철수"), said(3, "네")])
        await drag(pilot, app.log_widget, (16, 0), (9, 1))
        assert app.screen.get_selected_text() == "하세요\n철수"


async def test_dragging_takes_whole_graphemes_in_either_direction() -> None:
    app = log_app()
    async with app.run_test(size=(40, 3)) as pilot:
        app.log_widget.extend([said(1, "가👨‍👩‍👧나다")])
        await drag(pilot, app.log_widget, (17, 0), (15, 0))
        assert app.screen.get_selected_text() == "👨‍👩‍👧나"


async def test_dragging_from_the_margin_begins_with_the_row() -> None:
    app = log_app()
    async with app.run_test(size=(40, 3)) as pilot:
        app.log_widget.extend([said(1, "하나"), said(2, "둘")])
        await drag(pilot, app.log_widget, (2, 0), (30, 1))
        assert app.screen.get_selected_text() == "영희> 하나\n영희> 둘"


async def test_selection_survives_append_trim_and_resize() -> None:
    app = log_app(window=20)
    async with app.run_test(size=(60, 5)) as pilot:
        app.log_widget.extend(numbered(1, 20))
        await drag(pilot, app.log_widget, (12, 1), (40, 2))
        assert app.screen.get_selected_text() == "17번째 메시지\n영희> 18번째 메시지"
        app.log_widget.extend(numbered(21, 35))
        app.log_widget.holds_from = 1
        app.log_widget.prepend(numbered(0, 0), first=0, before=1)
        await pilot.resize_terminal(36, 9)
        await pilot.pause()
        assert app.screen.get_selected_text() == "17번째 메시지\n영희> 18번째 메시지"


async def test_selected_characters_are_drawn_selected() -> None:
    app = log_app()
    async with app.run_test(size=(40, 2)) as pilot:
        app.log_widget.extend([said(1, "안녕하세요")])
        plain = style_at(app.log_widget, 0, 14)
        await drag(pilot, app.log_widget, (14, 0), (15, 0))
        selected = style_at(app.log_widget, 0, 14)
        assert plain is not None
        assert selected is not None
        assert selected.color == plain.color
        assert selected.bgcolor != plain.bgcolor
        assert style_at(app.log_widget, 0, 16) == plain


async def test_dragging_past_the_edge_scrolls_on_and_stays_inside() -> None:
    app = log_app()
    async with app.run_test(size=(40, 4)) as pilot:
        app.log_widget.styles.height = 3
        app.log_widget.extend(numbered(1, 20))
        app.log_widget.action_scroll_home()
        await pilot.pause()
        await pilot.mouse_down(app.log_widget, offset=(12, 0))
        await pilot.hover(offset=(20, 3))
        await until(pilot, lambda: app.log_widget.scroll_offset.y >= 2)
        await pilot.mouse_up(offset=(20, 3))
        assert list(app.screen.selections) == [app.log_widget]


async def test_double_click_selects_what_was_said() -> None:
    app = log_app()
    async with app.run_test(size=(40, 3)) as pilot:
        app.log_widget.extend([said(1, "이것만 복사"), said(2, "이건 말고")])
        await pilot.click(app.log_widget, offset=(14, 0), times=2)
        assert app.screen.get_selected_text() == "이것만 복사"


async def test_selecting_in_an_empty_log_does_nothing() -> None:
    app = log_app()
    async with app.run_test(size=(40, 3)) as pilot:
        await drag(pilot, app.log_widget, (1, 0), (5, 2))
        assert app.screen.get_selected_text() is None
        assert app.log_widget.get_selection(SELECT_ALL) is None


# --- the pieces -------------------------------------------------------------------------------------------------------


@given(st.lists(st.tuples(st.sampled_from(["append", "prepend", "trim"]), st.integers(0, 6)), max_size=30))
def test_every_row_knows_its_entry_whatever_was_added_and_trimmed(steps: Sequence[tuple[str, int]]) -> None:
    rows, expected = Rows(lambda entry: len(entry.text)), list[Entry]()
    for number, (step, count) in enumerate(steps):
        entries = [said(number, "가" * (1 + position % 3)) for position in range(count)]
        match step:
            case "append":
                rows.append(entries)
                expected = expected + entries
            case "prepend":
                rows.prepend(entries)
                expected = entries + expected
            case _:
                rows.trim(min(count, len(expected)))
                expected = expected[count:]
    assert list(rows.entries) == expected
    places = [(entry, row) for entry in expected for row in range(len(entry.text))]
    found = [rows.place_of(row) for row in range(rows.top, rows.bottom)]
    assert [(rows.entry(place.entry), place.row) for place in found] == places
    assert all(rows.top_of(place.entry) + place.row == rows.top + index for index, place in enumerate(found))


def test_numbers_of_entries_outlive_what_comes_and_goes_before_them() -> None:
    rows = Rows(lambda _: 1)
    rows.append(numbered(1, 3))
    rows.prepend(numbered(-1, 0))
    rows.trim(3)
    assert [rows.entry(number).id for number in range(rows.first, rows.end)] == [2, 3]
    assert (rows.first, rows.end) == (1, 3)


def test_transcript_forgets_selected_entries_that_were_trimmed() -> None:
    transcript = Transcript(Painter(40, lambda *_: Style(), lambda _: "12:34", "!"))
    transcript.extend(numbered(1, 4))
    transcript.set_pending([said(5, "아직", state=State.PENDING)])
    transcript.trim(2)
    assert transcript.selected_text(Selection(Offset(4, 0), Offset(6, 2))) == "영희> 3번"
    assert transcript.selected_text(SELECT_ALL) == "영희> 3번째 메시지\n영희> 4번째 메시지\n영희> 아직"
    assert transcript.selected_text(Selection(Offset(0, 0), Offset(3, 1))) is None


def test_body_keeps_every_character_in_its_place() -> None:
    entry = said(1, "a\x00b\nc\x7f\u2028")
    assert body(entry) == "영희> a␀b\nc␡\ufffd"


def test_whisper_pane_is_a_log_of_its_own_type() -> None:
    assert issubclass(WhisperPane, MessageLog)


async def test_page_that_would_leave_a_hole_is_not_shown() -> None:
    app = log_app(window=10)
    async with app.run_test(size=(40, 3)):
        log = app.log_widget
        log.extend([replace(entry, seq=entry.id) for entry in numbered(101, 140)])
        oldest = log.entries[0].seq
        assert log.holds_from == oldest > 101, "the window has forgotten the rest"
        log.prepend([replace(entry, seq=entry.id) for entry in numbered(90, 100)], first=90, before=101)
        assert log.entries[0].seq == oldest
        log.prepend([replace(entry, seq=entry.id) for entry in numbered(95, 140)], first=95, before=oldest)
        assert [entry.seq for entry in log.entries] == list(range(95, 141))
