"""The room's password in the app: asked for where nobody sees it, kept for coming back, and never shown, copied or sent elsewhere."""

from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import pytest

from server.config import Config
from server.protocol import phrases
from server.protocol.password import Password
from tests.support.chat import Chat, beside, chatting, welcomed
from tests.support.in_process import InProcess, in_process
from tests.support.scripted_server import Peer, ScriptedServer
from tests.support.secret_files import secret_file
from tests.tui.test_no_english import assert_korean
from tui_client import strings
from tui_client.password_source import GivenPassword
from tui_client.widgets.secret_field import SecretField
from tui_client.widgets.secret_screen import SecretPrompt, SecretScreen

PASSWORD = "참깨가 열려라"
CAME = "영희님이 입장하셨습니다."
PROMPT = SecretPrompt(strings.PASSWORD_TITLE, strings.PASSWORD_QUESTION, strings.PASSWORD_KEYS)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[InProcess]:
    with in_process(config=Config(password_file=secret_file(tmp_path, PASSWORD))) as one:
        yield one


@pytest.fixture
def scripted() -> Iterator[ScriptedServer]:
    with ScriptedServer() as one:
        yield one


async def asked(chat: Chat, reason: str = "") -> SecretField:
    """The field, once the screen is there with this reason."""
    await chat.until(lambda: isinstance(chat.app.screen, SecretScreen) and chat.app.screen._prompt.reason == reason)
    await chat.until(lambda: isinstance(chat.app.focused, SecretField))
    return chat.app.screen.query_one(SecretField)


async def answer(chat: Chat, text: str) -> None:
    await chat.press(*("space" if key == " " else key for key in text), "enter")


def seen(chat: Chat) -> str:
    return "\n".join(chat.rows)


# --- being asked ------------------------------------------------------------------------------------------------------


async def test_it_is_asked_for_and_lets_one_in(room: InProcess, tmp_path: Path) -> None:
    async with chatting(room.port, tmp_path) as chat:
        field = await asked(chat)
        await chat.press("참", "깨")
        assert (field.value, field.render_line(0).text.strip()) == ("참깨", "••")
        assert "참깨" not in seen(chat)
        await answer(chat, PASSWORD.removeprefix("참깨"))
        await chat.until_heard(CAME)
        assert chat.app.screen is chat.screen
        assert strings.STATE_ONLINE in seen(chat)


async def test_a_wrong_one_is_said_to_be_wrong_and_asked_for_again(room: InProcess, tmp_path: Path) -> None:
    async with chatting(room.port, tmp_path) as chat:
        await asked(chat)
        await answer(chat, "틀린 것")
        field = await asked(chat, strings.PASSWORD_WRONG)
        assert field.value == ""
        assert strings.PASSWORD_WRONG in seen(chat)
        await answer(chat, PASSWORD)
        await chat.until_heard(CAME)


async def test_too_many_wrong_ones_are_waited_for(room: InProcess, tmp_path: Path) -> None:
    async with chatting(room.port, tmp_path) as chat:
        for number in range(3):
            await asked(chat, strings.PASSWORD_WRONG if number else "")
            await answer(chat, "틀린 것")
        await asked(chat, strings.PASSWORD_WRONG)
        await answer(chat, PASSWORD)
        await chat.until(lambda: any(phrases.too_many_secrets(60)[:20] in line for line in chat.lines))
        assert chat.app.screen is chat.screen
        assert chat.app._countdown_timer is not None
        assert chat.app._password == Password(PASSWORD), "sent again by itself"


async def test_the_server_says_how_long_to_wait(scripted: ScriptedServer, tmp_path: Path) -> None:
    async with chatting(scripted.port, tmp_path, given=GivenPassword(Password(PASSWORD))):
        peer = await beside(scripted.accept)
        await beside(lambda: peer.receive_kind("hello"))
        peer.send(t="closing", code="too_many_tries", text="나중에", retry_ms=1500)
        sent_away_at_s = monotonic()
        again = await beside(scripted.accept)
        assert monotonic() - sent_away_at_s > 1.4
        hello = await beside(lambda: again.receive_kind("hello"))
        assert hello.text("password") == PASSWORD


@pytest.mark.parametrize("retry_ms", [-(10**18), 10**60, 2**53])
async def test_no_server_sends_us_away_for_ever(scripted: ScriptedServer, tmp_path: Path, retry_ms: int) -> None:
    async with chatting(scripted.port, tmp_path, given=GivenPassword(Password(PASSWORD))) as chat:
        peer = await beside(scripted.accept)
        await beside(lambda: peer.receive_kind("hello"))
        peer.send(t="closing", code="too_many_tries", text="나중에", retry_ms=retry_ms)
        await chat.until(lambda: "나중에" in chat.lines)
        await chat.press("f5")
        again = await beside(scripted.accept)
        await beside(lambda: again.receive_kind("hello"))


async def test_an_empty_answer_is_none(room: InProcess, tmp_path: Path) -> None:
    async with chatting(room.port, tmp_path) as chat:
        await asked(chat)
        chat.burst("enter", "enter")
        await chat.pilot.pause(0.1)
        assert isinstance(chat.app.screen, SecretScreen)
        await answer(chat, PASSWORD)
        await chat.until_heard(CAME)


async def test_loose_jamo_and_a_late_syllable_are_one_password(tmp_path: Path) -> None:
    with in_process(config=Config(password_file=secret_file(tmp_path, "한글날"))) as room:
        async with chatting(room.port, tmp_path) as chat:
            await asked(chat)
            chat.burst("ᄒ", "ᅡ", "ᆫ", "글", "enter", "날")
            await chat.until_heard(CAME)


async def test_a_syllable_that_comes_after_enter_belongs_before_it(tmp_path: Path) -> None:
    with in_process(config=Config(password_file=secret_file(tmp_path, "한글날"))) as room:
        async with chatting(room.port, tmp_path) as chat:
            field = await asked(chat)
            field.value, screen = "한글", field.screen
            assert isinstance(screen, SecretScreen)
            screen.take_soon()
            field.insert("날", 2)
            await chat.until_heard(CAME)


async def test_escape_leaves_it_for_later_and_f5_asks_again(room: InProcess, tmp_path: Path) -> None:
    async with chatting(room.port, tmp_path) as chat:
        await asked(chat)
        await chat.press("참", "escape")
        await chat.until_heard(strings.PASSWORD_LATER)
        assert strings.STATE_PASSWORD_NEEDED in seen(chat)
        assert chat.app.screen is chat.screen
        await chat.press("f5")
        field = await asked(chat)
        assert field.value == ""
        await answer(chat, PASSWORD)
        await chat.until_heard(CAME)


async def test_a_command_asks_for_it_too(room: InProcess, tmp_path: Path) -> None:
    async with chatting(room.port, tmp_path) as chat:
        await asked(chat)
        await chat.press("escape")
        await chat.enter("/연결")
        await asked(chat)


async def test_one_can_leave_from_here(room: InProcess, tmp_path: Path) -> None:
    async with chatting(room.port, tmp_path) as chat:
        await asked(chat)
        await chat.press("f1", "ctrl+q")
        await chat.until(lambda: chat.app.return_value is not None)


# --- coming back ------------------------------------------------------------------------------------------------------


async def test_it_is_said_again_by_itself_after_a_break(room: InProcess, tmp_path: Path) -> None:
    async with chatting(room.port, tmp_path) as chat:
        await asked(chat)
        await answer(chat, PASSWORD)
        await chat.until_heard(CAME)
        for channel in room.channels:
            channel.abort()
        await chat.until_heard(strings.CONNECTED_AGAIN)
        assert chat.app.screen is chat.screen


async def test_whoever_is_typing_is_not_interrupted(scripted: ScriptedServer, tmp_path: Path) -> None:
    """Else half a message would become a password, and the next key would send it."""
    async with chatting(scripted.port, tmp_path, given=GivenPassword(Password(PASSWORD))) as chat:
        peer = await welcomed(chat, scripted)
        await chat.press("안", "녕")
        await refuse_next(scripted, peer)
        await chat.until_heard(strings.PASSWORD_WANTED_AGAIN)
        assert chat.app.screen is chat.screen
        assert chat.composer.text == "안녕"
        await chat.press("f5")
        await asked(chat, strings.PASSWORD_WRONG)


async def test_whoever_types_before_there_is_a_room_is_not_interrupted(
    scripted: ScriptedServer, tmp_path: Path
) -> None:
    async with chatting(scripted.port, tmp_path) as chat:
        peer = await beside(scripted.accept)
        await chat.press("안", "녕")
        await beside(lambda: peer.receive_kind("hello"))
        peer.send(t="closing", code="auth_failed", text="비밀번호")
        await chat.until_heard(strings.PASSWORD_WANTED)
        assert chat.app.screen is chat.screen


async def refuse_next(server: ScriptedServer, peer: Peer) -> None:
    """Break the connection, and take no password on the next."""
    await beside(peer.close)
    again = await beside(server.accept)
    await beside(lambda: again.receive_kind("hello"))
    again.send(t="closing", code="auth_failed", text="비밀번호")


# --- nobody else ------------------------------------------------------------------------------------------------------


async def test_it_can_not_be_copied(room: InProcess, tmp_path: Path) -> None:
    async with chatting(room.port, tmp_path) as chat:
        field = await asked(chat)
        await chat.press("s", "e", "s", "a", "m", "e", "shift+home", "ctrl+c")
        await chat.press("ctrl+x", "ctrl+y")
        assert chat.app.clipboard == ""
        assert field.value == ""
        assert "sesame" not in seen(chat)


async def test_the_caret_stands_behind_the_dots(room: InProcess, tmp_path: Path) -> None:
    """Textual counts the columns of what the dots stand for."""
    async with chatting(room.port, tmp_path) as chat:
        field = await asked(chat)
        await chat.press("참", "깨", "a")
        await chat.pilot.pause()
        assert chat.app.cursor_position.x == field.content_region.x + 3
        assert field._value.cell_len == 3


async def test_a_paste_is_a_password_too(room: InProcess, tmp_path: Path) -> None:
    from textual import events

    async with chatting(room.port, tmp_path) as chat:
        await asked(chat)
        chat.app.post_message(events.Paste(f"{PASSWORD}\n"))
        await chat.pilot.pause()
        await chat.press("enter")
        await chat.until_heard(CAME)


async def test_what_was_given_is_not_asked_for_and_its_notice_is_told(room: InProcess, tmp_path: Path) -> None:
    given = GivenPassword(Password(PASSWORD), "[b]파일을 다른 사용자가 읽을 수 있습니다.")
    async with chatting(room.port, tmp_path, given=given) as chat:
        await chat.until_heard(CAME)
        await chat.until_heard(given.notice)


async def test_what_was_given_and_is_wrong_is_asked_for(room: InProcess, tmp_path: Path) -> None:
    async with chatting(room.port, tmp_path, given=GivenPassword(Password("틀린 것"))) as chat:
        await asked(chat, strings.PASSWORD_WRONG)


async def test_no_password_is_kept_anywhere(room: InProcess, tmp_path: Path) -> None:
    home = tmp_path / "home"
    async with chatting(room.port, home) as chat:
        await asked(chat)
        await answer(chat, PASSWORD)
        await chat.until_heard(CAME)
    kept = [path.read_bytes() for path in home.rglob("*") if path.is_file()]
    assert kept
    assert not any("참깨".encode() in content for content in kept)


async def test_a_prompt_is_shown_as_text(room: InProcess, tmp_path: Path) -> None:
    async with chatting(room.port, tmp_path) as chat:
        await asked(chat)
        prompt = SecretPrompt("[b]제목[/b]", "[@click=app.quit]물음[/]", "[i]키", "[b]까닭")
        chat.app.ask_secret(prompt, lambda _: None)
        await chat.until(lambda: "[@click=app.quit]물음[/]" in seen(chat))
        for text in (prompt.title, prompt.keys, prompt.reason):
            assert text in seen(chat)


@pytest.mark.parametrize("size", [(80, 24), (40, 12), (24, 8)])
async def test_the_screen_fits_every_terminal(room: InProcess, tmp_path: Path, size: tuple[int, int]) -> None:
    async with chatting(room.port, tmp_path, size=size) as chat:
        field = await asked(chat)
        screen = chat.app.screen
        await chat.until(lambda: field.region.height == 3 and screen.region.contains_region(field.region))
        assert screen.query_one("#secret").border_title == strings.PASSWORD_TITLE


async def test_everything_said_there_is_korean(room: InProcess, tmp_path: Path) -> None:
    async with chatting(room.port, tmp_path) as chat:
        await asked(chat)
        assert_korean(chat)
        await answer(chat, "틀린 것")
        await asked(chat, strings.PASSWORD_WRONG)
        assert_korean(chat)
        await chat.press("escape")
        await chat.until_heard(strings.PASSWORD_LATER)
        assert_korean(chat)
