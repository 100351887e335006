"""One client's place in the log: a cursor, the channel it is read into, and the dialect it is read in.

Caught up (`live`) is a client to whom everything up to the head was handed: it gets each batch as it is published. All others, newcomers
and stragglers alike, are read on from their cursor, by one thread at a time, until they are caught up. Slow costs a number, no queue.

Locks: the subscriber's lock guards `live` and `cursor` and is held while the channel takes bytes (which never blocks); the order is
subscriber → channel. No event is lost between the two ways of being served, because a batch is in the tail before it is
delivered: `catch_up` turns live only if the cursor is at the head, and a delivery that came in between waits for the lock and is skipped or
made, by the cursor. What is told besides the log, of who is away, has a cursor of its own and the same proof; it comes when
everything before it was read, or it would be about people who have not come in yet.
"""

from collections.abc import Callable, Iterable
from threading import Event as Flag
from threading import Lock

from server.channel import Channel
from server.log.store import Store
from server.log.tail import Batch, FellBehind, Tail
from server.presences import Presences
from server.protocol import jsonlines, phrases, plain
from server.protocol.errors import Code, Refusal
from server.protocol.events import Closing, Event, Refused, Said, Whispered
from server.protocol.framing import Dialect

CATCH_UP_BYTES = 64 * 1024
"""What a straggler gets at a time, or one round's block, which costs no copy: about as much as a socket takes at once, so that one of them
does not keep the others waiting."""

CATCH_UP_EVENTS = 256
"""The same, for events read from the store."""


class Subscriber:
    """Whoever reads the log: made when a client is admitted, handed to everybody who has something for it."""

    __slots__ = (
        *("_awaited", "_cursor", "_live", "_lock", "_on_straggle", "_presences_told", "_stored_at_once", "_was_live"),
        *("channel", "dialect", "ending", "uid"),
    )

    def __init__(
        self, channel: Channel, dialect: Dialect, uid: str, on_straggle: "Callable[[Subscriber], None]"
    ) -> None:
        """`on_straggle` is called, outside all locks, whenever a client that was caught up no longer is."""
        self.channel = channel
        self.dialect = dialect
        self.uid = uid
        self._on_straggle = on_straggle
        self.ending: Code | None = None
        """Why the server itself ended this connection, if it did."""
        self._cursor = 0
        self._presences_told = 0
        self._live = self._was_live = False
        self._stored_at_once = CATCH_UP_EVENTS
        """How many events from the store make about CATCH_UP_BYTES."""
        self._lock = Lock()
        self._awaited: Flag | None = None
        """Set when it is live. Made for whoever waits for that: every client would have one, and nearly none is ever waited for."""

    def wait_until_live(self, timeout_s: float) -> None:
        """Wait until everything was handed to it, at most `timeout_s`. The client's own thread."""
        with self._lock:
            if self._live:
                return
            self._awaited = awaited = Flag()
        awaited.wait(timeout_s)

    @property
    def live(self) -> bool:
        """Whether everything up to the head was handed to it."""
        return self._live

    # --- what is sent besides the log; any thread -----------------------------------------------------------------------

    def send(self, line: bytes) -> None:
        """Send one answer, in its place between events."""
        with self._lock:
            straggles = not self.channel.send(line) and self._live
            if straggles:
                self._live = False
        if straggles:
            self._on_straggle(self)

    def echo(self, event: Said | Whispered) -> None:
        """Send again an event that was sent before. One that is still ahead of the cursor will come by itself, in its order."""
        with self._lock:
            passed = event.seq <= self._cursor
        if passed:
            self.send(self._encoded(event))

    def _encoded(self, event: Said | Whispered) -> bytes:
        return jsonlines.encode(event) if self.dialect is Dialect.JSON else plain.encode_event(event, self.uid)

    def refuse(self, refusal: Refusal) -> None:
        """Say what was not done, and why."""
        self.send(encode_refusal(refusal, self.dialect))

    def notify(self, text: str) -> None:
        """Tell a plain client something."""
        self.send(plain.encode_notice(text))

    def end(self, code: Code, text: str, until_ms: int | None = None) -> None:
        """Say goodbye as well as is possible without waiting, and end the connection; its own thread finds out and does the rest."""
        self.ending = code
        goodbye = encode_goodbye(code, text, self.dialect, until_ms=until_ms)
        with self._lock:
            self.channel.send(goodbye)
        self.channel.abort()

    def welcome(self, pieces: Iterable[bytes]) -> None:
        """Send the first line, which may be long, piece by piece. Who has to end this client meanwhile waits, so that it is one."""
        with self._lock:
            for piece in pieces:
                self.channel.send(piece)

    # --- the log ------------------------------------------------------------------------------------------------------

    def start_after(self, cursor: int, presences: int = 0) -> None:
        """Put the cursors: what is read next is event number `cursor` + 1, and in its time the presence number `presences` + 1.

        Called once, before anybody else knows this client.
        """
        self._cursor = cursor
        self._presences_told = presences

    def replay_stored(self, tail: Tail, store: Store) -> int:
        """Send a part of what is no longer in the tail; how many events further on the cursor is then, 0 if all the rest is in the tail.

        By the client's own thread, before anybody else serves it: a long past would keep those waiting who lag a little.
        """
        try:
            tail.check_reach(self._cursor)
        except FellBehind as fell:
            block, cursor = self._read_stored(self._cursor, fell.reaches_back_to, store)
        else:
            return 0
        with self._lock:
            passed, self._cursor = cursor - self._cursor, cursor
            self.channel.send(block)
        return passed

    def deliver(self, batch: Batch) -> None:
        """Send `batch` if everything before it was sent; else it will be read from the tail."""
        with self._lock:
            if not self._live or self._cursor >= batch.last_seq:
                return
            self._cursor = batch.last_seq
            self._live = self.channel.send(batch.block_for(self.uid, self.dialect))
            if self._live:
                return
        self._on_straggle(self)

    def tell(self, presences: Presences) -> None:
        """Say who went away or came back, if everything before it was sent; else that comes after it."""
        if self.dialect is not Dialect.JSON:
            return
        with self._lock:
            if not self._live:
                return
            self._live = self._tell_locked(presences)
            if self._live:
                return
        self._on_straggle(self)

    def _tell_locked(self, presences: Presences) -> bool:
        block, self._presences_told = presences.after(self._presences_told)
        return self.channel.send(block)

    def catch_up(self, tail: Tail, store: Store, presences: Presences) -> bool:
        """Read on from the cursor, at most about CATCH_UP_BYTES; whether the client is live now. One thread at a time."""
        with self._lock:
            if not self.channel.flush():
                return False
            if self._cursor >= tail.head:
                if self.dialect is Dialect.JSON and not self._tell_locked(presences):
                    return False
                self._live = self._was_live = True
                if self._awaited is not None:
                    self._awaited.set()
                return True
            cursor = self._cursor
        block, cursor = self._read(cursor, tail, store)
        with self._lock:
            self._cursor = cursor
            self.channel.send(block)
        return False

    def _read(self, cursor: int, tail: Tail, store: Store) -> tuple[bytes, int]:
        """What follows `cursor`, and the cursor behind it."""
        try:
            return tail.read_after(cursor, self.uid, self.dialect, CATCH_UP_BYTES)
        except FellBehind as fell:
            if self.dialect is Dialect.JSON or not self._was_live:  # a plain newcomer has missed nothing yet
                return self._read_stored(cursor, fell.reaches_back_to, store)
            return plain.encode_notice(phrases.skipped(fell.reaches_back_to - cursor)), fell.reaches_back_to

    def _read_stored(self, cursor: int, reaches_back_to: int, store: Store) -> tuple[bytes, int]:
        """No further than to where the tail begins: the store may hold a batch already that is yet to be published."""
        limit = self._stored_at_once
        rows = store.read_after(cursor, self.uid, limit)
        if cursor < store.reaches_back_to:  # asked after reading: it may have forgotten meanwhile
            self.end(Code.SLOW, phrases.SLOW)
            return b"", reaches_back_to
        pieces: list[bytes] = []
        size_bytes = 0
        for seq, line in rows:
            if size_bytes >= CATCH_UP_BYTES or seq > reaches_back_to:
                self._stored_at_once = 1 + len(pieces)  # what was read in vain is read again
                return b"".join(pieces), min(seq - 1, reaches_back_to)
            pieces.append(self._stored(line))
            size_bytes += len(pieces[-1])
        self._stored_at_once = min(2 * limit, CATCH_UP_EVENTS)
        return b"".join(pieces), rows[-1][0] if len(rows) == limit else reaches_back_to

    def _stored(self, line: bytes) -> bytes:
        if self.dialect is Dialect.JSON:
            return line + b"\n"
        event = jsonlines.decode_frame(line)
        assert isinstance(event, Event)
        return plain.encode_event(event, self.uid)


def encode_refusal(refusal: Refusal, dialect: Dialect) -> bytes:
    """`refusal` as a line of `dialect`."""
    if dialect is Dialect.JSON:
        frame = Refused(refusal.code, refusal.text, refusal.cid, refusal.retry_ms, refusal.question, refusal.until_ms)
        return jsonlines.encode(frame)
    return plain.encode_notice(refusal.text)


def encode_goodbye(
    code: Code, text: str, dialect: Dialect, until_ms: int | None = None, retry_ms: int | None = None
) -> bytes:
    """The last line of a connection."""
    if dialect is Dialect.JSON:
        return jsonlines.encode(Closing(code, text, until_ms, retry_ms))
    return plain.encode_notice(text)
