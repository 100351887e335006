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
from typing import Final, assert_never

import msgspec

from server.arrival import begin_reading
from server.channel import Channel
from server.handshake import Entrance, Handshake, whole
from server.line_reader import Gone, Goodbye, LineReader
from server.log.sequencer import SequencerStopped
from server.log.store import StoreError
from server.pace import FRESH
from server.pages import history_page, search_page
from server.protocol import jsonlines, phrases, plain
from server.protocol.errors import Code, Refusal
from server.protocol.events import (
    Bye,
    Hello,
    ListMembers,
    Ping,
    Pong,
    ReadHistory,
    Rename,
    Say,
    Search,
    ShowHelp,
    Whisper,
)
from server.protocol.framing import MAX_JSON_LINE, MAX_PLAIN_LINE, Dialect, Overlong
from server.protocol.nickname import check_nickname
from server.protocol.text import check_text
from server.rounds import LOST, QUIT, Ask, Leave
from server.services import Services
from server.subscriber import Subscriber, encode_goodbye

logger = logging.getLogger(__name__)

MAX_SLOWDOWN_S: Final = 2.0
"""The longest that one line of a plain client waits."""

SLICES: Final = 8
"""One client hands over at most such a part of what may be pending at a time: a packet full of short lines is not one request."""

Line = bytes | Overlong
RoomCommand = Say | Whisper | Rename
"""What only the sequencer can do; everything else is answered by the client's own thread."""


def handle_client(channel: Channel, services: Services, *, is_full: bool) -> None:
    """Serve one client until it is gone. With `is_full` it is only told that there is no seat.

    The channel is left open: closing it takes until the last words have been read, and nobody's seat should be kept for that.
    """
    reader = LineReader(channel, services.stopping)
    handshake = Handshake(channel, reader, services)
    try:
        entrance = handshake.enter(is_full=is_full)
        _Guest(channel, reader, services, entrance).stay()
    except Goodbye as goodbye:
        channel.send(encode_goodbye(goodbye.code, goodbye.text, handshake.dialect))
    except StoreError:
        channel.send(encode_goodbye(Code.STORAGE_ERROR, phrases.UNREADABLE, handshake.dialect))
    except (Gone, SequencerStopped):
        if services.ended:
            channel.send(encode_goodbye(*services.why_stopped(), handshake.dialect))
    except Exception:
        logger.exception("a client's thread failed")


class _Guest:
    """A client that is in the room."""

    def __init__(self, channel: Channel, reader: LineReader, services: Services, entrance: Entrance) -> None:
        self._channel = channel
        self._reader = reader
        self._services = services
        self._entrance = entrance
        self._subscriber = entrance.subscriber
        self._seat = entrance.admission.seat
        self._asks: list[Ask[Subscriber]] = []
        """Understood, and not yet handed over."""
        self._asks_bytes = 0
        self._pings = count(1)
        self._pace = FRESH
        """Of a plain client; that of the others is the room's."""
        self._is_json = self._subscriber.dialect is Dialect.JSON
        self._understand: Callable[[bytes], RoomCommand | None] = (
            self._understand_json if self._is_json else self._understand_plain
        )
        self._max_line_bytes = MAX_JSON_LINE if self._is_json else MAX_PLAIN_LINE

    def stay(self) -> None:
        """Do what the client says until it is gone. Raises Gone, Goodbye, SequencerStopped, StoreError."""
        logger.info("%s joined (%s)", self._seat.uid, self._subscriber.dialect.value)
        reason = "failed"
        try:
            begin_reading(self._entrance, self._services)
            while True:
                self._take(self._next_lines())
        except Gone as gone:
            reason = self._subscriber.ending or gone.reason
            raise
        finally:
            self._leave(reason)
            logger.info("%s left (%s)", self._seat.uid, reason)

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
        if not self._channel.drain(config.max_backlog_bytes, time.monotonic() + config.timeouts.slow_reader_s):
            raise Goodbye(Code.SLOW, phrases.SLOW)

    def _take_line(self, line: Line) -> None:
        if isinstance(line, bytes) and not line.strip():
            return  # somebody pressed Enter
        try:
            text = whole(line, self._max_line_bytes)
            command = self._understand(text)
            if command is not None:
                if not self._is_json:
                    self._slow_down(len(text))
                self._asks.append(Ask(self._seat, self._subscriber, _checked(command)))
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

    def _understand_plain(self, line: bytes) -> RoomCommand | None:
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
        self._services.sequencer.settle()
        nicks = [member.nick for member in self._services.room.members]
        self._subscriber.notify(phrases.member_list(nicks))

    def _understand_json(self, line: bytes) -> RoomCommand | None:
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
                self._subscriber.send(jsonlines.encode(history_page(self._services.store, self._seat.uid, command)))
                return None
            case Search():
                self._subscriber.send(jsonlines.encode(search_page(self._services.store, self._seat.uid, command)))
                return None
            case Say() | Whisper() | Rename():
                return command
            case _:
                assert_never(command)

    def _leave(self, reason: str) -> None:
        """Let what was said stand and its echoes go out, then let go of the seat, unless all end together: a stop is no leaving."""
        services = self._services
        try:
            services.sequencer.settle()
            if self._subscriber.ending is None and not services.ended:
                self._subscriber.wait_until_live(services.config.timeouts.farewell_s)
        except SequencerStopped:
            pass
        services.broadcaster.remove(self._subscriber)
        if not services.ended:
            with suppress(SequencerStopped):
                services.sequencer.submit([Leave(self._seat, self._subscriber, reason)], 0)


def _checked(command: RoomCommand) -> RoomCommand:
    """`command` with its text or nickname cleaned. Raises Refusal, which names the message it is about."""
    try:
        match command:
            case Say() | Whisper():
                text = check_text(command.text)
                return command if text is command.text else msgspec.structs.replace(command, text=text)
            case Rename():
                return Rename(check_nickname(command.nick))
            case _:
                assert_never(command)
    except Refusal as refusal:
        raise refusal.about(command.cid if isinstance(command, Say | Whisper) else None) from None
