"""The whole app without a terminal, as a pilot test has it: keys in, screen and room out.

Whatever waits for the other side runs on a thread, since the app needs this one.
"""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from time import monotonic
from typing import TypeVar

from textual import events
from textual.pilot import Pilot

from tests.support.app import SMALL
from tests.support.scripted_server import Peer, ScriptedServer
from tui_client.app import ChatApp
from tui_client.entry import Entry
from tui_client.local_server import LocalServer
from tui_client.password_source import NOT_GIVEN, GivenPassword
from tui_client.profile import Profile
from tui_client.trust import NO_OPTIONS, TlsOptions
from tui_client.widgets.chat_screen import ChatScreen
from tui_client.widgets.composer import Composer
from tui_client.widgets.message_log import MessageLog
from tui_client.wire import Address

DEADLINE_S = 10.0
UID = "a" * 16

Result = TypeVar("Result")


class Chat:
    """A running app, and what a test wants to know about it."""

    def __init__(self, app: ChatApp, pilot: Pilot[int]) -> None:
        self.app = app
        self.pilot = pilot

    @property
    def screen(self) -> ChatScreen:
        """The chat screen, also while another one is above it."""
        return self.app.get_default_screen()

    @property
    def room(self) -> MessageLog:
        return self.screen.room

    @property
    def composer(self) -> Composer:
        return self.screen.composer

    @property
    def lines(self) -> Sequence[str]:
        """What the room holds."""
        return spoken(self.room.entries)

    @property
    def hint(self) -> str:
        """The sentence above the composer, if there is one."""
        return str(self.screen.hint.render()) if self.screen.hint.display else ""

    @property
    def rows(self) -> Sequence[str]:
        """What is drawn, row by row."""
        return [strip.text for strip in self.app.screen._compositor.render_strips()]

    async def until(self, condition: Callable[[], bool]) -> None:
        """Let the app work until `condition` holds."""
        end = monotonic() + DEADLINE_S
        while not condition():
            assert monotonic() < end, "\n".join(["the condition did not come true in time; the screen:", *self.rows])
            await self.pilot.pause(0.005)

    async def until_heard(self, line: str) -> None:
        """Let the app work until the room has `영희> 안녕`, or any other line."""
        await self.until(lambda: line in self.lines)

    def burst(self, *keys: str) -> None:
        """Keys as a terminal sends them in one go: all are waiting when the first is handled."""
        for key in keys:
            self.app.post_message(events.Key(key, key if len(key) == 1 else None))

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)

    async def enter(self, text: str) -> None:
        """Write `text` into the composer and send it. A refused command may stand there again at once."""
        entries = len(self.room.entries)
        self.composer.load_text(text)
        self.composer.move_cursor(self.composer.document.end)
        await self.pilot.press("enter")
        await self.until(lambda: self.composer.text != text or bool(self.hint) or len(self.room.entries) != entries)


def spoken(entries: Sequence[Entry]) -> list[str]:
    """Labels and texts, without the times."""
    return [entry.label + entry.text for entry in entries]


@asynccontextmanager
async def chatting(
    port: int,
    folder: Path,
    nick: str = "영희",
    *,
    size: tuple[int, int] = SMALL,
    before_connect: Callable[[threading.Event], LocalServer] | None = None,
    given: GivenPassword = NOT_GIVEN,
    tls: TlsOptions = NO_OPTIONS,
) -> AsyncIterator[Chat]:
    """Run the app. It leaves at the end, and whatever failed inside it is raised."""
    app = ChatApp(Address("127.0.0.1", port), nick, Profile(folder), before_connect, folder, given=given, tls=tls)
    async with app.run_test(size=size) as pilot:
        yield Chat(app, pilot)


async def beside(work: Callable[[], Result]) -> Result:
    """The result of `work`, which blocks."""
    return await asyncio.to_thread(work)


async def welcomed(chat: Chat, server: ScriptedServer, **welcome: object) -> Peer:
    """Let 영희 in at a scripted server, and hand over its end."""
    peer = await beside(server.accept)
    await beside(lambda: peer.greet(**welcome))
    peer.send(t="joined", seq=1, at=0, uid=UID, nick="영희")
    await chat.until_heard("영희님이 입장하셨습니다.")
    return peer
