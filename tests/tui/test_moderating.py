"""What operators do, on the screen and by lines: the key that nobody sees, what all see, and what those see whom it is done to."""

import re
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from pathlib import Path

import pytest
from textual.content import Content
from textual.widgets import Static

from server.config import Config
from server.protocol import phrases
from tests.support.chat import Chat, beside, chatting, welcomed
from tests.support.in_process import InProcess, in_process
from tests.support.json_client import JsonClient
from tests.support.scripted_server import ScriptedServer
from tests.support.secret_files import secret_file
from tests.support.waiting import until
from tests.tui.test_line_mode import Running, StartChat, entered
from tui_client import strings
from tui_client.line.row import PlainDesk
from tui_client.recall import Recall
from tui_client.until import with_end
from tui_client.widgets.palette import Palette
from tui_client.widgets.secret_field import SecretField
from tui_client.widgets.secret_screen import SecretScreen
from tui_client.widgets.typing_area import LATE_SYLLABLE_S

KEY = "열려라참깨둘"
LONG_ADDRESS = "2001:db8:1234:5678:9abc:def0:1234:5678"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[InProcess]:
    (tmp_path / "server").mkdir()
    with in_process(config=Config(operator_key_file=secret_file(tmp_path / "server", KEY))) as running:
        yield running


@pytest.fixture
def scripted() -> Iterator[ScriptedServer]:
    with ScriptedServer() as listening:
        yield listening


@pytest.fixture
def start(scripted: ScriptedServer, tmp_path: Path) -> Iterator[StartChat]:
    starter = StartChat(scripted, tmp_path / "home")
    yield starter
    for chat in starter.started:
        chat.finish()


async def ask_for_key(chat: Chat) -> None:
    await chat.until(lambda: chat.app._link.is_online)
    await chat.enter("/운영자")
    await chat.until(lambda: isinstance(chat.app.screen, SecretScreen))


async def show_key(chat: Chat, key: str = KEY) -> None:
    await ask_for_key(chat)
    await chat.press(*key, "enter")
    await chat.until(lambda: said_in_dialog(chat) == strings.SECRET_IS_CHECKED or not is_asked(chat))


async def become_operator(chat: Chat) -> None:
    await show_key(chat)
    await chat.until_heard(phrases.IS_OPERATOR)
    await chat.until(lambda: not is_asked(chat))


def is_asked(chat: Chat) -> bool:
    return isinstance(chat.app.screen, SecretScreen)


def said_in_dialog(chat: Chat) -> str:
    """What stands below the field, or nothing."""
    return str(chat.app.screen.query_one("#reason", Static).render()) if is_asked(chat) else ""


def operator(server: InProcess) -> JsonClient:
    chief = server.json("반장")
    chief.send(t="operator", id=1, key=KEY)
    chief.until(lambda frame: frame.kind == "done")
    return chief


def stands_in_composer(chat: Chat, line: str) -> bool:
    return chat.composer.whole_text == line


def recalled(recall: Recall) -> list[str]:
    return list(recall._sent)


# --- the key ----------------------------------------------------------------------------------------------------------


async def test_the_key_is_typed_unseen_and_kept_nowhere(server: InProcess, tmp_path: Path) -> None:
    home = tmp_path / "home"
    async with chatting(server.port, home) as chat:
        await ask_for_key(chat)
        await chat.press(*KEY)
        await chat.until(lambda: bool(chat.app.screen.query_one(SecretField).value))
        assert not any(KEY[:3] in row for row in chat.rows)
        await chat.press("enter")
        await chat.until_heard(phrases.IS_OPERATOR)
        assert not any(KEY in line for line in (*chat.lines, *recalled(chat.composer._recall)))
        assert KEY not in chat.composer.whole_text
    assert not any(KEY.encode() in path.read_bytes() for path in home.rglob("*") if path.is_file())


async def test_a_key_typed_behind_the_command_is_not_kept_either(server: InProcess, tmp_path: Path) -> None:
    async with chatting(server.port, tmp_path / "home") as chat:
        await chat.until(lambda: chat.app._link.is_online)
        await chat.enter(f"/운영자 {KEY}")
        await chat.until(lambda: isinstance(chat.app.screen, SecretScreen))
        await chat.press("escape")
        await chat.until(lambda: not isinstance(chat.app.screen, SecretScreen))
        await chat.press("up")
        assert KEY not in chat.composer.whole_text
        assert not any(KEY in text for text in recalled(chat.composer._recall))


async def test_whoever_typed_it_behind_the_command_is_told_not_to(server: InProcess, tmp_path: Path) -> None:
    async with chatting(server.port, tmp_path / "home") as chat:
        await chat.until(lambda: chat.app._link.is_online)
        await chat.enter(f"/운영자 {KEY}")
        await chat.until(lambda: said_in_dialog(chat) == strings.OPERATOR_KEY_BEHIND)
        await chat.press("escape")
        await chat.until(lambda: not is_asked(chat))
        await ask_for_key(chat)
        assert said_in_dialog(chat) == ""


async def test_after_a_wrong_key_the_right_one_is_typed_where_nobody_sees_it(server: InProcess, tmp_path: Path) -> None:
    friend = server.json("철수")
    async with chatting(server.port, tmp_path / "home") as chat:
        await ask_for_key(chat)
        await chat.press(*"아닌데요", "enter")
        await chat.until(lambda: said_in_dialog(chat) == strings.OPERATOR_WRONG)
        await chat.press(*KEY, "enter")
        await chat.until_heard(phrases.IS_OPERATOR)
        await chat.until(lambda: not is_asked(chat))
        await chat.enter("끝")
        await beside(lambda: friend.hear("영희> 끝"))
        assert friend.public == ["영희> 끝"]
        assert phrases.OPERATOR_KEY_WRONG not in chat.lines


async def test_what_is_typed_while_the_key_is_looked_at_is_typed_unseen(
    scripted: ScriptedServer, tmp_path: Path
) -> None:
    async with chatting(scripted.port, tmp_path) as chat:
        peer = await welcomed(chat, scripted)
        await show_key(chat, "아닌데요")
        shown = await beside(lambda: peer.receive_kind("operator"))
        await chat.press(*KEY, "enter")
        await chat.pilot.pause(2 * LATE_SYLLABLE_S)
        peer.send(t="refused", code="auth_failed", text=phrases.OPERATOR_KEY_WRONG, id=shown.number("id"))
        await chat.until(lambda: said_in_dialog(chat) == strings.OPERATOR_WRONG)
        await chat.press("enter")
        assert (await beside(lambda: peer.receive_kind("operator"))).text("key") == KEY
        assert chat.composer.whole_text == ""


async def test_a_connection_that_breaks_meanwhile_is_told_where_the_key_is_typed(
    scripted: ScriptedServer, tmp_path: Path
) -> None:
    async with chatting(scripted.port, tmp_path) as chat:
        peer = await welcomed(chat, scripted)
        await show_key(chat)
        await beside(lambda: peer.receive_kind("operator"))
        peer.reset()
        await chat.until(lambda: said_in_dialog(chat) == strings.NOT_CONNECTED)
        again = await beside(scripted.accept)
        await beside(lambda: again.greet(seq=1, replay_from=2))
        shown = await beside(lambda: again.receive_kind("operator"))
        again.send(t="done", id=shown.number("id"), text=phrases.IS_OPERATOR)
        await chat.until_heard(phrases.IS_OPERATOR)
        await chat.until(lambda: not is_asked(chat))


async def test_a_wrong_key_whose_dialog_was_closed_is_refused_aloud(scripted: ScriptedServer, tmp_path: Path) -> None:
    async with chatting(scripted.port, tmp_path / "home") as chat:
        peer = await welcomed(chat, scripted)
        await show_key(chat, "아닌데요")
        await chat.press("escape")
        await chat.until(lambda: not is_asked(chat))
        shown = await beside(lambda: peer.receive_kind("operator"))
        peer.send(t="refused", code="auth_failed", text=phrases.OPERATOR_KEY_WRONG, id=shown.number("id"))
        await chat.until_heard(phrases.OPERATOR_KEY_WRONG)
        assert "/운영자" in phrases.OPERATOR_KEY_WRONG
        await chat.enter("/공지 하나")
        await chat.until(lambda: chat.hint == phrases.NOT_OPERATOR)
        assert chat.composer.whole_text == "/공지 하나"


async def test_after_a_broken_connection_the_key_is_shown_again_unasked(
    scripted: ScriptedServer, tmp_path: Path
) -> None:
    async with chatting(scripted.port, tmp_path) as chat:
        peer = await welcomed(chat, scripted)
        await show_key(chat)
        shown = await beside(lambda: peer.receive_kind("operator"))
        assert shown.text("key") == KEY
        peer.send(t="done", id=shown.number("id"), text=phrases.IS_OPERATOR)
        await chat.until_heard(phrases.IS_OPERATOR)
        await chat.until(lambda: not is_asked(chat))
        assert strings.OPERATOR_MARK in chat.rows[0]
        peer.reset()
        await chat.until(lambda: strings.OPERATOR_MARK not in chat.rows[0])
        again = await beside(scripted.accept)
        await beside(lambda: again.greet(seq=1, replay_from=2))
        shown = await beside(lambda: again.receive_kind("operator"))
        assert shown.text("key") == KEY
        assert strings.OPERATOR_MARK not in chat.rows[0]
        again.send(t="done", id=shown.number("id"), text=phrases.IS_OPERATOR)
        await chat.until_heard(strings.IS_OPERATOR_AGAIN)
        await chat.until(lambda: strings.OPERATOR_MARK in chat.rows[0])
        await chat.enter("/공지 다시 왔습니다")
        assert (await beside(lambda: again.receive_kind("announce"))).text("text") == "다시 왔습니다"
        assert list(chat.lines).count(phrases.IS_OPERATOR) == 1


# --- what operators do ------------------------------------------------------------------------------------------------


async def test_an_announcement_stands_out_and_is_never_grouped(server: InProcess, tmp_path: Path) -> None:
    friend = server.json("철수")
    async with chatting(server.port, tmp_path / "home") as chat:
        await become_operator(chat)
        for text in ("점검합니다", "곧 끝납니다"):
            await chat.enter(f"/공지 {text}")
            await chat.until_heard(f"[공지] {text}")
        announced = await beside(lambda: friend.until(lambda frame: frame.kind == "announced"))
        assert announced.text("text") == "점검합니다"
        await chat.until(lambda: sum("[공지] " in row for row in chat.rows) == 2)
        rows = [y for y, row in enumerate(chat.rows) if "[공지] " in row]
        assert all(":" in chat.rows[y].split("[공지]")[0] for y in rows)
        styles = {chat.room._style_of("message-log--announcement"), chat.room._style_of("message-log--notice")}
        assert len({style.bgcolor for style in styles}) == 2


async def test_it_is_done_as_typed_also_in_the_other_layout(server: InProcess, tmp_path: Path) -> None:
    friend = server.json("철수")
    async with chatting(server.port, tmp_path / "home") as chat:
        await become_operator(chat)
        await chat.enter("/whdydgl cjftn 10qns")
        await chat.until_heard("영희님이 철수님을 10분 동안 조용히 있게 했습니다.")
        friend.say("들리나요")
        await beside(lambda: friend.refused("muted"))
        await chat.enter("/unmute 철수")
        await chat.until_heard("영희님이 철수님을 다시 말할 수 있게 했습니다.")
        await chat.enter("/추방 @철수")
        await chat.until_heard("영희님이 철수님을 내보냈습니다.")
        await beside(friend.wait_until_closed)


async def test_what_the_server_refuses_is_said(server: InProcess, tmp_path: Path) -> None:
    async with chatting(server.port, tmp_path / "home") as chat:
        await become_operator(chat)
        for line, reason in (
            ("/추방 없는이", phrases.absent("없는이")),
            ("/차단 1.2.3", phrases.no_such_address("1.2.3")),
            ("/차단 127.0.0.0/8", phrases.NOT_ONES_ADDRESS),
            ("/차단해제 없는이", phrases.not_sanctioned("없는이")),
        ):
            await chat.enter(line)
            await chat.until_heard(reason)
            await chat.until(partial(stands_in_composer, chat, line))
        await chat.enter("/조용히 영희")
        await chat.until(lambda: chat.hint == phrases.NOT_ONESELF)
        assert chat.composer.whole_text == "/조용히 영희"


async def test_the_list_puts_the_command_where_it_can_be_looked_at(server: InProcess, tmp_path: Path) -> None:
    friend = server.json("철수")
    async with chatting(server.port, tmp_path / "home") as chat:
        await become_operator(chat)
        await chat.enter("/조용히 철수 10분")
        await chat.until_heard("영희님이 철수님을 10분 동안 조용히 있게 했습니다.")
        await chat.enter("/제재")
        await chat.until(lambda: isinstance(chat.app.screen, Palette))
        await chat.until(lambda: any("조용히 철수" in row and "/조용히해제 철수" in row for row in chat.rows))
        assert any("철수" in row and "127.0.0.1" in row for row in chat.rows)
        assert any("영희 (나)" in row and "127.0.0.1" in row for row in chat.rows)
        await chat.press("enter")
        await chat.until(lambda: chat.composer.whole_text == "/조용히해제 철수")
        await chat.press("enter")
        await chat.until_heard("영희님이 철수님을 다시 말할 수 있게 했습니다.")
        assert friend.departures == []


async def test_why_the_list_is_refused_is_told_in_full(scripted: ScriptedServer, tmp_path: Path) -> None:
    async with chatting(scripted.port, tmp_path / "home") as chat:
        peer = await welcomed(chat, scripted)
        await show_key(chat)
        shown = await beside(lambda: peer.receive_kind("operator"))
        peer.send(t="done", id=shown.number("id"), text=phrases.IS_OPERATOR)
        await chat.until_heard(phrases.IS_OPERATOR)
        await chat.until(lambda: not is_asked(chat))
        await chat.enter("/제재")
        asked = await beside(lambda: peer.receive_kind("sanctions"))
        peer.send(t="refused", code="not_operator", text=phrases.NOT_OPERATOR, id=asked.number("id"))
        await chat.until_heard(phrases.NOT_OPERATOR)


async def test_a_list_that_can_not_come_any_more_is_missed_aloud(scripted: ScriptedServer, tmp_path: Path) -> None:
    async with chatting(scripted.port, tmp_path / "home") as chat:
        peer = await welcomed(chat, scripted)
        await show_key(chat)
        shown = await beside(lambda: peer.receive_kind("operator"))
        peer.send(t="done", id=shown.number("id"), text=phrases.IS_OPERATOR)
        await chat.until(lambda: not is_asked(chat) and phrases.IS_OPERATOR in chat.lines)
        await chat.enter("/제재")
        await beside(lambda: peer.receive_kind("sanctions"))
        peer.reset()
        again = await beside(scripted.accept)
        await beside(lambda: again.greet(seq=1, replay_from=2))
        await chat.until_heard(strings.SANCTIONS_LOST)


# --- what is done to oneself ------------------------------------------------------------------------------------------


async def test_who_is_kicked_stays_out_until_they_want_in(server: InProcess, tmp_path: Path) -> None:
    chief = operator(server)
    async with chatting(server.port, tmp_path / "home") as chat:
        await chat.until(lambda: "반장" in chat.screen.members.nicks)
        chief.send(t="kick", id=2, nick="영희")
        await chat.until_heard(strings.stopped(phrases.KICKED))
        await chat.until(lambda: not chat.app._link.is_online)
        assert any(strings.STATE_STOPPED in row for row in chat.rows)
        assert "반장님이 영희님을 내보냈습니다." in chat.lines
        chief.ping(1)
        assert chief.arrivals == ["반장", "영희"]
        assert chat.hint == strings.stopped(phrases.KICKED)
        await chat.press("f5")
        await chat.until(lambda: chat.app._link.is_online)
        assert chat.hint == ""


async def test_who_is_banned_reads_until_when_and_what_was_written_is_kept(server: InProcess, tmp_path: Path) -> None:
    chief = operator(server)
    async with chatting(server.port, tmp_path / "home") as chat:
        await chat.until(lambda: "반장" in chat.screen.members.nicks)
        chief.send(t="ban", id=2, target="영희", for_s=7200)
        event = await beside(lambda: chief.until(lambda frame: frame.kind == "moderated"))
        told = with_end(phrases.banned(7200), event.number("until"))
        await chat.until_heard(told)
        assert chat.hint == told
        assert "F5" not in told
        clock = datetime.fromtimestamp(event.number("until") / 1000)
        assert f"{clock:%H:%M}까지" in told
        await chat.enter("이 말은 남습니다")
        await chat.until_heard("영희> 이 말은 남습니다")
        assert chief.public == []


async def test_who_is_muted_keeps_the_message_with_the_reason_and_sends_it_later(
    server: InProcess, tmp_path: Path
) -> None:
    chief = operator(server)
    async with chatting(server.port, tmp_path / "home") as chat:
        await chat.until(lambda: "반장" in chat.screen.members.nicks)
        chief.send(t="mute", id=2, nick="영희", for_s=600)
        await chat.until_heard("반장님이 영희님을 10분 동안 조용히 있게 했습니다.")
        await chat.enter("들리나요")
        await chat.until(lambda: any(line.startswith(strings.MUTED) for line in chat.lines))
        assert any(re.search(r"\(\d+월 \d+일 \d\d:\d\d까지\)", line) for line in chat.lines)
        assert not any("뒤에 다시" in line for line in chat.lines), "that would be wrong in a moment"
        assert "영희> 들리나요" in chat.lines
        chief.send(t="unmute", id=3, nick="영희")
        await chat.until_heard("반장님이 영희님을 다시 말할 수 있게 했습니다.")
        await chat.enter("/다시")
        await beside(lambda: chief.hear("영희> 들리나요"))


async def test_who_was_muted_for_a_while_is_told_when_they_may_speak_again(server: InProcess, tmp_path: Path) -> None:
    chief = operator(server)
    async with chatting(server.port, tmp_path / "home") as chat:
        await chat.until(lambda: "반장" in chat.screen.members.nicks)
        chief.send(t="mute", id=2, nick="영희", for_s=1)
        await chat.until_heard("반장님이 영희님을 1초 동안 조용히 있게 했습니다.")
        await chat.until_heard(strings.MUTE_IS_OVER)
        await chat.enter("들리나요")
        await beside(lambda: chief.hear("영희> 들리나요"))
        assert list(chat.lines).count(strings.MUTE_IS_OVER) == 1


async def test_another_servers_words_do_no_harm(scripted: ScriptedServer, tmp_path: Path) -> None:
    async with chatting(scripted.port, tmp_path) as chat:
        peer = await welcomed(chat, scripted)
        hostile = "\x1b[2J[b]\u202e철수"
        peer.send(t="announced", seq=2, at=0, uid="b" * 16, nick=hostile, text=f"{hostile}\n[알림] 둘" + "가" * 9999)
        peer.send(t="moderated", seq=3, at=0, uid="b" * 16, nick=hostile, action="춤", target=hostile, until=2**60)
        peer.send(t="moderated", seq=4, at=0, uid="b" * 16, nick="철수", action="ban", target=hostile, until=-(2**60))
        peer.send(t="message", seq=5, at=0, uid="b" * 16, nick="철수", text="끝")
        await chat.until_heard("철수> 끝")
        text = "".join(chat.rows)
        assert not any(sign in text for sign in "\x1b\u202e")
        assert Content("".join(chat.lines)).plain.count("[b]") == 3


# --- by lines ---------------------------------------------------------------------------------------------------------


class HidingDesk(PlainDesk):
    """A desk at which nothing is seen while it hides."""

    def __init__(self) -> None:
        super().__init__()
        self.prompts: list[str] = []
        self.forgotten: list[str] = []
        self.given_back: list[str] = []

    def hide(self, prompt: str) -> bool:
        self.prompts.append(prompt)
        return True

    def show(self) -> None:
        self.prompts.append("")

    def forget(self, text: str) -> None:
        self.forgotten.append(text)

    def put_back(self, text: str) -> None:
        self.given_back.append(text)


def typed(scripted: ScriptedServer, start: StartChat, tmp_path: Path, desk: PlainDesk | None = None) -> Running:
    chat = Running(scripted.port, home=tmp_path / "home", desk=desk or HidingDesk())
    start.started.append(chat)
    return chat


def test_by_lines_the_key_is_asked_for_where_nothing_is_seen(
    scripted: ScriptedServer, start: StartChat, tmp_path: Path
) -> None:
    desk = HidingDesk()
    chat = typed(scripted, start, tmp_path, desk)
    log = entered(scripted, chat)
    chat.type("/운영자 흘린열쇠\n")
    chat.tells(strings.LINE_OPERATOR_QUESTION)
    chat.type(f"{KEY}\n")
    shown = log.peer.receive_kind("operator")
    assert shown.text("key") == KEY
    log.peer.send(t="done", id=shown.number("id"), text=phrases.IS_OPERATOR)
    chat.tells(phrases.IS_OPERATOR)
    assert desk.prompts == [strings.LINE_OPERATOR_PROMPT, ""]
    assert desk.forgotten == ["/운영자 흘린열쇠"]
    assert not any(KEY in line for line in chat.said)
    chat.type("/차단 198.51.100.7 2시간\n")
    ban = log.peer.receive_kind("ban")
    assert (ban.text("target"), ban.number("for_s")) == ("198.51.100.7", 7200)
    log.peer.send(t="refused", code="bad_target", text=phrases.NOT_ONES_ADDRESS, id=ban.number("id"))
    chat.tells(phrases.NOT_ONES_ADDRESS)


def test_by_lines_where_it_would_be_seen_it_is_not_asked_for(
    scripted: ScriptedServer, start: StartChat, tmp_path: Path
) -> None:
    chat = typed(scripted, start, tmp_path, PlainDesk())
    entered(scripted, chat)
    chat.type("/운영자\n")
    chat.tells(strings.LINE_KEY_WOULD_BE_SEEN)
    chat.type("/추방 철수\n")
    chat.tells(phrases.NOT_OPERATOR)


def test_by_lines_an_empty_line_is_no_key(scripted: ScriptedServer, start: StartChat, tmp_path: Path) -> None:
    chat = typed(scripted, start, tmp_path)
    log = entered(scripted, chat)
    chat.type("/운영자\n\n안녕하세요\n")
    assert log.peer.receive_kind("say").text("text") == "안녕하세요"


def test_by_lines_a_wrong_key_is_asked_for_again_where_nothing_is_seen(
    scripted: ScriptedServer, start: StartChat, tmp_path: Path
) -> None:
    desk = HidingDesk()
    chat = typed(scripted, start, tmp_path, desk)
    log = entered(scripted, chat)
    chat.type("/운영자\n아닌데요\n")
    shown = log.peer.receive_kind("operator")
    log.peer.send(t="refused", code="auth_failed", text=phrases.OPERATOR_KEY_WRONG, id=shown.number("id"))
    chat.tells(strings.LINE_OPERATOR_WRONG)
    assert desk.prompts == [strings.LINE_OPERATOR_PROMPT]
    chat.type(f"{KEY}\n")
    shown = log.peer.receive_kind("operator")
    assert shown.text("key") == KEY
    log.peer.send(t="done", id=shown.number("id"), text=phrases.IS_OPERATOR)
    chat.tells(phrases.IS_OPERATOR)
    assert desk.prompts == [strings.LINE_OPERATOR_PROMPT, ""]


def test_by_lines_an_empty_line_after_a_wrong_key_gives_up(
    scripted: ScriptedServer, start: StartChat, tmp_path: Path
) -> None:
    chat = typed(scripted, start, tmp_path)
    log = entered(scripted, chat)
    chat.type("/운영자\n아닌데요\n")
    shown = log.peer.receive_kind("operator")
    chat.type("\n안녕하세요\n")
    log.peer.send(t="refused", code="auth_failed", text=phrases.OPERATOR_KEY_WRONG, id=shown.number("id"))
    assert log.peer.receive_kind("say").text("text") == "안녕하세요"


def test_by_lines_a_key_typed_once_more_meanwhile_is_never_said(
    scripted: ScriptedServer, start: StartChat, tmp_path: Path
) -> None:
    chat = typed(scripted, start, tmp_path)
    log = entered(scripted, chat)
    chat.type(f"/운영자\n{KEY}\n")
    shown = log.peer.receive_kind("operator")
    chat.type(f"{KEY}\n안녕하세요\n")
    until(lambda: len(chat.chat._moderating._typed_ahead or ()) == 2)  # type: ignore[attr-defined]
    log.peer.send(t="done", id=shown.number("id"), text=phrases.IS_OPERATOR)
    assert log.peer.receive_kind("say").text("text") == "안녕하세요"


@pytest.mark.parametrize("ends", ["refused", "reset"])
def test_by_lines_what_may_be_a_key_is_not_said_when_there_is_no_answer_to_it(
    scripted: ScriptedServer, start: StartChat, tmp_path: Path, ends: str
) -> None:
    chat = typed(scripted, start, tmp_path)
    log = entered(scripted, chat)
    chat.type("/운영자\n아닌데요\n")
    shown = log.peer.receive_kind("operator")
    chat.type(f"{KEY}\n")
    until(lambda: bool(chat.chat._moderating._typed_ahead))  # type: ignore[attr-defined]
    if ends == "refused":
        log.peer.send(t="refused", code="too_many_tries", text="나중에 하세요.", id=shown.number("id"))
        chat.tells("나중에 하세요.")
    else:
        log.peer.reset()
    until(lambda: not chat.chat._moderating.is_asking)  # type: ignore[attr-defined]
    assert not chat.chat.timeline.pending
    assert not any(KEY in line for line in chat.said)


def test_by_lines_whoever_typed_it_behind_the_command_is_told_not_to(
    scripted: ScriptedServer, start: StartChat, tmp_path: Path
) -> None:
    chat = typed(scripted, start, tmp_path)
    entered(scripted, chat)
    chat.type(f"/운영자 {KEY}\n")
    chat.tells(strings.OPERATOR_KEY_BEHIND)
    assert not any(KEY in line for line in chat.said)


def test_by_lines_all_is_shown_as_plain_clients_see_it(
    scripted: ScriptedServer, start: StartChat, tmp_path: Path
) -> None:
    chat = typed(scripted, start, tmp_path)
    log = entered(scripted, chat)
    log.peer.send(t="announced", seq=10, at=0, uid="b" * 16, nick="반장", text="점검\n철수> 둘")
    log.peer.send(t="moderated", seq=11, at=0, uid="b" * 16, nick="반장", action="mute", target="철수", until=60_000)
    chat.shows("[공지] 점검")
    chat.shows("[공지] 철수> 둘")
    chat.shows("[알림] 반장님이 철수님을 1분 동안 조용히 있게 했습니다.")


def test_by_lines_the_list_is_told(scripted: ScriptedServer, start: StartChat, tmp_path: Path) -> None:
    chat = typed(scripted, start, tmp_path)
    log = entered(scripted, chat)
    chat.type(f"/운영자\n{KEY}\n")
    shown = log.peer.receive_kind("operator")
    log.peer.send(t="done", id=shown.number("id"), text=phrases.IS_OPERATOR)
    chat.type("/제재\n")
    asked = log.peer.receive_kind("sanctions")
    entry = {"kind": "ban", "target": "198.51.100.0/24", "by": "반장", "at": 0}
    member = {"uid": "b" * 16, "nick": "철수", "address": LONG_ADDRESS}
    log.peer.send(t="sanctions", id=asked.number("id"), entries=[entry], members=[member])
    chat.tells("차단 198.51.100.0/24 — 풀 때까지 · 반장님")
    chat.tells(f"철수 — {LONG_ADDRESS}")


def test_by_lines_who_is_ignored_is_not_seen(scripted: ScriptedServer, start: StartChat, tmp_path: Path) -> None:
    chat = typed(scripted, start, tmp_path)
    log = entered(scripted, chat)
    log.peer.send(t="joined", seq=10, at=0, uid="b" * 16, nick="철수")
    chat.shows("철수님이 입장하셨습니다.")
    chat.type("/무시 철수\n")
    chat.tells(strings.ignoring("철수"))
    log.peer.send(t="message", seq=11, at=0, uid="b" * 16, nick="철수", text="시끄러운 말")
    log.peer.send(t="message", seq=12, at=0, uid="d" * 16, nick="민수", text="조용한 말")
    chat.shows("민수> 조용한 말")
    assert not any("시끄러운" in line for line in chat.said)


def test_by_lines_what_is_refused_is_given_back(scripted: ScriptedServer, start: StartChat, tmp_path: Path) -> None:
    desk = HidingDesk()
    chat = typed(scripted, start, tmp_path, desk)
    log = entered(scripted, chat)
    chat.type(f"/운영자\n{KEY}\n")
    shown = log.peer.receive_kind("operator")
    log.peer.send(t="done", id=shown.number("id"), text=phrases.IS_OPERATOR)
    for line, kind in (("/추방 없는이", "kick"), ("/등록", "register"), ("/닉 영이", "nick")):
        chat.type(f"{line}\n")
        order = log.peer.receive_kind(kind)
        log.peer.send(t="refused", code="no_such_nick", text=f"{line} 안 됩니다.", id=order.number("id"))
        chat.tells(f"{line} 안 됩니다.")
        until(lambda expected=line: desk.given_back[-1:] == [expected])  # type: ignore[misc]
    assert desk.given_back == ["/추방 없는이", "/등록", "/닉 영이"]


def test_by_lines_a_list_that_can_not_come_any_more_is_missed_aloud(
    scripted: ScriptedServer, start: StartChat, tmp_path: Path
) -> None:
    chat = typed(scripted, start, tmp_path)
    log = entered(scripted, chat)
    chat.type(f"/운영자\n{KEY}\n")
    shown = log.peer.receive_kind("operator")
    log.peer.send(t="done", id=shown.number("id"), text=phrases.IS_OPERATOR)
    chat.type("/제재\n")
    log.peer.receive_kind("sanctions")
    log.peer.reset()
    scripted.accept().greet(seq=1, replay_from=2)
    chat.tells(strings.SANCTIONS_LOST)


def test_by_lines_who_was_muted_is_told_when_they_may_speak_again(
    scripted: ScriptedServer, start: StartChat, tmp_path: Path
) -> None:
    chat = typed(scripted, start, tmp_path)
    log = entered(scripted, chat)
    log.peer.send(t="moderated", seq=10, at=0, uid="b" * 16, nick="반장", action="mute", target="영희", until=300)
    chat.shows("[알림] 반장님이 영희님을 1초 동안 조용히 있게 했습니다.")
    chat.tells(strings.MUTE_IS_OVER)
