"""No English on any screen, in any state: whatever is drawn is read here, with what could be drawn on demand.

Names stay what they are everywhere: keys, command words, programs, addresses.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from textual.content import Content
from textual.dom import DOMNode
from textual.widget import Widget
from textual.widgets import Footer, HelpPanel, KeyPanel

from tests.support.app import LARGE, SMALL
from tests.support.chat import Chat, beside, chatting, welcomed
from tests.support.in_process import InProcess, in_process
from tests.support.scripted_server import ScriptedServer
from tui_client import strings
from tui_client.__main__ import _parser
from tui_client.commands import CATALOGUE, NOTIFY_WORDS
from tui_client.widgets.changed_screen import ChangedScreen
from tui_client.widgets.help_screen import HelpScreen
from tui_client.widgets.nickname_screen import NicknameScreen
from tui_client.widgets.palette import Palette
from tui_client.widgets.secret_screen import SecretScreen
from tui_client.widgets.theme_picker import ThemePicker
from tui_client.widgets.trust_screen import TrustScreen

CAME = "영희님이 입장하셨습니다."

KEYS = {"Enter", "Ctrl", "Shift", "Alt", "Tab", "Esc", "PgUp", "PgDn", "Home", "End"}
PROGRAMS = {
    "netcat",
    "chat-tui",
    "chat-server",
    "tmux",
    "foot",
    "urxvt",
    "kitty",
    "OSC",
    "iTerm2",
    "WezTerm",
    "Ghostty",
}
PROGRAMS |= {"Windows", "Terminal", "ConEmu", "UTF-8", "TOML", "IPv4", "ms"}
EXAMPLES = {"dkssud"}
"""안녕, typed in the wrong mode."""
ARGUMENTS = {name for name, _ in strings.THEME_TITLES} | {word for _, words in NOTIFY_WORDS for word in words}
"""What may be typed behind a command, each beside its Korean word."""
ALLOWED = KEYS | PROGRAMS | EXAMPLES | ARGUMENTS

_NAMES = re.compile(r"(?<![A-Za-z])/[a-z]+|--[a-z-]+|SOKSAK_PASSWORD|[\w.]+\.(?:toml|log|com|example)|F\d+|\d+ms")
"""Commands, options, files and hosts."""
_WORDS = re.compile(r"[A-Za-z][A-Za-z0-9]+(?:-[A-Za-z0-9]+)*")


def english(text: str) -> list[str]:
    """The words in `text` that a Korean reader would have to know English for."""
    return [word for word in _WORDS.findall(_NAMES.sub(" ", text)) if word not in ALLOWED]


# --- what can be seen -------------------------------------------------------------------------------------------------


def seen(chat: Chat) -> Iterator[str]:
    """What is drawn, and what the mouse or another size would bring up: whole titles, tooltips, placeholders."""
    yield from chat.rows
    for widget in nodes(chat):
        if isinstance(widget, Widget):
            yield from texts(widget.border_title, widget.border_subtitle, widget.tooltip)
            yield from texts(getattr(widget, "placeholder", None))
    for note in chat.app._notifications:
        yield from texts(note.title, note.message)
    yield from texts(chat.app.title, chat.app.sub_title)


def texts(*values: object) -> Iterator[str]:
    for value in values:
        if isinstance(value, Content):
            yield value.plain
        elif isinstance(value, str):
            yield value


def nodes(chat: Chat) -> Iterable[DOMNode]:
    return [chat.app, *chat.app.screen.walk_children(with_self=True)]


def shown_bindings(chat: Chat) -> Iterator[str]:
    """Descriptions of keys that Textual would show in a footer or a panel."""
    for active in chat.app.screen.active_bindings.values():
        if active.binding.show and active.binding.description:
            yield active.binding.description


def assert_korean(chat: Chat) -> None:
    found = {word for text in (*seen(chat), *shown_bindings(chat)) for word in english(text)}
    assert found == set(), "\n".join(chat.rows)
    assert not [node for node in nodes(chat) if isinstance(node, Footer | HelpPanel | KeyPanel)]


@pytest.fixture
def server() -> Iterator[InProcess]:
    with in_process() as running:
        yield running


# --- the walk ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [SMALL, LARGE, (40, 12), (24, 8)], ids=["80x24", "160x45", "40x12", "24x8"])
async def test_chat_screen_is_korean(server: InProcess, tmp_path: Path, size: tuple[int, int]) -> None:
    friend = server.json("철수")
    async with chatting(server.port, tmp_path, size=size) as chat:
        await chat.until(lambda: any("영희" in line for line in chat.lines))
        assert_korean(chat)
        friend.say("안녕하세요")
        await chat.until(lambda: any("안녕하세요" in line for line in chat.lines))
        for line in ("안녕", "@철수 비밀", "@없는사람 비밀", "/목록", "/없는명령", "/닉 " + "가" * 30):
            await chat.enter(line)
            await chat.pilot.pause(0.05)
            assert_korean(chat)
            chat.composer.load_text("")
        await chat.press("ctrl+c")
        assert_korean(chat)


@pytest.mark.parametrize("typed", ["/", "/테마 ", "/알림 ", "@", "/귓속말 "])
async def test_everything_offered_while_typing_is_korean(server: InProcess, tmp_path: Path, typed: str) -> None:
    server.json("철수")
    async with chatting(server.port, tmp_path) as chat:
        await chat.until(lambda: any("영희" in line for line in chat.lines))
        await chat.press(*("space" if key == " " else key for key in typed))
        await chat.pilot.pause(0.05)
        for _ in range(len(CATALOGUE) // 2):
            assert_korean(chat)
            await chat.press("down", "down")


@pytest.mark.parametrize("key", ["f1", "ctrl+p", "ctrl+f", "ctrl+o"])
@pytest.mark.parametrize("size", [SMALL, LARGE, (40, 12)], ids=["80x24", "160x45", "40x12"])
async def test_everything_opened_over_the_chat_is_korean(
    server: InProcess, tmp_path: Path, key: str, size: tuple[int, int]
) -> None:
    async with chatting(server.port, tmp_path, size=size) as chat:
        await chat.until_heard(CAME)
        await chat.press(key)
        await chat.until(lambda: len(chat.app.screen_stack) == 2)
        for pressed in ([], ["pagedown"], ["없", "는", "것", "ㅋ"], ["enter"]):
            await chat.press(*pressed)
            await chat.pilot.pause(0.1)
            assert_korean(chat)


@pytest.mark.parametrize(
    "command", ["/테마", "/설정", "/도움말", "/링크", "/복사", "/연결", "/알림 모두", "/테마 한지", "/찾기 말"]
)
async def test_what_commands_open_and_say_is_korean(server: InProcess, tmp_path: Path, command: str) -> None:
    async with chatting(server.port, tmp_path) as chat:
        await chat.until_heard(CAME)
        await chat.enter(command)
        await chat.pilot.pause(0.1)
        assert_korean(chat)


async def test_palette_is_ours_and_korean_to_its_last_row(server: InProcess, tmp_path: Path) -> None:
    async with chatting(server.port, tmp_path) as chat:
        await chat.until_heard(CAME)
        assert not chat.app.use_command_palette, "Textual's own palette, with its English commands, is out of reach"
        await chat.press("ctrl+p")
        await chat.until(lambda: isinstance(chat.app.screen, Palette))
        for _ in range(4):
            assert_korean(chat)
            await chat.press("pagedown")
        await chat.press("ㅋ", "ㅋ", "ㅋ")
        await chat.until(lambda: any(strings.PALETTE_NOTHING in row for row in chat.rows))
        assert_korean(chat)


async def test_start_screen_is_korean_also_when_a_nickname_is_refused(server: InProcess, tmp_path: Path) -> None:
    async with chatting(server.port, tmp_path, nick="") as chat:
        await chat.until(lambda: isinstance(chat.app.screen, NicknameScreen))
        assert_korean(chat)
        for nick in ("", "admin", "가" * 30, "a b"):
            await chat.press(*("space" if key == " " else key for key in nick), "enter")
            await chat.pilot.pause(0.05)
            assert_korean_but(chat, nick)
            await chat.press("ctrl+u")


def assert_korean_but(chat: Chat, typed: str) -> None:
    """What was typed may stand there."""
    found = {word for text in seen(chat) for word in english(text) if word not in typed}
    assert found == set(), "\n".join(chat.rows)


async def test_lost_connection_is_told_in_korean(tmp_path: Path) -> None:
    with ScriptedServer() as scripted:
        async with chatting(scripted.port, tmp_path) as chat:
            peer = await welcomed(chat, scripted)
            await chat.enter("아직 가는 중")
            assert_korean(chat)
            await beside(peer.close)
            await chat.until(lambda: any(strings.CONNECTION_LOST in line for line in chat.lines))
            assert_korean(chat)


def test_help_on_the_command_line_is_korean() -> None:
    assert english(_parser().format_help()) == []


# --- the sentences ----------------------------------------------------------------------------------------------------


def constants(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from constants(tuple(value.values()))
    elif isinstance(value, tuple):
        for item in value:
            yield from constants(item)


NOT_ON_A_SCREEN = ("_", "DOCTOR", "LINE", "APPLE", "SETTING_CHOICES", "THEME", "PALETTE_ACTIONS")
"""What is told on the command line, where commands and settings of other programs are named, or put together before it is shown."""

ACTIONS = ("KEYS", "SEARCH_KEYS", "LINKS_KEYS")
"""Rows whose last column only the program reads."""


@pytest.mark.parametrize(
    "name", [name for name in vars(strings) if name.isupper() and not name.startswith(NOT_ON_A_SCREEN)]
)
def test_no_constant_is_english(name: str) -> None:
    value = getattr(strings, name)
    if name.startswith(ACTIONS) and isinstance(value, tuple):
        value = tuple(row[:2] for row in value)
    assert [word for text in constants(value) for word in english(text)] == []


# --- that it would be found -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Search for commands…", ["Search", "for", "commands"]),
        ("No matches found", ["No", "matches", "found"]),
        ("Quit", ["Quit"]),
        ("연결됨 connected", ["connected"]),
        ("Press Ctrl+Q to quit", ["Press", "to", "quit"]),
        ("enter", ["enter"]),
        ("Ctrl+Q 나가기 · F1 · PgUp · /help /quit", []),
        ("127.0.0.1:12345 · 4ms · localhost.example", []),
        ("chat-tui --nick 영희", []),
        ("A와 B", []),
    ],
)
def test_english_is_told_from_names(text: str, found: list[str]) -> None:
    assert english(text) == found


@pytest.mark.parametrize("place", ["drawn", "title", "tooltip", "placeholder", "toast", "binding"])
async def test_planted_word_is_found_wherever_it_stands(server: InProcess, tmp_path: Path, place: str) -> None:
    async with chatting(server.port, tmp_path) as chat:
        await chat.until_heard(CAME)
        assert_korean(chat)
        match place:
            case "drawn":
                chat.screen.show_hint("Something went wrong")
            case "title":
                chat.screen.members.border_title = "Members"
            case "tooltip":
                chat.screen.members.tooltip = "Open the list"
            case "placeholder":
                chat.composer.placeholder = "Type here"
            case "toast":
                chat.app.notify("Saved screenshot")
            case "binding":
                chat.screen._bindings.bind("f9", "nothing", "Show it", show=True)
        await chat.pilot.pause(0.05)
        with pytest.raises(AssertionError):
            assert_korean(chat)


async def test_every_screen_that_can_be_above_the_chat_is_walked(server: InProcess, tmp_path: Path) -> None:
    async with chatting(server.port, tmp_path) as chat:
        await chat.until_heard(CAME)
        opened = set()
        for key in ("f1", "ctrl+p", "ctrl+f", "ctrl+o"):
            await chat.press(key)
            await chat.until(lambda: len(chat.app.screen_stack) == 2)
            opened.add(type(chat.app.screen))
            await chat.press("escape")
            await chat.until(lambda: len(chat.app.screen_stack) == 1)
        folder = Path(__file__).parents[2] / "tui_client" / "widgets"
        elsewhere = (NicknameScreen, HelpScreen, SecretScreen, ThemePicker, TrustScreen, ChangedScreen)
        known = {one.__module__.rpartition(".")[2] for one in (*opened, *elsewhere)}
        screens = {
            path.stem
            for path in folder.glob("*.py")
            if re.search(r"^class \w+\((Modal|Topmost)?(Screen|Palette)", path.read_text(), re.M)
        }
        assert screens - known == {"chat_screen", "topmost"}
