"""The chat screen: what is seen at each size, what stands above the composer, and how one moves."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from textual import events

from server.protocol import phrases
from tests.support.chat import Chat, beside, chatting
from tests.support.in_process import InProcess, in_process
from tests.support.json_client import JsonClient
from tui_client import strings
from tui_client.widgets.tab_strip import Pane, TabStrip
from tui_client.widgets.title_bar import LinkState

CAME = "영희님이 입장하셨습니다."
TINY, SHORT, SMALL, LARGE = (20, 8), (40, 12), (80, 24), (160, 45)


@pytest.fixture
def server() -> Iterator[InProcess]:
    with in_process() as running:
        yield running


def sees(chat: Chat, text: str) -> bool:
    return any(text in row for row in chat.rows)


# --- styles -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [TINY, SHORT, SMALL, LARGE])
async def test_what_was_styled_as_it_was_made_looks_the_same_styled_again(
    server: InProcess, tmp_path: Path, size: tuple[int, int]
) -> None:
    """Once is enough for the first picture, although Textual would do it twice."""
    async with chatting(server.port, tmp_path, size=size) as chat:
        await chat.until(lambda: chat.screen.outer_size == size)
        nodes = list(chat.screen.walk_children(with_self=True))
        before = [{**node.styles.base.get_rules()} for node in nodes]
        chat.screen.update_node_styles(animate=False)
        assert [{**node.styles.base.get_rules()} for node in nodes] == before


# --- sizes ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [TINY, SHORT])
async def test_room_comes_first_on_a_small_terminal(server: InProcess, tmp_path: Path, size: tuple[int, int]) -> None:
    friend = server.json("철수")
    async with chatting(server.port, tmp_path, size=size) as chat:
        await chat.until_heard(CAME)
        friend.say("보이나요")
        await chat.until(lambda: sees(chat, "보이나요"))
        await chat.press("답")
        await chat.until(lambda: sees(chat, "답"))
        assert not chat.screen.members.display
        assert not chat.screen.whispers.display
        assert chat.room.scrollable_content_region.height >= 3


@pytest.mark.parametrize("size", [TINY, SHORT])
async def test_hidden_whisper_is_counted_on_its_tab_until_it_is_seen(
    server: InProcess, tmp_path: Path, size: tuple[int, int]
) -> None:
    friend = server.json("철수")
    async with chatting(server.port, tmp_path, size=size) as chat:
        await chat.until_heard(CAME)
        friend.whisper("영희", "쉿")
        await chat.until(lambda: sees(chat, "귓속말 1"))
        assert chat.screen.unread == 1
        assert sees(chat, "입장"), "and the room is still there"
        await chat.press("f2")
        await chat.until(lambda: sees(chat, "쉿") and not sees(chat, "귓속말 1"))
        assert chat.screen.unread == 0
        assert not sees(chat, "입장")


async def test_tabs_are_walked_in_both_directions_and_the_members_take_keys(server: InProcess, tmp_path: Path) -> None:
    server.json("철수")
    async with chatting(server.port, tmp_path, size=SHORT) as chat:
        await chat.until_heard(CAME)
        await chat.press("shift+tab")
        await chat.until(lambda: sees(chat, "영희 (나)") and chat.screen.focused is chat.screen.members)
        await chat.press("down", "enter")
        await chat.until(lambda: chat.composer.text == "@철수 ")
        assert chat.screen.shows_whispers_only
        await chat.press("tab", "tab")
        await chat.until(lambda: sees(chat, "입장"))


async def test_click_on_a_tab_shows_its_pane(server: InProcess, tmp_path: Path) -> None:
    async with chatting(server.port, tmp_path, size=SHORT) as chat:
        await chat.until_heard(CAME)
        await chat.pilot.click(TabStrip, offset=(9, 0))
        await chat.until(lambda: chat.screen.shows_whispers_only)
        await chat.pilot.click(TabStrip, offset=(35, 0))
        await chat.pilot.click(TabStrip, offset=(2, 0))
        await chat.until(lambda: chat.screen.tabs.shown is Pane.ROOM)


async def test_public_words_typed_while_only_whispers_are_seen_are_not_sent(server: InProcess, tmp_path: Path) -> None:
    friend = server.json("철수")
    async with chatting(server.port, tmp_path, size=SHORT) as chat:
        await chat.until_heard(CAME)
        await chat.press("f2")
        await chat.enter("비밀이야")
        await chat.until(lambda: chat.hint == strings.NOT_TO_ALL)
        assert chat.composer.text == "비밀이야"
        await chat.enter("@철수 둘만")
        await chat.until(lambda: any("둘만" in line for line in friend.private))
        assert friend.public == []


async def test_messages_below_what_is_read_are_unread_in_the_title(server: InProcess, tmp_path: Path) -> None:
    friend = server.json("철수")
    for number in range(60):
        friend.say(f"{number}번째")
    async with chatting(server.port, tmp_path) as chat:
        await chat.until_heard(CAME)
        assert chat.screen.unread == 0, "the past is no news"
        await chat.press("pageup")
        friend.say("새 소식")
        await chat.until(lambda: sees(chat, "안 읽음 1"))
        await chat.press("end")
        await chat.until(lambda: not sees(chat, "안 읽음"))


async def test_what_comes_in_behind_the_terminals_back_is_unread_until_it_is_looked_at(
    server: InProcess, tmp_path: Path
) -> None:
    friend = server.json("철수")
    async with chatting(server.port, tmp_path) as chat:
        await chat.until_heard(CAME)
        chat.app.post_message(events.AppBlur())
        await chat.until(lambda: not chat.app.app_focus)
        friend.say("자리에 있어요?")
        friend.whisper("영희", "쉿")
        await chat.until(lambda: sees(chat, "안 읽음 2"))
        chat.app.post_message(events.AppFocus())
        await chat.until(lambda: not sees(chat, "안 읽음"))


async def test_whispers_stand_beside_the_room_on_a_wide_terminal(server: InProcess, tmp_path: Path) -> None:
    friend = server.json("철수")
    async with chatting(server.port, tmp_path, size=LARGE) as chat:
        await chat.until_heard(CAME)
        friend.whisper("영희", "쉿")
        await chat.until(lambda: sees(chat, "쉿"))
        room, whispers, members = chat.room.region, chat.screen.whispers.region, chat.screen.members.region
        assert whispers.x == members.x == room.right
        assert room.width >= 80
        assert members.bottom == whispers.y


async def test_room_goes_on_following_through_every_size(server: InProcess, tmp_path: Path) -> None:
    friend = server.json("철수")
    for number in range(40):
        friend.say(f"{number}번째로 하는 조금 긴 이야기")
    async with chatting(server.port, tmp_path) as chat:
        await chat.until_heard(CAME)
        for number, (columns, rows) in enumerate((TINY, LARGE, SHORT, SMALL, TINY, SMALL)):
            await chat.pilot.resize_terminal(columns, rows)
            friend.say(f"끝{number}")
            await chat.until(lambda last=f"끝{number}": sees(chat, last))  # type: ignore[misc]
            assert chat.room.is_following


# --- above the composer -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("/종류", strings.unknown_command("/종류", "/종료")),
        ("가" * 2001, strings.text_too_long(2001, 1, 2000, 20)),
        ("줄\n" * 20 + "끝", strings.text_too_long(41, 21, 2000, 20)),
        ("@철수", phrases.WHISPER_USAGE),
        ("/귓속말", strings.WHISPER_COMMAND_USAGE),
        ("/[b]종류[/b]", strings.unknown_command("/[b]종류[/b]", "")),
    ],
    ids=["unknown", "long", "lines", "whisper", "habit", "markup"],
)
async def test_refusal_stands_above_the_composer_and_the_text_stays(
    server: InProcess, tmp_path: Path, typed: str, reason: str
) -> None:
    friend = server.json("철수")
    async with chatting(server.port, tmp_path) as chat:
        await chat.until_heard(CAME)
        await chat.enter(typed)
        await chat.until(lambda: chat.hint == reason)
        assert chat.composer.text == typed
        await chat.until(lambda: chat.screen.hint.region.height > 0)
        assert chat.screen.hint.region.bottom == chat.composer.region.y
        await chat.press("backspace")
        await chat.until(lambda: not chat.hint)
        assert friend.public == []


@pytest.mark.parametrize("size", [SHORT, (44, 20)])
@pytest.mark.parametrize("hint", [strings.NOT_TO_ALL, strings.unknown_command("/아주긴이름의모르는명령", "")])
async def test_hint_is_whole_on_a_narrow_terminal(
    server: InProcess, tmp_path: Path, size: tuple[int, int], hint: str
) -> None:
    async with chatting(server.port, tmp_path, size=size) as chat:
        await chat.until_heard(CAME)
        chat.screen.show_hint(hint)
        await chat.until(lambda: "".join(hint.split()) in "".join("".join(chat.rows).split()))


async def test_what_is_offered_is_whole_where_it_lies_over_the_edge_of_a_pane(
    server: InProcess, tmp_path: Path
) -> None:
    async with chatting(server.port, tmp_path, size=(44, 20)) as chat:
        await chat.until_heard(CAME)
        await chat.press("slash")
        await chat.until(lambda: sees(chat, strings.COMMAND_SEARCH[1]))


async def test_what_can_be_typed_is_said_whole_on_a_narrow_terminal(server: InProcess, tmp_path: Path) -> None:
    async with chatting(server.port, tmp_path, size=SHORT) as chat:
        await chat.until(lambda: sees(chat, strings.COMPOSER_PLACEHOLDER))


async def test_cleared_text_can_be_brought_back(server: InProcess, tmp_path: Path) -> None:
    async with chatting(server.port, tmp_path) as chat:
        await chat.until_heard(CAME)
        await chat.enter("/종류\n둘째 줄")
        await chat.until(lambda: bool(chat.hint))
        await chat.press("ctrl+l")
        await chat.until(lambda: not chat.composer.text and not chat.hint)
        await chat.press("ctrl+z")
        await chat.until(lambda: chat.composer.text == "/종류\n둘째 줄")


async def test_what_is_typed_right_behind_what_is_refused_is_kept_and_the_reason_stays(
    server: InProcess, tmp_path: Path
) -> None:
    async with chatting(server.port, tmp_path) as chat:
        await chat.until_heard(CAME)
        chat.burst(*"/zzz", "enter", "a", "b")
        await chat.until(lambda: chat.composer.text == "/zzzab" and bool(chat.hint))
        await chat.press("backspace", "backspace", "backspace")
        assert not chat.hint


async def test_members_are_dimmed_while_nobody_knows_who_is_there(server: InProcess, tmp_path: Path) -> None:
    async with chatting(server.port, tmp_path) as chat:
        await chat.until_heard(CAME)
        await chat.until(lambda: not chat.screen.members.is_stale)
        chat.screen.show_state(LinkState.OFFLINE, strings.state_offline(3), can_retry=True)
        assert chat.screen.members.is_stale


# --- moving -----------------------------------------------------------------------------------------------------------


async def come_in(server: InProcess, chat: Chat, nick: str) -> JsonClient:
    friend = await beside(lambda: server.json(nick))
    await chat.until(lambda: nick in chat.screen.members.nicks)
    return friend


@pytest.mark.parametrize("draft", ["할 말", "@민수 할 말", ""])
async def test_chosen_member_is_whispered_to_and_the_draft_is_the_text(
    server: InProcess, tmp_path: Path, draft: str
) -> None:
    async with chatting(server.port, tmp_path) as chat:
        await chat.until_heard(CAME)
        await come_in(server, chat, "철수")
        chat.composer.insert(draft)
        chat.screen.members.focus()
        await chat.press("down", "enter")
        await chat.until(lambda: chat.composer.has_focus)
        assert chat.composer.text == "@철수 " + draft.removeprefix("@민수 ")
        await chat.press("!")
        await chat.until(lambda: chat.composer.text.endswith("!"))


async def test_escape_comes_back_to_the_composer_from_everywhere(server: InProcess, tmp_path: Path) -> None:
    async with chatting(server.port, tmp_path) as chat:
        await chat.until_heard(CAME)
        for pane in (chat.room, chat.screen.members, chat.screen.whispers):
            pane.focus()
            await chat.until(lambda pane=pane: pane.has_focus)  # type: ignore[misc]
            await chat.press("escape")
            await chat.until(lambda: chat.composer.has_focus)
