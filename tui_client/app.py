"""The app: glues the link's thread, the timeline and the widgets together, and holds nothing of its own but what is on the screen.

Events come from the link in batches: `on_wake` posts one `Wake` for many of them, and they are drained at most 30 times a second, so
that a flood of messages leaves the keyboard its turn. Everything here runs on the UI thread; only `Wake` comes from another.
"""

import asyncio
import signal
import sys
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import ClassVar, assert_never

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.content import Content
from textual.message import Message

from server.protocol import phrases
from server.protocol.events import PROTOCOL_VERSION, Hello, Say, ServerFrame, Whisper
from server.protocol.events import Rename as RenameFrame
from tui_client import commands, strings
from tui_client.conversation import HelloRefused
from tui_client.link import Connecting, Disconnected, GaveUp, Link, LinkEvent
from tui_client.local_server import AlreadyRunning, Failed, LocalServer, Started
from tui_client.profile import Profile
from tui_client.terminal_app import TerminalApp
from tui_client.timeline import Changes, Timeline, TooManyPending
from tui_client.widgets.composer import Composer
from tui_client.widgets.help_screen import HelpScreen
from tui_client.widgets.key_bar import KeyBar
from tui_client.widgets.members import MemberList
from tui_client.widgets.message_log import MessageLog
from tui_client.widgets.nickname_screen import NicknameScreen
from tui_client.widgets.title_bar import LinkState, TitleBar
from tui_client.widgets.whisper_pane import WhisperPane
from tui_client.wire import Address

DRAIN_INTERVAL_S = 1 / 30
"""The shortest time between two drains: the eye sees no difference, and keys are answered in between."""

DRAIN_EVENTS = 1_000
"""The most events taken at once: 20 ms of work, so that a key waits no longer."""

JOIN_S = 2.0
"""How long leaving waits for the link's thread, which ends by itself at once."""


class Wake(Message):
    """Something has come from the link."""


class ChatApp(TerminalApp[int]):
    """One client of one room. `before_connect` sees to it that a server runs, where that is this client's task."""

    CSS_PATH = Path(__file__).with_name("chat.tcss")
    TITLE = strings.APP_NAME
    ENABLE_COMMAND_PALETTE = False
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012
        (0, "-narrow"),
        (100, "-wide"),
    ]

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q", "quit", show=False, priority=True),
        Binding("ctrl+c", "help_quit", show=False, system=True),
        Binding("f1", "help", show=False),
        Binding("f5", "reconnect", show=False),
        Binding("pageup", "page('up')", show=False),
        Binding("pagedown", "page('down')", show=False),
        Binding("home", "page('home')", show=False),
        Binding("end", "page('end')", show=False),
        Binding("escape", "compose", show=False),
    ]

    def __init__(
        self,
        address: Address,
        nick: str,
        profile: Profile,
        before_connect: Callable[[threading.Event], LocalServer] | None,
    ) -> None:
        """`nick` is asked for if it is empty. `profile` remembers."""
        super().__init__()
        self._address = address
        self._profile = profile
        self._identity = nick
        """The nickname by which the server knows this client; a rename doesn't change who one is."""
        self._timeline = Timeline(nick, lambda: str(uuid.uuid4()))
        self._link = Link(address, self._hello, self._wake, before_connect=before_connect)
        # Held, not queried: a query looks at the screen on top, and a dialog may be there when something comes in.
        self._title_bar = TitleBar(strings.APP_NAME)
        self._room = MessageLog(id="room", placeholder=strings.EMPTY_ROOM)
        self._member_list = MemberList(id="members")
        self._whispers = WhisperPane(id="whispers", placeholder=strings.NO_WHISPERS)
        self._composer = Composer(id="composer", placeholder=strings.COMPOSER_PLACEHOLDER)
        self._key_bar = KeyBar(id="keys")
        self._drained_at = 0.0
        self._lost_for = ""
        """The reason last shown for there being no connection, so that a server that stays away is said once."""

    # --- the screen ---------------------------------------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        yield self._title_bar
        with Container(id="panes"):
            yield self._room
            yield self._member_list
            yield self._whispers
        yield self._composer
        yield self._key_bar

    def on_mount(self) -> None:
        self._leave_on_signals()
        self._whispers.border_title = strings.WHISPERS_TITLE
        self._title_bar.address = str(self._address)
        self._composer.focus()
        if self._profile.notice:
            self._tell(self._profile.notice)
        if self._identity:
            self._start()
        else:
            self._show_state(LinkState.OFFLINE, strings.STATE_NICK_NEEDED)
            self._ask_nickname("", self._profile.last_nickname())

    def _leave_on_signals(self) -> None:
        """Whoever ends this program from outside, or closes its window, also leaves the room, and the terminal clean."""
        if sys.platform != "win32" and threading.current_thread() is threading.main_thread():
            for number in (signal.SIGTERM, signal.SIGHUP):
                asyncio.get_running_loop().add_signal_handler(number, self.exit, 0)

    def _start(self) -> None:
        self._show_nick()
        self._show_state(LinkState.CONNECTING, strings.STATE_CONNECTING)
        self.call_after_refresh(self._link.start)

    async def on_unmount(self) -> None:
        """The link's thread never waits for this one, so waiting for it here can't deadlock."""
        self._link.close()
        await asyncio.to_thread(self._link.join, JOIN_S)

    def _show_state(self, state: LinkState, text: str) -> None:
        self._title_bar.show_state(state, text)
        self._key_bar.keys = (*strings.KEYS_OFFLINE, *strings.KEYS) if self._lost_for else strings.KEYS

    def _show_nick(self) -> None:
        self._title_bar.nick = self._timeline.nick

    def _tell(self, text: str) -> None:
        self._room.extend([self._timeline.notice(text, _now_ms())])

    def _complain(self, text: str) -> None:
        self._room.extend([self._timeline.error(text, _now_ms())])

    # --- who one is ---------------------------------------------------------------------------------------------------

    def _hello(self) -> Hello:
        """Called on the link's thread: everything it reads is replaced as a whole, never changed."""
        nick = self._timeline.nick
        return Hello(PROTOCOL_VERSION, nick, self._profile.client_secret(self._identity), self._timeline.position)

    def _wake(self) -> None:
        """Called on the link's thread."""
        self.post_message(Wake())

    def _ask_nickname(self, reason: str, nick: str) -> None:
        self.push_screen(NicknameScreen(reason, nick), self._take_nickname)

    def _take_nickname(self, nick: str | None) -> None:
        if nick is None:
            self.exit(0)
            return
        if not self._timeline.uid:
            self._identity = nick
        is_first = not self._timeline.nick
        self._timeline.nick = nick
        if is_first:
            self._start()
        else:
            self._show_nick()
            self._link.greet()

    # --- what the link brings -----------------------------------------------------------------------------------------

    @on(Wake)
    def drain_soon(self) -> None:
        delay_s = self._drained_at + DRAIN_INTERVAL_S - time.monotonic()
        if delay_s <= 0:
            self._drain()
        else:
            self.set_timer(delay_s, self._drain)

    def _drain(self) -> None:
        with self.batch_update():
            self._receive(self._link.drain(DRAIN_EVENTS))
        self._drained_at = time.monotonic()

    def _receive(self, arrived: Sequence[LinkEvent]) -> None:
        """Frames are taken together, in order; what the link says of itself comes between connections."""
        frames: list[ServerFrame] = []
        for event in arrived:
            match event:
                case (
                    Connecting() | Disconnected() | GaveUp() | HelloRefused() | AlreadyRunning() | Started() | Failed()
                ):
                    self._apply(self._timeline.receive(frames, _now_ms()))
                    frames = []
                    self._follow_link(event)
                case _:
                    frames.append(event)
        self._apply(self._timeline.receive(frames, _now_ms()))

    def _follow_link(self, event: Connecting | Disconnected | GaveUp | HelloRefused | LocalServer) -> None:
        match event:
            case Connecting(attempt):
                text = strings.STATE_CONNECTING if attempt == 1 else strings.state_reconnecting(attempt)
                self._show_state(LinkState.CONNECTING, text)
            case Disconnected(text, retry_in_s):
                self._say_once(text)
                self._show_state(LinkState.OFFLINE, strings.state_offline(retry_in_s))
            case GaveUp(text):
                self._say_once(strings.stopped(text))
                self._show_state(LinkState.OFFLINE, strings.STATE_STOPPED)
            case HelloRefused(_, text):
                self._show_state(LinkState.OFFLINE, strings.STATE_NICK_NEEDED)
                self._ask_nickname(text, self._timeline.nick)
            case Started():
                self._tell(strings.server_started(str(self._address)))
            case Failed(text):
                self._complain(text)
            case AlreadyRunning():
                """As it should be."""
            case _:
                assert_never(event)

    def _say_once(self, text: str) -> None:
        if text != self._lost_for:
            self._lost_for = text
            self._complain(text)

    def _apply(self, changes: Changes) -> None:
        for page in changes.pages:
            self._room.prepend(page.room)
            self._whispers.prepend(page.whispers)
        self._room.extend(changes.room)
        self._whispers.extend(changes.whispers)
        if changes.pending_changed:
            self._show_pending()
        if changes.nick_changed or changes.welcomed:
            self._show_nick()
        if changes.members_changed:
            nicks = [member.nick for member in self._timeline.members]
            self._member_list.set_members(nicks, self._timeline.nick)
        if changes.welcomed:
            self._welcome()
        if changes.retry_after_ms is not None:
            self.set_timer(changes.retry_after_ms / 1000, self._resend)

    def _welcome(self) -> None:
        self._lost_for = ""
        self._show_state(LinkState.ONLINE, strings.STATE_ONLINE)
        self._profile.remember_nickname(self._timeline.nick)
        self._resend()

    def _resend(self) -> None:
        self._link.send(*self._timeline.resend())

    def _show_pending(self) -> None:
        self._room.set_pending(self._timeline.pending_room)
        self._whispers.set_pending(self._timeline.pending_whispers)

    # --- what the user does -------------------------------------------------------------------------------------------

    @on(Composer.Submitted)
    def submit(self, submitted: Composer.Submitted) -> None:
        meant = commands.parse(submitted.text)
        match meant:
            case commands.Mistake(text):
                self._refuse(submitted, text)
            case commands.Say() | commands.Whisper():
                self._speak(meant, submitted)
            case commands.Rename(nick):
                self._rename(nick, submitted)
            case commands.ListMembers():
                self._tell(phrases.member_list(self._member_list.nicks))
            case commands.Help():
                self.action_help()
            case commands.Quit():
                self.exit(0)
            case _:
                assert_never(meant)

    def _refuse(self, submitted: Composer.Submitted, reason: str) -> None:
        """Nothing is sent, and nothing that was typed is lost."""
        submitted.composer.restore(submitted.text)
        self._complain(reason)

    def _speak(self, meant: commands.Say | commands.Whisper, submitted: Composer.Submitted) -> None:
        timeline = self._timeline
        try:
            frame: Say | Whisper = (
                timeline.whisper(meant.to, meant.text, _now_ms())
                if isinstance(meant, commands.Whisper)
                else timeline.say(meant.text, _now_ms())
            )
        except TooManyPending:
            self._refuse(submitted, strings.TOO_MANY_PENDING)
            return
        self._show_pending()
        self._link.send(frame)
        self._room.action_scroll_end()

    def _rename(self, nick: str, submitted: Composer.Submitted) -> None:
        if self._link.is_online:
            self._link.send(RenameFrame(nick))
        else:
            self._refuse(submitted, strings.NOT_CONNECTED)

    @on(MessageLog.TopReached)
    def load_older(self) -> None:
        if self._link.is_online and (request := self._timeline.older()) is not None:
            self._link.send(request)

    @on(MessageLog.UnreadBelow)
    def show_unread(self, unread: MessageLog.UnreadBelow) -> None:
        unread.log.border_subtitle = Content(strings.unread_below(unread.count)) if unread.count else ""

    @on(MemberList.Chosen)
    def start_whisper(self, chosen: MemberList.Chosen) -> None:
        self._composer.restore(f"@{chosen.nick} ")
        self._composer.focus()

    def on_key(self, event: events.Key) -> None:
        """Who types while another pane has the focus means the composer, and loses no letter."""
        if (
            event.is_printable
            and event.character
            and self.screen is self._composer.screen
            and not self._composer.has_focus
        ):
            self._composer.focus()
            self._composer.insert(event.character)
            event.stop()

    def action_page(self, where: str) -> None:
        match where:
            case "up":
                self._room.action_page_up()
            case "down":
                self._room.action_page_down()
            case "home":
                self._room.action_scroll_home()
            case _:
                self._room.action_scroll_end()

    def action_compose(self) -> None:
        self._composer.focus()

    def action_help(self) -> None:
        if not isinstance(self.screen, HelpScreen):
            self.push_screen(HelpScreen())

    def action_reconnect(self) -> None:
        if not self._link.is_online:
            self._link.retry_now()

    def action_help_quit(self) -> None:
        """Ctrl+C copies a selection, as everywhere in Textual; without one it says how to leave."""
        self.notify(strings.HOW_TO_QUIT, timeout=3)

    async def action_quit(self) -> None:
        """What Enter was pressed on a moment ago is still sent: it waits for a late syllable."""
        if self._composer.hurry():
            self.call_after_refresh(self.exit, 0)
        else:
            self.exit(0)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
