"""The app as a whole: what it does with what the link brings and its user types, beside real and odd servers."""

import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import pytest
from rich.cells import cell_len
from textual import events

from server.protocol import phrases
from tests.support.chat import UID, Chat, beside, chatting, welcomed
from tests.support.in_process import InProcess, in_process
from tests.support.scripted_server import Peer, ScriptedServer
from tests.support.server_process import ServerProcess
from tui_client import strings
from tui_client.__main__ import _parser
from tui_client.connected_app import MAX_RESEND_MS, MIN_RESEND_MS
from tui_client.entry import State
from tui_client.local_server import LocalServer, Started
from tui_client.widgets.help_screen import HelpScreen
from tui_client.widgets.nickname_field import NicknameField
from tui_client.widgets.nickname_screen import NicknameScreen

CAME = "영희님이 입장하셨습니다."
F5 = "F5"
QUIET_S = 0.8
"""Longer than the longest pause before the first attempt to connect again."""


@pytest.fixture
def server() -> Iterator[InProcess]:
    with in_process() as running:
        yield running


@pytest.fixture
def scripted() -> Iterator[ScriptedServer]:
    with ScriptedServer() as listening:
        yield listening


def has_key(chat: Chat, key: str) -> bool:
    return key in [name for name, _, _ in chat.screen.key_bar.keys]


def echo(peer: Peer, seq: int, cid: str, text: str) -> None:
    peer.send(t="message", seq=seq, at=0, uid=UID, nick="영희", text=text, cid=cid)


def refuse_nick(peer: Peer) -> None:
    peer.send(t="refused", code="nick_in_use", text=phrases.nick_in_use("영희"))


# --- typing -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pane", ["room", "members", "whispers"])
async def test_letters_typed_into_another_pane_all_reach_the_composer(
    server: InProcess, tmp_path: Path, pane: str
) -> None:
    async with chatting(server.port, tmp_path) as chat:
        await chat.until_heard(CAME)
        chat.app.query_one(f"#{pane}").focus()
        await chat.until(lambda: not chat.composer.has_focus)
        chat.burst("a", "backspace", "ᄒ", "ᅡ", "ᆫ", "글", "space", "b", "c")
        chat.app.post_message(events.Key("space", " "))
        chat.burst("끝")
        await chat.until(lambda: chat.composer.text.endswith("끝"))
        assert chat.composer.text == "한글bc 끝"


@pytest.mark.parametrize("pane", ["room", "members", "whispers", "composer"])
async def test_paste_arrives_once_whatever_has_the_focus(server: InProcess, tmp_path: Path, pane: str) -> None:
    async with chatting(server.port, tmp_path) as chat:
        await chat.until_heard(CAME)
        chat.app.query_one(f"#{pane}").focus()
        chat.app.post_message(events.Paste("붙인 글"))
        chat.burst("!")
        await chat.until(lambda: "!" in chat.composer.text)
        assert chat.composer.text == "붙인 글!"


async def test_message_is_sent_though_leaving_comes_in_the_same_read(server: InProcess, tmp_path: Path) -> None:
    friend = server.json("철수")
    async with chatting(server.port, tmp_path) as chat:
        await chat.until_heard(CAME)
        chat.burst("글", "enter", "ctrl+q")
        await chat.until(lambda: chat.app.return_value is not None)
    assert chat.app.return_value == 0
    friend.until(lambda frame: frame.kind == "left")
    assert friend.public == ["영희> 글"]


async def test_ctrl_c_says_how_to_leave_in_korean_and_nothing_else(server: InProcess, tmp_path: Path) -> None:
    async with chatting(server.port, tmp_path) as chat:
        await chat.until_heard(CAME)
        await chat.press("가", "ctrl+c")
        await chat.until(lambda: strings.HOW_TO_QUIT in chat.hint)
        assert chat.composer.text == "가"
        assert not list(chat.app._notifications)


# --- nicknames --------------------------------------------------------------------------------------------------------


async def test_refused_nickname_at_the_start_is_asked_for_again_with_the_reason(
    server: InProcess, tmp_path: Path
) -> None:
    server.json("영희")
    async with chatting(server.port, tmp_path) as chat:
        await chat.until(lambda: isinstance(chat.app.screen, NicknameScreen))
        await chat.until(lambda: any("다른 분이 쓰고 있습니다" in row for row in chat.rows))
        chat.app.screen.query_one(NicknameField).value = "영이"
        await chat.press("enter")
        await chat.until_heard("영이님이 입장하셨습니다.")
        assert chat.app.screen is chat.screen
        assert chat.screen.title_bar.nick == "영이"


async def test_server_that_stops_while_a_nickname_is_thought_of_asks_no_second_time(
    scripted: ScriptedServer, tmp_path: Path
) -> None:
    async with chatting(scripted.port, tmp_path) as chat:
        peer = await beside(scripted.accept)
        await beside(peer.receive)
        refuse_nick(peer)
        await chat.until(lambda: isinstance(chat.app.screen, NicknameScreen))
        peer.send(t="closing", code="shutdown", text="서버를 끝냅니다.")
        await beside(peer.wait_until_closed)
        scripted.close()
        with ScriptedServer(scripted.port) as again:
            assert not await beside(lambda: again.has_waiting(QUIET_S)), "nobody comes with the refused nickname"
            assert len(chat.app.screen_stack) == 2
            chat.app.screen.query_one(NicknameField).value = "영이"
            await chat.press("enter")
            hello = await beside(lambda: again.accept().receive_kind("hello"))
            assert hello.text("nick") == "영이"
            assert len(chat.app.screen_stack) == 1


async def test_nickname_that_was_taken_meanwhile_is_told_in_the_room_and_another_gets_back_in(
    scripted: ScriptedServer, tmp_path: Path
) -> None:
    async with chatting(scripted.port, tmp_path) as chat:
        (await welcomed(chat, scripted)).close()
        chat.composer.insert("쓰던 글")
        peer = await beside(scripted.accept)
        await beside(peer.receive)
        refuse_nick(peer)
        await chat.until_heard(strings.nick_lost(phrases.nick_in_use("영희")))
        assert chat.app.screen is chat.screen
        assert chat.composer.text == "쓰던 글"
        await chat.enter("/닉 새이름")
        hello = await beside(lambda: peer.receive_kind("hello"))
        assert hello.text("nick") == "새이름"
        peer.welcome(nick="새이름", replay_from=2, members=[{"uid": UID, "nick": "새이름"}])
        await chat.until(lambda: chat.screen.title_bar.state_text == strings.STATE_ONLINE)
        assert chat.screen.title_bar.nick == "새이름"


# --- what was sent ----------------------------------------------------------------------------------------------------


async def test_own_message_is_dim_until_its_echo_and_there_once(scripted: ScriptedServer, tmp_path: Path) -> None:
    async with chatting(scripted.port, tmp_path) as chat:
        peer = await welcomed(chat, scripted)
        await chat.enter("안녕")
        said = await beside(lambda: peer.receive_kind("say"))
        await chat.until(lambda: [entry.state for entry in chat.room.entries[1:]] == [State.PENDING])
        dim = styles_of(chat, "안녕")
        for _ in range(2):
            echo(peer, 2, said.text("cid"), "안녕")
        peer.send(t="message", seq=3, at=0, uid="b" * 16, nick="철수", text="그래")
        await chat.until_heard("철수> 그래")
        assert chat.lines == [CAME, "영희> 안녕", "철수> 그래"]
        assert chat.room.entries[1].state is State.SETTLED
        assert styles_of(chat, "안녕") != dim


async def test_killed_server_costs_and_doubles_no_message(tmp_path: Path) -> None:
    database = ("--db", str(tmp_path / "log.db"))
    with ServerProcess(tmp_path / "first", *database) as first:
        port = first.port
        async with chatting(port, tmp_path / "client") as chat:
            await chat.until_heard(CAME)
            for number in range(20):
                await chat.enter(f"{number}번")
            await beside(lambda: first.stop(signal.SIGKILL))
            await chat.until(lambda: has_key(chat, F5))
            await chat.enter("끊긴 동안")
            with ServerProcess(tmp_path / "again", *database, "--port", str(port)):
                await chat.press("f5")
                await chat.until(lambda: chat.room.entries[-1].state is State.SETTLED and "끊긴 동안" in chat.lines[-1])
                own = [line for line in chat.lines if line.startswith("영희> ")]
                assert own == [*(f"영희> {number}번" for number in range(20)), "영희> 끊긴 동안"]


async def test_refusal_that_asks_for_patience_resends_once(scripted: ScriptedServer, tmp_path: Path) -> None:
    async with chatting(scripted.port, tmp_path) as chat:
        peer = await welcomed(chat, scripted)
        await chat.enter("안녕")
        cid = (await beside(lambda: peer.receive_kind("say"))).text("cid")
        refused_at = monotonic()
        for _ in range(3):
            peer.send(t="refused", code="too_fast", text="천천히", cid=cid, retry_ms=0)
        await chat.enter("다음")
        again = await beside(lambda: peer.receive_kind("say"))
        assert again.text("cid") == cid
        assert monotonic() - refused_at > 0.9 * MIN_RESEND_MS / 1000
        echo(peer, 2, cid, "안녕")
        assert (await beside(lambda: peer.receive_kind("say"))).text("text") == "다음"
        assert chat.room.entries[1].state is State.SETTLED


async def test_server_that_asks_for_endless_patience_is_given_a_minute(
    scripted: ScriptedServer, tmp_path: Path
) -> None:
    async with chatting(scripted.port, tmp_path) as chat:
        peer = await welcomed(chat, scripted)
        await chat.enter("안녕")
        cid = (await beside(lambda: peer.receive_kind("say"))).text("cid")
        peer.send(t="refused", code="too_fast", text="천천히", cid=cid, retry_ms=2**53)
        await chat.until(lambda: chat.app._resend_timer is not None)
        assert chat.app._resend_timer is not None
        assert chat.app._resend_timer._interval == MAX_RESEND_MS / 1000
        peer.close()
        again = await beside(scripted.accept)
        await beside(lambda: again.greet(replay_from=2))
        assert (await beside(lambda: again.receive_kind("say"))).text("cid") == cid


# --- the room's past --------------------------------------------------------------------------------------------------


async def test_notices_from_before_the_room_stand_below_its_past(server: InProcess, tmp_path: Path) -> None:
    friend = server.json("철수")
    friend.say_and_wait("전에 한 말")
    (tmp_path / "secret").write_text("damaged")

    def started(_stop: threading.Event) -> LocalServer:
        return Started(tmp_path / "log")

    async with chatting(server.port, tmp_path, before_connect=started) as chat:
        notice = strings.server_started(f"127.0.0.1:{server.port}")
        await chat.until_heard(notice)
        past, *told = chat.lines[-4:]
        assert past == "철수> 전에 한 말"
        assert told[0] == CAME
        assert told[1].startswith("이 컴퓨터의 비밀 값을 읽을 수 없어")
        assert told[2] == notice


@pytest.mark.parametrize("window", [5_000, 150])
async def test_page_up_leads_to_the_very_first_event_without_gap_or_double(
    server: InProcess, tmp_path: Path, window: int
) -> None:
    friend = server.json("철수")
    for number in range(250):
        friend.say(str(number))
    await beside(lambda: friend.hear("철수> 249"))
    async with chatting(server.port, tmp_path) as chat:
        chat.room._window = window
        await chat.until_heard(CAME)
        for number in range(250, 450):
            friend.say(str(number))
        await chat.until_heard("철수> 449")
        assert ("철수> 249" in chat.lines) == (window == 5_000), "the small window was trimmed"
        for _ in range(120):
            await chat.press("pageup")
            if chat.lines[0] == "철수님이 입장하셨습니다.":
                break
        expected = ["철수님이 입장하셨습니다.", *(f"철수> {number}" for number in range(450))]
        assert [line for line in chat.lines if line != CAME] == expected


async def test_unread_messages_are_counted_on_the_border_until_the_end_is_seen(
    server: InProcess, tmp_path: Path
) -> None:
    friend = server.json("철수")
    for number in range(40):
        friend.say(str(number))
    async with chatting(server.port, tmp_path) as chat:
        await chat.until_heard(CAME)
        await chat.press("pageup")
        friend.say("읽어 보세요")
        await chat.until(lambda: any(strings.unread_below(1) in row for row in chat.rows))
        await chat.press("end")
        await chat.until(lambda: not any("새 메시지" in row for row in chat.rows))
        assert any("읽어 보세요" in row for row in chat.rows)


# --- the connection ---------------------------------------------------------------------------------------------------


async def test_f5_connects_again_at_once_where_nothing_else_would(scripted: ScriptedServer, tmp_path: Path) -> None:
    async with chatting(scripted.port, tmp_path) as chat:
        peer = await welcomed(chat, scripted)
        peer.send(t="closing", code="replaced", text="다른 창에서 들어왔습니다.")
        await chat.until_heard(strings.stopped("다른 창에서 들어왔습니다."))
        await chat.press("f5")
        await beside(scripted.accept)


async def test_f5_is_on_the_key_bar_only_while_the_connection_is_lost(scripted: ScriptedServer, tmp_path: Path) -> None:
    async with chatting(scripted.port, tmp_path) as chat:
        peer = await welcomed(chat, scripted)
        assert F5 not in chat.rows[-1]
        peer.send(t="closing", code="replaced", text="다른 창에서 들어왔습니다.")
        await chat.until(lambda: F5 in chat.rows[-1])
        await chat.pilot.click("#keys", offset=(chat.rows[-1].index(F5), 0))
        again = await beside(scripted.accept)
        await beside(lambda: again.greet(replay_from=2))
        await chat.until(lambda: F5 not in chat.rows[-1])


async def test_click_on_a_key_does_what_the_key_does(server: InProcess, tmp_path: Path) -> None:
    async with chatting(server.port, tmp_path) as chat:
        await chat.until_heard(CAME)
        before = chat.rows[-1].split("F1")[0]
        await chat.pilot.click("#keys", offset=(cell_len(before), 0))
        await chat.until(lambda: isinstance(chat.app.screen, HelpScreen))


# --- help and leaving -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["f1", "escape", "enter"])
async def test_help_opens_once_and_closes(server: InProcess, tmp_path: Path, key: str) -> None:
    async with chatting(server.port, tmp_path) as chat:
        await chat.until_heard(CAME)
        await chat.press("f1")
        await chat.app.run_action("app.help")
        await chat.until(lambda: any(strings.HELP_TITLE in row for row in chat.rows))
        assert len(chat.app.screen_stack) == 2
        chat.burst(key, key) if key == "escape" else chat.burst(key)
        await chat.until(lambda: chat.app.screen is chat.screen)
        assert chat.composer.has_focus


async def test_help_can_be_left_for_good(server: InProcess, tmp_path: Path) -> None:
    friend = server.json("철수")
    async with chatting(server.port, tmp_path) as chat:
        await chat.until_heard(CAME)
        await chat.press("f1", "ctrl+q")
        await chat.until(lambda: chat.app.return_value is not None)
    assert chat.app.return_value == 0
    friend.until(lambda frame: frame.kind == "left")


# --- the command line -------------------------------------------------------------------------------------------------


def test_host_is_cleaned_before_it_is_shown() -> None:
    options = _parser().read(["--host", "\x1b]0;제목\x07서버\x1b[31m\u202e\n.example"])
    assert options.host.isprintable()
    assert "서버" in options.host


def styles_of(chat: Chat, text: str) -> list[str]:
    """The styles in which the row with `text` is drawn."""
    strips = chat.app.screen._compositor.render_strips()
    return next([str(segment.style) for segment in strip] for strip in strips if text in strip.text)
