"""What the screen says while own messages wait, of what was lost, and of the connection; and what can be done about it."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from threading import Thread

import pytest

from server.protocol import phrases
from tests.support.chat import UID, Chat, beside, chatting, welcomed
from tests.support.in_process import InProcess, in_process
from tests.support.scripted_server import Peer, ScriptedServer, unused_port
from tests.tui.test_unsent import WITH_PEER, choose, echo, offered, refused, said_by, take
from tui_client import strings
from tui_client.entry import State
from tui_client.widgets.palette import Palette
from tui_client.widgets.title_bar import LinkState

CAME = "영희님이 입장하셨습니다."
PEER = "b" * 16
NARROW = (44, 20)


@pytest.fixture
def server() -> Iterator[InProcess]:
    with in_process() as running:
        yield running


@pytest.fixture
def scripted() -> Iterator[ScriptedServer]:
    with ScriptedServer() as listening:
        yield listening


def standing(chat: Chat) -> str:
    """What stands above the composer as long as it is so."""
    line = chat.screen.standing
    return str(line.render()) if line.display else ""


async def put_off(peer: Peer, code: str, retry_ms: int = 500) -> str:
    """Take the next message, and nothing for now; its cid."""
    cid = (await said_by(peer)).text("cid")
    peer.send(t="refused", code=code, text="나중에 다시 보내세요.", cid=cid, retry_ms=retry_ms)
    return cid


async def cut_off(chat: Chat, peer: Peer) -> None:
    peer.reset()
    await chat.until(lambda: not chat.app._link.is_online)


async def come_back(chat: Chat, server: ScriptedServer, **welcome: object) -> Peer:
    await chat.press("f5")
    again = await beside(server.accept)
    await beside(lambda: again.greet(**welcome))
    await chat.until(lambda: chat.app._link.is_online)
    return again


def let_nobody_in(server: ScriptedServer) -> None:
    """Until the server is closed: there is no room for anybody."""
    with suppress(OSError):
        while True:
            peer = server.accept()
            with suppress(AssertionError):  # who leaves says no hello
                peer.receive()
                peer.send(t="refused", code="storage_full", text="잠시 뒤에 다시 들어오세요.", retry_ms=500)


# --- why it waits -----------------------------------------------------------------------------------------------------


async def test_full_disk_is_told_in_our_own_words_until_something_is_taken(
    scripted: ScriptedServer, tmp_path: Path
) -> None:
    async with chatting(scripted.port, tmp_path) as chat:
        peer = await welcomed(chat, scripted)
        await chat.enter("하나")
        cid = await put_off(peer, "storage_full")
        await chat.until(lambda: standing(chat) == strings.held_up("storage_full"))
        assert chat.screen.title_bar.state_text == strings.STATE_STORAGE_FULL
        assert not chat.screen.members.is_stale, "everybody is still here"
        assert "다시 보내세요" not in "".join(chat.rows)
        assert (await said_by(peer)).text("cid") == cid
        echo(peer, 2, cid, "하나")
        await chat.until(lambda: standing(chat) == "" and chat.screen.title_bar.has_class(LinkState.ONLINE))


async def test_how_many_are_left_is_told_until_they_are_sent(scripted: ScriptedServer, tmp_path: Path) -> None:
    async with chatting(scripted.port, tmp_path) as chat:
        peer = await welcomed(chat, scripted)
        for text in ("하나", "둘", "셋"):
            await chat.enter(text)
        await put_off(peer, "rate_limited")
        await chat.until(lambda: standing(chat) == strings.held_up("rate_limited", 3))
        for seq, text in enumerate(("하나", "둘", "셋"), 2):
            echo(peer, seq, (await said_by(peer)).text("cid"), text)
        await chat.until(lambda: standing(chat) == "" and not chat.app._timeline.pending)
        assert chat.hint == ""


async def test_what_the_program_sends_again_by_itself_is_nobodys_haste(
    scripted: ScriptedServer, tmp_path: Path
) -> None:
    async with chatting(scripted.port, tmp_path) as chat:
        peer = await welcomed(chat, scripted)
        await cut_off(chat, peer)
        await chat.enter("하나")
        await chat.enter("둘")
        assert standing(chat) == strings.waits(2, is_online=False)
        again = await come_back(chat, scripted)
        await put_off(again, "rate_limited", 60_000)
        await chat.until(lambda: strings.waiting(2) in chat.rows[0])
        assert (standing(chat), chat.hint) == ("", "")


async def test_server_that_lets_nobody_in_is_not_said_to_be_gone(scripted: ScriptedServer, tmp_path: Path) -> None:
    Thread(target=let_nobody_in, args=(scripted,), name="test-full").start()
    async with chatting(scripted.port, tmp_path) as chat:
        await chat.until(lambda: "들어갈 수 없음" in chat.rows[0])
        assert not any("연결 끊김" in row or "0명" in row for row in chat.rows)
        assert chat.lines == [strings.closed_for("storage_full", "")]


# --- taken back -------------------------------------------------------------------------------------------------------


async def test_what_waits_can_be_chosen_and_thrown_away(scripted: ScriptedServer, tmp_path: Path) -> None:
    async with chatting(scripted.port, tmp_path) as chat:
        peer = await welcomed(chat, scripted)
        await cut_off(chat, peer)
        for text in ("하나", "둘", "셋"):
            await chat.enter(text)
        assert strings.KEYS_WAITING[0][1] in chat.rows[-1]
        await choose(chat, strings.THROW_AWAY, "둘")
        await choose(chat, strings.REVISE, "셋")
        await chat.until(lambda: chat.composer.text == "셋")
        again = await come_back(chat, scripted)
        said = await said_by(again)
        echo(again, 2, said.text("cid"), "하나")
        await chat.until(lambda: not chat.app._timeline.pending)
        assert (said.text("text"), chat.lines.count("영희> 둘")) == ("하나", 0)


async def test_what_may_have_reached_the_server_is_not_taken_back_and_that_is_said(
    scripted: ScriptedServer, tmp_path: Path
) -> None:
    async with chatting(scripted.port, tmp_path) as chat:
        peer = await welcomed(chat, scripted)
        await chat.enter("하나")
        cid = (await said_by(peer)).text("cid")
        await chat.press("f8")
        await chat.until(lambda: chat.hint == strings.MAY_STAND)
        await chat.enter("둘")
        await chat.enter("/버리기")
        await chat.until(lambda: chat.hint == strings.taken_back(1, 1))
        echo(peer, 2, cid, "하나")
        await chat.until(lambda: chat.lines[-1] == "영희> 하나" and not chat.app._timeline.pending)


async def test_message_that_is_sent_while_one_thinks_about_it_stays_sent(
    scripted: ScriptedServer, tmp_path: Path
) -> None:
    async with chatting(scripted.port, tmp_path) as chat:
        peer = await welcomed(chat, scripted)
        await cut_off(chat, peer)
        await chat.enter("하나")
        await chat.press("f8")
        await offered(chat)
        again = await beside(scripted.accept)
        await beside(again.greet)
        cid = (await said_by(again)).text("cid")
        await take(chat, strings.THROW_AWAY)
        await chat.until(lambda: chat.hint == strings.MAY_STAND)
        echo(again, 2, cid, "하나")
        await chat.until(lambda: not chat.app._timeline.pending)
        assert "영희> 하나" in chat.lines


async def test_enter_alone_throws_nothing_away(scripted: ScriptedServer, tmp_path: Path) -> None:
    async with chatting(scripted.port, tmp_path) as chat:
        peer = await welcomed(chat, scripted)
        await cut_off(chat, peer)
        for text in ("하나", "둘"):
            await chat.enter(text)
        await chat.press("f8")
        await offered(chat)
        await chat.press("enter")
        await chat.until(lambda: any(strings.KEEP in row for row in chat.rows))
        await chat.press("enter")
        await chat.until(lambda: chat.app.screen is chat.screen)
        assert len(chat.app._timeline.pending) == 2
        await choose(chat, strings.take_all_back(2), strings.ALL_AT_ONCE)
        await chat.until(lambda: chat.hint == strings.taken_back(2, 0))


async def test_all_that_failed_and_all_that_waits_are_two_choices(scripted: ScriptedServer, tmp_path: Path) -> None:
    async with chatting(scripted.port, tmp_path) as chat:
        peer = await welcomed(chat, scripted)
        await refused(chat, peer, "너무 긴 말")
        await cut_off(chat, peer)
        await chat.enter("나중 말")
        await chat.press("f8")
        await take(chat, strings.ALL_AT_ONCE)
        titles = [choice.title for choice in await offered(chat)]
        assert titles == [strings.send_all_again(1), strings.throw_all_away(1), strings.take_all_back(1)]
        await take(chat, strings.take_all_back(1))
        await chat.until(lambda: not chat.app._timeline.pending)
        assert len(chat.app._timeline.failed) == 1


async def test_what_helps_most_is_offered_first(scripted: ScriptedServer, tmp_path: Path) -> None:
    async with chatting(scripted.port, tmp_path) as chat:
        peer = await welcomed(chat, scripted)
        for code, first in (("recipient_changed", strings.REVISE), ("no_such_nick", strings.SEND_AGAIN)):
            await chat.enter("@아무개 비밀")
            peer.send(t="refused", code=code, text="안 됩니다.", cid=(await said_by(peer)).text("cid"))
            await chat.until(lambda: bool(chat.app._timeline.failed))
            await chat.press("f8")
            assert (await offered(chat))[0].title == first
            await take(chat, strings.THROW_AWAY)


async def test_nothing_need_be_done_for_what_waits(scripted: ScriptedServer, tmp_path: Path) -> None:
    async with chatting(scripted.port, tmp_path) as chat:
        peer = await welcomed(chat, scripted)
        await cut_off(chat, peer)
        await chat.enter("하나")
        await chat.enter("/다시")
        assert chat.hint == strings.waits(1, is_online=False)


@pytest.mark.parametrize("size", [(80, 24), NARROW])
async def test_every_message_to_be_chosen_is_told_from_the_others(
    scripted: ScriptedServer, tmp_path: Path, size: tuple[int, int]
) -> None:
    async with chatting(scripted.port, tmp_path, size=size) as chat:
        peer = await welcomed(chat, scripted)
        await refused(chat, peer, "첫째 말")
        await cut_off(chat, peer)
        await chat.enter("둘째 말")
        await chat.press("f8")
        await chat.until(lambda: isinstance(chat.app.screen, Palette) and any("둘째 말" in row for row in chat.rows))
        for mark, text in ((strings.FAILED_MARK, "첫째 말"), ("…", "둘째 말")):
            assert any(mark in row and text in row and len(row.strip()) > 0 for row in chat.rows)
        assert any(strings.unsent_title(1, 1) in row for row in chat.rows)


# --- what failed ------------------------------------------------------------------------------------------------------


async def test_reason_is_said_above_the_composer_only_where_it_is_not_seen_beside_the_message(
    scripted: ScriptedServer, tmp_path: Path
) -> None:
    async with chatting(scripted.port, tmp_path, size=NARROW) as chat:
        peer = await welcomed(chat, scripted)
        await chat.enter("@아무개 비밀")
        cid = (await said_by(peer)).text("cid")
        peer.send(t="refused", code="no_such_nick", text="안 됩니다.", cid=cid)
        await chat.until(lambda: chat.hint == strings.failed(1, "안 됩니다."))
        await chat.press("f2")
        await chat.until(lambda: sum("안 됩니다." in row for row in chat.rows) >= 1)


async def test_who_has_a_new_nickname_by_the_time_gets_the_revised_whisper(
    scripted: ScriptedServer, tmp_path: Path
) -> None:
    async with chatting(scripted.port, tmp_path) as chat:
        peer = await welcomed(chat, scripted, members=WITH_PEER)
        await cut_off(chat, peer)
        await chat.enter("@철수 비밀")
        again = await come_back(chat, scripted, members=[{"uid": UID, "nick": "영희"}, {"uid": PEER, "nick": "철구"}])
        cid = (await said_by(again)).text("cid")
        again.send(t="refused", code="no_such_nick", text="없습니다.", cid=cid)
        await chat.until(lambda: chat.screen.whispers.entries[-1].text == strings.is_called_now("철수", "철구"))
        await choose(chat, strings.REVISE)
        await chat.until(lambda: chat.composer.text == "@철구 비밀")


async def test_whisper_to_somebody_whose_connection_is_lost_says_that_it_waits_for_them(
    server: InProcess, tmp_path: Path
) -> None:
    friend = server.json("철수")
    async with chatting(server.port, tmp_path) as chat:
        await chat.until_heard(CAME)
        friend.reset()
        await chat.until(lambda: any("철수" in row and strings.MEMBER_AWAY in row for row in chat.rows))
        await chat.enter("@철수 나중에 봐")
        await chat.until(lambda: chat.hint == strings.partner_is_away("철수"))


# --- the connection, and the log --------------------------------------------------------------------------------------


async def test_connection_that_is_back_is_told_below_that_it_was_lost(scripted: ScriptedServer, tmp_path: Path) -> None:
    async with chatting(scripted.port, tmp_path) as chat:
        peer = await welcomed(chat, scripted)
        await cut_off(chat, peer)
        again = await come_back(chat, scripted)
        again.send(t="message", seq=2, at=0, uid=PEER, nick="철수", text="왔네")
        await chat.until_heard("철수> 왔네")
        assert chat.lines[-3:] == [strings.CONNECTION_LOST, strings.CONNECTED_AGAIN, "철수> 왔네"]


async def test_restarted_server_is_all_that_is_told_of_coming_back(scripted: ScriptedServer, tmp_path: Path) -> None:
    async with chatting(scripted.port, tmp_path) as chat:
        peer = await welcomed(chat, scripted)
        await cut_off(chat, peer)
        await come_back(chat, scripted, epoch="e2")
        await chat.until_heard(strings.SERVER_RESTARTED)
        assert strings.CONNECTED_AGAIN not in chat.lines


async def test_what_was_left_is_told_below_the_past_once_it_is_sent(tmp_path: Path) -> None:
    port = unused_port()
    async with chatting(port, tmp_path) as chat:
        await chat.enter("하나")
    async with chatting(port, tmp_path) as chat:
        await chat.until(lambda: any("연결할 수 없습니다" in line for line in chat.lines))
        assert standing(chat) == strings.waits(1, is_online=False)
        assert strings.left_over(1, 0) not in chat.lines
        with ScriptedServer(port) as server:
            await chat.press("f5")
            await welcomed(chat, server)
            await chat.until_heard(strings.left_over(1, 0))
            assert chat.lines.index(CAME) < chat.lines.index(strings.left_over(1, 0))
            assert standing(chat) == ""


async def test_list_of_members_without_a_connection_is_of_those_who_were_here(
    scripted: ScriptedServer, tmp_path: Path
) -> None:
    async with chatting(scripted.port, tmp_path) as chat:
        await chat.enter("/목록")
        await chat.until_heard(strings.NOBODY_KNOWN)
        peer = await welcomed(chat, scripted, members=WITH_PEER)
        await chat.enter("/목록")
        await chat.until_heard(phrases.member_list(["영희", "철수"]))
        await cut_off(chat, peer)
        await chat.enter("/목록")
        await chat.until_heard(strings.members_then(["영희", "철수"]))


async def test_log_that_was_set_back_is_told_where_one_looks_and_its_lost_rows_are_marked(
    scripted: ScriptedServer, tmp_path: Path
) -> None:
    async with chatting(scripted.port, tmp_path) as chat:
        peer = await welcomed(chat, scripted, members=WITH_PEER)
        await chat.enter("내 말")
        echo(peer, 2, (await said_by(peer)).text("cid"), "내 말")
        peer.send(t="whisper", seq=3, at=0, uid=PEER, nick="철수", to_uid=UID, to="영희", text="쉿")
        await chat.until(lambda: bool(chat.screen.whispers.entries))
        await cut_off(chat, peer)
        again = await come_back(chat, scripted, epoch="e2", seq=1, fresh=True)
        history = await beside(lambda: again.receive_kind("history"))
        came = {"t": "joined", "seq": 1, "at": 0, "uid": UID, "nick": "영희"}
        again.send(t="history", id=history.number("id"), events=[came], more=False)
        await chat.until(lambda: chat.hint == strings.lost_own(strings.ROLLED_BACK, 1))
        said = [entry for entry in chat.room.entries if entry.is_spoken]
        assert [entry.state for entry in said] == [State.LOST, State.FAILED]
        assert [entry.text for entry in chat.screen.whispers.entries] == ["쉿", strings.ROLLED_BACK]
        assert any(strings.LOST_MARK in row and "내 말" in row for row in chat.rows)


async def test_narrow_title_keeps_what_matters_in_fewer_words(scripted: ScriptedServer, tmp_path: Path) -> None:
    async with chatting(scripted.port, tmp_path, size=NARROW) as chat:
        peer = await welcomed(chat, scripted)
        await chat.press("f2")
        peer.send(t="message", seq=2, at=0, uid=PEER, nick="철수", text="안 보여요")
        await chat.until(lambda: chat.screen.unread == 1)
        await cut_off(chat, peer)
        await chat.press("f2", "f2")
        await chat.enter("하나")
        await chat.until(lambda: strings.waiting_short(1) in chat.rows[0] and "끊김 · " in chat.rows[0])
        assert "영희" in chat.rows[0]


async def test_leaving_tells_what_waits_from_what_failed(scripted: ScriptedServer, tmp_path: Path) -> None:
    async with chatting(scripted.port, tmp_path) as chat:
        peer = await welcomed(chat, scripted)
        await refused(chat, peer, "하나")
        await cut_off(chat, peer)
        await chat.enter("둘")
        waits, failed = chat.app.left_unsent.splitlines()
        assert "기다리는 메시지 1개" in waits
        assert "보내지 못한 메시지 1개" in failed
