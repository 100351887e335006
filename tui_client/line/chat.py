"""The half of line mode that both kinds of it share: link → timeline → lines, in the order in which things happened.

Runs on the main thread, which waits at one place: the inbox. What is typed by a person and what comes through a pipe is for
`typed` and `piped`. Knows no Textual.
"""

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from queue import Empty
from typing import Final, assert_never

from msgspec import Struct

from server.protocol import phrases
from server.protocol.events import PROTOCOL_VERSION, Frame, Hello, Refused, ServerFrame, Welcome
from server.protocol.password import Password
from tui_client import strings
from tui_client.conversation import HelloRefused, RoundTrip
from tui_client.dialing import Secured
from tui_client.entry import Entry, Kind, Move
from tui_client.ignoring import Ignoring
from tui_client.line.input import Happening, Inbox, Read, Signalled, Woken
from tui_client.line.news import (
    Answered,
    CameIn,
    Delayed,
    Interrupted,
    Named,
    News,
    NotTaken,
    Ordered,
    Settled,
    Silenced,
)
from tui_client.line.output import OutputGone, Paper
from tui_client.link import Link
from tui_client.local_server import AlreadyRunning, Failed, LocalServer, Started
from tui_client.mailbox import (
    CertificateChanged,
    Connecting,
    Disconnected,
    GaveUp,
    LinkEvent,
    PasswordWanted,
    TrustWanted,
)
from tui_client.outbox import NOWHERE, Sink
from tui_client.password_source import NOT_GIVEN, GivenPassword
from tui_client.timeline import Timeline
from tui_client.trust import VERIFIED, Trust
from tui_client.wire import Address

DELIVERED, UNDELIVERED = 0, 1
"""Exit codes: all that was to be sent stands in the room's log, or not, and then it was said what."""

NOT_LET_IN: Final = 3
"""Exit code: the room has a password, and it was not given, or not the right one."""

BY_SIGNAL: Final = 128
BROKEN_PIPE: Final = BY_SIGNAL + 13
"""Exit codes as a shell gives them to programs that a signal ends; 13 is SIGPIPE, everywhere where there is one."""

_DRAIN_EVENTS: Final = 1_000
_MIN_RETRY_MS, _MAX_RETRY_MS = 50, 60_000
"""Bounds of what a server may ask for when it is told too much at once."""

_JOIN_S: Final = 2.0
"""How long leaving waits for the link's thread, which ends by itself at once."""


class Setting(Struct, frozen=True):
    """What a chat by lines needs. `secret` gives this client's secret for a nickname and a place (see `secrecy.place_of`), `device`
    the one for all nicknames there.

    `new_cid` gives a name that was never used.
    """

    address: Address
    nick: str
    secret: Callable[[str, str], str]
    new_cid: Callable[[], str]
    before_connect: Callable[[threading.Event], LocalServer] | None
    paper: Paper
    inbox: Inbox
    clock: Callable[[], float] = time.monotonic
    trust: Trust | None = None
    given: GivenPassword = NOT_GIVEN
    device: Callable[[str], str | None] = lambda _: None


class LineChat(ABC):
    """One client of one room, as lines. `run` is called once."""

    def __init__(
        self,
        setting: Setting,
        sink: Sink = NOWHERE,
        *,
        most_on_their_way: int = 1,
        ignoring: Ignoring | None = None,
    ) -> None:
        self.exit_code: int | None = None
        """Set when it is time to leave."""
        self.identity = setting.nick
        """The nickname by which the server knows this client; a rename doesn't change who one is."""
        self.paper = setting.paper
        self.clock = setting.clock
        self.timeline = Timeline(
            setting.nick, setting.new_cid, sink, most_on_their_way=most_on_their_way, ignoring=ignoring
        )
        self._trust = setting.trust or Trust(setting.address.host, setting.address.port)
        self.link = Link(
            setting.address, self._hello, self._wake, trust=self._trust, before_connect=setting.before_connect
        )
        self._address = setting.address
        self._secret, self._device = setting.secret, setting.device
        self._notice = setting.given.notice
        self.password: Password | None = setting.given.password
        """The room's, as far as it is known. Replaced as a whole, never changed: the link's thread reads it."""
        self._inbox = setting.inbox
        self._retry_at_s = float("inf")
        self._live_after: int | None = None
        self._lost_for: set[str] = set()
        """The reasons told since the last welcome for there being no connection: each is said once."""

    # --- what the two kinds do in their own way -----------------------------------------------------------------------

    @abstractmethod
    def begin(self) -> None:
        """Called first; starts the link, or later."""

    @abstractmethod
    def take_input(self, data: bytes) -> None:
        """What came on standard input; nothing: it has ended."""

    @abstractmethod
    def take_signal(self, number: int) -> None:
        """A signal came."""

    @abstractmethod
    def advance(self) -> None:
        """Called after whatever happened, and when `due_s` has come."""

    @property
    @abstractmethod
    def due_s(self) -> float:
        """When to call `advance` at the latest, on the clock."""

    @abstractmethod
    def show(self, lines: list[str], *, is_past: bool) -> None:
        """Lines of the chat; with `is_past`, what was said before this client came."""

    @abstractmethod
    def hear(self, news: News) -> None:
        """Something happened that is no line of the chat."""

    @abstractmethod
    def report_undelivered(self) -> None:
        """On leaving: say what was to be sent and perhaps was not."""

    @abstractmethod
    def put_away(self) -> None:
        """Called last of all: close what was kept open."""

    # --- the loop -----------------------------------------------------------------------------------------------------

    def run(self) -> int:
        """Chat until it ends; the exit code. The link's thread ends with it, whatever happens."""
        try:
            if self._trust.is_exposed:
                self.paper.tell(strings.EXPOSED_NOTICE)
            if self._notice:
                self.paper.tell(self._notice)
            self.begin()
            self._finish_turn()
            while self.exit_code is None:
                self._turn()
            self.link.close()
            self.report_undelivered()
            self.paper.flush()
        except OutputGone:  # nobody is there to be told anything
            self.exit_code = BROKEN_PIPE
        finally:
            self.link.close()
            self.link.join(_JOIN_S)
            self.put_away()
        return self.exit_code or 0

    def _turn(self) -> None:
        wait_s = min(self.due_s, self._retry_at_s) - self.clock()
        try:
            happening = self._inbox.get(timeout=None if wait_s == float("inf") else max(0.0, wait_s))
        except Empty:
            pass
        else:
            self._take(happening)
        self._finish_turn()

    def _take(self, happening: Happening) -> None:
        match happening:
            case Woken():
                for event in self.link.drain(_DRAIN_EVENTS):
                    self._follow(event)
            case Read(data):
                self.take_input(data)
            case Signalled(number):
                self.take_signal(number)
            case _:
                assert_never(happening)

    def _finish_turn(self) -> None:
        if self.clock() >= self._retry_at_s:
            self._retry_at_s = float("inf")
            self.timeline.go_on()
            self.send_pending()
        self.advance()
        self.paper.flush()

    # --- from the link ------------------------------------------------------------------------------------------------

    def send_pending(self) -> None:
        """Send what is next, if it is time."""
        self.link.send(*self.timeline.next_to_send(is_online=self.link.is_online))

    def complain_once(self, text: str) -> bool:
        """Tell what is wrong with the connection, and not again before there is a new one; whether it was told."""
        is_news = text not in self._lost_for
        if is_news:
            self._lost_for.add(text)
            self.paper.tell(text)
        return is_news

    def _hello(self, place: str) -> Hello:
        """Called on the link's thread: everything it reads is replaced as a whole, never changed."""
        secret = self._secret(self.identity, place)
        nick, position = self.timeline.nick, self.timeline.position
        return Hello(PROTOCOL_VERSION, nick, secret, position, self.password, self._device(place))

    def _wake(self) -> None:
        """Called on the link's thread."""
        self._inbox.put(Woken())

    def _follow(self, event: LinkEvent) -> None:
        for notice in self._trust.take_notices():
            self.paper.tell(notice)
        match event:
            case Frame():
                self._receive(event)
            case Disconnected(text, _):
                if self.complain_once(text):
                    self.hear(Interrupted())
            case GaveUp() | HelloRefused() | TrustWanted():
                self.hear(event)
            case PasswordWanted():
                self.password = None
                self.hear(event)
            case CertificateChanged():
                self.paper.tell(_warning(str(self._address), event))
            case Started():
                self.paper.tell(strings.server_started(str(self._address)))
            case Failed(text):
                self.paper.tell(text)
            case RoundTrip():
                self.timeline.note_round_trip()
            case Connecting() | AlreadyRunning() | Secured():
                """Nothing that somebody who reads lines misses."""
            case _:
                assert_never(event)

    def _receive(self, frame: ServerFrame) -> None:
        """One at a time: that is the order of the room, across messages and whispers."""
        changes = self.timeline.receive([frame], now_ms())
        for answer in changes.answers:
            self.hear(Answered(answer))
        if isinstance(frame, Welcome):
            self._receive_welcome(frame)
        if changes.welcomed or changes.nick_changed:
            self.hear(Named())
        for entry in changes.entries:
            self._show_entry(entry, is_refusal=isinstance(frame, Refused))
        for number, is_done in changes.orders.items():
            self.hear(Ordered(number, is_done))
        if (silenced_for_ms := changes.silenced_for_ms) is not None:
            self.hear(Silenced(self.clock() + silenced_for_ms / 1000 if silenced_for_ms else None))
        for cid in changes.delivered:
            self.hear(Settled(cid))
        for failure in changes.failed:
            self.hear(NotTaken(failure.reason, failure.letter.cid, failure.entry))
        if changes.retry_after_ms is not None:
            delay_ms = min(max(changes.retry_after_ms, _MIN_RETRY_MS), _MAX_RETRY_MS)
            self._retry_at_s = self.clock() + delay_ms / 1000
            held_up = self.timeline.held_up
            told = strings.held_up(held_up.code) if held_up is not None else ""
            self.hear(Delayed(changes.delay_reason, told, self._retry_at_s))
        self.link.send(*changes.to_send)
        if changes.welcomed or changes.pending_changed:
            self.send_pending()

    def _show_entry(self, entry: Entry, *, is_refusal: bool) -> None:
        if is_refusal:
            self.hear(NotTaken(entry.text))
        elif entry.kind in (Kind.NOTICE, Kind.ERROR):
            self.paper.tell(entry.text)
        else:
            self.show(list(_lines(entry)), is_past=self._is_past(entry))

    def _receive_welcome(self, welcome: Welcome) -> None:
        if self._live_after is None:
            self._live_after = welcome.seq
        elif self._lost_for:
            self.paper.tell(strings.CONNECTED_AGAIN)
        self._lost_for.clear()
        self._retry_at_s = float("inf")
        self.hear(CameIn())

    def _is_past(self, entry: Entry) -> bool:
        """Whether it is from before this client's own coming, which is the last of the first replay."""
        if self._live_after is None or entry.seq > self._live_after:
            return False
        has_come = entry.change is not None and entry.change.move is Move.JOINED
        return not (has_come and entry.mine and entry.seq == self._live_after)


def now_ms() -> int:
    """Milliseconds since the Unix epoch, UTC."""
    return time.time_ns() // 1_000_000


def _warning(address: str, change: CertificateChanged) -> str:
    label = strings.CHANGED_EXPECTED if change.is_remembered else strings.CHANGED_GIVEN
    expected = " ".join(strings.CHANGED_VERIFIED) if change.expected == VERIFIED else change.expected
    advice = (strings.CHANGED_FORGET_ADVICE, strings.forget_command(address))
    return "\n".join(
        (
            strings.CHANGED_TITLE if change.is_remembered else strings.CHANGED_GIVEN_TITLE,
            address,
            strings.labelled(label, expected),
            strings.labelled(strings.CHANGED_SHOWN, change.shown),
            strings.CHANGED_MEANING,
            *(advice if change.is_remembered else (strings.CHANGED_GIVEN_ADVICE,)),
        )
    )


def _lines(entry: Entry) -> Iterator[str]:
    """What plain clients see, to the letter: the label before each line, or one could forge notices."""
    is_rename = entry.change is not None and entry.change.move is Move.RENAMED
    label = phrases.NOTICE if is_rename or entry.kind is Kind.MODERATION else entry.label
    return (f"{label}{line}" for line in entry.text.split("\n"))
