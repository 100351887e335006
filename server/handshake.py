"""Coming in: which dialect a client speaks, and who it is.

    nothing known → (plain | json) asking for a nickname → in the room

Runs on the client's own thread. Sends to the channel directly, since nobody else sends to a client that is not in the room.
"""

import hashlib
import secrets
import time
from dataclasses import dataclass
from typing import Final

from server.line_reader import Gone, Goodbye, LineReader
from server.password_check import PasswordCheck
from server.promise import Promise
from server.protocol import jsonlines, phrases, plain
from server.protocol.errors import Code, Refusal
from server.protocol.events import PROTOCOL_VERSION, Hello, JsonCommand, Resume
from server.protocol.framing import MAX_JSON_LINE, MAX_PLAIN_LINE, Dialect, Overlong, is_foreign, is_json, is_tls
from server.protocol.nickname import check_nickname
from server.reception import Place
from server.rounds import LOST, Admission, Enter
from server.services import Services
from server.subscriber import Subscriber, encode_refusal
from server.tls import Session

NICKNAME_TRIES: Final = 3
HELLO_TRIES: Final = 30
"""Whoever has not said an acceptable `hello` by then only makes us talk."""

_PATIENT_CODES: Final = frozenset({Code.NICK_IN_USE, Code.NICK_INVALID, Code.NICK_RESERVED, Code.STORAGE_FULL})
"""After these a person thinks of another nickname, or waits for the disk; that takes longer than a program's `hello`."""


def uid_of(client: str) -> str:
    """The public name of a client: the first 16 hexadecimal digits of the SHA-256 of its secret, in lower-case hexadecimal."""
    return hashlib.sha256(client.lower().encode()).hexdigest()[:16]


def whole(line: bytes | Overlong, max_bytes: int) -> bytes:
    """`line`, if it was not too long. Raises Refusal."""
    if isinstance(line, Overlong):
        raise Refusal(Code.TOO_LONG, phrases.line_too_long(max_bytes))
    return line


@dataclass(frozen=True, slots=True)
class Entrance:
    """Somebody has been given a seat: from now on it must be left again. `resume` says where the client was before, if it was."""

    subscriber: Subscriber
    admission: Admission[Subscriber]
    resume: Resume | None


class Handshake:
    """One client's way in."""

    def __init__(self, place: Place, reader: LineReader, services: Services) -> None:
        self._place = place
        self._channel = place.channel
        self._peer = place.peer
        self._reader = reader
        self._services = services
        self._timeouts = services.config.timeouts
        self._password = PasswordCheck(place.channel, place.peer, reader, services)
        self._opened_at = time.monotonic()

    def enter(self) -> Entrance:
        """Let the client in; who is turned away is only listened to until it is known in which dialect to say it.

        Raises Goodbye, Gone, SequencerStopped.
        """
        turned_away = self._place.turned_away
        self._opened_at = time.monotonic()
        try:
            if turned_away is not None:
                self._identify(self._timeouts.full_handshake_s)
                raise turned_away
            first_line = self._identify(self._timeouts.typed_handshake_s)
            return (
                self._enter_json(first_line) if self._place.dialect is Dialect.JSON else self._enter_plain(first_line)
            )
        except TimeoutError:
            raise turned_away or Goodbye(Code.HANDSHAKE_TIMEOUT, phrases.HANDSHAKE_TIMEOUT) from None

    def _identify(self, patience_s: float) -> bytes | Overlong:
        """The first line, once it is known in which dialect it is, with TLS around it or not."""
        self._agree_on_tls(patience_s)
        try:
            first = self._reader.first_byte(self._opened_at + self._timeouts.prompt_s)
        except TimeoutError:
            self._channel.send(plain.encode_line(phrases.ASK_NICKNAME))
            first = self._reader.first_byte(self._opened_at + patience_s)
        if is_tls(first):
            is_too_late = self._services.tls is not None  # or within TLS
            raise Goodbye(Code.WRONG_PROTOCOL, phrases.WRONG_PROTOCOL if is_too_late else phrases.NO_TLS)
        self._place.dialect = Dialect.JSON if is_json(first) else Dialect.PLAIN
        self._reader.speak(self._place.dialect)
        if self._place.dialect is Dialect.JSON:
            patience_s = min(patience_s, self._timeouts.json_handshake_s)
        line = self._reader.next_line(self._opened_at + patience_s)
        if isinstance(line, bytes) and is_foreign(line):
            raise Goodbye(Code.WRONG_PROTOCOL, phrases.WRONG_PROTOCOL)
        return line

    def _agree_on_tls(self, patience_s: float) -> None:
        """Shake hands if that is what the client begins with, and refuse whoever has to and doesn't; otherwise leave all as it is.

        Who may do without has until the prompt to begin. The others are not prompted: that would be no answer to a late TLS client.
        """
        tls = self._services.tls
        if tls is None:
            return
        may_go_without = self._peer.is_loopback or self._services.config.allow_plaintext
        deadline = self._opened_at + min(patience_s, self._timeouts.tls_handshake_s)
        first = self._peek(self._opened_at + self._timeouts.prompt_s if may_go_without else deadline)
        if is_tls(first):
            self._shake_hands(tls.session(), deadline)
            self._opened_at = time.monotonic()
        elif not may_go_without:
            self._note("it did without TLS")
            self._place.dialect = Dialect.JSON if is_json(first) else Dialect.PLAIN
            raise Goodbye(Code.TLS_REQUIRED, phrases.TLS_REQUIRED)

    def _shake_hands(self, session: Session, deadline: float) -> None:
        """Raises Gone, TimeoutError. Why, only the log is told: without TLS there is no way to say it."""
        try:
            is_secure = self._channel.secure(session, deadline, self._services.stopping)
        except TimeoutError:
            self._note("its TLS handshake took too long")
            raise
        if not is_secure:
            self._note(f"its TLS handshake failed: {session.trouble}" if session.trouble else "it left TLS's handshake")
            raise Gone(LOST)

    def _note(self, reason: str) -> None:
        """For whoever runs the server; that it stops is no fault of the client's."""
        if not self._services.ended:
            self._services.door_log.note(self._peer.address, reason, time.monotonic())

    def _peek(self, deadline: float) -> bytes:
        """The first byte, which is still to be read; none if it doesn't come in time. Raises Gone."""
        try:
            first = self._channel.peek(deadline, self._services.stopping)
        except TimeoutError:
            return b""
        if not first:
            raise Gone(LOST)
        return first

    def _enter_plain(self, line: bytes | Overlong) -> Entrance:
        """Take each line for a nickname until one is free; the first is `line`. Raises Goodbye after three.

        All within the time for one: another try is no reason to be here for longer. Only the password has a time of its own.
        When the disk is full no other nickname would do, and a script's messages are not to be taken for some.
        """
        uid = secrets.token_hex(8)
        deadline = self._opened_at + self._timeouts.typed_handshake_s
        for tries_left in reversed(range(NICKNAME_TRIES)):
            try:
                nick = check_nickname(plain.decode_text(whole(line, MAX_PLAIN_LINE)))
                deadline = self._password.ask() or deadline
                return self._enter(nick, uid, None, uid)
            except Refusal as refusal:
                _go_if_final(refusal)
                if refusal.code is Code.STORAGE_FULL:
                    raise Goodbye(refusal.code, refusal.text) from None
                self._channel.send(encode_refusal(refusal, self._place.dialect))
            if tries_left:
                line = self._reader.next_line(deadline)
        raise Goodbye(Code.TOO_MANY_TRIES, phrases.TOO_MANY_TRIES)

    def _enter_json(self, line: bytes | Overlong) -> Entrance:
        """Answer every frame that is no acceptable `hello` until one is; `line` is the first.

        Whoever has to do something about it first gets the time for it.
        """
        deadline = self._opened_at + self._timeouts.json_handshake_s
        for _ in range(HELLO_TRIES):
            try:
                hello = _expect_hello(jsonlines.decode_command(whole(line, MAX_JSON_LINE)))
                nick = check_nickname(hello.nick)
                uid = uid_of(hello.client)
                self._password.check(hello.password, uid)
                return self._enter(nick, uid, hello.resume, uid_of(hello.device) if hello.device else uid)
            except Refusal as refusal:
                _go_if_final(refusal)
                self._channel.send(encode_refusal(refusal, self._place.dialect))
                if refusal.code in _PATIENT_CODES:
                    deadline = self._opened_at + self._timeouts.typed_handshake_s
            line = self._reader.next_line(deadline)
        raise Goodbye(Code.TOO_MANY_TRIES, phrases.TOO_MANY_TRIES)

    def _enter(self, nick: str, uid: str, resume: Resume | None, device: str) -> Entrance:
        """Ask for a seat. Raises Refusal, SequencerStopped."""
        subscriber = Subscriber(self._channel, self._place.dialect, uid, self._services.broadcaster.follow)
        verdict: Promise[Admission[Subscriber]] = Promise()
        is_plain = self._place.dialect is not Dialect.JSON
        is_private = self._channel.is_sealed or self._peer.is_loopback
        enter = Enter(subscriber, uid, nick, verdict, is_plain, self._peer.address, is_private, device)
        self._services.doorkeeper.forget(self._channel)
        return Entrance(subscriber, self._services.vestibule.enter(enter), resume)


def _go_if_final(refusal: Refusal) -> None:
    """Raises Goodbye if there is no use in another try."""
    refusal.__traceback__ = None  # it holds the request, which holds its verdict: such a circle stays as garbage
    if refusal.code.closes:
        raise Goodbye(refusal.code, refusal.text, refusal.retry_ms, refusal.until_ms) from None


def _expect_hello(command: JsonCommand) -> Hello:
    """Raises Refusal: BAD_STATE for anything else, BAD_VERSION for another version of the protocol."""
    if not isinstance(command, Hello):
        raise Refusal(Code.BAD_STATE, phrases.HELLO_FIRST)
    if command.v != PROTOCOL_VERSION:
        raise Refusal(Code.BAD_VERSION, phrases.bad_version(PROTOCOL_VERSION))
    return command
