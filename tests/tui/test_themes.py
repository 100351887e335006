"""The themes: legible wherever anything is written, and people told apart by colour on each of them.

Measured on what is really drawn, so that the style sheet is tested with the colours. Contrast as in WCAG 2.1, 1.4.3; differences of
colour in Oklab (Ottosson, 2020), in which one step of 0.02 is just seen.
"""

import math
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from itertools import combinations, product
from pathlib import Path

import pytest
from rich.segment import Segment
from textual.app import App
from textual.color import Color
from textual.screen import Screen
from textual.theme import BUILTIN_THEMES, Theme

from tests.support.app import LARGE, SMALL
from tests.support.chat import Chat, chatting
from tests.support.in_process import in_process
from tui_client import strings
from tui_client.choices import Choice
from tui_client.entry import Entry, Kind, State
from tui_client.settings import Settings
from tui_client.themes import SPEAKER_COLOURS, THEMES, speaker_variables, use_themes
from tui_client.widgets.help_screen import HelpScreen
from tui_client.widgets.nickname_screen import NicknameScreen
from tui_client.widgets.palette import Palette
from tui_client.widgets.theme_picker import ThemePicker

Shown = Screen[None] | Screen[str | None] | Screen[Choice | None]

LEGIBLE = 4.5
TOLD_APART = 0.09

NAMES = [theme.name for theme in THEMES]
TEXTS = [
    f"text-{one}" for one in ("muted", "disabled", "primary", "secondary", "accent", "warning", "error", "success")
]
SPEAKERS = [f"speaker-{number}" for number in range(SPEAKER_COLOURS)]


def contrast(one: Color, other: Color) -> float:
    """From 1 : 1 to 21 : 1."""
    darker, lighter = sorted(map(luminance, (one, other)))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: Color) -> float:
    red, green, blue = linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def linear(colour: Color) -> tuple[float, float, float]:
    red, green, blue = (
        channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4 for channel in colour.normalized
    )
    return red, green, blue


def oklab(colour: Color) -> tuple[float, float, float]:
    red, green, blue = linear(colour)
    long = (0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue) ** (1 / 3)
    middle = (0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue) ** (1 / 3)
    short = (0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short,
    )


def difference(one: Color, other: Color) -> float:
    return math.dist(oklab(one), oklab(other))


# --- the colours themselves -------------------------------------------------------------------------------------------


def test_every_theme_has_its_title_and_is_offered_in_order() -> None:
    assert NAMES == [name for name, _ in strings.THEME_TITLES] == [name for name, _ in strings.THEME_ABOUT]
    assert len(NAMES) >= 4
    assert {theme.dark for theme in THEMES} == {True, False}
    assert dict(strings.THEME_TITLES)["hanji"] == "한지"


def test_yardsticks_measure_what_they_should() -> None:
    black, white, grey = Color.parse("#000000"), Color.parse("#ffffff"), Color.parse("#767676")
    assert contrast(black, white) == pytest.approx(21)
    assert contrast(grey, white) == pytest.approx(4.54, abs=0.01)
    assert oklab(white) == pytest.approx((1, 0, 0), abs=1e-3)
    assert difference(Color.parse("#ff0000"), Color.parse("#fe0000")) < 0.02 < difference(grey, white)


@pytest.mark.parametrize("theme", THEMES, ids=NAMES)
def test_texts_and_people_are_legible_on_every_ground(theme: Theme) -> None:
    colours = theme.to_color_system().generate() | theme.variables
    background, accent = Color.parse(colours["background"]), Color.parse(colours["accent"])
    grounds = [Color.parse(colours[name]) for name in ("background", "surface")]
    grounds += [background.blend(accent, share) for share in (0.06, 0.12)]
    for name, ground in product(["foreground", *TEXTS, *SPEAKERS], grounds):
        assert contrast(Color.parse(colours[name]), ground) >= LEGIBLE, (name, ground.hex)


@pytest.mark.parametrize("dark", [True, False])
def test_people_are_told_apart(dark: bool) -> None:
    colours = [Color.parse(colour) for colour in speaker_variables(dark=dark).values()]
    assert min(difference(one, other) for one, other in combinations(colours, 2)) >= TOLD_APART


@pytest.mark.parametrize("theme", THEMES, ids=NAMES)
def test_what_went_wrong_is_told_from_what_went_right(theme: Theme) -> None:
    signals = [
        Color.parse(theme.variables[f"text-{name}"]) for name in ("success", "warning", "error", "accent", "primary")
    ]
    assert min(difference(one, other) for one, other in combinations(signals, 2)) >= TOLD_APART


def test_selection_is_seen_and_what_is_selected_can_be_read() -> None:
    for theme in THEMES:
        selection, text = (
            Color.parse(theme.variables[f"screen-selection-{part}"]) for part in ("background", "foreground")
        )
        assert difference(selection, Color.parse(str(theme.background))) >= TOLD_APART, theme.name
        assert contrast(text, selection) >= LEGIBLE, theme.name


# --- what is worn -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("environ", "worn"),
    [
        ({}, "hanji"),
        ({"TEXTUAL_THEME": "nord"}, "nord"),
        ({"TEXTUAL_THEME": "baekja"}, "baekja"),
        ({"TEXTUAL_THEME": "?"}, "hanji"),
    ],
)
async def test_what_was_chosen_is_worn_from_the_first_drawing_on_unless_textual_is_told_otherwise(
    environ: dict[str, str], worn: str
) -> None:
    app = App[None]()
    use_themes(app, "hanji", environ)
    async with app.run_test():
        assert app.theme == worn
        assert app.screen.background_colors[1] == Color.parse(app.current_theme.background or "")
        assert app.has_class(f"-theme-{worn}", "-dark-mode" if app.current_theme.dark else "-light-mode")


def test_default_theme_is_dark() -> None:
    assert THEMES[NAMES.index(Settings().theme)].dark


# --- what is drawn ----------------------------------------------------------------------------------------------------


def entries() -> Iterator[Entry]:
    """One of everything that can stand in a log, by everybody there is a colour for, each speaking twice."""
    people = [f"사람{number // 2}" for number in range(6 * SPEAKER_COLOURS)]
    for kind, state in product(Kind, State):
        is_spoken = kind in (Kind.SAID, Kind.WHISPER_RECEIVED, Kind.WHISPER_SENT)
        for number, speaker in enumerate(people if is_spoken and state is State.SETTLED else ["철수"]):
            label = f"{speaker}> " if kind is Kind.SAID else f"[귓속말] {speaker}> "
            yield Entry(
                id=number,
                kind=kind,
                state=state,
                at_ms=number * 20_000_000,
                label=label if is_spoken else "",
                speaker=speaker if is_spoken else "",
                text="안녕 영희야 https://example.com",
                mine=state is not State.SETTLED or number % 7 == 6,
                mentions=((3, 5),) if is_spoken and state is State.SETTLED and number % 3 == 0 else (),
            )


def written(screen: Shown) -> Iterator[Segment]:
    """Everything in letters that is drawn inside the box of `screen`; what lies dimmed behind it needs not be read."""
    box = screen.children[0].region if screen.is_modal and len(screen.children) == 1 else screen.region
    for strip in screen._compositor.render_strips()[box.y : box.bottom]:
        yield from (segment for segment in strip.crop(box.x, box.right) if any(map(str.isalnum, segment.text)))


def faint(screen: Shown) -> list[str]:
    """What can hardly be read: its contrast and colours, and one example."""
    found: dict[str, str] = {}
    for segment in written(screen):
        style = segment.style
        assert style is not None
        assert style.color is not None
        assert style.bgcolor is not None
        one, other = Color.from_rich_color(style.color), Color.from_rich_color(style.bgcolor)
        if contrast(one, other) < LEGIBLE or style.dim:
            found.setdefault(f"{contrast(one, other):.2f} {one.hex} on {other.hex}", segment.text.strip()[:20])
    return sorted(f"{colours}: {example}" for colours, example in found.items())


async def wear(chat: Chat, name: str) -> None:
    chat.app.theme = name
    await chat.pilot.pause()
    await chat.pilot.pause()


@asynccontextmanager
async def full_chat(folder: Path, size: tuple[int, int]) -> AsyncIterator[Chat]:
    """A chat in which everything there is can be seen somewhere."""
    with in_process() as server:
        async with chatting(server.port, folder, size=size) as chat:
            chat.app.wear_theme(NAMES[0])
            await chat.until_heard("영희님이 입장하셨습니다.")
            yield chat


async def seen_everywhere(chat: Chat) -> Sequence[str]:
    """What can hardly be read on any page of the room and of the whispers."""
    found: list[str] = []
    for log in (chat.room, chat.app.get_default_screen().whispers):
        log.scroll_home(animate=False)
        await chat.pilot.pause()
        while True:
            found += faint(chat.screen)
            if log.scroll_offset.y >= log.max_scroll_y:
                break
            log.scroll_relative(y=max(1, log.size.height - 1), animate=False)
            await chat.pilot.pause()
    return sorted(set(found))


async def test_everything_in_the_logs_can_be_read(tmp_path: Path) -> None:
    async with full_chat(tmp_path, LARGE) as chat:
        chat.room.extend(list(entries()))
        chat.app.get_default_screen().whispers.extend([entry for entry in entries() if entry.is_whisper])
        chat.screen.show_hint("이렇게 할 수는 없습니다.")
        for name in NAMES:
            await wear(chat, name)
            assert await seen_everywhere(chat) == [], name


@pytest.mark.parametrize("typed", ["/", "@", "그냥 쓴 글"])
async def test_everything_about_what_is_typed_can_be_read(tmp_path: Path, typed: str) -> None:
    async with full_chat(tmp_path, SMALL) as chat:
        chat.app.get_default_screen().members.set_members(["영희", "철수"], "영희")
        for key in typed:
            await chat.press("space" if key == " " else key)
        for name in NAMES:
            await wear(chat, name)
            assert faint(chat.screen) == [], name


async def test_everything_on_the_other_screens_can_be_read(tmp_path: Path) -> None:
    async with full_chat(tmp_path, SMALL) as chat:
        for name in NAMES:
            await wear(chat, name)
            for screen in others(name):
                await chat.app.push_screen(screen)
                for key in ("", "ㄱ", "z", "z"):
                    await chat.pilot.press(*([key] if key else []))
                    await chat.pilot.pause(0.02)
                    assert faint(screen) == [], (name, screen)
                await chat.app.pop_screen()


def others(worn: str) -> Sequence[Shown]:
    """The screens that can be above the chat."""
    current = Choice("테마 바꾸기", "화면의 색을 바꿉니다", lambda: None, keys="/테마", is_current=True)
    other = Choice("나가기", "대화방을 떠납니다", lambda: None, keys="Ctrl+Q")
    return (
        HelpScreen(),
        NicknameScreen("이미 쓰고 있는 닉네임입니다.", ""),
        Palette([current, other]),
        ThemePicker(worn, wear=lambda _: None, keep=lambda _: None),
    )


async def test_faint_writing_is_found(tmp_path: Path) -> None:
    async with full_chat(tmp_path, SMALL) as chat:
        chat.screen.hint.styles.color = "#444444"
        chat.screen.show_hint("흐린 글씨")
        await chat.pilot.pause()
        assert any("흐린" in one for one in faint(chat.screen))


@pytest.mark.parametrize("name", ["nord", "textual-light"])
async def test_themes_of_textual_still_have_colours_for_people(tmp_path: Path, name: str) -> None:
    async with full_chat(tmp_path, SMALL) as chat:
        await wear(chat, name)
        expected = speaker_variables(dark=BUILTIN_THEMES[name].dark)
        assert expected.items() <= chat.app.theme_variables.items()


# --- without colours --------------------------------------------------------------------------------------------------


def attributes(chat: Chat, text: str) -> set[str]:
    """How `text` is written, colours aside."""
    found = set()
    for strip in chat.app.screen._compositor.render_strips():
        for segment in strip.apply_filter(chat.app.get_line_filters()[-1], Color.parse("#000000")):
            if text in segment.text and (style := segment.style) is not None:
                assert style.color is None or style.color.is_default
                assert style.bgcolor is None or style.bgcolor.is_default
                found |= {name for name in ("bold", "italic", "underline", "reverse") if getattr(style, name)}
    return found


async def test_without_colours_weight_and_lines_tell_what_is_what(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with full_chat(tmp_path, SMALL) as chat:
        said = Entry(1, Kind.SAID, State.SETTLED, 0, "철수> ", "철수", "들어 봐 영희야", mentions=((5, 7),))
        failed = Entry(2, Kind.SAID, State.FAILED, 0, "영희> ", "영희", "못 보낸 말", mine=True)
        pending = Entry(3, Kind.SAID, State.PENDING, 0, "영희> ", "영희", "가는 중인 말", mine=True)
        chat.room.extend([said, failed])
        chat.room.set_pending([pending])
        await chat.until(lambda: any("가는 중인 말" in row for row in chat.rows))
        assert attributes(chat, "들어 봐") == set()
        assert attributes(chat, "영희") >= {"bold", "underline"}
        assert attributes(chat, "못 보낸 말") == {"bold"}
        assert attributes(chat, "가는 중인 말") == {"italic"}
        assert "reverse" in attributes(chat, strings.COMPOSER_PLACEHOLDER[0]), "the caret"
