"""The app with own messages that are not sent: kept over restarts, sent again, revised, thrown away."""

import signal
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.support.chat import UID, Chat, beside, chatting, spoken, welcomed
from tests.support.in_process import InProcess, in_process
from tests.support.json_client import Frame
from tests.support.scripted_server import Peer, ScriptedServer, unused_port
from tests.support.server_process import ServerProcess
from tui_client import strings
from tui_client.choices import Choice
from tui_client.entry import State
from tui_client.unsent_app import _escaped
from tui_client.widgets.palette import Palette

CAME = "영희님이 입장하셨습니다."
PEER = "b" * 16
WITH_PEER = [{"uid": UID, "nick": "영희"}, {"uid": PEER, "nick": "철수"}]


@pytest.fixture
def server() -> Iterator[InProcess]:
    with in_process() as running:
        yield running


@pytest.fixture
def scripted() -> Iterator[ScriptedServer]:
    with ScriptedServer() as listening:
        yield listening


def echo(peer: Peer, seq: int, said_cid: str, text: str) -> None:
    peer.send(t="message", seq=seq, at=0, uid=UID, nick="영희", text=text, cid=said_cid)


async def said_by(peer: Peer) -> Frame:
    """What the client says next; its pings don't matter."""

    def receive() -> Frame:
        while (frame := peer.receive()).kind == "ping":
            """It measures how far away we are."""
        return frame

    frame = await beside(receive)
    assert frame.kind in ("say", "whisper"), frame
    return frame


def states(chat: Chat) -> list[State]:
    return [entry.state for entry in chat.room.entries if entry.is_spoken]


async def refused(chat: Chat, peer: Peer, text: str, code: str = "too_long") -> str:
    """Say something that the server does not take; its cid."""
    await chat.enter(text)
    cid = (await said_by(peer)).text("cid")
    peer.send(t="refused", code=code, text="안 됩니다.", cid=cid)
    await chat.until(lambda: chat.room.entries[-2].state is State.FAILED and chat.room.entries[-2].text == text)
    return cid


async def offered(chat: Chat) -> Sequence[Choice]:
    """What can be chosen from now."""
    await chat.until(lambda: isinstance(chat.app.screen, Palette))
    assert isinstance(chat.app.screen, Palette)
    return chat.app.screen._choices


async def take(chat: Chat, part: str) -> None:
    """Choose the row that has `part` in it."""
    choices = await offered(chat)
    palette = chat.app.screen
    assert isinstance(palette, Palette)
    [choice] = [choice for choice in choices if part in choice.title]
    palette.dismiss(choice)
    await chat.until(lambda: chat.app.screen is not palette)


async def choose(chat: Chat, action: str, text: str = "") -> None:
    """Press F8 and do something with the message `text`; with the only one, if none is given."""
    await chat.press("f8")
    if text:
        await take(chat, text)
    await take(chat, action)
    await chat.until(lambda: chat.app.screen is chat.screen)


# --- over a restart ---------------------------------------------------------------------------------------------------


async def test_what_could_not_be_sent_is_pending_at_the_next_start_and_sent_once(tmp_path: Path) -> None:
    port = unused_port()
    async with chatting(port, tmp_path) as chat:
        await chat.until(lambda: any("연결할 수 없습니다" in line for line in chat.lines))
        await chat.enter("하나")
        await chat.enter("둘")
        left_unsent = chat.app.left_unsent
    assert left_unsent == strings.left_unsent(2, 0, "영희")
    with ServerProcess(tmp_path / "server", "--port", str(port)):
        async with chatting(port, tmp_path) as chat:
            assert spoken(chat.room.entries)[-2:] == ["영희> 하나", "영희> 둘"]
            await chat.until_heard(CAME)
            await chat.until(lambda: states(chat) == [State.SETTLED] * 2)
            await chat.until_heard(strings.left_over(2, 0))
            assert [line for line in chat.lines if line.startswith("영희> ")] == ["영희> 하나", "영희> 둘"]
            await chat.press("ctrl+q")
            await chat.until(lambda: chat.app.return_value is not None)
            assert chat.app.left_unsent == ""
        async with chatting(port, tmp_path) as chat:
            await chat.until_heard("영희> 둘")
            assert states(chat) == [State.SETTLED] * 2


async def test_what_was_left_under_another_nickname_is_told_and_waits(tmp_path: Path, server: InProcess) -> None:
    async with chatting(unused_port(), tmp_path, "철수") as chat:
        await chat.until(lambda: any("연결할 수 없습니다" in line for line in chat.lines))
        chat.app._outbox._server = f"127.0.0.1:{server.port}"
        await chat.enter("철수의 말")
    async with chatting(server.port, tmp_path, "영희") as chat:
        await chat.until_heard(strings.left_elsewhere({"철수": 1}, {}))
        assert "철수> 철수의 말" not in chat.lines
    async with chatting(server.port, tmp_path, "철수") as chat:
        await chat.until_heard("철수> 철수의 말")
        await chat.until(lambda: states(chat) == [State.SETTLED])


async def test_message_written_before_another_nickname_had_to_be_found_goes_along(
    scripted: ScriptedServer, tmp_path: Path
) -> None:
    async with chatting(scripted.port, tmp_path) as chat:
        await chat.enter("일찍")
        peer = await beside(scripted.accept)
        await beside(peer.receive)
        peer.send(t="refused", code="nick_in_use", text="쓰고 있습니다.")
        await chat.until(lambda: chat.app.screen is not chat.screen)
        await chat.press("backspace", "backspace", "영", "이", "enter")
        await beside(lambda: peer.greet(nick="영이", members=[{"uid": UID, "nick": "영이"}]))
        assert (await said_by(peer)).text("text") == "일찍"
        assert "영이> 일찍" in chat.lines


async def test_damaged_outbox_is_named_and_the_chat_goes_on(tmp_path: Path, server: InProcess) -> None:
    (tmp_path / "outbox").mkdir(parents=True)
    (tmp_path / "outbox" / "x.jsonl").write_bytes(b"\xff\x00 nonsense\n")
    async with chatting(server.port, tmp_path) as chat:
        await chat.until_heard(CAME)
        (aside,) = (tmp_path / "outbox").glob("*.damaged")
        await chat.until_heard(strings.outbox_damaged(1, str(aside)))
        assert chat.lines.index(CAME) < chat.lines.index(strings.outbox_damaged(1, str(aside))), "not above the past"
        await chat.enter("그래도")
        await chat.until(lambda: states(chat) == [State.SETTLED])


async def test_message_that_can_not_be_kept_is_told_and_sent(tmp_path: Path, server: InProcess) -> None:
    (tmp_path / "outbox").write_text("in the way")
    async with chatting(server.port, tmp_path) as chat:
        await chat.until_heard(CAME)
        await chat.enter("그래도")
        await chat.until(lambda: states(chat) == [State.SETTLED])
        assert any("적어 둘 수 없습니다" in line for line in chat.lines)


async def test_what_could_not_be_kept_is_given_back_on_the_terminal(tmp_path: Path) -> None:
    (tmp_path / "outbox").write_text("in the way")
    async with chatting(unused_port(), tmp_path) as chat:
        await chat.until(lambda: any("연결할 수 없습니다" in line for line in chat.lines))
        await chat.enter("하나")
        await chat.enter("@철수 둘")
        assert chat.app.left_unsent.splitlines() == [
            strings.left_unkept(2),
            "영희> 하나",
            "[귓속말 전송] 철수에게: 둘",
        ]


async def test_what_could_be_kept_only_in_the_end_is_kept(tmp_path: Path) -> None:
    port = unused_port()
    (tmp_path / "outbox").write_text("in the way")
    async with chatting(port, tmp_path) as chat:
        await chat.enter("하나")
        (tmp_path / "outbox").unlink()
    assert chat.app.left_unsent == strings.left_unsent(1, 0, "영희")
    async with chatting(port, tmp_path) as chat:
        await chat.until(lambda: "영희> 하나" in chat.lines)


async def test_what_is_left_after_a_rename_is_found_under_the_new_nickname(
    scripted: ScriptedServer, tmp_path: Path
) -> None:
    async with chatting(scripted.port, tmp_path) as chat:
        peer = await welcomed(chat, scripted)
        peer.send(t="renamed", seq=2, at=0, uid=UID, nick="영이", was="영희")
        await chat.until(lambda: chat.app._timeline.nick == "영이")
        peer.reset()
        await chat.until(lambda: not chat.app._link.is_online)
        await chat.enter("나중에")
        assert chat.app.left_unsent == strings.left_unsent(1, 0, "영이")
    async with chatting(scripted.port, tmp_path, "영이") as chat:
        await chat.until(lambda: "영이> 나중에" in chat.lines)


async def test_who_had_to_find_another_nickname_is_not_told_of_what_the_former_one_left_as_being_sent(
    scripted: ScriptedServer, tmp_path: Path
) -> None:
    async with chatting(unused_port(), tmp_path) as chat:
        chat.app._outbox._server = f"127.0.0.1:{scripted.port}"
        await chat.enter("하나")
    async with chatting(scripted.port, tmp_path) as chat:
        peer = await beside(scripted.accept)
        await beside(peer.receive)
        peer.send(t="refused", code="nick_in_use", text="쓰고 있습니다.")
        await chat.until(lambda: chat.app.screen is not chat.screen)
        await chat.press("backspace", "backspace", "영", "이", "enter")
        await beside(lambda: peer.greet(nick="영이", members=[{"uid": UID, "nick": "영이"}]))
        peer.send(t="joined", seq=1, at=0, uid=UID, nick="영이")
        await chat.until_heard(strings.left_elsewhere({"영희": 1}, {}))
        assert strings.left_over(1, 0) not in chat.lines


# --- what failed ------------------------------------------------------------------------------------------------------


async def test_failed_message_stays_in_sight_with_its_reason_and_a_key_for_it(
    scripted: ScriptedServer, tmp_path: Path
) -> None:
    async with chatting(scripted.port, tmp_path) as chat:
        peer = await welcomed(chat, scripted)
        await refused(chat, peer, "안녕")
        peer.send(t="message", seq=2, at=0, uid=PEER, nick="철수", text="그래")
        await chat.until_heard("철수> 그래")
        assert chat.lines[-2:] == ["영희> 안녕", "안 됩니다."]
        assert chat.hint == strings.failed(1), "and not the reason once more"
        assert "F8" in chat.rows[-1]
    async with chatting(scripted.port, tmp_path) as chat:
        assert chat.lines[-2:] == ["영희> 안녕", strings.failed_before("안 됩니다.")], "also after a restart"


async def test_failed_messages_are_all_sent_again_in_their_order(scripted: ScriptedServer, tmp_path: Path) -> None:
    async with chatting(scripted.port, tmp_path) as chat:
        peer = await welcomed(chat, scripted)
        cids = [await refused(chat, peer, text) for text in ("하나", "둘")]
        await chat.enter("/다시")
        for seq, cid, text in zip((2, 3), cids, ("하나", "둘"), strict=True):
            assert (await said_by(peer)).text("cid") == cid
            echo(peer, seq, cid, text)
        await chat.until(lambda: states(chat) == [State.SETTLED] * 2)
        assert "F8" not in chat.rows[-1]
        await chat.enter("/retry")
        assert chat.hint == strings.NOTHING_FAILED


async def test_failed_messages_are_thrown_away_for_good(scripted: ScriptedServer, tmp_path: Path) -> None:
    async with chatting(scripted.port, tmp_path) as chat:
        peer = await welcomed(chat, scripted)
        await refused(chat, peer, "하나")
        await refused(chat, peer, "둘")
        await chat.enter("/버리기")
        await chat.until(lambda: chat.lines == [CAME])
        assert chat.hint == strings.thrown_away(2)
    async with chatting(scripted.port, tmp_path) as chat:
        assert chat.lines == []


async def test_each_failed_message_can_be_chosen(scripted: ScriptedServer, tmp_path: Path) -> None:
    async with chatting(scripted.port, tmp_path) as chat:
        peer = await welcomed(chat, scripted)
        await refused(chat, peer, "하나")
        cid = await refused(chat, peer, "둘")
        await choose(chat, strings.SEND_AGAIN, "둘")
        said = await said_by(peer)
        assert said.text("cid") == cid
        echo(peer, 2, cid, "둘")
        await chat.until(lambda: len(chat.app._timeline.failed) == 1 and not chat.app._timeline.pending)
        await choose(chat, strings.THROW_AWAY)
        await chat.until(lambda: chat.lines == [CAME, "영희> 둘"] and not chat.hint)


async def test_failed_message_can_be_revised(scripted: ScriptedServer, tmp_path: Path) -> None:
    async with chatting(scripted.port, tmp_path) as chat:
        peer = await welcomed(chat, scripted, members=WITH_PEER)
        await chat.enter("@철수 비밀")
        cid = (await said_by(peer)).text("cid")
        peer.send(t="refused", code="no_such_nick", text="없습니다.", cid=cid)
        await chat.until(lambda: chat.screen.whispers.entries[-2:-1] != [])
        chat.composer.insert("쓰던 것")
        await choose(chat, strings.REVISE)
        await chat.until(lambda: chat.hint == strings.REVISE_ELSEWHERE)
        assert chat.composer.text == "쓰던 것"
        chat.composer.load_text("")
        await choose(chat, strings.REVISE)
        await chat.until(lambda: chat.composer.text == "@철수 비밀")
        assert list(chat.screen.whispers.entries) == []


async def test_revised_whisper_never_reaches_who_has_taken_the_nickname(
    scripted: ScriptedServer, tmp_path: Path
) -> None:
    async with chatting(scripted.port, tmp_path) as chat:
        peer = await welcomed(chat, scripted, members=WITH_PEER)
        await chat.enter("@철수 /비밀")
        cid = (await said_by(peer)).text("cid")
        peer.send(t="left", seq=2, at=0, uid=PEER, nick="철수", reason="quit")
        peer.send(t="joined", seq=3, at=0, uid="c" * 16, nick="철수")
        peer.send(t="refused", code="recipient_changed", text="바뀌었습니다.", cid=cid)
        await chat.until(lambda: bool(chat.app._timeline.failed))
        await choose(chat, strings.REVISE)
        await chat.until(lambda: chat.composer.text == "//비밀")
        await chat.press("enter")
        await chat.until(lambda: chat.hint == strings.partner_replaced("철수"))
        assert (chat.composer.text, chat.app._timeline.pending) == ("//비밀", ())


async def test_click_on_what_failed_asks_what_is_to_become_of_it(scripted: ScriptedServer, tmp_path: Path) -> None:
    async with chatting(scripted.port, tmp_path) as chat:
        peer = await welcomed(chat, scripted)
        await refused(chat, peer, "안녕")
        for part in ("영희> 안녕", "안 됩니다."):
            row = next(number for number, text in enumerate(chat.rows) if part in text)
            await chat.pilot.click(offset=(12, row))
            await chat.until(lambda: isinstance(chat.app.screen, Palette))
            await chat.press("escape")
            await chat.until(lambda: chat.app.screen is chat.screen)


async def test_key_without_anything_failed_says_so(scripted: ScriptedServer, tmp_path: Path) -> None:
    async with chatting(scripted.port, tmp_path) as chat:
        await welcomed(chat, scripted)
        await chat.press("f8")
        await chat.until(lambda: chat.hint == strings.NOTHING_UNSENT)


@pytest.mark.parametrize(
    ("text", "typed"),
    [("안녕", "안녕"), ("/목록", "//목록"), ("@철수", "@@철수"), ("@@철수", "@@@철수"), ("＠a", "@＠a")],
)
def test_revised_message_means_what_it_was(text: str, typed: str) -> None:
    assert _escaped(text) == typed


# --- waiting and leaving ----------------------------------------------------------------------------------------------


async def test_messages_are_sent_one_after_the_other_and_wait_visibly(scripted: ScriptedServer, tmp_path: Path) -> None:
    async with chatting(scripted.port, tmp_path) as chat:
        peer = await welcomed(chat, scripted)
        for text in ("하나", "둘", "셋"):
            await chat.enter(text)
        assert states(chat) == [State.PENDING] * 3
        for seq, text in enumerate(("하나", "둘", "셋"), 2):
            said = await said_by(peer)
            assert said.text("text") == text
            echo(peer, seq, said.text("cid"), text)
        await chat.until(lambda: states(chat) == [State.SETTLED] * 3)


async def test_how_much_waits_is_shown_while_it_can_not_be_sent(scripted: ScriptedServer, tmp_path: Path) -> None:
    async with chatting(scripted.port, tmp_path) as chat:
        peer = await welcomed(chat, scripted)
        await chat.enter("하나")
        assert strings.waiting(1) not in chat.rows[0]
        cid = (await said_by(peer)).text("cid")
        peer.send(t="refused", code="storage_full", text="가득 찼습니다.", cid=cid, retry_ms=60_000)
        await chat.until(lambda: strings.waiting(1) in chat.rows[0])
        peer.reset()
        await chat.until(lambda: not chat.app._link.is_online)
        await chat.enter("둘")
        await chat.until(lambda: strings.waiting(2) in chat.rows[0])
        again = await beside(scripted.accept)
        await beside(again.greet)
        await chat.until(lambda: "보낼 메시지" not in chat.rows[0])


async def test_leaving_waits_a_moment_for_the_echo_and_keeps_what_has_none(
    scripted: ScriptedServer, tmp_path: Path
) -> None:
    async with chatting(scripted.port, tmp_path) as chat:
        peer = await welcomed(chat, scripted)
        await chat.enter("하나")
        said = await said_by(peer)
        await chat.press("ctrl+q")
        echo(peer, 2, said.text("cid"), "하나")
        await chat.until(lambda: chat.app.return_value is not None)
        assert chat.app.left_unsent == ""
    async with chatting(scripted.port, tmp_path) as chat:
        await welcomed(chat, scripted)
        await chat.enter("둘")
        await chat.press("ctrl+q")
        await chat.until(lambda: chat.app.return_value is not None)
        assert chat.app.left_unsent == strings.left_unsent(1, 0, "영희")


async def test_member_whose_connection_is_lost_is_shown_as_reconnecting(tmp_path: Path, server: InProcess) -> None:
    friend = server.json("철수")
    async with chatting(server.port, tmp_path) as chat:
        await chat.until_heard(CAME)
        friend.reset()
        await chat.until(lambda: any("철수" in row and strings.MEMBER_AWAY in row for row in chat.rows))
        server.json_stranger(secret=friend.secret).hello("철수")
        await chat.until(lambda: not any(strings.MEMBER_AWAY in row for row in chat.rows))
        assert not any("철수님" in line for line in chat.lines[1:])


async def test_killed_server_and_restarted_client_cost_and_double_nothing(tmp_path: Path) -> None:
    database = ("--db", str(tmp_path / "log.db"))
    with ServerProcess(tmp_path / "first", *database) as first:
        port = first.port
        async with chatting(port, tmp_path / "client") as chat:
            await chat.until_heard(CAME)
            await chat.enter("하나")
            await chat.until(lambda: states(chat) == [State.SETTLED])
            await beside(lambda: first.stop(signal.SIGKILL))
            await chat.until(lambda: not chat.app._link.is_online)
            await chat.enter("둘")
    with ServerProcess(tmp_path / "again", *database, "--port", str(port)):
        async with chatting(port, tmp_path / "client") as chat:
            await chat.until(lambda: states(chat) == [State.SETTLED] * 2)
            await chat.enter("셋")
            await chat.until(lambda: states(chat) == [State.SETTLED] * 3)
            assert [line for line in chat.lines if line.startswith("영희> ")] == ["영희> 하나", "영희> 둘", "영희> 셋"]
