"""The member list and the title bar."""

import pytest
from rich.cells import cell_len
from rich.color import Color
from textual.app import App, ComposeResult

from tests.support.server_process import REPOSITORY
from tests.tui.until import until
from tui_client import strings
from tui_client.themes import speaker_variables
from tui_client.widgets.members import MemberList
from tui_client.widgets.painting import colour_of
from tui_client.widgets.title_bar import LinkState, TitleBar


class SideApp(App[None]):
    CSS = "TitleBar { height: 1; } MemberList { border: round white; width: 16; height: 5; overflow-x: hidden; }"

    def __init__(self) -> None:
        super().__init__()
        self.title_bar = TitleBar("속삭")
        self.members = MemberList()
        self.chosen: list[str] = []

    def compose(self) -> ComposeResult:
        yield self.title_bar
        yield self.members

    def on_mount(self) -> None:
        self.members.focus()

    def on_member_list_chosen(self, message: MemberList.Chosen) -> None:
        self.chosen.append(message.nick)


def rows(members: MemberList) -> list[str]:
    return [members.render_line(y).text.rstrip() for y in range(members.content_region.height)]


async def test_me_first_then_in_korean_order() -> None:
    app = SideApp()
    async with app.run_test():
        app.members.set_members(["alice", "하늘", "Bob", "가은", "철수", "영희"], "철수")
        assert app.members.nicks == ["철수", "가은", "영희", "하늘", "alice", "Bob"]
        assert app.members.border_title == strings.members_title(6)


async def test_numbers_are_counted_and_not_spelled() -> None:
    app = SideApp()
    async with app.run_test():
        app.members.set_members(["손님10", "손님2", "bot12", "손님1", "bot9", "손님", "손님2호"], "")
        assert app.members.nicks == ["손님", "손님1", "손님2", "손님2호", "손님10", "bot9", "bot12"]


class ColouredApp(SideApp):
    """With the colours of the app."""

    CSS = ""
    CSS_PATH = REPOSITORY / "tui_client" / "chat.tcss"

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return speaker_variables(dark=self.current_theme.dark)

    def colours(self) -> list[Color | None]:
        """In which the members stand."""
        strips = [self.members.render_line(y) for y in range(len(self.members.nicks))]
        return [strip._segments[0].style.color for strip in strips if strip._segments[0].style]


async def test_everybody_has_the_colour_that_they_have_in_the_log_until_the_connection_is_lost() -> None:
    app = ColouredApp()
    async with app.run_test(size=(30, 10)) as pilot:
        app.members.styles.height = 8
        app.members.set_members(["가", "철수", "민수", "떠난이"], "가", frozenset({"떠난이"}))
        colours = speaker_variables(dark=True)
        own = [Color.parse(colours[f"speaker-{colour_of(nick).rpartition('-')[2]}"]) for nick in ("민수", "철수")]
        await until(pilot, lambda: app.colours()[2:] == own)
        assert len(set(app.colours())) == 4
        app.members.is_stale = True
        await until(pilot, lambda: len(set(app.colours()[1:])) == 1)
        assert app.colours()[1] not in own


async def test_long_names_are_cut_by_columns_and_markup_is_text() -> None:
    app = SideApp()
    async with app.run_test():
        app.members.set_members(["아주아주긴닉네임이에요", "[b]굵게"], "")
        assert rows(app.members)[:2] == ["아주아주긴닉…", "[b]굵게"]


async def test_it_scrolls_and_enter_chooses_anybody_else() -> None:
    app = SideApp()
    async with app.run_test() as pilot:
        app.members.set_members(["가", "나", "다", "라", "마"], "마")
        await pilot.press("enter", "end", "enter")
        await until(pilot, lambda: app.chosen == ["라"])
        assert rows(app.members)[-1].startswith("라")
        await pilot.press("home", "down", "enter")
        await until(pilot, lambda: app.chosen == ["라", "가"])


async def test_cursor_stays_on_whom_it_was_on() -> None:
    app = SideApp()
    async with app.run_test() as pilot:
        app.members.set_members(["가", "다"], "나")
        await pilot.press("end")
        app.members.set_members(["가", "다", "나", "라"], "나")
        assert app.members.nicks[app.members.cursor] == "다"
        app.members.set_members([], "나")
        await pilot.press("enter", "up")
        assert app.chosen == []


async def test_double_click_chooses() -> None:
    app = SideApp()
    async with app.run_test() as pilot:
        app.members.set_members(["가", "나"], "가")
        await pilot.click(app.members, offset=(2, 2), times=2)
        await until(pilot, lambda: app.chosen == ["나"])


# --- the title bar ----------------------------------------------------------------------------------------------------


async def title(columns: int) -> str:
    app = SideApp()
    async with app.run_test(size=(columns, 8)):
        app.title_bar.address, app.title_bar.nick = "127.0.0.1:12345", "[영희]"
        app.title_bar.show_state(LinkState.ONLINE, "연결됨")
        line = app.title_bar.render_line(0).text
        assert cell_len(line) == columns
        return line


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        (40, "속삭  127.0.0.1:12345     연결됨  [영희]"),
        (28, "속삭  127.0…  연결됨  [영희]"),
        (22, "속삭    연결됨  [영희]"),
        (12, "연결됨  [영…"),
        (6, "연결됨"),
        (5, "연결…"),
    ],
)
async def test_title_keeps_what_matters_most(columns: int, expected: str) -> None:
    assert await title(columns) == expected


async def test_state_is_a_class_and_only_one() -> None:
    app = SideApp()
    async with app.run_test():
        for state in LinkState:
            app.title_bar.show_state(state, "상태")
            assert [other for other in LinkState if app.title_bar.has_class(other)] == [state]


async def test_whose_connection_is_being_restored_is_said_in_words_or_by_a_sign() -> None:
    app = SideApp()
    async with app.run_test() as pilot:
        app.members.styles.width = 20
        await until(pilot, lambda: app.members.scrollable_content_region.width == 18)
        app.members.set_members(
            ["영희", "철수", "아주긴닉네임의주인"], "영희", frozenset({"철수", "아주긴닉네임의주인"})
        )
        assert [row.strip() for row in rows(app.members)[:1]] == [f"영희 {strings.MEMBER_ME}"]
        assert "철수 끊김" in [row.strip() for row in rows(app.members)]
        assert "~아주긴닉네임의주…" in [row.strip() for row in rows(app.members)]
