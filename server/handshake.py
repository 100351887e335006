"""Coming in: which dialect a client speaks, who it is, and where in the log it begins to read.

    nothing known → (plain | json) asking for a nickname → in the room

Runs on the client's own thread. Sends to the channel directly, since nobody else sends to a client that is not in the room.
"""

import hashlib
import secrets
import time
from concurrent.futures import Future
from typing import Final

from server.channel import Channel
from server.line_reader import Goodbye, LineReader
from server.protocol import jsonlines, phrases, plain
from server.protocol.errors import Code, Refusal
from server.protocol.events import PROTOCOL_VERSION, Hello, JsonCommand, Limits, Resume, Welcome
from server.protocol.framing import MAX_JSON_LINE, MAX_PLAIN_LINE, Dialect, Overlong, is_foreign, is_json, is_tls
from server.protocol.nickname import check_nickname
from server.protocol.text import MAX_TEXT_CHARS, MAX_TEXT_LINES
from server.room import Admission, Enter
from server.roster import Seat
from server.services import Services
from server.subscriber import Subscriber, encode_refusal

NICKNAME_TRIES: Final = 3
PING_S: Final = 20.0
"""Silence after which a `ping` is due. Shorter than what NATs and phones forget a connection after."""

SERVER_NAME: Final = "soksak"
_NICKNAME_CODES: Final = frozenset({Code.NICK_IN_USE, Code.NICK_INVALID, Code.NICK_RESERVED})


def uid_of(client: str) -> str:
    """The public name of a client: the first 16 hexadecimal digits of the SHA-256 of its secret, in lower-case hexadecimal."""
    return hashlib.sha256(client.lower().encode()).hexdigest()[:16]


def whole(line: bytes | Overlong, max_bytes: int) -> bytes:
    """`line`, if it was not too long. Raises Refusal."""
    if isinstance(line, Overlong):
        raise Refusal(Code.TOO_LONG, phrases.line_too_long(max_bytes))
    return line


class Handshake:
    """One client's way in."""

    def __init__(self, channel: Channel, reader: LineReader, services: Services) -> None:
        self.dialect = Dialect.PLAIN
        self._channel = channel
        self._reader = reader
        self._services = services
        self._timeouts = services.config.timeouts
        self._opened_at = time.monotonic()

    def enter(self, *, is_full: bool) -> tuple[Subscriber, Seat[Subscriber]]:
        """Let the client in; with `is_full` only find out in which dialect to turn it away.

        Raises Goodbye, Gone, SequencerStopped.
        """
        try:
            first_line = self._identify(is_full=is_full)
            if is_full:
                raise Goodbye(Code.SERVER_FULL, phrases.SERVER_FULL)
            return self._enter_json(first_line) if self.dialect is Dialect.JSON else self._enter_plain(first_line)
        except TimeoutError:
            if is_full:
                raise Goodbye(Code.SERVER_FULL, phrases.SERVER_FULL) from None
            raise Goodbye(Code.HANDSHAKE_TIMEOUT, phrases.HANDSHAKE_TIMEOUT) from None

    def _identify(self, *, is_full: bool) -> bytes | Overlong:
        """The first line, once it is known in which dialect it is."""
        patience_s = self._timeouts.full_handshake_s if is_full else self._timeouts.typed_handshake_s
        try:
            first = self._reader.first_byte(self._opened_at + self._timeouts.prompt_s)
        except TimeoutError:
            self._channel.send(plain.encode_line(phrases.ASK_NICKNAME))
            first = self._reader.first_byte(self._opened_at + patience_s)
        if is_tls(first):
            raise Goodbye(Code.WRONG_PROTOCOL, phrases.NO_TLS)
        self.dialect = Dialect.JSON if is_json(first) else Dialect.PLAIN
        self._reader.speak(self.dialect)
        if self.dialect is Dialect.JSON:
            patience_s = min(patience_s, self._timeouts.json_handshake_s)
        line = self._reader.next_line(self._opened_at + patience_s)
        if isinstance(line, bytes) and is_foreign(line):
            raise Goodbye(Code.WRONG_PROTOCOL, phrases.WRONG_PROTOCOL)
        return line

    def _enter_plain(self, line: bytes | Overlong) -> tuple[Subscriber, Seat[Subscriber]]:
        """Take each line for a nickname until one is free; the first is `line`. Raises Goodbye after three."""
        uid = secrets.token_hex(8)
        for tries_left in reversed(range(NICKNAME_TRIES)):
            try:
                subscriber, admission = self._enter(check_nickname(plain.decode_text(whole(line, MAX_PLAIN_LINE))), uid)
            except Refusal as refusal:
                self._channel.send(encode_refusal(refusal, self.dialect))
            else:
                self._start_reading(subscriber, self._plain_cursor(admission.seq, uid))
                return subscriber, admission.seat
            if tries_left:
                line = self._reader.next_line(time.monotonic() + self._timeouts.typed_handshake_s)
        raise Goodbye(Code.TOO_MANY_TRIES, phrases.TOO_MANY_TRIES)

    def _enter_json(self, line: bytes | Overlong) -> tuple[Subscriber, Seat[Subscriber]]:
        """Answer every frame that is no acceptable `hello` until one is; `line` is the first. A person may have to think of a nickname."""
        deadline = self._opened_at + self._timeouts.json_handshake_s
        while True:
            try:
                hello = _expect_hello(jsonlines.decode_command(whole(line, MAX_JSON_LINE)))
                uid = uid_of(hello.client)
                subscriber, admission = self._enter(check_nickname(hello.nick), uid)
            except Refusal as refusal:
                if refusal.code.closes:
                    raise Goodbye(refusal.code, refusal.text) from None
                self._channel.send(encode_refusal(refusal, self.dialect))
                if refusal.code in _NICKNAME_CODES:
                    deadline = self._opened_at + self._timeouts.typed_handshake_s
            else:
                cursor = self._json_cursor(hello.resume, admission.seq, uid)
                subscriber.send(jsonlines.encode(self._welcome(admission, cursor)))
                self._start_reading(subscriber, cursor)
                return subscriber, admission.seat
            line = self._reader.next_line(deadline)

    def _enter(self, nick: str, uid: str) -> tuple[Subscriber, Admission[Subscriber]]:
        """Ask for a seat. Raises Refusal, SequencerStopped."""
        subscriber = Subscriber(self._channel, self.dialect, uid, self._services.broadcaster.follow)
        verdict: Future[Admission[Subscriber]] = Future()
        self._services.sequencer.submit([Enter(subscriber, uid, nick, verdict)], 0)
        return subscriber, verdict.result()

    def _plain_cursor(self, seq: int, uid: str) -> int:
        """Right before one's own coming in, or as far back as the server was told to show."""
        count = self._services.config.plain_history
        return self._services.store.start_of_last(count, seq - 1, uid) - 1 if count else seq - 1

    def _json_cursor(self, resume: Resume | None, seq: int, uid: str) -> int:
        """Where the client was, if it was in this log; else a screenful back."""
        if resume is not None and self._services.store.holds(resume.epoch, resume.seq):
            return resume.seq
        return self._services.store.start_of_last(self._services.config.replay_events, seq, uid) - 1

    def _welcome(self, admission: Admission[Subscriber], cursor: int) -> Welcome:
        return Welcome(
            v=PROTOCOL_VERSION,
            server=SERVER_NAME,
            uid=admission.seat.uid,
            nick=admission.seat.nick,
            epoch=self._services.store.epoch,
            seq=admission.seq,
            replay_from=cursor + 1,
            members=admission.members,
            limits=Limits(MAX_TEXT_CHARS, MAX_TEXT_LINES, MAX_JSON_LINE),
            ping_s=PING_S,
            grace_s=0,
        )

    def _start_reading(self, subscriber: Subscriber, cursor: int) -> None:
        subscriber.start_after(cursor)
        self._services.broadcaster.add(subscriber)


def _expect_hello(command: JsonCommand) -> Hello:
    """Raises Refusal: BAD_STATE for anything else, BAD_VERSION for another version of the protocol."""
    if not isinstance(command, Hello):
        raise Refusal(Code.BAD_STATE, phrases.HELLO_FIRST)
    if command.v != PROTOCOL_VERSION:
        raise Refusal(Code.BAD_VERSION, phrases.bad_version(PROTOCOL_VERSION))
    return command
