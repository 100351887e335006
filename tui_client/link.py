"""The link to the server: one thread that connects, greets, receives, sends, notices silence and comes back.

The screen's thread hands commands in and takes events out, in batches; neither ever waits for the other. `on_wake` is
called once for each batch, on the link's thread or inside `drain`, and must return at once.

What both threads touch lies in the mailbox, behind its lock, and in the wire's wake-up, behind its own; neither is taken while
the other is held.
"""

import logging
import random
import threading
import time
from collections.abc import Callable
from typing import Final

import msgspec

from server.protocol import jsonlines
from server.protocol.events import Bye, Hello, JsonCommand
from tui_client import strings
from tui_client.conversation import Conversation, Dismissed, Ending, Lost, NickAwaited, PasswordAwaited, Timing
from tui_client.dialing import Changed, Dialer, Untrusted
from tui_client.local_server import AlreadyRunning, LocalServer
from tui_client.mailbox import (
    CertificateChanged,
    Connecting,
    Disconnected,
    GaveUp,
    LinkEvent,
    Mailbox,
    PasswordWanted,
    TrustWanted,
)
from tui_client.secrecy import Confided, greeting_for, is_private, is_secret, place_of
from tui_client.trust import VERIFIED, Trust
from tui_client.wire import Address, BrokenWire, Unreachable, Wire

MAX_WAITING_EVENTS: Final = 20_000
"""What the screen has not taken yet: a second of the busiest room. Beyond it nothing is read; the server's log waits."""

DEFAULT_TIMING: Final = Timing()

_OVERSLEPT_S: Final = 3.0
"""A wait that takes so much longer than asked for was interrupted by the machine's sleep, or ours; no scheduler is so late."""

logger = logging.getLogger(__name__)


_SLEEPLESS_CLOCK: Final[int | None] = getattr(time, "CLOCK_BOOTTIME", getattr(time, "CLOCK_MONOTONIC", None))
"""Linux has the first; macOS the second, which goes on there while `time.monotonic` stands still; Windows needs neither."""


def elapsed_s() -> float:
    """Seconds on a clock that nobody sets, and that goes on while the machine sleeps."""
    return time.monotonic() if _SLEEPLESS_CLOCK is None else time.clock_gettime(_SLEEPLESS_CLOCK)


class Link:
    """Owns its thread and its socket from `start` to `close`.

    `hello` is asked, on the link's thread, for the first words of each connection: who we are at a place (see `place_of`).
    `before_connect` runs there once, before the first attempt; it is given an event that is set when the link closes. `trust` says how
    a connection is to be secured.
    """

    def __init__(
        self,
        address: Address,
        hello: Callable[[str], Hello],
        on_wake: Callable[[], None],
        *,
        trust: Trust | None = None,
        before_connect: Callable[[threading.Event], LocalServer] | None = None,
        timing: Timing = DEFAULT_TIMING,
        clock: Callable[[], float] = elapsed_s,
        jitter: Callable[[], float] = random.random,
        max_waiting_events: int = MAX_WAITING_EVENTS,
    ) -> None:
        self._address = address
        self._hello = hello
        self._before_connect = before_connect
        self._timing = timing
        self._clock = clock
        self._jitter = jitter
        self._mailbox = Mailbox(on_wake, max_waiting_events)
        self._wire = Wire()
        trust = trust or Trust(address.host, address.port)
        left_s, ask = self._left_s, self._ask_whether_trusted
        self._dialer = Dialer(address, trust, self._wire, timing, clock=clock, left_s=left_s, ask=ask)
        self._thread = threading.Thread(target=self._run, name="link")
        self._closing = threading.Event()
        self._has_said_password = False
        self.other_end = ""
        """What the other end of the last connection was known by: a fingerprint, `VERIFIED`, or nothing without TLS. Read only."""
        self._confided = Confided()
        """Which password was said last, and to whom."""
        self.is_private = True
        """Whether what is said on the last connection stays between its two ends. Read only."""
        self._is_known = False
        """Whether there was a server of ours at the address."""

    # --- for the screen's thread --------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to connect."""
        if not self._closing.is_set():
            self._thread.start()

    def drain(self, max_items: int) -> list[LinkEvent]:
        """Take the oldest events, at most `max_items`; if more are left, `on_wake` is called again."""
        events, resume = self._mailbox.drain(max_items)
        if resume:
            self._wire.wake()
        return events

    @property
    def waiting_events(self) -> int:
        """How many events wait to be drained."""
        return self._mailbox.waiting_events

    @property
    def is_online(self) -> bool:
        """Whether commands are accepted."""
        return self._mailbox.is_online

    def send(self, *commands: JsonCommand) -> None:
        """Hand over what is to be sent, in order. While not online it is forgotten: see `mailbox`."""
        self._mailbox.post(commands)
        self._wire.wake()

    def greet(self) -> None:
        """Say `hello` once more, after `HelloRefused` and with another nickname."""
        self._mailbox.want_greeting()
        self._wire.wake()

    def answer_trust(self, fingerprint: str, *, is_right: bool) -> None:
        """After `TrustWanted`: whether the certificate is the one that its user means."""
        self._mailbox.answer_trust(fingerprint, is_right=is_right)
        self._wire.wake()

    def retry_now(self) -> None:
        """Don't wait for the next attempt; also after `GaveUp`."""
        self._mailbox.want_retry()
        self._wire.wake()

    def close(self) -> None:
        """Say goodbye and end the thread; returns at once, in every state. May be called twice, and without `start`."""
        self._closing.set()
        self._wire.wake()
        if self._thread.ident is None:
            self._wire.close()

    def join(self, timeout_s: float) -> None:
        """Wait for the thread to end, after `close`; may block, so not on the screen's thread."""
        if self._thread.ident is not None:
            self._thread.join(timeout_s)

    @property
    def is_alive(self) -> bool:
        """Whether the thread still runs."""
        return self._thread.is_alive()

    # --- on the link's thread: from one connection to the next --------------------------------------------------------

    def _run(self) -> None:
        try:
            self._prepare()
            self._keep_connected()
        except Exception:
            logger.exception("the link's thread failed")
            self._put(GaveUp(strings.LINK_FAILED))
        finally:
            self._wire.close()

    def _prepare(self) -> None:
        if self._before_connect is None or self._closing.is_set():
            return
        found = self._before_connect(self._closing)
        if not isinstance(found, AlreadyRunning):
            self._put(found)

    def _keep_connected(self) -> None:
        attempt = 0
        while not self._closing.is_set():
            attempt += 1
            self._put(Connecting(attempt))
            ending, lasted_s = self._connect_and_talk()
            if lasted_s >= self._timing.steady_after_s:
                attempt = 0
            if self._rest(ending, attempt):
                attempt = 0

    def _rest(self, ending: Ending, attempt: int) -> bool:
        """Wait as long as `ending` asks for; whether the user wished to go on sooner."""
        match ending:
            case Lost():
                self._is_known = self._is_known or ending.lacks_room
                pause_s = ending.retry_after_s + self._pause_s(attempt)
                self._put(Disconnected(ending.text, pause_s, ending.lacks_room))
                return self._pause(pause_s)
            case Dismissed():
                self._put(GaveUp(ending.text, ending.says_all))
                return self._pause(float("inf"))
            case PasswordAwaited():
                wanted = PasswordWanted(is_again=self._has_said_password)
                self._put(wanted if self.is_private else GaveUp(strings.PASSWORD_NOT_SENT))
                return self._pause(float("inf"))
            case NickAwaited():
                return self._pause(float("inf"))

    def _pause_s(self, attempt: int) -> float:
        """Full jitter: a thousand clients of a server that was restarted don't come back in step."""
        doublings = min(max(attempt - 1, 0), 16)
        longest_s = min(self._timing.max_retry_s, self._timing.first_retry_s * 2.0**doublings)
        return max(self._jitter() * longest_s, min(self._timing.min_retry_s, longest_s))

    def _pause(self, pause_s: float) -> bool:
        deadline_s = self._clock() + pause_s
        while not self._closing.is_set():
            is_wanted = any(self._mailbox.take_wishes())
            left_s = deadline_s - self._clock()
            if is_wanted or left_s <= 0:
                return is_wanted
            # The kernel's clock stands still while the machine sleeps, ours doesn't.
            self._wire.wait(None if left_s == float("inf") else min(left_s, self._timing.look_every_s))
        return False

    # --- on the link's thread: one connection -------------------------------------------------------------------------

    def _connect_and_talk(self) -> tuple[Ending, float]:
        """How the connection ended, and how many seconds after its welcome, if it came so far."""
        try:
            self._connect()
            return self._talk()
        except Unreachable as error:
            return Lost(error.text), 0.0
        except Untrusted as error:
            return Dismissed(error.text, error.says_all), 0.0
        except Changed as error:
            self._put(CertificateChanged(error.expected, error.shown, error.is_remembered))
            told = strings.changed(str(self._address), is_remembered=error.is_remembered)
            return Dismissed(told, says_all=error.is_remembered), 0.0
        finally:
            self._wire.disconnect()
            self._mailbox.disconnect()

    def _connect(self) -> None:
        """Raises Unreachable, Untrusted, Changed."""
        secured = self._dialer.connect()
        self.other_end = "" if secured is None else VERIFIED if secured.is_verified else secured.fingerprint
        if secured is not None:
            self._put(secured)

    def _ask_whether_trusted(self, fingerprint: str) -> bool:
        """The connection may end while its user compares; what a server says to somebody who says nothing is for no one."""
        self._put(TrustWanted(fingerprint))
        while not self._closing.is_set():
            answer = self._mailbox.take_trust(fingerprint)
            if answer is not None:
                return answer
            if self._wire.wait(None, reading=True).readable:
                try:
                    self._wire.read()
                except BrokenWire:
                    self._wire.disconnect()
        return False

    def _left_s(self, deadline_s: float) -> float:
        """How long to wait at most; not at all once the link closes."""
        return 0.0 if self._closing.is_set() else deadline_s - self._clock()

    def _talk(self) -> tuple[Ending, float]:
        conversation = Conversation(str(self._address), self._timing, self._clock(), is_known=self._is_known)
        welcomed_at_s = float("inf")
        try:
            self._greet_on(conversation)
            while conversation.ending is None and not self._closing.is_set():
                self._turn(conversation)
                if conversation.is_talking:
                    self._is_known = True
                    welcomed_at_s = min(welcomed_at_s, self._clock())
            if self._closing.is_set():
                self._say_goodbye(conversation)
        except BrokenWire as broken:
            conversation.receive_end(broken.text)
        return conversation.ending or Lost(strings.CONNECTION_LOST), self._clock() - welcomed_at_s

    def _turn(self, conversation: Conversation) -> None:
        """Wait until something is to be done, and do it."""
        is_paused = self._mailbox.pause_if_full()
        began_at_s = self._clock()
        timeout_s = min(max(0.0, conversation.next_due_s - began_at_s), self._timing.look_every_s)
        ready = self._wire.wait(timeout_s, reading=not is_paused)
        now_s = self._clock()
        if now_s - began_at_s > timeout_s + _OVERSLEPT_S:
            conversation.wake(now_s)
        if is_paused:
            conversation.pause(now_s)
        if ready.readable:
            self._put(*conversation.receive(self._wire.read(), now_s))
        self._wire.write(conversation.due(now_s))
        self._write_commands(conversation, now_s)

    def _greet_on(self, conversation: Conversation) -> None:
        host, is_sealed = self._wire.host, self._wire.is_sealed
        self.is_private = is_private(host, is_sealed=is_sealed)
        place = place_of(self._address, host, is_sealed=is_sealed)
        hello = greeting_for(self._hello(place), host, is_sealed=is_sealed)
        if not self._confided.may_hear(hello.password, self.other_end):
            hello = msgspec.structs.replace(hello, password=None)
        self._has_said_password = hello.password is not None
        if hello.password is not None:
            self._confided = Confided(hello.password, self.other_end)
        self._wire.write(conversation.greet(hello, self._clock()))

    def _write_commands(self, conversation: Conversation, now_s: float) -> None:
        if conversation.ending is not None:
            return  # what is wanted is wanted of the next connection
        commands = [one for one in self._mailbox.take_commands() if self.is_private or not is_secret(one)]
        greeting_is_wanted, _ = self._mailbox.take_wishes()  # a retry was meant for a connection that is there by now
        if greeting_is_wanted and conversation.is_greetable:
            self._greet_on(conversation)
        if commands:
            self._wire.write(b"".join(map(jsonlines.encode, commands)))
            conversation.spoke(now_s)

    def _say_goodbye(self, conversation: Conversation) -> None:
        """Write what waits and `bye`, then wait for the server to have read it: it answers by closing.

        A socket that is closed with something unread in it resets the connection, and the last words could be lost. Before the welcome
        too: the seat is given with the `hello`, and without a goodbye it would be kept for a while.
        """
        if conversation.is_greetable:
            return
        self._write_commands(conversation, self._clock())
        self._wire.write(jsonlines.encode(Bye()))
        deadline_s = self._clock() + self._timing.goodbye_s
        has_finished = False
        while (left_s := deadline_s - self._clock()) > 0:
            if not has_finished and not self._wire.unsent_bytes:
                self._wire.finish_writing()
                has_finished = True
            if self._wire.wait(left_s, reading=True).readable:
                self._wire.read()
            self._wire.write()

    def _put(self, *events: LinkEvent) -> None:
        if not self._closing.is_set():
            self._mailbox.put(events)
