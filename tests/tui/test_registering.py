"""Keeping a nickname and giving it up, on the screen and by lines: what is sent, what is told, and what when the line breaks."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from server.protocol import phrases
from tests.support.chat import beside, chatting, welcomed
from tests.support.in_process import InProcess, in_process
from tests.support.scripted_server import ScriptedServer
from tests.tui.test_line_mode import Running, StartChat, entered
from tui_client import strings

DONE = "했습니다."


@pytest.fixture
def server() -> Iterator[InProcess]:
    with in_process() as running:
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


# --- on the screen ----------------------------------------------------------------------------------------------------


async def test_a_nickname_is_kept_and_given_up_and_the_room_tells_only_its_owner(
    server: InProcess, tmp_path: Path
) -> None:
    friend = server.json("철수")
    async with chatting(server.port, tmp_path) as chat:
        await chat.until_heard("영희님이 입장하셨습니다.")
        await chat.enter("/등록")
        await chat.until_heard(phrases.registered("영희", 90))
        await chat.enter("/register")
        await chat.until_heard(phrases.registered_already("영희", ["영희"]))
        await chat.enter("/닉 영이")
        await chat.until(lambda: "영이" in chat.screen.members.nicks)
        friend.send(t="nick", nick="영희")
        refusal = await beside(lambda: friend.refused("nick_reserved"))
        assert refusal.text("text") == phrases.nick_registered("영희")
        await chat.enter("/등록해제 영희")
        await chat.until_heard(phrases.released("영희"))
        await chat.enter("/등록해제")
        await chat.until_heard(phrases.not_registered("영이", []))
    assert (friend.public, friend.private) == ([], [])


async def test_what_looks_like_somebody_here_comes_back_into_the_composer(server: InProcess, tmp_path: Path) -> None:
    server.json("min1")
    async with chatting(server.port, tmp_path) as chat:
        await chat.until(lambda: "min1" in chat.screen.members.nicks)
        await chat.enter("/닉 minl")
        await chat.until(lambda: chat.hint == phrases.nick_look_alike("minl", "min1"))
        assert chat.composer.whole_text == "/닉 minl"


async def test_what_only_the_server_knows_to_be_taken_comes_back_too(server: InProcess, tmp_path: Path) -> None:
    owner = server.json("민수")
    owner.send(t="register", id=1)
    await beside(lambda: owner.until(lambda frame: frame.kind == "done"))
    owner.leave()
    async with chatting(server.port, tmp_path) as chat:
        await chat.until_heard("영희님이 입장하셨습니다.")
        await chat.until(lambda: chat.screen.members.nicks == ["영희"])
        await chat.enter("/닉 민수")
        await chat.until_heard(phrases.nick_registered("민수"))
        await chat.until(lambda: chat.composer.whole_text == "/닉 민수")


async def test_what_looks_like_a_name_that_is_kept_is_refused_at_the_start(server: InProcess, tmp_path: Path) -> None:
    owner = server.json("min1")
    owner.send(t="register", id=1)
    await beside(lambda: owner.until(lambda frame: frame.kind == "done"))
    owner.leave()
    await beside(server.wait_until_alone)
    async with chatting(server.port, tmp_path, nick="minl") as chat:
        told = phrases.nick_like_registered("minl", "min1")
        await chat.until(lambda: told[:20] in "".join(chat.rows))


async def test_without_a_connection_nothing_is_sent_and_it_is_said(scripted: ScriptedServer, tmp_path: Path) -> None:
    async with chatting(scripted.port, tmp_path) as chat:
        for line in ("/등록", "/등록해제 영희"):
            await chat.enter(line)
            await chat.until(lambda: chat.hint == strings.NOT_CONNECTED)
            assert chat.composer.whole_text == line
            chat.composer.load_text("")


async def test_an_answer_that_can_not_come_any_more_is_missed_aloud(scripted: ScriptedServer, tmp_path: Path) -> None:
    async with chatting(scripted.port, tmp_path) as chat:
        peer = await welcomed(chat, scripted)
        await chat.enter("/등록")
        order = await beside(lambda: peer.receive_kind("register"))
        peer.reset()
        again = await beside(scripted.accept)
        await beside(lambda: again.greet(seq=1, replay_from=2))
        await chat.until_heard(strings.ORDERS_LOST)
        again.send(t="done", id=order.number("id"), text=DONE)
        again.send(t="message", seq=2, at=0, uid="b" * 16, nick="철수", text="끝")
        await chat.until_heard("철수> 끝")
        assert DONE not in chat.lines


async def test_what_a_server_says_of_it_is_one_clean_line(scripted: ScriptedServer, tmp_path: Path) -> None:
    async with chatting(scripted.port, tmp_path) as chat:
        peer = await welcomed(chat, scripted)
        await chat.enter("/등록")
        order = await beside(lambda: peer.receive_kind("register"))
        peer.send(t="done", id=order.number("id"), text="\x1b[31m하나\n철수> 둘\u202e" + "가" * 999)
        await chat.until(lambda: any("하나 철수> 둘" in line for line in chat.lines))
        [told] = [line for line in chat.lines if "하나" in line]
        assert "\x1b" not in told
        assert len(told) <= 300


# --- by lines ---------------------------------------------------------------------------------------------------------


def asked(chat: Running, scripted: ScriptedServer, line: str, kind: str, **answer: object) -> None:
    log = entered(scripted, chat)
    chat.type(f"{line}\n")
    order = log.peer.receive_kind(kind)
    log.peer.send(id=order.number("id"), **answer)


@pytest.mark.parametrize(
    ("line", "kind"), [("/등록", "register"), ("/emdfhr", "register"), ("/등록해제 영이", "unregister")]
)
def test_by_lines_the_answer_is_a_notice(scripted: ScriptedServer, start: StartChat, line: str, kind: str) -> None:
    chat = start.typed()
    asked(chat, scripted, line, kind, t="done", text=DONE)
    chat.tells(f"{phrases.NOTICE}{DONE}")


def test_by_lines_a_refusal_is_told_too(scripted: ScriptedServer, start: StartChat) -> None:
    chat = start.typed()
    asked(chat, scripted, "/등록", "register", t="refused", code="nick_limit", text=phrases.REGISTRY_FULL)
    chat.tells(phrases.REGISTRY_FULL)


def test_by_lines_another_nickname_is_not_registered_by_mistake(scripted: ScriptedServer, start: StartChat) -> None:
    chat = start.typed()
    entered(scripted, chat)
    chat.type("/등록 철수\n")
    chat.tells(strings.register_usage("철수"))
