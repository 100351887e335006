"""Bytes → lines, and which dialect they are in. Sans I/O: fed with whatever `recv` gave, in pieces of any size.

Bytes are split on `\\n` before anything is decoded, so a syllable cut in the middle comes together again by itself. What has no
`\\n` yet is not a line: it stays here, and is gone with the connection, so half a sentence is never published.
"""

from enum import Enum
from typing import Final

MAX_PLAIN_LINE = 4 * 1024
"""Bytes of a plain line, as in PROTOCOL's limits: 1,300 Hangul syllables; Linux terminals cut typed lines there, too."""

MAX_JSON_LINE = 16 * 1024
"""Bytes of a JSON line: 2,000 characters, each escaped as `\\uXXXX`, and room for the rest of the frame."""

MAX_UNTERMINATED = 64 * 1024
"""Bytes without a `\\n` after which nobody can mean a line any more."""


class Overlong:
    """Stands for a line that was longer than allowed and was skipped up to its `\\n`."""

    def __repr__(self) -> str:
        return "OVERLONG"


OVERLONG: Final = Overlong()


class UnterminatedLine(Exception):
    """More than `MAX_UNTERMINATED` bytes came without a `\\n`."""


class LineBuffer:
    """Cuts a stream of bytes into lines.

    `max_line_bytes` counts what stands before the `\\n`; it may be changed between two calls, when the dialect becomes known.
    """

    __slots__ = "_max_unterminated_bytes", "_rest", "_unterminated_bytes", "max_line_bytes"

    def __init__(self, max_line_bytes: int, max_unterminated_bytes: int = MAX_UNTERMINATED) -> None:
        self.max_line_bytes = max_line_bytes
        self._max_unterminated_bytes = max_unterminated_bytes
        self._rest = bytearray()
        self._unterminated_bytes = 0

    @property
    def unfinished(self) -> bytes:
        """What has come of a line whose `\\n` has not, as far as it was kept."""
        return bytes(self._rest)

    def feed(self, data: bytes) -> list[bytes | Overlong]:
        """Take `data`, return the lines it completes, without `\\n` and without one `\\r` before it.

        Raises UnterminatedLine when a line's end is overdue; the lines before it are not returned then, the peer is lost anyway.
        """
        head, newline, rest = data.partition(b"\n")
        if not newline:
            self._keep(head)
            return []
        lines: list[bytes | Overlong] = [self._finish(head)]
        *whole, last = rest.split(b"\n")
        if b"\r" in rest or max(map(len, whole), default=0) > self.max_line_bytes:
            lines.extend(map(self._checked, whole))
        else:
            lines.extend(whole)
        self._keep(last)
        return lines

    def _keep(self, piece: bytes) -> None:
        self._unterminated_bytes += len(piece)
        if self._unterminated_bytes > self._max_unterminated_bytes:
            raise UnterminatedLine
        # One byte more than allowed is enough to know the line as overlong, two with the `\r` that is dropped.
        room = self.max_line_bytes + 2 - len(self._rest)
        if room > 0:
            self._rest += piece[:room]

    def _finish(self, head: bytes) -> bytes | Overlong:
        line = bytes(self._rest) + head if self._rest else head
        self._rest.clear()
        self._unterminated_bytes = 0
        return self._checked(line)

    def _checked(self, line: bytes) -> bytes | Overlong:
        line = line.removesuffix(b"\r")
        return OVERLONG if len(line) > self.max_line_bytes else line


# --- telnet -----------------------------------------------------------------------------------------------------------

_IAC, _SB, _SE = 0xFF, 0xFA, 0xF0
_WILL_TO_DONT = range(0xFB, 0xFF)


class _Telnet(Enum):
    DATA = "data"
    COMMAND = "after IAC"
    OPTION = "after IAC and a verb"
    SUBNEGOTIATION = "after IAC SB"
    SUBNEGOTIATION_COMMAND = "after IAC inside a subnegotiation"


class TelnetFilter:
    """Drops what telnet negotiates (RFC 854, 855), however it is cut; nothing is ever negotiated back.

    The byte that starts it, `0xFF`, never stands in UTF-8, so nobody's text is touched.
    """

    __slots__ = "_dropped_in_a_row", "_state", "has_heard"

    def __init__(self) -> None:
        self.has_heard = False
        """Whether there was any: who negotiates is a telnet."""
        self._state = _Telnet.DATA
        self._dropped_in_a_row = 0

    def feed(self, data: bytes) -> bytes:
        """`data` without telnet's commands. Raises UnterminatedLine for a subnegotiation that never ends."""
        if self._state is _Telnet.DATA and _IAC not in data:
            return data
        text = bytes(byte for byte in data if self._is_text(byte))
        self._dropped_in_a_row = 0 if text else self._dropped_in_a_row + len(data)
        if self._dropped_in_a_row > MAX_UNTERMINATED:
            raise UnterminatedLine
        return text

    def _is_text(self, byte: int) -> bool:
        match self._state:
            case _Telnet.DATA if byte != _IAC:
                return True
            case _Telnet.DATA:
                self._state, self.has_heard = _Telnet.COMMAND, True
            case _Telnet.COMMAND if byte in _WILL_TO_DONT:
                self._state = _Telnet.OPTION
            case _Telnet.COMMAND if byte == _SB:
                self._state = _Telnet.SUBNEGOTIATION
            case _Telnet.COMMAND | _Telnet.OPTION:
                self._state = _Telnet.DATA
            case _Telnet.SUBNEGOTIATION if byte == _IAC:
                self._state = _Telnet.SUBNEGOTIATION_COMMAND
            case _Telnet.SUBNEGOTIATION_COMMAND:
                self._state = _Telnet.DATA if byte == _SE else _Telnet.SUBNEGOTIATION
        return False


# --- which dialect ----------------------------------------------------------------------------------------------------


class Dialect(Enum):
    """What a connection speaks, for good."""

    PLAIN = "plain"
    JSON = "json"


_TLS_HANDSHAKE = b"\x16"
_FOREIGN_WORDS = (
    *(
        f"{verb} ".encode()
        for verb in ("GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "PRI", "PROXY")
    ),
    b"SSH-",
)


def is_tls(first_byte: bytes) -> bool:
    """Whether a connection that begins so begins with a TLS handshake (RFC 8446, section 5.1)."""
    return first_byte == _TLS_HANDSHAKE


def is_json(first_byte: bytes) -> bool:
    """Whether a connection that begins so speaks JSON."""
    return first_byte == b"{"


def is_foreign(first_line: bytes) -> bool:
    """Whether it is HTTP, SSH or a proxy who speaks: nobody who is looking for a chat. A browser can post into a line protocol."""
    return first_line.startswith(_FOREIGN_WORDS)
