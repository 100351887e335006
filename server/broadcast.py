"""Committed batches → the sockets of all who are caught up; those who lag are read on by their cursor, on one thread of its own.

`publish` and `answer` run on the sequencer's thread and never block. The lock guards who is subscribed and who is followed; nothing is sent
under it.
"""

import logging
import selectors
import socket
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from threading import Lock, Thread
from typing import assert_never

from server.log.store import Store, StoreError
from server.log.tail import Batch, FellBehind, Tail
from server.presences import Presences
from server.protocol import jsonlines, phrases
from server.protocol.errors import Code, Refusal
from server.protocol.events import Done, Presence, SanctionList
from server.rounds import Answer, Dismissed, Echo, Replaced
from server.subscriber import Subscriber

logger = logging.getLogger(__name__)

SLOW_CHECK_S = 1.0
"""How often those who accept nothing are looked for."""


class Broadcaster:
    """Everybody who reads the log.

    `slow_reader_s` is how long a peer may accept no byte before it is cut off; `on_failure` is called when the thread fails.
    """

    def __init__(self, tail: Tail, store: Store, slow_reader_s: float, on_failure: Callable[[], None]) -> None:
        self._on_failure = on_failure
        self._tail = tail
        self._presences = Presences()
        self._store = store
        self._slow_reader_s = slow_reader_s
        self._lock = Lock()
        self._subscribers: dict[Subscriber, None] = {}
        self._stragglers: dict[Subscriber, float] = {}
        """Since when they lag, on the monotonic clock."""
        self._selector = selectors.DefaultSelector()
        self._wake_reader, self._wake_writer = socket.socketpair()
        self._wake_reader.setblocking(False)
        self._wake_writer.setblocking(False)
        self._selector.register(self._wake_reader, selectors.EVENT_READ)
        self._stopping = False
        self._thread = Thread(target=self._run, name="stragglers")

    def start(self) -> None:
        """Begin to serve those who lag."""
        self._thread.start()

    def stop(self) -> None:
        """Serve nobody any more; when all have been removed."""
        self._stopping = True
        self._wake()
        if self._thread.is_alive():
            self._thread.join()
        self._selector.close()
        self._wake_reader.close()
        self._wake_writer.close()

    def replay_stored(self, subscriber: Subscriber) -> int:
        """Send a client that is not added yet a part of what the tail doesn't hold any more; of how many events, 0 when all is sent."""
        return subscriber.replay_stored(self._tail, self._store)

    def start_of_last(self, count: int, head: int, viewer: str) -> int:
        """As the store's; but whoever joins asks, and the tail nearly always knows."""
        try:
            return self._tail.start_of_last(count, head, viewer)
        except FellBehind:
            return self._store.start_of_last(count, head, viewer)

    def add(self, subscriber: Subscriber) -> None:
        """Let a client, whose cursor was put, read from there on."""
        with self._lock:
            self._subscribers[subscriber] = None
        self.follow(subscriber)

    def remove(self, subscriber: Subscriber) -> None:
        """Forget a client; afterwards its channel may be closed."""
        with self._lock:
            self._subscribers.pop(subscriber, None)
            self._unfollow_locked(subscriber)

    def publish(self, batch: Batch) -> None:
        with self._lock:
            subscribers = list(self._subscribers)
        for subscriber in subscribers:
            subscriber.deliver(batch)

    def tell(self, presences: Sequence[Presence]) -> None:
        self._presences.append(presences)
        with self._lock:
            subscribers = list(self._subscribers)
        for subscriber in subscribers:
            subscriber.tell(self._presences)

    def answer(self, holder: Subscriber, answer: Answer) -> None:
        match answer:
            case Refusal():
                holder.refuse(answer)
            case Done() | SanctionList():
                holder.send(jsonlines.encode(answer))
            case Echo(event):
                holder.echo(event)
            case Replaced():
                holder.end(Code.REPLACED, phrases.REPLACED)
            case Dismissed(code, text, until_ms):
                holder.end(code, text, until_ms)
            case _:
                assert_never(answer)

    # --- those who lag ------------------------------------------------------------------------------------------------

    def follow(self, subscriber: Subscriber) -> None:
        """Serve a client by its cursor until it has caught up."""
        with self._lock:
            if subscriber not in self._subscribers or subscriber in self._stragglers:
                return
            self._stragglers[subscriber] = time.monotonic()
            self._selector.register(subscriber.channel, selectors.EVENT_WRITE, subscriber)
        self._wake()

    def _unfollow_locked(self, subscriber: Subscriber) -> None:
        if subscriber in self._stragglers:
            del self._stragglers[subscriber]
            self._selector.unregister(subscriber.channel)

    def _wake(self) -> None:
        with suppress(BlockingIOError):  # full of wake-ups: one is enough
            self._wake_writer.send(b"\0")

    def _run(self) -> None:
        try:
            checked_at = time.monotonic()
            while not self._stopping:
                self._serve_ready()
                if time.monotonic() - checked_at >= SLOW_CHECK_S:
                    checked_at = time.monotonic()
                    self._end_the_slow(checked_at)
        except Exception:
            logger.exception("nobody serves those who lag any more")
            self._on_failure()

    def _serve_ready(self) -> None:
        """By itself: in the loop its variable would hold whoever was served last, who may be gone, until the next one is."""
        for key, _ in self._selector.select(SLOW_CHECK_S):
            self._serve(key.data)

    def _serve(self, straggler: Subscriber | None) -> None:
        if straggler is None:
            self._wake_reader.recv(4096)
            return
        try:
            caught_up = straggler.catch_up(self._tail, self._store, self._presences)
        except StoreError:
            straggler.end(Code.STORAGE_ERROR, phrases.UNREADABLE)
            with self._lock:
                self._unfollow_locked(straggler)  # its own thread does the rest, and may have to wait for the same disk
            return
        if caught_up:
            with self._lock:
                self._unfollow_locked(straggler)
            if not straggler.live:  # it fell behind again while it was still listed, so nobody has listed it since
                self.follow(straggler)

    def _end_the_slow(self, now: float) -> None:
        with self._lock:
            stragglers = list(self._stragglers.items())
        for straggler, lags_since in stragglers:
            # Whoever lags and accepts what is sent makes progress; the kernel alone may have room for the last block.
            if now - max(lags_since, straggler.channel.progress_at) > self._slow_reader_s:
                straggler.end(Code.SLOW, phrases.SLOW)
