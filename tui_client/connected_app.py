"""The half of the app that follows the server: link → timeline → screen, and who one is there. `app` is what the user does.

Events come from the link in batches: `on_wake` posts one `Wake` for many of them, and they are drained at most 30 times a second, so
that a flood of messages leaves the keyboard its turn. Everything here runs on the UI thread; only `Wake` comes from another.
"""

import asyncio
import gc
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import assert_never

from textual import on
from textual.message import Message
from textual.timer import Timer

from server.protocol.errors import Code
from server.protocol.events import PROTOCOL_VERSION, Done, Frame, Hello, HistoryPage, Refused, SanctionList, ServerFrame
from server.protocol.password import Password
from tui_client import strings
from tui_client.conversation import HelloRefused, RoundTrip
from tui_client.dialing import Secured
from tui_client.entry import Entry
from tui_client.entry import Kind as EntryKind
from tui_client.ignoring import Ignoring
from tui_client.link import Link
from tui_client.local_server import AlreadyRunning, Failed, LocalServer, Started
from tui_client.mailbox import (
    CertificateChanged,
    Connecting,
    Disconnected,
    GaveUp,
    LinkEvent,
    LinkNews,
    PasswordWanted,
    SecurityNews,
    TrustWanted,
)
from tui_client.notifying import Kind as NewsKind
from tui_client.notifying import News
from tui_client.password_source import NOT_GIVEN, GivenPassword
from tui_client.personal_app import PersonalApp
from tui_client.profile import Profile
from tui_client.timeline import Changes, Failure, Timeline
from tui_client.trust import NO_OPTIONS, TlsOptions, Trust
from tui_client.widgets.chat_screen import ChatScreen
from tui_client.widgets.title_bar import LinkState
from tui_client.wire import Address

DRAIN_INTERVAL_S = 1 / 30
"""The shortest time between two drains: the eye sees no difference, and keys are answered in between."""

DRAIN_EVENTS = 1_000
"""The most events taken at once: 20 ms of work, so that a key waits no longer."""

MIN_RESEND_MS, MAX_RESEND_MS = 500, 60_000
"""Bounds of what a server may ask for when it is told too much at once."""

JOIN_S = 2.0
"""How long leaving waits for the link's thread, which ends by itself at once."""

COUNTDOWN_S = 0.5
"""How often the seconds to the next attempt are looked at: none of them is skipped."""


class Wake(Message):
    """Something has come from the link."""


class ConnectedApp(PersonalApp[int]):
    """One client of one room. `before_connect` sees to it that a server runs, where that is this client's task."""

    def __init__(
        self,
        address: Address,
        nick: str,
        profile: Profile,
        before_connect: Callable[[threading.Event], LocalServer] | None,
        settings_folder: Path,
        *,
        tls: TlsOptions = NO_OPTIONS,
        given: GivenPassword = NOT_GIVEN,
    ) -> None:
        """`nick` is asked for if it is empty. `profile` remembers. `given` is the room's password, where that need not be asked for."""
        super().__init__(settings_folder)
        self._address = address
        self._profile = profile
        self._identity = nick
        """The nickname by which the server knows this client; a rename doesn't change who one is."""
        self._outbox = profile.outbox(str(address))
        ignoring = Ignoring(profile.ignored(), profile.note_ignored)
        self._timeline = Timeline(nick, lambda: str(uuid.uuid4()), self._outbox, ignoring=ignoring)
        self._trust = Trust(address.host, address.port, tls, profile.known_servers())
        self._link = Link(address, self._hello, self._wake, trust=self._trust, before_connect=before_connect)
        self._chat = ChatScreen(str(address))
        self._password: Password | None = given.password
        self._has_started = False
        self._resend_timer: Timer | None = None
        self._countdown_timer: Timer | None = None
        self._silence_timer: Timer | None = None
        """Until one who was muted may speak again."""
        self._drained_at = 0.0
        self._nick_is_needed = False
        """Whether the server waits for another nickname."""
        self._held_back = [given.notice] if given.notice else []
        """Notices from before the room was there; they would be lost above its past."""
        self._left_over: Sequence[str] = ()
        """What to tell, once the room is there, of what whoever one is has left unsent."""
        self._round_trip_s: float | None = None
        """How long the way to the server and back took last."""
        self._failure_hint = self._stopped_hint = ""
        self._lost_for: set[str] = set()
        """The reasons shown since the last welcome for there being no connection: each is said once."""
        self._has_been_in = False
        """Whether the room was entered in this run."""

    def get_default_screen(self) -> ChatScreen:
        return self._chat

    # --- what the other half is told ----------------------------------------------------------------------------------

    def answered(self, page: HistoryPage) -> None:
        """The answer to a question that was not about the room's own past has come."""

    def refused(self, refused: Refused) -> None:
        """A question was refused that was not about the room's own past."""

    def done(self, answer: Done | SanctionList) -> None:
        """Something was done, or is known, that was asked for under a number of somebody else's."""

    def order_settled(self, number: int, *, is_done: bool) -> None:
        """The server has answered what it was told to do under this number."""

    def members_shown(self) -> None:
        """The list of members is up to date."""

    def security_told(self, news: SecurityNews) -> None:
        """Something is known of who is at the other end, or has to be."""

    def password_wanted(self, wanted: PasswordWanted) -> None:
        """The server lets in whoever knows the room's password."""

    def online_changed(self) -> None:
        """The connection was made, or lost."""

    def pending_shown(self) -> None:
        """What waits, and what has failed, is as it is shown."""

    # --- coming and going ---------------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        if not gc.isenabled():  # whoever started the program put it off until the first picture
            self.call_after_refresh(_collect_garbage_from_now_on)
        self.leave_on_signals()
        exposed = strings.EXPOSED_NOTICE if self._trust.is_exposed else ""
        self._held_back += filter(None, (self._profile.notice, *self.settings_notice.split("\n"), exposed))
        self.settings_changed()
        if self._identity:
            self._start()
        else:
            self._show_state(LinkState.OFFLINE, strings.STATE_NICK_NEEDED)
            self._ask_nickname("", self._profile.last_nickname())

    def _start(self) -> None:
        self._has_started = True
        self._become(self._timeline.nick)
        self._show_nick()
        self._show_state(LinkState.CONNECTING, strings.STATE_CONNECTING)
        self.call_after_refresh(self._link.start)

    async def on_unmount(self) -> None:
        """The link's thread never waits for this one, so waiting for it here can't deadlock."""
        self._link.close()
        await asyncio.to_thread(self._link.join, JOIN_S)
        self._outbox.close()

    def _show_state(self, state: LinkState, text: str, short: str = "") -> None:
        self._stop_countdown()
        self._chat.show_state(state, text, short, can_retry=bool(self._lost_for))

    def _show_online(self) -> None:
        """Connected; whether that is of any use, too."""
        held_up = self._timeline.held_up
        if held_up is not None and held_up.code == Code.STORAGE_FULL:
            self._show_state(LinkState.STUCK, strings.STATE_STORAGE_FULL, strings.STATE_STORAGE_FULL_SHORT)
        else:
            seconds = self._round_trip_s
            text = strings.STATE_ONLINE if seconds is None else strings.state_online(seconds)
            self._show_state(LinkState.ONLINE, text, strings.STATE_ONLINE)

    def _show_nick(self) -> None:
        self._chat.title_bar.nick = self._timeline.nick
        self.show_title()

    @property
    def nick_in_title(self) -> str:
        return self._timeline.nick

    def settings_changed(self) -> None:
        self._chat.follow_settings(self.settings)

    def complain(self, text: str) -> None:
        self._complain(text)

    def watch_app_focus(self, focused: bool) -> None:  # noqa: FBT001 -- Textual's signature
        super().watch_app_focus(focused)
        self._chat.follow_reader()

    def _tell(self, text: str) -> None:
        self._chat.extend([self._timeline.notice(text, now_ms())], ())

    def _complain(self, text: str) -> None:
        self._chat.extend([self._timeline.error(text, now_ms())], ())

    def _tell_held_back(self) -> None:
        for text in self._held_back:
            self._tell(text)
        self._held_back = []

    def _tell_left_over(self) -> None:
        for text in filter(None, self._left_over):
            self._tell(text)
        self._left_over = ()

    # --- who one is ---------------------------------------------------------------------------------------------------

    def _become(self, nick: str) -> None:
        """Be whoever chats here under this nickname, with what they left unsent."""
        self._identity = self._profile.identity_of(nick)
        self._timeline.take_up(self._outbox.take_up(self._identity), now_ms())
        waiting, failed = len(self._timeline.pending), len(self._timeline.failed)
        left_elsewhere = strings.left_elsewhere(self._outbox.elsewhere, self._outbox.failed_elsewhere)
        self._left_over = strings.left_over(waiting, failed), left_elsewhere
        self._held_back += self._outbox.take_notices()
        self.send_pending()

    def _hello(self, place: str) -> Hello:
        """Called on the link's thread: everything it reads is replaced as a whole, never changed."""
        nick = self._timeline.nick
        secret = self._profile.client_secret(self._identity, place)
        device = self._profile.device_secret(place)
        return Hello(PROTOCOL_VERSION, nick, secret, self._timeline.position, self._password, device)

    def _wake(self) -> None:
        """Called on the link's thread."""
        self.post_message(Wake())

    def _ask_nickname(self, reason: str, nick: str) -> None:
        from tui_client.widgets.nickname_screen import NicknameScreen  # not needed by who starts with `--nick`

        self.push_screen(NicknameScreen(reason, nick), self._take_nickname)

    def _ask_again(self, reason: str) -> None:
        """In a dialog at the start; later in the room, since a dialog would take the keys from whoever is typing."""
        self._nick_is_needed = True
        if self._timeline.uid:
            self._complain(strings.nick_lost(reason))
        else:
            self._ask_nickname(reason, self._timeline.nick)

    def _take_nickname(self, nick: str | None) -> None:
        if nick is None:
            self.exit(0)
            return
        self._nick_is_needed = False
        self._timeline.nick = nick
        self._show_nick()
        if self._has_started:
            if not self._timeline.uid:
                self._become(nick)
            self._link.greet()
        else:
            self._start()

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
            if isinstance(event, Frame):
                frames.append(event)
            else:
                self._apply(self._timeline.receive(frames, now_ms()))
                frames = []
                self._follow_link(event)
        self._apply(self._timeline.receive(frames, now_ms()))

    def _follow_link(self, event: LinkNews) -> None:
        self._held_back += self._trust.take_notices()
        match event:
            case RoundTrip(seconds):
                self._timeline.note_round_trip()
                self._round_trip_s = seconds
                if self._link.is_online:
                    self._show_online()
            case Connecting(1):
                self._chat.take_back_hint(self._stopped_hint)
                self._show_state(LinkState.CONNECTING, strings.STATE_CONNECTING)
            case Connecting(attempt):
                self._chat.take_back_hint(self._stopped_hint)
                text = strings.state_reconnecting(attempt)
                self._show_state(LinkState.CONNECTING, text, strings.STATE_RECONNECTING_SHORT)
            case Disconnected(text, retry_in_s, lacks_room):
                self._say_once(text)
                self._count_down(retry_in_s, lacks_room=lacks_room)
            case GaveUp(text, says_all):
                self._stopped_hint = text if says_all else strings.stopped(text)
                self._say_once(self._stopped_hint)
                self._chat.show_hint(self._stopped_hint)  # also where the log is short: nothing goes on by itself
                self._show_state(LinkState.OFFLINE, strings.STATE_STOPPED)
            case PasswordWanted():
                self.password_wanted(event)
            case HelloRefused(_, text):
                self._show_state(LinkState.OFFLINE, strings.STATE_NICK_NEEDED)
                self._ask_again(text)
            case Started():
                self._held_back.append(strings.server_started(str(self._address)))
            case Failed(text):
                self._complain(text)
            case AlreadyRunning():
                """As it should be."""
            case Secured() | TrustWanted() | CertificateChanged():
                self.security_told(event)
            case _:
                assert_never(event)
        if not isinstance(event, RoundTrip):
            self._show_waiting()
            self.online_changed()

    def _count_down(self, seconds: float, *, lacks_room: bool) -> None:
        """Show how long it is to the next attempt, until that one is told of."""
        ends_at = time.monotonic() + seconds
        long, short = (
            (strings.state_no_room, strings.state_no_room_short)
            if lacks_room
            else (strings.state_offline, strings.state_offline_short)
        )

        def show() -> None:
            left_s = ends_at - time.monotonic()
            self._chat.show_state(LinkState.OFFLINE, long(left_s), short(left_s), can_retry=True)

        self._stop_countdown()
        show()
        self._countdown_timer = self.set_interval(COUNTDOWN_S, show)

    def _stop_countdown(self) -> None:
        if self._countdown_timer is not None:
            self._countdown_timer.stop()
            self._countdown_timer = None

    def _say_once(self, text: str) -> None:
        if text not in self._lost_for:
            self._lost_for.add(text)
            self._tell_held_back()
            self._complain(text)

    # --- what the timeline makes of it --------------------------------------------------------------------------------

    def _apply(self, changes: Changes) -> None:
        if changes.welcomed and self._lost_for and self._has_been_in and not changes.is_restarted:
            self._tell(strings.CONNECTED_AGAIN)
        self._show_entries(changes)
        if changes.nick_changed or changes.welcomed:
            self._show_nick()
            self._profile.remember_nickname(self._timeline.nick, self._identity)
        if changes.members_changed:
            self._show_members()
        if changes.welcomed:
            self._welcome()
        if self._timeline.is_current:
            self._tell_held_back()
            self._tell_left_over()
            self._chat.counts_unread = True
        if changes.retry_after_ms is not None:
            self._go_on_in(changes.retry_after_ms)
        if changes.silenced_for_ms is not None:
            self._tell_when_heard_again(changes.silenced_for_ms / 1000)
        if changes.discontinuity:
            lost = sum(letter.reason == strings.LOST for letter in self._timeline.failed)
            self._chat.show_hint(strings.lost_own(changes.discontinuity, lost))
        if changes.no_page_because:
            self._chat.stay()
            self._chat.show_hint(changes.no_page_because)
        for failure in changes.failed:
            self._hint_at(failure)
        if changes.can_be_reached:
            self._chat.show_hint(strings.can_be_reached(changes.can_be_reached))
        self._link.send(*changes.to_send)
        if changes.pending_changed or changes.welcomed:
            self.send_pending()
        for answer in changes.answers:
            self._hand_on(answer)
        for number, is_done in changes.orders.items():
            self.order_settled(number, is_done=is_done)

    def _hand_on(self, answer: HistoryPage | Refused | Done | SanctionList) -> None:
        match answer:
            case HistoryPage():
                self.answered(answer)
            case Refused():
                self.refused(answer)
            case Done() | SanctionList():
                self.done(answer)
            case _:
                assert_never(answer)

    def _hint_at(self, failure: Failure) -> None:
        """What to do about it; why it failed stands below the message, where that is seen."""
        reason = "" if self._chat.shows(failure.entry) else failure.reason
        self._failure_hint = strings.failed(len(self._timeline.failed), reason)
        self._chat.show_hint(self._failure_hint)

    def _show_entries(self, changes: Changes) -> None:
        if changes.lost_after is not None:
            for log in (self._chat.room, self._chat.whispers):
                log.mark_lost(changes.lost_after)
        if changes.begins_at is not None:
            for log in (self._chat.room, self._chat.whispers):
                log.begin_at(changes.begins_at)
        for page in changes.pages:
            if not page.whispers_only:
                self._chat.room.prepend(page.room, page.first, page.before)
            self._chat.whispers.prepend(page.whispers, page.first, page.before)
        if changes.room or changes.whispers:
            self._chat.extend(changes.room, changes.whispers)
            if self._chat.counts_unread:
                self.notify_of([news_of(entry) for entry in (*changes.room, *changes.whispers) if entry.is_spoken])

    def _show_members(self) -> None:
        members = self._timeline.members
        away = frozenset(member.nick for member in members if self._timeline.is_away(member))
        self._chat.set_members([member.nick for member in members], self._timeline.nick, away)
        self.members_shown()

    def _welcome(self) -> None:
        self._lost_for.clear()
        self._has_been_in = True
        self._round_trip_s = None
        self._stop_waiting()
        self._show_online()
        self.online_changed()

    # --- what is to be sent -------------------------------------------------------------------------------------------

    def send_pending(self) -> None:
        """Own messages have changed: show them, and send what is next."""
        self._chat.show_pending(self._timeline.pending_room, self._timeline.pending_whispers)
        self._link.send(*self._timeline.next_to_send(is_online=self._link.is_online))
        self._show_waiting()
        if not self._link.is_online:
            self._outbox.sync()
        for problem in self._outbox.take_notices():
            self._complain(problem)
        if not self._timeline.failed:
            self._chat.take_back_hint(self._failure_hint)
        self.pending_shown()

    @property
    def holds_back(self) -> bool:
        """Whether something is to be sent that can't be sent now; what is on its way is there in a moment."""
        return self._timeline.is_held_up or (bool(self._timeline.pending) and not self._link.is_online)

    def _show_waiting(self) -> None:
        count = len(self._timeline.pending) if self.holds_back else 0
        self._chat.show_waiting(count, self._what_becomes_of_it(count))
        if self._link.is_online:
            self._show_online()

    def _what_becomes_of_it(self, count: int) -> str:
        """Of what waits, if there is more to say than that it does."""
        held_up = self._timeline.held_up
        if count and not self._link.is_online:
            return strings.waits(count, is_online=False)
        is_worth_it = held_up is not None and (held_up.count > 1 or held_up.code != Code.RATE_LIMITED)
        return strings.held_up(held_up.code, held_up.count) if held_up is not None and is_worth_it else ""

    def _go_on_in(self, delay_ms: int) -> None:
        self._stop_waiting()
        delay_s = min(max(delay_ms, MIN_RESEND_MS), MAX_RESEND_MS) / 1000
        self._resend_timer = self.set_timer(delay_s, self._go_on)

    def _go_on(self) -> None:
        self._stop_waiting()
        self._timeline.go_on()
        self.send_pending()

    def _tell_when_heard_again(self, silenced_for_s: float) -> None:
        if self._silence_timer is not None:
            self._silence_timer.stop()
        tell = partial(self._tell, strings.MUTE_IS_OVER)
        self._silence_timer = self.set_timer(silenced_for_s, tell) if silenced_for_s else None

    def _stop_waiting(self) -> None:
        if self._resend_timer is not None:
            self._resend_timer.stop()
            self._resend_timer = None


def _collect_garbage_from_now_on() -> None:
    """Everything until now is the program itself, which never is garbage: walking it took 30 ms in the middle of a key's way."""
    gc.freeze()
    gc.enable()


def now_ms() -> int:
    """Milliseconds since the Unix epoch, UTC."""
    return time.time_ns() // 1_000_000


def news_of(entry: Entry) -> News:
    """What is said, as something to be called back for."""
    if entry.kind is EntryKind.ANNOUNCEMENT:
        kind = NewsKind.ANNOUNCEMENT
    elif entry.is_whisper:
        kind = NewsKind.WHISPER
    else:
        kind = NewsKind.MENTION if entry.mentions else NewsKind.MESSAGE
    return News(kind, entry.speaker, entry.text, is_mine=entry.mine)
