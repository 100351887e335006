"""One connection as a conversation: bytes in, frames out, a ping when it is due, and how it ended. Sans I/O.

    GREETING --welcome--> TALKING
    GREETING --refused nickname--> NICK_REFUSED --greet--> GREETING

A conversation ends by itself when `ending` is set; nothing that comes later counts. Knows no sockets, no threads and no
clock: times are seconds on a monotonic clock and are handed in.
"""

from enum import Enum, auto
from typing import Final

from msgspec import Struct

from server.protocol import jsonlines
from server.protocol.errors import Code, Refusal
from server.protocol.events import PROTOCOL_VERSION, Closing, Hello, Ping, Pong, Refused, ServerFrame, Welcome
from server.protocol.framing import LineBuffer, Overlong, UnterminatedLine
from server.protocol.text import excerpt
from tui_client import strings
from tui_client.until import with_end

MAX_LINE_BYTES: Final = 4 * 1024 * 1024
"""A server's line: a page of history has 200 messages of up to 8 KB each, a welcome names every member."""

MAX_SENTENCE: Final = 300
"""Characters of a server's reason that are shown: ours have less than a hundred."""

_MIN_PING_AFTER_S: Final = 1.0
"""No server makes this client talk more often than that."""

_NICK_CODES: Final = frozenset({Code.NICK_IN_USE, Code.NICK_INVALID, Code.NICK_RESERVED})
_FINAL_CODES: Final = frozenset(
    {Code.REPLACED, Code.KICKED, Code.BANNED, Code.BAD_VERSION, Code.WRONG_PROTOCOL, Code.TLS_REQUIRED}
)
"""Coming back by oneself would only take the seat from one's other window, or be turned away again."""

_NO_ROOM_CODES: Final = frozenset({Code.SERVER_FULL, Code.STORAGE_FULL})


class Timing(Struct, frozen=True):
    """How long what may take, in seconds."""

    connect_s: float = 10.0
    """A network that has not answered by then won't; the kernel itself would try for two minutes."""

    tls_s: float = 10.0
    """PROTOCOL's limit for shaking hands, however much comes meanwhile."""

    welcome_s: float = 10.0
    """PROTOCOL's limit for the handshake, from the other side."""

    ping_after_s: float = 20.0
    """Silence after which a ping is due, as in PROTOCOL; a server that wants it sooner says so in its welcome."""

    lost_after_s: float = 20.0
    """Silence after the ping."""

    look_every_s: float = 5.0
    """How often the clock is looked at, at least: a machine that slept wakes in the middle of a wait, and nobody tells us."""

    woken_lost_after_s: float = 5.0
    """Silence after the ping with which a machine that slept asks whether anybody is still there: mostly nobody is."""

    measure_after_s: float = 1.0
    measure_every_s: float = 30.0
    """When the way there and back is measured: soon after the welcome, then so often that the figure means something."""

    first_retry_s: float = 0.5
    max_retry_s: float = 15.0
    """Bounds of the longest pause before trying again: short enough for a restart, long enough for a server that is down."""

    max_retry_after_s: float = 120.0
    """The longest that a server may ask us to stay away: ours asks for a minute at most."""

    min_retry_s: float = 0.1
    """No pause is shorter, whatever the dice say: a server that turns everybody away at once must not be hammered."""

    steady_after_s: float = 15.0
    """A connection that lived so long was a good one: the next pause is a short one again."""

    goodbye_s: float = 0.3
    """For what is still to be written on leaving; nobody notices it, and every network that works is quicker."""


class HelloRefused(Struct, frozen=True):
    """The nickname was not accepted. `text` says why; the server, or the next connection, waits for another one."""

    code: str
    text: str


class Lost(Struct, frozen=True):
    """The conversation ended; another one may go better, but not before `retry_after_s`."""

    text: str
    lacks_room: bool = False
    """Whether the server is well, but has no room for us."""
    retry_after_s: float = 0.0


class Dismissed(Struct, frozen=True):
    """The conversation ended, and another one would end in the same way."""

    text: str
    says_all: bool = False
    """Whether `text` also says what is to be done before another one has any use."""


class NickAwaited(Struct, frozen=True):
    """The server hung up while the user was thinking of another nickname; there is nothing to say about it."""


class PasswordAwaited(Struct, frozen=True):
    """The server lets nobody in who doesn't know the room's password."""


Ending = Lost | Dismissed | NickAwaited | PasswordAwaited


class RoundTrip(Struct, frozen=True):
    """How long the server took to answer a ping."""

    seconds: float


Heard = ServerFrame | HelloRefused | RoundTrip
"""What a conversation brings."""


class _State(Enum):
    GREETING = auto()
    NICK_REFUSED = auto()
    TALKING = auto()


class Conversation:
    """What is said on one connection to `address`, which is only named in sentences. `is_known`: a server of ours was there before."""

    def __init__(self, address: str, timing: Timing, now_s: float, *, is_known: bool = False) -> None:
        self.ending: Ending | None = None
        self._address = address
        self._is_known = is_known
        self._timing = timing
        self._ping_after_s = timing.ping_after_s
        self._lines = LineBuffer(MAX_LINE_BYTES, MAX_LINE_BYTES)
        self._state = _State.GREETING
        self._greeted_at_s = self._heard_at_s = self._spoke_at_s = now_s
        self._asked_at_s = float("-inf")
        self._heard_nonsense = False
        self._pings = 0
        self._measure_at_s = now_s
        self._owed = b""
        """Answers to the server's pings."""
        self._woken_at_s = float("inf")
        """When a machine that slept has asked whether anybody is still there, until somebody answers."""

    @property
    def is_talking(self) -> bool:
        """Whether the server has said welcome."""
        return self._state is _State.TALKING

    def greet(self, hello: Hello, now_s: float) -> bytes:
        """The first words, or those after a refused nickname."""
        self._state = _State.GREETING
        self._greeted_at_s = self._spoke_at_s = now_s
        return jsonlines.encode(hello)

    @property
    def is_greetable(self) -> bool:
        """Whether another `hello` may be said."""
        return self._state is _State.NICK_REFUSED

    def receive(self, data: bytes, now_s: float) -> list[Heard]:
        """What `data` adds to the conversation, without what only keeps it alive."""
        self._heard_at_s = now_s
        self._woken_at_s = float("inf")
        heard: list[Heard] = []
        try:
            lines = self._lines.feed(data)
        except UnterminatedLine:
            lines = [Overlong()]
        for line in lines:
            self._receive_line(line, now_s, heard)
            if self.ending:
                break
        return heard

    def receive_end(self, text: str = "") -> None:
        """The server closed the connection, or it broke; `text` says how, if there is more to say."""
        if self.ending is None:
            ending = self._ending_without_reason()
            self.ending = Lost(text) if text and isinstance(ending, Lost) else ending

    def pause(self, now_s: float) -> None:
        """Nothing is read for now, by our own choice: silence doesn't count."""
        self._heard_at_s = now_s
        self._woken_at_s = float("inf")

    def spoke(self, now_s: float) -> None:
        """Something was written: the server knows that we live."""
        self._spoke_at_s = now_s

    def wake(self, now_s: float) -> None:
        """Time has passed in which nobody could listen, as when the machine slept: ask at once, and don't wait for long."""
        if self.is_talking:
            self._heard_at_s = self._woken_at_s = now_s
            self._asked_at_s = self._spoke_at_s = float("-inf")

    def due(self, now_s: float) -> bytes:
        """What must be written now, perhaps nothing; ends the conversation when the server has been silent too long."""
        owed, self._owed = self._owed, b""
        return owed + self._due(now_s)

    def _due(self, now_s: float) -> bytes:
        if self.ending or now_s < self.next_due_s:
            return b""
        match self._state:
            case _State.GREETING:
                silence = strings.still_silent if self._is_known else strings.no_welcome
                self.ending = Lost((strings.not_soksak if self._heard_nonsense else silence)(self._address))
            case _State.TALKING if now_s >= self._lost_at_s:
                self.ending = Lost(strings.SERVER_SILENT)
            case _State.TALKING:
                self._pings += 1
                self._asked_at_s = self._spoke_at_s = now_s
                self._measure_at_s = now_s + self._timing.measure_every_s
                return jsonlines.encode(Ping(self._pings))
            case _State.NICK_REFUSED:
                """The user may think for as long as the server lets them."""
        return b""

    @property
    def next_due_s(self) -> float:
        """When to call `due` at the latest."""
        match self._state:
            case _State.GREETING:
                return self._greeted_at_s + self._timing.welcome_s
            case _State.TALKING:
                # Either direction: the server, too, takes silence for death.
                return min(self._lost_at_s, self._ping_due_at_s, self._measure_at_s)
            case _State.NICK_REFUSED:
                return float("inf")

    @property
    def _ping_due_at_s(self) -> float:
        asked_already = self._asked_at_s >= self._heard_at_s
        quiet_since_s = self._spoke_at_s if asked_already else min(self._spoke_at_s, self._heard_at_s)
        return quiet_since_s + self._ping_after_s

    @property
    def _lost_at_s(self) -> float:
        lost_at_s = self._heard_at_s + self._ping_after_s + self._timing.lost_after_s
        return min(lost_at_s, self._woken_at_s + self._timing.woken_lost_after_s)

    def _receive_line(self, line: bytes | Overlong, now_s: float, heard: list[Heard]) -> None:
        if isinstance(line, Overlong):
            self._end_garbled()
        elif line.startswith(b"{") or self.is_talking:
            self._receive_object(line, now_s, heard)
        else:
            # A server that waits for a plain client's nickname asks for it in a sentence: skipped until the welcome.
            self._heard_nonsense = True

    def _receive_object(self, line: bytes, now_s: float, heard: list[Heard]) -> None:
        try:
            frame = jsonlines.decode_frame(line)
        except Refusal as refusal:
            if refusal.code is not Code.UNKNOWN_TYPE:  # a newer server may say what we don't know yet
                self._end_garbled()
            return
        self._heard_nonsense = False
        if isinstance(frame, Closing):
            self.ending = self._ending_of(frame)
        elif isinstance(frame, Ping):
            self._owed += jsonlines.encode(Pong(frame.n))
        elif isinstance(frame, Pong):
            if frame.n == self._pings and self.is_talking:  # an answer to an older ping says nothing of the last one
                heard.append(RoundTrip(now_s - self._asked_at_s))
        elif self.is_talking:
            heard.append(frame)
        elif isinstance(frame, Welcome):
            self._receive_welcome(frame, now_s, heard)
        elif isinstance(frame, Refused):
            self._receive_refusal(frame, heard)
        else:
            self._end_garbled()

    def _receive_welcome(self, welcome: Welcome, now_s: float, heard: list[Heard]) -> None:
        if welcome.v != PROTOCOL_VERSION:
            self.ending = Dismissed(strings.newer_server(welcome.v))
            return
        self._state = _State.TALKING
        self._measure_at_s = now_s + self._timing.measure_after_s
        self._ping_after_s = min(self._timing.ping_after_s, max(welcome.ping_s, _MIN_PING_AFTER_S))
        heard.append(welcome)

    def _receive_refusal(self, refused: Refused, heard: list[Heard]) -> None:
        text = excerpt(refused.text, MAX_SENTENCE)
        if refused.code in _NICK_CODES:
            self._state = _State.NICK_REFUSED
            heard.append(HelloRefused(refused.code, text))
        else:
            self.ending = Lost(strings.closed_for(refused.code, text), refused.code in _NO_ROOM_CODES)

    def _ending_of(self, closing: Closing) -> Ending:
        if closing.code == Code.TLS_REQUIRED:
            return Dismissed(strings.TLS_REQUIRED)  # its own sentence is for programs without an option for it
        if closing.code == Code.AUTH_FAILED:
            return PasswordAwaited()
        text = strings.closed_for(closing.code, with_end(excerpt(closing.text, MAX_SENTENCE), closing.until))
        if closing.code in _FINAL_CODES:
            return Dismissed(text, says_all=closing.code == Code.BANNED)
        retry_after_s = min(max(closing.retry_ms or 0, 0), int(1000 * self._timing.max_retry_after_s)) / 1000
        return self._lost(text, lacks_room=closing.code in _NO_ROOM_CODES, retry_after_s=retry_after_s)

    def _lost(self, text: str, *, lacks_room: bool = False, retry_after_s: float = 0.0) -> Ending:
        """While the user thinks of another nickname, there is no use in coming back with the refused one."""
        if self._state is _State.NICK_REFUSED:
            return NickAwaited()
        return Lost(text, lacks_room, retry_after_s)

    def _ending_without_reason(self) -> Ending:
        match self._state:
            case _State.TALKING:
                return Lost(strings.CONNECTION_LOST)
            case _State.NICK_REFUSED:
                return NickAwaited()
            case _State.GREETING if self._heard_nonsense:
                return Lost(strings.not_soksak(self._address))
            case _State.GREETING:
                return Lost(strings.hung_up(self._address))

    def _end_garbled(self) -> None:
        self.ending = self._lost(strings.SERVER_GARBLED if self.is_talking else strings.not_soksak(self._address))
