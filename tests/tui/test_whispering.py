"""Whom a whisper reaches: the person it was typed for and nobody else, whoever has the nickname by then; and where it is kept."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from server.protocol import phrases
from tests.support.chat import UID, Chat, beside, chatting, welcomed
from tests.support.in_process import InProcess, in_process
from tests.support.json_client import JsonClient
from tests.support.scripted_server import ScriptedServer
from tui_client import strings
from tui_client.entry import State
from tui_client.partners import Partner

CAME = "영희님이 입장하셨습니다."
FRIEND, STRANGER = "b" * 16, "c" * 16


@pytest.fixture
def server() -> Iterator[InProcess]:
    with in_process() as running:
        yield running


async def come_in(server: InProcess, chat: Chat, nick: str) -> JsonClient:
    friend = await beside(lambda: server.json(nick))
    await chat.until(lambda: nick in chat.screen.members.nicks)
    return friend


async def go(chat: Chat, friend: JsonClient) -> None:
    friend.leave()
    await chat.until(lambda: friend.nick not in chat.screen.members.nicks)


async def whispering_to(server: InProcess, chat: Chat, nick: str) -> JsonClient:
    """Somebody who has come in, and is whispered to from now on."""
    await chat.until_heard(CAME)
    friend = await come_in(server, chat, nick)
    await chat.enter(f"/귓속말 {nick}")
    await chat.until(lambda: chat.composer.partner == Partner(nick, friend.uid))
    return friend


async def replaced(server: InProcess, chat: Chat, nick: str = "철수") -> tuple[JsonClient, JsonClient]:
    """Whom one whispers to, who has left, and a stranger who has the nickname now."""
    friend = await whispering_to(server, chat, nick)
    await go(chat, friend)
    return friend, await come_in(server, chat, nick)


async def said_to_all(chat: Chat, hearer: JsonClient, text: str) -> None:
    """Say something, so that whatever was sent before has arrived."""
    await chat.enter(text)
    await beside(lambda: hearer.hear(f"영희> {text}"))


# --- somebody else has the nickname -----------------------------------------------------------------------------------


async def test_who_took_a_partners_nickname_hears_nothing_however_often_enter_is_pressed(
    server: InProcess, tmp_path: Path
) -> None:
    async with chatting(server.port, tmp_path) as chat:
        friend, stranger = await replaced(server, chat)
        await chat.press(*"비밀")
        for _ in range(3):
            await chat.press("enter")
            await chat.until(lambda: chat.hint == strings.partner_replaced("철수"))
            assert chat.composer.text == "비밀"
            assert chat.composer.partner == Partner("철수", friend.uid)
        await chat.press("escape")
        await said_to_all(chat, stranger, "끝")
        assert (stranger.private, stranger.public) == ([], ["영희> 끝"])


@pytest.mark.parametrize(
    ("keys", "heard"),
    [
        (["enter", "escape"], []),
        (["enter", "escape", "enter"], []),
        (["enter", "escape", "enter", "enter", "escape", "enter"], []),
        (["enter", "enter"], []),
        (["enter", "escape", "안", "enter"], ["영희> 안"]),
        (["enter", "escape", "a", "enter"], ["영희> a"]),
    ],
)
async def test_keys_typed_in_one_go_make_no_refused_whisper_public(
    server: InProcess, tmp_path: Path, keys: list[str], heard: list[str]
) -> None:
    async with chatting(server.port, tmp_path) as chat:
        _, stranger = await replaced(server, chat)
        chat.burst(*"비밀", *keys)
        await chat.press("escape", "up")
        assert "비밀" in chat.composer.text or heard, "and it is not lost"
        await chat.press("ctrl+l")
        await said_to_all(chat, stranger, "끝")
        assert (stranger.private, stranger.public) == ([], [*heard, "영희> 끝"])


@pytest.mark.parametrize("command", ["/귓속말 철수", "/귓속말 없는사람", "/답장", "/r", "/whisper 철수"])
async def test_what_is_typed_in_one_go_with_a_whisper_command_is_never_public(
    server: InProcess, tmp_path: Path, command: str
) -> None:
    async with chatting(server.port, tmp_path) as chat:
        await chat.until_heard(CAME)
        friend = await come_in(server, chat, "철수")
        friend.whisper("영희", "안녕")
        await chat.until(lambda: any(entry.text == "안녕" for entry in chat.screen.whispers.entries))
        chat.burst(*command, "enter", *"몰래", "enter")
        await chat.until(lambda: bool(friend.private[1:] or chat.hint))
        await chat.press("escape", "ctrl+l")
        await said_to_all(chat, friend, "끝")
        assert friend.public == ["영희> 끝"]


async def test_leaving_the_mode_and_typing_on_unseen_says_only_what_was_typed_for_all(
    server: InProcess, tmp_path: Path
) -> None:
    async with chatting(server.port, tmp_path) as chat:
        _, stranger = await replaced(server, chat)
        await chat.press(*"비밀", "enter")
        await chat.until(lambda: bool(chat.hint))
        await chat.press("escape")
        await chat.until(lambda: chat.hint == strings.whisper_put_away("철수"))
        assert chat.composer.text == ""
        await chat.press(*"안녕", "enter")
        await beside(lambda: stranger.hear("영희> 안녕"))
        assert stranger.private == []
        await chat.press("up", "up")
        assert chat.composer.text == "@철수 비밀", "and it is not lost"


async def test_name_that_is_typed_afresh_means_who_has_it_now(server: InProcess, tmp_path: Path) -> None:
    async with chatting(server.port, tmp_path) as chat:
        _, stranger = await replaced(server, chat)
        await chat.enter("@철수 처음 뵙겠습니다")
        await chat.until(lambda: stranger.private == ["[귓속말] 영희> 처음 뵙겠습니다"])


@pytest.mark.parametrize("typed", ["/답장 비밀", "/답장"])
async def test_answer_is_for_who_whispered_not_for_who_has_the_nickname(
    server: InProcess, tmp_path: Path, typed: str
) -> None:
    async with chatting(server.port, tmp_path) as chat:
        await chat.until_heard(CAME)
        friend = await come_in(server, chat, "철수")
        friend.whisper("영희", "있어요?")
        await chat.until(lambda: chat.app._timeline.to_answer is not None)
        await go(chat, friend)
        stranger = await come_in(server, chat, "철수")
        await chat.enter(typed)
        await chat.until(lambda: chat.hint == strings.partner_replaced("철수"))
        assert (chat.composer.text, chat.composer.partner) == (typed, None)
        await chat.press("ctrl+l", "ctrl+r")
        await chat.until(lambda: chat.hint == strings.partner_replaced("철수"))
        assert chat.composer.partner is None
        await said_to_all(chat, stranger, "끝")
        assert stranger.private == []


@pytest.mark.parametrize("typed", ["@cjftn 비밀", "/귓속말 cjftn 비밀"])
async def test_what_is_typed_for_somebody_who_has_left_reaches_nobody_with_the_same_keys(
    server: InProcess, tmp_path: Path, typed: str
) -> None:
    async with chatting(server.port, tmp_path) as chat:
        await chat.until_heard(CAME)
        bystander = await come_in(server, chat, "철수")
        await chat.enter("@cjftn 철수님께")
        await chat.until(lambda: bystander.private == ["[귓속말] 영희> 철수님께"])
        await go(chat, await come_in(server, chat, "cjftn"))
        await chat.enter(typed)
        await chat.until(lambda: any(entry.state is State.FAILED for entry in chat.screen.whispers.entries))
        await said_to_all(chat, bystander, "끝")
        assert bystander.private == ["[귓속말] 영희> 철수님께"]


# --- whom it still reaches --------------------------------------------------------------------------------------------


async def test_whisper_to_who_left_stays_and_is_sent_when_the_same_person_is_back(
    server: InProcess, tmp_path: Path
) -> None:
    async with chatting(server.port, tmp_path) as chat:
        friend = await whispering_to(server, chat, "철수")
        await go(chat, friend)
        await chat.enter("비밀")
        await chat.until(lambda: chat.hint == phrases.absent("철수"))
        assert chat.composer.text == "비밀"
        back = await beside(lambda: server.json("철수", secret=friend.secret))
        await chat.until(lambda: "철수" in chat.screen.members.nicks)
        await chat.press("enter")
        await chat.until(lambda: back.private == ["[귓속말] 영희> 비밀"])


async def test_partner_with_a_new_nickname_is_reached_and_who_has_the_old_one_is_not(
    server: InProcess, tmp_path: Path
) -> None:
    async with chatting(server.port, tmp_path) as chat:
        friend = await whispering_to(server, chat, "철수")
        friend.send(t="nick", nick="철이")
        await chat.until(lambda: "철이" in chat.screen.members.nicks)
        stranger = await come_in(server, chat, "철수")
        assert chat.composer.partner == Partner("철이", friend.uid)
        await chat.enter("비밀")
        await chat.until(lambda: friend.private == ["[귓속말] 영희> 비밀"])
        assert stranger.private == []


async def test_whisper_typed_without_a_connection_is_bound_to_the_person(tmp_path: Path) -> None:
    with ScriptedServer() as scripted:
        async with chatting(scripted.port, tmp_path) as chat:
            me = {"uid": UID, "nick": "영희"}
            peer = await welcomed(chat, scripted, members=[me, {"uid": FRIEND, "nick": "철수"}])
            await chat.enter("/귓속말 철수")
            await chat.until(lambda: chat.composer.partner == Partner("철수", FRIEND))
            await beside(peer.close)
            await chat.until(lambda: not chat.app._link.is_online)
            await chat.enter("비밀")
            again = await beside(scripted.accept)
            await beside(lambda: again.greet(replay_from=2, members=[me, {"uid": STRANGER, "nick": "철수"}]))
            sent = await beside(lambda: again.receive_kind("whisper"))
            assert (sent.text("to"), sent.text("to_uid"), sent.text("text")) == ("철수", FRIEND, "비밀")


# --- those of long ago ------------------------------------------------------------------------------------------------


async def test_whispers_are_there_after_a_restart_however_much_was_said_since(
    server: InProcess, tmp_path: Path
) -> None:
    async with chatting(server.port, tmp_path) as chat:
        await chat.until_heard(CAME)
        friend = await come_in(server, chat, "철수")
        friend.whisper("영희", "기억해?")
        await chat.until(lambda: len(chat.screen.whispers.entries) == 1)
    for number in range(300):
        friend.say(f"말 {number}")
    async with chatting(server.port, tmp_path) as chat:
        await chat.until(lambda: any(entry.text == "기억해?" for entry in chat.screen.whispers.entries))
        await chat.press("ctrl+r")
        assert chat.composer.partner == Partner("철수", friend.uid)
        assert not any(entry.is_whisper for entry in chat.room.entries)
        assert len(chat.room.entries) < 100, "the room's own past is loaded when it is wanted"
