"""What lies over the chat: which keys open what from there, and where what is typed right behind Esc goes."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from textual import events
from textual.screen import Screen

from tests.support.chat import Chat, chatting
from tests.support.in_process import InProcess, in_process
from tui_client import strings
from tui_client.widgets.help_screen import HelpScreen
from tui_client.widgets.link_screen import LinkScreen
from tui_client.widgets.palette import Palette
from tui_client.widgets.search_screen import SearchScreen
from tui_client.widgets.theme_picker import ThemePicker

CAME = "영희님이 입장하셨습니다."


@pytest.fixture
def server() -> Iterator[InProcess]:
    with in_process() as running:
        yield running


async def opened(chat: Chat, way: str) -> None:
    """Open something over the chat, by a key or by a command."""
    await chat.until_heard(CAME)
    await (chat.enter(way) if way.startswith("/") else chat.press(way))
    await chat.until(lambda: len(chat.app.screen_stack) == 2 and chat.app.screen.is_mounted)


async def uncovered(chat: Chat) -> None:
    await chat.until(lambda: chat.app.screen is chat.screen)


WAYS = ["ctrl+f", "ctrl+p", "ctrl+o", "f1", "/테마", "/설정"]


@pytest.mark.parametrize("way", WAYS)
async def test_what_is_opened_finds_its_style_sheet_read(server: InProcess, tmp_path: Path, way: str) -> None:
    """Textual would read and parse all sheets once more, and style everything anew, between the key and the picture."""
    async with chatting(server.port, tmp_path) as chat:
        await chat.until_heard(CAME)
        read = chat.app.stylesheet.source
        await opened(chat, way)
        assert chat.app.stylesheet.source is read
        assert chat.app.screen.css_path


def search_of(chat: Chat) -> SearchScreen:
    [search] = [screen for screen in chat.app.screen_stack if isinstance(screen, SearchScreen)]
    return search


# --- right behind Esc -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", WAYS)
async def test_what_is_typed_right_behind_escape_belongs_to_the_composer(
    server: InProcess, tmp_path: Path, way: str
) -> None:
    async with chatting(server.port, tmp_path) as chat:
        await opened(chat, way)
        chat.burst("escape", *"가나", "backspace", "b", "ctrl+j", "다")
        await chat.until(lambda: chat.composer.text == "가b\n다")
        assert chat.app.screen is chat.screen


async def test_what_is_typed_right_before_escape_belongs_to_what_is_left(server: InProcess, tmp_path: Path) -> None:
    async with chatting(server.port, tmp_path) as chat:
        await opened(chat, "ctrl+f")
        chat.burst(*"회의", "escape", *"가나")
        await chat.until(lambda: chat.composer.text == "가나")
        await chat.press("ctrl+f")
        await chat.until(lambda: search_of(chat).field.value == "회의")


async def test_link_taken_right_before_escape_is_opened(
    server: InProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSH_TTY", "/dev/pts/0")  # where no browser can be opened, the address is copied
    server.json("철수").say_and_wait("https://a.example/b")
    async with chatting(server.port, tmp_path) as chat:
        await opened(chat, "ctrl+o")
        chat.burst("enter", "escape", "가")
        await chat.until(lambda: chat.app.clipboard == "https://a.example/b")
        await chat.until(lambda: chat.composer.text == "가")


async def test_escape_behind_the_key_that_opens_leaves_at_once(server: InProcess, tmp_path: Path) -> None:
    async with chatting(server.port, tmp_path) as chat:
        await chat.until_heard(CAME)
        chat.burst("a", "ctrl+p", "escape", "b")
        await chat.until(lambda: chat.composer.text == "ab")
        assert chat.app.screen is chat.screen


@pytest.mark.parametrize(
    ("opening", "keys"),
    [
        (["ctrl+p"], ["down", "down", "enter"]),
        (["ctrl+p"], [*"링크", "enter"]),
        (["ctrl+p"], [*"링크", *["backspace"] * 2, "down", "down", "enter"]),
    ],
)
async def test_keys_behind_the_key_that_opens_the_menu_choose_in_it(
    server: InProcess, tmp_path: Path, opening: list[str], keys: list[str]
) -> None:
    async with chatting(server.port, tmp_path) as chat:
        await chat.until_heard(CAME)
        chat.burst(*opening, *keys)
        await chat.until(lambda: isinstance(chat.app.screen, LinkScreen))
        assert chat.composer.text == ""


@pytest.mark.parametrize("way", ["/테마", "/설정"])
async def test_keys_behind_a_command_choose_in_what_it_opens(server: InProcess, tmp_path: Path, way: str) -> None:
    async with chatting(server.port, tmp_path) as chat:
        await chat.until_heard(CAME)
        before = (chat.app.theme, chat.app.settings)
        await chat.enter(way)
        chat.burst("down", "enter")
        await chat.until(lambda: (chat.app.theme, chat.app.settings) != before)
        assert chat.app.theme == ("dalbit" if way == "/테마" else before[0])


async def test_keys_meant_for_what_is_left_do_nothing_to_the_draft(server: InProcess, tmp_path: Path) -> None:
    friend = server.json("철수")
    async with chatting(server.port, tmp_path) as chat:
        await chat.until_heard(CAME)
        for line in ("먼저", "나중"):
            await chat.enter(line)
        chat.composer.insert("쓰던 글")
        for way, keys in (("f1", ["enter", "escape"]), ("ctrl+p", ["up", "escape"]), ("ctrl+o", ["up", "escape"])):
            await opened(chat, way)
            chat.burst(*keys)
            await uncovered(chat)
            await chat.pilot.pause(0.05)
            assert chat.composer.text == "쓰던 글"
        assert len(friend.public) == 2


async def test_escape_in_a_found_conversation_goes_to_the_line_and_letters_with_it(
    server: InProcess, tmp_path: Path
) -> None:
    friend = server.json("철수")
    friend.say_and_wait("내일 회의")
    async with chatting(server.port, tmp_path) as chat:
        await opened(chat, "ctrl+f")
        await chat.press(*"회의")
        await chat.until(lambda: search_of(chat).hits.count == 1)
        await chat.press("enter")
        await chat.until(lambda: search_of(chat).past.has_focus)
        chat.burst("escape", "록")
        await chat.until(lambda: search_of(chat).field.value == "회의록")
        chat.burst("escape", "가")
        await chat.until(lambda: chat.composer.text == "가")


async def test_escape_in_the_chat_itself_is_the_composers(server: InProcess, tmp_path: Path) -> None:
    server.json("철수")
    async with chatting(server.port, tmp_path) as chat:
        await chat.until(lambda: "철수" in chat.screen.members.nicks)
        await chat.enter("/귓속말 철수")
        await chat.until(lambda: chat.composer.partner is not None)
        await chat.press("escape")
        await chat.until(lambda: chat.composer.partner is None)


# --- what comes in meanwhile ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["ctrl+f", "ctrl+p", "ctrl+o", "f1", "/테마", "/설정"])
async def test_what_comes_in_behind_what_lies_over_the_chat_stands_below_the_divider(
    server: InProcess, tmp_path: Path, way: str
) -> None:
    friend = server.json("철수")
    async with chatting(server.port, tmp_path) as chat:
        await chat.until_heard(CAME)
        friend.say("보이는 말")
        await chat.until_heard("철수> 보이는 말")
        await opened(chat, way)
        for text in ("하나", "둘"):
            friend.say(text)
            await chat.until_heard(f"철수> {text}")
        assert chat.screen.unread == 2
        await chat.press("escape")
        await uncovered(chat)
        await chat.until(lambda: chat.screen.unread == 0)
        assert rows_of(chat, "보이는 말", strings.UNREAD_DIVIDER, "하나", "둘")


async def test_what_comes_in_after_coming_back_is_read(server: InProcess, tmp_path: Path) -> None:
    friend = server.json("철수")
    async with chatting(server.port, tmp_path) as chat:
        await opened(chat, "ctrl+f")
        await chat.press("escape")
        await uncovered(chat)
        await chat.pilot.pause()
        friend.say("보이는 말")
        await chat.until(lambda: any("보이는 말" in row for row in chat.rows))
        assert not any(strings.UNREAD_DIVIDER in row for row in chat.rows)


async def test_divider_stays_above_the_first_that_was_missed_also_when_the_window_is_left_too(
    server: InProcess, tmp_path: Path
) -> None:
    friend = server.json("철수")
    async with chatting(server.port, tmp_path) as chat:
        await opened(chat, "f1")
        for text, event in (("하나", events.AppBlur()), ("둘", events.AppFocus()), ("셋", None)):
            friend.say(text)
            await chat.until_heard(f"철수> {text}")
            if event is not None:
                chat.app.post_message(event)
                await chat.until(lambda event=event: chat.app.app_focus is isinstance(event, events.AppFocus))  # type: ignore[misc]
        await chat.press("escape")
        await uncovered(chat)
        await chat.until(lambda: rows_of(chat, strings.UNREAD_DIVIDER, "하나", "둘", "셋"))


async def test_search_says_that_somebody_whispers_and_calls(server: InProcess, tmp_path: Path) -> None:
    friend = server.json("철수")
    async with chatting(server.port, tmp_path) as chat:
        await opened(chat, "ctrl+f")
        friend.whisper("영희", "쉿")
        await chat.until(lambda: any(strings.missed(1, 0, 0) in row for row in chat.rows))
        for text in ("영희야 봤어?", "그냥"):
            friend.say(text)
        await chat.until(lambda: any(strings.missed(1, 1, 1) in row for row in chat.rows))
        await chat.press("escape", "ctrl+f")
        await chat.until(lambda: chat.app.screen is search_of(chat))
        assert not any("새 귓속말" in row for row in chat.rows), "what came before was seen"


def rows_of(chat: Chat, *texts: str) -> bool:
    """Whether these are in rows that follow each other."""
    begun = next((y for y, row in enumerate(chat.rows) if texts[0] in row), len(chat.rows))
    rows = chat.rows[begun : begun + len(texts)]
    return len(rows) == len(texts) and all(text in row for text, row in zip(texts, rows, strict=True))


# --- from one to another ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["ctrl+f", "ctrl+p", "ctrl+o", "/테마"])
async def test_help_opens_over_everything_and_escape_comes_back(server: InProcess, tmp_path: Path, way: str) -> None:
    async with chatting(server.port, tmp_path) as chat:
        await opened(chat, way)
        covering = chat.app.screen
        await chat.press("테", "f1")
        await chat.until(lambda: isinstance(chat.app.screen, HelpScreen))
        chat.burst("escape", "마")
        await chat.until(lambda: chat.app.screen is covering)
        await chat.until(lambda: "테마" in {getattr(node, "value", "") for node in covering.walk_children()})


@pytest.mark.parametrize(("key", "kind"), [("ctrl+p", Palette), ("ctrl+o", LinkScreen)])
async def test_search_gives_way_and_is_there_again(
    server: InProcess, tmp_path: Path, key: str, kind: type[Screen[object]]
) -> None:
    async with chatting(server.port, tmp_path) as chat:
        await opened(chat, "ctrl+f")
        await chat.press(*"회의", key)
        await chat.until(lambda: isinstance(chat.app.screen, kind))
        assert len(chat.app.screen_stack) == 2
        await chat.press("escape")
        await uncovered(chat)
        await chat.press("ctrl+f")
        await chat.until(lambda: search_of(chat).field.value == "회의")


async def test_hits_come_while_the_help_lies_over_them(server: InProcess, tmp_path: Path) -> None:
    friend = server.json("철수")
    friend.say_and_wait("내일 회의")
    async with chatting(server.port, tmp_path) as chat:
        await opened(chat, "ctrl+f")
        chat.burst(*"회의", "f1")
        await chat.until(lambda: isinstance(chat.app.screen, HelpScreen))
        await chat.until(lambda: search_of(chat).hits.count == 1)


async def test_the_chosen_hit_is_copied(server: InProcess, tmp_path: Path) -> None:
    friend = server.json("철수")
    for text in ("회의 하나", "회의 둘", "다른 말"):
        friend.say_and_wait(text)
    async with chatting(server.port, tmp_path) as chat:
        await opened(chat, "ctrl+f")
        await chat.press("ctrl+y")
        assert chat.app.clipboard == ""
        await chat.press(*"회의")
        await chat.until(lambda: search_of(chat).hits.count == 2)
        await chat.press("down", "ctrl+y")
        await chat.until(lambda: chat.app.clipboard == "회의 하나")
        assert [note.message for note in chat.app._notifications] == [
            strings.NOTHING_TO_COPY,
            strings.copied("회의 하나"),
        ]


async def test_theme_that_was_only_looked_at_is_taken_off_by_escape(server: InProcess, tmp_path: Path) -> None:
    async with chatting(server.port, tmp_path) as chat:
        await opened(chat, "/테마")
        assert isinstance(chat.app.screen, ThemePicker)
        worn = chat.app.theme
        await chat.press("down")
        await chat.until(lambda: chat.app.theme != worn)
        chat.burst("escape", "가")
        await chat.until(lambda: chat.composer.text == "가")
        assert chat.app.theme == worn
