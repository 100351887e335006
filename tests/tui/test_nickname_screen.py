"""The start screen: a nickname is typed, checked and taken once."""

from pathlib import Path

import pytest
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Static

from server.protocol import phrases
from tests.support.chat import chatting
from tests.support.in_process import in_process
from tests.support.scripted_server import unused_port
from tui_client import strings
from tui_client.profile import Profile
from tui_client.widgets.nickname_field import NicknameField
from tui_client.widgets.nickname_screen import NicknameScreen


async def test_second_enter_in_one_burst_closes_nothing_else(tmp_path: Path) -> None:
    with in_process() as server:
        async with chatting(server.port, tmp_path, "") as chat:
            await chat.until(lambda: isinstance(chat.app.screen, NicknameScreen))
            chat.burst("영", "희", "enter", "enter", "enter")
            await chat.until_heard("영희님이 입장하셨습니다.")
            assert chat.app.screen is chat.screen


async def test_keys_of_one_burst_keep_their_order(tmp_path: Path) -> None:
    async with chatting(unused_port(), tmp_path, "") as chat:
        await chat.until(lambda: isinstance(chat.app.focused, NicknameField))
        chat.burst("a", "b", "backspace", "c", "d", "backspace", "e", "home", "f")
        field = chat.app.screen.query_one(NicknameField)
        await chat.until(lambda: "f" in field.value)
        assert field.value == "face"


async def test_loose_jamo_are_one_nickname(tmp_path: Path) -> None:
    with in_process() as server:
        async with chatting(server.port, tmp_path, "") as chat:
            await chat.until(lambda: isinstance(chat.app.focused, NicknameField))
            chat.burst("ᄒ", "ᅡ", "ᆫ", "enter")
            await chat.until_heard("한님이 입장하셨습니다.")


@pytest.mark.parametrize("nick", ["영 희", "", "/영희", "영" * 40])
async def test_nickname_that_is_not_allowed_is_refused_where_it_was_typed(tmp_path: Path, nick: str) -> None:
    async with chatting(unused_port(), tmp_path, "") as chat:
        await chat.until(lambda: isinstance(chat.app.focused, NicknameField))
        chat.app.screen.query_one(NicknameField).value = nick
        await chat.press("enter")
        await chat.until(lambda: bool(str(chat.app.screen.query_one("#reason", Static).render())))
        assert isinstance(chat.app.screen, NicknameScreen)
        assert chat.app.screen.query_one(NicknameField).value == nick


async def test_last_nickname_is_offered(tmp_path: Path) -> None:
    Profile(tmp_path).remember_nickname("철수")
    async with chatting(unused_port(), tmp_path, "") as chat:
        await chat.until(lambda: any("철수" in row for row in chat.rows))
        assert chat.app.screen.query_one(NicknameField).nick == "철수"


async def test_leaving_from_here_ends_the_app_once(tmp_path: Path) -> None:
    async with chatting(unused_port(), tmp_path, "") as chat:
        await chat.until(lambda: isinstance(chat.app.focused, NicknameField))
        chat.burst("ctrl+q", "enter", "ctrl+q")
        await chat.until(lambda: chat.app.return_value is not None)
    assert chat.app.return_value == 0


async def test_reason_is_shown_as_text(tmp_path: Path) -> None:
    app: App[None] = App()
    async with app.run_test(size=(80, 24)) as pilot:
        reason = f"[@click=app.quit]{phrases.nick_in_use('[b]영희')}"
        await shown(pilot, NicknameScreen(reason, "[b]영희"))
        box = app.screen.query_one("#nickname")
        assert box.border_title == strings.NICK_AGAIN_TITLE
        assert str(app.screen.query_one("#reason", Static).render()) == reason


async def shown(pilot: Pilot[None], screen: NicknameScreen) -> None:
    await pilot.app.push_screen(screen)
    await pilot.pause()
