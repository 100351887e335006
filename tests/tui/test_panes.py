"""Room, members and whispers beside the composer: which of them has the keys and the mouse, and what that does there."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.cells import cell_len
from textual import events
from textual.geometry import Offset
from textual.widget import Widget

from tests.support.chat import Chat, beside, chatting
from tests.support.in_process import InProcess, in_process
from tests.support.json_client import Frame, JsonClient
from tests.support.scripted_server import ScriptedServer
from tui_client import strings
from tui_client.themes import THEMES

CAME = "영희님이 입장하셨습니다."
FAR_APART = 100
"""Of two colours' red, green and blue, out of 765."""

SMALL, LARGE = (80, 24), (160, 45)


@pytest.fixture
def server() -> Iterator[InProcess]:
    with in_process() as running:
        yield running


async def come_in(server: InProcess, chat: Chat, nick: str) -> JsonClient:
    friend = await beside(lambda: server.json(nick))
    await chat.until(lambda: nick in chat.screen.members.nicks)
    return friend


# --- keys that come in one read ---------------------------------------------------------------------------------------


TABBED = (44, 20)


async def test_members_have_the_keys_right_behind_the_one_that_shows_them(server: InProcess, tmp_path: Path) -> None:
    async with chatting(server.port, tmp_path, size=TABBED) as chat:
        await chat.until_heard(CAME)
        await come_in(server, chat, "철수")
        chat.burst("shift+tab", "down", "enter")
        await chat.until(lambda: chat.composer.text == "@철수 ")


@pytest.mark.parametrize(
    ("size", "keys"), [(TABBED, ["f2", "f2"]), (SMALL, ["shift+tab", "shift+tab"]), (SMALL, ["tab", "f2"])]
)
async def test_what_is_typed_right_behind_a_chosen_member_is_whispered_to_them(
    server: InProcess, tmp_path: Path, size: tuple[int, int], keys: list[str]
) -> None:
    async with chatting(server.port, tmp_path, size=size) as chat:
        await chat.until_heard(CAME)
        friend = await come_in(server, chat, "민수")
        secret = await come_in(server, chat, "철수")
        chat.burst(*keys, "down", "down", "enter", *"목록비밀", "enter")
        await chat.until(lambda: secret.private == ["[귓속말] 영희> 목록비밀"])
        assert friend.public == []


async def test_nothing_is_sent_before_the_member_is_chosen_to_whom_it_is_typed(
    server: InProcess, tmp_path: Path
) -> None:
    async with chatting(server.port, tmp_path) as chat:
        await chat.until_heard(CAME)
        friend = await come_in(server, chat, "철수")
        chat.screen.members.focus()
        await chat.until(lambda: chat.screen.members.has_focus)
        chat.burst("down", "enter", "a", "enter", "b")
        await chat.until(lambda: friend.private == ["[귓속말] 영희> a"])
        await chat.until(lambda: chat.composer.text == "b")
        assert friend.public == []


async def test_what_is_pasted_right_behind_a_chosen_member_is_for_them(server: InProcess, tmp_path: Path) -> None:
    async with chatting(server.port, tmp_path) as chat:
        await chat.until_heard(CAME)
        await come_in(server, chat, "철수")
        chat.burst("tab", "tab", "down", "enter")
        chat.app.post_message(events.Paste("붙인 비밀"))
        await chat.until(lambda: chat.composer.text == "@철수 붙인 비밀")


async def test_key_that_leaves_a_pane_comes_before_the_next_one(server: InProcess, tmp_path: Path) -> None:
    async with chatting(server.port, tmp_path) as chat:
        await chat.until_heard(CAME)
        await come_in(server, chat, "철수")
        chat.screen.members.focus()
        await chat.until(lambda: chat.screen.members.has_focus)
        chat.burst("down", "escape", "enter", "a")
        await chat.until(lambda: chat.composer.text == "a")


async def test_message_is_sent_before_the_pane_is_left_and_what_came_behind_it_is_kept(
    server: InProcess, tmp_path: Path
) -> None:
    friend = server.json("철수")
    async with chatting(server.port, tmp_path) as chat:
        await chat.until_heard(CAME)
        chat.burst("글", "enter", "다", "음", "tab")
        await chat.until(lambda: not chat.composer.has_focus)
        await beside(lambda: friend.hear("영희> 글"))
        await chat.until(lambda: chat.composer.text == "다음")


async def test_tab_takes_what_is_offered_and_goes_on_to_the_next_pane_only_then(
    server: InProcess, tmp_path: Path
) -> None:
    async with chatting(server.port, tmp_path) as chat:
        await chat.until_heard(CAME)
        await come_in(server, chat, "철수")
        chat.burst("@", "ㅊ", "tab")
        await chat.until(lambda: chat.composer.text == "@철수 ")
        assert chat.composer.has_focus
        chat.burst("tab")
        await chat.until(lambda: not chat.composer.has_focus)


# --- what is typed while a log has the focus --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keys", "left"),
    [
        (["backspace"], "안"),
        (["left", "delete"], "안"),
        (["left", "left", "right", "backspace"], "녕"),
        (["ctrl+t"], "dkssud"),
        (["ctrl+ㅅ"], "dkssud"),
        (["ctrl+l"], ""),
        (["ctrl+l", "ctrl+z"], "안녕"),
        (["ctrl+j"], "안녕\n"),
        (["ctrl+v"], "안녕판"),
    ],
)
@pytest.mark.parametrize("pane", ["room", "whispers"])
async def test_keys_that_edit_do_so_while_a_log_has_the_focus(
    server: InProcess, tmp_path: Path, pane: str, keys: list[str], left: str
) -> None:
    async with chatting(server.port, tmp_path) as chat:
        await chat.until_heard(CAME)
        await chat.press(*"안녕")
        chat.app._clipboard = "판"
        chat.app.query_one(f"#{pane}").focus()
        await chat.until(lambda: not chat.composer.has_focus)
        chat.burst(*keys)
        await chat.until(lambda: chat.composer.text == left and chat.composer.has_focus)


async def test_enter_in_the_room_sends_what_stands_in_the_composer(server: InProcess, tmp_path: Path) -> None:
    friend = server.json("철수")
    async with chatting(server.port, tmp_path) as chat:
        await chat.until_heard(CAME)
        await chat.press(*"안녕")
        await chat.pilot.click(chat.room, offset=(20, 3))
        await chat.until(lambda: chat.room.has_focus)
        await chat.press("enter")
        await beside(lambda: friend.hear("영희> 안녕"))


async def test_keys_with_a_meaning_of_their_own_keep_it_in_a_pane(server: InProcess, tmp_path: Path) -> None:
    friend = server.json("철수")
    async with chatting(server.port, tmp_path) as chat:
        await chat.until_heard(CAME)
        friend.say("\n".join(map(str, range(20))))
        friend.say("끝")
        await chat.until_heard("철수> 끝")
        await chat.press(*"쓰던 글")
        chat.room.focus()
        await chat.until(lambda: chat.room.has_focus)
        chat.room._select(Offset(4, 2), Offset(5, 2))
        chat.burst("up", "home", "pagedown", "end", "ctrl+c")
        await chat.until(lambda: bool(chat.app.clipboard))
        assert chat.screen.focused is chat.room
        await chat.press("escape")
        await chat.until(lambda: chat.composer.has_focus)
        assert chat.composer.text == "쓰던 글"


async def test_escape_in_a_pane_leaves_whisper_mode_on(server: InProcess, tmp_path: Path) -> None:
    async with chatting(server.port, tmp_path) as chat:
        await chat.until_heard(CAME)
        await come_in(server, chat, "철수")
        await chat.enter("/귓속말 철수")
        await chat.until(lambda: chat.composer.partner is not None)
        chat.room.focus()
        await chat.until(lambda: chat.room.has_focus)
        await chat.press("escape")
        await chat.until(lambda: chat.composer.has_focus)
        assert chat.composer.partner is not None


# --- what is seen of it -----------------------------------------------------------------------------------------------


def keys_shown(chat: Chat) -> dict[str, str]:
    return {key: does for key, does, _ in chat.screen.key_bar.keys}


async def test_key_bar_says_what_the_keys_do_in_the_pane_that_has_the_focus(server: InProcess, tmp_path: Path) -> None:
    async with chatting(server.port, tmp_path, size=LARGE) as chat:
        await chat.until_heard(CAME)
        assert keys_shown(chat)["Enter"] == "보내기"
        chat.screen.members.focus()
        await chat.until(lambda: keys_shown(chat)["Enter"] == "귓속말하기")
        assert any("Enter 귓속말하기" in row for row in chat.rows[-1:])
        chat.screen.whispers.focus()
        await chat.until(lambda: "Home" in keys_shown(chat))
        assert keys_shown(chat)["Enter"] == "보내기"
        await chat.press("escape")
        await chat.until(lambda: "Home" not in keys_shown(chat))


@pytest.mark.parametrize(("key", "goes_to"), [("Tab", "whispers"), ("Esc", "composer")])
async def test_clicked_keys_do_what_the_key_does_in_that_pane(
    server: InProcess, tmp_path: Path, key: str, goes_to: str
) -> None:
    async with chatting(server.port, tmp_path) as chat:
        await chat.until_heard(CAME)
        chat.screen.members.focus()
        await chat.until(lambda: "Enter 귓속말하기" in chat.rows[-1])
        await chat.pilot.click(offset=(cells(chat.rows[-1]).find(f"{key} ") + 1, len(chat.rows) - 1))
        await chat.until(lambda: chat.screen.focused is chat.screen.query_one(f"#{goes_to}"))


@pytest.mark.parametrize("theme", [theme.name for theme in THEMES])
async def test_focused_whisper_pane_is_told_from_one_that_is_not(server: InProcess, tmp_path: Path, theme: str) -> None:
    async with chatting(server.port, tmp_path) as chat:
        await chat.until_heard(CAME)
        chat.app.wear_theme(theme)
        colours = []
        for pane in (chat.screen.whispers, chat.composer):
            pane.focus()
            await chat.until(lambda pane=pane: pane.has_focus)  # type: ignore[misc]
            await chat.pilot.pause()
            _, colour = chat.screen.whispers.styles.border_top
            colours.append(chat.screen.whispers.background_colors[1] + colour)
        assert sum(abs(one - other) for one, other in zip(colours[0].rgb, colours[1].rgb, strict=True)) > FAR_APART


# --- how far down one is ----------------------------------------------------------------------------------------------


def frame_of(chat: Chat) -> str:
    """The lower edge of the room."""
    return chat.rows[chat.room.region.bottom - 1][: chat.room.region.width]


async def test_frame_says_how_to_come_down_also_when_nothing_waits_there(server: InProcess, tmp_path: Path) -> None:
    friend = server.json("철수")
    for number in range(40):
        friend.say(str(number))
    async with chatting(server.port, tmp_path) as chat:
        await chat.until_heard(CAME)
        assert strings.BELOW not in frame_of(chat)
        await chat.press("pageup")
        await chat.until(lambda: strings.BELOW in frame_of(chat))
        quiet = chat.room.styles.border_subtitle_color
        friend.say("새 소식")
        await chat.until(lambda: strings.unread_below(1) in frame_of(chat))
        assert chat.room.styles.border_subtitle_color != quiet
        await chat.press("end")
        await chat.until(lambda: strings.BELOW not in frame_of(chat))


@pytest.mark.parametrize("way", ["end", "답"])
async def test_where_one_stopped_reading_is_found_after_coming_down(
    server: InProcess, tmp_path: Path, way: str
) -> None:
    friend = server.json("철수")
    for number in range(40):
        friend.say(str(number))
    async with chatting(server.port, tmp_path) as chat:
        await chat.until_heard(CAME)
        await chat.press("pageup")
        friend.say("새 소식")
        await chat.until(lambda: strings.unread_below(1) in frame_of(chat))
        await chat.press(*([way] if way == "end" else [way, "enter"]))
        await chat.until(lambda: any(strings.UNREAD_DIVIDER in row for row in chat.rows))
        rows = list(chat.rows)
        above = next(number for number, row in enumerate(rows) if strings.UNREAD_DIVIDER in row)
        assert "새 소식" in rows[above + 1]


def fill(server: InProcess, messages: int) -> None:
    friend = server.json("철수")
    for number in range(messages):
        friend.say(str(number))
    friend.hear(f"철수> {messages - 1}")


async def test_home_goes_to_the_first_message_ever_and_says_so_on_the_way(server: InProcess, tmp_path: Path) -> None:
    fill(server, 900)
    async with chatting(server.port, tmp_path) as chat:
        await chat.until_heard(CAME)
        assert len(chat.lines) < 900
        chat.burst("home")
        await chat.until(lambda: strings.GOING_HOME in frame_of(chat))
        await chat.until(lambda: strings.BELOW in frame_of(chat))
        assert chat.lines[:2] == ["철수님이 입장하셨습니다.", "철수> 0"]
        await chat.until(lambda: any("철수> 0 " in row for row in chat.rows))


@pytest.mark.parametrize("key", ["가", "backspace", "f6", "ctrl+ㄹ"])
async def test_any_key_stops_the_way_to_the_first_message(server: InProcess, tmp_path: Path, key: str) -> None:
    fill(server, 3000)
    async with chatting(server.port, tmp_path) as chat:
        await chat.until_heard(CAME)
        chat.burst("home")
        await chat.until(lambda: chat.room.is_going_home)
        await chat.press(key)
        assert not chat.room.is_going_home
        await chat.pilot.pause(0.2)
        assert len(chat.lines) < 2900


async def test_home_without_a_connection_promises_nothing(server: InProcess, tmp_path: Path) -> None:
    fill(server, 300)
    async with chatting(server.port, tmp_path) as chat:
        await chat.until_heard(CAME)
        await beside(server.stop)
        await chat.until(lambda: not chat.app._link.is_online)
        chat.room.action_scroll_home()
        going = [chat.room.is_going_home]
        await chat.pilot.pause()
        assert [*going, chat.room.is_going_home] == [True, False], "nobody will answer"
        await chat.until(lambda: strings.BELOW in frame_of(chat))


# --- the mouse --------------------------------------------------------------------------------------------------------


def place_of(chat: Chat, pane: Widget, text: str) -> Offset:
    """Where `text` begins in a pane of the screen."""
    region = pane.region
    for y in range(region.y, region.bottom):
        if (x := cells(chat.rows[y]).find(cells(text), region.x)) >= 0:
            return Offset(x, y)
    raise AssertionError(f"{text!r} is not in {pane}")


def cells(text: str) -> str:
    """With one character for each column."""
    return "".join(char.ljust(cell_len(char)) for char in text)


def drag_in_one_read(chat: Chat, start: Offset, end: Offset) -> None:
    """As a slow line brings it: all three are there when the first is handled."""
    for kind, at in ((events.MouseDown, start), (events.MouseMove, end), (events.MouseUp, end)):
        chat.app.post_message(kind(None, at.x, at.y, 0, 0, 1, False, False, False, at.x, at.y))


async def test_drag_that_comes_in_one_read_stays_in_its_pane_and_leaves_the_mouse_free(
    server: InProcess, tmp_path: Path
) -> None:
    async with chatting(server.port, tmp_path, size=LARGE) as chat:
        await chat.until_heard(CAME)
        friend = await come_in(server, chat, "철수")
        room, whispers = chat.room, chat.screen.whispers
        friend.whisper("영희", "비밀이에요")
        friend.say("모두 보세요")
        await chat.until(lambda: any("모두 보세요" in row for row in chat.rows))
        await chat.until(lambda: any("비밀이에요" in row for row in chat.rows))
        drag_in_one_read(chat, place_of(chat, room, "모두"), place_of(chat, whispers, "비밀"))
        await chat.until(lambda: chat.screen.get_selected_text() == "모두 보세요")
        drag_in_one_read(chat, place_of(chat, whispers, "비밀"), place_of(chat, whispers, "에요"))
        await chat.until(lambda: chat.screen.get_selected_text() == "비밀이에")
        assert chat.app.mouse_captured is None


async def test_click_in_another_pane_right_behind_a_drag_is_that_panes(server: InProcess, tmp_path: Path) -> None:
    async with chatting(server.port, tmp_path, size=LARGE) as chat:
        await chat.until_heard(CAME)
        friend = await come_in(server, chat, "철수")
        friend.say("모두 보세요")
        await chat.until(lambda: any("모두 보세요" in row for row in chat.rows))
        words, members = place_of(chat, chat.room, "모두"), chat.screen.members
        drag_in_one_read(chat, words, words + Offset(6, 0))
        at = place_of(chat, members, "철수")
        drag_in_one_read(chat, at, at)
        await chat.until(lambda: members.cursor == 1)


async def test_what_is_copied_is_said_whichever_key_copied_it(server: InProcess, tmp_path: Path) -> None:
    async with chatting(server.port, tmp_path, size=LARGE) as chat:
        await chat.until_heard(CAME)
        friend = await come_in(server, chat, "철수")
        friend.say("모두 보세요")
        friend.say("나중 말")
        await chat.until(lambda: any("나중 말" in row for row in chat.rows))
        await chat.press("ctrl+y")
        await chat.until(lambda: chat.hint == strings.copied("나중 말"))
        drag_in_one_read(chat, place_of(chat, chat.room, "모두"), place_of(chat, chat.room, "보세요"))
        await chat.press("ctrl+c")
        await chat.until(lambda: chat.hint == strings.copied("모두 보"))
        await chat.press("escape", *"안녕", "shift+left", "ctrl+c")
        await chat.until(lambda: chat.hint == strings.copied("녕"))
        assert chat.app.clipboard == "녕"


async def test_way_to_the_first_message_ends_with_the_reason_when_the_server_can_not_read_it(tmp_path: Path) -> None:
    with ScriptedServer() as scripted:
        async with chatting(scripted.port, tmp_path) as chat:
            peer = await beside(scripted.accept)
            await beside(lambda: peer.greet(seq=500, replay_from=451))
            for seq in range(451, 501):
                peer.send(t="message", seq=seq, at=0, uid="b" * 16, nick="철수", text=str(seq))
            await chat.until(lambda: "철수> 500" in chat.lines)
            await chat.press("home")

            def asked() -> Frame:
                while (frame := peer.receive()).kind != "history" or frame.fields.get("whispers"):
                    """The whispers are asked for at once, and pings come when they will."""
                return frame

            peer.send(t="refused", code="storage_error", text="못 읽었습니다.", id=(await beside(asked)).fields["id"])
            await chat.until(lambda: chat.hint == "못 읽었습니다.")
            assert not chat.room.is_going_home
