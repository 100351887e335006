"""How something is refused: a code for programs, a Korean sentence for people.

One exception type for all that the peer did wrong. Anything else that is raised while bytes are read is a bug of ours.
"""

from enum import StrEnum


class Code(StrEnum):
    """PROTOCOL's codes, as far as they are in use; the value is what travels.

    `wrong_protocol` and `unknown_command` never do: they are for those who are only told in a sentence.
    """

    NICK_IN_USE = "nick_in_use"
    NICK_INVALID = "nick_invalid"
    NICK_RESERVED = "nick_reserved"
    NICK_LIMIT = "nick_limit"
    NO_SUCH_NICK = "no_such_nick"
    RECIPIENT_CHANGED = "recipient_changed"
    TOO_LONG = "too_long"
    EMPTY = "empty"
    BAD_UTF8 = "bad_utf8"
    BAD_JSON = "bad_json"
    BAD_FRAME = "bad_frame"
    UNKNOWN_TYPE = "unknown_type"
    UNKNOWN_COMMAND = "unknown_command"
    BAD_STATE = "bad_state"
    CID_CONFLICT = "cid_conflict"
    RATE_LIMITED = "rate_limited"
    STORAGE_FULL = "storage_full"
    MUTED = "muted"
    NOT_OPERATOR = "not_operator"
    BAD_TARGET = "bad_target"
    NOT_SANCTIONED = "not_sanctioned"
    SANCTION_LIMIT = "sanction_limit"

    AUTH_FAILED = "auth_failed"
    TOO_MANY_TRIES = "too_many_tries"
    TLS_REQUIRED = "tls_required"
    WRONG_PROTOCOL = "wrong_protocol"
    BAD_VERSION = "bad_version"
    SERVER_FULL = "server_full"
    IP_LIMIT = "ip_limit"
    HANDSHAKE_TIMEOUT = "handshake_timeout"
    IDLE = "idle"
    SLOW = "slow"
    REPLACED = "replaced"
    KICKED = "kicked"
    BANNED = "banned"
    STORAGE_ERROR = "storage_error"
    SHUTDOWN = "shutdown"

    @property
    def closes(self) -> bool:
        """Whether the connection ends with this code."""
        return self in _CLOSING


_CLOSING = frozenset(
    {
        Code.AUTH_FAILED,
        Code.TOO_MANY_TRIES,
        Code.TLS_REQUIRED,
        Code.WRONG_PROTOCOL,
        Code.BAD_VERSION,
        Code.SERVER_FULL,
        Code.IP_LIMIT,
        Code.HANDSHAKE_TIMEOUT,
        Code.IDLE,
        Code.SLOW,
        Code.REPLACED,
        Code.KICKED,
        Code.BANNED,
        Code.STORAGE_ERROR,
        Code.SHUTDOWN,
    }
)


class Refusal(Exception):
    """What a peer asked for is not done.

    `code` says why, `text` is the Korean sentence a person reads, `cid` names the message it is about, if any, and
    `question` is the `id` of what was asked. With `retry_ms` it may be asked again after that time, as it stands; `until_ms` is when it
    will not be refused any more, in ms since the epoch, if that is known.
    """

    def __init__(
        self,
        code: Code,
        text: str,
        *,
        cid: str | None = None,
        question: int | None = None,
        retry_ms: int | None = None,
        until_ms: int | None = None,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.text = text
        self.cid = cid
        self.question = question
        self.retry_ms = retry_ms
        self.until_ms = until_ms

    def about(self, cid: str | None) -> "Refusal":
        """The same, naming the message `cid`."""
        return self._naming(cid, self.question)

    def answering(self, question: int) -> "Refusal":
        """The same, naming the question with this `id`."""
        return self._naming(self.cid, question)

    def _naming(self, cid: str | None, question: int | None) -> "Refusal":
        return Refusal(self.code, self.text, cid=cid, question=question, retry_ms=self.retry_ms, until_ms=self.until_ms)
