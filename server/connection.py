"""One client, one thread: `handle_client` lets it in, carries what it says to the sequencer, and takes it out again.

Reads from the client's channel and nothing else; what others say reaches the client through its `Subscriber`. Every way out of the
room goes through `_leave`, once.
"""

import logging
import math
import time
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from typing import Final, TypeVar, assert_never

import msgspec

from server.arrival import begin_reading
from server.channel import Channel
from server.handshake import Entrance, Handshake, whole
from server.line_reader import Gone, Goodbye, LineReader
from server.log.sequencer import SequencerStopped
from server.log.store import Store, StoreError
from server.operating import check_operator
from server.pace import FRESH
from server.pages import StoredPage, history_page, search_page
from server.peer import Peer
from server.protocol import jsonlines, phrases, plain
from server.protocol.errors import Code, Refusal
from server.protocol.events import (
    Announce,
    Ban,
    BecomeOperator,
    Bye,
    Hello,
    Kick,
    ListMembers,
    ListSanctions,
    Mute,
    Ping,
    Pong,
    ReadHistory,
    Register,
    Rename,
    Say,
    Search,
    ShowHelp,
    Unban,
    Unmute,
    Unregister,
    Whisper,
)
from server.protocol.framing import MAX_JSON_LINE, MAX_PLAIN_LINE, Dialect, Overlong
from server.protocol.nickname import check_nickname
from server.protocol.ordinary import ordinary_messages
from server.protocol.text import check_text
from server.reading import PacedReading, wait_until_taken
from server.reception import Place
from server.registering import check_registering
from server.rounds import LOST, QUIT, Ask, Leave, Promote, RoomCommand, about_command
from server.services import Services
from server.subscriber import Subscriber, encode_goodbye

logger = logging.getLogger(__name__)

MAX_SLOWDOWN_S: Final = 2.0
"""The longest that one line of a plain client waits."""

SLICES: Final = 8
"""One client hands over at most such a part of what may be pending at a time: a packet full of short lines is not one request."""

Question = TypeVar("Question", ReadHistory, Search)
Line = bytes | Overlong
Asked = RoomCommand | BecomeOperator
"""What only the sequencer can do, once it has been checked; everything else is answered by the client's own thread."""


def handle_client(place: Place, services: Services) -> None:
    """Serve one client until it is gone; if it was turned away, it is only told so.

    The channel is left open: closing it takes until the last words have been read, and nobody's seat should be kept for that.
    """
    channel = place.channel
    reader = LineReader(
        channel,
        services.stopping,
        services.config.requests,
        services.insatiable,
        services.doorkeeper.wait_readable,
    )
    try:
        if place.turned_away is None:
            _wait_until_it_is_ones_turn(channel, services)
        _come_in(place, reader, services).stay()
    except Goodbye as goodbye:
        channel.send(encode_goodbye(goodbye.code, goodbye.text, place.dialect, goodbye.until_ms, goodbye.retry_ms))
        goodbye.__traceback__ = None  # it holds the place, and that may hold what those are told who are turned away
    except StoreError:
        channel.send(encode_goodbye(Code.STORAGE_ERROR, phrases.UNREADABLE, place.dialect))
    except (Gone, SequencerStopped):
        if services.ended:
            channel.send(encode_goodbye(*services.why_stopped(), place.dialect))
    except Exception:
        logger.exception("a client's thread failed")


def _wait_until_it_is_ones_turn(channel: Channel, services: Services) -> None:
    """When many come at once. Raises Gone, and nobody waits for those who come only to go."""
    now_s = time.monotonic()
    if channel.breaks_before(now_s + services.arriving.turn_in_s(1, now_s), services.stopping):
        services.arriving.give_back(1)
        raise Gone(LOST)


def _come_in(place: Place, reader: LineReader, services: Services) -> "_Guest":
    """What is needed only for that is let go of: who stays may stay for days. Raises Goodbye, Gone, SequencerStopped."""
    entrance = Handshake(place, reader, services).enter()
    place.has_come_in = True
    reading = PacedReading(place.channel, place.peer, services.addresses, services.stopping)
    return _Guest(place.channel, place.peer, reader, services, entrance, reading)


class _Guest:
    """A client that is in the room."""

    def __init__(
        self,
        channel: Channel,
        peer: Peer,
        reader: LineReader,
        services: Services,
        entrance: Entrance,
        reading: PacedReading,
    ) -> None:
        self._channel = channel
        self._peer = peer
        self._reader = reader
        self._reading = reading
        self._services = services
        self._entrance: Entrance | None = entrance
        """Until it has begun to read."""
        self._subscriber = entrance.subscriber
        self._seat = entrance.admission.seat
        self._asks: list[Ask[Subscriber]] = []
        """Understood, and not yet handed over."""
        self._asks_bytes = 0
        self._pings = count(1)
        self._pace = FRESH
        """Of a plain client; that of the others is the room's."""
        self._is_json = self._subscriber.dialect is Dialect.JSON
        self._max_line_bytes = MAX_JSON_LINE if self._is_json else MAX_PLAIN_LINE

    def stay(self) -> None:
        """Do what the client says until it is gone. Raises Gone, Goodbye, SequencerStopped, StoreError."""
        logger.info("%s joined (%s)", self._seat.uid, self._subscriber.dialect.value)
        reason = "failed"
        try:
            self._begin_reading()
            while True:
                self._take(self._next_lines())
        except Gone as gone:
            reason = self._subscriber.ending or gone.reason
            raise
        finally:
            self._leave(reason)
            logger.info("%s left (%s)", self._seat.uid, reason)

    def _begin_reading(self) -> None:
        """And let go of what is of use only for that: everybody who was here is in it, and each client would keep such a list."""
        assert self._entrance is not None
        begin_reading(self._entrance, self._services, self._reading)
        self._entrance = None

    def _next_lines(self) -> list[Line]:
        """What the client says next; a JSON client that is silent for long is asked whether it is there. Raises Gone.

        Of a plain client that is gone without a word TCP keep-alive finds out.
        """
        if not self._is_json:
            return self._reader.next_lines(None)
        ping_s, asked_at = self._services.config.timeouts.ping_s, -math.inf
        while True:
            try:
                return self._reader.next_lines(max(self._reader.heard_at, asked_at) + ping_s)
            except TimeoutError:
                if time.monotonic() < self._reader.heard_at + ping_s:
                    continue  # a part of a line has come
            if asked_at > self._reader.heard_at:
                raise Goodbye(Code.IDLE, phrases.IDLE)
            asked_at = time.monotonic()
            self._subscriber.send(jsonlines.encode(Ping(next(self._pings))))

    def _take(self, lines: list[Line]) -> None:
        """Do what `lines` say: all at once if they are nothing but ordinary messages, else one after the other."""
        whole_lines = [line for line in lines if isinstance(line, bytes)]
        may_be_at_once = len(whole_lines) == len(lines) and (self._is_json or self._services.config.sending is None)
        messages = ordinary_messages(whole_lines, self._subscriber.dialect) if may_be_at_once else None
        if messages is None:
            self._take_each(lines)
        else:
            self._take_messages(messages, sum(map(len, whole_lines)))

    def _take_messages(self, messages: list[Say], size_bytes: int) -> None:
        config, seat, subscriber = self._services.config, self._seat, self._subscriber
        size_bytes += len(messages) * config.request_bytes
        slices = 1 + size_bytes // (config.max_pending_bytes // SLICES)
        at_once = -(-len(messages) // slices)
        for start in range(0, len(messages), at_once):
            asks = [Ask(seat, subscriber, message) for message in messages[start : start + at_once]]
            self._services.sequencer.submit(asks, size_bytes * len(asks) // len(messages))
        if self._channel.backlog_bytes > config.max_backlog_bytes:
            self._wait_until_read()

    def _take_each(self, lines: list[Line]) -> None:
        """Answer what can be answered here, and hand over the rest in one step; also what stood before a `/종료`."""
        config = self._services.config
        try:
            for line in lines:
                self._take_line(line)
                if self._asks_bytes >= config.max_pending_bytes // SLICES:
                    self._hand_over()
                if self._channel.backlog_bytes > config.max_backlog_bytes:
                    self._hand_over()
                    self._wait_until_read()
        finally:
            self._hand_over()

    def _hand_over(self) -> None:
        if self._asks:
            asks, size_bytes = self._asks, self._asks_bytes
            self._asks, self._asks_bytes = [], 0
            self._services.sequencer.submit(asks, size_bytes)

    def _wait_until_read(self) -> None:
        """Whoever doesn't read our answers is not read, either. Raises Goodbye."""
        config = self._services.config
        wait_until_taken(self._channel, config.max_backlog_bytes, config.timeouts.slow_reader_s)

    def _take_line(self, line: Line) -> None:
        if isinstance(line, bytes) and not line.strip():
            return  # somebody pressed Enter
        try:
            text = whole(line, self._max_line_bytes)
            command = self._understand(text)
            if command is not None:
                if not self._is_json:
                    self._slow_down(len(text))
                checked = self._checked(command)  # may hand over what was asked before
                self._asks.append(Ask(self._seat, self._subscriber, checked))
                self._asks_bytes += len(text) + self._services.config.request_bytes
        except Refusal as refusal:
            self._subscriber.refuse(refusal)

    def _slow_down(self, size_bytes: int) -> None:
        """Whoever sends too fast and can't be told to wait is read more slowly. Raises Gone."""
        config = self._services.config
        if config.sending is None:
            return
        self._pace, wait_s = self._pace.spend(size_bytes, config.sending, time.monotonic())
        if wait_s:
            self._hand_over()
            if self._channel.breaks_before(time.monotonic() + min(wait_s, MAX_SLOWDOWN_S), self._services.stopping):
                raise Gone(LOST)

    def _understand(self, line: bytes) -> Asked | None:
        return self._understand_json(line) if self._is_json else self._understand_plain(line)

    def _understand_plain(self, line: bytes) -> Asked | None:
        command = plain.decode_command(line)
        match command:
            case Bye():
                raise Gone(QUIT)
            case ShowHelp():
                self._subscriber.notify("\n".join(phrases.HELP))
                return None
            case ListMembers():
                self._list_members()
                return None
            case Say() | Whisper() | Rename():
                return command
            case _:
                assert_never(command)

    def _list_members(self) -> None:
        """As they are after everything that this client asked for before."""
        self._hand_over()
        self._services.doorkeeper.forget(self._channel)
        self._services.sequencer.settle()
        self._subscriber.wait_until_live(self._services.config.timeouts.farewell_s)
        nicks = [member.nick for member in self._services.room.members]
        self._subscriber.notify(phrases.member_list(nicks))

    def _understand_json(self, line: bytes) -> Asked | None:
        command = jsonlines.decode_command(line)
        match command:
            case Bye():
                raise Gone(QUIT)
            case Hello():
                raise Refusal(Code.BAD_STATE, phrases.HELLO_AGAIN)
            case Ping():
                self._subscriber.send(jsonlines.encode(Pong(command.n)))
                return None
            case Pong():
                return None  # that it was received is all that matters
            case ReadHistory():
                self._answer_from_the_past(command, history_page)
                return None
            case Search():
                self._answer_from_the_past(command, search_page)
                return None
            case Say() | Whisper() | Rename() | Register() | Unregister() | BecomeOperator():
                return command
            case Kick() | Ban() | Unban() | Mute() | Unmute() | Announce() | ListSanctions():
                return command
            case _:
                assert_never(command)

    def _answer_from_the_past(
        self, command: Question, page_for: Callable[[Store, str, Question, Callable[[int], None]], StoredPage]
    ) -> None:
        """Whoever has read more than their address may waits for it, but what they said before does not. Raises Gone, Refusal."""
        if self._reading.must_wait:
            self._hand_over()
            self._reading.wait_turn()
        with self._reading.turnstile:
            page = page_for(self._services.store, self._seat.uid, command, self._reading.charge)
            line = jsonlines.encode(page)
        self._subscriber.send(line)

    def _checked(self, command: Asked) -> RoomCommand:
        """`command` with its text or nickname cleaned. Raises Refusal, which names what it is about."""
        try:
            match command:
                case Say() | Whisper() | Announce():
                    text = check_text(command.text)
                    return command if text is command.text else msgspec.structs.replace(command, text=text)
                case Rename():
                    return msgspec.structs.replace(command, nick=check_nickname(command.nick))
                case Register():
                    addresses, is_sealed = self._services.addresses, self._channel.is_sealed
                    check_registering(self._peer, addresses, time.monotonic(), is_sealed=is_sealed)
                    return command
                case BecomeOperator():
                    self._hand_over()  # what was said before doesn't wait for this
                    key, stopping = self._services.guards.operator_key, self._services.stopping
                    is_sealed = self._channel.is_sealed
                    return check_operator(command, self._peer, key, stopping, self._seat.uid, is_sealed=is_sealed)
                case Unregister() | Kick() | Ban() | Unban() | Mute() | Unmute() | ListSanctions() | Promote():
                    return command
                case _:
                    assert_never(command)
        except Refusal as refusal:
            raise about_command(refusal, command) from None

    def _leave(self, reason: str) -> None:
        """Let what was said stand and its echoes go out, then let go of the seat, unless all end together: a stop is no leaving.

        Who was gone before it began to read has nothing coming.
        """
        services = self._services
        services.doorkeeper.forget(self._channel)
        try:
            services.sequencer.settle()
            if self._entrance is None and self._subscriber.ending is None and not services.ended:
                self._subscriber.wait_until_live(services.config.timeouts.farewell_s)
        except SequencerStopped:
            pass
        services.broadcaster.remove(self._subscriber)
        if not services.ended:
            with suppress(SequencerStopped):
                services.sequencer.submit([Leave(self._seat, self._subscriber, reason)], 0)
