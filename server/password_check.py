"""A newcomer's password: asked for in the plain dialect, part of `hello` in the other. Runs on the client's own thread.

Asked before anything is said about who is in the room: also whether a nickname is free is nobody's business outside.
"""

import time
from typing import Final

from server.channel import Channel
from server.line_reader import Goodbye, LineReader
from server.peer import Peer
from server.protocol import phrases, plain
from server.protocol.errors import Code, Refusal
from server.protocol.framing import Overlong
from server.protocol.password import Password
from server.services import Services

PASSWORD_TRIES: Final = 3

_HIDE, _SHOW = b"\xff\xfb\x01", b"\xff\xfc\x01"
"""IAC WILL ECHO, and WONT (RFC 857): a terminal that believes that we echo shows nothing by itself, and we echo nothing."""


class PasswordCheck:
    """Of one connection. Whoever was right once isn't asked again."""

    def __init__(self, channel: Channel, peer: Peer, reader: LineReader, services: Services) -> None:
        self._channel = channel
        self._peer = peer
        self._reader = reader
        self._stopping = services.stopping
        self._guard = services.guards.password
        self._patience_s = services.config.timeouts.typed_handshake_s
        self._is_done = self._guard is None

    def check(self, given: Password | None, uid: str = "") -> None:
        """Raises Refusal, Gone. `uid` is that of a client which has shown its secret."""
        if not self._is_done and self._guard is not None:
            self._guard.check(given, self._peer, self._stopping, uid)
            self._is_done = True

    def ask(self) -> float | None:
        """Have it typed until it is right, in a time of its own; when that is over, for whatever else is to be typed.

        None if nothing had to be asked. Raises Goodbye, Gone, TimeoutError.
        """
        if self._is_done:
            return None
        deadline = time.monotonic() + self._patience_s
        self._channel.send(plain.encode_line(phrases.ASK_PASSWORD))
        for tries_left in reversed(range(PASSWORD_TRIES)):
            try:
                self.check(self._typed(deadline))
            except Refusal as refusal:
                if refusal.code is not Code.AUTH_FAILED or not tries_left:
                    raise Goodbye(refusal.code, refusal.text) from None
                self._channel.send(plain.encode_notice(phrases.PASSWORD_AGAIN))
            else:
                return deadline
        raise AssertionError

    def _typed(self, deadline: float) -> Password:
        """The next line, which a telnet doesn't show."""
        hides = self._reader.speaks_telnet
        if hides:
            self._channel.send(_HIDE)
        line = self._reader.next_line(deadline)
        if hides:
            self._channel.send(_SHOW)
        if isinstance(line, Overlong):
            return Password("\0")  # too long to be right
        return Password(line.decode("utf-8", "surrogateescape"))
