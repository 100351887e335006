"""The palette: found by what is typed in either mode, done once with Enter; themes are tried on while one chooses."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from textual import events
from textual.app import ComposeResult
from textual.geometry import Region
from textual.pilot import Pilot
from textual.widgets import Input

from tests.support.server_process import REPOSITORY
from tests.tui.until import until
from tui_client import strings
from tui_client.choices import Choice, find, setting_choices
from tui_client.settings import CHOICES as SETTING_VALUES
from tui_client.settings import KEYS, Settings, Value
from tui_client.terminal_app import TerminalApp
from tui_client.themes import THEMES, use_themes
from tui_client.widgets.palette import CURRENT_MARK, Palette, carry_out
from tui_client.widgets.theme_picker import ThemePicker


def nothing() -> None:
    """What nobody chooses."""


THEME = Choice("테마 바꾸기", "화면의 색을 고릅니다", nothing, keys="/테마", words=("theme",))
HELP = Choice("도움말", "키와 명령을 모두 봅니다", nothing, keys="F1", words=("help",))
LEAVE = Choice("나가기", "대화방을 떠납니다", nothing, keys="Ctrl+Q", words=("종료", "quit"))
NOTIFY = Choice("알림: 모두", "모든 메시지를 알립니다", nothing, words=("notify",))
CHOICES = (HELP, THEME, NOTIFY, LEAVE)


class Offering(TerminalApp[None]):
    """An app that offers whatever it is given."""

    ENABLE_COMMAND_PALETTE = False
    CSS_PATH = REPOSITORY / "tui_client" / "chat.tcss"

    def __init__(self, open_screen: Callable[["Offering"], Palette]) -> None:
        super().__init__({})
        use_themes(self, "meok", {})
        self.open_screen = open_screen
        self.ended: list[Choice | None] = []

    def compose(self) -> ComposeResult:
        yield Input(id="below")

    def on_mount(self) -> None:
        self.push_screen(self.open_screen(self), self.note)

    def note(self, choice: Choice | None) -> None:
        self.ended.append(choice)
        carry_out(choice)

    def rows(self) -> list[str]:
        return [strip.text for strip in self.screen._compositor.render_strips()]


@asynccontextmanager
async def opened(
    choices: tuple[Choice, ...] = CHOICES, size: tuple[int, int] = (80, 24)
) -> AsyncIterator[tuple[Offering, Pilot[None]]]:
    app = Offering(lambda _: Palette(choices))
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: any(choices[-1].title in row for row in app.rows()))
        yield app, pilot


def titles(typed: str) -> list[str]:
    return [found.choice.title for found in find(typed, CHOICES)]


# --- what is found ----------------------------------------------------------------------------------------------------


def test_everything_is_offered_in_its_order_while_nothing_is_typed() -> None:
    assert [found.choice for found in find(" ", CHOICES)] == list(CHOICES)


@pytest.mark.parametrize(
    "typed",
    [
        "테마",
        "테",
        "테ㅁ",
        "ㅌㅁ",
        "ㅌ",
        "xpak",
        "xa",
        "바꾸기",
        "테마 바",
        "ㅂㄲㄱ",
        "theme",
        "Theme",
        "색을",
    ],
)
def test_a_choice_is_found_by_title_initials_either_layout_and_other_words(typed: str) -> None:
    assert titles(typed)[0] == THEME.title


def test_loose_jamo_of_another_system_are_found() -> None:
    assert titles("\u1110\u1166\u1106\u1161") == [THEME.title]


@pytest.mark.parametrize("typed", ["도움말 테마", "zzz", "없는 것"])
def test_what_fits_nothing_finds_nothing(typed: str) -> None:
    assert titles(typed) == []


def test_title_comes_before_other_words_and_explanations() -> None:
    quiet = Choice("조용히", "알림을 끕니다", nothing)
    assert [found.choice for found in find("알림", (quiet, NOTIFY))] == [NOTIFY, quiet]


def test_what_was_meant_is_marked_in_the_title() -> None:
    [found] = find("ㅂㄲ", (THEME,))
    assert [THEME.title[start:end] for start, end in found.spans] == ["바꾸"]


# --- choosing ---------------------------------------------------------------------------------------------------------


async def test_enter_does_what_stands_first_and_only_once() -> None:
    done: list[str] = []
    async with opened((HELP, Choice("테마 바꾸기", "", lambda: done.append("theme")))) as (app, pilot):
        await pilot.press("ㅌ", "ㅁ", "enter", "enter")
        await until(pilot, lambda: bool(done))
        await pilot.pause(0.1)
        assert done == ["theme"]
        assert len(app.screen_stack) == 1


async def test_enter_right_after_the_last_key_takes_what_fits_all_that_was_typed() -> None:
    async with opened() as (app, pilot):
        for key in "나":
            app.post_message(events.Key(key, key))
        app.post_message(events.Key("enter", None))
        await until(pilot, lambda: bool(app.ended))
        assert app.ended == [LEAVE]


async def test_syllable_that_enter_has_overtaken_still_counts_and_falls_nowhere_else() -> None:
    off, everything = Choice("알림 끄기", "", nothing), Choice("알림 모두", "", nothing)
    async with opened((off, everything)) as (app, pilot):
        palette = app.screen
        assert isinstance(palette, Palette)
        await pilot.press("알", "림")
        palette.action_take_soon()
        app.post_message(events.Key("모", "모"))
        await until(pilot, lambda: bool(app.ended))
        assert app.ended == [everything]
        assert app.query_one("#below", Input).value == ""


async def test_arrows_walk_round_about() -> None:
    async with opened() as (app, pilot):
        await pilot.press("up", "enter")
        await until(pilot, lambda: bool(app.ended))
        assert app.ended == [LEAVE]


@pytest.mark.parametrize(
    ("keys", "chosen"),
    [
        (["down", "down", "enter"], NOTIFY),
        (["up", "enter"], LEAVE),
        (["나", "enter"], LEAVE),
        (["알", "림", "backspace", "backspace", "down", "enter"], THEME),
        (["ㅇ", "backspace", "enter"], HELP),
    ],
)
async def test_keys_that_come_before_it_is_drawn_choose_what_they_would_have_chosen_then(
    keys: list[str], chosen: Choice
) -> None:
    app = Offering(lambda _: Palette(CHOICES))
    async with app.run_test(size=(80, 24)) as pilot:
        for key in keys:
            app.post_message(events.Key(key, key if len(key) == 1 else None))
        await until(pilot, lambda: bool(app.ended))
        assert app.ended == [chosen]


async def test_what_is_so_now_is_in_view_however_far_down_it_stands() -> None:
    many = tuple(Choice(f"{number}번", "", nothing, is_current=number == 40) for number in range(50))
    async with opened((*many[:40], many[40]), size=(80, 16)) as (app, pilot):
        await until(pilot, lambda: any(CURRENT_MARK in row for row in app.rows()))


@pytest.mark.parametrize("keys", [["escape"], ["ctrl+p"], ["ctrl+ㅔ"], ["나", "escape", "escape"]])
async def test_it_is_left_without_doing_anything(keys: list[str]) -> None:
    async with opened() as (app, pilot):
        await pilot.press(*keys)
        await until(pilot, lambda: bool(app.ended))
        assert app.ended == [None]


async def test_click_does_what_was_clicked() -> None:
    async with opened() as (app, pilot):
        row = next(number for number, text in enumerate(app.rows()) if NOTIFY.title in text)
        await pilot.click(offset=(20, row))
        await until(pilot, lambda: bool(app.ended))
        assert app.ended == [NOTIFY]


async def test_click_beside_the_box_closes_it() -> None:
    async with opened() as (app, pilot):
        await pilot.click(offset=(1, 22))
        await until(pilot, lambda: bool(app.ended))
        assert app.ended == [None]


async def test_without_a_match_it_says_so_at_once_and_enter_does_nothing() -> None:
    async with opened() as (app, pilot):
        await pilot.press("z", "z", "z")
        await until(pilot, lambda: any(strings.PALETTE_NOTHING in row for row in app.rows()))
        await pilot.press("enter")
        await pilot.pause(0.1)
        assert app.ended == []
        await pilot.press("backspace", "backspace", "backspace")
        await until(pilot, lambda: any(LEAVE.title in row for row in app.rows()))


async def test_title_is_never_markup() -> None:
    evil = Choice("[@click=app.quit()]x[/]", "[red]", nothing)
    async with opened((HELP, evil)) as (app, _):
        assert any(evil.title in row and evil.about in row for row in app.rows())


@pytest.mark.parametrize("size", [(80, 24), (40, 12), (20, 8), (160, 45)])
async def test_choices_are_seen_on_every_terminal(size: tuple[int, int]) -> None:
    async with opened(size=size) as (app, _):
        assert all(any(choice.title in row for row in app.rows()) for choice in CHOICES[:2])
        assert (size[0] >= 72) == any(THEME.about in row for row in app.rows())


# --- themes -----------------------------------------------------------------------------------------------------------


@asynccontextmanager
async def picking(
    current: str, size: tuple[int, int] = (80, 24)
) -> AsyncIterator[tuple[Offering, Pilot[None], list[str]]]:
    """A picker over an app that wears `current`; what it is told to keep."""
    kept: list[str] = []

    def picker(app: Offering) -> Palette:
        app.theme = current
        return ThemePicker(current, wear=lambda name: setattr(app, "theme", name), keep=kept.append)

    app = Offering(picker)
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: any("달빛" in row for row in app.rows()))
        yield app, pilot, kept


async def test_picker_begins_at_the_theme_that_is_worn_and_changes_nothing() -> None:
    async with picking("hanji") as (app, pilot, kept):
        await pilot.pause(0.05)
        assert app.theme == "hanji"
        assert any(CURRENT_MARK in row and "한지" in row for row in app.rows())
        await pilot.press("enter")
        await until(pilot, lambda: bool(kept))
        assert kept == ["hanji"]


@pytest.mark.parametrize(
    ("size", "left_free"),
    [
        ((80, 24), Region(0, 0, 46, 24)),
        ((160, 45), Region(0, 0, 120, 45)),
        ((44, 20), Region(0, 0, 44, 10)),
        ((40, 12), Region(0, 0, 40, 5)),
    ],
    ids=str,
)
async def test_picker_leaves_the_conversation_in_sight_and_undimmed(size: tuple[int, int], left_free: Region) -> None:
    async with picking("meok", size) as (app, _, _):
        assert not app.screen.query_one("#palette").region.overlaps(left_free)
        assert app.screen.styles.background.a == 0


async def test_theme_is_worn_while_it_is_looked_at_and_kept_with_enter() -> None:
    async with picking("meok") as (app, pilot, kept):
        for theme in THEMES[1:]:
            await pilot.press("down")
            await until(pilot, lambda theme=theme: app.theme == theme.name)  # type: ignore[misc]
        await pilot.press("enter")
        await until(pilot, lambda: bool(kept))
        assert (app.theme, kept) == (THEMES[-1].name, [THEMES[-1].name])


@pytest.mark.parametrize("keys", [["down", "down", "escape"], ["z", "z", "z", "escape"], ["ㅎ", "ㅈ", "escape"]])
async def test_escape_goes_back_to_what_was_worn(keys: list[str]) -> None:
    async with picking("dalbit") as (app, pilot, kept):
        await pilot.press(*keys)
        await until(pilot, lambda: bool(app.ended))
        assert app.theme == "dalbit"
        assert kept == []


async def test_theme_is_tried_on_while_its_name_is_typed() -> None:
    async with picking("meok") as (app, pilot, _):
        await pilot.press("ㅎ", "ㅈ")
        await until(pilot, lambda: app.theme == "hanji")


# --- settings ---------------------------------------------------------------------------------------------------------


def test_every_value_of_every_setting_can_be_chosen() -> None:
    changed: list[tuple[str, Value]] = []
    for choice in setting_choices(Settings(), lambda key, value: changed.append((key, value))):
        choice.run()
    expected = {(key, value) for key in KEYS if key != "theme" for value in SETTING_VALUES.get(key, (True, False))}
    assert set(changed) == expected
    assert len(changed) == len(expected)


def test_settings_show_how_things_are() -> None:
    settings = Settings(bell=False, fold_presence=False)
    current = [choice.title for choice in setting_choices(settings, lambda _key, _value: None) if choice.is_current]
    assert current == [
        "알림: 멘션",
        "종소리: 끄기",
        "데스크톱 알림: OSC 9",
        "자리 비움: 자동",
        "입·퇴장: 펼치기",
        "사람 목록: 보이기",
    ]
