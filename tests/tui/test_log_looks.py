"""How the message log looks: columns, colours, signs that need no colour, and nothing that a message could make of it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from rich.cells import cell_len
from rich.color import Color
from rich.style import Style
from textual.events import Click
from textual.theme import Theme

from tests.tui.logs import (
    NOON_MS,
    LogApp,
    StyledLog,
    drag,
    log_app,
    make_log,
    painter,
    said,
    screen,
    style_at,
    whispered,
)
from tui_client.entry import Entry, Kind, State
from tui_client.mentions import find_mentions
from tui_client.themes import THEMES
from tui_client.widgets.local_time import LocalTime
from tui_client.widgets.painting import SPEAKERS, body, speaker_component
from tui_client.widgets.setting import PLAIN, Setting
from tui_client.wrapping import Span


async def test_rows_show_time_name_and_text_aligned_under_itself() -> None:
    app = log_app()
    async with app.run_test(size=(42, 6)):
        app.log_widget.extend(
            [said(1, "국밥집에 가 보고 싶어요. 같이 가실 분 👨‍👩‍👧 있나요?"), said(2, "네\n저요", "철수")]
        )
        assert screen(app.log_widget)[1:] == [
            "12:04 영희> 국밥집에 가 보고 싶어요. 같이",
            "            가실 분 👨‍👩‍👧 있나요?",
            "12:04 철수> 네",
            "            저요",
            "",
        ]


async def test_long_label_does_not_squeeze_the_text() -> None:
    app = log_app()
    async with app.run_test(size=(41, 3)):
        label = "[귓속말 전송] 철수에게: "
        app.log_widget.extend([Entry(1, Kind.WHISPER_SENT, State.SETTLED, NOON_MS, label, "철수", "여기는 조용하네요")])
        assert screen(app.log_widget)[1:] == ["12:04 [귓속말 전송] 철수에게: 여기는", "        조용하네요"]


async def test_narrow_log_leaves_the_time_out() -> None:
    app = log_app()
    async with app.run_test(size=(21, 2)):
        app.log_widget.extend([said(1, "안녕")])
        assert screen(app.log_widget) == ["  11월 23일 월요일", "영희> 안녕"]


async def test_markup_and_control_characters_are_shown_not_obeyed() -> None:
    app = log_app()
    async with app.run_test(size=(60, 2)):
        app.log_widget.extend([said(1, "[b]굵게[/b] [/] \x1b[31m\x9b\x07\u202e\ud800\t끝")])
        assert screen(app.log_widget)[1] == "12:04 영희> [b]굵게[/b] [/] ␛[31m\ufffd␇\ufffd\ufffd␉끝"


@pytest.mark.parametrize("at_ms", [-(2**53), 2**53, 10**40])
async def test_no_time_is_too_odd_to_be_shown(at_ms: int) -> None:
    app = log_app()
    async with app.run_test(size=(40, 2)):
        app.log_widget.extend([Entry(1, Kind.NOTICE, State.SETTLED, at_ms, "", "", "알림")])
        assert screen(app.log_widget)[0] == "--:-- 알림"


# --- states that need no colour ---------------------------------------------------------------------------------------


async def test_pending_and_failed_are_marked_in_place_of_their_time_also_in_a_group() -> None:
    app = log_app()
    async with app.run_test(size=(40, 5)):
        app.log_widget.extend([said(1, "하나", mine=True), said(2, "둘", state=State.FAILED, mine=True)])
        app.log_widget.set_pending([said(3, "셋", state=State.PENDING, mine=True)])
        assert screen(app.log_widget)[1:4] == ["12:04 영희> 하나", "실패  영희> 둘", "…     영희> 셋"]


# --- colours ----------------------------------------------------------------------------------------------------------


class ColouredLog(LogApp):
    CSS = """
    MessageLog { background: #000000; color: #ffffff; }
    .message-log--pending { color: #010101; }
    .message-log--failed { color: #020202; }
    .message-log--whisper { background: #030303; }
    .message-log--presence { color: #040404; }
    .message-log--error { color: #050505; }
    .message-log--me { color: #060606; }
    .message-log--grouped { color: #070707; }
    .message-log--mention { background: #080808; }
    .message-log--mention-time { background: #090909; }
    .message-log--link { color: #0a0a0a; text-style: underline; }
    .message-log--hit { background: #0b0b0b; }
    .message-log--current { background: #0c0c0c; }
    """


def coloured_log() -> ColouredLog:
    return ColouredLog(make_log())


def colours(style: Style) -> tuple[str, str]:
    assert style.color is not None
    assert style.bgcolor is not None
    return style.color.name, style.bgcolor.name


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
    app = coloured_log()
    async with app.run_test(size=(40, 2)):
        app.log_widget.extend([Entry(1, kind, state, NOON_MS, "", "", "안녕하세요")])
        assert colours(style_at(app.log_widget, 1, 8)) == (foreground, background)


async def test_name_is_muted_where_its_person_goes_on() -> None:
    app = coloured_log()
    async with app.run_test(size=(40, 3)):
        app.log_widget.extend([said(1, "하나", mine=True), said(2, "둘", mine=True)])
        assert [colours(style_at(app.log_widget, y, 7))[0] for y in (1, 2)] == ["#060606", "#070707"]


async def test_name_in_a_whisper_is_found_behind_the_bracket() -> None:
    app = coloured_log()
    async with app.run_test(size=(50, 2)):
        label = "[귓속말 전송] 전송에게: "
        app.log_widget.extend([Entry(1, Kind.WHISPER_SENT, State.SETTLED, NOON_MS, label, "전송", "네", mine=True)])
        assert [segment.text for segment in app.log_widget.render_line(1)][1:5] == [
            "[귓속말 전송] ",
            "전송",
            "에게: ",
            "네",
        ]


async def test_mention_stands_out_and_marks_its_message_at_the_time() -> None:
    app = coloured_log()
    async with app.run_test(size=(40, 3)):
        text = "그건 영희한테 물어봐"
        called = Entry(
            *(2, Kind.SAID, State.SETTLED, NOON_MS, "철수> ", "철수", text), mentions=find_mentions(text, "영희", ())
        )
        app.log_widget.extend([said(1, "누가 알아?", "철수"), called])
        assert screen(app.log_widget)[2] == "12:04 철수> 그건 영희한테 물어봐", "the time is shown also within a group"
        assert [colours(style_at(app.log_widget, 2, x))[1] for x in (0, 6, 12, 17, 20, 21)] == [
            *("#090909", "#000000", "#000000", "#080808", "#080808", "#000000")
        ]


async def test_link_is_underlined_and_handed_to_the_terminal_encoded() -> None:
    app = coloured_log()
    async with app.run_test(size=(60, 2)):
        app.log_widget.extend([said(1, "여기 https://a.kr/서울 봐")])
        assert style_at(app.log_widget, 1, 17).link == "https://a.kr/%EC%84%9C%EC%9A%B8"
        assert style_at(app.log_widget, 1, 17).underline
        assert style_at(app.log_widget, 1, 12).link is None
        assert style_at(app.log_widget, 1, 35).link is None


async def test_clicking_a_link_says_which_but_dragging_over_it_does_not() -> None:
    app = coloured_log()
    async with app.run_test(size=(60, 4)) as pilot:
        app.log_widget.extend([said(1, "여기 https://a.kr/서울 봐"), said(2, "www.b.kr", "철수")])
        await pilot.click(app.log_widget, offset=(17, 1))
        await pilot.click(app.log_widget, offset=(13, 1))
        await pilot.click(app.log_widget, offset=(50, 1))
        await pilot.click(app.log_widget, offset=(17, 3))
        await drag(pilot, app.log_widget, (17, 1), (20, 1))
        app.log_widget.on_click(Click(app.log_widget, 20, 1, 0, 0, 1, False, False, False))
        await pilot.click(app.log_widget, offset=(13, 2))
        await pilot.pause()
        assert app.urls == ["https://a.kr/서울", "https://www.b.kr"]


async def test_hits_are_marked_in_label_and_text() -> None:
    app = coloured_log()
    async with app.run_test(size=(40, 2)):
        app.log_widget.extend([said(1, "나는 영희", "영희")])
        app.log_widget.set_highlight(lambda text: [(text.index("영"), text.index("영") + 1)])
        assert [colours(style_at(app.log_widget, 1, x))[1] for x in (6, 8, 12, 17, 19)] == [
            *("#0b0b0b", "#000000", "#000000", "#0b0b0b", "#000000")
        ]
        app.log_widget.set_highlight(None)
        assert colours(style_at(app.log_widget, 1, 6))[1] == "#000000"


async def test_entry_that_is_looked_at_is_marked_as_a_whole_and_hits_in_it_still_stand_out() -> None:
    app = coloured_log()
    async with app.run_test(size=(40, 3)):
        app.log_widget.extend([replace(said(1, "나는 영희"), seq=1), replace(said(2, "나도"), seq=2)])
        app.log_widget.set_highlight(lambda text: [(0, 2)] if text.startswith("나는") else [])
        app.log_widget.scroll_to_seq(1)
        assert [colours(style_at(app.log_widget, 1, x))[1] for x in (0, 6, 12, 17, 38)] == [
            *("#0c0c0c", "#0c0c0c", "#0b0b0b", "#0c0c0c", "#0c0c0c")
        ]
        app.log_widget.scroll_to_seq(2)
        assert [colours(style_at(app.log_widget, y, 38))[1] for y in (1, 2)] == ["#000000", "#0c0c0c"]


def test_colour_of_a_nickname_is_its_own_and_the_same_everywhere() -> None:
    assert speaker_component(said(1, "", "영희")) == "message-log--speaker-3"
    assert speaker_component(said(1, "", "Bob")) == speaker_component(said(1, "", "ｂｏｂ"))
    assert {speaker_component(said(1, "", f"손님{number}")) for number in range(200)} == set(SPEAKERS)


def luminance(colour: Color) -> float:
    """Relative luminance as WCAG 2 defines it."""
    channels = (value / 255 for value in colour.get_truecolor())
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(style: Style) -> float:
    assert style.color is not None
    assert style.bgcolor is not None
    dark, light = sorted((luminance(style.color), luminance(style.bgcolor)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", THEMES)
async def test_names_and_words_are_legible_on_every_theme(theme: Theme) -> None:
    app = StyledLog(make_log())
    async with app.run_test(size=(60, 60)) as pilot:
        app.register_theme(theme)
        app.theme = theme.name
        await pilot.pause()
        kinds = [Entry(number, kind, State.SETTLED, NOON_MS, "", "", "말") for number, kind in enumerate(Kind)]
        called = Entry(50, Kind.SAID, State.SETTLED, NOON_MS, "", "", "말말말", mentions=((0, 2),))
        app.log_widget.extend([*kinds, *(said(number, "말", f"손님{number}") for number in range(10, 40)), called])
        again = [said(number, "https://a.kr", "철수") for number in (60, 61)]
        app.log_widget.extend([*again, whispered(62, "안녕"), whispered(63, "저기")])
        app.log_widget.set_highlight(lambda text: [(0, 1)] if text == "저기" else [])
        assert {len(row) > 1 for row in screen(app.log_widget)[:42]} == {True}
        assert min(contrast(style_at(app.log_widget, y, x)) for y in range(1, 42) for x in (1, 6, 12)) > 4.5


# --- whatever comes ---------------------------------------------------------------------------------------------------

LABELS = st.text(st.characters(exclude_characters="\n"), max_size=20)


@settings(max_examples=200)
@given(st.text(max_size=80), LABELS, st.integers(1, 60), st.sampled_from(Kind), st.sampled_from(State), st.booleans())
def test_any_entry_fills_exactly_the_rows_it_counts(
    text: str, label: str, columns: int, kind: Kind, state: State, grouped: bool
) -> None:
    entry = Entry(1, kind, state, 0, label, label[:3], text, mentions=((1, 3),))
    setting = Setting(LocalTime().day(0), is_first_unread=True) if not grouped else PLAIN._replace(same_speaker=True)
    for selected in (None, Span(1, 4)):
        strips = painter(columns).paint(entry, setting, selected=selected, selection_style=Style(reverse=True))
        assert len(strips) == setting.dividers + painter(columns).measure.count_rows(entry)
        assert {strip.cell_length for strip in strips} == {columns}
        assert all(cell_len(segment.text) == segment.cell_length for strip in strips for segment in strip)


def test_body_keeps_every_character_in_its_place() -> None:
    entry = said(1, "a\x00b\nc\x7f\u2028")
    assert body(entry) == "영희> a␀b\nc␡\ufffd"
