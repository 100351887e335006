"""What the screen's thread and the link's thread hand each other: events one way, commands and wishes the other.

One lock guards it all; nothing blocks or calls back under it. `on_wake` is called outside, once for each batch of events.

A command is accepted only while the screen has seen the welcome of the connection that would carry it. What was not
accepted is pending in the timeline, which sends it again after the next welcome: so nothing overtakes anything.
"""

from collections import deque
from collections.abc import Callable, Sequence
from threading import Lock

from msgspec import Struct

from server.protocol.events import JsonCommand, ServerFrame, Welcome
from tui_client.conversation import HelloRefused, RoundTrip
from tui_client.dialing import Secured
from tui_client.local_server import LocalServer


class Connecting(Struct, frozen=True):
    """A connection is being made; `attempt` counts from 1, and again after a good connection."""

    attempt: int


class Disconnected(Struct, frozen=True):
    """There is no connection, for the reason in `text`; the next attempt comes in `retry_in_s` seconds."""

    text: str
    retry_in_s: float
    lacks_room: bool = False
    """Whether the server is well, but has no room for us."""


class GaveUp(Struct, frozen=True):
    """There is no connection, for the reason in `text`, and none is tried until `retry_now`."""

    text: str
    says_all: bool = False
    """Whether `text` also says what is to be done before another one has any use."""


class PasswordWanted(Struct, frozen=True):
    """The server lets in whoever knows the room's password; `is_again`: what was said was not it. None is tried until `retry_now`."""

    is_again: bool


class TrustWanted(Struct, frozen=True):
    """The server was never seen, and nobody vouches for it: whether it is the right one is for its user to say."""

    fingerprint: str


class CertificateChanged(Struct, frozen=True):
    """The server shows another certificate than it should; `GaveUp` follows, and nothing was said. `expected` is a fingerprint,
    or `trust.VERIFIED`; `is_remembered`: from an earlier time, and not just given.
    """

    expected: str
    shown: str
    is_remembered: bool


ConnectionNews = RoundTrip | Connecting | HelloRefused | Disconnected | GaveUp | LocalServer | PasswordWanted
SecurityNews = Secured | TrustWanted | CertificateChanged
LinkNews = ConnectionNews | SecurityNews
"""What the link tells of itself, between connections."""

LinkEvent = ServerFrame | LinkNews
"""What the screen is told. Connected is whoever has received a `Welcome`."""


class Mailbox:
    """`max_waiting_events` is where the link should stop reading: see `pause_if_full`."""

    def __init__(self, on_wake: Callable[[], None], max_waiting_events: int) -> None:
        self._on_wake = on_wake
        self._max_waiting_events = max_waiting_events
        self._lock = Lock()
        self._incoming: deque[LinkEvent] = deque()
        self._outgoing: deque[JsonCommand] = deque()
        self._wake_is_due = False
        self._is_paused = False
        self._is_connected = False
        self._welcomes_put = 0
        self._welcomes_drained = 0
        self._retry_is_wanted = False
        self._greeting_is_wanted = False
        self._trust: tuple[str, bool] | None = None

    # --- the screen's side --------------------------------------------------------------------------------------------

    def drain(self, max_items: int) -> tuple[list[LinkEvent], bool]:
        """Take the oldest events, at most `max_items`; and whether the link may read again.

        If more are left, `on_wake` is called again.
        """
        with self._lock:
            count = min(max_items, len(self._incoming))
            events = [self._incoming.popleft() for _ in range(count)]
            self._welcomes_drained += sum(isinstance(event, Welcome) for event in events)
            more = self._wake_is_due = bool(self._incoming)
            resume = self._is_paused and len(self._incoming) <= self._max_waiting_events // 2
            self._is_paused = self._is_paused and not resume
        if more:
            self._on_wake()
        return events, resume

    @property
    def waiting_events(self) -> int:
        """How many events wait to be drained."""
        return len(self._incoming)

    @property
    def is_online(self) -> bool:
        """Whether commands are accepted."""
        with self._lock:
            return self._is_online_locked()

    def post(self, commands: Sequence[JsonCommand]) -> None:
        """Hand over what is to be sent, in order; forgotten while not online."""
        with self._lock:
            if self._is_online_locked():
                self._outgoing.extend(commands)

    def want_greeting(self) -> None:
        """Wish that `hello` be said once more."""
        with self._lock:
            self._greeting_is_wanted = True

    def answer_trust(self, fingerprint: str, *, is_right: bool) -> None:
        """Say whether the certificate is the one that is meant."""
        with self._lock:
            self._trust = fingerprint, is_right

    def want_retry(self) -> None:
        """Wish that the next attempt be made now."""
        with self._lock:
            self._retry_is_wanted = True

    def _is_online_locked(self) -> bool:
        return self._is_connected and self._welcomes_drained == self._welcomes_put

    # --- the link's side ----------------------------------------------------------------------------------------------

    def put(self, events: Sequence[LinkEvent]) -> None:
        """Tell the screen, and wake it if it has not been woken since it drained."""
        if not events:
            return
        with self._lock:
            self._incoming.extend(events)
            welcomes = sum(isinstance(event, Welcome) for event in events)
            self._welcomes_put += welcomes
            self._is_connected = self._is_connected or welcomes > 0
            must_wake = not self._wake_is_due
            self._wake_is_due = True
        if must_wake:
            self._on_wake()

    def pause_if_full(self) -> bool:
        """Whether nothing more should be read, until the screen has drained half of what waits."""
        with self._lock:
            if len(self._incoming) >= self._max_waiting_events:
                self._is_paused = True
            return self._is_paused

    def take_commands(self) -> Sequence[JsonCommand]:
        """What is to be sent, in order."""
        with self._lock:
            commands, self._outgoing = self._outgoing, deque()
            return commands

    def take_trust(self, fingerprint: str) -> bool | None:
        """What was answered about this certificate, if anything was; once."""
        with self._lock:
            answer, self._trust = self._trust, None
            return answer[1] if answer is not None and answer[0] == fingerprint else None

    def take_wishes(self) -> tuple[bool, bool]:
        """Whether a greeting and whether an attempt is wanted; asked once, each wish counts once."""
        with self._lock:
            wishes = self._greeting_is_wanted, self._retry_is_wanted
            self._greeting_is_wanted = self._retry_is_wanted = False
            return wishes

    def disconnect(self) -> None:
        """The connection is gone, and with it what was to be sent on it."""
        with self._lock:
            self._is_connected = False
            self._outgoing.clear()
