"""How the threads of a busy room take turns: whoever has something to say comes in, one after the other, between the rounds.

A thread that wants the interpreter and doesn't get it is woken in vain, again and again; and whoever calls the system lets go of the
interpreter and wakes one more. With five hundred who all talk that was most of what the server did (figures in tests/bench/RESULTS.md).
So in a busy room the clients' threads don't wait for their sockets, but here. One thread watches the sockets of all (epoll, edge-triggered,
see epoll(7): a client that is known here costs no further call); one client's thread at a time is let in, the next one when it is back,
and nobody while a round is run; all of them, and who watches, on the processor of the rounds. In a quiet room everybody waits for their
own socket, on any processor: that is one change of threads less.

    silent → outside: something has come for them → inside: called, and at work on it → silent: back in `wait_readable`

Nobody is kept out for long by somebody who stays inside, or by rounds, be it that one takes long, as on a slow disk, or that one follows
the other, as when somebody floods. Whoever knows that they will wait for a round is not waited for meanwhile (`forget`). Where there is no
epoll, as on macOS and Windows, everybody always waits for their own socket.

An edge comes once, so after it everything has to be read. A channel takes a short read for the end of what there is (with TLS only that
there is nothing), and that is so, but for a connection's end and for urgent data (tcp(7): a read stops there). Whoever has either waits
for their own socket again, and is not called any more.

The lock guards who waits and who is inside; it is taken last, and nothing is waited for under it.
"""

import logging
import select
import sys
import time
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Lock, Thread
from typing import Final

from server.channel import POLLIN, Channel, Wakeup, wait_ready
from server.processors import stay_on
from server.workload import Workload

logger = logging.getLogger(__name__)

GATHER_S: Final = 0.002
"""While some wait to be let in, the sockets are looked at so often: for each of five hundred it would be a change of threads."""

STAY_S: Final = 0.002
"""After so long the next one is let in, though the last one is not back: it may have to wait for something itself."""

EVENTS_AT_ONCE: Final = 1024

KEPT_OUT_S: Final = 0.1
"""After so long nobody waits for the end of a round any more: to be asked whether somebody is still there needs none, nor a disk."""

AT_LEAST: Final = 8
"""So many come in after a round, though the next one follows at once: when somebody floods, there is no pause for the others."""

EVENTS: Final = 0 if sys.platform != "linux" else select.EPOLLIN | select.EPOLLPRI | select.EPOLLRDHUP | select.EPOLLET


class _Caller:
    """One client that waits here, or did a while ago."""

    __slots__ = "bell", "looks_itself"

    def __init__(self) -> None:
        self.bell = Lock()
        """Free when its owner may come in."""
        self.bell.acquire()
        self.looks_itself = False
        """Whether it waits for its own socket, since there may be something to read of which no more will be told."""

    def ring(self) -> None:
        """Wake its owner, now or when it comes to wait."""
        if self.bell.locked():
            self.bell.release()


class Doorkeeper:
    """Of one server. `stopping` lets everybody go their own ways."""

    def __init__(self, stopping: Wakeup, kept_out_s: float = KEPT_OUT_S, stay_s: float = STAY_S) -> None:
        self._stopping = stopping
        self._workload = Workload()
        self._kept_out_s, self._stay_s = kept_out_s, stay_s
        self._is_watching = False
        """Whether anybody who waits here would be called."""
        self._lock = Lock()
        self._callers: dict[int, _Caller] = {}
        """By descriptor."""
        self._outside: OrderedDict[_Caller, float] = OrderedDict()
        """Those who have something to read, in the order in which it came, and since when; on the monotonic clock."""
        self._inside: _Caller | None = None
        """Whoever was let in last and is not back."""
        self._awaited_until = 0.0
        """How long the others wait for them."""
        self._is_shut = False
        """Whether a round is run."""
        self._may_pass = 0
        """How many may come in nonetheless, since they have waited for the end of the last one."""
        self._thread = Thread(target=self._watch, name="doorkeeper")
        if sys.platform == "linux":
            self._epoll = select.epoll()
            self._epoll.register(stopping, select.EPOLLIN)

    def start(self) -> None:
        """Begin to watch."""
        if sys.platform == "linux":
            self._is_watching = True
            self._thread.start()

    def stop(self) -> None:
        """After `stopping` was set."""
        if sys.platform == "linux":
            if self._thread.is_alive():
                self._thread.join()
            self._epoll.close()

    # --- the sequencer's thread ---------------------------------------------------------------------------------------

    @contextmanager
    def round(self, asks: int, members: int) -> Iterator[None]:
        """While a round is run in which so much is asked for, in a room of so many members, nobody is let in."""
        # Those who have been silent since the room was busy last stayed where they were.
        self._workload.note_round(asks, members, may_move=not self._callers)
        self._is_shut = True
        try:
            yield
        finally:
            with self._lock:
                self._is_shut = False
                self._may_pass = min(AT_LEAST, len(self._outside))
                self._let_in_locked()

    @property
    def somebody_comes(self) -> bool:
        """Whether somebody is about to hand something over, and not waiting for something inside."""
        return bool(self._outside) or time.monotonic() < self._awaited_until

    # --- a client's thread --------------------------------------------------------------------------------------------

    def wait_readable(self, channel: Channel, deadline: float | None, wakeup: Wakeup) -> frozenset[int]:
        """As `wait_ready` for POLLIN; it may be for nothing that it comes back."""
        if not (self._workload.is_busy and self._is_watching):
            if self._callers:
                self.forget(channel)
            return wait_ready(channel, POLLIN, deadline, wakeup)
        caller = self._callers.get(channel.fileno()) or self._enrolled(channel)
        with self._lock:
            self._come_out_locked(caller)
        timeout_s = -1 if deadline is None else max(0.0, deadline - time.monotonic())
        if caller.looks_itself or not caller.bell.acquire(timeout=timeout_s):  # or what they said in time waits outside
            return wait_ready(channel, POLLIN, deadline, wakeup)
        return frozenset([channel.fileno()])

    def _enrolled(self, channel: Channel) -> _Caller:
        caller = _Caller()
        stay_on(self._workload.processors)
        with self._lock:
            self._callers[channel.fileno()] = caller
            if not self._is_watching:
                caller.ring()
        try:
            self._epoll.register(channel, EVENTS)
        except (OSError, ValueError):  # so many are watched that no more can be, or nobody is any more
            caller.looks_itself = True
        return caller

    def _come_out_locked(self, caller: _Caller) -> None:
        if self._inside is caller:
            self._inside, self._awaited_until = None, 0.0
            self._let_in_locked()

    def forget(self, channel: Channel) -> None:
        """By its owner, who will wait for something else and is not to be waited for; or close it, and its descriptor will be another's."""
        with self._lock:
            caller = self._callers.pop(channel.fileno(), None)
            if caller is None:
                return
            self._outside.pop(caller, None)
            self._come_out_locked(caller)
        with suppress(OSError, ValueError):  # nothing is watched any more
            self._epoll.unregister(channel)
        self._workload.leave()

    # --- the doorkeeper's thread --------------------------------------------------------------------------------------

    def _watch(self) -> None:
        processors = self._workload.processors
        try:
            while not self._stopping.is_set():
                if processors != self._workload.processors:
                    processors = self._workload.processors
                    stay_on(processors)
                self._note(self._epoll.poll(0 if self._outside else None, maxevents=EVENTS_AT_ONCE))
                if self._outside:
                    time.sleep(GATHER_S)
        except Exception:
            logger.exception("nobody watches the sockets any more")
        with self._lock:
            self._is_watching = False
            for caller in self._callers.values():
                caller.ring()

    def _note(self, events: list[tuple[int, int]]) -> None:
        now = time.monotonic()
        with self._lock:
            for descriptor, what in events:
                caller = self._callers.get(descriptor)
                if caller is None or caller.looks_itself:
                    continue  # `stopping`, or somebody who is gone, or would not come if they were called
                caller.looks_itself = what != select.EPOLLIN
                self._outside.setdefault(caller, now)
            self._let_in_locked()

    def _let_in_locked(self) -> None:
        """The next one, if it is time for that."""
        if not self._outside:
            return
        now, (first, listed_at) = time.monotonic(), next(iter(self._outside.items()))
        is_kept_out = self._is_shut and not self._may_pass and now < listed_at + self._kept_out_s
        if is_kept_out or now < self._awaited_until:
            return
        del self._outside[first]
        self._inside, self._awaited_until = first, now + self._stay_s
        self._may_pass = max(0, self._may_pass - 1)
        first.ring()
